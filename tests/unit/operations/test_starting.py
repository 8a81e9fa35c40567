"""Opening a shift on a ledger whose roads, speeds or traffic are others than here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from tests.ledgers import put
from tests.synthetic_day import Day
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.store import Recorded
from unarmed_router.model.events import AgencySet, Event, SpeedsSet
from unarmed_router.operations.data_changes import speeds_set
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.ledger_replay import Verdict, replay

OTHER = "0" * 64


@pytest.fixture
def day() -> Day:
    """Play some minutes on a ledger in memory."""
    day = Day(MemoryLedger(), seed=5)
    day.play(3)
    return day


def _wrote(day: Day, *events: Event) -> None:
    """Let another process write into the ledger."""
    put(day.ledger, *events, at=day.now, seen=day.shift.board.seq)


def _longer(day: Day) -> SpeedsSet:
    """Return traffic of a network of other arcs: twice as many."""
    traffic = day.router.speeds.with_live(dict.fromkeys(day.router.agency.network.classes, 1.5))
    assert traffic.live is not None
    return replace(speeds_set(replace(traffic, live=[*traffic.live] * 2)), profile=OTHER)  # type: ignore[arg-type]


def _traffic(day: Day) -> list[SpeedsSet]:
    return [each.event for each in day.ledger.read() if isinstance(each.event, SpeedsSet)]


def _replayed(day: Day) -> set[Verdict]:
    return set(replay(day.ledger, day.router.agency).counts)


@pytest.mark.parametrize("arcs", ["as many", "others"])
def test_traffic_of_other_roads_ends_with_them(day: Day, arcs: str) -> None:
    """The network was built anew: the shift opens, without traffic, as often as it is opened."""
    agency = day.shift.board.agency
    assert agency is not None
    known = replace(speeds_set(day.router.speeds), unit="factor", arcs=_longer(day).arcs)
    if arcs == "as many":
        day.shift.update_speeds(dict.fromkeys(day.router.agency.network.classes, 1.5))
        known = speeds_set(day.router.speeds)
    _wrote(day, replace(agency, network=OTHER, profile=OTHER), replace(known, profile=OTHER))
    for _ in range(2):
        day.restarted().play(3)
        assert day.router.speeds.live is None
    assert _traffic(day)[-1] == SpeedsSet(profile=agency.profile, unit=None, arcs=None)
    assert len(_traffic(day)) == (3 if arcs == "as many" else 2)
    assert _replayed(day) == {Verdict.SAME}


def test_traffic_goes_on_over_another_profile(day: Day) -> None:
    """The factors are the same and the times are not: the ledger has the new digest."""
    agency = day.shift.board.agency
    assert agency is not None
    day.shift.update_speeds(dict.fromkeys(day.router.agency.network.classes, 1.5))
    known = speeds_set(day.router.speeds)
    _wrote(day, replace(agency, profile=OTHER), replace(known, profile=OTHER))
    day.restarted().play(3)
    assert _traffic(day)[-1] == known
    assert _replayed(day) == {Verdict.SAME}


def test_traffic_that_was_in_force_before_is_on_record(day: Day) -> None:
    """A router may have had it before its first shift."""
    router = day.router
    router.update_speeds(dict.fromkeys(router.agency.network.classes, 1.5))
    day.ledger = MemoryLedger()
    day.shift = Dispatcher(router, day.ledger, keep=day.keep)
    day.shift = Dispatcher(router, day.ledger, keep=day.keep)
    assert [event.unit for event in _traffic(day)] == ["factor"]
    day.shift.receive(next(call for _ in range(99) for call in day._calls()))
    assert _replayed(day) == {Verdict.SAME}


def _slower(day: Day) -> SpeedsSet:
    """Return traffic by which each arc takes six hours, and ways of many arcs weeks."""
    times_ms = np.full(day.router.agency.network.arcs, 6 * 3_600_000, np.int32)
    return speeds_set(replace(day.router.speeds, live_ms=times_ms))


@pytest.mark.parametrize(
    ("traffic", "fault"), [(_longer, "live factors have shape"), (_slower, "a way through lower")]
)
def test_traffic_that_cannot_be_here_stops_no_call(
    day: Day,
    caplog: pytest.LogCaptureFixture,
    traffic: Callable[[Day], SpeedsSet],
    fault: str,
) -> None:
    """Another process has newer roads: calls are decided on those here, and it is said."""
    _wrote(day, replace(traffic(day), profile=OTHER))
    with caplog.at_level(logging.WARNING, logger="unarmed_router"):
        day.shift.receive(next(call for _ in range(99) for call in day._calls()))
    assert f"live traffic of the ledger is not in force here: {fault}" in caplog.text
    assert day.router.speeds.live is None
    assert day.router.speeds.live_ms is None
    (agency,) = (e.event for e in day.ledger.read() if isinstance(e.event, AgencySet))
    assert agency == day.shift.board.agency


def test_traffic_that_comes_while_a_shift_is_opened_goes_on(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process reads the ledger when traffic is put in force: it follows it."""
    read, classes = day.ledger.read, day.router.agency.network.classes

    def slow(*, after: int = 0) -> Iterator[Recorded]:
        yield from read(after=after)
        monkeypatch.undo()
        first.shift.update_speeds(dict.fromkeys(classes, 1.5))

    first, second = day, copy(day)
    monkeypatch.setattr(day.ledger, "read", slow)
    second.restarted()
    first.shift.tick()
    assert [event.unit for event in _traffic(day)] == ["factor"]
    assert first.router.speeds.digest == second.router.speeds.digest == _traffic(day)[0].profile
    second.play(3)
    assert _replayed(day) == {Verdict.SAME}
