"""The checker of histories, on histories known to be good and known to be bad."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.oracles.linearizability import (
    Operation,
    Step,
    by_object,
    linearizable,
    linearization,
)


def register(state: object, what: tuple[str, object]) -> tuple[object, object]:
    """Be a variable: ``("write", value)`` and ``("read", None)``."""
    kind, value = what
    return (value, None) if kind == "write" else (state, state)


def lock(state: object, what: tuple[str, object]) -> tuple[object, object]:
    """Be a lock: ``("take", client)`` says whether it was free, ``("free", client)`` frees it."""
    kind, who = what
    if kind == "free":
        return None, True
    return (who, True) if state is None else (state, False)


def write(client: int, called: int, returned: int | None, value: object) -> Operation:
    """Make a write."""
    return Operation(client, called, returned, ("write", value))


def read(client: int, called: int, returned: int | None, value: object) -> Operation:
    """Make a read that returned a value."""
    return Operation(client, called, returned, ("read", None), value)


def take(client: int, called: int, returned: int | None, got: bool) -> Operation:
    """Make an attempt at the lock."""
    return Operation(client, called, returned, ("take", client), got)


GOOD = {
    "nothing happened": [],
    "one after the other": [write(1, 0, 1, "a"), read(2, 2, 3, "a")],
    "a read beside a write sees it": [write(1, 0, 9, "a"), read(2, 1, 2, "a")],
    "a read beside a write does not": [write(1, 0, 9, "a"), read(2, 1, 2, 0)],
    "a write that takes effect after another that began later": [
        write(1, 0, 10, "a"),
        write(2, 1, 4, "b"),
        read(2, 5, 8, "a"),
        read(1, 12, 13, "a"),
    ],
    "an unanswered write took effect": [write(1, 0, None, "a"), read(2, 5, 6, "a")],
    "an unanswered write did not": [write(1, 0, None, "a"), read(2, 5, 6, 0)],
    "an unanswered write took effect late": [
        write(1, 0, None, "a"),
        read(2, 5, 6, 0),
        read(2, 7, 8, "a"),
    ],
    "touching intervals may go either way": [write(1, 0, 5, "a"), read(2, 5, 6, 0)],
}
BAD = {
    "a read of what nobody wrote": [read(1, 0, 1, "a")],
    "a stale read": [write(1, 0, 1, "a"), read(2, 2, 3, 0)],
    "a read from the future": [read(2, 0, 1, "a"), write(1, 2, 3, "a")],
    "new, then old": [
        write(1, 0, 1, "a"),
        write(1, 2, 20, "b"),
        read(2, 3, 4, "b"),
        read(2, 5, 6, "a"),
    ],
    "two readers disagree about the order": [
        write(1, 0, 20, "a"),
        write(2, 0, 20, "b"),
        read(3, 21, 22, "a"),
        read(4, 23, 24, "b"),
    ],
    "an unanswered write came and went": [
        write(1, 0, None, "a"),
        read(2, 5, 6, "a"),
        read(2, 7, 8, 0),
    ],
    "an unanswered write before its call": [read(2, 0, 1, "a"), write(1, 2, None, "a")],
}


@pytest.mark.parametrize("name", GOOD)
def test_good_histories_are_explained(name: str) -> None:
    """Some order exists, and it is one: replayed, it gives the results that were seen."""
    order = linearization(GOOD[name], 0, register)
    assert order is not None
    assert _explains(order, 0, register)


@pytest.mark.parametrize("name", BAD)
def test_bad_histories_are_not(name: str) -> None:
    """No order exists."""
    assert not linearizable(BAD[name], 0, register)


def test_two_winners_of_a_lock_are_caught() -> None:
    """What the race looks for: both believe they hold the team."""
    assert linearizable([take(1, 0, 5, True), take(2, 1, 6, False)], None, lock)
    assert not linearizable([take(1, 0, 5, True), take(2, 1, 6, True)], None, lock)
    assert not linearizable([take(1, 0, 5, False), take(2, 1, 6, False)], None, lock)


def test_a_lost_win_is_caught() -> None:
    """Held, never freed, and then free for somebody else."""
    freed = Operation(1, 6, 7, ("free", 1), True)
    again = take(2, 8, 9, True)
    assert linearizable([take(1, 0, 5, True), freed, again], None, lock)
    assert not linearizable([take(1, 0, 5, True), again], None, lock)


def test_objects_are_told_apart() -> None:
    """A history that mixes objects is parted by them."""
    history = [
        Operation(1, 0, 1, ("x", "write", 1)),
        Operation(2, 2, 3, ("y", "write", 2)),
        Operation(1, 4, 5, ("x", "read", None), 1),
    ]
    parts = by_object(history, lambda what: what[0])
    assert {key: len(part) for key, part in parts.items()} == {"x": 2, "y": 1}


def _explains(order: list[Operation], state: object, step: Step) -> bool:
    for operation in order:
        state, result = step(state, operation.what)
        if operation.returned is not None and result != operation.result:
            return False
    return True


def _naive(history: list[Operation], initial: object, step: Step) -> bool:
    """Try every order of every choice of unanswered operations."""
    answered = [o for o in history if o.returned is not None]
    open_ones = [o for o in history if o.returned is None]
    for count in range(len(open_ones) + 1):
        for chosen in itertools.combinations(open_ones, count):
            for order in itertools.permutations([*answered, *chosen]):
                ordered = all(
                    b.returned is None or a.called <= b.returned
                    for place, a in enumerate(order)
                    for b in order[place:]
                )
                if ordered and _explains(list(order), initial, step):
                    return True
    return False


def test_the_search_agrees_with_trying_every_order() -> None:
    """On small random histories, good and bad ones."""
    rng = random.Random(5)  # noqa: S311
    found = [0, 0]
    for _ in range(400):
        history = []
        for client in range(rng.randint(1, 5)):
            called = rng.randint(0, 8)
            returned = None if rng.random() < 0.15 else called + rng.randint(0, 6)
            value = rng.choice(["a", "b"])
            make = rng.choice([write, read])
            history.append(make(client, called, returned, value))
        expected = _naive(history, "a", register)
        assert linearizable(history, "a", register) is expected, history
        found[expected] += 1
    assert min(found) > 50


def test_long_histories_are_decided_quickly() -> None:
    """Six hundred operations of eight clients, thanks to what is remembered."""
    rng = random.Random(7)  # noqa: S311
    history, state, now = [], 0, 0
    for number in range(600):
        now += 2
        if rng.random() < 0.5:
            state = number
            history.append(write(number % 8, now - rng.randint(0, 3), now + 1, number))
        else:
            history.append(read(number % 8, now - rng.randint(0, 3), now + 1, state))
    assert linearizable(history, 0, register)
    assert not linearizable([*history, read(9, now + 9, now + 10, -1)], 0, register)
