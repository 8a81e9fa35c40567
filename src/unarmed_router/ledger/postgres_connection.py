"""A connection to a PostgreSQL server that does not wait for ever, and hears warnings."""

from __future__ import annotations

from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

from unarmed_router.ledger.session import Row

__all__ = ["Connection"]

T = TypeVar("T")


class Connection(psycopg.Connection[Row]):
    """A connection with a limit of its own.

    A server that is frozen, or waits for a standby that is gone, keeps the connection and never
    answers: its own time limits do not help then, and neither does TCP.

    Attributes
    ----------
    patience_s : float or None
        How long to wait for an answer, seconds; for ever when None.
    """

    patience_s: float | None = None

    def wait(self, gen: PQGen[T], *args: Any, **options: Any) -> T:
        """Wait for an answer, as psycopg does, but no longer than for `patience_s`."""
        if self.patience_s is not None:
            gen = self._bounded(gen, monotonic() + self.patience_s)
        return super().wait(gen, *args, **options)

    def _bounded(self, gen: PQGen[T], until: float) -> PQGen[T]:
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and monotonic() > until:  # psycopg looks ten times a second
                    self.pgconn.finish()
                    raise psycopg.OperationalError(
                        f"the server did not answer for {self.patience_s:g} s"
                    )
                wanted = gen.send(ready)
        except StopIteration as done:
            result: T = done.value
            return result
