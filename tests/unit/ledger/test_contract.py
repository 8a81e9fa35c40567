"""What every ledger promises: in memory, in a file and on a server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.ledgers import (
    NOON,
    AnyLedger,
    accepted,
    closed,
    declined,
    expired,
    put,
    received,
    reported,
    reserved,
)
from unarmed_router.errors import (
    AlreadyAssignedError,
    InputError,
    LedgerBrokenError,
    LedgerBusyError,
    LedgerError,
    PrivacyError,
)
from unarmed_router.model.events import Event, Reserved


def test_events_are_numbered_from_one_and_read_in_order(ledger: AnyLedger) -> None:
    """What was appended is what is read, with the times it was given."""
    first = received(1)
    assert put(ledger, first, reported()) == [1, 2]
    assert put(ledger, reported("T2"), at=NOON + timedelta(seconds=1)) == [3]
    found = list(ledger.read())
    assert [each.seq for each in found] == [1, 2, 3]
    assert [each.event for each in found] == [first, reported(), reported("T2")]
    assert [(each.at - NOON).seconds for each in found] == [0, 0, 1]
    assert [each.seq for each in ledger.read(after=2)] == [3]
    assert list(ledger.read(after=3)) == list(ledger.read(after=9)) == []


def test_news_are_what_the_caller_has_not_seen(ledger: AnyLedger) -> None:
    """A transaction starts with what was appended since the number the caller names."""
    put(ledger, received(1), received(2), received(3))
    with ledger.transaction(seen=1) as transaction:
        assert [each.seq for each in transaction.news] == [2, 3]
        (new,) = transaction.append([reported()], at=NOON)
    with ledger.transaction(seen=new.seq) as transaction:
        assert list(transaction.news) == []


def test_any_number_of_news_is_told(ledger: AnyLedger) -> None:
    """More than are read from a database at once, in order and each of them once."""
    events = [received(number) for number in range(1201)]
    put(ledger, *events)
    with ledger.transaction(seen=1) as transaction:
        assert [each.event for each in transaction.news] == events[1:]
    assert [(each.seq, each.event) for each in ledger.read()] == [*enumerate(events, start=1)]


@pytest.mark.parametrize(
    ("seen", "error", "message"),
    [(-1, InputError, "seen=-1"), (2, LedgerBrokenError, "event 2 was seen here .* ends at 1")],
)
def test_nobody_has_seen_what_is_not_there(
    ledger: AnyLedger, seen: int, error: type[Exception], message: str
) -> None:
    """A number beyond the last event is that of another ledger; the ledger can still be used."""
    put(ledger, received(1))
    with pytest.raises(error, match=message), ledger.transaction(seen=seen):
        pass
    assert put(ledger, received(2)) == [2]


def test_nothing_of_a_failed_block_is_in_force(ledger: AnyLedger) -> None:
    """Neither events nor assignments outlive an exception in the block."""
    put(ledger, received(1))
    with pytest.raises(ZeroDivisionError), ledger.transaction(seen=1) as transaction:  # noqa: PT012
        transaction.append([reserved(1)], at=NOON)
        transaction.append([accepted(reserved(1))], at=NOON)
        _ = 1 / 0
    assert [each.seq for each in ledger.read()] == [1]
    assert ledger.reservation_of("key-1") is None
    assert put(ledger, reserved(1)) == [2]


def test_a_transaction_sees_its_own_reservation(ledger: AnyLedger) -> None:
    """Within the block the key is known before it is committed."""
    with ledger.transaction(seen=0) as transaction:
        transaction.append([reserved(1)], at=NOON)
        assert ledger.reservation_of("key-1") == reserved(1)


@pytest.mark.parametrize(
    ("second", "what", "value"),
    [
        (reserved(2, team="T1"), "team", "T1"),
        (reserved(2, call="C1"), "call", "C1"),
        (reserved(2, key="key-1"), "key", "key-1"),
        (reserved(1, call="C2", team="T2", key="key-2"), "reservation", "R1"),
    ],
)
def test_what_is_held_is_refused_with_its_holder(
    ledger: AnyLedger, second: object, what: str, value: str
) -> None:
    """Team, call, key and id: each names what is taken, and by whom; the append leaves nothing."""
    put(ledger, reserved(1))
    with pytest.raises(AlreadyAssignedError, match=value) as caught:
        put(ledger, reported(), second, seen=1)  # type: ignore[arg-type]
    assert (caught.value.what, caught.value.value, caught.value.holder) == (what, value, "R1")
    assert len(list(ledger.read())) == 1


@pytest.mark.parametrize(
    ("third", "what", "value", "holder"),
    [
        (reserved(2, call="C1", team="T1", key="key-1"), "reservation", "R2", "R2"),
        (reserved(3, call="C1", team="T1", key="key-2"), "key", "key-2", "R2"),
        (reserved(3, call="C1", team="T2"), "team", "T2", "R2"),
        (reserved(3, call="C2", team="T1"), "team", "T1", "R1"),
    ],
)
def test_of_two_that_are_in_the_way_every_ledger_names_the_same(
    ledger: AnyLedger, third: Reserved, what: str, value: str, holder: str
) -> None:
    """Id before key, key before team, team before call, whichever was made first."""
    put(ledger, reserved(1), reserved(2))
    with pytest.raises(AlreadyAssignedError) as caught:
        put(ledger, third, seen=2)
    assert (caught.value.what, caught.value.value, caught.value.holder) == (what, value, holder)


@pytest.mark.parametrize("move", [accepted, declined, expired])
def test_a_move_is_undone_with_the_append_that_is_refused(
    ledger: AnyLedger, move: Callable[[Reserved], Event]
) -> None:
    """The reservation stands as before: its team is held still, and it can be answered."""
    put(ledger, reserved(1), reserved(2))
    with ledger.transaction(seen=2) as transaction:
        with pytest.raises(AlreadyAssignedError):
            transaction.append([move(reserved(1)), reserved(3, team="T2")], at=NOON)
        with pytest.raises(AlreadyAssignedError, match="team T1"):
            transaction.append([reserved(3, team="T1")], at=NOON)
        transaction.append([accepted(reserved(1))], at=NOON)
    assert [each.event for each in ledger.read(after=2)] == [accepted(reserved(1))]


def test_a_refused_append_does_not_end_the_transaction(ledger: AnyLedger) -> None:
    """A dispatcher may catch the refusal and reserve the next best team in the same block."""
    put(ledger, reserved(1))
    with ledger.transaction(seen=1) as transaction:
        with pytest.raises(AlreadyAssignedError):
            transaction.append([received(2), reserved(2, team="T1")], at=NOON)
        transaction.append([received(2), reserved(2)], at=NOON)
    assert [each.event for each in ledger.read(after=1)] == [received(2), reserved(2)]
    assert ledger.reservation_of("key-2") == reserved(2)


def test_two_of_one_append_collide_too(ledger: AnyLedger) -> None:
    """Refused inside one list, the first of them is not made either."""
    with pytest.raises(AlreadyAssignedError):
        put(ledger, reserved(1), reserved(2, team="T1"))
    assert ledger.reservation_of("key-1") is None
    assert put(ledger, reserved(3, team="T1")) == [1]


def test_a_refused_append_of_several_moves_leaves_none_of_them(ledger: AnyLedger) -> None:
    """Its first reservation is undone with the second, and the transaction goes on."""
    with ledger.transaction(seen=0) as transaction:
        with pytest.raises(AlreadyAssignedError):
            transaction.append([reserved(1), reserved(2, team="T1")], at=NOON)
        transaction.append([received(1)], at=NOON)
    assert ledger.reservation_of("key-1") is None
    assert put(ledger, reserved(3, team="T1", call="C1")) == [2]


@pytest.mark.parametrize("end", [declined, expired])
def test_a_team_is_free_when_its_reservation_ends(ledger: AnyLedger, end: object) -> None:
    """Declined or expired, both team and call can be reserved again; the key stays used."""
    put(ledger, reserved(1), end(reserved(1)))  # type: ignore[operator]
    put(ledger, reserved(2, team="T1", call="C1"))
    assert ledger.reservation_of("key-1") == reserved(1)
    with pytest.raises(AlreadyAssignedError, match="key-1"):
        put(ledger, reserved(3, key="key-1"))


def test_an_accepted_call_can_be_given_back(ledger: AnyLedger) -> None:
    """As by a team that breaks down on its way."""
    put(ledger, reserved(1), accepted(reserved(1)), declined(reserved(1)))
    assert put(ledger, reserved(2, team="T1", call="C1")) == [4]


def test_an_accepted_team_is_held_until_its_call_closes(ledger: AnyLedger) -> None:
    """Between acceptance and closing nobody gets it."""
    put(ledger, reserved(1), accepted(reserved(1)))
    with pytest.raises(AlreadyAssignedError):
        put(ledger, reserved(2, team="T1"))
    put(ledger, closed(reserved(1)), reserved(2, team="T1"))
    assert ledger.reservation_of("key-2") is not None


@pytest.mark.parametrize("seconds", [60, 61])
def test_a_lapsed_reservation_cannot_be_accepted(ledger: AnyLedger, seconds: int) -> None:
    """At its very end it has lapsed."""
    put(ledger, reserved(1, seconds=60))
    with pytest.raises(InputError, match="lapsed at"):
        put(ledger, accepted(reserved(1)), at=NOON + timedelta(seconds=seconds))
    just = NOON + timedelta(seconds=60) - timedelta(microseconds=1)
    assert put(ledger, accepted(reserved(1)), at=just) == [2]


@pytest.mark.parametrize(
    ("before", "event", "why"),
    [
        ([], accepted(reserved(1)), "there is none"),
        ([reserved(1)], closed(reserved(1)), "is reserved and must be accepted"),
        ([reserved(1), accepted(reserved(1))], expired(reserved(1)), "is accepted and must be"),
        ([reserved(1), declined(reserved(1))], accepted(reserved(1)), "is ended and must be"),
        ([reserved(1)], declined(reserved(1, team="T9")), "of call C1 and team T1"),
    ],
)
def test_a_move_that_fits_no_reservation_is_refused(
    ledger: AnyLedger, before: list[object], event: object, why: str
) -> None:
    """The refusal says what the reservation is and what it would have to be."""
    put(ledger, *before)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=why):
        put(ledger, event, seen=len(before))  # type: ignore[arg-type]
    assert len(list(ledger.read())) == len(before)


def test_ledger_time_never_runs_backwards(ledger: AnyLedger) -> None:
    """The same instant is allowed, a microsecond earlier is refused; nothing is written."""
    put(ledger, received(1))
    with pytest.raises(InputError, match="never runs backwards"):
        put(ledger, received(2), at=NOON - timedelta(microseconds=1))
    with pytest.raises(InputError, match="no time zone"):
        put(ledger, received(2), at=NOON.replace(tzinfo=None))
    assert put(ledger, received(2)) == [2]


def test_personal_data_is_refused(ledger: AnyLedger) -> None:
    """A phone number as an identifier is refused by field, and nothing is written."""
    with pytest.raises(PrivacyError, match="idempotency_key") as caught:
        put(ledger, received(1), reserved(1, key="213-555-0142"))
    assert caught.value.field == "idempotency_key"
    assert "0142" not in str(caught.value)
    assert list(ledger.read()) == []


def test_an_empty_append_changes_nothing(ledger: AnyLedger) -> None:
    """No event, no number."""
    assert put(ledger) == []
    assert put(ledger, received(1)) == [1]


def test_a_thread_cannot_hold_the_ledger_twice(ledger: AnyLedger) -> None:
    """It is told so at once, instead of waiting for itself."""
    with ledger.transaction(seen=0):
        with pytest.raises(LedgerError, match="this thread"), ledger.transaction(seen=0):
            pass
        with pytest.raises(LedgerError, match="this thread"):
            ledger.close()
    assert put(ledger, received(1)) == [1]


def test_another_thread_waits_and_is_told_when_it_was_too_long(impatient: AnyLedger) -> None:
    """The time limit is the one given at opening."""
    caught: list[BaseException] = []

    def act() -> None:
        try:
            put(impatient, received(1))
        except LedgerBusyError as error:
            caught.append(error)

    with impatient.transaction(seen=0):
        thread = threading.Thread(target=act)
        thread.start()
        thread.join()
    assert len(caught) == 1
    assert put(impatient, received(1)) == [1]


def test_threads_share_a_ledger(ledger: AnyLedger) -> None:
    """Four threads race for each of ten teams: every team is reserved once."""
    lost: list[str] = []

    def act(number: int) -> None:
        for team in range(10):
            wanted = reserved(100 * number + team, team=f"T{team}")
            try:
                put(ledger, wanted)
            except AlreadyAssignedError as error:
                lost.append(error.value)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(lost) == sorted(f"T{team}" for team in range(10) for _ in range(3))
    assert len(list(ledger.read())) == 10


def test_a_closed_ledger_says_so(ledger: AnyLedger) -> None:
    """Closing twice changes nothing; a transaction after it is an error of its own."""
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match="closed"), ledger.transaction(seen=0):
        pass


def test_an_ended_transaction_takes_nothing(ledger: AnyLedger) -> None:
    """Kept beyond its block, it refuses."""
    with ledger.transaction(seen=0) as transaction:
        pass
    with pytest.raises(LedgerError, match="ended"):
        transaction.append([received(1)], at=NOON)


@pytest.mark.parametrize("key", [None, 7, 10**30, b"key-1", ["key-1"]], ids=ascii)
def test_a_reservation_is_asked_for_by_text(ledger: AnyLedger, key: Any) -> None:
    """By every kind of ledger alike: drivers differ in what they take."""
    with pytest.raises(InputError, match="idempotency_key must be text; got"):
        ledger.reservation_of(key)


@pytest.mark.parametrize("key", ["", "a\0b", "a\ud800", "a\n"], ids=ascii)
def test_no_reservation_has_a_key_that_cannot_be_printed(ledger: AnyLedger, key: str) -> None:
    """Nothing is known under it, whether a driver could ask or not."""
    assert ledger.reservation_of(key) is None


@pytest.mark.parametrize("seen", ["0", 1.5, True, -1], ids=ascii)
def test_what_was_seen_is_a_number(ledger: AnyLedger, seen: Any) -> None:
    """What only compares like one is none."""
    with (
        pytest.raises(InputError, match="must be the number of an event, or 0 for none"),
        ledger.transaction(seen=seen),
    ):
        pass
