"""One transaction at a time within a process, and what every ledger asks of its caller."""

from __future__ import annotations

from datetime import datetime
from threading import Lock, get_ident
from typing import Any

from unarmed_router.errors import (
    InputError,
    LedgerBrokenError,
    LedgerBusyError,
    LedgerError,
)
from unarmed_router.model.whole_number import as_whole

__all__ = [
    "Hold",
    "check_same",
    "check_seen",
    "check_time",
    "check_timeout",
    "may_be_a_key",
]

_DAY_S = 86_400


class Hold:
    """A lock with a time limit, which a thread cannot take twice.

    Parameters
    ----------
    timeout_s : float
        How long to wait for another thread, seconds.
    """

    def __init__(self, timeout_s: float) -> None:
        check_timeout(timeout_s)
        self._timeout_s = timeout_s
        self._lock = Lock()
        self._owner: int | None = None
        self._closed = False

    @property
    def mine(self) -> bool:
        """Whether this thread has it."""
        return self._owner == get_ident()

    def take(self) -> None:
        """Wait for it; `LedgerBusyError` when the time is up, `LedgerError` when it cannot be."""
        if not self._lock.acquire(False):  # most of the time nobody has it
            self._wait()
        if self._closed:
            self._lock.release()
            self.check_open()
        self._owner = get_ident()

    def _wait(self) -> None:
        if self.mine:
            raise LedgerError("this thread holds the ledger already; end that transaction first")
        if not self._lock.acquire(timeout=self._timeout_s):
            raise LedgerBusyError(
                f"another thread held the ledger for {self._timeout_s} s; try again"
            )

    def release(self) -> None:
        """Let the next one have it."""
        self._owner = None
        self._lock.release()

    def check_open(self) -> None:
        """Raise `LedgerError` when it is closed."""
        if self._closed:
            raise LedgerError("the ledger is closed; open it again")

    def close(self) -> bool:
        """Let nobody have it any more; False when that was so before."""
        if self.mine:
            raise LedgerError("this thread holds the ledger; end its transaction, then close")
        with self._lock:
            was, self._closed = self._closed, True
        return not was


def check_timeout(busy_timeout_s: Any) -> None:
    """Refuse what is no time to wait: no lock of a database or a thread could be asked for it.

    Raises
    ------
    InputError
        It is no number of seconds above 0 and up to a day.
    """
    is_number = isinstance(busy_timeout_s, int | float) and not isinstance(busy_timeout_s, bool)
    if not is_number or not 0 < busy_timeout_s <= _DAY_S:
        raise InputError(
            f"busy_timeout_s {busy_timeout_s!r:.80} must be a number above 0 and up to {_DAY_S} "
            "seconds"
        )


def check_seen(seen: int, last: int) -> None:
    """Refuse to have seen an event that is not there.

    Parameters
    ----------
    seen : int
        Number of the last event the caller knows.
    last : int
        Number of the last event there is.

    Raises
    ------
    InputError
        It is the number of no event.
    LedgerBrokenError
        The ledger ends before it.
    """
    if as_whole(seen) is None or seen < 0:
        raise InputError(f"seen={seen!r:.80} must be the number of an event, or 0 for none")
    if seen > last:
        raise LedgerBrokenError(
            f"event {seen} was seen here and the ledger ends at {last}: its end was cut off, an "
            "older copy was put in its place, or it is another ledger; stop, and open it again",
            seq=last + 1,
        )


def check_same(seen: int, there: bytes, known: str) -> None:
    """Refuse to go on from an event that is not the one the caller knows.

    Parameters
    ----------
    seen : int
        Its number.
    there : bytes
        Its digest.
    known : str
        The one the caller knows, in hexadecimal; empty where it knows none.

    Raises
    ------
    LedgerBrokenError
        They differ.
    """
    if known and known != there.hex():
        raise LedgerBrokenError(
            f"event {seen} is another one than was seen here: the server failed over without that, "
            "an older copy was put in its place, or it is another ledger; stop, and open it again",
            seq=seen,
        )


def check_time(at: datetime, last: datetime) -> None:
    """Refuse a ledger time before that of the last event: order and times must agree.

    Parameters
    ----------
    at, last : datetime
        In UTC.

    Raises
    ------
    InputError
    """
    if at < last:
        raise InputError(
            f"ledger time {at.isoformat()} is before that of the last event, {last.isoformat()}; "
            "give a time that never runs backwards"
        )


def may_be_a_key(key: Any) -> bool:
    """Tell whether a reservation may be known under a key: nothing is that cannot be printed.

    Raises
    ------
    InputError
        It is no text.
    """
    if not isinstance(key, str):
        raise InputError(f"idempotency_key must be text; got {key!r:.80}")
    return key.isprintable()
