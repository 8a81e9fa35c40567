"""What only a ledger in memory does: keep nothing, check nothing, and still refuse no event."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ledgers import NOON, received, reserved
from unarmed_router.errors import InputError
from unarmed_router.ledger.memory import MemoryLedger


@pytest.mark.parametrize("keep", [True, False])
def test_it_says_whether_it_keeps_events(keep: bool) -> None:
    """One that does not still numbers them and knows its reservations."""
    ledger = MemoryLedger(keep=keep, checked=False)
    with ledger.transaction(seen=0) as transaction:
        transaction.append([received(1), reserved(1)], at=NOON)
    assert ledger.keeps is keep
    assert len(list(ledger.read())) == (2 if keep else 0)
    assert ledger.reservation_of(reserved(1).idempotency_key) == reserved(1)


def test_unchecked_it_takes_events_only() -> None:
    """And nothing of an act in which something else stands."""
    ledger = MemoryLedger(checked=False)
    wrong: Any = "an event"
    with ledger.transaction(seen=0) as transaction:
        with pytest.raises(InputError, match="a ledger records events; got str"):
            transaction.append([received(1), wrong], at=NOON)
        transaction.append([received(2)], at=NOON)
    assert [each.event for each in ledger.read()] == [received(2)]


def test_a_transaction_that_cannot_begin_holds_nothing() -> None:
    """Whatever was given for the number seen, the next one is free to begin."""
    ledger = MemoryLedger()
    wrong: Any = None
    with pytest.raises(InputError), ledger.transaction(seen=wrong):
        pass
    with ledger.transaction(seen=0) as transaction:
        transaction.append([received(1)], at=NOON)
    assert len(list(ledger.read())) == 1
