"""Which programs may take a call: three-valued rules, and nothing guessed.

A rule is a Kleene conjunction of facts: it holds when all of them hold, fails when one fails, and
is unknown otherwise (Kleene, Introduction to Metamathematics, 1952, section 64). One rule that
holds keeps the call from its programs; one that is unknown asks its questions first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from unarmed_router.dispatch.questions import questions_by_influence
from unarmed_router.dispatch.reading import read_call
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Considered, Question, Reading
from unarmed_router.model.program import Policy, Program, Rule
from unarmed_router.model.reasons import ProgramVerdict, ReferralReason

__all__ = ["Triage", "assess", "assess_reading", "evaluate", "takes", "takes_reading"]


@dataclass(frozen=True, slots=True)
class Triage:
    """What triage says of a call.

    Parameters
    ----------
    eligible : tuple of Program
        Programs that may take it, in order of preference; empty when the call is referred.
    considered : tuple of Considered
        Every program with its verdict.
    reason : ReferralReason or None
        Why the call is referred; None when some program is eligible.
    detail : str
        The value that decided.
    target : str or None
        Target named by the rule that holds; None leaves it to the referral table.
    questions : tuple of Question
        What to ask, when facts are missing.
    """

    eligible: tuple[Program, ...]
    considered: tuple[Considered, ...]
    reason: ReferralReason | None = None
    detail: str = ""
    target: str | None = None
    questions: tuple[Question, ...] = ()


def assess(call: Call, division: int, policy: Policy) -> Triage:
    """Read a call and do `assess_reading`.

    Raises
    ------
    InputError
        The call answers a fact the policy does not know: a typing error must not go unnoticed.
    """
    return assess_reading(read_call(call, policy), division, policy)


def takes(call: Call, policy: Policy) -> tuple[bool, ...]:
    """Read a call and do `takes_reading`; errors as `assess`."""
    return takes_reading(read_call(call, policy), policy)


def evaluate(rule: Rule, reading: Reading) -> Answer:
    """Evaluate one rule by Kleene conjunction: no wins over unknown, unknown over yes.

    A rule that an agency wrote itself is looked up.
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
    considered = _verdicts(reading, division, policy)
    eligible = tuple(
        program
        for program, seen in zip(policy.programs, considered, strict=True)
        if seen.verdict is ProgramVerdict.ELIGIBLE
    )
    if eligible:
        return Triage(eligible, considered)
    if reading.call_type not in policy.call_types:
        return _untriageable_type(reading, policy, considered)
    return _referred(reading, policy, division, considered)


def takes_reading(reading: Reading, policy: Policy) -> tuple[bool, ...]:
    """Tell which programs may take the call wherever they have a provider.

    Parameters
    ----------
    reading : Reading
        The call as the policy understands it.
    policy : Policy
        Programs and rules.

    Returns
    -------
    tuple of bool
        In the policy's order of programs.
    """
    return tuple(
        seen.verdict is ProgramVerdict.ELIGIBLE for seen in _verdicts(reading, None, policy)
    )


def _verdicts(reading: Reading, division: int | None, policy: Policy) -> tuple[Considered, ...]:
    """Judge every program, in the policy's order."""
    answers = {rule.rule_id: evaluate(rule, reading) for rule in policy.rules}
    return tuple(
        _verdict(program, reading, division, policy, answers) for program in policy.programs
    )


def _untriageable_type(
    reading: Reading, policy: Policy, considered: tuple[Considered, ...]
) -> Triage:
    """Refer a call whose type the policy does not know: never guessed, but a danger is a danger."""
    if all(seen.verdict is ProgramVerdict.RULED_OUT for seen in considered):
        return _ruled_out(policy, considered)
    known = ", ".join(sorted(policy.call_types))
    return Triage(
        (),
        considered,
        ReferralReason.NEEDS_TRIAGE,
        reading.detail,
        questions=(Question("call_type", f"Which kind of call is it? One of: {known}."),),
    )


