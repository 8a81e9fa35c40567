"""What a team may do next: the statuses and the steps between them, as a table.

::

    off_duty <-> available -> (reserved) -> en_route -> on_scene ------------> clearing -> available
                                                           |                      ^
                                                           +--> transporting -----+

A reservation is made by the dispatcher, never reported. From anywhere a team may break down, which
is ``out_of_service``; from there it is available again, or off duty. A team that nobody has heard
of yet may report whatever it is doing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from unarmed_router.errors import LifecycleError, OutOfOrderError
from unarmed_router.model.team import TeamStatus

__all__ = ["AT_WORK", "BEFORE_ARRIVAL", "STEPS", "checked_report"]

_OFF, _FREE, _HELD = TeamStatus.OFF_DUTY, TeamStatus.AVAILABLE, TeamStatus.RESERVED
_ROLLING, _THERE = TeamStatus.EN_ROUTE, TeamStatus.ON_SCENE
_CARRYING, _CLEARING = TeamStatus.TRANSPORTING, TeamStatus.CLEARING
_OUT, _UNKNOWN = TeamStatus.OUT_OF_SERVICE, TeamStatus.UNKNOWN

STEPS: Mapping[TeamStatus, Mapping[TeamStatus, tuple[TeamStatus, ...]]] = MappingProxyType(
    {
        _UNKNOWN: {new: () for new in TeamStatus if new not in {_HELD, _UNKNOWN}},
        _OFF: {_FREE: (), _OUT: ()},
        _FREE: {_OFF: (), _OUT: ()},
        _HELD: {_ROLLING: (), _THERE: (_ROLLING,), _OUT: ()},
        _ROLLING: {_THERE: (), _CLEARING: (_THERE,), _FREE: (), _OUT: ()},
        _THERE: {_CARRYING: (), _CLEARING: (), _FREE: (_CLEARING,), _OUT: ()},
        _CARRYING: {_CLEARING: (), _FREE: (_CLEARING,), _OUT: ()},
        _CLEARING: {_FREE: (), _OFF: (_FREE,), _OUT: ()},
        _OUT: {_FREE: (), _OFF: ()},
    }
)
"""For each status, those that may be reported next, with the steps nobody reported in between."""

BEFORE_ARRIVAL = frozenset({_HELD, _ROLLING})
"""Statuses of a team that a call holds and that has not reached it."""
_FOR_A_CALL = BEFORE_ARRIVAL | {_THERE, _CARRYING}
AT_WORK = frozenset({_THERE, _CARRYING})
"""Statuses of a team that is with somebody."""


def checked_report(
    team_id: str,
    old: TeamStatus,
    status_at: datetime | None,
    new: TeamStatus,
    since: datetime,
) -> tuple[TeamStatus, ...]:
    """Check a report against what the team is doing.

    Parameters
    ----------
    team_id : str
        Which team.
    old : TeamStatus
        What it is doing as far as is known.
    status_at : datetime or None
        Since when.
    new : TeamStatus
        What it reports.
    since : datetime
        Since when, in UTC.

    Returns
    -------
    tuple of TeamStatus
        Steps of the life cycle that were never reported; empty for a full report.

    Raises
    ------
    OutOfOrderError
        The report is older than the status that is known.
    LifecycleError
        No step leads from the one to the other; the message lists those that do.
    """
    if status_at is not None and since < status_at:
        raise OutOfOrderError(
            f"team {team_id} has been {old} since {status_at.isoformat()}; a report that it "
            f"is {new} since {since.isoformat()} is older and was not taken"
        )
    skipped = STEPS[old].get(new)
    if skipped is None:
        possible = ", ".join(STEPS[old])
        # As after a reservation that has lapsed: the crew went all the same.
        first = "; reserve it for its call first" if old is _FREE and new in _FOR_A_CALL else ""
        raise LifecycleError(
            f"team {team_id} is {old} and cannot become {new}; it may report: {possible}{first}"
        )
    return skipped
