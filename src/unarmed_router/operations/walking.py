"""Going through a ledger in order: at each decision, what it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from unarmed_router.errors import LedgerBrokenError
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.preemption import counted_available
from unarmed_router.ledger.store import Recorded
from unarmed_router.model.call import Call
from unarmed_router.model.events import AgencySet, Decided, RosterSet, SpeedsSet
from unarmed_router.model.roster_snapshot import RosterSnapshot

__all__ = ["Standing", "Walk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A decision of the ledger and everything it was made of.

    Parameters
    ----------
    seq : int
        Its number in the ledger.
    at : datetime
        Ledger time.
    event : Decided
        What was recorded of it.
    call : Call
        The call as last revised; the teams that gave it back are among those it excludes.
    roster : RosterSnapshot
        The teams as they were, those counted as available among them.
    agency : AgencySet
        The data in force.
    profile : str
        Digest of the speeds in force.
    speeds : SpeedsSet or None
        The live traffic in force; None where there was none.
    certain : bool
        Whether call and teams are known; not after retention removed events, until the next full
        roster.
    """

    seq: int
    at: datetime
    event: Decided
    call: Call
    roster: RosterSnapshot
    agency: AgencySet
    profile: str
    speeds: SpeedsSet | None
    certain: bool


class Walk:
    """Rebuilds a shift event by event and stops at each decision.

    Parameters
    ----------
    board : Board
        An empty one; it stands where the walk is.

    Attributes
    ----------
    events, removed : int
        How many events there were so far, and how many of them have no content left.
    """

    def __init__(self, board: Board) -> None:
        self.board = board
        self.events = self.removed = 0
        self._agency: AgencySet | None = None
        self._profile = ""
        self._speeds: SpeedsSet | None = None
        self._certain = True

    def decisions(self, recorded: Iterable[Recorded]) -> Iterator[Standing]:
        """Yield each decision with what it stood on, before the board knows of it.

        Parameters
        ----------
        recorded : iterable of Recorded
            The events of a ledger from the first.

        Raises
        ------
        LedgerBrokenError
            An event does not fit what came before it.
        """
        for each in recorded:
            if isinstance(each.event, Decided):
                yield self._standing(each, each.event)
            self.step(each)

    def through(self, recorded: Iterable[Recorded]) -> Iterator[Recorded]:
        """Yield each event after the board has let it happen; errors as `decisions`."""
        for each in recorded:
            self.step(each)
            yield each

    def step(self, each: Recorded) -> None:
        """Let one event happen; errors as `decisions`."""
        event = each.event
        self.events += 1
        if event is None:
            self.removed += 1
            self._certain = False
        elif isinstance(event, RosterSet):
            self._certain = True
        elif isinstance(event, SpeedsSet):
            self._profile, self._speeds = event.profile, event
        elif isinstance(event, AgencySet):
            self._agency = event
            if self._profile != event.profile:  # the same where live traffic goes on
                self._profile, self._speeds = event.profile, None
        try:
            self.board.apply(each.seq, each.at, event)
        except (KeyError, ValueError) as error:
            raise LedgerBrokenError(
                f"event {each.seq} ({event.kind if event else 'removed'}) does not fit what came "
                f"before it: {error}",
                seq=each.seq,
            ) from error

    def _standing(self, each: Recorded, event: Decided) -> Standing:
        record = self.board.calls.get(event.call_id)
        if record is None or self._agency is None:
            missing = f"call {event.call_id} is not open" if self._agency else "no data is in force"
            raise LedgerBrokenError(
                f"event {each.seq} (decided) does not fit what came before it: {missing}",
                seq=each.seq,
            )
        return Standing(
            seq=each.seq,
            at=each.at,
            event=event,
            call=record.as_decided(record.call),
            roster=counted_available(self.board.roster.snapshot(), event.counted_available),
            agency=self._agency,
            profile=self._profile,
            speeds=self._speeds,
            certain=self._certain,
        )
