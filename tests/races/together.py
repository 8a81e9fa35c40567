"""Processes that start together, and what each of them has to tell."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["told_by"]


def told_by(act: Callable[..., None], whos: Sequence[int], *given: Any) -> list[Any]:
    """Let one process a number act; return what each of them sent, in order.

    Each gets its number, what is given, a barrier for all of them, and where to send once.
    """
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(len(whos))
    racers = []
    for who in whos:
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=act, args=(who, *given, start, sender))
        process.start()
        sender.close()  # a process that dies is an end of file here, not a wait for ever
        racers.append((process, receiver))
    told = []
    for process, receiver in racers:
        told.append(receiver.recv())
        process.join()
    return told
