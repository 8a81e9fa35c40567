"""A check names the first thing that does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.ledgers import NOON, accepted, closed, put, received, reported, reserved
from unarmed_router.errors import InputError, LedgerBrokenError
from unarmed_router.ledger.chain import GENESIS, sealed
from unarmed_router.ledger.codec import event_to_json
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.tables import POSTGRESQL_1, SQLITE_1
from unarmed_router.ledger.verify import verify

GUARDS = ("events_stay", "events_are_kept", "events_without_gap", "head_moves_on")


def _filled(ledger: SqlLedger) -> SqlLedger:
    put(ledger, received(1), reserved(1), accepted(reserved(1)), reported("T1"))
    put(ledger, received(2), reserved(2), at=NOON + timedelta(seconds=5))
    return ledger


def _tampered(ledger: SqlLedger, *statements: str) -> None:
    """Change tables behind the guards, which are put back afterwards."""
    session = ledger.writer()
    sqlite = ledger.database.dialect == "sqlite"
    where = {"events_stay": "events", "events_are_kept": "events", "events_without_gap": "events"}
    session.begin()
    for guard in GUARDS:
        table = where.get(guard, "head")
        session.change(
            f"DROP TRIGGER {guard}" if sqlite else f"ALTER TABLE {table} DISABLE TRIGGER {guard}"
        )
    for statement in statements:
        session.change(statement)
    if not sqlite:
        session.change("SET CONSTRAINTS ALL IMMEDIATE")
    for guard in GUARDS:
        table = where.get(guard, "head")
        made = [s for s in SQLITE_1 if s.startswith(f"CREATE TRIGGER {guard} ")]
        session.change(made[0] if sqlite else f"ALTER TABLE {table} ENABLE TRIGGER {guard}")
    session.commit()


def test_a_ledger_that_was_left_alone_is_whole(stored: SqlLedger) -> None:
    """All events, no tombstone, and the digest of the last one."""
    result = verify(_filled(stored))
    assert result.whole, result
    assert (result.events, result.tombstones, result.fault, result.seq) == (6, 0, None, None)
    assert result.head == list(stored.read())[-1].digest
    if stored.database.dialect == "sqlite":
        assert result.warnings == ()
    else:  # the tests' server is told not to sync, and the ledger says so
        assert result.warnings == (
            "the server runs with fsync = off: a power cut may lose commits",
        )


def test_an_empty_ledger_is_whole(stored: SqlLedger) -> None:
    """Its head is the beginning of every chain."""
    result = verify(stored)
    assert (result.whole, result.events, result.head) == (True, 0, GENESIS.hex())


@pytest.mark.parametrize(
    ("statement", "seq", "what"),
    [
        ("UPDATE events SET kind = 'fixes' WHERE seq = 3", 3, "does not follow"),
        ("UPDATE events SET at_us = at_us + 1 WHERE seq = 2", 2, "does not follow"),
        ("UPDATE events SET schema = 0 WHERE seq = 2", 2, "does not follow"),
        ("UPDATE events SET body = replace(body, 'C1', 'C9') WHERE seq = 1", 1, "has a body that"),
        ("UPDATE events SET salt = digest WHERE seq = 4", 4, "has a salt of 32 bytes"),
        ("UPDATE events SET digest = body_digest WHERE seq = 5", 5, "does not follow"),
        ("UPDATE events SET body_digest = digest WHERE seq = 5", 5, "has a body that is not"),
        ("DELETE FROM events WHERE seq = 4", 4, "is missing"),
        ("UPDATE events SET body = NULL, salt = NULL WHERE seq = 1", None, "have no body"),
        ("UPDATE head SET seq = 5", None, "the head is not"),
        ("UPDATE head SET at_us = at_us + 1", None, "the head is not"),
        ("UPDATE assignments SET state = 'ended' WHERE seq = 6", None, "assignments are not"),
        ("DELETE FROM assignments WHERE seq = 6", None, "assignments are not"),
        ("UPDATE assignments SET expires_us = 1 WHERE seq = 2", None, "assignments are not"),
        ("UPDATE migrations SET name = 'x'", None, "record of migrations"),
    ],
)
def test_each_fault_is_named_with_its_event(
    stored: SqlLedger, statement: str, seq: int | None, what: str
) -> None:
    """Header, body, salt, digests, a missing row, the head, assignments, migrations."""
    _filled(stored)
    if "DELETE FROM assignments" in statement:
        statement = "DELETE FROM assignments WHERE seq = 6 AND state <> 'ended'"
        session = stored.writer()
        session.begin()
        session.change("UPDATE assignments SET state = 'ended' WHERE seq = 6")
        session.change("DELETE FROM assignments WHERE seq = 6")
        session.commit()
    else:
        _tampered(stored, statement)
    result = verify(stored)
    assert not result.whole
    assert (result.seq, what in (result.fault or "")) == (seq, True), result


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_that_is_gone_is_a_fault(stored: SqlLedger, guard: str) -> None:
    """Without it the next change would leave no trace."""
    table = " ON head" if guard == "head_moves_on" else " ON events"
    sqlite = stored.database.dialect == "sqlite"
    stored.writer().change(f"DROP TRIGGER {guard}{'' if sqlite else table}")
    assert guard in (verify(stored).fault or "")


def test_a_lost_index_is_a_fault(stored: SqlLedger) -> None:
    """It is what keeps a team from being sent twice."""
    stored.writer().change("DROP INDEX one_open_assignment_of_a_team")
    assert "one_open_assignment_of_a_team" in (verify(stored).fault or "")


def test_reading_stops_at_the_first_broken_event(stored: SqlLedger) -> None:
    """Nobody goes on from a state that was tampered with: what came before is still read."""
    _filled(stored)
    _tampered(stored, "UPDATE events SET kind = 'fixes' WHERE seq = 3")
    with pytest.raises(LedgerBrokenError, match="event 3") as caught:
        list(stored.read())
    assert caught.value.seq == 3
    with pytest.raises(LedgerBrokenError, match="event 3"), stored.transaction(seen=1):
        pass


def test_the_assignment_that_differs_is_shown_as_both_have_it(stored: SqlLedger) -> None:
    """Not the one before it, on which the log and the table agree."""
    _filled(stored)
    _tampered(stored, "UPDATE assignments SET state = 'ended' WHERE seq = 6")
    fault = verify(stored).fault or ""
    log, _, table = fault.partition(" there, ")
    assert ("R2" in log, "R2" in table, "R1" in fault) == (True, True, False)
    assert log.replace("assignments are not those of the log: ", "") != table


def test_a_cut_end_shows_by_what_was_noted(stored: SqlLedger) -> None:
    """Inside the ledger nothing is wrong; a number and a digest kept elsewhere tell."""
    _filled(stored)
    noted = (6, verify(stored).head)
    assert verify(stored, known=noted).whole
    _tampered(
        stored,
        "UPDATE assignments SET state = 'ended' WHERE seq = 6",
        "DELETE FROM assignments WHERE seq = 6",
        "DELETE FROM events WHERE seq = 6",
        "UPDATE head SET seq = 5, at_us = (SELECT at_us FROM events WHERE seq = 5), "
        "digest = (SELECT digest FROM events WHERE seq = 5)",
    )
    assert verify(stored).whole
    assert "the end was cut off" in (verify(stored, known=noted).fault or "")
    assert "another digest" in (verify(stored, known=(3, noted[1])).fault or "")


@dataclass(frozen=True)
class _Forged:
    """Rows chained by the rules, of events the ledger would have refused."""

    bodies: Sequence[str]
    times: Sequence[int]

    def put(self, ledger: SqlLedger) -> None:
        session = ledger.writer()
        digest, at_us = GENESIS, 0
        session.begin()
        for seq, (body, at_us) in enumerate(zip(self.bodies, self.times, strict=True), 1):
            kind = "reserved" if "reservation_id" in body else "call_received"
            entry = sealed(digest, seq=seq, at_us=at_us, kind=kind, schema=1, body=body)
            digest = entry.digest
            session.each(
                "INSERT INTO events (seq, at_us, kind, schema, body, salt, body_digest, digest) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        entry.seq,
                        entry.at_us,
                        entry.kind,
                        entry.schema,
                        entry.body,
                        entry.salt,
                        entry.body_digest,
                        entry.digest,
                    )
                ],
            )
        session.change(
            "UPDATE head SET seq = ?, digest = ?, at_us = ?", (len(self.bodies), digest, at_us)
        )
        session.commit()


CALL = event_to_json(received(1))


@pytest.mark.parametrize(
    ("forged", "seq", "what"),
    [
        (_Forged([CALL, CALL], [20, 10]), 2, "has a time before"),
        (_Forged([CALL, CALL], [20, 2**60]), 2, "has a time that no calendar has"),
        (_Forged([CALL.replace(",", ", ")], [10]), 1, "canonical form"),
        (_Forged([CALL.replace('"C1"', '"213-555-0142"')], [10]), 1, "phone number"),
        (_Forged([CALL.replace('"priority":3', '"priority":"3"')], [10]), 1, "cannot be read"),
        (
            _Forged([event_to_json(reserved(1)), event_to_json(reserved(2, team="T1"))], [10, 10]),
            2,
            "should have been refused: team T1",
        ),
    ],
)
def test_a_well_chained_forgery_is_still_checked(
    stored: SqlLedger, forged: _Forged, seq: int, what: str
) -> None:
    """Digests that fit do not excuse events that no ledger takes."""
    forged.put(stored)
    result = verify(stored)
    assert (result.seq, what in (result.fault or "")) == (seq, True), result


def test_both_dialects_make_the_same_tables() -> None:
    """The same tables, indexes and guards, but for what only one of them can do."""

    def made(statements: Sequence[str]) -> set[str]:
        words = [statement.split("(")[0].split() for statement in statements]
        return {
            " ".join(each[1:4] if each[1] == "UNIQUE" else each[1:3])
            for each in words
            if each[0] == "CREATE" and each[1] != "FUNCTION"
        }

    assert made(POSTGRESQL_1) - made(SQLITE_1) == {"TRIGGER events_are_not_truncated"}
    assert made(SQLITE_1) <= made(POSTGRESQL_1)


def test_a_closed_call_leaves_a_whole_ledger(stored: SqlLedger) -> None:
    """The projection follows a reservation to its end."""
    _filled(stored)
    put(stored, closed(reserved(1)), at=NOON + timedelta(minutes=9))
    assert verify(stored).whole


@pytest.mark.parametrize(
    "known", ["3:abc", ("3", "abc"), (3,), 3, (True, "abc"), (3, b"abc")], ids=repr
)
def test_what_was_noted_is_a_number_and_a_digest(stored: SqlLedger, known: Any) -> None:
    """The text that the command takes is none."""
    with pytest.raises(InputError, match="known must be the number and the digest of an event"):
        verify(stored, known=known)


def test_what_was_noted_may_come_out_of_json(stored: SqlLedger) -> None:
    """JSON has no pairs, only lists."""
    result = verify(stored)
    noted: Any = [result.events, result.head]
    assert verify(stored, known=noted).whole