def _verdict(
    program: Program,
    reading: Reading,
    division: int | None,
    policy: Policy,
    answers: dict[str, Answer],
) -> Considered:
    """Judge one program; a rule that holds comes before anything that could still be asked.

    Without a division the program is taken to serve every place.
    """
    name = program.program_id
    rules = [rule.rule_id for rule in policy.rules if name in rule.programs]
    holding = tuple(rule for rule in rules if answers[rule] is Answer.YES)
    if holding:
        return Considered(name, ProgramVerdict.RULED_OUT, holding)
    if reading.call_type not in policy.call_types:
        return Considered(name, ProgramVerdict.NEEDS_TRIAGE)
    if reading.call_type not in program.call_types:
        return Considered(name, ProgramVerdict.CALL_TYPE_NOT_TAKEN)
    if division is not None and division not in program.provider_of:
        return Considered(name, ProgramVerdict.NOT_HERE)
    open_rules = tuple(rule for rule in rules if answers[rule] is Answer.UNKNOWN)
    if open_rules:
        return Considered(name, ProgramVerdict.NEEDS_TRIAGE, open_rules)
    return Considered(name, ProgramVerdict.ELIGIBLE)


def _referred(
    reading: Reading, policy: Policy, division: int, considered: tuple[Considered, ...]
) -> Triage:
    """Choose the reason for referral from the verdicts; none of them is ELIGIBLE."""
    verdicts = {seen.verdict for seen in considered}
    if ProgramVerdict.NEEDS_TRIAGE in verdicts:
        questions = _questions(reading, policy, division, considered)
        names = ", ".join(question.fact for question in questions)
        return Triage(
            (), considered, ReferralReason.NEEDS_TRIAGE, f"unknown: {names}", questions=questions
        )
    if ProgramVerdict.RULED_OUT in verdicts:
        return _ruled_out(policy, considered)
    if ProgramVerdict.NOT_HERE in verdicts:
        return Triage((), considered, ReferralReason.NO_PROGRAM_HERE)
    name = policy.call_types[reading.call_type or ""].name
    return Triage((), considered, ReferralReason.INELIGIBLE, f"no program takes: {name}")


def _ruled_out(policy: Policy, considered: tuple[Considered, ...]) -> Triage:
    """Name every rule that holds; the first in the file's order names the target."""
    held = {
        rule
        for seen in considered
        if seen.verdict is ProgramVerdict.RULED_OUT
        for rule in seen.rules
    }
    holding = [rule for rule in policy.rules if rule.rule_id in held]
    because = "; ".join(dict.fromkeys(rule.because for rule in holding))
    return Triage((), considered, ReferralReason.INELIGIBLE, because, holding[0].target)


def _questions(
    reading: Reading, policy: Policy, division: int, considered: tuple[Considered, ...]
) -> tuple[Question, ...]:
    """Choose the questions that settle the open rules."""
    undecided = {
        rule
        for seen in considered
        if seen.verdict is ProgramVerdict.NEEDS_TRIAGE
        for rule in seen.rules
    }
    missing = {
        fact
        for rule in policy.rules
        if rule.rule_id in undecided
        for fact in rule.facts
        if reading.answer(fact) is Answer.UNKNOWN
    }

    def judged(answers: Mapping[str, Answer]) -> tuple[Considered, ...]:
        return _verdicts(replace(reading, facts={**reading.facts, **answers}), division, policy)

    asked = questions_by_influence(
        tuple(fact for fact in policy.facts if fact in missing),
        lambda answers: _outcome(judged(answers), policy),
        lambda answers: _outcome(judged(answers), policy) != _OPEN,
    )
    return tuple(Question(fact, policy.facts[fact].question) for fact in asked)


_OPEN = ("open",)


def _outcome(considered: tuple[Considered, ...], policy: Policy) -> tuple[str, ...]:
    """Say what becomes of a call: who may take it, or who is sent instead."""
    eligible = [seen.program for seen in considered if seen.verdict is ProgramVerdict.ELIGIBLE]
    if eligible:
        return ("eligible", *eligible)
    if any(seen.verdict is ProgramVerdict.NEEDS_TRIAGE for seen in considered):
        return _OPEN
    if any(seen.verdict is ProgramVerdict.RULED_OUT for seen in considered):
        return ("ruled out", _ruled_out(policy, considered).target or "")
    return tuple(seen.verdict.value for seen in considered)
