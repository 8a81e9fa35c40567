"""Several things done by threads at once."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

__all__ = ["together"]


def together(*works: Callable[[], None]) -> None:
    """Begin all at one moment, wait for all, and raise what any of them raised."""
    failed: list[BaseException] = []
    barrier = Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:  # told to the test
            failed.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
