"""The ledger as its users see it: one transaction at a time, over one chain of events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from unarmed_router.model.events import Event, Reserved

__all__ = ["Ledger", "Recorded", "Transaction"]


class Recorded(NamedTuple):
    """One event in its place; a tuple, because simulations make millions of them.

    Parameters
    ----------
    seq : int
        Its number in the ledger, from 1 without a gap.
    at : datetime
        Ledger time in UTC, which never runs backwards.
    event : Event or None
        What happened; None where retention removed it and only its digest is left.
    digest : str
        SHA-256 that chains it to all before it; empty in a ledger in memory.
    """

    seq: int
    at: datetime
    event: Event | None
    digest: str = ""


class Transaction(Protocol):
    """The ledger held for one act: nobody else appends until it ends.

    Attributes
    ----------
    news : sequence of Recorded
        What others appended since the caller last looked.
    """

    news: Sequence[Recorded]

    def append(self, events: Sequence[Event], *, at: datetime) -> Sequence[Recorded]:
        """Add events, in order; they are acknowledged when the transaction has ended well.

        Parameters
        ----------
        events : sequence of Event
            What happened.
        at : datetime
            Ledger time in UTC; not before that of the last event.

        Raises
        ------
        AlreadyAssignedError
            A reservation of a team or call that another one holds, or with a key already used: the
            database refuses it, whatever the caller believed.
        """


class Ledger(Protocol):
    """An append-only log of events that enforces one open assignment for a team and for a call."""

    @property
    def keeps(self) -> bool:
        """Whether events can be read again.

        A ledger that keeps nothing, as simulations have it, serves one dispatcher, and what only a
        reader needs is not recorded.
        """

    def transaction(self, *, seen: int, digest: str = "") -> AbstractContextManager[Transaction]:
        """Hold the ledger for one act; whatever was appended is durable when the block has ended.

        Parameters
        ----------
        seen : int
            Number of the last event the caller knows; 0 for none.
        digest : str
            Its digest, where the caller has it: after a failover or a restore another event may
            have that number, and what followed would not fit what the caller knows.

        Raises
        ------
        LedgerError
            Busy for too long, full, out of reach, or broken; nothing of the block is in force,
            except after `LedgerLostError`, which says that it cannot be known.
        """

    def read(self, *, after: int = 0) -> Iterator[Recorded]:
        """Yield the events after a number, in order, in bounded memory."""

    def reservation_of(self, idempotency_key: str) -> Reserved | None:
        """Return the reservation made under a key; None where there is none.

        Raises
        ------
        InputError
            The key is no text.
        """

    def close(self) -> None:
        """Let go of the file or the connection; closing twice changes nothing."""
