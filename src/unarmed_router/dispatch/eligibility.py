"""The rules of a policy as a table: which programs take a call, looked up and not worked out again.

Triage depends on the call's type, its answers and its division only. Each combination is assessed
once, by `dispatch.triage`, and remembered; the rules themselves exist in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from unarmed_router.dispatch.triage import Triage, assess, takes
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.program import Policy

__all__ = ["Eligibility"]

Bytes: TypeAlias = npt.NDArray[np.uint8]

_REMEMBERED = 65_536
"""Combinations kept; beyond them the table starts anew. Los Angeles has 5,832 in a division."""


class Eligibility:
    """Triage of one policy, remembered; safe to share between threads.

    Parameters
    ----------
    policy : Policy
        Programs and rules.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._takes: dict[tuple[str, Mapping[str, Answer]], Bytes] = {}
        self._triage: dict[tuple[str, Mapping[str, Answer], int], Triage] = {}

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
        key = (call.call_type, call.facts)
        found = self._takes.get(key)
        if found is None:
            found = np.array([*takes(call, self._policy), False], np.uint8)
            _remember(self._takes, key, found)
        return found

    def assess(self, call: Call, division: int) -> Triage:
        """Do `triage.assess`."""
        key = (call.call_type, call.facts, division)
        found = self._triage.get(key)
        if found is None:
            found = assess(call, division, self._policy)
            _remember(self._triage, key, found)
        return found


def _remember(table: dict[Any, Any], key: Any, value: Any) -> None:
    if len(table) >= _REMEMBERED:
        table.clear()
    table[key] = value
