"""A day of a ledger under another policy, with the teams as they were."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.played import Played, copied
from unarmed_router.errors import ConfigurationError
from unarmed_router.model.events import Decided, Fixes
from unarmed_router.operations.recording import decision_text
from unarmed_router.research.ledger_diff import LedgerDiff
from unarmed_router.research.outcome_change import DecisionOutcome


def test_the_policy_of_the_day_changes_nothing(played: Played) -> None:
    """Under the policy that was in force every decision is as it was."""
    found = LedgerDiff(played.agency, played.agency.world.policy, [played.later])
    later = {c.seq for c in found.changes(played.ledger)}
    events = [each for each in played.ledger.read() if isinstance(each.event, Decided)]
    under = {e.seq: "la-later-2026" in decision_text(e.event) for e in events
             if isinstance(e.event, Decided)}  # fmt: skip
    assert found.decisions == len(events)
    assert later <= {seq for seq, other in under.items() if other}


def test_changed_calls_are_named_counted_and_explained(played: Played) -> None:
    """The new policy takes no welfare checks: each one that had a team is named, and why."""
    found = LedgerDiff(played.agency, played.later, [played.later])
    changes = list(found.changes(played.ledger))
    assert changes
    assert {change.new.outcome for change in changes} == {"ineligible"}
    assert all("UMCR: call type not taken" in change.why for change in changes)
    events = {e.seq: e.event for e in played.ledger.read()}
    for change in changes:
        event = events[change.seq]
        assert isinstance(event, Decided)
        told = ("recommendation", event.team_id) if event.team_id else (event.reason, event.target)
        assert (change.old.outcome, change.old.goes_to) == told
        assert '"call_type":"welfare_check"' in decision_text(event)
    assert found.changed == len({change.call_id for change in changes}) == found.counts.total()
    assert found.calls > found.changed
    sent = DecisionOutcome("recommendation", ""), DecisionOutcome("ineligible", "LAPD_PATROL")
    assert found.counts[sent] > 0
    assert not found.skipped


def test_a_call_counts_once_by_its_first_change(played: Played) -> None:
    """A call that is decided several times is listed each time and counted once."""
    found = LedgerDiff(played.agency, played.later, [played.later])
    per_call = Counter(change.call_id for change in found.changes(played.ledger))
    assert max(per_call.values()) > 1
    assert found.counts.total() == len(per_call)


def test_what_cannot_be_compared_is_counted(played: Played) -> None:
    """A policy that is not at hand, or removed events, leave decisions out, with the reason."""
    found = LedgerDiff(played.agency, played.later)
    assert list(found.changes(played.ledger))
    assert not found.skipped  # the new policy is at hand, and was in force later
    unknown = replace(played.later, digest="0" * 64)
    found = LedgerDiff(played.agency, unknown)
    list(found.changes(played.ledger))
    (reason,) = found.skipped
    assert reason.startswith("policy la-later-2026: ")
    events = [
        each._replace(event=None) if isinstance(each.event, Fixes) else each
        for each in played.ledger.read()
    ]
    found = LedgerDiff(played.agency, played.later)
    list(found.changes(copied(events)))
    assert found.skipped["retention removed events it may have stood on"] > 0


def test_a_policy_that_leaves_a_team_nowhere_is_refused(played: Played) -> None:
    """A team whose provider the new policy does not know would be sent by nobody."""
    (program, *_) = played.later.programs
    fewer = replace(program, providers=program.providers[:1])
    found = LedgerDiff(played.agency, replace(played.later, programs=(fewer,)))
    with pytest.raises(ConfigurationError, match="is no provider of UMCR"):
        list(found.changes(played.ledger))
