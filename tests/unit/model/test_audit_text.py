"""The auditor's text: everything a decision holds, and the same after a journey through JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from unarmed_router.interop.json_codec import decision_from_json
from unarmed_router.model.audit_text import audit_text
from unarmed_router.model.call import Answer
from unarmed_router.model.decision import (
    Basis,
    Candidate,
    Considered,
    Decision,
    Exclusion,
    Question,
    Reading,
    Recommendation,
    Referral,
)
from unarmed_router.model.explanation import FLAG_TEXT, REFERRAL_TEXT
from unarmed_router.model.location import Division, DivisionMatch, DivisionShare, LocationArea
from unarmed_router.model.mutual_aid import AidPrice
from unarmed_router.model.reasons import ExclusionReason, Flag, ProgramVerdict, ReferralReason

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
DIGESTS: dict[str, Any] = {
    name: f"{name}-digest"
    for name in ("inputs", "agency", "boundaries", "network", "profile", "roster", "policy")
}
NETWORK: dict[str, Any] = {"network_title": "Drawn streets", "network_limits": ""}
BASIS = Basis(version="9.9", policy_id="drawn-2026", hour_of_week=0, **NETWORK, **DIGESTS)
SHARED: dict[str, Any] = {
    "call_id": "c-1",
    "call_type": "415A",
    "codes": ("918",),
    "facts": {"weapon": Answer.NO, "medical": Answer.NO, "minor": Answer.UNKNOWN},
    "reading": Reading(
        "conflict",
        {"weapon": Answer.YES, "medical": Answer.NO, "minor": Answer.UNKNOWN, "fire": Answer.YES},
        ("fire", "weapon"),
    ),
    "needs": ("spanish",),
    "prefers": ("clinician", "van"),
    "received_at": AT,
    "decided_at": AT + timedelta(seconds=90),
    "place": DivisionMatch(Division(20, "Olympic", "West"), 12.345, near_border=True),
    "area": LocationArea(
        (
            DivisionShare(20, 0.75, ("UNARMED/p",)),
            DivisionShare(3, 0.125, ()),
            DivisionShare(0, 0.025, ()),
        ),
        0.1,
        61_000,
        64,
    ),
    "aid": AidPrice("p", "q", 1800, 12.5, 0.75, 0.5),
    "snap_m": 6.5,
    "programs": (
        Considered("UNARMED", ProgramVerdict.ELIGIBLE, (), 1, "T1 responds in 180 s"),
        Considered("OTHER", ProgramVerdict.RULED_OUT, ("armed", "minor")),
    ),
    "basis": BASIS,
}
candidate = partial(Candidate, provider="p", program="UNARMED", turnout_ms=60_000)
SENT = Recommendation(
    **SHARED,
    candidates=(
        candidate(
            team_id="T1", travel_ms=30_000, response_ms=180_000, position="avl", missing=("van",)
        ),
        candidate(team_id="T2", travel_ms=50_000, response_ms=200_000, position="home"),
    ),
    exclusions=(
        Exclusion("T2", ExclusionReason.RANKED_LOWER, "place 2 of 2"),
        Exclusion("T3", ExclusionReason.STATUS_UNKNOWN),
    ),
    flags=(Flag.NEAR_BORDER, Flag.UNCERTAIN_LOCATION),
    program_name="Unarmed Response",
    provider_name="Provider",
)
BARE: dict[str, Any] = {
    "codes": (),
    "facts": {},
    "reading": Reading(None, {}, (), "code 'ZZZ' is in no list"),
    "needs": (),
    "prefers": (),
    "place": DivisionMatch(None, 1234.0, near_border=False),
    "area": None,
    "aid": None,
    "snap_m": None,
    "programs": (),
    "basis": replace(BASIS, hour_of_week=None),
}
REFUSED = Referral(
    **{**SHARED, **BARE},
    candidates=(),
    exclusions=(),
    flags=(),
    reason=ReferralReason.NEEDS_TRIAGE,
    detail="code 'ZZZ' is in no list",
    target="DESK",
    target_name="the call taker",
    contact="desk 4",
    questions=(Question("call_type", "Which kind of call is it?"),),
)


def sections(decision: Decision) -> dict[str, list[str]]:
    """Split the text into the lines under each heading; the first line names call and outcome."""
    title, *parts = audit_text(decision).split("\n\n")
    assert title == f"Call c-1: {decision.kind}"
    cut = [part.splitlines() for part in parts]
    assert all(line.startswith("  ") for _, *lines in cut for line in lines)
    return {heading: [line[2:] for line in lines] for heading, *lines in cut}


def values(plain: Any) -> Iterator[str | float | int | None]:
    """Walk over every value of a decision's JSON."""
    if isinstance(plain, dict | list):
        for item in plain.values() if isinstance(plain, dict) else plain:
            yield from values(item)
    else:
        yield plain


@pytest.mark.parametrize("decision", [SENT, REFUSED], ids=lambda each: each.kind)
def test_the_text_survives_json(decision: Decision) -> None:
    """A decision read back tells the auditor the same, to the letter."""
    again = decision_from_json(decision.to_json())
    assert again.explain("auditor") == decision.explain("auditor") == audit_text(decision)


