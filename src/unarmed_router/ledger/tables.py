"""The tables of version 1, in both dialects; released, so never changed: write a migration."""

from __future__ import annotations

from unarmed_router.ledger.chain import GENESIS

__all__ = ["POSTGRESQL_1", "SQLITE_1"]

_INDEXES = tuple(
    f"CREATE UNIQUE INDEX one_open_assignment_of_a_{what} ON assignments ({what}_id) "
    "WHERE state <> 'ended'"
    for what in ("team", "call")
)

_UNCHANGED = " AND ".join(
    f"NEW.{name} = OLD.{name}"
    for name in ("seq", "at_us", "kind", "schema", "body_digest", "digest")
)
_TOMBSTONE = f"NEW.body IS NULL AND NEW.salt IS NULL AND {_UNCHANGED}"

SQLITE_1 = (
    """CREATE TABLE migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL
)""",
    """CREATE TABLE events (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    at_us INTEGER NOT NULL CHECK (typeof(at_us) = 'integer'),
    kind TEXT NOT NULL CHECK (typeof(kind) = 'text'),
    schema INTEGER NOT NULL CHECK (typeof(schema) = 'integer'),
    body TEXT CHECK (typeof(body) IN ('text', 'null')),
    salt BLOB CHECK (typeof(salt) IN ('blob', 'null')),
    body_digest BLOB NOT NULL CHECK (typeof(body_digest) = 'blob'),
    digest BLOB NOT NULL CHECK (typeof(digest) = 'blob'),
    CHECK ((body IS NULL) = (salt IS NULL))
)""",
    """CREATE TABLE head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL,
    digest BLOB NOT NULL,
    at_us INTEGER NOT NULL
)""",
    f"INSERT INTO head (id, seq, digest, at_us) VALUES (1, 0, x'{GENESIS.hex()}', 0)",  # noqa: S608
    """CREATE TABLE assignments (
    reservation_id TEXT PRIMARY KEY NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    call_id TEXT NOT NULL,
    team_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'accepted', 'ended')),
    expires_us INTEGER NOT NULL,
    decision TEXT NOT NULL,
    seq INTEGER NOT NULL UNIQUE REFERENCES events (seq) DEFERRABLE INITIALLY DEFERRED
)""",
    *_INDEXES,
    """CREATE TRIGGER events_without_gap BEFORE INSERT ON events
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'events are appended one after the other'); END""",
    f"""CREATE TRIGGER events_stay BEFORE UPDATE ON events
WHEN NOT ({_TOMBSTONE})
BEGIN SELECT RAISE(ABORT, 'events are never changed; retention removes body and salt only'); END""",
    """CREATE TRIGGER events_are_kept BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END""",
    """CREATE TRIGGER head_moves_on BEFORE UPDATE ON head
WHEN NEW.seq <= OLD.seq OR NEW.at_us < OLD.at_us
BEGIN SELECT RAISE(ABORT, 'the head never moves back'); END""",
    """CREATE TRIGGER head_is_kept BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'the head is never deleted'); END""",
    """CREATE TRIGGER open_assignments_are_kept BEFORE DELETE ON assignments
WHEN OLD.state <> 'ended'
BEGIN SELECT RAISE(ABORT, 'an open assignment is never deleted'); END""",
)


def _guard(name: str, when: str, what: str, says: str, *, each: str = "ROW") -> tuple[str, ...]:
    """Write a trigger function that refuses, and the trigger that calls it."""
    table = when.rpartition(" ")[2]
    result = "NULL" if each == "STATEMENT" else ("OLD" if "DELETE" in when else "NEW")
    return (
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {what} THEN RAISE EXCEPTION '{table}: {says}'; END IF;
    RETURN {result};
END $$""",
        f"CREATE TRIGGER {name} {when} FOR EACH {each} EXECUTE FUNCTION {name}()",
    )


POSTGRESQL_1 = (
    """CREATE TABLE migrations (
    version bigint PRIMARY KEY,
    name text NOT NULL
)""",
    """CREATE TABLE events (
    seq bigint PRIMARY KEY CHECK (seq > 0),
    at_us bigint NOT NULL,
    kind text NOT NULL,
    schema bigint NOT NULL,
    body text,
    salt bytea,
    body_digest bytea NOT NULL,
    digest bytea NOT NULL,
    CHECK ((body IS NULL) = (salt IS NULL))
)""",
    """CREATE TABLE head (
    id bigint PRIMARY KEY CHECK (id = 1),
    seq bigint NOT NULL,
    digest bytea NOT NULL,
    at_us bigint NOT NULL
)""",
    rf"INSERT INTO head (id, seq, digest, at_us) VALUES (1, 0, '\x{GENESIS.hex()}', 0)",  # noqa: S608
    """CREATE TABLE assignments (
    reservation_id text PRIMARY KEY,
    idempotency_key text NOT NULL UNIQUE,
    call_id text NOT NULL,
    team_id text NOT NULL,
    state text NOT NULL CHECK (state IN ('reserved', 'accepted', 'ended')),
    expires_us bigint NOT NULL,
    decision text NOT NULL,
    seq bigint NOT NULL UNIQUE REFERENCES events (seq) DEFERRABLE INITIALLY DEFERRED
)""",
    *_INDEXES,
    *_guard(
        "events_without_gap",
        "BEFORE INSERT ON events",
        "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events)",
        "are appended one after the other",
    ),
    *_guard(
        "events_stay",
        "BEFORE UPDATE ON events",
        f"NOT ({_TOMBSTONE})",
        "are never changed; retention removes body and salt only",
    ),
    *_guard("events_are_kept", "BEFORE DELETE ON events", "true", "are never deleted"),
    *_guard(
        "events_are_not_truncated",
        "BEFORE TRUNCATE ON events",
        "true",
        "are never deleted",
        each="STATEMENT",
    ),
    *_guard(
        "head_moves_on",
        "BEFORE UPDATE ON head",
        "NEW.seq <= OLD.seq OR NEW.at_us < OLD.at_us",
        "never moves back",
    ),
    *_guard("head_is_kept", "BEFORE DELETE ON head", "true", "is never deleted"),
    *_guard(
        "open_assignments_are_kept",
        "BEFORE DELETE ON assignments",
        "OLD.state <> 'ended'",
        "an open one is never deleted",
    ),
)
