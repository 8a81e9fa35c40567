"""Replications: the same question with other random numbers, spread over processes."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeAlias, TypeVar

from unarmed_router.errors import InputError

__all__ = ["Progress", "continued", "replicate"]

T = TypeVar("T")

Progress: TypeAlias = Callable[[int, int], None]
"""Told the replications done and the most there can be."""


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
        several processes.
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
    KeyboardInterrupt
        As it comes; processes that play are ended, not waited for.
    """
    if min(most, processes) < 1:
        raise InputError(f"most {most} and processes {processes} must be at least 1")
    done: list[T] = []
    if progress is not None:
        progress(0, most)
    results = (play(number) for number in range(most)) if processes == 1 else None
    for result in results if results is not None else _spread(play, most, processes):
        done.append(result)
        if progress is not None:
            progress(len(done), most)
        if enough is not None and enough(done):
            break
    return done


def continued(progress: Progress | None, *, done: int, most: int) -> Progress | None:
    """Return what counts on from replications done before, to the most of all together."""
    if progress is None:
        return None
    return lambda more, _: progress(done + more, most)


def _spread(play: Callable[[int], T], most: int, processes: int) -> Iterator[T]:
    """Yield results in order of number while some processes work ahead."""
    # Started afresh: a forked process would share the threads and locks of compiled code.
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_hear_no_keys) as pool:
        numbers = iter(range(most))
        ahead: list[Future[T]] = []
        try:
            ahead += [pool.submit(play, n) for n in islice(numbers, processes + 1)]
            while ahead:
                result = ahead.pop(0).result()
                ahead += [pool.submit(play, n) for n in islice(numbers, 1)]
                yield result
        except KeyboardInterrupt:
            # Nobody waits for what is being played: without this the pool plays it to its end.
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise
        finally:
            for each in ahead:
                each.cancel()


def _hear_no_keys() -> None:
    """Leave an interrupt from the keyboard to the process that waits: it ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