@pytest.mark.parametrize("decision", [SENT, REFUSED], ids=lambda each: each.kind)
def test_every_word_of_the_json_is_in_the_text(decision: Decision) -> None:
    """Nothing a decision holds is kept from the auditor."""
    text = audit_text(decision)
    words = {each for each in values(json.loads(decision.to_json())) if isinstance(each, str)}
    assert {word for word in words if word not in text} == set()
    whole = {each for each in values(json.loads(decision.to_json())) if type(each) is int}
    assert {number for number in whole if str(number) not in text} == set()


def test_a_recommendation_line_by_line() -> None:
    """Each section holds what its heading says."""
    times = "(UNARMED/p): travel {}000 ms, turnout 60000 ms, response {}000 ms"
    assert sections(SENT) == {
        "Outcome": [
            "team T1",
            "program UNARMED: Unarmed Response",
            "provider p: Provider",
            "arrives 2026-03-02T12:03:00Z",
        ],
        "Call": [
            "type 415A; further codes 918",
            "read as conflict",
            "fact fire yes (by a code; the caller's answer: none)",
            "fact medical no",
            "fact minor unknown",
            "fact weapon yes (by a code; the caller's answer: no)",
            "every other fact unknown",
            "needs spanish; prefers clinician, van",
        ],
        "Moment": ["received 2026-03-02T12:00:00Z", "decided 2026-03-02T12:01:30Z"],
        "Place": [
            "division 20, Olympic, West bureau",
            "border 12.35 m away, within the tolerance",
            "road 6.50 m away",
        ],
        "Area it may be in": [
            "75.00% division 20: UNARMED/p",
            "12.50% division 3: none",
            "2.50% outside every division: none",
            "10.00% without a place",
            "expected travel 61000 ms over 64 points",
        ],
        "Programs": [
            "UNARMED: eligible; place 1; T1 responds in 180 s",
            "OTHER: ruled_out; rules armed, minor",
        ],
        "Candidates": [
            f"1. T1 {times.format(30, 180)}; position avl; preferred and missing van",
            f"2. T2 {times.format(50, 200)}; position home; preferred and missing none",
        ],
        "Mutual aid": [
            "p helps q; its own area has a demand of 12.5",
            "75.00% of it within the target of 1800 s before",
            "50.00% while the team is away",
        ],
        "Exclusions": ["T2: ranked_lower; place 2 of 2", "T3: status_unknown"],
        "Flags": [f"{flag}: {FLAG_TEXT[flag]}" for flag in SENT.flags],
        "Ranking rule, the first that differs decides": [SENT.ranking_rule],
        "Basis": [
            "version 9.9",
            *(f"{name} {digest}" for name, digest in DIGESTS.items() if name != "policy"),
            "policy_id drawn-2026",
            "policy policy-digest",
            "hour_of_week 0",
            "network_title Drawn streets",
            "network_limits none",
            "policy_from none",
            "policy_until none",
        ],
    }


def test_a_referral_with_nothing_in_it_says_so() -> None:
    """What is empty or unknown has its line as well."""
    found = sections(REFUSED)
    assert found["Outcome"] == [
        f"reason needs_triage: {REFERRAL_TEXT[ReferralReason.NEEDS_TRIAGE]}",
        "detail code 'ZZZ' is in no list",
        "target DESK: the call taker, desk 4",
        "ask call_type: Which kind of call is it?",
    ]
    assert found["Call"] == [
        "type 415A; further codes none",
        "read as unknown",
        "could not be read: code 'ZZZ' is in no list",
        "every fact unknown",
        "needs none; prefers none",
    ]
    assert found["Place"] == [
        "outside every division",
        "border 1234.00 m away, beyond the tolerance",
        "road not asked for",
    ]
    assert found["Area it may be in"] == ["the place is taken as certain"]
    for heading in ("Programs", "Candidates", "Mutual aid", "Exclusions", "Flags"):
        assert found[heading] == ["none"]
    assert "hour_of_week none" in found["Basis"]
    plain = sections(replace(REFUSED, detail="", contact="", questions=()))["Outcome"]
    assert plain[1:] == ["detail none", "target DESK: the call taker"]


def test_a_call_that_no_road_is_near_says_so() -> None:
    """The road was looked for; elsewhere nobody asked for one."""
    far = replace(REFUSED, reason=ReferralReason.NO_ROAD_NEARBY, questions=())
    assert sections(far)["Place"][-1] == "no road near enough"


def test_an_area_nobody_was_timed_over_has_no_time() -> None:
    """A division without a bureau, an area without a travel time: the lines are left out."""
    area = replace(SENT.area, expected_travel_ms=None) if SENT.area else None
    place = replace(SENT.place, division=Division(20, "Olympic"))
    found = sections(replace(SENT, area=area, place=place))
    assert found["Area it may be in"][-1] == "10.00% without a place"
    assert found["Place"][0] == "division 20, Olympic"
