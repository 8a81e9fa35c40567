"""A city as queueing theory sees it: some places, times between them, teams that are all alike.

It stands in for a router, so that the simulation plays it with the live dispatcher and the result
can be held against what theory knows exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from unarmed_router.dispatch.desk import Desk
from unarmed_router.dispatch.ports import World, WorldDigests
from unarmed_router.fleet.roster import Roster
from unarmed_router.model.location import Division, DivisionMatch, RoadPosition
from unarmed_router.model.policy import CallType, Policy
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.referral_rule import ReferralRule, ReferralTarget
from unarmed_router.model.screening import Screening, StaleFix
from unarmed_router.model.team import Team, TeamState, TeamStatus
from unarmed_router.model.waiting import Waiting

__all__ = ["CALL_TYPE", "TheoryCity", "place_of"]

CALL_TYPE = "call"
_FAR_S = 30 * 86_400
_WEST, _LAT, _APART = -100.0, 40.0, 0.01


def place_of(number: int) -> tuple[float, float]:
    """Return lon and lat of a place."""
    return _WEST + number * _APART, _LAT


@dataclass(frozen=True, slots=True)
class _Named:
    agency_id: str


class _OneDivision:
    """Everywhere is division 1."""

    divisions = (Division(1, "Everywhere"),)

    def locate(self, *, lon: float, lat: float) -> DivisionMatch:  # noqa: ARG002  # a port
        return DivisionMatch(self.divisions[0], 1e6, near_border=False)


class _Places:
    """Every point is the place nearest to it."""

    def snap(self, *, lon: float, lat: float) -> RoadPosition:  # noqa: ARG002  # a port
        return RoadPosition(round((lon - _WEST) / _APART), -1, 0.0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class _Times:
    """Times between places, as given."""

    travel_ms: Sequence[Sequence[int]]

    def to_call(
        self,
        origins: Sequence[RoadPosition],
        destination: RoadPosition,
        at: datetime,  # noqa: ARG002  # a port
    ) -> Sequence[int | None]:
        return [self.travel_ms[origin.arc][destination.arc] for origin in origins]


class _Utc:
    """A wall clock without daylight saving."""

    def local(self, at: datetime) -> datetime:
        return at.astimezone(UTC)

    def hour_of_week(self, at: datetime) -> int:
        return at.weekday() * 24 + at.hour


@dataclass
class TheoryCity:
    """Some places, one kind of call, teams that take every one of them.

    Parameters
    ----------
    homes : sequence of int
        Place where each team waits.
    travel_ms : sequence of sequence of int
        Time from each place to each, milliseconds.
    waits : bool
        Whether calls wait when every team is busy; else they are lost.
    """

    homes: Sequence[int]
    travel_ms: Sequence[Sequence[int]]
    waits: bool
    roster: Roster = field(init=False)
    desk: Desk = field(init=False)
    agency: _Named = field(default=_Named("theory"), init=False)

    def __post_init__(self) -> None:
        places = _Places()
        world = World(
            divisions=_OneDivision(),
            roads=places,
            travel_times=_Times(self.travel_ms),
            hours=_Utc(),
            policy=_policy(waits=self.waits),
            digests=WorldDigests(
                version="theory",
                agency="theory",
                boundaries="theory",
                network="theory",
                profile="theory",
                network_title="theory",
                network_limits="",
            ),
            long_access_m=1.0,
        )
        width = len(str(len(self.homes)))
        teams = (
            Team(
                team_id=f"T{number:0{width}d}",
                provider="p",
                program="P",
                home_lon=place_of(home)[0],
                home_lat=place_of(home)[1],
                turnout_s=0,
            )
            for number, home in enumerate(self.homes)
        )
        states = [TeamState(team=team, status=TeamStatus.AVAILABLE) for team in teams]
        self.roster, self.desk = Roster(states, roads=places), Desk(world)


def _policy(*, waits: bool) -> Policy:
    return Policy(
        policy_id="theory",
        effective_from=None,
        effective_until=None,
        digest="theory",
        facts={},
        call_types={CALL_TYPE: CallType(CALL_TYPE, "Call")},
        programs=(
            Program(
                "P",
                "Program",
                frozenset({CALL_TYPE}),
                (Provider("p", "Provider", frozenset({1})),),
                response_target_s=_FAR_S,
            ),
        ),
        rules=(),
        targets={"LOST": ReferralTarget("LOST", "Lost")},
        referrals=(ReferralRule(frozenset(), frozenset(), frozenset(), frozenset(), "LOST"),),
        screening=Screening(0, _FAR_S * 100, StaleFix.HOME, _FAR_S),
        waiting=Waiting() if waits else None,
    )
