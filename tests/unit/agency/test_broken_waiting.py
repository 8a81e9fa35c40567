"""Broken rules of waiting, pre-emption and priority: one small change, and its fault named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.agency.policy_mutations import DIVISIONS, END, TEXT, written
from unarmed_router.agency.policy_file import load_policy
from unarmed_router.errors import ConfigurationError
from unarmed_router.model.waiting import Match, Preemption, WaitLimit

FIRST = "[[waiting.limits]]\npriority = 1\nmax_wait_s = 1200\n"
LIMITS = TEXT[TEXT.index("[[waiting.limits]]") : TEXT.index("# Albuquerque's")]
CALL_BACK = 'call_types = ["welfare_check"]\nafter_s = 1800\n'
PREEMPTION = "urgent = 1\ndisplaced = [2, 3]\nmin_gain_s = 300\n"
WELFARE = 'id = "welfare_check"\n'


def _again(displaced: str, urgent: int = 1) -> str:
    return f"[[preemption]]\nurgent = {urgent}\ndisplaced = {displaced}\nmin_gain_s = 60\n"


BROKEN = {
    # --- Waiting
    "no limits": (LIMITS, "", "waiting.limits: is required"),
    "an empty list of limits": ('match = "longest_wait"\n\n' + LIMITS, "limits = []\n",
                                "waiting.limits: must not be empty"),
    "a priority twice": (
        FIRST, FIRST + 'target = "LAPD_PATROL"\n' + FIRST,
        "waiting.limits: priority 1 is given twice; keep one"),
    "a priority of zero": (FIRST, FIRST.replace("= 1\n", "= 0\n"),
                           "waiting.limits.0.priority: must be at least 1"),
    "a priority of ten": (FIRST, FIRST.replace("= 1\n", "= 10\n"),
                          "waiting.limits.0.priority: must be at most 9"),
    "a priority as text": (FIRST, FIRST.replace("= 1\n", '= "1"\n'),
                           "waiting.limits.0.priority: must be a whole number"),
    "no wait": (FIRST, FIRST.replace("1200", "0"),
                "waiting.limits.0.max_wait_s: must be at least 1"),
    "a wait of two days": (FIRST, FIRST.replace("1200", "172800"),
                           "waiting.limits.0.max_wait_s: must be at most"),
    "an endless wait": (FIRST, FIRST.replace("1200", "inf"),
                        "waiting.limits.0.max_wait_s: must be a whole number"),
    "half a second": (FIRST, FIRST.replace("1200", "0.5"),
                      "waiting.limits.0.max_wait_s: must be a whole number"),
    "a target nobody knows": (
        FIRST + 'target = "MEU_SMART"', FIRST + 'target = "MEU"',
        "waiting.limits.1.target: unknown target 'MEU'; known: "),
    "no target": (FIRST + 'target = "MEU_SMART"\n', FIRST, "waiting.limits.0.target: is required"),
    "another match": ('match = "longest_wait"', 'match = "random"',
                      "waiting.match: must be 'longest_wait' or 'nearest'"),
    "an unknown key": ('match = "longest_wait"', 'match = "longest_wait"\nmaximum = 5',
                       "waiting.maximum: is not known here"),
    # --- Call-backs
    "a call-back of a type nobody knows": (
        CALL_BACK, CALL_BACK.replace("welfare_check", "welfare"),
        "waiting.call_backs: unknown call type 'welfare'; known: "),
    "a call-back of no type": (CALL_BACK, CALL_BACK.replace('["welfare_check"]', "[]"),
                               "waiting.call_backs.0.call_types: must not be empty"),
    "a type called back twice": (
        CALL_BACK, CALL_BACK.replace("]", ', "welfare_check"]'),
        "waiting.call_backs: call type welfare_check is given twice; keep one"),
    "a call-back at once": (CALL_BACK, CALL_BACK.replace("1800", "0"),
                            "waiting.call_backs.0.after_s: must be at least"),
    # --- Pre-emption
    "an equal that yields": (PREEMPTION, PREEMPTION.replace("[2, 3]", "[1]"),
                             "preemption: 1 over 1: only a less urgent call may lose its team"),
    "a more urgent one that yields": (
        END, _again("[2]", urgent=3), "preemption: 3 over 2: only a less urgent call may lose"),
    "a pair twice": (END, _again("[3]"), "preemption: 1 over 3 is given twice; keep one"),
    "a pair twice in one entry": (PREEMPTION, PREEMPTION.replace("[2, 3]", "[2, 2]"),
                                  "preemption: 1 over 2 is given twice; keep one"),
    "nobody to yield": (PREEMPTION, PREEMPTION.replace("[2, 3]", "[]"),
                        "preemption.0.displaced: must not be empty"),
    "a negative gain": (PREEMPTION, PREEMPTION.replace("300", "-1"),
                        "preemption.0.min_gain_s: must be at least 0"),
    "no gain": (PREEMPTION, PREEMPTION.replace("min_gain_s = 300\n", ""),
                "preemption.0.min_gain_s: is required"),
    "an entry that is a table": ("[[preemption]]", "[preemption]",
                                 "preemption: must be a list"),
    # --- Priority
    "a type of priority zero": (WELFARE, WELFARE + "priority = 0\n",
                                "call_types.5.priority: must be at least"),
    "a type of priority ten": (WELFARE, WELFARE + "priority = 10\n",
                               "call_types.5.priority: must be at most 9"),
    "a type of priority true": (WELFARE, WELFARE + "priority = true\n",
                                "call_types.5.priority: must be a whole number"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "fault"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """The fault is named with its path, its value and what to do."""
    with pytest.raises(ConfigurationError) as caught:
        load_policy(written(tmp_path, old, new), divisions=DIVISIONS)
    assert fault in str(caught.value)


def test_the_embedded_rules_are_read_as_written(tmp_path: Path) -> None:
    """Limits by priority, call-backs by type, the matrix by pairs, types without a priority 3."""
    policy = load_policy(written(tmp_path, END, ""), divisions=DIVISIONS)
    assert policy.waiting is not None
    assert policy.waiting.match is Match.LONGEST_WAIT
    assert policy.waiting.limits[1] == WaitLimit(1200, "MEU_SMART")
    assert policy.waiting.call_back_s == {"welfare_check": 1800}
    assert policy.preemption == Preemption({(1, 2): 300, (1, 3): 300})
    assert policy.call_types["welfare_check"].priority == 3


def test_a_policy_without_rules_of_waiting(tmp_path: Path) -> None:
    """Neither part is required: then nothing waits and nobody yields."""
    begin, end = TEXT.index("[waiting]"), TEXT.index(PREEMPTION) + len(PREEMPTION)
    policy = load_policy(written(tmp_path, TEXT[begin:end], ""), divisions=DIVISIONS)
    assert (policy.waiting, policy.preemption) == (None, None)
