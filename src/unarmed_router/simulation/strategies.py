"""Which of the teams that could go is sent: strategies to compare on one stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from math import inf
from typing import Protocol

from unarmed_router.errors import InputError
from unarmed_router.model.decision import Recommendation

__all__ = ["LeastCoverageLoss", "Nearest", "ProgramOrder", "Reach", "Strategy"]


class Strategy(Protocol):
    """Chooses among the teams that the live rules allow."""

    def choose(self, decision: Recommendation, at: datetime) -> str:
        """Return the id of one of the decision's candidates."""


class ProgramOrder:
    """The live rule: whatever the decision recommends."""

    name = "program_order"

    def choose(self, decision: Recommendation, at: datetime) -> str:  # noqa: ARG002  # a Strategy
        """Return the team recommended."""
        return decision.team_id


class Nearest:
    """The team that arrives first, whatever the order of programs; ties by team id."""

    name = "nearest"

    def choose(self, decision: Recommendation, at: datetime) -> str:  # noqa: ARG002  # a Strategy
        """Return the candidate of the least response time."""
        first = min(decision.candidates, key=lambda each: (each.response_ms, each.team_id))
        return first.team_id


class Reach(Protocol):
    """Which demand the teams that are free now would reach in time."""

    def of_free_teams(self, at: datetime) -> Mapping[str, Sequence[int]]:
        """Return, by team id, the numbers of the places it would reach within the target."""

    @property
    def demand(self) -> Sequence[float]:
        """Expected demand of each place."""


class LeastCoverageLoss:
    """The team in time whose going takes least from what the others cover.

    Expected coverage of a place that k free teams reach in time is ``1 - q**k``, where q is the
    share of time a team is busy (MEXCLP: Daskin, 1983, doi 10.1287/trsc.17.1.48). Sending one of
    them loses ``(1 - q) * q**(k - 1)`` of the demand of each place it reaches. Among the
    candidates within `target_s` the least loss goes, then the soonest; where none is in time, the
    soonest (Jagtenberg, Bhulai and van der Mei, 2017, doi 10.1007/s10729-016-9368-0).

    Parameters
    ----------
    reach : Reach
        Places and who reaches them now.
    busy : float
        Share of time a team is busy, in [0, 1).
    target_s : float
        Response time that counts as in time, seconds.

    Attributes
    ----------
    busy : float
        As given.

    Raises
    ------
    InputError
        A share of time outside [0, 1), or a response time that is not above 0.
    """

    name = "least_coverage_loss"

    def __init__(self, reach: Reach, *, busy: float, target_s: float) -> None:
        if not 0.0 <= busy < 1.0:
            raise InputError(f"busy {busy} must be a share of time, from 0 to below 1")
        if not 0.0 < target_s < inf:
            raise InputError(f"target_s {target_s} must be a time above 0")
        self._reach, self.busy, self._target_ms = reach, busy, target_s * 1000

    def choose(self, decision: Recommendation, at: datetime) -> str:
        """Return the candidate in time of the least marginal loss."""
        in_time = [each for each in decision.candidates if each.response_ms <= self._target_ms]
        if len(in_time) < 2:
            return Nearest().choose(decision, at)
        reached = self._reach.of_free_teams(at)
        covers: dict[int, int] = {}
        for places in reached.values():
            for place in places:
                covers[place] = covers.get(place, 0) + 1
        loss = self._loss(reached, covers)
        best = min(in_time, key=lambda each: (loss(each.team_id), each.response_ms, each.team_id))
        return best.team_id

    def _loss(
        self, reached: Mapping[str, Sequence[int]], covers: Mapping[int, int]
    ) -> Callable[[str], float]:
        demand, busy = self._reach.demand, self.busy

        def of(team_id: str) -> float:
            return sum(
                demand[place] * (1 - busy) * busy ** (covers[place] - 1)
                for place in reached.get(team_id, ())
            )

        return of
