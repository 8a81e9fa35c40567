"""Events as lines: when they were, without a doubt, and what must not be overlooked."""

from __future__ import annotations

import zlib
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.ledgers import reserved
from tests.scenarios.city import draw_city
from unarmed_router.agency.hours import LocalHours
from unarmed_router.cli.event_text import event_lines
from unarmed_router.ledger.store import Recorded
from unarmed_router.model.call import Call
from unarmed_router.model.events import CallQueued, CallRevised, Decided, Event, RosterSet

CLOCK = LocalHours("America/Los_Angeles")
FIRST = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
"""Half past one in the night in which the hour from one to two comes twice."""


def line(event: Event, at: datetime) -> str:
    """Write one event."""
    (written,) = event_lines(Recorded(7, at, event, "0" * 64), CLOCK, in_words=False)
    return written


def test_an_hour_that_comes_twice_is_told_apart_by_its_zone() -> None:
    """Events an hour apart do not read as if they were of the same second."""
    event = CallQueued(call_id="C1")
    first, second = (line(event, FIRST + timedelta(hours=each)) for each in (0, 1))
    assert first == "      7  2026-11-01 01:30:00 PDT  call queued: call C1"
    assert second == "      7  2026-11-01 01:30:00 PST  call queued: call C1"


def test_a_moment_across_the_change_is_told_with_its_zone() -> None:
    """A minute after 01:59:30 PDT it is 01:00:30 PST; without its zone that is an hour ago."""
    at = FIRST + timedelta(minutes=29, seconds=30)
    event = replace(reserved(1), expires_at=at + timedelta(minutes=1))
    assert line(event, at).endswith("expires at 01:00:30 PST")
    assert line(event, FIRST + timedelta(hours=1)).endswith("expires at 01:00:30")


@pytest.mark.parametrize("recall", [True, False])
def test_a_revision_says_whether_the_team_must_be_recalled(recall: bool) -> None:
    """Nobody reads of a weapon and overlooks that the team on its way may not go any more."""
    call = Call(call_id="C1", lon=-118, lat=34, call_type="welfare_check", received_at=FIRST)
    written = line(CallRevised(call=call, priority=3, recall=recall), FIRST)
    assert written.endswith("; recall: its team may not go any more") is recall


def test_a_team_that_finishes_its_call_is_told_from_those_that_go_on() -> None:
    """The file left it out: it has no shift, and is there for its call alone."""
    states = draw_city("a---b", teams={"T1": "a", "T2": "b"}).with_team("T2", shifts=()).states
    assert line(RosterSet(teams=states), FIRST).endswith(
        "roster set: 2 teams: T1, T2 (until its call is over)"
    )


def test_a_decision_of_another_version_hides_nothing_after_it() -> None:
    """A text that cannot be read is said to be so, and the listing goes on."""
    text = b64encode(zlib.compress(b'{"kind": "referral"}')).decode()
    event = Decided(
        call_id="C1", decided_at=FIRST, team_id=None, reason="ineligible", target="POLICE",
        response_ms=None, digest="0" * 64, text=text,
    )  # fmt: skip
    said, explained = event_lines(Recorded(7, FIRST, event, "0" * 64), CLOCK, in_words=True)
    assert said.endswith("decided: call C1 to POLICE: ineligible")
    assert explained.strip() == "its text is no decision as this version of the library writes one"
