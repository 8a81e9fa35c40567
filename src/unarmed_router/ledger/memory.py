"""A ledger in memory: for simulations and tests; the same refusals, nothing written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType

from unarmed_router.errors import InputError, LedgerError
from unarmed_router.ledger.assignments import MOVING, Assignments, Undo
from unarmed_router.ledger.chain import from_micros
from unarmed_router.ledger.codec import KINDS, event_to_json
from unarmed_router.ledger.holding import Hold, check_seen, check_time, may_be_a_key
from unarmed_router.ledger.store import Recorded
from unarmed_router.model.call import in_utc
from unarmed_router.model.events import Event, Reserved

__all__ = ["MemoryLedger"]


class MemoryLedger:
    """Keeps events in a list, or only what they make of assignments; safe to share between threads.

    Parameters
    ----------
    keep : bool
        Whether to keep events. Without, `read` and the news of a transaction have nothing to
        yield; `reservation_of` still answers.
    checked : bool
        Whether to refuse what a ledger on disk would refuse: personal data, and values of a wrong
        type. A simulation makes neither and saves the time.
    busy_timeout_s : float
        How long to wait for another thread's transaction, seconds.
    """

    def __init__(
        self, *, keep: bool = True, checked: bool = True, busy_timeout_s: float = 10.0
    ) -> None:
        self._log = _Log(keep=keep, checked=checked)
        self._hold = Hold(busy_timeout_s)

    @property
    def keeps(self) -> bool:
        """Whether events can be read again."""
        return self._log.keep

    def transaction(self, *, seen: int, digest: str = "") -> _MemoryTransaction:  # noqa: ARG002
        """Hold the ledger for one act; as `unarmed_router.ledger.store.Ledger.transaction`."""
        return _MemoryTransaction(self._log, self._hold, seen)

    def read(self, *, after: int = 0) -> Iterator[Recorded]:
        """Yield the events after a number, in order, up to the last one there is now."""
        for number in range(after, min(self._log.seq, len(self._log.events))):
            yield self._log.events[number]

    def reservation_of(self, idempotency_key: str) -> Reserved | None:
        """Return the reservation made under a key; None where there is none.

        Raises
        ------
        InputError
            The key is no text.
        """
        if not may_be_a_key(idempotency_key):
            return None
        return self._log.assignments.of_key(idempotency_key)

    def close(self) -> None:
        """Refuse further transactions."""
        self._hold.close()


class _Log:
    """Events so far, and what they make of assignments."""

    def __init__(self, *, keep: bool, checked: bool) -> None:
        self.keep = keep
        self.checked = checked
        self.events: list[Recorded] = []
        self.seq = 0
        self.at = from_micros(0)
        self.assignments = Assignments()

    def add(self, events: Sequence[Event], at: datetime, undo: list[Undo]) -> list[Recorded]:
        """Add events; what takes moves back goes to `undo`, whether all are added or not."""
        recorded, seq = [], self.seq
        for event in events:
            kind = type(event)
            if self.checked:
                event_to_json(event)
            seq += 1
            if kind in MOVING:
                step = self.assignments.apply(event, seq=seq, at=at)
                undo.append(step)  # type: ignore[arg-type]  # there is one for these kinds
            elif kind not in KINDS:
                raise InputError(f"a ledger records events; got {kind.__name__}")
            recorded.append(Recorded(seq, at, event))
        self.seq, self.at = seq, at
        if self.keep:
            self.events += recorded
        return recorded


class _MemoryTransaction:
    """One act on a ledger in memory."""

    __slots__ = ("_before", "_hold", "_log", "_seen", "_undo", "news")

    def __init__(self, log: _Log, hold: Hold, seen: int) -> None:
        self._log = log
        self._hold = hold
        self._seen = seen
        self._before: tuple[int, datetime] | None = None
        self._undo: list[Undo] = []
        self.news: Sequence[Recorded] = ()

    def __enter__(self) -> _MemoryTransaction:
        self._hold.take()
        log, seen = self._log, self._seen
        if seen != log.seq:
            try:
                check_seen(seen, log.seq)
            except BaseException:
                self._hold.release()
                raise
            self.news = log.events[seen:]
        self._before = log.seq, log.at
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        log = self._log
        if kind is not None and self._before is not None:
            self._take_back(0)
            log.seq, log.at = self._before
            del log.events[log.seq :]
        self._before = None
        self._hold.release()

    def append(self, events: Sequence[Event], *, at: datetime) -> Sequence[Recorded]:
        """Add events; as `unarmed_router.ledger.store.Transaction.append`."""
        if self._before is None:
            raise LedgerError("the transaction has ended; append inside its block")
        at = in_utc(at, "ledger time")
        check_time(at, self._log.at)
        undone = len(self._undo)
        try:
            return self._log.add(events, at, self._undo)
        except BaseException:
            self._take_back(undone)
            raise

    def _take_back(self, undone: int) -> None:
        while len(self._undo) > undone:
            self._log.assignments.take_back(self._undo.pop())
