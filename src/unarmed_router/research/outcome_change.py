"""What two policies make of one call, and why it is not the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unarmed_router.errors import InputError
from unarmed_router.model.decision import Decision, Exclusion, Recommendation
from unarmed_router.model.reasons import ProgramVerdict

__all__ = ["DecisionOutcome", "outcome_of", "why"]

_SHOWN_TEAMS = 3


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """What became of a call, as far as two policies can differ in it.

    Parameters
    ----------
    outcome : str
        ``recommendation``, the reason of a referral, or ``refused`` where the policy does not
        know a word of the call.
    goes_to : str
        The team, the referral target, or empty.
    asked : tuple of str
        Facts to ask, in order.
    """

    outcome: str
    goes_to: str
    asked: tuple[str, ...] = ()

    def __str__(self) -> str:
        asks = f" asking {', '.join(self.asked)}" if self.asked else ""
        return " ".join(part for part in (self.outcome, self.goes_to) if part) + asks


def outcome_of(decision: Decision | InputError) -> DecisionOutcome:
    """Reduce a decision, or the refusal of one, to what a policy decides of it."""
    if isinstance(decision, InputError):
        return DecisionOutcome("refused", "")
    if isinstance(decision, Recommendation):
        return DecisionOutcome("recommendation", decision.team_id)
    asked = tuple(question.fact for question in decision.questions)
    return DecisionOutcome(decision.reason.value, decision.target, asked)


def why(old: Decision | InputError, new: Decision | InputError) -> str:
    """Say what made the difference: the reading, the programs, the team, or the referral table."""
    if isinstance(new, InputError):
        return f"the new policy refuses it: {new}"
    if isinstance(old, InputError):
        return f"the old policy refused it: {old}"
    found = [*_readings(old, new), *_verdicts(old, new)] or [*_teams(old, new)][:_SHOWN_TEAMS]
    if found:
        return "; ".join(found)
    if isinstance(old, Recommendation) or isinstance(new, Recommendation):
        return "the programs stand in another order"
    if old.target != new.target:
        return "another rule or line of the referral table names the target"
    return "the questions stand in another order"


def _readings(old: Decision, new: Decision) -> Iterator[str]:
    before, after = old.reading.call_type, new.reading.call_type
    if before != after:
        yield f"read as {after or 'unknown'}, was {before or 'unknown'}"


def _verdicts(old: Decision, new: Decision) -> Iterator[str]:
    """Name the programs that triage now judges differently, with the rules."""
    before = {each.program: each for each in old.programs}
    after = {each.program: each for each in new.programs}
    for program in dict.fromkeys([*before, *after]):
        was, now = before.get(program), after.get(program)
        if was is None or now is None:
            yield f"{program} {'is new' if was is None else 'is gone'}"
        elif (was.verdict, set(was.rules)) != (now.verdict, set(now.rules)):
            before_it, after_it = _judged(was.verdict, was.rules), _judged(now.verdict, now.rules)
            yield f"{program}: {after_it}, was {before_it}"


def _teams(old: Decision, new: Decision) -> Iterator[str]:
    """Say of the teams left out differently how; of the two that are sent, when any is."""
    sent = {d.team_id for d in (old, new) if isinstance(d, Recommendation)}
    before = {each.team_id: each for each in old.exclusions}
    after = {each.team_id: each for each in new.exclusions}
    for team_id in sorted(sent or before):
        was, now = before.get(team_id), after.get(team_id)
        if was is None and now is not None:
            yield f"{team_id} is now {_left_out(now)}"
        elif was is not None and (now is None or now.reason is not was.reason):
            yield f"{team_id} was {_left_out(was)}" + (f", is {_left_out(now)}" if now else "")


def _left_out(team: Exclusion) -> str:
    return _words(team.reason) + (f" ({team.detail})" if team.detail else "")


def _judged(verdict: ProgramVerdict, rules: tuple[str, ...]) -> str:
    by = {ProgramVerdict.RULED_OUT: "by", ProgramVerdict.NEEDS_TRIAGE: "for"}.get(verdict)
    return _words(verdict) + (f" {by} {', '.join(rules)}" if by and rules else "")


def _words(name: str) -> str:
    return str(name).replace("_", " ")
