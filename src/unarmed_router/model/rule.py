"""Rules: what keeps a call from unarmed teams, said in the policy file or by an agency's plugin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from unarmed_router.model.call import Answer
from unarmed_router.model.rule_plugin import RulePlugin

__all__ = ["Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that keeps a call from unarmed teams.

    Parameters
    ----------
    rule_id : str
        Unique in the policy.
    programs : frozenset of str
        Programs it applies to.
    when : mapping of str to Answer
        Facts that must all hold (Kleene conjunction); values are ``yes`` or ``no``.
    target : str
        Who takes the call when the rule holds.
    because : str
        The reason, in words for a dispatcher.
    plugin : RulePlugin or None
        Tells whether the rule holds, in place of `when`, which is empty then.
    """

    rule_id: str
    programs: frozenset[str]
    when: Mapping[str, Answer]
    target: str
    because: str
    plugin: RulePlugin | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        """Facts it looks at."""
        return tuple(self.when) if self.plugin is None else self.plugin.facts
