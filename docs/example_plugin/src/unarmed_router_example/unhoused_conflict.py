"""A rule: a conflict with an unhoused person is for a team that knows unhoused people."""

from __future__ import annotations

from unarmed_router import Answer
from unarmed_router.model.decision import Reading

version = "1"
facts = ("unhoused",)


def holds(reading: Reading) -> Answer:
    """Tell whether the rule keeps the call: yes, no, or not known yet."""
    if reading.call_type != "conflict_resolution":
        return Answer.NO
    return reading.answer("unhoused")
