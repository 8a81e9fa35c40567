"""Purging a ledger so that the shift rebuilt from it is still the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from unarmed_router.fleet.board import Board
from unarmed_router.ledger import retention
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.store import Recorded
from unarmed_router.model.events import Event, RosterSet
from unarmed_router.operations.clock import LedgerClock
from unarmed_router.operations.off_road import off_road
from unarmed_router.operations.walking import Walk

__all__ = ["purge"]


def purge(ledger: SqlLedger, *, before: datetime, clock: LedgerClock | None = None) -> int:
    """Remove what calls that ended before a moment said, and old positions; keep the chain.

    Reservations move teams, too, and go with their calls. So every team is stated as it is now
    first, in the transaction of the first removal: a shift opened later, and one that runs
    meanwhile, have the same teams as before.

    Parameters
    ----------
    ledger : SqlLedger
        In a file or on a server; others may go on writing.
    before : datetime
        Ledger time; timezone-aware.
    clock : LedgerClock, optional
        Ledger time; the system's clocks when not given.

    Returns
    -------
    int
        How many events were removed.

    Raises
    ------
    LedgerBrokenError
        The ledger does not fit together; nothing is removed.
    LedgerError
        As a transaction; what was removed before stays removed and recorded.
    """
    walk = Walk(Board(off_road))
    for _ in walk.through(ledger.read()):
        pass
    board = walk.board

    def restate(news: Sequence[Recorded]) -> Sequence[Event]:
        for _ in walk.through(news):
            pass
        teams = board.roster.snapshot().teams
        return (RosterSet(teams=tuple(state.without_roads() for state in teams)),)

    at = (clock or LedgerClock()).now(board.at)
    return retention.purge(ledger, before=before, at=at, seen=board.seq, restate=restate)
