"""One day, call by call: the team that is sent is busy until it has served the call."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.team import TeamStatus
from unarmed_router.router import Router

__all__ = ["ON_SCENE", "DayClock", "play_day"]

ON_SCENE = timedelta(minutes=22)
"""Mean of the published 19 to 25 minutes on scene (LAist, Nov 2025)."""


class DayClock:
    """The present of a played day: a clock for `Router.load` that `play_day` sets.

    Parameters
    ----------
    now : datetime
        Where it starts; timezone-aware.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the present."""
        return self.now


def play_day(
    router: Router,
    calls: Iterable[Call],
    *,
    clock: DayClock,
    on_scene: timedelta = ON_SCENE,
) -> Iterator[tuple[Call, Decision]]:
    """Route calls in order of receipt, keeping each sent team busy until it is free again.

    Parameters
    ----------
    router : Router
        Its roster is changed as the day goes on.
    calls : iterable of Call
        In order of receipt.
    clock : DayClock
        The clock the router was loaded with; moved on to the receipt of each call.
    on_scene : timedelta
        Time a team spends with each caller.

    Yields
    ------
    tuple of (Call, Decision)
    """
    busy: list[tuple[datetime, str]] = []
    for call in calls:
        clock.now = call.received_at
        while busy and busy[0][0] <= call.received_at:
            freed_at, team_id = heapq.heappop(busy)
            router.roster.set_status(team_id, TeamStatus.AVAILABLE, at=freed_at)
        decision = router.route(call)
        if isinstance(decision, Recommendation):
            router.roster.set_status(decision.team_id, TeamStatus.EN_ROUTE, at=call.received_at)
            heapq.heappush(busy, (decision.eta + on_scene, decision.team_id))
        yield call, decision
