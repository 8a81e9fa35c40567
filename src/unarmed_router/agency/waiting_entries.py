"""The parts of a policy file that say how calls wait, and when a team is taken from another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from unarmed_router.agency.toml_file import Strict, Word
from unarmed_router.model.waiting import LOWEST_PRIORITY, Match, Preemption, Waiting, WaitLimit

__all__ = [
    "CallBackEntry",
    "PreemptionEntry",
    "Priority",
    "WaitLimitEntry",
    "WaitingEntry",
    "preemption_of",
    "waiting_faults",
    "waiting_of",
]

Priority = Annotated[int, Field(ge=1, le=LOWEST_PRIORITY)]
_Seconds = Annotated[int, Field(ge=1, le=86_400)]


class WaitLimitEntry(Strict):
    """How long calls of a priority wait from receipt, and who takes them then."""

    priority: Priority
    max_wait_s: _Seconds
    target: Word


class CallBackEntry(Strict):
    """Callers who are asked, every so often, whether their call still stands."""

    call_types: Annotated[list[Word], Field(min_length=1)]
    after_s: _Seconds


class WaitingEntry(Strict):
    """How calls wait for a team; absent, a call that no team can take is referred at once."""

    match: Literal["longest_wait", "nearest"] = "longest_wait"
    limits: Annotated[list[WaitLimitEntry], Field(min_length=1)]
    call_backs: list[CallBackEntry] = Field(default_factory=list)


class PreemptionEntry(Strict):
    """When a team en route is taken off its call; absent, it never is."""

    urgent: Priority
    displaced: Annotated[list[Priority], Field(min_length=1)]
    min_gain_s: Annotated[int, Field(ge=0, le=86_400)]


def waiting_faults(
    waiting: WaitingEntry | None,
    preemption: Sequence[PreemptionEntry],
    *,
    call_types: Collection[str],
    targets: Collection[str],
) -> Iterable[str]:
    """List every fault with its path and remedy.

    Parameters
    ----------
    waiting, preemption
        As the file has them.
    call_types, targets : collection of str
        Those of the policy.
    """
    if waiting is not None:
        given = Counter(limit.priority for limit in waiting.limits)
        for priority in sorted(p for p, count in given.items() if count > 1):
            yield f"waiting.limits: priority {priority} is given twice; keep one"
        for limit in waiting.limits:
            if limit.target not in targets:
                yield (
                    f"waiting.limits.{limit.priority}.target: unknown target {limit.target!r}; "
                    f"known: {', '.join(targets)}"
                )
        named = Counter(kind for entry in waiting.call_backs for kind in entry.call_types)
        for kind, count in sorted(named.items()):
            if kind not in call_types:
                yield (
                    f"waiting.call_backs: unknown call type {kind!r}; known: "
                    f"{', '.join(call_types)}"
                )
            elif count > 1:
                yield f"waiting.call_backs: call type {kind} is given twice; keep one"
    pairs = Counter((entry.urgent, lost) for entry in preemption for lost in entry.displaced)
    for (urgent, lost), count in sorted(pairs.items()):
        if count > 1:
            yield f"preemption: {urgent} over {lost} is given twice; keep one"
        if lost <= urgent:
            yield (
                f"preemption: {urgent} over {lost}: only a less urgent call may lose its team; "
                "1 is the most urgent"
            )


def waiting_of(entry: WaitingEntry | None) -> Waiting | None:
    """Turn the part of the file into the model's rules."""
    if entry is None:
        return None
    return Waiting(
        limits={each.priority: WaitLimit(each.max_wait_s, each.target) for each in entry.limits},
        call_back_s={kind: each.after_s for each in entry.call_backs for kind in each.call_types},
        match=Match(entry.match),
    )


def preemption_of(entries: Sequence[PreemptionEntry]) -> Preemption | None:
    """Turn the part of the file into the model's matrix."""
    if not entries:
        return None
    return Preemption(
        {(each.urgent, lost): each.min_gain_s for each in entries for lost in each.displaced}
    )
