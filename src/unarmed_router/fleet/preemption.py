"""Taking a team en route off its call for a more urgent one; never from on scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from unarmed_router.fleet.board import Board
from unarmed_router.fleet.lifecycle import BEFORE_ARRIVAL
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.team import TeamStatus

if TYPE_CHECKING:
    from unarmed_router.fleet.call_record import Assignment, CallRecord
    from unarmed_router.model.waiting import Preemption

__all__ = ["PreemptionOffer", "choose", "counted_available", "takeable"]


@dataclass(frozen=True, slots=True)
class PreemptionOffer:
    """A team that could be taken off its call.

    Parameters
    ----------
    decision : Recommendation
        What is decided of the urgent call when teams that may be taken count as available.
    team_id : str
        The team to take.
    displaced : str
        The call that would lose it.
    gain_ms : int
        By how much sooner it arrives than any free team, milliseconds; -1 where none could go.
    counted : tuple of str
        Teams that were counted as available.
    """

    decision: Recommendation
    team_id: str
    displaced: str
    gain_ms: int
    counted: tuple[str, ...]


def takeable(board: Board, priority: int, rules: Preemption) -> dict[str, Assignment]:
    """Return the teams that a call of a priority may take, with what they are on their way to."""
    return {
        team_id: assignment
        for team_id, assignment in sorted(board.open_of_team.items())
        if assignment.accepted_at is not None
        and board.roster.status_of(team_id) in BEFORE_ARRIVAL
        and rules.gain_s(priority, board.calls[assignment.call_id].priority) is not None
    }


def counted_available(roster: RosterSnapshot, team_ids: tuple[str, ...]) -> RosterSnapshot:
    """Return the teams as they would be if some of them were available."""
    if not team_ids:
        return roster
    return RosterSnapshot(
        tuple(
            replace(state, status=TeamStatus.AVAILABLE) if state.team.team_id in team_ids else state
            for state in roster.teams
        )
    )


def choose(
    board: Board,
    urgent: CallRecord,
    decision: Decision,
    teams: Mapping[str, Assignment],
    rules: Preemption,
    free: Mapping[str, int],
) -> PreemptionOffer | None:
    """Choose the team to take; None where a free one is as good, or the gain is too small.

    Parameters
    ----------
    board : Board
        The shift.
    urgent : CallRecord
        The call that waits.
    decision : Decision
        Made with `teams` counted as available.
    teams : mapping of str to Assignment
        What `takeable` returned.
    rules : Preemption
        The matrix of gains.
    free : mapping of str to int
        Response times of the teams that could go as things are, milliseconds.
    """
    if not isinstance(decision, Recommendation):
        return None
    for candidate in decision.candidates:
        if candidate.team_id in free:
            return None  # a free team ranks before whatever is left
        assignment = teams.get(candidate.team_id)
        if assignment is None:
            continue  # kept at home: it could help only while those that may be taken count
        gain_ms = min(free.values()) - candidate.response_ms if free else -1
        least_s = rules.gain_s(urgent.priority, board.calls[assignment.call_id].priority)
        if least_s is not None and (not free or gain_ms >= least_s * 1000):
            return PreemptionOffer(
                decision, candidate.team_id, assignment.call_id, gain_ms, tuple(teams)
            )
    return None
