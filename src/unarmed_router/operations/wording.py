"""Open calls under a policy that came after them: what they say, in its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from unarmed_router.model.call import Call
from unarmed_router.model.policy import Policy
from unarmed_router.model.team import Team

__all__ = ["in_words_of"]


def in_words_of(
    policy: Policy, call: Call, teams: Iterable[Team], before: Call | None = None
) -> Call:
    """Return a call without what a policy has no word for; the call itself where it has all.

    Such a call could not be decided any more, and would keep every act on the queue from happening.
    An answer or a preference without a word is left out: no rule looks at it. So is a need, and the
    teams whose description lacks it are excluded. The call on the shift keeps all of it, for a
    process with another policy, and for a policy that has the words again.

    Parameters
    ----------
    policy : Policy
        The one that decides.
    call : Call
        As it is known.
    teams : iterable of Team
        Those on the shift.
    before : Call, optional
        The same call as it was known before a revision: what is new in it must be a word of the
        policy, and is left for it to refuse.
    """
    facts, words = policy.facts, policy.capabilities
    if all(fact in facts for fact in call.facts) and (
        words is None or all(word in words for word in (*call.needs, *call.prefers))
    ):
        return call
    said = call if before is None else before
    kept = {f: answer for f, answer in call.facts.items() if f in facts or f not in said.facts}
    unsaid = frozenset[str]()
    if words is not None:
        unsaid = frozenset((*said.needs, *said.prefers)).difference(words)
    needed = unsaid.intersection(call.needs)
    lacking = (team.team_id for team in teams if not needed.issubset(team.capabilities))
    return replace(
        call,
        facts=kept,
        needs=tuple(word for word in call.needs if word not in unsaid),
        prefers=tuple(word for word in call.prefers if word not in unsaid),
        excludes=(*call.excludes, *lacking),
    )
