"""What would have to be otherwise: the fewest facts to change, and the nearest team left out.

A program is eligible when each of its rules fails. While one still stands, every change that helps
must change a fact the rule looks at, and of a rule made of answers, to the opposite of what it
wants. The search grows from there, one fact at a time, and so meets every smallest change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from unarmed_router.dispatch.reading import read_call
from unarmed_router.dispatch.triage import assess_reading, evaluate
from unarmed_router.model.call import Answer, in_utc
from unarmed_router.model.counterfactual import Counterfactual, FactChange, NearestExcluded
from unarmed_router.model.reasons import ExclusionReason

if TYPE_CHECKING:
    from datetime import datetime

    from unarmed_router.dispatch.desk import Desk
    from unarmed_router.dispatch.ports import World
    from unarmed_router.model.call import Call
    from unarmed_router.model.decision import Decision, Reading
    from unarmed_router.model.policy import Policy
    from unarmed_router.model.program import Program
    from unarmed_router.model.roster_snapshot import RosterSnapshot
    from unarmed_router.model.rule import Rule

__all__ = ["FEW", "MOST_SEARCHED", "counterfactual", "smallest_change"]

MOST_SEARCHED = 12
"""With so many facts that could change, or fewer, changes of every size are searched."""

FEW = 3
"""With more facts than that, changes of this many at most are searched."""

Answers: TypeAlias = frozenset[tuple[str, Answer]]

_OPPOSITE = {Answer.YES: Answer.NO, Answer.NO: Answer.YES}


def counterfactual(call: Call, at: datetime, roster: RosterSnapshot, desk: Desk) -> Counterfactual:
    """Say what would have to be otherwise for an unarmed team to take a call.

    Parameters
    ----------
    call : Call
        The call.
    at : datetime
        The moment of decision; timezone-aware.
    roster : RosterSnapshot
        Every team as it is at that moment.
    desk : Desk
        Decides, and knows the world.

    Returns
    -------
    Counterfactual

    Raises
    ------
    InputError
        As `dispatch.decide.decide`.
    """
    at = in_utc(at, "at")
    decision = desk.decide(call, at, roster)
    policy, division = desk.ground_for(call, at).policy, decision.place.division
    # Every fact a code answers stays so, whether or not the caller said the same.
    fixed = read_call(replace(call, facts={}), policy).added
    reading = replace(decision.reading, added=fixed)
    changes: tuple[FactChange, ...] | None = None
    programs: tuple[str, ...] = ()
    if division is not None:
        changes = smallest_change(reading, division.number, policy)
    if changes is not None and division is not None:
        triage = assess_reading(_after(reading, _answers(changes)), division.number, policy)
        programs = tuple(program.program_id for program in triage.eligible)
    return Counterfactual(
        call_id=call.call_id,
        changes=changes,
        programs=programs,
        fixed=fixed,
        nearest=_nearest(call, at, decision, roster, desk.world),
    )


def smallest_change(
    reading: Reading, division: int, policy: Policy
) -> tuple[FactChange, ...] | None:
    """Find the fewest facts to change so that some program becomes eligible in a division.

    Parameters
    ----------
    reading : Reading
        The call as the policy understands it. Facts in ``reading.added`` are fixed: a code's yes
        cannot be talked away.
    division : int
        Number of the division it lies in.
    policy : Policy
        Programs and rules.

    Returns
    -------
    tuple of FactChange or None
        In the policy's order of facts; empty when a program is eligible already. Of equally few
        changes the one that reverses the fewest given answers, then the one whose facts come first
        in the policy, then no before yes. None when no change of facts helps: the call type is
        unknown or no program takes it here, or codes have the facts fixed.

    Notes
    -----
    Changes are searched by growing size. The facts that count are those that rules of programs
    taking the call here look at, without the fixed ones. Up to `MOST_SEARCHED` of them every size
    is searched, which is exact; with more, sizes up to `FEW`, and None may then only mean that no
    small change helps.
    """
    rules_of = [
        [rule for rule in policy.rules if program.program_id in rule.programs]
        for program in policy.programs
        if _takes_here(program, reading, division, policy)
    ]
    facts = {fact for rules in rules_of for rule in rules for fact in rule.facts}
    facts -= set(reading.added)
    most = len(facts) if len(facts) <= MOST_SEARCHED else FEW
    order = {fact: place for place, fact in enumerate(policy.facts)}

    def worth(answers: Iterable[tuple[str, Answer]]) -> tuple[int, int, list[tuple[int, bool]]]:
        places = sorted((order[fact], answer is Answer.YES) for fact, answer in answers)
        reversals = sum(reading.answer(fact) is not Answer.UNKNOWN for fact, _ in answers)
        return len(places), reversals, places

    found = [answers for rules in rules_of for answers in _smallest(rules, reading, most)]
    if not found:
        return None
    best = sorted(min(found, key=worth), key=lambda each: order[each[0]])
    return tuple(FactChange(fact, reading.answer(fact), answer) for fact, answer in best)


def _takes_here(program: Program, reading: Reading, division: int, policy: Policy) -> bool:
    """Tell whether a program takes the call type in the division, whatever the facts are."""
    return (
        reading.call_type in policy.call_types
        and reading.call_type in program.call_types
        and division in program.provider_of
    )


def _smallest(rules: list[Rule], reading: Reading, most: int) -> set[Answers]:
    """Collect every smallest change that lets all rules fail; empty beyond `most` facts."""
    level: set[Answers] = {frozenset()}
    for _ in range(most + 1):
        standing = {answers: _standing(rules, _after(reading, answers)) for answers in level}
        found = {answers for answers, rule in standing.items() if rule is None}
        if found:
            return found
        level = {
            answers | {(fact, answer)}
            for answers, rule in standing.items()
            if rule is not None
            for fact, answer in _helping(rule, answers, reading)
        }
    return set()


def _standing(rules: list[Rule], reading: Reading) -> Rule | None:
    """Return the first rule that does not fail; None when all do."""
    return next((rule for rule in rules if evaluate(rule, reading) is not Answer.NO), None)


def _helping(rule: Rule, answers: Answers, reading: Reading) -> Iterator[tuple[str, Answer]]:
    """List the answers that may let a rule fail, of facts neither fixed nor changed already."""
    changed = {fact for fact, _ in answers}
    for fact in rule.facts:
        if fact not in changed and fact not in reading.added:
            # What an agency's own rule makes of its facts is not known here: either may help.
            both = rule.plugin is not None
            for answer in (Answer.NO, Answer.YES) if both else (_OPPOSITE[rule.when[fact]],):
                if answer is not reading.answer(fact):
                    yield fact, answer


def _after(reading: Reading, answers: Answers) -> Reading:
    return replace(reading, facts={**reading.facts, **dict(answers)})


def _answers(changes: tuple[FactChange, ...]) -> Answers:
    return frozenset((change.fact, change.to) for change in changes)


def _nearest(
    call: Call, at: datetime, decision: Decision, roster: RosterSnapshot, world: World
) -> NearestExcluded | None:
    """Find the team left out that is the nearest by exact travel time, whatever left it out.

    A team stands at its latest fix, however old, else at home. Of equal times the lower id.
    """
    goal = world.roads.snap(lon=call.lon, lat=call.lat)
    if goal is None:
        return None
    states = {state.team.team_id: state for state in roster.teams}
    timed = []
    for each in decision.exclusions:
        state = states[each.team_id]
        road = state.home_road if state.fix is None else state.fix_road
        if each.reason is not ExclusionReason.RANKED_LOWER and road is not None:
            timed.append((each, road))
    if not timed:
        return None
    times = world.travel_times.to_call([road for _, road in timed], goal, at)
    reached = [
        (travel_ms, each.team_id, each)
        for (each, _), travel_ms in zip(timed, times, strict=True)
        if travel_ms is not None
    ]
    if not reached:
        return None
    travel_ms, team_id, nearest = min(reached, key=lambda found: found[:2])
    detail = nearest.detail
    if nearest.reason is ExclusionReason.NOT_CONSIDERED and decision.kind == "referral":
        detail = f"the call is referred: {decision.reason.value.replace('_', ' ')}"
    return NearestExcluded(team_id, nearest.reason, detail, travel_ms)
