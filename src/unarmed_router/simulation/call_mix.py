"""What synthetic callers report, and what becomes of their calls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.simulation.draws import Draws, exponential, standard_normal

__all__ = ["CallMix", "OnSceneTime", "Service", "ServiceMix", "Volume"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OnSceneTime:
    """Log-normal time on scene.

    Parameters
    ----------
    mean_s : float
        Mean, seconds, before `longest_s` cuts the tail.
    variation : float
        Coefficient of variation: standard deviation over mean; 0 makes every time the mean.
    longest_s : float
        Longer times are cut to this.

    Raises
    ------
    InputError
        A value out of range.
    """

    mean_s: float
    variation: float
    longest_s: float

    def __post_init__(self) -> None:
        if not 0 < self.mean_s <= self.longest_s < math.inf:
            raise InputError(
                f"mean time on scene {self.mean_s} s must be above 0 and at most the longest, "
                f"{self.longest_s} s"
            )
        if not 0 <= self.variation < math.inf:
            raise InputError(f"variation {self.variation} must be at least 0")

    def seconds(self, normal: Floats) -> Floats:
        """Turn standard normal numbers into seconds; shape kept."""
        log_variance = math.log1p(self.variation**2)
        middle = math.log(self.mean_s) - log_variance / 2
        return np.minimum(np.exp(middle + math.sqrt(log_variance) * normal), self.longest_s)


@dataclass(frozen=True, slots=True)
class Service:
    """What a call turns out to be; the dispatcher does not know it beforehand.

    Parameters
    ----------
    on_scene_s : int
        Time a team spends with the caller, seconds.
    priority : int
        1 is the most urgent.
    gives_up_after_s : int or None
        The caller hangs up when no team has come before then, seconds after receipt; None waits.
    redirected : bool
        On scene, the team finds that police must take it.
    """

    on_scene_s: int
    priority: int
    gives_up_after_s: int | None
    redirected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMix:
    """How calls turn out.

    Parameters
    ----------
    on_scene : OnSceneTime
        Of call types that `on_scene_of` does not name.
    on_scene_of : mapping of str to OnSceneTime
        By call type.
    priority_of : mapping of str to int
        By call type; 1 is the most urgent.
    priority : int
        Of other call types.
    redirected, hang_up : float
        Probabilities.
    patience_s : float
        Mean, exponential, of the wait after which a caller who hangs up does so, seconds.
    """

    on_scene: OnSceneTime
    on_scene_of: Mapping[str, OnSceneTime] = field(default_factory=dict)
    priority_of: Mapping[str, int] = field(default_factory=dict)
    priority: int = 3
    redirected: float = 0.0
    hang_up: float = 0.0
    patience_s: float = 1800.0

    def draw(self, draws: Draws, first: int, call_types: list[str]) -> list[Service]:
        """Draw what becomes of some calls.

        Parameters
        ----------
        draws : Draws
            Sub-streams ``"on_scene"``, ``"hang_up"`` and ``"redirected"``.
        first : int
            Number of the first call.
        call_types : list of str
            One a call.
        """
        count = len(call_types)
        normal = standard_normal(draws.uniform("on_scene", first, count, 2))
        seconds = np.empty(count)
        kinds = np.array(call_types)
        for kind in sorted(set(call_types)):
            of_kind = kinds == kind
            seconds[of_kind] = self.on_scene_of.get(kind, self.on_scene).seconds(normal[of_kind])
        leaves = draws.uniform("hang_up", first, count, 2)
        patience = np.rint(self.patience_s * exponential(leaves[:, 1])).astype(int).tolist()
        gone = (leaves[:, 0] < self.hang_up).tolist()
        redirected = (draws.uniform("redirected", first, count)[:, 0] < self.redirected).tolist()
        on_scene = np.maximum(np.rint(seconds), 1).astype(int).tolist()
        return [
            Service(
                on_scene[row],
                self.priority_of.get(kind, self.priority),
                patience[row] if gone[row] else None,
                redirected[row],
            )
            for row, kind in enumerate(call_types)
        ]


@dataclass(frozen=True, slots=True)
class Volume:
    """How many calls there are, as published: those diverted in the divisions served.

    Parameters
    ----------
    diverted_per_day : float
        Calls a day that an unarmed program may take.
    divisions : frozenset of int
        Division numbers they were counted in.
    """

    diverted_per_day: float
    divisions: frozenset[int]


@dataclass(frozen=True, slots=True)
class CallMix:
    """What callers report.

    Parameters
    ----------
    call_types : mapping of str to float
        Weight of each call type.
    yes : mapping of str to float
        Probability that a fact is yes.
    unknown : float
        Probability that a fact was never established.
    service : ServiceMix or None
        How calls turn out; None where the file does not say.
    volume : Volume or None
        How many there are; None where the file does not say.
    """

    call_types: Mapping[str, float]
    yes: Mapping[str, float]
    unknown: float
    service: ServiceMix | None = None
    volume: Volume | None = None
