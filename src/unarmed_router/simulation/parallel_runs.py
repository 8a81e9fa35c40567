"""Replications: the same question with other random numbers, spread over processes."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from itertools import islice
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

from unarmed_router.errors import InputError, ProcessLostError

__all__ = ["Players", "Progress", "continued", "replicate"]

T = TypeVar("T")

Progress: TypeAlias = Callable[[int, int], None]
"""Told the replications done and the most there can be."""


class Players:
    """Processes that play replications, and stay for the next question.

    A process takes seconds to start, and more until it has read what it plays and prepared its
    travel times; questions that belong together, such as two plans, ask the same processes.

    Parameters
    ----------
    processes : int
        At least 1; 1 is this very process. The others start when there is something to play.

    Raises
    ------
    InputError
        Below 1.

    Notes
    -----
    A context manager: its end waits for what is being played; after an exception, an interrupt from
    the keyboard among them, it ends the processes, as nobody will look at what they play.
    """

    def __init__(self, processes: int = 1) -> None:
        if processes < 1:
            raise InputError(f"processes {processes} must be at least 1")
        self.processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._own: set[BaseProcess] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is None:
            return
        if kind is not None:  # without this the pool plays on to the end
            for process in self._own:
                process.terminate()
        self._pool.shutdown(cancel_futures=True)
        self._pool, self._own = None, set()

    def replicate(
        self,
        play: Callable[[int], T],
        *,
        most: int,
        enough: Callable[[list[T]], bool] | None = None,
        progress: Progress | None = None,
    ) -> list[T]:
        """Play replications until there are enough; see `replicate`."""
        if most < 1:
            raise InputError(f"most {most} must be at least 1")
        done: list[T] = []
        if progress is not None:
            progress(0, most)
        results = (play(number) for number in range(most)) if self.processes == 1 else None
        for result in results if results is not None else self._spread(play, most):
            done.append(result)
            if progress is not None:
                progress(len(done), most)
            if enough is not None and enough(done):
                break
        return done

    def _spread(self, play: Callable[[int], T], most: int) -> Iterator[T]:
        """Yield results in order of number while the processes work ahead."""
        pool, pickled = self._started(), pickle.dumps(play)
        numbers = iter(range(most))
        ahead: list[Future[T]] = []
        try:
            ahead += [self._asked(pool, pickled, n) for n in islice(numbers, self.processes + 1)]
            while ahead:
                result = ahead.pop(0).result()
                ahead += [self._asked(pool, pickled, n) for n in islice(numbers, 1)]
                yield result
        except BrokenProcessPool:
            pool.shutdown(cancel_futures=True)
            self._pool, self._own = None, set()  # the next question has new ones
            raise ProcessLostError(
                "a process that played replications ended by itself. Either the system killed it, "
                "as for want of memory: play with fewer processes. Or it could not start: each "
                "process reads the script that asks anew, which must be a file and must keep what "
                'it asks under `if __name__ == "__main__":`'
            ) from None
        finally:
            for each in ahead:
                each.cancel()

    def _asked(self, pool: ProcessPoolExecutor, pickled: bytes, number: int) -> Future[Any]:
        """Ask for a replication, and note the process that the pool may start for it.

        A pool does not tell which processes are its own, and there may be others.
        """
        others = set(multiprocessing.active_children())
        future = pool.submit(_played, pickled, number)
        self._own |= set(multiprocessing.active_children()) - others
        return future

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Started afresh: a forked process would share the threads and locks of compiled code.
            self._pool = ProcessPoolExecutor(
                self.processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_hear_no_keys,
            )
        return self._pool


def replicate(
    play: Callable[[int], T],
    *,
    most: int,
    processes: int = 1,
    enough: Callable[[list[T]], bool] | None = None,
    progress: Progress | None = None,
) -> list[T]:
    """Play replications until there are enough.

    Parameters
    ----------
    play : callable
        Plays one replication by its number, from 0; a value that can be pickled when there are
        several processes. Each of them unpickles it once, so that what it reads it can keep.
    most : int
        No more than this; at least 1.
    processes : int
        At least 1. Results do not depend on it: they come, and are looked at, in order of number.
    enough : callable, optional
        Given the results so far, whether to stop; asked after each.
    progress : callable, optional
        Told the replications done and the most there can be, before the first one too.

    Returns
    -------
    list
        One result a replication, in order of number.

    Raises
    ------
    InputError
        A number below 1.
    ProcessLostError
        A process ended by itself.
    Exception
        Whatever a replication raises, and KeyboardInterrupt as it comes; processes that play are
        ended, not waited for.
    """
    with Players(processes) as players:
        return players.replicate(play, most=most, enough=enough, progress=progress)


def continued(progress: Progress | None, *, done: int, most: int) -> Progress | None:
    """Return what counts on from replications done before, to the most of all together."""
    if progress is None:
        return None
    return lambda more, _: progress(done + more, most)


def _played(pickled: bytes, number: int) -> Any:
    """Play one replication, in a process of its own."""
    return _taken_up(pickled)(number)


@lru_cache(maxsize=1)
def _taken_up(pickled: bytes) -> Callable[[int], Any]:
    """Return what is to be played, read once for all replications of a question.

    What it has loaded, such as an agency, is kept with it, until the process is asked another
    question.
    """
    play: Callable[[int], Any] = pickle.loads(pickled)  # noqa: S301  # from the process that asks
    return play


def _hear_no_keys() -> None:
    """Leave an interrupt from the keyboard to the process that waits: it ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
