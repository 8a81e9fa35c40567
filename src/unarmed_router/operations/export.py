"""Calls, decisions, assignments and escalations of a ledger as rows, coarse enough to pass on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from unarmed_router.fleet.board import Board
from unarmed_router.fleet.call_record import Assignment, CallRecord
from unarmed_router.ledger.store import Ledger, Recorded
from unarmed_router.model.canonical import to_plain
from unarmed_router.model.events import Decided, Escalated
from unarmed_router.operations.coarsening import (
    Positions,
    Times,
    coarse_time,
    hundred_block,
    response_s,
)
from unarmed_router.operations.off_road import off_road
from unarmed_router.operations.walking import Walk
from unarmed_router.operations.window import Window

__all__ = ["COLUMNS", "Coarseness", "Row", "Table", "export"]

Row: TypeAlias = dict[str, Any]


class Table(StrEnum):
    """What is exported."""

    CALLS = "calls"
    DECISIONS = "decisions"
    ASSIGNMENTS = "assignments"
    ESCALATIONS = "escalations"


COLUMNS: dict[Table, tuple[str, ...]] = {
    Table.CALLS: (
        *("call_id", "call_type", "codes", "facts", "priority", "division", "lon", "lat"),
        *("received_at", "logged_at", "called_back_at", "ended_at", "outcome", "reason", "target"),
        *("declined_by",),
    ),
    Table.DECISIONS: (
        *("seq", "call_id", "decided_at", "team_id", "reason", "target", "response_s"),
        *("counted_available",),
    ),
    Table.ASSIGNMENTS: (
        *("reservation_id", "call_id", "team_id", "reserved_at", "expires_at", "accepted_at"),
        *("en_route_at", "on_scene_at", "transporting_at", "clearing_at", "ended_at", "ending"),
    ),
    Table.ESCALATIONS: ("seq", "call_id", "team_id", "at", "act", "reason", "target"),
}
"""Columns of each table, in order.

No digest is among them: that of a decision or a call covers the exact place, and whoever knows the
rest can find it by trying the places of a block.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coarseness:
    """How exactly places and times are given.

    Parameters
    ----------
    positions : Positions
        Hundred block or division.
    times : Times
        Exact, or to the minute.
    """

    positions: Positions = Positions.BLOCK
    times: Times = Times.EXACT


def export(
    ledger: Ledger,
    division_of: Callable[[float, float], int | None],
    *,
    coarseness: Coarseness | None = None,
    window: Window | None = None,
) -> Iterator[tuple[Table, Row]]:
    """Yield the rows of a ledger, in bounded memory.

    Parameters
    ----------
    ledger : Ledger
        From its first event.
    division_of : callable
        Number of the division at a longitude and latitude; None outside.
    coarseness : Coarseness, optional
        Hundred blocks and exact times when not given.
    window : Window, optional
        Calls received in it, with everything of theirs; all when not given.

    Yields
    ------
    tuple of (Table, dict)
        Values are plain: text, whole numbers, None, lists of text. A call and its assignments come
        when it has ended, those still open at last, in order of their id.
    """
    how, chosen = coarseness or Coarseness(), window or Window()
    ended: list[CallRecord] = []
    walk = Walk(Board(off_road, on_end=ended.append))
    for each in walk.through(chosen.up_to(ledger.read())):
        # Escalated closes nothing by itself, so its call is still on the board.
        if isinstance(each.event, Decided | Escalated):
            record = walk.board.calls[each.event.call_id]
            if chosen.holds(record.logged_at):
                yield _of_event(each, each.event, how)
        while ended:
            yield from _of_call(ended.pop(), division_of, how, chosen)
    for _, record in sorted(walk.board.calls.items()):
        yield from _of_call(record, division_of, how, chosen)


def _of_event(each: Recorded, event: Decided | Escalated, how: Coarseness) -> tuple[Table, Row]:
    if isinstance(event, Escalated):
        said = {
            "team_id": event.team_id,
            "at": coarse_time(each.at, how.times),
            "act": event.act,
            "reason": event.reason,
            "target": event.target,
        }
        return Table.ESCALATIONS, _row(seq=each.seq, call_id=event.call_id, **said)
    return Table.DECISIONS, _row(
        seq=each.seq,
        call_id=event.call_id,
        decided_at=coarse_time(event.decided_at, how.times),
        team_id=event.team_id,
        reason=event.reason,
        target=event.target,
        response_s=response_s(event.response_ms, how.positions),
        counted_available=event.counted_available,
    )


def _of_call(
    record: CallRecord,
    division_of: Callable[[float, float], int | None],
    how: Coarseness,
    window: Window,
) -> Iterator[tuple[Table, Row]]:
    if not window.holds(record.logged_at):
        return
    call, times = record.call, how.times
    by_block = how.positions is Positions.BLOCK
    lon, lat = hundred_block(lon=call.lon, lat=call.lat) if by_block else (None, None)
    yield (
        Table.CALLS,
        _row(
            call_id=call.call_id,
            call_type=call.call_type,
            codes=call.codes,
            facts=[f"{name}={answer}" for name, answer in call.facts.items()],
            priority=record.priority,
            division=division_of(call.lon, call.lat),
            lon=lon,
            lat=lat,
            received_at=coarse_time(call.received_at, times),
            logged_at=coarse_time(record.logged_at, times),
            called_back_at=coarse_time(record.called_back_at, times),
            ended_at=coarse_time(record.ended_at, times),
            outcome=record.outcome,
            reason=record.reason,
            target=record.target,
            declined_by=record.declined_by,
        ),
    )
    for assignment in record.assignments:
        yield Table.ASSIGNMENTS, _of_assignment(assignment, times)


def _of_assignment(assignment: Assignment, times: Times) -> Row:
    row = {name: getattr(assignment, name) for name in COLUMNS[Table.ASSIGNMENTS]}
    return _row(
        **{
            name: coarse_time(value, times) if name.endswith("_at") else value
            for name, value in row.items()
        }
    )


def _row(**values: Any) -> Row:
    return {name: to_plain(value) for name, value in values.items()}
