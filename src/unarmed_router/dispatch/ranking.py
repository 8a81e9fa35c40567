"""Which candidate goes: program order, response time, longest idle, team id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from unarmed_router.dispatch.screening import Available
from unarmed_router.model.decision import Candidate

__all__ = ["Timed", "rank", "tied"]

Timed: TypeAlias = tuple[Available, Candidate]
"""A team that passed the screen, with its times."""

_NEVER_IDLE = datetime.max.replace(tzinfo=UTC)


def rank(timed: list[Timed], order: Mapping[str, int]) -> list[Timed]:
    """Order candidates, best first.

    Parameters
    ----------
    timed : list of (Available, Candidate)
        Teams with their times.
    order : mapping of str to int
        Place of each program in the policy.

    Returns
    -------
    list of (Available, Candidate)
        By program order, response time in milliseconds, longest idle (a team whose idle time is
        not known counts as idle for the shortest time), team id: a total order, so the roster's
        own order never matters.
    """

    def key(pair: Timed) -> tuple[int, int, datetime, str]:
        available, candidate = pair
        idle_since = available.state.idle_since or _NEVER_IDLE
        return order[candidate.program], candidate.response_ms, idle_since, candidate.team_id

    return sorted(timed, key=key)


def tied(ranked: list[Timed], order: Mapping[str, int]) -> bool:
    """Tell whether the tie rule chose: the first two agree in program order and response time."""
    if len(ranked) < 2:
        return False
    first, second = ranked[0][1], ranked[1][1]
    same_order = order[first.program] == order[second.program]
    return same_order and first.response_ms == second.response_ms
