"""The rules of a policy as a table: which programs take a call, looked up and not worked out again.

Triage depends on the call's type and codes, its answers and its division only. Each combination is
read and assessed once, by `dispatch.triage`, and remembered; the rules themselves exist in one
place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from unarmed_router.dispatch.reading import read_call
from unarmed_router.dispatch.triage import (
    Judged,
    Triage,
    assess_judged,
    judge,
    takes_judged,
)
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Reading
from unarmed_router.model.policy import Policy

__all__ = ["Eligibility"]

Bytes: TypeAlias = npt.NDArray[np.uint8]
Words: TypeAlias = tuple[str, ...]
Key: TypeAlias = tuple[str, Words, Mapping[str, Answer | str], Words, Words]

_REMEMBERED = 65_536
"""Combinations kept; beyond them the table starts anew. Los Angeles has 5,832 in a division."""


class _Asked(NamedTuple):
    """What a combination of type, codes and answers comes to."""

    judged: Judged
    takes: Bytes


class Eligibility:
    """Triage of one policy, remembered; safe to share between threads.

    Parameters
    ----------
    policy : Policy
        Programs, rules and codes.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._asked: dict[Key, _Asked] = {}
        self._triage: dict[tuple[Key, int], Triage] = {}
        self._columns: dict[tuple[bool, ...], Bytes] = {}

    def takes(self, call: Call) -> Bytes:
        """Return which programs take a call wherever they have a provider.

        Returns
        -------
        uint8 array, shape (programs + 1,)
            1 for each program that does, in the policy's order; the last place is always 0.

        Raises
        ------
        InputError
            The call answers a fact the policy does not know.
        """
        key = _key(call)
        found = self._asked.get(key)
        if found is None:
            found = self._ask(key, call)
        return found.takes

    def reading(self, call: Call) -> Reading:
        """Return the call as the policy understands it."""
        return self._judged(_key(call), call).reading

    def assess(self, call: Call, division: int) -> Triage:
        """Do `triage.assess`; remembered."""
        asked = _key(call)
        key = asked, division
        found = self._triage.get(key)
        if found is None:
            found = assess_judged(self._judged(asked, call), division, self._policy)
            _remember(self._triage, key, found)
        return found

    def _judged(self, key: Key, call: Call) -> Judged:
        found = self._asked.get(key)
        return (found or self._ask(key, call)).judged

    def _ask(self, key: Key, call: Call) -> _Asked:
        judged = judge(read_call(call, self._policy), self._policy)
        found = _Asked(judged, self._column(takes_judged(judged, self._policy)))
        _remember(self._asked, key, found)
        return found

    def _column(self, taken: tuple[bool, ...]) -> Bytes:
        """Return the one column of the programs that take a call: there are few different ones."""
        column = self._columns.get(taken)
        if column is None:
            column = self._columns[taken] = np.array([*taken, False], np.uint8)
        return column


def _key(call: Call) -> Key:
    # What a call needs decides no eligibility, but its words are checked with the rest.
    return call.call_type, call.codes, call.facts, call.needs, call.prefers


def _remember(table: dict[Any, Any], key: Any, value: Any) -> None:
    if len(table) >= _REMEMBERED:
        table.clear()
    table[key] = value
