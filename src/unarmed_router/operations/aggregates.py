"""Calls of a window by division and outcome, and by hour, fit to be published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from unarmed_router.ledger.store import Ledger
from unarmed_router.model.call import Call
from unarmed_router.model.canonical import to_plain
from unarmed_router.model.events import CallReceived, CallRevised
from unarmed_router.model.outcome import Outcome
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.operations.call_course import CallCourse, follow
from unarmed_router.operations.suppression import SMALLEST_SHOWN, shown
from unarmed_router.operations.window import Window

__all__ = ["Aggregate", "Aggregates", "Became", "aggregates"]

HOURS = tuple(f"{hour:02}:00" for hour in range(24))


class Became(StrEnum):
    """What became of a call, as far as published tables tell it."""

    ASSIGNED = "assigned"
    INELIGIBLE = "ineligible"
    NEEDS_TRIAGE = "needs_triage"
    OTHER_REFERRAL = "other_referral"
    WAITING = "waiting"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One table of counts.

    Parameters
    ----------
    name : str
        What is counted.
    rows, columns : tuple of str
        Names, without the totals.
    cells : list of list, or None
        Counts with a last row and column of totals, None for a number left out; None in place of
        the table when it cannot be shown.
    """

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: list[list[int | None]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregates:
    """All tables of a window; calls with a broken record are in none of them.

    Parameters
    ----------
    window : Window
        Which calls.
    calls : int or None
        How many; None where that is a small number itself.
    smallest_shown : int
        The smallest count that is shown, zero aside.
    tables : tuple of Aggregate
        By division and outcome; by local hour of receipt.
    removed : int
        Events that retention removed, whose calls are not counted.
    """

    window: Window
    calls: int | None
    smallest_shown: int
    tables: tuple[Aggregate, ...]
    removed: int

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {
            "window": to_plain(self.window),
            "calls": self.calls,
            "smallest_shown": self.smallest_shown,
            "removed_events": self.removed,
            "tables": [
                {
                    "name": table.name,
                    "rows": [*table.rows, "total"],
                    "columns": [*table.columns, "total"],
                    "cells": table.cells,
                }
                for table in self.tables
            ],
        }


def aggregates(
    ledger: Ledger,
    *,
    divisions: Sequence[tuple[int, str]],
    division_of: Callable[[float, float], int | None],
    local: Callable[[datetime], datetime],
    window: Window | None = None,
) -> Aggregates:
    """Count the calls of a window, with small numbers left out.

    Parameters
    ----------
    ledger : Ledger
        From its first event.
    divisions : sequence of (int, str)
        Number and name of each row; calls outside all of them have a row of their own.
    division_of : callable
        Number of the division at a longitude and latitude; None outside.
    local : callable
        The agency's wall clock at an instant.
    window : Window, optional
        All calls when not given.

    Returns
    -------
    Aggregates
    """
    chosen = window or Window()
    calls, courses, removed = dict[str, Call](), dict[str, CallCourse](), 0
    for each in chosen.up_to(ledger.read()):
        removed += each.event is None
        follow(courses, each)
        if isinstance(each.event, CallReceived | CallRevised):
            calls[each.event.call.call_id] = each.event.call
    counted = [
        (calls[course.call_id], course.outcomes()[0])
        for course in courses.values()
        if len(course.received_at) == 1
        and len(course.outcomes()) == 1
        and chosen.holds(course.received_at[0])
    ]
    by_division = Counter(
        (division_of(call.lon, call.lat), became(*outcome)) for call, outcome in counted
    )
    by_hour = Counter(local(call.received_at).hour for call, _ in counted)
    names: dict[int | None, str] = {**dict(divisions), None: "outside every division"}
    return Aggregates(
        window=chosen,
        calls=None if 0 < len(counted) < SMALLEST_SHOWN else len(counted),
        smallest_shown=SMALLEST_SHOWN,
        removed=removed,
        tables=(
            Aggregate(
                "calls by division and outcome",
                tuple(f"{n} {name}" if n is not None else name for n, name in names.items()),
                tuple(Became),
                shown([[by_division[n, each] for each in Became] for n in names]),
            ),
            Aggregate("calls by hour of receipt", ("calls",), HOURS, _hours(by_hour)),
        ),
    )


def became(outcome: Outcome, reason: str) -> Became:
    """Return the column of an outcome: ineligible and needing triage are never one."""
    if outcome is not Outcome.REFERRED:
        return Became(outcome.value)
    if reason in {ReferralReason.INELIGIBLE, ReferralReason.NEEDS_TRIAGE}:
        return Became(reason)
    return Became.OTHER_REFERRAL


def _hours(by_hour: Counter[int]) -> list[list[int | None]] | None:
    """Return the one row of hours; its column totals would only say the same again."""
    cells = shown([[by_hour[hour] for hour in range(len(HOURS))]])
    return None if cells is None else cells[:1]
