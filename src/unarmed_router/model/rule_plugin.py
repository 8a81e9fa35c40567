"""A rule that an agency wrote in Python, as what it answers to everything it can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from unarmed_router.model.call import Answer

if TYPE_CHECKING:
    from unarmed_router.model.decision import Reading

__all__ = ["Asked", "RulePlugin"]

Asked: TypeAlias = tuple[str | None, tuple[Answer, ...]]
"""A call type, None where it is unknown, and the answers to the rule's facts, in their order."""


@dataclass(frozen=True, slots=True)
class RulePlugin:
    """A rule's answers, worked out in advance: no code of the agency runs while a call is decided.

    Parameters
    ----------
    name, version : str
        The plugin that answered.
    facts : tuple of str
        Facts it looks at; a question can be asked about each.
    answers : mapping of (str or None, tuple of Answer) to Answer
        Whether the rule holds, by call type and by the answers to `facts`. Whatever is missing is
        unknown, so that it never lets a team go.
    """

    name: str
    version: str
    facts: tuple[str, ...]
    answers: Mapping[Asked, Answer]

    def answer(self, reading: Reading) -> Answer:
        """Tell whether the rule holds for a call."""
        given = tuple(reading.answer(fact) for fact in self.facts)
        return self.answers.get((reading.call_type, given), Answer.UNKNOWN)
