"""Retention: what ended calls said is gone, the chain still verifies."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.ledgers import (
    NOON,
    accepted,
    closed,
    expired,
    opened,
    put,
    received,
    reported,
    reserved,
)
from unarmed_router.errors import InputError, LedgerBusyError, LedgerError
from unarmed_router.ledger import retention, sql_ledger
from unarmed_router.ledger.retention import purge
from unarmed_router.ledger.session import Session
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.store import Recorded
from unarmed_router.ledger.verify import verify
from unarmed_router.model.events import (
    CallQueued,
    CallReferred,
    Decided,
    Event,
    Fixes,
    Purged,
    RosterSet,
)

HOUR = timedelta(hours=1)
FIXES = Fixes(team_ids=("T1",), lon=(-118.3,), lat=(34.0,), measured=(NOON,))
ADVICE = Decided(
    call_id="C7",
    decided_at=NOON,
    team_id=None,
    reason="ineligible",
    target="police",
    response_ms=None,
    digest="0" * 64,
)


def _day(ledger: SqlLedger) -> None:
    """Close one call, refer one, leave one waiting and one assigned; the next day begins."""
    put(ledger, reported("T1"), FIXES)  # 1, 2
    for number in (1, 2, 3, 4):
        put(ledger, received(number))  # 3 to 6
    put(ledger, reserved(1), accepted(reserved(1)), reserved(4), CallQueued(call_id="C3"))  # 7-10
    put(ledger, CallReferred(call_id="C2", reason="ineligible", target="police"), ADVICE)  # 11, 12
    put(ledger, closed(reserved(1)), at=NOON + HOUR)  # 13
    put(ledger, FIXES, received(5), at=NOON + 24 * HOUR)  # 14, 15


def test_what_is_over_is_removed_and_the_rest_is_kept(stored: SqlLedger) -> None:
    """Closed and referred calls, advice and old fixes go; open calls and statuses stay."""
    _day(stored)
    before = {each.seq: each for each in stored.read()}
    count = purge(stored, before=NOON + 2 * HOUR, at=NOON + 25 * HOUR)
    after = {each.seq: each for each in stored.read()}
    gone = {seq for seq, each in after.items() if each.event is None}
    assert gone == {2, 3, 4, 7, 8, 11, 12, 13}
    assert count == len(gone)
    assert all(after[seq] == before[seq] for seq in before if seq not in gone)
    assert all(after[seq].digest == before[seq].digest for seq in gone)
    assert after[16].event == Purged(before=NOON + 2 * HOUR, up_to_seq=13, count=8)
    result = verify(stored, known=(15, before[15].digest))
    assert (result.whole, result.tombstones) == (True, 8), result


def test_a_purge_in_the_middle_of_reading_leaves_no_half_a_call(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read is one state; while it is, the log cannot be emptied, and the purge says so."""
    monkeypatch.setattr(sql_ledger, "_CHUNK", 3)
    ledger = opened("sqlite", quick_path, None, busy_timeout_s=0.05)
    assert isinstance(ledger, SqlLedger)
    _day(ledger)
    reading = ledger.read()
    found = [next(reading)]
    for _ in range(2):  # the second one removes nothing, and what the first removed is still there
        with pytest.raises(LedgerBusyError, match=r"this purge or one before .* again"):
            purge(ledger, before=NOON + 2 * HOUR, at=NOON + 25 * HOUR)
    found += reading
    assert [each.seq for each in found if each.event is not None] == [*range(1, 16)]
    assert sum(each.event is None for each in ledger.read()) == 8
    assert purge(ledger, before=NOON + 2 * HOUR, at=NOON + 25 * HOUR) == 0
    assert verify(ledger).whole
    ledger.close()


def test_a_moment_is_not_before_itself(stored: SqlLedger) -> None:
    """What happened at the very moment stays; its whole call stays with it."""
    _day(stored)
    assert purge(stored, before=NOON, at=NOON + 25 * HOUR) == 0
    purge(stored, before=NOON + HOUR, at=NOON + 25 * HOUR)
    kept = {each.seq for each in stored.read() if each.event is not None}
    assert {3, 7, 8, 13} <= kept


def test_a_second_purge_removes_what_ended_since(stored: SqlLedger) -> None:
    """Nothing twice; the counts of both add up."""
    _day(stored)
    purge(stored, before=NOON + 2 * HOUR, at=NOON + 25 * HOUR)
    assert purge(stored, before=NOON + 2 * HOUR, at=NOON + 25 * HOUR) == 0
    put(stored, CallReferred(call_id="C3", reason="x", target="y"), at=NOON + 26 * HOUR)
    assert purge(stored, before=NOON + 27 * HOUR, at=NOON + 27 * HOUR) == 4  # 5, 10, 14 and its end
    assert verify(stored).whole


def test_a_call_whose_reservation_is_open_stays(stored: SqlLedger) -> None:
    """Ended first, and its team let go later: until then it holds the team."""
    put(stored, received(1), reserved(1), CallReferred(call_id="C1", reason="x", target="y"))
    assert purge(stored, before=NOON + HOUR, at=NOON + HOUR) == 0
    put(stored, expired(reserved(1)), at=NOON + HOUR)
    assert purge(stored, before=NOON + 2 * HOUR, at=NOON + 2 * HOUR) == 4
    assert verify(stored).whole


