"""Replications in order, on one process or several, until there are enough."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from unarmed_router.errors import InputError, ProcessLostError
from unarmed_router.simulation.parallel_runs import Players, continued, replicate


def square(number: int) -> int:
    """Stand in for a simulation; found by name in another process."""
    return number * number


class Keeping:
    """Something to play that keeps what it has read; says where, and for the how manieth time."""

    def __init__(self) -> None:
        self.played = 0

    def __call__(self, _: int) -> tuple[int, int]:
        """Count."""
        time.sleep(0.05)  # so that both processes get their part
        self.played += 1
        return os.getpid(), self.played


def interrupted(number: int) -> int:
    """Press Ctrl-C for the process that waits, and play on for long."""
    os.kill(os.getppid(), signal.SIGINT)
    time.sleep(60)
    return number


def test_they_come_in_order_of_number() -> None:
    """One process or two make no difference to the results."""
    assert replicate(square, most=5) == [0, 1, 4, 9, 16]
    assert replicate(square, most=5, processes=2) == [0, 1, 4, 9, 16]


def test_a_process_keeps_what_it_plays() -> None:
    """What one replication has read another one finds: it is not read for each of them."""
    with Players(2) as players:
        told = players.replicate(Keeping(), most=8)
    for process in {process for process, _ in told}:
        times = [played for where, played in told if where == process]
        assert times == [*range(1, len(times) + 1)]


def test_processes_stay_for_the_next_question() -> None:
    """They start once; another question is played from its own beginning."""
    other = Keeping()
    other.played = 100
    with Players(2) as players:
        first = players.replicate(Keeping(), most=8)
        second = players.replicate(other, most=8)
        assert {process for process, _ in second} <= {process for process, _ in first}
        assert min(played for _, played in second) == 101
    assert not multiprocessing.active_children()


def test_one_process_is_this_one() -> None:
    """Nothing is started for it."""
    with Players(1) as players:
        assert {process for process, _ in players.replicate(Keeping(), most=2)} == {os.getpid()}


def test_progress_counts_on_from_runs_before() -> None:
    """The second of two scenarios of five replications begins at five of ten."""
    seen: list[tuple[int, int]] = []
    replicate(square, most=5, progress=continued(lambda *at: seen.append(at), done=5, most=10))
    assert seen == [(done, 10) for done in range(5, 11)]
    assert continued(None, done=5, most=10) is None


@pytest.mark.parametrize("processes", [1, 2])
def test_it_stops_when_there_are_enough(processes: int) -> None:
    """Work that ran ahead is not among the results."""
    seen: list[tuple[int, int]] = []
    found = replicate(
        square,
        most=50,
        processes=processes,
        enough=lambda done: len(done) == 3,
        progress=lambda done, most: seen.append((done, most)),
    )
    assert found == [0, 1, 4]
    assert seen == [(0, 50), (1, 50), (2, 50), (3, 50)]  # how many there may be is told at once


def test_an_error_of_one_replication_is_raised() -> None:
    """It does not vanish in a process."""
    with pytest.raises(ZeroDivisionError):
        replicate(lambda number: 1 // number, most=2)


def killed(number: int) -> int:
    """End as a process does that the system kills."""
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_process_that_is_killed_is_told() -> None:
    """What may have happened is said; no process is left, and the next question has new ones."""
    with pytest.raises(ProcessLostError, match=r"fewer processes.*__main__"):
        replicate(killed, most=3, processes=2)
    assert not multiprocessing.active_children()
    with Players(2) as players:
        with pytest.raises(ProcessLostError):
            players.replicate(killed, most=3)
        assert players.replicate(square, most=3) == [0, 1, 4]


@dataclass
class Failing:
    """Fail at once in one replication, and play on in the others; leave a mark at the end."""

    mark: Path

    def __call__(self, number: int) -> None:
        """Play."""
        if number == 0:
            raise InputError("no such thing")
        time.sleep(5)
        self.mark.touch()


def test_processes_of_somebody_else_are_left_alone() -> None:
    """One that the program starts while it asks plays on when the question fails."""
    other = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    try:
        with pytest.raises(ZeroDivisionError), Players(2) as players:  # noqa: PT012
            players.replicate(square, most=1)
            other.start()
            players.replicate(square, most=4)
            raise ZeroDivisionError
        assert other.is_alive()
        assert multiprocessing.active_children() == [other]
    finally:
        other.terminate()
        other.join()


def test_an_error_waits_for_nobody(tmp_path: Path) -> None:
    """It is told as soon as it is known: nobody will read what the others play."""
    with pytest.raises(InputError, match="no such thing"):
        replicate(Failing(tmp_path / "mark"), most=2, processes=2)
    assert not multiprocessing.active_children()
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(("most", "processes"), [(0, 1), (1, 0)])
def test_numbers_below_one_are_refused(most: int, processes: int) -> None:
    """There is no such thing as no replication."""
    with pytest.raises(InputError, match="0 must be at least 1"):
        replicate(square, most=most, processes=processes)


@pytest.fixture
def _hears_keys() -> Iterator[None]:
    """Hear Ctrl-C, also where the tests were started in the background of a shell that bars it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_hears_keys")
def test_an_interrupt_waits_for_nobody() -> None:
    """The processes that play are ended; none is left that would play on."""
    before = set(multiprocessing.active_children())
    with pytest.raises(KeyboardInterrupt):
        replicate(interrupted, most=1, processes=2)
    assert set(multiprocessing.active_children()) <= before
