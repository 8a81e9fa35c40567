"""What a CAD's codes do to a decision: the embedded city, asked through its router."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded import AT, CLEAR
from tests.scenarios.test_decision import referred, sent
from unarmed_router import Call, Decision, Router
from unarmed_router.interop.json_codec import call_from_json, decision_from_json
from unarmed_router.model.call import Answer
from unarmed_router.model.reasons import ProgramVerdict, ReferralReason

KINDS = (
    *("mental_health", "substance_use", "suicide_threat", "behavioral_distress"),
    *("conflict_resolution", "welfare_check"),
)
"""UMCR's six."""


def coded(*codes: str, **fields: Any) -> Call:
    """Make a call in Koreatown (division 20) with these codes, every danger denied."""
    given: dict[str, Any] = {
        "call_id": "/".join(codes).replace(" ", "-"),
        "lon": -118.3090,
        "lat": 34.0606,
        "call_type": codes[0],
        "codes": codes[1:],
        "received_at": AT,
        "facts": CLEAR,
    }
    return Call(**(given | fields))


@pytest.fixture(scope="module")
def router() -> Router:
    """Load the embedded city."""
    return Router.load()


def decided(router: Router, *codes: str, **fields: Any) -> Decision:
    """Route a call with these codes; its JSON must read back as the same decision."""
    decision = router.route(coded(*codes, **fields), at=AT)
    assert decision_from_json(decision.to_json()) == decision
    return decision


@pytest.mark.parametrize(
    ("plain", "grave", "kind", "danger", "because"),
    [
        ("918M", "918VM", "mental_health", "violence", "violence or a threat to others"),
        ("415M", "415M3", "conflict_resolution", "weapon", "a weapon is reported"),
        ("415G", "415GP3", "conflict_resolution", "weapon", "a weapon is reported"),
        ("620F", "620D", "conflict_resolution", "violence", "violence or a threat to others"),
        ("MNTL", "MTLV", "mental_health", "violence", "violence or a threat to others"),
    ],
)
def test_the_violent_or_armed_variant_of_a_code_goes_to_patrol(
    router: Router, plain: str, grave: str, kind: str, danger: str, because: str
) -> None:
    """One letter or digit more, the same answers: no unarmed team is looked at."""
    taken = sent(decided(router, plain))
    assert (taken.reading.call_type, taken.reading.added) == (kind, ())
    kept = referred(decided(router, grave))
    assert (kept.reading.call_type, kept.reading.added) == (kind, (danger,))
    assert (kept.reason, kept.target) == (ReferralReason.INELIGIBLE, "LAPD_PATROL")
    assert because in kept.detail
    assert kept.programs[0].verdict is ProgramVerdict.RULED_OUT
    assert kept.programs[0].rules == (danger,)
    assert not kept.questions


@pytest.mark.parametrize(
    ("code", "added", "target"),
    [
        ("918VM", "violence", "LAPD_PATROL"),
        ("415M3", "weapon", "LAPD_PATROL"),
        ("620FR", "crime_in_progress", "LAPD_PATROL"),
        ("918AF", "medical_emergency", "LAFD"),
        ("390D", "medical_emergency", "LAFD"),
    ],
)
@pytest.mark.parametrize("answer", [Answer.NO, Answer.UNKNOWN, Answer.YES])
def test_a_danger_in_the_code_wins_over_whatever_the_caller_says(
    router: Router, code: str, added: str, target: str, answer: Answer
) -> None:
    """The answer is kept as it was given; the reading says what the code made of it."""
    decision = referred(decided(router, code, facts=CLEAR | {added: answer}))
    assert (decision.reason, decision.target) == (ReferralReason.INELIGIBLE, target)
    assert decision.facts[added] is answer
    assert decision.reading.facts[added] is Answer.YES
    assert decision.reading.added == (() if answer is Answer.YES else (added,))


def test_a_code_without_a_danger_answers_nothing(router: Router) -> None:
    """415M says nothing of weapons: every question is still asked."""
    decision = referred(decided(router, "415M", facts={}))
    assert decision.reason is ReferralReason.NEEDS_TRIAGE
    assert {question.fact for question in decision.questions} == set(CLEAR)


@pytest.mark.parametrize("codes", [("918M", "459I"), ("459I", "918M"), ("MNTL", "SHOPLIFT")])
def test_a_crime_takes_precedence_over_mental_health(
    router: Router, codes: tuple[str, ...]
) -> None:
    """In whichever order they come: no program takes a crime, and patrol gets it."""
    decision = referred(decided(router, *codes))
    assert decision.reading.call_type == "crime_report"
    assert (decision.reason, decision.target) == (ReferralReason.INELIGIBLE, "LAPD_PATROL")
    assert decision.programs[0].verdict is ProgramVerdict.CALL_TYPE_NOT_TAKEN
    assert (decision.call_type, *decision.codes) == codes


def test_codes_of_one_call_add_up(router: Router) -> None:
    """The gravest kind decides, the dangers of every code count."""
    assert sent(decided(router, "WELCK", "918M")).reading.call_type == "mental_health"
    armed = referred(decided(router, "918M", "415M3"))
    assert armed.reading.call_type == "mental_health"
    assert armed.programs[0].rules == ("weapon",)
    both = referred(decided(router, "918VM", "415M3", "907A2"))
    assert both.reading.call_type == "medical"
    assert both.programs[0].rules == ("medical-emergency", "weapon", "violence")
    assert both.target == "LAFD"


