"""Which events of a ledger are of a call, or of a team."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from unarmed_router.counted import counted
from unarmed_router.model.team import TeamStatus

if TYPE_CHECKING:
    from unarmed_router.model.events import Event

__all__ = ["Wanted"]

_LEAVES = {"reservation_declined", "reservation_expired", "preempted"}
"""After these a team does something else, whatever it reports."""

_AT_THE_CALL = {TeamStatus.ON_SCENE, TeamStatus.TRANSPORTING, TeamStatus.CLEARING}
"""A team that is there when its call closes still reports that it clears, and is available."""


class Wanted:
    """Chooses events of a call, of a team, or of both; asked of every event in order.

    Parameters
    ----------
    call, team : str or None
        None chooses any. Of a call are also the reports of a team while it works on it.
    """

    def __init__(self, call: str | None, team: str | None) -> None:
        self._call, self._team = call, team
        self._status: dict[str, TeamStatus | None] = {}
        self._closed = False
        self._removed = 0
        self._roster = frozenset[str]()

    def __call__(self, event: Event | None) -> bool:
        """Tell whether the next event is one of them."""
        if self._call is None and self._team is None:
            return True
        if event is None:
            self._removed += 1
            return False
        about = getattr(getattr(event, "call", None), "call_id", None)
        calls = {about, getattr(event, "call_id", None), getattr(event, "for_call_id", None)}
        teams = {getattr(event, "team_id", None), *getattr(event, "team_ids", ())}
        if event.kind == "roster_set":  # says of each of its teams what it is doing, and where
            before = self._roster
            self._roster = frozenset(state.team.team_id for state in event.teams)
            teams |= before | self._roster  # and that others are gone
        reports = event.kind == "reported" and event.team_id in self._status
        self._follow(event)
        of_call = self._call is None or self._call in calls or reports
        return of_call and (self._team is None or self._team in teams)

    def left_out(self, after: int, shown: int) -> Iterator[str]:
        """Say that no event was wanted, and that removed ones may have been.

        Parameters
        ----------
        after : int
            Events up to this number were not wanted either.
        shown : int
            How many were shown.
        """
        chosen = {"call": self._call, "team": self._team}
        what = " and ".join(f"{kind} {name}" for kind, name in chosen.items() if name is not None)
        if not shown:
            yield (
                "no event" + (f" of {what}" if what else "") + (f" after {after}" if after else "")
            )
        if self._removed:
            were = "was" if self._removed == 1 else "were"
            yield (
                f"{counted(self._removed, 'event')} {were} removed by retention; some may be of "
                f"{what}"
            )

    def _follow(self, event: Event) -> None:
        """Keep in mind which teams work on the call, and what they said last."""
        if event.kind == "reserved":
            if event.call_id == self._call:
                self._status[event.team_id] = None
            else:
                self._status.pop(event.team_id, None)
        elif event.kind == "reported" and event.team_id in self._status:
            self._status[event.team_id] = event.status
            self._let_go()
        elif event.kind == "call_closed" and event.call_id == self._call:
            self._closed = True
            self._let_go()
        elif event.kind in _LEAVES and getattr(event, "call_id", None) == self._call:
            self._status.pop(getattr(event, "team_id", ""), None)

    def _let_go(self) -> None:
        """Forget the team of a closed call once it has left."""
        if self._closed:
            self._status = {
                team: status for team, status in self._status.items() if status in _AT_THE_CALL
            }
