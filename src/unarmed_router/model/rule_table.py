"""The rules of a policy as a table of bits, made once: judging a call is a few whole-number steps.

Facts that some rule looks at are bits, and so are rules. Of a call two numbers are kept: the facts
answered yes, and those answered no. A rule fails when one of its facts has the other answer, holds
when all have the wanted one, and is open otherwise: Kleene's conjunction, two comparisons a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from unarmed_router.model.call import Answer
from unarmed_router.model.rule import Rule
from unarmed_router.model.rule_plugin import RulePlugin

__all__ = ["RuleTable", "Told"]

Told: TypeAlias = tuple[int, int]
"""Bits of the facts answered yes, and of those answered no."""


class RuleTable:
    """Rules compiled; immutable and safe to share between threads.

    Parameters
    ----------
    rules : sequence of Rule
        In the policy's order: the first is the lowest bit.
    facts : iterable of str
        The policy's facts in order; those that no rule looks at have no bit.
    programs : iterable of str
        Ids of the programs.

    Attributes
    ----------
    rules : tuple of Rule
        As given.
    bits : mapping of str to int
        The bit of each fact that a rule looks at, in the policy's order of facts.
    keeps : mapping of str to int
        Bits of the rules that can keep a call from each program.
    """

    __slots__ = ("_own", "_rows", "bits", "keeps", "rules")

    def __init__(
        self, rules: Sequence[Rule], facts: Iterable[str], programs: Iterable[str]
    ) -> None:
        self.rules = tuple(rules)
        asked = dict.fromkeys(fact for rule in rules for fact in rule.facts)
        order = [fact for fact in dict.fromkeys([*facts, *asked]) if fact in asked]
        self.bits: Mapping[str, int] = {fact: 1 << place for place, fact in enumerate(order)}
        self.keeps: Mapping[str, int] = {
            program: sum(1 << at for at, rule in enumerate(rules) if program in rule.programs)
            for program in programs
        }
        some = [
            (1 << place, rule)
            for place, rule in enumerate(rules)
            if any(program in rule.programs for program in self.keeps)
        ]
        self._rows = tuple(
            (bit, self._wanted(rule, Answer.YES), self._wanted(rule, Answer.NO))
            for bit, rule in some
            if rule.plugin is None
        )
        self._own = tuple(
            (bit, rule.plugin, tuple(self.bits[fact] for fact in rule.plugin.facts))
            for bit, rule in some
            if rule.plugin is not None
        )

    def _wanted(self, rule: Rule, answer: Answer) -> int:
        return sum(self.bits[fact] for fact, wanted in rule.when.items() if wanted is answer)

    def told(self, facts: Mapping[str, Answer]) -> Told:
        """Return the answers to the facts that rules look at, as bits."""
        yes = no = 0
        for fact, answer in facts.items():
            if answer is Answer.YES:
                yes |= self.bits.get(fact, 0)
            elif answer is Answer.NO:
                no |= self.bits.get(fact, 0)
        return yes, no

    def judge(self, call_type: str | None, told: Told) -> tuple[int, int]:
        """Evaluate every rule that is for some program.

        Parameters
        ----------
        call_type : str or None
            The call's, for rules that an agency wrote itself.
        told : tuple of (int, int)
            As `told` returns it.

        Returns
        -------
        holding, still_open : int
            Bits of the rules that hold, and of those that unknown facts leave open; all others
            fail.
        """
        yes, no = told
        holding = still_open = 0
        for bit, wants_yes, wants_no in self._rows:
            if no & wants_yes or yes & wants_no:
                continue
            if yes & wants_yes == wants_yes and no & wants_no == wants_no:
                holding |= bit
            else:
                still_open |= bit
        for bit, plugin, facts in self._own:
            answer = _of_plugin(plugin, call_type, facts, told)
            if answer is Answer.YES:
                holding |= bit
            elif answer is Answer.UNKNOWN:
                still_open |= bit
        return holding, still_open

    def named(self, rules: int) -> tuple[str, ...]:
        """Return the ids of rules given as bits, in the policy's order."""
        return tuple([rule.rule_id for rule in self.picked(rules)]) if rules else ()

    def picked(self, rules: int) -> tuple[Rule, ...]:
        """Return the rules given as bits, in the policy's order."""
        found = []
        while rules:
            lowest = rules & -rules
            found.append(self.rules[lowest.bit_length() - 1])
            rules ^= lowest
        return tuple(found)

    def unknown_facts(self, rules: int, told: Told) -> tuple[str, ...]:
        """Return the unanswered facts that rules given as bits look at, in the policy's order."""
        asked = {fact for rule in self.picked(rules) for fact in rule.facts}
        unknown = ~(told[0] | told[1])
        return tuple(fact for fact, bit in self.bits.items() if fact in asked and bit & unknown)


def _of_plugin(
    plugin: RulePlugin, call_type: str | None, facts: Iterable[int], told: Told
) -> Answer:
    """Look up what an agency's own rule answers."""
    yes, no = told
    given = tuple(
        Answer.YES if yes & bit else Answer.NO if no & bit else Answer.UNKNOWN for bit in facts
    )
    return plugin.answers.get((call_type, given), Answer.UNKNOWN)
