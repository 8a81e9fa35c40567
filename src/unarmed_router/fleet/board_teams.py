"""Who the teams of a shift are and where, as events tell it; `fleet.board` adds their calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from unarmed_router.fleet.roster import Roster
from unarmed_router.model import events as happened
from unarmed_router.model.team import TeamState, TeamStatus

__all__ = ["BoardTeams"]


class BoardTeams:
    """The teams of a `fleet.board.Board`: rosters, positions and statuses that events set.

    Parameters
    ----------
    make_roster : callable
        As `fleet.board.Board` takes it.
    """

    def __init__(self, make_roster: Callable[[Iterable[TeamState]], Roster]) -> None:
        self._make_roster = make_roster
        self.roster = make_roster(())
        self.fix_on_record: dict[str, datetime] = {}

    def _roster_set(self, event: happened.RosterSet, _: datetime) -> None:
        self._put_in_place(self._make_roster(event.teams))
        self.fix_on_record = {
            state.team.team_id: state.fix.at for state in event.teams if state.fix is not None
        }

    def _put_in_place(self, roster: Roster) -> None:
        """Set a roster, with the positions that are not on record yet."""
        before, self.roster = self.roster, roster
        for state in before.snapshot().teams:
            fix, team_id = state.fix, state.team.team_id
            if fix is not None and team_id in roster:
                roster.record_fix(team_id, lon=fix.lon, lat=fix.lat, at=fix.at)

    def _fixes(self, event: happened.Fixes, _: datetime) -> None:
        roster, on_record = self.roster, self.fix_on_record
        for team_id, lon, lat, measured in zip(
            event.team_ids, event.lon, event.lat, event.measured, strict=True
        ):
            if roster.fix_of(team_id) != (lon, lat, measured):  # it is not from here
                # Of two fixes of one moment every board believes the one on record.
                roster.record_fix(team_id, lon=lon, lat=lat, at=measured, over=True)
            on_record[team_id] = measured

    def _hold(self, team_id: str, status: TeamStatus, at: datetime) -> None:
        """Set a status by the ledger's own hand, which a crew's fast clock must not undo."""
        _, known = self.roster.last_report(team_id)
        since = at if known is None or known <= at else known
        self.roster.set_status(team_id, status, at=since)
