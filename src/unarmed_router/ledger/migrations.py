"""The tables of a ledger through the releases: forward only, each step in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unarmed_router.errors import LedgerVersionError
from unarmed_router.ledger.session import Database, Session
from unarmed_router.ledger.tables import POSTGRESQL_1, SQLITE_1

__all__ = ["MIGRATIONS", "Migration", "check_migrated", "migrate"]


@dataclass(frozen=True, slots=True)
class Migration:
    """One step.

    Parameters
    ----------
    version : int
        Of the tables after it; one more than before.
    name : str
        What it does, for the record.
    sqlite, postgresql : tuple of str
        Its statements, in order.
    """

    version: int
    name: str
    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...]


MIGRATIONS = (Migration(1, "events, head, assignments", SQLITE_1, POSTGRESQL_1),)
"""Every step so far; released ones are never changed."""

_RECORD = "INSERT INTO migrations (version, name) VALUES (?, ?)"


def migrate(
    database: Database, session: Session, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Bring the tables to the newest version known.

    Parameters
    ----------
    database : Database
        For its dialect and its name.
    session : Session
        An open connection.
    migrations : sequence of Migration
        In order of version.

    Raises
    ------
    LedgerVersionError
        The tables are newer than the last migration: they may mean something this code does not
        know.
    LedgerError
        A step failed; the tables are as they were before it.
    """
    stored = _known_version(database, session, migrations)
    for step in migrations:
        if step.version > stored:
            _apply(database, session, step)


def check_migrated(
    database: Database, session: Session, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Refuse tables that are not of the newest version known: whoever only reads changes none.

    Raises
    ------
    LedgerVersionError
        There are none, or they are older or newer.
    """
    stored, newest = _known_version(database, session, migrations), migrations[-1].version
    if stored == 0:
        raise LedgerVersionError(f"{database.name} is no ledger: it has no tables")
    if stored < newest:
        raise LedgerVersionError(
            f"{database.name} has tables of version {stored}, and version {newest} is read here; "
            "copy it, and open the copy once to write, which brings it up to date"
        )


def _known_version(database: Database, session: Session, migrations: Sequence[Migration]) -> int:
    stored, newest = session.version(), migrations[-1].version
    if stored > newest:
        raise LedgerVersionError(
            f"{database.name} has tables of version {stored}; this library knows versions up to "
            f"{newest}: open it with the release that wrote it, or a later one"
        )
    return stored


def _apply(database: Database, session: Session, step: Migration) -> None:
    session.begin()
    try:
        session.prepare()
        if session.version() >= step.version:  # another process was quicker
            return
        for statement in getattr(step, database.dialect):
            session.change(statement)
        session.change(_RECORD, (step.version, step.name))
        session.mark(step.version)
        session.commit()
    finally:
        session.rollback()
