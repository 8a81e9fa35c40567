"""What the shared logic of a ledger needs of a database: the seam between SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Protocol, TypeAlias

__all__ = ["Database", "DialectName", "Row", "Session"]

Row: TypeAlias = tuple[Any, ...]
DialectName: TypeAlias = Literal["sqlite", "postgresql"]


class Session(Protocol):
    """One connection; statements are written with ``?`` and raise only `LedgerError`."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a query and fetch all of it."""

    def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed."""

    def each(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run a statement once a row, all at once; return how many rows of the table changed."""

    def begin(self) -> None:
        """Start a transaction that may write; SQLite takes its lock here."""

    def hold(self, head: str) -> list[Row]:
        """Start a transaction that may write, and read the head under its lock."""

    def snapshot(self) -> None:
        """Start a transaction that reads one state of everything, whoever writes meanwhile."""

    def commit(self) -> None:
        """End it, durably; `LedgerLostError` is in doubt here and nowhere else."""

    def rollback(self) -> bool:
        """Undo it; quiet when there is none. False where the connection cannot be used again.

        It is gone, or something else than an error broke a statement off in the middle.
        """

    def version(self) -> int:
        """Return the version of the tables; 0 where there are none yet."""

    def prepare(self) -> None:
        """Make room for tables, within the transaction that makes or changes them."""

    def mark(self, version: int) -> None:
        """Note the version of the tables, where the database itself has a place for it."""

    def close(self) -> None:
        """Let go of it, whatever state it is in."""


class Database(Protocol):
    """Where a ledger is kept.

    Attributes
    ----------
    name : str
        For messages: a path or an address, never with a password.
    dialect : {"sqlite", "postgresql"}
        Which statements it takes.
    head : str
        Statement that reads the head, locking it where `Session.begin` has not.
    """

    name: str
    dialect: DialectName
    head: str

    def connect(self, *, reading: bool = False) -> Session:
        """Open a connection; one for reading refuses to write."""

    def faults(self, session: Session, statements: Sequence[str]) -> list[str]:
        """Say what the database itself finds wrong with its files, and with tables and guards.

        Parameters
        ----------
        session : Session
            A connection.
        statements : sequence of str
            Those that made the tables.
        """

    def warnings(self, session: Session) -> list[str]:
        """Say which settings of the database weaken what a ledger promises."""

    def forget(self) -> None:
        """Overwrite what a purge removed, as far as the database can.

        On a connection of its own: the ledger's may be in the middle of an act.
        """
