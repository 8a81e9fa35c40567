"""Conservation: each call has one outcome with one reason, and the numbers add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from unarmed_router.errors import LedgerBrokenError
from unarmed_router.fleet.board import Board
from unarmed_router.ledger.store import Ledger
from unarmed_router.model.canonical import to_plain
from unarmed_router.model.outcome import Outcome
from unarmed_router.model.proportion import Proportion, wilson
from unarmed_router.operations.call_course import CallCourse, follow
from unarmed_router.operations.off_road import off_road
from unarmed_router.operations.walking import Walk
from unarmed_router.operations.window import Window

__all__ = ["Balance", "Fault", "Offender", "balance"]


class Fault(StrEnum):
    """What is wrong with the record of a call."""

    NO_OUTCOME = "no_outcome"
    """Received, and nothing keeps hold of it: no team, no queue, no question, no ending."""
    TWO_OUTCOMES = "two_outcomes"
    """It ended more than once."""
    NEVER_RECEIVED = "never_received"
    """It has events and no receipt."""
    RECEIVED_TWICE = "received_twice"
    """Two receipts under one id."""
    WENT_ON = "went_on"
    """Something happened to it after it had ended."""
    NOT_ACCEPTED = "not_accepted"
    """It was closed though no team had accepted it."""
    BOARD_DIFFERS = "board_differs"
    """The shift's own count has it under another outcome or reason."""


@dataclass(frozen=True, slots=True)
class Offender:
    """A call that breaks the rule, and how.

    Parameters
    ----------
    call_id : str
        The call.
    fault : Fault
        Which rule.
    detail : str
        What the log says, in words.
    """

    call_id: str
    fault: Fault
    detail: str


@dataclass(slots=True, kw_only=True)
class Balance:
    """Received against what became of it.

    Parameters
    ----------
    window : Window
        Which calls.
    received : int
        Receipts in the window.
    outcomes : Counter of (Outcome, str)
        Outcomes of its calls, by reason.
    offenders : list of Offender
        Calls that break the rule, by id.
    board_fault : str or None
        Why the shift's own count could not be made; None where it was.
    assists : int
        How often a team on scene asked for help and stayed.
    hand_overs : Counter of (str, str)
        Hand-overs from the scene by target and reason.
    handed_over : int
        Calls that were handed over.
    events, removed : int
        Events read; those of them that retention removed, whose calls cannot be counted.
    """

    window: Window
    received: int = 0
    outcomes: Counter[tuple[Outcome, str]] = field(default_factory=Counter)
    offenders: list[Offender] = field(default_factory=list)
    board_fault: str | None = None
    assists: int = 0
    hand_overs: Counter[tuple[str, str]] = field(default_factory=Counter)
    handed_over: int = 0
    events: int = 0
    removed: int = 0

    def total(self, outcome: Outcome) -> int:
        """Count the outcomes of one kind."""
        return sum(count for (each, _), count in self.outcomes.items() if each is outcome)

    @property
    def balanced(self) -> bool:
        """Whether received = assigned + referred + waiting + cancelled, and no call offends."""
        return (
            self.received == self.outcomes.total()
            and not self.offenders
            and self.board_fault is None
        )

    @property
    def redirect_rate(self) -> Proportion:
        """Calls handed over from the scene, of all that a team accepted."""
        return wilson(self.handed_over, max(self.total(Outcome.ASSIGNED), self.handed_over))

    def redirects(self) -> list[tuple[str, str, Proportion]]:
        """Return hand-overs by target and reason, of all calls a team accepted; most first."""
        of = self.redirect_rate.of
        ordered = sorted(self.hand_overs.items(), key=lambda item: (-item[1], item[0]))
        return [(target, why, wilson(min(n, of), of)) for (target, why), n in ordered]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        rate = self.redirect_rate
        by = sorted(self.outcomes.items())
        plain: dict[str, Any] = to_plain(
            {
                "window": self.window,
                "received": self.received,
                "totals": {each.value: self.total(each) for each in Outcome},
                "outcomes": [{"outcome": o, "reason": r, "calls": n} for (o, r), n in by],
                "balanced": self.balanced,
                "offenders": self.offenders,
                "board_fault": self.board_fault,
                "redirects": {
                    **_plain(rate),
                    "assists": self.assists,
                    "by": [
                        {"target": target, "reason": reason, **_plain(each)}
                        for target, reason, each in self.redirects()
                    ],
                },
                "events": self.events,
                "removed": self.removed,
            }
        )
        return plain


