"""A day in a ledger, played once for all tests that read one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.operations.synthetic_day import Day, other_policy
from unarmed_router.agency.folder import Agency
from unarmed_router.agency.policy_file import load_policy
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.store import Ledger, Recorded
from unarmed_router.model.events import Event
from unarmed_router.model.program import Policy

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


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Play the day once, in an SQLite file; tests only read it."""
    folder = tmp_path_factory.mktemp("day")
    ledger = open_ledger(folder / "day.db")
    day = Day(ledger, seed=2)
    day.play(40)
    path = other_policy(folder)
    day.shift.reload_policy(path)
    day.play(20)
    agency = day.router.agency
    numbers = {division.number for division in agency.partition.divisions}
    later = load_policy(path, divisions=numbers, partition=agency.partition)
    yield Played(folder / "day.db", ledger, agency, later, path, day)
    ledger.close()


def copied(events: Iterable[Recorded]) -> MemoryLedger:
    """Put events into a ledger in memory as they are, without asking whether they fit."""
    ledger = MemoryLedger(checked=False)
    ledger._log.events = [replace(each, seq=seq) for seq, each in enumerate(events, start=1)]
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
    events[seq - 1] = replace(events[seq - 1], event=change(events[seq - 1].event))
    return copied(events), seq
