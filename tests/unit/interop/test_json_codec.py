"""JSON both ways: what is written is read back, and what is ambiguous is refused."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenarios.city import NOON, City, draw_city
from unarmed_router.errors import InputError
from unarmed_router.interop.json_codec import (
    call_from_json,
    decision_from_json,
    json_schema,
    roster_from_json,
    team_from_json,
)
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.canonical import to_json

words = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)
ALL_BUT_THE_ENDS = datetime(3, 1, 1), datetime(9998, 1, 1)  # noqa: DTZ001  # zones are drawn
"""Times of receipt; the first and the last year of the calendar are refused."""
calls = st.builds(
    Call,
    call_id=words,
    lon=st.floats(-180, 180).filter(bool),
    lat=st.floats(-90, 90).filter(bool),
    call_type=words,
    received_at=st.datetimes(*ALL_BUT_THE_ENDS, timezones=st.timezones()),
    facts=st.dictionaries(words, st.sampled_from(list(Answer)), max_size=4),
    needs=st.lists(words, max_size=3).map(tuple),
)

CALL = {
    "call_id": "A-1",
    "lon": -118.2,
    "lat": 34.0,
    "call_type": "welfare_check",
    "received_at": "2026-03-02T12:00:00Z",
    "facts": {"weapon": "no"},
}


@pytest.fixture(scope="module")
def city() -> City:
    """Draw a street with two teams."""
    return draw_city("a---c-----b", teams={"T1": "a", "T2": "b"})


@given(calls)
def test_a_call_survives_the_round_trip(call: Call) -> None:
    """Every call equals what is read from its canonical JSON."""
    assert call_from_json(to_json(call)) == call


@pytest.mark.parametrize(
    "fields",
    [{}, {"facts": {}}, {"call_type": "918VM"}, {"facts": {"weapon": "yes"}}, {"lon": 1.0}],
)
def test_a_decision_survives_the_round_trip(city: City, fields: dict[str, Any]) -> None:
    """Recommendation and referrals equal what is read from their JSON, byte for byte."""
    decision = city.decide(city.call("c", **fields))
    read = decision_from_json(decision.to_json())
    assert read == decision
    assert read.to_json() == decision.to_json()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("\xff", "is not JSON"),
        ("[]", "the whole"),
        (json.dumps(CALL | {"lon": float("nan")}), "NaN is not a finite number"),
        (json.dumps(CALL | {"lat": float("inf")}), "Infinity is not a finite number"),
        (json.dumps(CALL).replace("-118.2", "1e999"), "1e999 is not a finite number"),
        ("[" * 100_000, "is not JSON"),
        (json.dumps(CALL).replace("34.0", "1" * 5000), "JSON: 1{80} is not a finite number"),
        (7, "must be text; got int"),
        (json.dumps(CALL | {"lon": "-118.2"}), "lon: must be a number"),
        (json.dumps(CALL | {"facts": {"weapon": "maybe"}}), "facts.weapon"),
        (json.dumps(CALL | {"facts": {"weapon": True}}), "facts.weapon"),
        (json.dumps(CALL | {"received_at": "2026-03-02T12:00:00"}), "has no time zone"),
        (json.dumps(CALL | {"received_at": "yesterday"}), "received_at"),
        (json.dumps(CALL | {"caller": "x"}), "caller: is not known here"),
        (json.dumps(CALL)[:-1] + ', "lon": -118.3}', "key lon is given twice"),
        (json.dumps({k: v for k, v in CALL.items() if k != "call_type"}), "call_type"),
        (json.dumps(CALL | {"lon": 34.0, "lat": -118.2}), "did you swap them"),
    ],
)
def test_broken_calls_are_refused(text: Any, message: str) -> None:
    """One clear message for each way to be broken."""
    with pytest.raises(InputError, match=message):
        call_from_json(text)


def test_a_key_given_twice_is_found_among_many() -> None:
    """The keys are counted once: counting each among all others would take hours here."""
    many = ", ".join(f'"k{number}": 0' for number in range(300_000))
    with pytest.raises(InputError, match="key k7 is given twice"):
        call_from_json(f'{{{many}, "k7": 1}}')


def test_unknown_fields_are_ignored_by_choice() -> None:
    """A CAD that sends more than is needed may ask for that."""
    text = json.dumps(CALL | {"caller": "x"})
    assert call_from_json(text, unknown="ignore").call_id == "A-1"
    with pytest.raises(InputError, match="must be 'refuse' or 'ignore'"):
        call_from_json(text, unknown="forgive")  # type: ignore[arg-type]


def test_an_unknown_reason_is_refused(city: City) -> None:
    """A decision from a newer release must not be half understood."""
    text = city.decide(city.call("c", facts={})).to_json()
    with pytest.raises(InputError, match=r"reason: must be 'out_of_jurisdiction'"):
        decision_from_json(text.replace('"reason":"needs_triage"', '"reason":"bad_luck"'))
    with pytest.raises(InputError, match="kind"):
        decision_from_json(text.replace('"kind":"referral"', '"kind":"guess"'))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"decided_at":"2026-03-02T12:00:00Z"',
            '"decided_at":"2026-03-02T12:00:00"',
            "no time zone",
        ),
        ('"near_border":false', '"near_border":false,"border_m":1e400', "given twice|finite"),
        ('"travel_ms":', '"travel_ms":-', "is negative"),
        ('"near_border":false', '"near_border":"no"', "near_border"),
    ],
)
def test_broken_decisions_are_refused(city: City, old: str, new: str, message: str) -> None:
    """A naive time, a number beyond all bounds, a negative duration, a wrong type."""
    text = city.decide(city.call("c")).to_json()
    assert old in text
    with pytest.raises(InputError, match=message):
        decision_from_json(text.replace(old, new, 1))


def test_a_recommendation_without_candidates_is_refused(city: City) -> None:
    """It would have no team."""
    plain = city.decide(city.call("c")).to_dict() | {"candidates": []}
    with pytest.raises(InputError, match="needs a candidate"):
        decision_from_json(json.dumps(plain))


def test_teams_and_rosters_survive_the_round_trip(city: City) -> None:
    """A snapshot is the state a replay starts from."""
    snapshot = city.roster().snapshot()
    again = roster_from_json(snapshot.to_json())
    assert (again, again.digest) == (snapshot, snapshot.digest)
    assert team_from_json(snapshot.teams[0].to_json()) == snapshot.teams[0]
    assert city.call("c").to_json() == to_json(city.call("c"))


@pytest.mark.parametrize("what", ["call", "decision"])
def test_the_schema_names_every_field(what: str, city: City) -> None:
    """What is written has no field that the schema lacks."""
    written = (
        json.loads(to_json(city.call("c")))
        if what == "call"
        else city.decide(city.call("c")).to_dict()
    )
    schema = json_schema("call" if what == "call" else "decision")
    objects = [schema, *schema["$defs"].values()]
    assert any(set(written) <= set(each.get("properties", {})) for each in objects)


@pytest.mark.parametrize("what", ["call", "decision", "team", "roster"])
def test_the_schema_allows_no_other_field(
    what: Literal["call", "decision", "team", "roster"],
) -> None:
    """What reading refuses as unknown, a validator with the schema refuses before it is sent."""
    schema = json_schema(what)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    found = [each for each in [schema, *schema["$defs"].values()] if "properties" in each]
    assert len(found) >= 3
    assert all(each["additionalProperties"] is False for each in found)
    assert json_schema(what) == schema


def test_equal_inputs_give_equal_bytes(city: City) -> None:
    """Deciding twice, with facts in another order, gives one text."""
    facts = {"weapon": Answer.NO, "medical": Answer.NO}
    first = city.decide(city.call("c", facts=facts), NOON)
    again = city.decide(city.call("c", facts=dict(reversed(facts.items()))), NOON)
    assert first.to_json() == again.to_json()


@pytest.mark.parametrize("what", [None, "event", ["call"], "Call"], ids=repr)
def test_a_schema_that_is_none_is_refused(what: Any) -> None:
    """With the names of those there are."""
    with pytest.raises(InputError, match="is none of: call, decision, roster, team"):
        json_schema(what)


@pytest.mark.parametrize(
    ("region", "told"),
    [
        ({"radius_m": 300}, "uncertainty.Circle.confidence: is required"),
        (
            {"kind": "circle", "radius_m": 300, "confidence": 0.9},
            "uncertainty.Circle.kind: is not known here",
        ),
        (
            {"radius_m": 300, "confidence": 90},
            "uncertainty.Circle: confidence 90.0 must be above 0 and at most 1; give a share",
        ),
        (
            {"semi_major_m": 9, "semi_minor_m": 5, "confidence": 0.9},
            "uncertainty.Ellipse.orientation_deg: is required",
        ),
        ({"rings": [], "confidence": 0.9}, "uncertainty.Area: rings must be a sequence of rings"),
        (300, "uncertainty.Circle: must be an object"),
    ],
    ids=lambda each: str(each)[:40],
)
def test_a_broken_region_is_told_as_the_kind_it_is_nearest_to(region: Any, told: str) -> None:
    """Why it is none of the other two kinds helps nobody; other faults are still told."""
    with pytest.raises(InputError) as error:
        call_from_json(json.dumps({**CALL, "uncertainty": region}))
    assert str(error.value).startswith(f"call JSON: {told}")
    assert str(error.value).count("uncertainty") == 1
    with pytest.raises(InputError, match=r"call_id: must be text; uncertainty\.[A-Z]"):
        call_from_json(json.dumps({**CALL, "call_id": 7, "uncertainty": region}))


def test_facts_by_the_names_of_regions_are_facts() -> None:
    """Only what lies under `uncertainty` is a region."""
    with pytest.raises(InputError, match=r"facts\.Circle: .*; facts\.Ellipse: "):
        call_from_json(json.dumps({**CALL, "facts": {"Circle": "maybe", "Ellipse": "maybe"}}))


def test_a_decision_says_what_it_is() -> None:
    """Without its kind, or with another, it is told in words."""
    with pytest.raises(InputError, match="the whole: must have 'kind', which says what it is"):
        decision_from_json("{}")
    with pytest.raises(InputError, match="'kind' that is one of 'recommendation', 'referral'"):
        decision_from_json('{"kind": "order"}')