def test_an_event_removed_by_hand_shows_beside_a_purge(stored: SqlLedger) -> None:
    """The guard allows a tombstone; the count of those recorded does not."""
    _day(stored)
    purge(stored, before=NOON + 2 * HOUR, at=NOON + 25 * HOUR)
    stored.writer().change("UPDATE events SET body = NULL, salt = NULL WHERE seq = 5")
    assert "9 events have no body, and purges of 8" in (verify(stored).fault or "")


def test_small_batches_part_no_call(stored: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped between two batches, what is left still verifies."""
    monkeypatch.setattr(retention, "_BATCH", 1)
    _day(stored)
    purge(stored, before=NOON + 2 * HOUR, at=NOON + 25 * HOUR)
    purges = [each.event for each in stored.read() if isinstance(each.event, Purged)]
    assert sorted(each.count for each in purges) == [1, 1, 2, 4]
    assert verify(stored).whole


def test_keys_of_removed_reservations_are_forgotten(stored: SqlLedger) -> None:
    """A key is known as long as its event is; an open reservation keeps its own."""
    _day(stored)
    purge(stored, before=NOON + 2 * HOUR, at=NOON + 25 * HOUR)
    assert stored.reservation_of("key-1") is None
    assert stored.reservation_of("key-4") == reserved(4)


def test_a_naive_moment_is_refused(stored: SqlLedger) -> None:
    """It could be any of two dozen hours."""
    with pytest.raises(InputError, match="time zone"):
        purge(stored, before=NOON.replace(tzinfo=None), at=NOON)


@pytest.mark.parametrize("stored", ["sqlite"], indirect=True)
def test_nothing_of_a_removed_call_is_left_in_the_file(stored: SqlLedger) -> None:
    """Neither in the database nor in its log: the bytes are overwritten."""
    _day(stored)
    path = Path(stored.database.name)

    def there() -> bool:
        return any(b'"call_id":"C2"' in p.read_bytes() for p in path.parent.glob(f"{path.name}*"))

    assert there()
    purge(stored, before=NOON + 2 * HOUR, at=NOON + 25 * HOUR)
    assert not there()


def test_a_tombstone_cannot_be_guessed(stored: SqlLedger) -> None:
    """Without its salt, the digest of the very body that was there cannot be told."""
    put(stored, CallReferred(call_id="C2", reason="ineligible", target="police"))
    (entry,) = stored.entries()
    assert entry.body is not None
    assert entry.salt is not None
    assert hashlib.sha256(entry.salt + entry.body.encode()).digest() == entry.body_digest
    purge(stored, before=NOON + HOUR, at=NOON + HOUR)
    tombstone = next(iter(stored.entries()))
    assert (tombstone.body, tombstone.salt) == (None, None)
    assert hashlib.sha256(entry.body.encode()).digest() != tombstone.body_digest


def test_a_ledger_with_a_roster_restates_it_first(stored: SqlLedger) -> None:
    """Statuses that removed reservations set are on record again before they are removed."""
    put(stored, RosterSet(teams=()))
    _day(stored)
    with pytest.raises(InputError, match="restate"):
        purge(stored, before=NOON + 2 * HOUR, at=NOON + 25 * HOUR)
    news: list[int] = []

    def restate(found: Sequence[Recorded]) -> Sequence[Event]:
        news.extend(each.seq for each in found)
        return [RosterSet(teams=())]

    purge(stored, before=NOON + 2 * HOUR, at=NOON + 25 * HOUR, seen=14, restate=restate)
    assert news == [15, 16]
    assert [each.event.kind for each in stored.read(after=16) if each.event] == [
        "roster_set",
        "purged",
    ]
    assert verify(stored).whole


@pytest.mark.parametrize("impatient", ["sqlite", "postgresql"], indirect=True)
def test_a_purge_disturbs_no_act_of_another_thread(impatient: SqlLedger) -> None:
    """It clears up on a connection of its own while an act is under way on the ledger's."""
    told: list[object] = []

    def forget() -> None:
        try:
            impatient.forget()
            told.append("done")
        except LedgerBusyError as error:  # SQLite cannot empty its log under a writer
            told.append(error)

    put(impatient, received(1))
    with impatient.transaction(seen=1) as act:
        act.append([received(2)], at=NOON)
        thread = threading.Thread(target=forget)
        thread.start()
        thread.join()
        act.append([received(3)], at=NOON)
    assert len(told) == 1
    assert [each.event for each in impatient.read()] == [received(1), received(2), received(3)]
    assert verify(impatient).whole


def test_a_batch_holds_the_ledger_for_a_few_statements(
    stored: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others wait meanwhile: on a network, two round trips an event would be many seconds."""
    _day(stored)
    session, asked = stored.writer(), list[str]()
    real = type(session).change

    def change(self: Session, sql: str, values: Sequence[Any] = ()) -> int:
        asked.append(sql)
        return real(self, sql, values)

    monkeypatch.setattr(type(session), "change", change)
    with stored.transaction(seen=None) as act:
        act.entomb([3, 7, 8, 13])
        assert asked in ([], ["BEGIN IMMEDIATE"])  # SQLite's transaction begins by itself
    assert sum(each.event is None for each in stored.read()) == 4


def test_an_event_is_removed_once(stored: SqlLedger) -> None:
    """A second purge of the same events is refused, and nothing of it is in force."""
    _day(stored)
    with stored.transaction(seen=None) as act:
        act.entomb([2])

    def again() -> None:
        with stored.transaction(seen=None) as act:
            act.entomb([2, 3])

    with pytest.raises(LedgerError, match=r"1 of 2 .* does another purge run"):
        again()
    assert sum(each.event is None for each in stored.read()) == 1
