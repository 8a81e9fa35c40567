"""Which demand the teams that are free now would reach in time, wherever they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.agency.matrix import travel_matrix
from unarmed_router.model.team import TeamState, TeamStatus

if TYPE_CHECKING:
    from unarmed_router.fleet.roster import Roster
    from unarmed_router.model.policy import Policy
    from unarmed_router.model.team import Team
    from unarmed_router.research.weighed_places import WeighedPlaces
    from unarmed_router.router import Router

__all__ = ["FreeTeamReach"]


class FreeTeamReach:
    """Places within reach of each available team on duty; a `simulation.strategies.Reach`.

    Parameters
    ----------
    router : Router
        Its travel times, and the policy that says which team serves which division.
    roster : callable
        Returns the roster as it is.
    places : WeighedPlaces
        Where calls are expected, under the weight ``"demand"``.
    target_s : float
        Travel time that counts as in time after the policy's turnout, seconds; a team with a
        turnout of its own has as much less, or more.
    """

    def __init__(
        self,
        router: Router,
        roster: Callable[[], Roster],
        places: WeighedPlaces,
        *,
        target_s: float,
    ) -> None:
        self._router, self._roster = router, roster
        self._places, self._target_ms = places, target_s * 1000
        self._served: dict[frozenset[int], npt.NDArray[np.bool_]] = {}

    @property
    def demand(self) -> Sequence[float]:
        """Expected demand of each place; adds up to 1."""
        demand: Sequence[float] = self._places.weights["demand"].tolist()
        return demand

    def of_free_teams(self, at: datetime) -> Mapping[str, Sequence[int]]:
        """Return, by team id, the numbers of the places it would reach within the target."""
        local = self._router.desk.world.hours.local(at)
        free = [
            state
            for state in self._roster().snapshot().teams
            if state.status is TeamStatus.AVAILABLE and state.team.on_duty(local)
        ]
        if not free:
            return {}
        spots = [_where(state) for state in free]
        roads = self._router.agency.roads
        starts = roads.snap_many(
            lons=np.array([lon for lon, _ in spots]), lats=np.array([lat for _, lat in spots])
        )
        times = self._router.desk.world.travel_times
        travel = travel_matrix(times, roads, starts, self._places.points, at)
        policy = self._router.desk.ground_at(at).policy
        limits = np.array([self._limit_ms(state.team, policy) for state in free])
        near = (travel >= 0) & (travel <= limits[:, None])
        return {
            state.team.team_id: np.flatnonzero(row & self._serves(state, policy)).tolist()
            for state, row in zip(free, near, strict=True)
        }

    def _limit_ms(self, team: Team, policy: Policy) -> float:
        """Return the travel time that is in time for a team, milliseconds."""
        usual_s = policy.screening.turnout_s
        own_s = usual_s if team.turnout_s is None else team.turnout_s
        return self._target_ms + 1000 * (usual_s - own_s)

    def _serves(self, state: TeamState, policy: Policy) -> npt.NDArray[np.bool_]:
        """Mark the places in the divisions that a team's provider serves under a policy."""
        # Kept by divisions: a policy has one digest at all hours, and its providers change.
        numbers = policy.divisions_of(state.team.program, state.team.provider)
        marks = self._served.get(numbers)
        if marks is None:
            marks = self._served[numbers] = self._places.within(sorted(numbers))
        return marks


def _where(state: TeamState) -> tuple[float, float]:
    if state.fix is None:
        return state.team.home_lon, state.team.home_lat
    return state.fix.lon, state.fix.lat
