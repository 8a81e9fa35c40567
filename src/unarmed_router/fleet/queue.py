"""Calls that wait for a team: their order, their limits, and which one a free team is offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from unarmed_router.fleet.board import Board
from unarmed_router.fleet.call_record import CallRecord, Stage
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.events import CallReferred
from unarmed_router.model.waiting import Match

if TYPE_CHECKING:
    from unarmed_router.model.waiting import Waiting, WaitLimit

__all__ = [
    "WAITED_TOO_LONG",
    "best_match",
    "calls_to_call_back",
    "next_limit",
    "overdue",
    "waiting",
]

WAITED_TOO_LONG = "waited_too_long"
"""Reason of a referral that the queue's limit makes."""

_QUEUED = frozenset({Stage.QUEUED, Stage.RECOMMENDED})
_BLOCK = 32
"""Calls decided at once; the first few usually hold the match."""


class _HasCalls(Protocol):
    """A board, or a view of one."""

    @property
    def calls(self) -> Mapping[str, CallRecord]: ...


def waiting(board: _HasCalls) -> list[CallRecord]:
    """List the calls that wait for a team, by priority, then receipt, then id."""
    queued = [record for record in board.calls.values() if record.stage in _QUEUED]
    queued.sort(key=_urgency)
    return queued


def _urgency(record: CallRecord) -> tuple[int, datetime, str]:
    return record.priority, record.call.received_at, record.call.call_id


def best_match(
    queue: Sequence[CallRecord],
    decide: Callable[[Sequence[CallRecord]], Sequence[Decision]],
    match: Match,
) -> tuple[CallRecord, Recommendation] | None:
    """Find the waiting call that a free team should be offered, over the whole queue.

    The most urgent priority with a call that some team can take decides; within it, the call that
    has waited longest, or the one that is reached soonest.

    Parameters
    ----------
    queue : sequence of CallRecord
        As `waiting` orders them.
    decide : callable
        Decides some of them against the teams as they are.
    match : Match
        The rule within a priority.

    Returns
    -------
    tuple of (CallRecord, Recommendation), or None
        None where no team can take any of them.
    """
    for level in _levels(queue):
        found: list[tuple[CallRecord, Recommendation]] = []
        for first in range(0, len(level), _BLOCK):
            block = level[first : first + _BLOCK]
            found += [
                (record, decision)
                for record, decision in zip(block, decide(block), strict=True)
                if isinstance(decision, Recommendation)
            ]
            if found and match is Match.LONGEST_WAIT:
                return found[0]
        if found:
            return min(found, key=lambda pair: (pair[1].eta, pair[0].call.received_at))
    return None


def _levels(queue: Sequence[CallRecord]) -> Iterator[list[CallRecord]]:
    """Cut the queue where the priority changes."""
    level: list[CallRecord] = []
    for record in queue:
        if level and record.priority != level[0].priority:
            yield level
            level = []
        level.append(record)
    if level:
        yield level


def _limit(record: CallRecord, rules: Waiting | None) -> WaitLimit | None:
    return None if rules is None else rules.limits.get(record.priority)


def next_limit(record: CallRecord, rules: Waiting | None) -> datetime | None:
    """Return when a call has waited as long as its priority may; None where it may for ever."""
    limit = _limit(record, rules)
    if limit is None:
        return None
    return record.call.received_at + timedelta(seconds=limit.max_wait_s)


def overdue(board: Board, rules: Waiting | None, at: datetime) -> list[CallReferred]:
    """Refer every call that no team is held for and that has waited as long as it may."""
    referred = []
    for record in board.calls.values():
        limit, until = _limit(record, rules), next_limit(record, rules)
        if record.waits and limit is not None and until is not None and until <= at:
            referred.append(
                CallReferred(
                    call_id=record.call.call_id, reason=WAITED_TOO_LONG, target=limit.target
                )
            )
    return referred


def calls_to_call_back(
    board: Board, rules: Waiting | None, at: datetime, type_of: Callable[[CallRecord], str | None]
) -> list[str]:
    """List the calls whose callers should be asked whether the call still stands, longest first.

    Parameters
    ----------
    board : Board
        The shift.
    rules : Waiting or None
        Those of the policy in force.
    at : datetime
        Ledger time.
    type_of : callable
        Returns the call type of the policy that a call was read as; None where it was not.
    """
    due = []
    for record in board.calls.values():
        kind = type_of(record) if record.stage is not Stage.ASSIGNED else None
        after = None if rules is None or kind is None else rules.call_back_s.get(kind)
        since = record.called_back_at or record.call.received_at
        if after is not None and since + timedelta(seconds=after) <= at:
            due.append((since, record.call.call_id))
    return [call_id for _, call_id in sorted(due)]
