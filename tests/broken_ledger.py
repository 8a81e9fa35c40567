"""A ledger in memory that fails when a test tells it to."""

from __future__ import annotations

from typing import Any

from unarmed_router.errors import LedgerError, LedgerFullError, LedgerLostError
from unarmed_router.ledger.memory import MemoryLedger

__all__ = ["Broken"]


class Broken(MemoryLedger):
    """A ledger that fails on demand, before or after it has written."""

    fails = ""

    def transaction(self, *, seen: int, digest: str = "") -> Any:
        """Hold it, or fail."""
        if self.fails == "before":
            raise LedgerError("the disk is gone")
        real = super().transaction(seen=seen, digest=digest)
        kinds: dict[str, type] = {"in doubt": _InDoubt, "full": _Full}
        return kinds[self.fails](real) if self.fails in kinds else real


class _InDoubt:
    """The commit happens and its answer is lost."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __enter__(self) -> Any:
        return self._real.__enter__()

    def __exit__(self, *what: object) -> None:
        self._real.__exit__(*what)
        if what[0] is None:
            raise LedgerLostError("no answer", in_doubt=True)


class _Full:
    """It can be held and read, and nothing more is written."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __enter__(self) -> Any:
        self.news = self._real.__enter__().news
        return self

    def __exit__(self, *what: object) -> None:
        self._real.__exit__(*what)

    def append(self, *_: object, **__: object) -> None:
        """Refuse to."""
        raise LedgerFullError("no space is left")
