"""The grammar of call-type codes: what follows a base splits completely into tokens, or not at all.

Where a rest splits in several ways, the facts of all of them count.
"""

from __future__ import annotations

from collections.abc import Mapping

from unarmed_router.model.call_code import CodeSuffix

__all__ = ["split_suffixes"]


def split_suffixes(
    rest: str, tokens: Mapping[str, CodeSuffix]
) -> tuple[tuple[str, ...], frozenset[str]] | None:
    """Split the rest of a code completely into tokens.

    Parameters
    ----------
    rest : str
        What follows the base; may be empty.
    tokens : mapping of str to CodeSuffix
        Longest token first, as `CodeList.tokens_after` returns them.

    Returns
    -------
    tuple of (tuple of str, frozenset of str), or None
        The split that takes the longest token at each place, and the facts of every token that
        stands in some complete split. None when there is no complete split.
    """
    # The tokens that begin at a place and leave a rest that can be split, found from the end.
    fitting: dict[int, list[str]] = {len(rest): []}
    for place in reversed(range(len(rest))):
        found = [
            each for each in tokens if rest.startswith(each, place) and place + len(each) in fitting
        ]
        if found:
            fitting[place] = found
    if 0 not in fitting:
        return None
    path: list[str] = []
    facts: set[str] = set()
    reached, on_path = {0}, 0
    for place in range(len(rest)):
        if place not in reached:
            continue
        for each in fitting[place]:
            reached.add(place + len(each))
            facts |= tokens[each].facts
        if place == on_path:
            path.append(fitting[place][0])
            on_path += len(path[-1])
    return tuple(path), frozenset(facts)
