"""Which program comes first when several may take a call, and why, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unarmed_router.kernels.routing import NO_ROAD_NEARBY
from unarmed_router.kernels.screening import BEYOND_LIMIT, CODE, UNREACHABLE
from unarmed_router.model.decision import Considered
from unarmed_router.model.reasons import ProgramVerdict

if TYPE_CHECKING:
    from unarmed_router.dispatch.finding import Finding
    from unarmed_router.model.program import Program

__all__ = ["considered", "ranking_rule"]


def considered(finding: Finding) -> tuple[Considered, ...]:
    """List every program with its verdict; those that may take the call with place and reason.

    A program's place is that of its best team; programs without one come after, in the policy's
    order.
    """
    triage = finding.triage()
    if triage is None:
        return ()
    if not triage.eligible or finding.outcome == NO_ROAD_NEARBY:
        return triage.considered  # no team was looked at, so no program has a place
    ranked = finding.ranked()
    best: dict[str, int] = {}
    for team in ranked:
        best.setdefault(finding.teams[team].program, team)
    names = [program.program_id for program in triage.eligible]
    order = [*best, *(name for name in names if name not in best)]
    reasons = {
        program.program_id: _because(finding, program, best.get(program.program_id))
        for program in triage.eligible
    }
    return tuple(
        Considered(
            seen.program,
            seen.verdict,
            seen.rules,
            order.index(seen.program) + 1,
            reasons[seen.program],
        )
        if seen.verdict is ProgramVerdict.ELIGIBLE
        else seen
        for seen in triage.considered
    )


def _because(finding: Finding, program: Program, team: int | None) -> str:
    """Say how soon its best team arrives against its target, or why it has none."""
    if team is not None:
        response_s = (finding.waited_ms() + finding.arrival_ms(team)) / 1000
        met, target_s = "meets", program.response_target_s
        if finding.late(team):
            # By a few milliseconds, too: rounded, it would seem to meet what it misses.
            met, response_s = "misses", max(response_s, target_s + 0.1)
        return (
            f"{finding.teams[team].team_id} responds in {response_s:.1f} s, which {met} its "
            f"target of {target_s} s"
        )
    codes = {
        code & CODE
        for each, code in zip(finding.teams, finding.codes(), strict=True)
        if each.program == program.program_id
    }
    if codes & {UNREACHABLE, BEYOND_LIMIT}:
        return "none of its available teams arrives in time"
    return "none of its teams could go"


def ranking_rule(finding: Finding) -> str:
    """Say what candidates are ranked by, first that differs decides."""
    rule = finding.ground.policy.arbitration
    worth = f" plus {rule.preference_s} s a missing preference" if rule.preference_s else ""
    parts = ["target met"] if rule.late_programs_yield else []
    parts += ["program order", f"response time{worth}", "missing preferences"]
    return ", ".join([*parts, "longest idle", "team id"])
