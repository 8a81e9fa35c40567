"""The live roster: who is doing what, and where; snapped to the road when a team moves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime

from unarmed_router.errors import InputError
from unarmed_router.fleet.report_time import refuse_ahead
from unarmed_router.fleet.roster_changes import RosterChanges, carried_over
from unarmed_router.fleet.states import Known, LiveTeams, Snaps
from unarmed_router.model.call import in_utc
from unarmed_router.model.location import check_lonlat
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.team import NUMBER_OF, TeamState, TeamStatus, checked_status

__all__ = ["Roster", "Snaps"]

_FREE = TeamStatus.AVAILABLE


class Roster:
    """Every team with its live state; safe to share between threads.

    A change is written to one row; readers take a `snapshot`, a copy of all rows, which never
    changes. States are made of the rows when somebody reads them.

    Parameters
    ----------
    states : iterable of TeamState
        Every team once; road positions are filled in here.
    roads : Snaps
        Finds the road position of homes, which are addresses.
    fix_roads : Snaps, optional
        Finds that of AVL fixes, which may be on any road; `roads` when not given.
    clock : callable, optional
        Returns the present. Reports more than a minute ahead of it are refused: one wrong clock
        would otherwise shut out every right report until its time has come.
    fixed : bool
        Whether who the teams are is on record elsewhere, so that `replace_teams` is refused.

    Raises
    ------
    InputError
        Two states share a team id.
    """

    def __init__(
        self,
        states: Iterable[TeamState],
        *,
        roads: Snaps,
        fix_roads: Snaps | None = None,
        clock: Callable[[], datetime] | None = None,
        fixed: bool = False,
    ) -> None:
        self._clock, self._fixed = clock, fixed
        self._roads = roads
        self._fix_roads = fix_roads or roads
        self._lock = threading.Lock()
        self._snapshot: RosterSnapshot | None = None
        # Replaced as a whole: who reads without the lock reads one line-up or the other.
        self._teams = LiveTeams(states, roads, self._fix_roads)

    def snapshot(self) -> RosterSnapshot:
        """Return every team as it is now, in team id order, with a digest of the whole."""
        snapshot = self._snapshot
        if snapshot is not None:  # never changed, only replaced: no lock is needed to read it
            return snapshot
        with self._lock:
            if self._snapshot is None:
                self._snapshot = self._teams.snapshot()
            return self._snapshot

    def with_states(self, states: Iterable[TeamState]) -> Roster:
        """Return a roster of other teams on the same roads, as those of a ledger are.

        It takes reports of any time, and other teams from its ledger only.
        """
        return Roster(states, roads=self._roads, fix_roads=self._fix_roads, fixed=True)

    def replace_teams(self, states: Iterable[TeamState]) -> RosterChanges:
        """Put other teams in the place of these; those that stay keep what is known of them.

        Whoever holds this roster has the new teams, too: a report that comes meanwhile from another
        thread is taken before or after, and is never lost.

        Parameters
        ----------
        states : iterable of TeamState
            Every team once; statuses and positions count for new ones alone.

        Returns
        -------
        RosterChanges
            Who was added, changed or removed.

        Raises
        ------
        InputError
            Two states share a team id, or the teams are those of a shift.
        """
        if self._fixed:
            raise InputError(
                "these teams are those of a shift, and on record; change them by "
                "Dispatcher.reload_roster"
            )
        file = LiveTeams(states, self._roads, self._fix_roads).snapshot().teams
        with self._lock:
            teams, changes = carried_over(file, self._teams.snapshot().teams, ())
            if teams is not None:
                self._teams = LiveTeams(teams, self._roads, self._fix_roads)
                self._snapshot = None
        return changes

    def __contains__(self, team_id: object) -> bool:
        return team_id in self._teams.places

    def state(self, team_id: str) -> TeamState:
        """Return one team as it is now.

        Raises
        ------
        UnknownTeamError
            No such team.
        """
        teams = self._teams
        place = teams.place_of(team_id)
        return teams.states.one(place, teams.known[place])

    def status_of(self, team_id: str) -> TeamStatus:
        """Return what a team is doing.

        Raises
        ------
        UnknownTeamError
            No such team.
        """
        return self._teams.of(team_id)[0]

    def last_report(self, team_id: str) -> tuple[TeamStatus, datetime | None]:
        """Return what a team is doing and since when; None where nobody said.

        Raises
        ------
        UnknownTeamError
            No such team.
        """
        return self._teams.of(team_id)[:2]

    def fix_of(self, team_id: str) -> tuple[float, float, datetime] | None:
        """Return longitude, latitude and time of a team's latest fix; None where it has none.

        Raises
        ------
        UnknownTeamError
            No such team.
        """
        fix = self._teams.of(team_id)[3]
        return None if fix is None else fix[:3]

    def set_status(self, team_id: str, status: TeamStatus, *, at: datetime) -> bool:
        """Record what a team is doing since `at`; an older report than is known changes nothing.

        Parameters
        ----------
        team_id : str
            Which team.
        status : TeamStatus
            What it does now; becoming available starts its idle time.
        at : datetime
            Since when; timezone-aware.

        Returns
        -------
        bool
            Whether the report was taken: False for one that arrives out of order.

        Raises
        ------
        UnknownTeamError
            No such team.
        InputError
            `at` is naive or in the future, or `status` is no status.
        """
        at = self._past(at, "at")
        status = checked_status(status)
        with self._lock:
            teams = self._teams
            place = teams.place_of(team_id)
            old, status_at, idle_since, fix = teams.known[place]
            if status_at is not None and at < status_at:
                return False
            teams.rows.status(place, NUMBER_OF[status], at)
            if status is _FREE and old is not _FREE:
                idle_since = at
                teams.rows.idle(place, at)
            teams.known[place] = (status, at, idle_since, fix)
            self._snapshot = None
            return True

    def record_fix(
        self, team_id: str, *, lon: float, lat: float, at: datetime, over: bool = False
    ) -> bool:
        """Record an AVL position; an older one than is known changes nothing.

        Parameters
        ----------
        team_id : str
            Which team.
        lon, lat : float
            WGS 84 degrees.
        at : datetime
            When it was measured; timezone-aware.
        over : bool
            Whether to take it in the place of another one of the same moment.

        Returns
        -------
        bool
            Whether the fix was taken: False for one that arrives out of order, or is known.

        Raises
        ------
        UnknownTeamError
            No such team.
        CoordinateError, InputError
            The position is broken, or the time naive or in the future.
        """
        at = self._past(at, "fix time")
        check_lonlat(lon=lon, lat=lat)
        # Numbers of a feed's own types, such as numpy's, have no place in a ledger.
        lon, lat = float(lon), float(lat)
        teams = self._teams
        place = teams.place_of(team_id)
        if not _is_news(teams.known[place], lon, lat, at, over=over):
            return False  # before the work of finding its road
        road = self._fix_roads.snap(lon=lon, lat=lat)
        with self._lock:
            if teams is not self._teams:  # replaced meanwhile
                teams = self._teams
                place = teams.place_of(team_id)
            known = teams.known[place]
            if not _is_news(known, lon, lat, at, over=over):
                return False
            status, status_at, idle_since, _ = known
            teams.known[place] = (status, status_at, idle_since, (lon, lat, at, road))
            teams.rows.fix(place, at, lon, lat, road)
            self._snapshot = None
            return True

    def _past(self, at: datetime, what: str) -> datetime:
        """Return an instant in UTC, or refuse it when it is naive or well in the future."""
        at = in_utc(at, what)
        if self._clock is not None:
            refuse_ahead(at, self._clock(), what)
        return at


def _is_news(known: Known, lon: float, lat: float, at: datetime, *, over: bool) -> bool:
    """Tell whether a fix is to be taken."""
    fix = known[3]
    if fix is None or fix[2] < at:
        return True
    return over and fix[2] == at and fix[:2] != (lon, lat)
