"""Which calls of a ledger are looked at: those received in a window, as of a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from unarmed_router.errors import InputError
from unarmed_router.ledger.store import Recorded
from unarmed_router.model.call import in_utc

__all__ = ["Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """Calls received from one moment until before another.

    Parameters
    ----------
    since, until : datetime or None
        Ledger time of receipt, half-open; None is open.
    as_of : datetime or None
        Outcomes as they were just before then; None as the ledger ends.
    """

    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("since", "until", "as_of"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, in_utc(value, name))
        if self.since is not None and self.until is not None and self.since > self.until:
            raise InputError(
                f"the window ends at {self.until.isoformat()}, before it begins at "
                f"{self.since.isoformat()}"
            )

    def holds(self, at: datetime) -> bool:
        """Tell whether a call of that receipt belongs to it."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    def up_to(self, recorded: Iterable[Recorded]) -> Iterator[Recorded]:
        """Yield the events that had happened by `as_of`; ledger time never runs backwards."""
        for each in recorded:
            if self.as_of is not None and each.at >= self.as_of:
                return
            yield each
