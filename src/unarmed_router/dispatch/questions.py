"""Which questions to ask, and in which order: the fewest that settle a call, the weightiest first.

The influence of an unknown fact is the share of all completions of the other unknowns in which its
answer changes the outcome (the Banzhaf index of a vote: Banzhaf 1965). A fact with influence must
be asked: two completions differ in it alone and end differently. All of those together fix the
outcome, so no fewer can. Where Kleene's logic still cannot see what every completion agrees on, it
needs other facts too: subsets of those are tried by growing size, and the first that settles the
call is taken. So the number of questions is the least there is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import combinations, product

from unarmed_router.model.call import Answer

__all__ = ["MOST_ENUMERATED", "fewest_questions"]

Completion = Mapping[str, Answer]

MOST_ENUMERATED = 12
"""Beyond so many unknowns all are asked, in the policy's order: 2**12 completions are judged."""


def fewest_questions(
    unknown: tuple[str, ...], end: Callable[[Completion], Hashable | None]
) -> tuple[str, ...]:
    """Choose and order the facts to ask about.

    Parameters
    ----------
    unknown : tuple of str
        Unknown facts that some open rule looks at, in the policy's order.
    end : callable
        What becomes of the call when these facts are answered and the others stay unknown; None
        while it is open. With every fact of `unknown` answered it is never None.

    Returns
    -------
    tuple of str
        A least set of facts such that, whatever is answered to all of them, the call is settled
        and no other answer changes the outcome: greatest influence first, equals in the policy's
        order; of equally small sets the one whose facts come first in the policy.
    """
    if len(unknown) > MOST_ENUMERATED:
        return unknown
    ends = {tuple(answers.values()): end(answers) for answers in _completions(unknown)}
    weight = {fact: _changes(ends, place) for place, fact in enumerate(unknown)}
    matter = sorted((fact for fact in unknown if weight[fact]), key=lambda fact: -weight[fact])
    others = [fact for fact in unknown if not weight[fact]]
    return next(
        asked
        for size in range(len(others) + 1)
        for more in combinations(others, size)
        if _settles(asked := (*matter, *more), end)
    )


def _settles(facts: tuple[str, ...], end: Callable[[Completion], Hashable | None]) -> bool:
    return all(end(answers) is not None for answers in _completions(facts))


def _completions(facts: tuple[str, ...]) -> Iterator[Completion]:
    for answers in product((Answer.YES, Answer.NO), repeat=len(facts)):
        yield dict(zip(facts, answers, strict=True))


def _changes(ends: Mapping[tuple[Answer, ...], Hashable | None], place: int) -> int:
    """Count the completions in which the answer at a place changes the outcome."""
    return sum(
        end != ends[(*answers[:place], Answer.NO, *answers[place + 1 :])]
        for answers, end in ends.items()
        if answers[place] is Answer.YES
    )
