"""Which programs may take a call: three-valued rules, and nothing guessed.

A rule is a Kleene conjunction of facts: it holds when all of them hold, fails when one fails, and
is unknown otherwise (Kleene, Introduction to Metamathematics, 1952, section 64). One rule that
holds keeps the call from its programs; one that is unknown asks its questions first. Rules are
evaluated by the policy's own table, `model.rule_table`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from unarmed_router.dispatch.questions import MOST_ENUMERATED, fewest_questions
from unarmed_router.dispatch.reading import read_call
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Considered, Question, Reading
from unarmed_router.model.deferred import Deferred
from unarmed_router.model.policy import Policy
from unarmed_router.model.program import Program
from unarmed_router.model.reasons import ProgramVerdict, ReferralReason
from unarmed_router.model.rule import Rule
from unarmed_router.model.rule_table import Told

__all__ = [
    "Judged",
    "Triage",
    "assess",
    "assess_judged",
    "assess_reading",
    "evaluate",
    "judge",
    "takes_judged",
]


@dataclass(frozen=True, slots=True)
class Triage(Deferred):
    """What triage says of a call; its questions are worked out when they are first read.

    Parameters
    ----------
    eligible : tuple of Program
        Programs that may take it, in order of preference; empty when the call is referred.
    considered : tuple of Considered
        Every program with its verdict.
    reason : ReferralReason or None
        Why the call is referred; None when some program is eligible.
    target : str or None
        Target named by the rule that holds; None leaves it to the referral table.
    detail : str
        The value that decided.
    questions : tuple of Question
        What to ask, when facts are missing.
    """

    eligible: tuple[Program, ...]
    considered: tuple[Considered, ...]
    reason: ReferralReason | None
    target: str | None
    detail: str
    questions: tuple[Question, ...]


class Judged(NamedTuple):
    """A reading with what the rules say of it, wherever the call is.

    Parameters
    ----------
    reading : Reading
        The call as the policy understands it.
    told : tuple of (int, int)
        Its answers, as `RuleTable.told` returns them.
    holding, still_open : int
        Rules, as `RuleTable.judge` returns them.
    """

    reading: Reading
    told: Told
    holding: int
    still_open: int


def judge(reading: Reading, policy: Policy) -> Judged:
    """Evaluate every rule of a policy for a reading."""
    told = policy.table.told(reading.facts)
    return Judged(reading, told, *policy.table.judge(reading.call_type, told))


def assess(call: Call, division: int, policy: Policy) -> Triage:
    """Read a call and do `assess_reading`.

    Raises
    ------
    InputError
        The call answers a fact the policy does not know: a typing error must not go unnoticed.
    """
    return assess_reading(read_call(call, policy), division, policy)


def evaluate(rule: Rule, reading: Reading) -> Answer:
    """Evaluate one rule by Kleene conjunction: no wins over unknown, unknown over yes.

    A rule that an agency wrote itself is looked up. The policy's table says the same of all rules
    at once.
    """
    if rule.plugin is not None:
        return rule.plugin.answer(reading)
    result = Answer.YES
    for fact, wanted in rule.when.items():
        given = reading.answer(fact)
        if given is Answer.UNKNOWN:
            result = Answer.UNKNOWN
        elif given is not wanted:
            return Answer.NO
    return result


def assess_reading(reading: Reading, division: int, policy: Policy) -> Triage:
    """Decide which programs may take the call in a division.

    Parameters
    ----------
    reading : Reading
        The call as the policy understands it.
    division : int
        Number of the division it lies in.
    policy : Policy
        Programs and rules.

    Returns
    -------
    Triage
        Eligible programs in order, or the reason for referral. For one program a rule that holds
        comes first, whatever else is unknown. When programs disagree, one that is eligible wins;
        else a question that could make one eligible is asked; else the rules that hold are named;
        else no program serves the place; else none takes the call type.
    """
    return assess_judged(judge(reading, policy), division, policy)


def assess_judged(judged: Judged, division: int, policy: Policy) -> Triage:
    """Do `assess_reading` with the rules evaluated already."""
    seen, eligible = [], []
    for program in policy.programs:
        verdict, rules = _verdict(program, judged, division, policy)
        seen.append(Considered(program.program_id, verdict, policy.table.named(rules)))
        if verdict is ProgramVerdict.ELIGIBLE:
            eligible.append(program)
    considered = tuple(seen)
    if eligible:
        return Triage(tuple(eligible), considered, None, None, "", ())
    if judged.reading.call_type not in policy.call_types:
        return _untriageable_type(judged, policy, considered)
    return _referred(judged, policy, division, considered)


def takes_judged(judged: Judged, policy: Policy) -> tuple[bool, ...]:
    """Tell which programs may take the call wherever they have a provider.

    Parameters
    ----------
    judged : Judged
        The call as the policy understands it, its rules evaluated.
    policy : Policy
        Programs and rules.

    Returns
    -------
    tuple of bool
        In the policy's order of programs.
    """
    return tuple(
        _verdict(program, judged, None, policy)[0] is ProgramVerdict.ELIGIBLE
        for program in policy.programs
    )


def _verdict(
    program: Program, judged: Judged, division: int | None, policy: Policy
) -> tuple[ProgramVerdict, int]:
    """Judge one program, and name as bits the rules that decided.

    A rule that holds comes before anything that could still be asked. Without a division the
    program is taken to serve every place.
    """
    keeps, call_type = policy.table.keeps[program.program_id], judged.reading.call_type
    holding = judged.holding & keeps
    if holding:
        return ProgramVerdict.RULED_OUT, holding
    if call_type not in policy.call_types:
        return ProgramVerdict.NEEDS_TRIAGE, 0
    if call_type not in program.call_types:
        return ProgramVerdict.CALL_TYPE_NOT_TAKEN, 0
    if division is not None and division not in program.provider_of:
        return ProgramVerdict.NOT_HERE, 0
    still_open = judged.still_open & keeps
    return (ProgramVerdict.NEEDS_TRIAGE if still_open else ProgramVerdict.ELIGIBLE), still_open


def _untriageable_type(
    judged: Judged, policy: Policy, considered: tuple[Considered, ...]
) -> Triage:
    """Refer a call whose type the policy does not know: never guessed, but a danger is a danger."""
    # Of a policy without programs no rule rules any out.
    if considered and all(seen.verdict is ProgramVerdict.RULED_OUT for seen in considered):
        return _ruled_out(judged, policy, considered)
    known = ", ".join(sorted(policy.call_types))
    question = Question("call_type", f"Which kind of call is it? One of: {known}.")
    return Triage(
        (), considered, ReferralReason.NEEDS_TRIAGE, None, judged.reading.detail, (question,)
    )


def _referred(
    judged: Judged, policy: Policy, division: int, considered: tuple[Considered, ...]
) -> Triage:
    """Choose the reason for referral from the verdicts; none of them is ELIGIBLE."""
    verdicts = {seen.verdict for seen in considered}
    if ProgramVerdict.NEEDS_TRIAGE in verdicts:
        triage = Triage.pending(_Asking, judged, division, policy)
        known = {"eligible": (), "considered": considered, "target": None}
        for name, value in {**known, "reason": ReferralReason.NEEDS_TRIAGE}.items():
            object.__setattr__(triage, name, value)
        return triage
    if ProgramVerdict.RULED_OUT in verdicts:
        return _ruled_out(judged, policy, considered)
    if ProgramVerdict.NOT_HERE in verdicts:
        return Triage((), considered, ReferralReason.NO_PROGRAM_HERE, None, "", ())
    name = policy.call_types[judged.reading.call_type or ""].name
    detail = f"no program takes: {name}"
    return Triage((), considered, ReferralReason.INELIGIBLE, None, detail, ())


def _ruled_out(judged: Judged, policy: Policy, considered: tuple[Considered, ...]) -> Triage:
    """Name every rule that holds; the first in the file's order names the target."""
    holding = policy.table.picked(judged.holding)
    because = "; ".join(dict.fromkeys([rule.because for rule in holding]))
    reason = ReferralReason.INELIGIBLE
    return Triage((), considered, reason, holding[0].target, because, ())


