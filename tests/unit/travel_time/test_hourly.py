"""One engine an hour: built once, kept, and shared between threads."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier, Event
from time import sleep

import numpy as np
import numpy.typing as npt
import pytest

from unarmed_router.errors import InputError
from unarmed_router.model.location import RoadPosition
from unarmed_router.travel_time.hourly import HourlyTravelTimes

HERE = RoadPosition(0, -1, 0.0, 0.0, 0)


class Constant:
    """An engine that answers its metric."""

    def __init__(self, arc_ms: npt.NDArray[np.int32]) -> None:
        self.ms = int(arc_ms[0])

    def from_positions(
        self, origins: Sequence[RoadPosition], destination: RoadPosition
    ) -> list[int | None]:
        """Return the same time for all."""
        assert destination is HERE
        return [self.ms] * len(origins)


class Workshop:
    """Builds engines and remembers which."""

    def __init__(self) -> None:
        self.built: list[int] = []

    def metric_of(self, hour: int) -> npt.NDArray[np.int32]:
        """Return a metric that tells the hour."""
        return np.array([hour], dtype=np.int32)

    def engine_of(self, arc_ms: npt.NDArray[np.int32]) -> Constant:
        """Build slowly, so that threads meet."""
        sleep(0.01)
        self.built.append(int(arc_ms[0]))
        return Constant(arc_ms)

    def times(self, keep: int = 24) -> HourlyTravelTimes:
        """Return travel times by the hour of the day."""
        return HourlyTravelTimes(
            hour_at=lambda at: at.hour,
            metric_of=self.metric_of,
            engine_of=self.engine_of,
            keep=keep,
        )


def hour(number: int) -> datetime:
    """Return an instant in an hour of the day."""
    return datetime(2024, 1, 1, number, 30, tzinfo=UTC)


def test_a_trip_takes_the_metric_of_its_hour() -> None:
    """The hour of departure selects the engine."""
    times = Workshop().times()
    assert times.to_call([HERE, HERE], HERE, hour(3)) == [3, 3]
    assert times.to_call([HERE], HERE, hour(17)) == [17]


def test_an_engine_is_built_once_an_hour() -> None:
    """The second call of an hour finds the engine of the first."""
    workshop = Workshop()
    times = workshop.times()
    for number in (3, 3, 4, 3):
        times.to_call([HERE], HERE, hour(number))
    assert workshop.built == [3, 4]


def test_the_least_recently_used_engine_goes_first() -> None:
    """With room for two, hour 3 stays because it was asked for again."""
    workshop = Workshop()
    times = workshop.times(keep=2)
    for number in (3, 4, 3, 5, 3, 4):
        times.to_call([HERE], HERE, hour(number))
    assert workshop.built == [3, 4, 5, 4]


def test_an_engine_that_was_let_go_is_built_again() -> None:
    """Also when it was the last one asked before those that pushed it out."""
    workshop = Workshop()
    times = workshop.times(keep=1)
    for number in (3, 3, 4, 4, 3):
        assert times.to_call([HERE], HERE, hour(number)) == [number]
    assert workshop.built == [3, 4, 3]


def test_threads_that_need_one_hour_build_it_once() -> None:
    """The others wait for the first."""
    workshop = Workshop()
    times = workshop.times()
    together = Barrier(4)

    def ask() -> Sequence[int | None]:
        together.wait()
        return times.to_call([HERE], HERE, hour(3))

    with ThreadPoolExecutor(4) as pool:
        answers = [job.result() for job in [pool.submit(ask) for _ in range(4)]]
    assert answers == [[3]] * 4
    assert workshop.built == [3]


def test_building_one_hour_does_not_hold_up_another() -> None:
    """While hour 3 is built, hour 4 answers."""
    entered, release = Event(), Event()

    def engine_of(arc_ms: npt.NDArray[np.int32]) -> Constant:
        if arc_ms[0] == 3:
            entered.set()
            assert release.wait(10)
        return Constant(arc_ms)

    times = HourlyTravelTimes(
        hour_at=lambda at: at.hour, metric_of=Workshop().metric_of, engine_of=engine_of
    )
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(times.to_call, [HERE], HERE, hour(3))
        assert entered.wait(10)
        assert times.to_call([HERE], HERE, hour(4)) == [4]
        release.set()
        assert slow.result() == [3]


def test_a_build_that_fails_is_tried_again() -> None:
    """An error reaches the caller and spoils nothing."""
    faults = [ValueError("no such hour")]

    def engine_of(arc_ms: npt.NDArray[np.int32]) -> Constant:
        if faults:
            raise faults.pop()
        return Constant(arc_ms)

    times = HourlyTravelTimes(
        hour_at=lambda at: at.hour, metric_of=Workshop().metric_of, engine_of=engine_of
    )
    with pytest.raises(ValueError, match="no such hour"):
        times.to_call([HERE], HERE, hour(3))
    assert times.to_call([HERE], HERE, hour(3)) == [3]


def test_at_least_one_engine_is_kept() -> None:
    """Keeping none would build one a call."""
    with pytest.raises(InputError, match="keep is 0"):
        Workshop().times(keep=0)
