"""Replications: the same question with other random numbers, spread over processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

from unarmed_router.errors import InputError

__all__ = ["replicate"]

T = TypeVar("T")


def replicate(
    play: Callable[[int], T],
    *,
    most: int,
    processes: int = 1,
    enough: Callable[[list[T]], bool] | None = None,
    progress: Callable[[int, int], None] | None = None,
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
        Told the replications done and the most there can be.

    Returns
    -------
    list
        One result a replication, in order of number.

    Raises
    ------
    InputError
        A number below 1.
    """
    if min(most, processes) < 1:
        raise InputError(f"most {most} and processes {processes} must be at least 1")
    done: list[T] = []
    results = (play(number) for number in range(most)) if processes == 1 else None
    for result in results if results is not None else _spread(play, most, processes):
        done.append(result)
        if progress is not None:
            progress(len(done), most)
        if enough is not None and enough(done):
            break
    return done


def _spread(play: Callable[[int], T], most: int, processes: int) -> Iterator[T]:
    """Yield results in order of number while some processes work ahead."""
    # Started afresh: a forked process would share the threads and locks of compiled code.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=processes, mp_context=context) as pool:
        numbers = iter(range(most))
        ahead: list[Future[T]] = [pool.submit(play, n) for n in islice(numbers, processes + 1)]
        try:
            while ahead:
                result = ahead.pop(0).result()
                ahead += [pool.submit(play, n) for n in islice(numbers, 1)]
                yield result
        finally:
            for each in ahead:
                each.cancel()
