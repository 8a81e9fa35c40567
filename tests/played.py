"""A day in a ledger, played once for all tests that read one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.synthetic_day import Day
from unarmed_router.agency.folder import Agency
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.store import Ledger, Recorded
from unarmed_router.model.events import Event
from unarmed_router.model.policy import Policy

__all__ = ["Played", "altered", "copied"]


@dataclass(frozen=True)
class Played:
    """A day of an hour: after forty minutes another policy came into force."""

    path: Path
    ledger: SqlLedger
    agency: Agency
    later: Policy
    later_path: Path
    day: Day


def copied(events: Iterable[Recorded]) -> MemoryLedger:
    """Put events into a ledger in memory as they are, without asking whether they fit."""
    ledger = MemoryLedger(checked=False)
    ledger._log.events = [each._replace(seq=seq) for seq, each in enumerate(events, start=1)]
    ledger._log.seq = len(ledger._log.events)
    return ledger


def altered(
    ledger: Ledger,
    kind: type,
    change: Callable[[Any], Event | None],
    where: Callable[[Any], bool] = lambda _: True,
) -> tuple[MemoryLedger, int]:
    """Copy a ledger with the first event of a kind changed; return its number too."""
    events = list(ledger.read())
    seq = next(e.seq for e in events if isinstance(e.event, kind) and where(e.event))
    events[seq - 1] = events[seq - 1]._replace(event=change(events[seq - 1].event))
    return copied(events), seq