def _plain(rate: Proportion) -> dict[str, Any]:
    return {
        "handed_over": rate.count,
        "assigned": rate.of,
        "share": rate.share,
        "low": rate.low,
        "high": rate.high,
    }


def balance(ledger: Ledger, window: Window | None = None) -> Balance:
    """Count what became of the calls of a window, from the log alone, and check it.

    The count is made from the events of each call. The shift's own count (`fleet.board`) is made
    beside it, and a call on which the two differ is an offender.

    Parameters
    ----------
    ledger : Ledger
        From its first event.
    window : Window, optional
        All calls, as the ledger ends, when not given.

    Returns
    -------
    Balance

    Raises
    ------
    LedgerError
        The ledger cannot be read. What does not fit in it is a result.
    """
    chosen = window or Window()
    found, courses = Balance(window=chosen), dict[str, CallCourse]()
    board = Board(off_road)
    shadow: Walk | None = Walk(board)
    for each in chosen.up_to(ledger.read()):
        found.events += 1
        found.removed += each.event is None
        if shadow is not None:
            try:
                shadow.step(each)
            except LedgerBrokenError as error:
                found.board_fault, shadow = str(error), None
        follow(courses, each)
    for course in courses.values():
        if chosen.holds(course.received_at[0] if course.received_at else course.first_at):
            _count(found, course, board if shadow is not None else None)
    found.offenders.sort(key=lambda offender: (offender.call_id, offender.fault))
    return found


def _count(found: Balance, course: CallCourse, board: Board | None) -> None:
    outcomes = course.outcomes()
    found.received += len(course.received_at)
    found.outcomes.update(outcomes)
    found.assists += course.assists
    found.hand_overs.update(course.hand_overs)
    found.handed_over += bool(course.hand_overs)
    found.offenders += [
        Offender(course.call_id, fault, detail) for fault, detail in _faults(course, board)
    ]


def _faults(course: CallCourse, board: Board | None) -> Iterator[tuple[Fault, str]]:
    outcomes = course.outcomes()
    told = " and ".join(f"{outcome} ({reason})" for outcome, reason in outcomes)
    if not course.received_at:
        yield Fault.NEVER_RECEIVED, f"first event at {course.first_at.isoformat()}"
    elif len(course.received_at) > 1:
        yield Fault.RECEIVED_TWICE, f"{len(course.received_at)} receipts"
    if course.received_at and not outcomes:
        yield Fault.NO_OUTCOME, f"last decided: {course.decided or 'nothing'}"
    if len(outcomes) > 1:
        yield Fault.TWO_OUTCOMES, told
    if course.went_on:
        yield Fault.WENT_ON, f"after it was {told}"
    if course.unaccepted:
        yield Fault.NOT_ACCEPTED, f"{told}, and no team had accepted it"
    if board is not None and len(outcomes) == 1:
        outcome, reason = outcomes[0]
        other = _on_board(board, course.call_id)
        # An open call stands on the board by its stage: only what became of it must agree.
        if other[0] is not outcome or (course.endings and other[1] != reason):
            yield Fault.BOARD_DIFFERS, f"{told} by the log, {other[0]} ({other[1]}) on the board"


def _on_board(board: Board, call_id: str) -> tuple[Outcome | None, str]:
    record = board.calls.get(call_id)
    if record is None:
        return board.ended.get(call_id, (None, "not there"))
    return record.outcome, record.reason
