"""Rules that an agency wrote in Python: asked everything when a policy is loaded, then kept.

A rule is asked once for every call type and every combination of answers to the facts it names. The
answers become a table, so that a decision runs no foreign code: a rule cannot fail, hang or change
its mind while a call waits. What would let a team go by mistake is found before the policy is in
force, and refuses it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, Protocol

from unarmed_router.agency.plugins import RULES, described, load_plugin
from unarmed_router.agency.policy_schema import PolicyDocument, RuleEntry
from unarmed_router.errors import ConfigurationError
from unarmed_router.model.call import Answer
from unarmed_router.model.decision import Reading
from unarmed_router.model.rule_plugin import Asked, RulePlugin

__all__ = ["MOST_FACTS", "OwnRule", "rule_plugins", "with_plugins"]

MOST_FACTS = 6
"""A rule may look at so many facts: 3**6 combinations for each call type are asked."""


class OwnRule(Protocol):
    """What an entry point of the group ``unarmed_router.rules`` must lead to.

    A module with these three names will do, or an object.
    """

    @property
    def version(self) -> str:
        """Version of the rule; part of the policy's digest."""

    @property
    def facts(self) -> Sequence[str]:
        """Facts of the policy it looks at, at most six; it sees the answers to no other."""

    def holds(self, reading: Reading, /) -> Answer:
        """Tell whether the rule keeps a call from unarmed teams.

        Yes keeps it, unknown asks the questions of the facts that are unknown. The answer may
        depend on nothing but the reading's call type (None when it is unknown) and facts.
        """


def rule_plugins(entry: PolicyDocument) -> tuple[dict[str, RulePlugin], list[str]]:
    """Ask every plugin that a policy names.

    Parameters
    ----------
    entry : PolicyDocument
        A document that follows the schema.

    Returns
    -------
    plugins : dict of str to RulePlugin
        By id of the rule.
    faults : list of str
        Rules with both or neither of ``when`` and ``plugin``, plugins that are not installed,
        and those that do not behave as `OwnRule` says. Each with its path and remedy.
    """
    plugins: dict[str, RulePlugin] = {}
    faults: list[str] = []
    for rule in entry.rules:
        path = f"rules.{rule.id}"
        if (rule.when is None) == (rule.plugin is None):
            given = "neither" if rule.when is None else "both"
            faults.append(f"{path}: has {given} of when and plugin; give one of them")
        elif rule.plugin is not None:
            plugin, found = _asked(rule, rule.plugin, entry, f"{path}.plugin")
            plugins[rule.id] = plugin
            faults += found
    return plugins, faults


def with_plugins(digest: str, plugins: Mapping[str, RulePlugin]) -> str:
    """Return the digest of a policy with its plugins: their versions, and all they answer."""
    if not plugins:
        return digest
    whole = hashlib.sha256(digest.encode())
    for rule_id, plugin in sorted(plugins.items()):
        answers = [(kind or "", *given, answer) for (kind, given), answer in plugin.answers.items()]
        said = (rule_id, plugin.name, plugin.version, plugin.facts, sorted(answers))
        whole.update(json.dumps(said).encode())
    return whole.hexdigest()


def _asked(
    rule: RuleEntry, name: str, entry: PolicyDocument, path: str
) -> tuple[RulePlugin, list[str]]:
    """Load a plugin and ask it; one with a fault answers nothing, which is unknown."""
    try:
        own: Any = load_plugin(RULES, name, source=rule.id, path=path)
    except ConfigurationError as error:
        return RulePlugin(name, "", (), {}), list(error.faults)
    faults = list(_shape_faults(own, [fact.id for fact in entry.facts]))
    answers: dict[Asked, Answer] = {}
    if not faults:
        plugin = RulePlugin(name, own.version, tuple(own.facts), answers)
        types = [kind.id for kind in entry.call_types]
        faults = list(_answer_faults(own, plugin.facts, types, answers))
    if faults:
        return RulePlugin(name, "", (), {}), [f"{path}: {name!r} {fault}" for fault in faults]
    return plugin, []


def _shape_faults(own: Any, known: Sequence[str]) -> Iterable[str]:
    """List what a plugin lacks before it can be asked."""
    version, facts = getattr(own, "version", None), getattr(own, "facts", None)
    if not callable(getattr(own, "holds", None)):
        yield "has no function holds(reading)"
    if not (isinstance(version, str) and version):
        yield f"has version {version!r}; it must be text, and change whenever the rule does"
    if not isinstance(facts, tuple | list) or not all(isinstance(fact, str) for fact in facts):
        yield f"has facts {facts!r}; they must be a tuple of fact ids"
        return
    for fact in facts:
        if fact not in known:
            yield f"looks at unknown fact {fact!r}; the policy has {', '.join(sorted(known))}"
    if len(set(facts)) < len(facts):
        yield f"names a fact twice: {', '.join(facts)}"
    if len(facts) > MOST_FACTS:
        yield f"looks at {len(facts)} facts; split it into rules of at most {MOST_FACTS}"


def _answer_faults(
    own: Any, facts: tuple[str, ...], types: Sequence[str], answers: dict[Asked, Answer]
) -> Iterable[str]:
    """Ask a plugin everything into `answers`; list the first thing that is wrong."""
    for kind in (None, *types):
        for given in product(Answer, repeat=len(facts)):
            reading = Reading(kind, dict(zip(facts, given, strict=True)))
            said = _case(kind, facts, given)
            try:
                answer, again = own.holds(reading), own.holds(reading)
            except Exception as error:  # foreign code: whatever it raises
                yield f"raises {described(error)} for {said}; it must answer every call"
                return
            if not isinstance(answer, Answer):
                yield f"returns {answer!r} for {said}; it must return an Answer"
                return
            if again is not answer:
                yield (
                    f"answers {answer} and then {again} for {said}; it may depend on nothing but "
                    "the call type and the facts"
                )
                return
            answers[kind, given] = answer
    for (kind, given), answer in answers.items():
        fault = _unsafe(kind, given, types, answers)
        if fault:
            yield f"answers {answer} for {_case(kind, facts, given)}, {fault}"
            return


def _unsafe(
    kind: str | None,
    given: tuple[Answer, ...],
    types: Sequence[str],
    answers: Mapping[Asked, Answer],
) -> str:
    """Tell why an answer cannot stand: what is not yet known must not be able to undo it."""
    answer = answers[kind, given]
    if answer is Answer.UNKNOWN:
        if kind is None or Answer.UNKNOWN in given:
            return ""
        return "where no question is left to ask; it must say yes or no"
    for place, one in enumerate(given):
        if one is Answer.UNKNOWN:
            for other in (Answer.YES, Answer.NO):
                if answers[kind, (*given[:place], other, *given[place + 1 :])] is not answer:
                    return "but otherwise once an unknown fact is known; it must say unknown"
    # A no without a call type lets nobody go: the type is asked for first.
    if kind is None and answer is Answer.YES and any(answers[n, given] != answer for n in types):
        return "but otherwise once the call type is known; it must say unknown or no"
    return ""


def _case(kind: str | None, facts: Sequence[str], given: Sequence[Answer]) -> str:
    """Write a combination in words."""
    said = ", ".join(f"{fact} {answer}" for fact, answer in zip(facts, given, strict=True))
    return f"call type {kind or 'unknown'}" + (f" with {said}" if said else "")
