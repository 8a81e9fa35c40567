"""What the decision needs from the world, as Protocols; it never sees what is behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from unarmed_router.model.driven_path import DrivenPath
from unarmed_router.model.location import Division, DivisionMatch, RoadPosition
from unarmed_router.model.policy import Policy
from unarmed_router.model.provider import Outline
from unarmed_router.model.road_path import RoadPath
from unarmed_router.model.uncertainty import Uncertainty

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "CompiledTimes",
    "Demand",
    "Divisions",
    "Hours",
    "Locations",
    "OutlinedAreas",
    "Part",
    "Paths",
    "Roads",
    "Shares",
    "Streets",
    "TravelTimes",
    "World",
    "WorldDigests",
]


class Divisions(Protocol):
    """Point in division."""

    @property
    def divisions(self) -> Sequence[Division]:
        """Every division."""

    def locate(self, *, lon: float, lat: float) -> DivisionMatch:
        """Find the one division a point lies in, or outside."""


class Roads(Protocol):
    """Point to road."""

    def snap(self, *, lon: float, lat: float) -> RoadPosition | None:
        """Find the nearest road edge; None when it is beyond the stated limit."""


class Shares(Protocol):
    """How the probability of a position is spread over divisions."""

    @property
    def shares(self) -> Sequence[tuple[int | None, float]]:
        """Division number (None outside) and share, greatest first, ties by a stated rule."""

    @property
    def unplaced(self) -> float:
        """Probability that has no place."""


class Part(Protocol):
    """Probability that a call lies in one division and in just these outlined areas."""

    @property
    def number(self) -> int | None:
        """Division number; None outside."""

    @property
    def areas(self) -> tuple[str, ...]:
        """Ids of the areas, sorted."""

    @property
    def share(self) -> float:
        """Of the probability."""


class Locations(Protocol):
    """Uncertain positions; see `unarmed_router.geography.location_shares`."""

    def shares(self, *, lon: float, lat: float, uncertainty: Uncertainty) -> Shares:
        """Spread the probability of a position over the divisions."""

    def parts(
        self,
        *,
        lon: float,
        lat: float,
        uncertainty: Uncertainty,
        outlines: Mapping[str, Outline],
    ) -> Sequence[Part]:
        """Spread it over divisions and outlined areas at once; greatest first by a stated rule."""

    def samples(
        self, *, lon: float, lat: float, uncertainty: Uncertainty, count: int
    ) -> Sequence[tuple[float, float]]:
        """Return points of equal weight that stand for the position."""


class OutlinedAreas(Protocol):
    """Which outlined areas of a policy a place lies in."""

    def inside(self, *, lon: float, lat: float) -> frozenset[str]:
        """Return the ids of the areas a point lies in."""

    def inside_many(
        self, lons: npt.NDArray[np.float64], lats: npt.NDArray[np.float64]
    ) -> Sequence[frozenset[str]]:
        """Return the same for many points."""


class Demand(Protocol):
    """Where calls are expected."""

    @property
    def digest(self) -> str:
        """Digest of the table: equal ones, equal places."""

    def places(self, divisions: Sequence[int]) -> Sequence[tuple[RoadPosition, float]]:
        """Return the places of some divisions on the road, with their weights."""


class TravelTimes(Protocol):
    """Exact road travel times."""

    def to_call(
        self, origins: Sequence[RoadPosition], destination: RoadPosition, at: datetime
    ) -> Sequence[int | None]:
        """Travel time from each origin at departure `at`, milliseconds; None if no road leads."""


@runtime_checkable
class Paths(Protocol):
    """Travel times that can also say by which roads."""

    def path(
        self, origin: RoadPosition, destination: RoadPosition, at: datetime
    ) -> RoadPath | None:
        """Return a shortest path at departure `at`, its time that of `to_call`; None if none."""


class Streets(Protocol):
    """Roads as people know them."""

    def describe(
        self, path: RoadPath, *, origin: tuple[float, float], destination: tuple[float, float]
    ) -> DrivenPath:
        """Put a path between two places, (lon, lat), into geometry and street names."""


@runtime_checkable
class CompiledTimes(Protocol):
    """Travel times whose metric of an hour a kernel can read; see `dispatch.desk`."""

    @property
    def hour_at(self) -> Callable[[datetime], int]:
        """Tell moments apart: those of equal keys have the same engine."""

    def engine_at(self, at: datetime) -> object:
        """Return the engine of the hour of `at`; with an attribute ``packed`` where it has one."""


class Hours(Protocol):
    """The agency's wall clock."""

    def local(self, at: datetime) -> datetime:
        """Return the instant on the agency's wall clock, as shifts are written."""

    def hour_of_week(self, at: datetime) -> int:
        """Return the hour of the speed profile in force, 0 is Monday 00:00 local."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldDigests:
    """Content digests of what does not change between calls, and what the network is."""

    version: str
    agency: str
    boundaries: str
    network: str
    profile: str
    network_title: str
    network_limits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything but the call, the time and the roster; immutable.

    Parameters
    ----------
    divisions, roads, travel_times, hours
        Implementations of the Protocols above.
    policy : Policy
        Programs and rules.
    policies : tuple of Policy
        Further ones in order of their effective dates; no two cover one day.
    demand : Demand or None
        Prices mutual aid; None leaves it unpriced.
    outlined : callable or None
        Makes the index of a policy's outlined areas; None where a policy has none.
    locations : Locations or None
        For calls whose position is uncertain; None takes the position for the place.
    digests : WorldDigests
        Carried into each decision.
    long_access_m : float
        A call farther than this from the road used is flagged, metres.
    streets : Streets or None
        Describes the path of a team when a decision is asked for it; None where nobody can.
    """

    divisions: Divisions
    roads: Roads
    travel_times: TravelTimes
    hours: Hours
    policy: Policy
    digests: WorldDigests
    long_access_m: float
    policies: tuple[Policy, ...] = ()
    locations: Locations | None = None
    demand: Demand | None = None
    outlined: Callable[[Policy], OutlinedAreas] | None = None
    streets: Streets | None = None

    @property
    def facts(self) -> frozenset[str]:
        """Every fact that some policy knows."""
        return frozenset(f for each in (self.policy, *self.policies) for f in each.facts)

    def policy_on(self, day: date) -> Policy:
        """Return the policy in force on a local day.

        Where none is, the last that began before the day, or else the first: a call is never left
        without a decision, and the decision is flagged.
        """
        if not self.policies:
            return self.policy
        every = (self.policy, *self.policies)
        current = [policy for policy in every if policy.in_force(day)]
        begun = [p for p in every if p.effective_from is not None and p.effective_from <= day]
        return (current or begun[-1:] or [self.policy])[0]
