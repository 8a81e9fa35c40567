"""Whether what several clients saw could have happened one after the other.

A history is linearizable when its operations can be put into one order in which each takes effect
at some moment between its call and its return, and each result is that of the same operations done
one at a time (Herlihy and Wing 1990, doi:10.1145/78969.78972). The search is that of Wing and Gong
1993 (doi:10.1006/jpdc.1993.1015): choose, among the operations that no other one precedes, one
whose result fits the state, and go on; with what Lowe 2017 (doi:10.1002/cpe.3928) adds: a set of
operations done and the state they led to is looked at once.

A history is linearizable when its part of each object is (locality, Herlihy and Wing, theorem 1),
so histories of many objects are checked object by object.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["Operation", "by_object", "linearizable", "linearization"]

State: TypeAlias = Hashable
Step: TypeAlias = Callable[[Any, Any], tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as its client saw it.

    Parameters
    ----------
    client : int
        Who did it.
    called, returned : int or None
        When, on one clock; `returned` is None where no answer came: it may have taken effect at
        any moment after its call, or never.
    what : object
        The operation with its arguments.
    result : object
        What it returned; of no meaning where `returned` is None.
    """

    client: int
    called: int
    returned: int | None
    what: Any
    result: Any = None


def by_object(
    history: Iterable[Operation], object_of: Callable[[Any], Hashable]
) -> dict[Hashable, list[Operation]]:
    """Part a history by the object each operation is on."""
    parts: dict[Hashable, list[Operation]] = defaultdict(list)
    for operation in history:
        parts[object_of(operation.what)].append(operation)
    return dict(parts)


def linearizable(history: Sequence[Operation], initial: State, step: Step) -> bool:
    """Tell whether some order explains a history; parameters as in `linearization`."""
    return linearization(history, initial, step) is not None


def linearization(
    history: Sequence[Operation], initial: State, step: Step
) -> list[Operation] | None:
    """Find an order that explains a history of one object; None where there is none.

    Parameters
    ----------
    history : sequence of Operation
        In any order.
    initial : hashable
        State of the object before it.
    step : callable
        Given a state and an operation, returns the next state and the result: the object as it
        would be with one client.
    """
    operations = sorted(history, key=lambda each: each.called)
    answered = sum(1 << place for place, o in enumerate(operations) if o.returned is not None)
    seen: set[tuple[int, State]] = set()
    stack: list[tuple[int, State, tuple[int, ...]]] = [(0, initial, ())]
    while stack:
        done, state, order = stack.pop()
        if done & answered == answered:
            return [operations[place] for place in order]
        if (done, state) in seen:
            continue
        seen.add((done, state))
        for place in _first(operations, done):
            operation = operations[place]
            after, result = step(state, operation.what)
            if operation.returned is None or result == operation.result:
                stack.append((done | 1 << place, after, (*order, place)))
    return None


def _first(operations: Sequence[Operation], done: int) -> list[int]:
    """Return the operations not done that were called before any of them had returned."""
    waiting = [place for place in range(len(operations)) if not done >> place & 1]
    ends = [r for place in waiting if (r := operations[place].returned) is not None]
    earliest = min(ends, default=None)
    return [place for place in waiting if earliest is None or operations[place].called <= earliest]
