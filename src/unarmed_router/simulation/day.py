"""One day, call by call: the team that is sent is busy until it has served the call."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.team import TeamStatus
from unarmed_router.router import Router

__all__ = ["ON_SCENE", "play_day"]

ON_SCENE = timedelta(minutes=22)
"""Mean of the published 19 to 25 minutes on scene (LAist, Nov 2025)."""


def play_day(
    router: Router, calls: Iterable[Call], *, on_scene: timedelta = ON_SCENE
) -> Iterator[tuple[Call, Decision]]:
    """Route calls in order of receipt, keeping each sent team busy until it is free again.

    Parameters
    ----------
    router : Router
        Its roster is changed as the day goes on.
    calls : iterable of Call
        In order of receipt.
    on_scene : timedelta
        Time a team spends with each caller.

    Yields
    ------
    tuple of (Call, Decision)
    """
    busy: list[tuple[datetime, str]] = []
    for call in calls:
        while busy and busy[0][0] <= call.received_at:
            freed_at, team_id = heapq.heappop(busy)
            router.roster.set_status(team_id, TeamStatus.AVAILABLE, at=freed_at)
        decision = router.route(call, at=call.received_at)
        if isinstance(decision, Recommendation):
            router.roster.set_status(decision.team_id, TeamStatus.EN_ROUTE, at=call.received_at)
            heapq.heappush(busy, (decision.eta + on_scene, decision.team_id))
        yield call, decision
