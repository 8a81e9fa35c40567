"""Open calls under a policy that came after them: what they say in its words, on record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from unarmed_router.fleet.board import Board
from unarmed_router.model.call import Call
from unarmed_router.model.events import CallRevised
from unarmed_router.model.program import Policy

__all__ = ["adapt"]


def adapt(board: Board, policy: Policy) -> Sequence[CallRevised]:
    """Revise the open calls that say what a policy has no word for.

    Such a call could not be decided any more, and would keep every act on the queue from happening.
    An answer or a preference without a word is left out: no rule looks at it. Where what a call
    needs has no word, nobody can tell which team has it, and no team may go until people revise the
    call.

    Parameters
    ----------
    board : Board
        The shift.
    policy : Policy
        In force now.
    """
    teams = [state.team.team_id for state in board.roster.snapshot().teams]
    revised = []
    for record in board.calls.values():
        call = _in_words_of(policy, record.call, teams)
        if call is not record.call:
            revised.append(CallRevised(call=call, priority=record.priority, recall=record.recall))
    return revised


def _in_words_of(policy: Policy, call: Call, teams: Iterable[str]) -> Call:
    """Return a call without what the policy has no word for; the call itself where it has all."""
    known = policy.capabilities
    facts = {fact: answer for fact, answer in call.facts.items() if fact in policy.facts}
    needs, prefers = (
        words if known is None else tuple(word for word in words if word in known)
        for words in (call.needs, call.prefers)
    )
    excludes = call.excludes if needs == call.needs else (*call.excludes, *teams)
    if len(facts) == len(call.facts) and (needs, prefers) == (call.needs, call.prefers):
        return call
    return replace(call, facts=facts, needs=needs, prefers=prefers, excludes=excludes)
