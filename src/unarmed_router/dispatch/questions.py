"""Which questions to ask, and in which order: the fewest that settle a call, the weightiest first.

The influence of an unknown fact is the share of all completions of the other unknowns in which its
answer changes the outcome (the Banzhaf index of a vote: Banzhaf 1965). A fact without influence is
not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import product

from unarmed_router.model.call import Answer

__all__ = ["MOST_ENUMERATED", "questions_by_influence"]

Completion = Mapping[str, Answer]

MOST_ENUMERATED = 10
"""Beyond so many unknowns all are asked, in the policy's order: 2**10 completions are judged."""


def questions_by_influence(
    unknown: tuple[str, ...],
    outcome: Callable[[Completion], Hashable],
    settled: Callable[[Completion], bool],
) -> tuple[str, ...]:
    """Choose and order the facts to ask about.

    Parameters
    ----------
    unknown : tuple of str
        Unknown facts that some open rule looks at, in the policy's order.
    outcome : callable
        What becomes of the call when the unknown facts have these answers.
    settled : callable
        Whether the call is settled when these facts are answered and the others stay unknown.

    Returns
    -------
    tuple of str
        Greatest influence first, equals in the policy's order. Whatever is answered to all of
        them, the call is settled, and no one of them could be left out for that: facts without
        influence are among them only where Kleene's logic needs one to see what all completions
        agree on.
    """
    if len(unknown) > MOST_ENUMERATED:
        return unknown
    outcomes = {
        tuple(completion.values()): outcome(completion) for completion in _completions(unknown)
    }
    weight = {fact: _changes(outcomes, place) for place, fact in enumerate(unknown)}
    ordered = sorted(unknown, key=lambda fact: -weight[fact])

    def settle(facts: tuple[str, ...]) -> bool:
        return bool(facts) and all(settled(completion) for completion in _completions(facts))

    asked = tuple(fact for fact in ordered if weight[fact])
    for fact in ordered:
        if settle(asked):
            break
        if not weight[fact]:
            asked = (*asked, fact)
    for fact in [fact for fact in asked if not weight[fact]]:
        fewer = tuple(other for other in asked if other != fact)
        asked = fewer if settle(fewer) else asked
    return asked


def _completions(facts: tuple[str, ...]) -> Iterator[Completion]:
    for answers in product((Answer.YES, Answer.NO), repeat=len(facts)):
        yield dict(zip(facts, answers, strict=True))


def _changes(outcomes: Mapping[tuple[Answer, ...], Hashable], place: int) -> int:
    """Count the completions in which the answer at a place changes the outcome."""
    return sum(
        outcomes[answers] != outcomes[(*answers[:place], Answer.NO, *answers[place + 1 :])]
        for answers in outcomes
        if answers[place] is Answer.YES
    )
