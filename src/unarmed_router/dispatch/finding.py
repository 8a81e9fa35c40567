"""What one call found: rows of numbers, read back as teams, programs and places."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from unarmed_router.kernels.routing import HEADER, NOT_IN_TIME, SENT
from unarmed_router.kernels.screening import BEYOND_LIMIT, CODE, FIT, MOST_MISSING, UNREACHABLE
from unarmed_router.model.live_rows import idle_us
from unarmed_router.model.location import DivisionMatch

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from unarmed_router.dispatch.ground import Ground
    from unarmed_router.dispatch.team_table import TeamTable
    from unarmed_router.dispatch.triage import Triage
    from unarmed_router.model.call import Call
    from unarmed_router.model.decision import Reading
    from unarmed_router.model.location import LocationArea
    from unarmed_router.model.mutual_aid import AidPrice
    from unarmed_router.model.program import Program
    from unarmed_router.model.roster_snapshot import RosterSnapshot
    from unarmed_router.model.team import Team, TeamState

__all__ = ["ALONE", "Finding", "Found"]

ALONE = -1

_MILLISECOND = timedelta(milliseconds=1)
_TIMED = frozenset({SENT, NOT_IN_TIME})
_TOO_FAR = frozenset({UNREACHABLE, BEYOND_LIMIT})


class Found(NamedTuple):
    """What some calls found, and what they were decided on.

    Parameters
    ----------
    ground : Ground
        Policy, places, digests.
    roster : RosterSnapshot
        The teams.
    teams : TeamTable
        Who they are, as columns.
    rows : ndarray of int32, shape (calls, 2 + 2 teams), or (2 + 2 teams,) of a call alone
        As `kernels.routing` writes them.
    area : LocationArea or None
        Where else the call may be, of one whose position is uncertain.
    aid : AidPrice or None
        What sending a team of another provider costs its own area.
    """

    ground: Ground
    roster: RosterSnapshot
    teams: TeamTable
    rows: npt.NDArray[np.int32]
    area: LocationArea | None = None
    aid: AidPrice | None = None


class Finding:
    """One row of `Found` with its call; immutable. Teams are given by their index in the roster.

    Parameters
    ----------
    found : Found
        Its batch.
    row : int
        Which row; `ALONE` where there is only one.
    call, at
        The call, and the moment of decision in UTC.
    outcome : int
        The outcome the row begins with.
    """

    __slots__ = ("_numbers", "_place", "_ranked", "at", "call", "found", "outcome", "row")

    def __init__(self, found: Found, row: int, call: Call, at: datetime, outcome: int) -> None:
        self.found, self.row = found, row
        self.call, self.at, self.outcome = call, at, outcome
        self._numbers: list[int] | None = None
        self._place: DivisionMatch | None = None
        self._ranked: list[int] | None = None

    @property
    def ground(self) -> Ground:
        """Policy, places, digests."""
        return self.found.ground

    @property
    def teams(self) -> tuple[Team, ...]:
        """Who the teams are."""
        return self.found.teams.lineup.teams

    @property
    def states(self) -> tuple[TeamState, ...]:
        """What was known of them."""
        return self.found.roster.teams

    def _row(self) -> list[int]:
        """Return the row as Python's own numbers, read from the array once."""
        if self._numbers is None:
            rows = self.found.rows
            self._numbers = (rows if self.row == ALONE else rows[self.row]).tolist()
        return self._numbers

    def codes(self) -> list[int]:
        """Return the code of every team, of `kernels.screening`."""
        return self._row()[HEADER : HEADER + len(self.teams)]

    def code_of(self, team: int) -> int:
        """Return the code of one team."""
        return self._row()[HEADER + team]

    def times_of(self, team: int) -> tuple[int, int]:
        """Return turnout and travel time of a team, milliseconds; travel -1 where untimed."""
        return self.found.teams.turnout_ms[team], self._row()[HEADER + len(self.teams) + team]

    def sent(self) -> tuple[int, int, int]:
        """Return index, travel and turnout time of the team that goes, without the whole row."""
        found, turnout_ms = self.found, self.found.teams.turnout_ms
        base = 0 if self.row == ALONE else self.row * found.rows.shape[1]
        team = found.rows.item(base + 1)
        return team, found.rows.item(base + HEADER + len(turnout_ms) + team), turnout_ms[team]

    def timed(self) -> bool:
        """Tell whether any travel time was taken.

        So it is too where no team of the own provider could go and those that may help, under
        mutual aid, were all too far.
        """
        return self.outcome in _TIMED or any(code & CODE in _TOO_FAR for code in self.codes())

    def arrival_ms(self, team: int) -> int:
        """Return turnout and travel time of a team together: from now until it arrives."""
        turnout_ms, travel_ms = self.times_of(team)
        return turnout_ms + travel_ms

    def waited_ms(self) -> int:
        """Return how long the call had waited, milliseconds; 0 when it came from the future."""
        if self.call.received_at is self.at:
            return 0
        return max(0, (self.at - self.call.received_at) // _MILLISECOND)

    def late(self, team: int) -> bool:
        """Tell whether a team would miss its program's response target."""
        return self._misses(self.program_of(team), self.arrival_ms(team))

    def _misses(self, program: Program, arrival_ms: int) -> bool:
        return self.waited_ms() + arrival_ms > program.response_target_s * 1000

    def missing(self, team: int) -> tuple[str, ...]:
        """Name the preferred capabilities a team lacks."""
        if not self.call.prefers:
            return ()
        has = self.teams[team].capabilities
        return tuple(word for word in self.call.prefers if word not in has)

    def ranked(self) -> list[int]:
        """List the teams that could go, best first.

        Teams that meet their program's target first, where the policy says so; then by program
        order, response time with what missing preferences count for, fewest missing preferences,
        longest idle (a team whose idle time is not known counts as idle for the shortest time),
        index in the roster: a total order. The kernel chose the first by the same rule.
        """
        if self._ranked is None:
            rows = self.found.roster.rows
            fit = (team for team, code in enumerate(self.codes()) if code & CODE == FIT)
            self._ranked = sorted(
                fit if self.outcome == SENT else (),
                key=lambda team: (*self.standing(team), idle_us(rows, team), team),
            )
        return self._ranked

    def standing(self, team: int) -> tuple[bool, int, int, int]:
        """Return what a team is ranked by before the tie rule: the least goes."""
        policy, missing = self.ground.policy, min(len(self.missing(team)), MOST_MISSING)
        rule, place = policy.arbitration, policy.order[self.teams[team].program]
        arrival_ms = self.arrival_ms(team)
        return (
            rule.late_programs_yield and self._misses(policy.programs[place], arrival_ms),
            place,
            arrival_ms + missing * rule.preference_s * 1000,
            missing,
        )

    def chosen(self) -> int:
        """Return the index of the team that goes; asked of a recommendation only."""
        return self._row()[1]

    def first(self) -> Team:
        """Return the team that goes."""
        return self.teams[self.chosen()]

    def program_of(self, team: int) -> Program:
        """Return the program of a team of a known program."""
        policy = self.ground.policy
        return policy.programs[policy.order[self.teams[team].program]]

    def program(self) -> Program:
        """Return the program of the team that goes."""
        return self.program_of(self.chosen())

    def helps(self, team: Team) -> bool:
        """Tell whether a team is of a provider that does not serve the call's division."""
        division, program = self.place().division, team.program
        order = self.ground.policy.order
        if division is None or program not in order:
            return False
        serving = self.ground.policy.programs[order[program]].provider_of.get(division.number)
        return serving is not None and serving != team.provider

    def place(self) -> DivisionMatch:
        """Locate the call; of an uncertain one, in the division of the greatest share."""
        if self._place is None:
            self._place = self._located()
        return self._place

    def _located(self) -> DivisionMatch:
        match = self.ground.divisions.locate(lon=self.call.lon, lat=self.call.lat)
        if self.found.area is None:
            return match
        number = self.found.area.shares[0].division
        division = next((d for d in self.ground.divisions.divisions if d.number == number), None)
        return DivisionMatch(division, match.border_m, match.near_border)

    def reading(self) -> Reading:
        """Return the call as the policy understands it."""
        return self.ground.eligibility.reading(self.call)

    def triage(self) -> Triage | None:
        """Assess the call; None outside every division."""
        division = self.place().division
        if division is None:
            return None
        return self.ground.eligibility.assess(self.call, division.number)
