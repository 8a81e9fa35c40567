"""The chain of digests, by hand and by the library."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from unarmed_router.ledger.chain import GENESIS, Entry, from_micros, sealed
from unarmed_router.model.call import microseconds

BODY = '{"call_id":"C1","kind":"call_queued"}'


def _entry(before: bytes = GENESIS, seq: int = 1, body: str = BODY) -> Entry:
    return sealed(
        before,
        seq=seq,
        at_us=1_795_204_800_000_000,
        kind="call_queued",
        schema=1,
        body=body,
    )


def test_the_digest_is_the_one_the_documentation_describes() -> None:
    """Another program can check a ledger: SHA-256, salt before body, canonical header."""
    entry = _entry()
    assert entry.salt is not None
    assert len(entry.salt) == 16
    inner = hashlib.sha256(entry.salt + BODY.encode()).digest()
    header = json.dumps(
        {"at": 1_795_204_800_000_000, "body": inner.hex(), "kind": "call_queued"}
        | {"schema": 1, "seq": 1},
        sort_keys=True,
        separators=(",", ":"),
    )
    assert hashlib.sha256(b"unarmed_router ledger").digest() == GENESIS
    assert entry.body_digest == inner
    assert entry.digest == hashlib.sha256(GENESIS + header.encode()).digest()
    assert entry.fault(GENESIS) is None


def test_each_event_has_a_salt_of_its_own() -> None:
    """The same body twice has two digests."""
    one, two = (
        sealed(GENESIS, seq=1, at_us=0, kind="k", schema=1, body=BODY).body_digest for _ in range(2)
    )
    assert one != two


def test_a_tombstone_still_follows() -> None:
    """Without body and salt the chain is the same."""
    assert _entry()._replace(body=None, salt=None).fault(GENESIS) is None


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"seq": 2}, "does not follow"),
        ({"at_us": 7}, "does not follow"),
        ({"kind": "fixes"}, "does not follow"),
        ({"kind": 'x","schema":1,"seq":1}'}, "does not follow"),
        ({"schema": 2}, "does not follow"),
        ({"digest": GENESIS}, "does not follow"),
        ({"body_digest": GENESIS}, "has a body that is not"),
        ({"body": BODY.replace("C1", "C2")}, "has a body that is not"),
        ({"salt": bytes(16)}, "has a body that is not"),
        ({"salt": b""}, "has a salt of 0 bytes"),
        ({"salt": None}, "without its salt"),
        ({"body": None}, "without its body"),
    ],
)
def test_every_altered_part_is_named(change: dict[str, object], what: str) -> None:
    """Header, digests, body, salt."""
    assert what in (_entry()._replace(**change).fault(GENESIS) or "")  # type: ignore[arg-type]


def test_an_event_follows_only_the_one_before() -> None:
    """Neither another one nor the beginning."""
    first = _entry()
    second = _entry(first.digest, 2)
    assert second.fault(first.digest) is None
    assert second.fault(GENESIS) is not None


@pytest.mark.parametrize(
    "at",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2026, 11, 20, 20, 0, 0, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_microseconds_are_exact(at: datetime) -> None:
    """There and back, before 1970 and to the end of the calendar."""
    assert from_micros(microseconds(at)) == at
    assert microseconds(at + timedelta(microseconds=-1)) == microseconds(at) - 1