class _Asking:
    """Writes the questions of a call that needs triage, and the detail that names their facts."""

    __slots__ = ("_division", "_judged", "_policy")

    def __init__(self, judged: Judged, division: int, policy: Policy) -> None:
        self._judged, self._division, self._policy = judged, division, policy

    def leading(self) -> None:
        """Return nothing: nothing is read more often than the rest."""

    def write(self, name: str) -> str | tuple[Question, ...]:
        """Return the value of a field."""
        asked = self._asked()
        if name == "questions":
            facts = self._policy.facts
            return tuple(Question(fact, facts[fact].question) for fact in asked)
        detail = f"unknown: {', '.join(asked)}"
        if len(asked) > MOST_ENUMERATED:
            return f"{detail}; with more than {MOST_ENUMERATED} unknown facts all are asked"
        return detail

    def _asked(self) -> tuple[str, ...]:
        """Choose the facts to ask about, among those that rules of undecided programs look at."""
        judged, policy = self._judged, self._policy
        undecided = 0
        for program in policy.programs:
            verdict, rules = _verdict(program, judged, self._division, policy)
            undecided |= rules if verdict is ProgramVerdict.NEEDS_TRIAGE else 0
        return fewest_questions(policy.table.unknown_facts(undecided, judged.told), self._end)

    def _end(self, answers: Mapping[str, Answer]) -> tuple[str, ...] | None:
        """Say who may take the call, or is sent instead, with more answers; None: still open."""
        judged, policy = self._judged, self._policy
        yes, no = policy.table.told(answers)
        told = judged.told[0] | yes, judged.told[1] | no
        then = Judged(judged.reading, told, *policy.table.judge(judged.reading.call_type, told))
        verdicts = {
            program.program_id: _verdict(program, then, self._division, policy)[0]
            for program in policy.programs
        }
        eligible = [name for name, seen in verdicts.items() if seen is ProgramVerdict.ELIGIBLE]
        if eligible:
            return ("eligible", *eligible)
        if ProgramVerdict.NEEDS_TRIAGE in verdicts.values():
            return None
        if then.holding:
            return ("ruled out", policy.table.picked(then.holding)[0].target)
        return tuple(verdicts.values())
