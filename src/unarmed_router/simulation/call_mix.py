"""What synthetic callers report, and what becomes of their calls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.model.waiting import LOWEST_PRIORITY
from unarmed_router.model.whole_number import whole_number
from unarmed_router.simulation.draws import Draws, exponential, standard_normal

__all__ = ["LONGEST_S", "CallMix", "OnSceneTime", "Service", "ServiceMix", "Volume"]

Floats = npt.NDArray[np.float64]

LONGEST_S = 100_000_000
"""Three years, in seconds: no call takes them, and every clock can count them."""

_ROUNDING = 1e-12
"""0.9 and 0.1 may add up to a little more than 1."""


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

    def mean_up_to(self, most_s: float) -> float:
        """Mean of the times when those above a limit, or `longest_s`, are cut to it, seconds.

        The limited expected value of a log-normal variable (Klugman, Panjer and Willmot, Loss
        Models, 5th edition, 2019, appendix A.4).

        Parameters
        ----------
        most_s : float
            Limit, seconds, at least 0; infinity for the mean as drawn.
        """
        limit = min(most_s, self.longest_s)
        log_variance = math.log1p(self.variation**2)
        if limit == 0.0 or log_variance == 0.0:
            return min(self.mean_s, limit)
        deviation = math.sqrt(log_variance)
        # Standard deviations from the middle of the logarithms to the limit.
        away = (math.log(limit) - math.log(self.mean_s) + log_variance / 2) / deviation
        below = NormalDist().cdf
        return self.mean_s * below(away - deviation) + limit * below(-away)


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

    Raises
    ------
    InputError
        A time that is negative, no number or beyond three years: the clock of a run would go
        backwards, or past the end of the calendar.
    """

    on_scene_s: int
    priority: int
    gives_up_after_s: int | None
    redirected: bool

    def __post_init__(self) -> None:
        patience = self.gives_up_after_s
        if not 0 <= self.on_scene_s <= LONGEST_S or not (
            patience is None or 0 <= patience <= LONGEST_S
        ):
            raise InputError(
                f"on_scene_s {self.on_scene_s} and gives_up_after_s {patience} must be seconds, 0 "
                f"to {LONGEST_S}"
            )


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

    Raises
    ------
    InputError
        A probability outside [0, 1], a priority that no dispatcher takes, or a mean wait that is
        not above 0.
    """

    on_scene: OnSceneTime
    on_scene_of: Mapping[str, OnSceneTime] = field(default_factory=dict)
    priority_of: Mapping[str, int] = field(default_factory=dict)
    priority: int = 3
    redirected: float = 0.0
    hang_up: float = 0.0
    patience_s: float = 1800.0

    def __post_init__(self) -> None:
        for name in ("redirected", "hang_up"):
            _check_probability(name, getattr(self, name))
        for priority in (self.priority, *self.priority_of.values()):
            if whole_number("priority", priority, least=1) > LOWEST_PRIORITY:
                raise InputError(f"priority {priority} must be 1 to {LOWEST_PRIORITY}")
        if not 0.0 < self.patience_s < math.inf:
            raise InputError(f"patience_s {self.patience_s} must be a time above 0")

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

    Raises
    ------
    InputError
        A number of calls that is not above 0.
    """

    diverted_per_day: float
    divisions: frozenset[int]

    def __post_init__(self) -> None:
        if not 0.0 < self.diverted_per_day < math.inf:
            raise InputError(f"diverted_per_day {self.diverted_per_day} must be above 0")


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

    Raises
    ------
    InputError
        No call type, a weight that is not above 0, or probabilities outside [0, 1] or together
        above 1.
    """

    call_types: Mapping[str, float]
    yes: Mapping[str, float]
    unknown: float
    service: ServiceMix | None = None
    volume: Volume | None = None

    def __post_init__(self) -> None:
        if not self.call_types:
            raise InputError("a call mix needs a call type with a weight")
        for kind, weight in self.call_types.items():
            if not 0.0 < weight < math.inf:
                raise InputError(f"weight {weight} of call type {kind} must be above 0")
        _check_probability("unknown", self.unknown)
        for fact, yes in self.yes.items():
            _check_probability(f"yes of fact {fact}", yes)
            if yes + self.unknown > 1.0 + _ROUNDING:
                raise InputError(
                    f"yes {yes} of fact {fact} and unknown {self.unknown} add up to more than 1"
                )


def _check_probability(name: str, value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise InputError(f"{name} {value} must be a probability, 0 to 1")