@pytest.mark.parametrize(
    ("codes", "named"),
    [
        (("918VQ",), "code '918VQ': after 918 table la-codes-2026 cannot read all of 'VQ'"),
        (("777Z",), "code '777Z' is in no list of table la-codes-2026"),
        (("918M", "777Z"), "code '777Z' is in no list"),
        (("900",), "code '900' is left out of table la-codes-2026 on purpose: unknown trouble"),
        (("5150",), "code '5150' is left out of table la-codes-2026 on purpose"),
        (("welfare_check", "XX"), "code 'XX' is in no list"),
    ],
)
def test_an_unknown_code_needs_triage_and_is_named(
    router: Router, codes: tuple[str, ...], named: str
) -> None:
    """It is never guessed, not even by a code beside it that is known."""
    decision = referred(decided(router, *codes))
    assert decision.reading.call_type is None
    assert (decision.reason, decision.target) == (ReferralReason.NEEDS_TRIAGE, "LAPD_CALL_TAKER")
    assert named in decision.detail
    assert named in decision.explain()
    (question,) = decision.questions
    assert question.fact == "call_type"
    assert all(kind in question.text for kind in KINDS)


def test_a_danger_beside_an_unknown_code_is_a_danger(router: Router) -> None:
    """Nobody is asked which kind of call it is while violence is reported."""
    decision = referred(decided(router, "918VM", "900"))
    assert (decision.reason, decision.target) == (ReferralReason.INELIGIBLE, "LAPD_PATROL")
    assert not decision.questions


@pytest.mark.parametrize("kind", KINDS)
def test_umcrs_kinds_are_read_by_id_and_by_name(router: Router, kind: str) -> None:
    """The id, the name people write, and the id beside a code all go to a team."""
    name = kind.replace("_", " ").capitalize()
    for codes in ((kind,), (name,), (name.upper(),), (kind, "507P")):
        decision = sent(decided(router, *codes))
        assert decision.reading.call_type in {kind, "conflict_resolution"}
        assert decision.provider_name == "Alcott Center"


@pytest.mark.parametrize(
    ("name", "code", "kind", "reason"),
    [
        ("Mental person non-violent", "MNTL", "mental_health", None),
        ("Mental person violent", "MTLV", "mental_health", ReferralReason.INELIGIBLE),
        ("Emotion dist person", "EDP", "behavioral_distress", None),
        ("Suicide threats", "SUICTHRT", "suicide_threat", None),
        ("Intoxicated", "INTOX", "substance_use", None),
        ("Domestic non-violent", "DVNA", "conflict_resolution", None),
        ("Domestic violent", "DVA", "crime_report", ReferralReason.INELIGIBLE),
        ("Active shooter", "ACTSHOOT", "crime_report", ReferralReason.INELIGIBLE),
        ("Felonious assault - suspect in area", "FASX", "crime_report", ReferralReason.INELIGIBLE),
        ("Unconscious", "PERUNCON", "medical", ReferralReason.INELIGIBLE),
        ("Missing person", "PERMISS", None, ReferralReason.NEEDS_TRIAGE),
    ],
)
def test_apcos_names_and_codes_decide_alike(
    router: Router, name: str, code: str, kind: str | None, reason: ReferralReason | None
) -> None:
    """A common incident type by its name, in any case, or by its code."""
    for given in (name, name.upper(), code, code.lower()):
        decision = decided(router, given)
        assert decision.reading.call_type == kind
        assert getattr(decision, "reason", None) == reason


def test_a_batch_reads_codes_as_one_call_after_the_other_does(router: Router) -> None:
    """Also where one combination follows another a thousand times, past the end of a block."""
    kinds = [("918M",), ("918VM",), ("415M", "459I"), ("900",), ("EDP",), ("welfare_check",)]
    calls = [coded(*codes, call_id=f"c-{place}") for place, codes in enumerate(kinds * 200)]
    batch = router.route_many(calls, at=AT)
    expected = [router.route(call, at=AT).to_json() for call in calls[: len(kinds)]]
    assert [d.to_json() for d in batch[: len(kinds)]] == expected
    for place, decision in enumerate(batch):
        first = batch[place % len(kinds)]
        assert (decision.kind, decision.reading) == (first.kind, first.reading)
    assert [d.kind for d in batch[: len(kinds)]] == [
        *("recommendation", "referral", "referral"),
        *("referral", "recommendation", "recommendation"),
    ]


def test_codes_survive_json(router: Router) -> None:
    """A call with codes reads back equal, and decides to the same bytes."""
    call = coded("918M", "WELCK", "Welfare check", facts=CLEAR | {"unhoused": Answer.YES})
    again = call_from_json(call.to_json())
    assert again == call
    decision = router.route(again, at=AT)
    assert decision.to_json() == router.route(call, at=AT).to_json()
    read = decision_from_json(decision.to_json())
    assert (read.call_type, read.codes) == ("918M", ("WELCK", "Welfare check"))
    assert read.reading == decision.reading
    other = router.route(coded("918M", "WELCK"), at=AT)
    assert other.basis.inputs != decision.basis.inputs


@pytest.mark.parametrize(
    ("codes", "shown"),
    [
        (("918M",), "918M (mental health)"),
        (("415M", "918M"), "415M+918M (mental health)"),
        (("MNTL", "459I"), "MNTL+459I (crime report)"),
        (("Welfare check",), "Welfare check (welfare check)"),
        (("welfare_check",), "welfare check"),
        (("welfare_check", "WELCK"), "welfare_check+WELCK (welfare check)"),
        (("918VQ",), "918VQ"),
    ],
)
def test_the_explanation_shows_the_code_and_what_it_was_read_as(
    router: Router, codes: tuple[str, ...], shown: str
) -> None:
    """As the CAD wrote it, then the policy's word; nothing in brackets where it is unknown."""
    decision = decided(router, *codes, call_id="A-1")
    assert f"call A-1, {shown}, in Olympic (division 20)" in decision.explain()
