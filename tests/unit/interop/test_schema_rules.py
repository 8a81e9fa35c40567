"""The published schemas accept what reading accepts, and refuse what it refuses."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.json_schema import valid
from tests.scenarios.city import NOON, TWO_FACTS, draw_city
from unarmed_router.errors import InputError
from unarmed_router.interop.json_codec import (
    call_from_json,
    decision_from_json,
    json_schema,
    roster_from_json,
    team_from_json,
)
from unarmed_router.model.call import Answer
from unarmed_router.model.team import Fix, TeamState

CALL = {
    "call_id": "A-1",
    "lon": -118.2,
    "lat": 34.0,
    "call_type": "welfare_check",
    "received_at": "2026-03-02T12:00:00Z",
}
CIRCLE = {"radius_m": 300, "confidence": 0.9}
ELLIPSE = {"semi_major_m": 300, "semi_minor_m": 20, "orientation_deg": 30, "confidence": 0.9}
RING = [[-118.2, 34.0], [-118.1, 34.0], [-118.1, 34.1]]
READERS: dict[str, Callable[[str], object]] = {
    "call": call_from_json,
    "team": team_from_json,
    "decision": decision_from_json,
}
SCHEMAS = {what: json_schema(what) for what in ("call", "team", "decision")}


def a_team() -> dict[str, Any]:
    """Write a team that has reported."""
    state: TeamState = draw_city("a---c", teams={"T1": "a"}).states[0]
    plain: dict[str, Any] = json.loads(
        TeamState(team=state.team, fix=Fix(-100.0, 40.0, NOON)).to_json()
    )
    return plain


def put(plain: Any, path: str, value: Any) -> dict[str, Any]:
    """Set what a dotted path names; numbers are places of a list."""
    whole: Any = json.loads(json.dumps(plain))
    *steps, last = path.split(".")
    at = whole
    for step in steps:
        at = at[int(step) if isinstance(at, list) else step]
    at[int(last) if isinstance(at, list) else last] = value
    return whole  # type: ignore[no-any-return]


@cache
def a_decision(kind: str) -> dict[str, Any]:
    """Write a decision with something in every field."""
    city = draw_city("a---c---b", teams={"T1": "a", "T2": "b"})
    facts = TWO_FACTS if kind == "recommendation" else {"weapon": Answer.NO}
    plain = city.decide(city.call("c", facts=facts)).to_dict()
    assert plain["kind"] == kind
    share = {"share": 0.5, "programs": ["p/q"]}
    plain["area"] = {
        "shares": [{"division": 1, **share}],
        "unplaced": 0.1,
        "expected_travel_ms": 7,
        "sampled": 3,
        "areas": [{"area": "x", **share}],
        "parts": [{"division": 1, "areas": ["x"], **share}],
    }
    plain["aid"] = {"helper": "p", "helped": "q", "target_s": 600, "demand": 3.5}
    plain["aid"] |= {"covered_before": 0.5, "covered_after": 0.25}
    plain |= {
        "codes": ["918"],
        "needs": ["spanish"],
        "prefers": ["youth"],
        "flags": ["near_border"],
    }
    plain["reading"] |= {"added": ["weapon"], "facts": {"weapon": "yes"}}
    plain["basis"] |= {"policy_from": "2026-01-01", "policy_until": "2027-01-01"}
    for candidate in plain["candidates"]:
        candidate["missing"] = ["youth"]
    return plain


def fields_of(plain: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every field there is, and of the first one of each list."""
    if path:
        yield path
    inside = dict(enumerate(plain[:1])) if isinstance(plain, list) else plain
    for name, each in inside.items() if isinstance(inside, dict) else ():
        yield from fields_of(each, f"{path}.{name}".removeprefix("."))


def agreed(what: Literal["call", "team", "decision"], plain: Any) -> bool:
    """Ask both; they say the same."""
    text = json.dumps(plain)
    try:
        READERS[what](text)
    except InputError:
        read = False
    else:
        read = True
    assert valid(SCHEMAS[what], json.loads(text)) is read, text
    return read


def inside(least: float, most: float) -> st.SearchStrategy[float]:
    """Draw a number of a range, its ends often."""
    return st.sampled_from([least, most]) | st.floats(least, most)


def outside(least: float, most: float) -> st.SearchStrategy[float]:
    """Draw a number outside of it, the next ones often."""
    return (
        st.sampled_from([math.nextafter(least, -math.inf), math.nextafter(most, math.inf)])
        | st.floats(max_value=least, exclude_max=True, allow_infinity=False)
        | st.floats(min_value=most, exclude_min=True, allow_infinity=False)
    )


def with_region(region: Any) -> dict[str, Any]:
    """Make a call of an uncertain place."""
    return {**CALL, "uncertainty": region}


NUMBERS: list[tuple[Literal["call", "team"], Any, str, float, float]] = [
    ("call", CALL, "lon", -180, 180),
    ("call", CALL, "lat", -90, 90),
    ("call", with_region(CIRCLE), "uncertainty.radius_m", 0.01, 50_000),
    ("call", with_region(CIRCLE), "uncertainty.confidence", 0.5, 1),
    ("call", with_region(ELLIPSE), "uncertainty.semi_major_m", 0.01, 50_000),
    ("call", with_region(ELLIPSE), "uncertainty.semi_minor_m", 0.01, 50_000),
    ("call", with_region(ELLIPSE), "uncertainty.orientation_deg", -360, 360),
    ("team", a_team(), "team.home_lon", -180, 180),
    ("team", a_team(), "team.home_lat", -90, 90),
    ("team", a_team(), "fix.lon", -180, 180),
    ("team", a_team(), "fix.lat", -90, 90),
]


@pytest.mark.parametrize(
    ("what", "plain", "path", "least", "most"), NUMBERS, ids=[row[2] for row in NUMBERS]
)
@given(data=st.data())
def test_numbers_are_bounded_alike(
    what: Literal["call", "team"], plain: Any, path: str, least: float, most: float, data: Any
) -> None:
    """Inside both accept, just outside both refuse."""
    assert agreed(what, put(plain, path, data.draw(inside(least, most))))
    below = 0.0 if path.endswith("confidence") else least  # a low one may be too low for its radius
    wrong = data.draw(outside(least, most).filter(lambda value: not below < value <= most))
    assert not agreed(what, put(plain, path, wrong))


@pytest.mark.parametrize(
    ("path", "right", "wrong"),
    [
        ("crew_size", [1, 2, 2**40], [0, -1, 1.5, "2", None]),
        ("turnout_s", [None, 0, 86_400], [-1, 86_401, 0.5, "60"]),
        ("shifts.0.days", [[0], [6, 0]], [[], [7], [-1]]),
        ("team_id", ["x", "T 1", "é"], ["", None, 7]),
        ("capabilities", [[], ["spanish"]], [[""], [7], "spanish"]),
    ],
)
def test_a_team_is_bounded_alike(path: str, right: list[Any], wrong: list[Any]) -> None:
    """At each end and just beyond it."""
    for value in right:
        assert agreed("team", put(a_team(), f"team.{path}", value))
    for value in wrong:
        assert not agreed("team", put(a_team(), f"team.{path}", value))


TEXTS = st.text(st.sampled_from("aZ09 _.:/&()-\n+é"), max_size=5) | st.integers(63, 66).map(
    lambda size: "a" * size
)


@given(TEXTS)
def test_ids_and_words_are_alike(text: str) -> None:
    """Whatever letters, whatever length: in every field that has a form."""
    for plain in (
        put(CALL, "call_id", text),
        put(CALL, "call_type", text),
        put(CALL, "codes", [text]),
        put(CALL, "facts", {text: "no"}),
        put(CALL, "needs", [text]),
        put(CALL, "prefers", ["a", text]),
        put(CALL, "excludes", [text]),
    ):
        agreed("call", plain)


@pytest.mark.parametrize("zero", [0, 0.0, -0.0])
def test_the_missing_place_is_refused_by_both(zero: float) -> None:
    """(0, 0) is how a call without a place looks; each coordinate may be 0 alone."""
    for what, plain, lon, lat in (
        ("call", CALL, "lon", "lat"),
        ("team", a_team(), "team.home_lon", "team.home_lat"),
        ("team", a_team(), "fix.lon", "fix.lat"),
    ):
        one: Any = what
        assert agreed(one, put(plain, lon, zero))
        assert agreed(one, put(plain, lat, zero))
        assert not agreed(one, put(put(plain, lon, zero), lat, zero))


@pytest.mark.parametrize(
    ("rings", "fits"),
    [
        ([RING], True),
        ([[*RING, RING[0]]], True),
        ([RING[:2]], False),
        ([], False),
        ([[]], False),
        (put([RING], "0.1.0", 180.5), False),
        (put([RING], "0.1.1", -90.5), False),
        (put([RING], "0.1", [1.0]), False),
    ],
)
def test_an_outline_is_bounded_alike(rings: Any, fits: bool) -> None:
    """Three points at least, each of them a place."""
    assert agreed("call", with_region({"rings": rings, "confidence": 1})) is fits


@given(
    st.datetimes(),
    st.sampled_from(["Z", "z", "+00:00", "-08:00", "+14:00", "-23:59"]),
    st.sampled_from(["T", "t"]),
)
def test_times_are_alike(moment: Any, offset: str, separator: str) -> None:
    """As RFC 3339 writes them, but for the first and last year, which no validator knows."""
    text = moment.isoformat(separator) + offset
    if 3 <= moment.year <= 9997:
        assert agreed("call", put(CALL, "received_at", text))
    assert not agreed("call", put(CALL, "received_at", text.removesuffix(offset)))


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T12:60:00Z",
        "2026-03-02T12:00:00+24:00",
        "2026-03-02T12:00:00+08",
        "2026-03-02",
        "12:00:00Z",
        "1700000000",
        "1700000000.5",
        "-5",
        "",
        7,
        None,
    ],
)
def test_no_time_is_refused_by_both(text: Any) -> None:
    """A day, an hour, an offset that there is not; and what is no text."""
    assert not agreed("call", put(CALL, "received_at", text))


@pytest.mark.parametrize("path", ["status_at", "idle_since", "fix.at"])
def test_a_time_of_a_team_is_a_time(path: str) -> None:
    """Seconds since 1970 are none, wherever they stand; a team in a roster is read alike."""
    right, wrong = put(a_team(), path, "2026-03-02T12:00:00Z"), put(a_team(), path, "1700000000")
    assert agreed("team", right)
    assert not agreed("team", wrong)
    roster_from_json(json.dumps({"teams": [right]}))
    with pytest.raises(InputError, match=r"roster JSON: .*: must be a date and time"):
        roster_from_json(json.dumps({"teams": [wrong]}))


ODD: list[Any] = [
    None, True, -1, 0, 1, 7, 168, -0.5, 0.5, 2**53, 10**30, [], [{}], {}, [""], ["x"], [7],
    "", "x", " ", "a b", "x\n", "é", "no", "yes", "avl", "ineligible", "recommendation", "referral",
    "2026-01-01", "2026-02-30", "2026-01-01T00:00:00", "2026-01-01T00:00:00Z", "86400", "-5",
    {"a b": "no"}, {"": "yes"}, {"weapon": "no"}, {"weapon": "maybe"}, {"w" * 65: "no"},
]  # fmt: skip
"""What may stand in a field; no float that is whole, which JSON Schema takes for a whole number."""


@pytest.mark.parametrize("kind", ["recommendation", "referral"])
def test_decisions_are_bounded_alike(kind: str) -> None:
    """Whatever stands in any field, and where one is missing or there is one more."""
    plain = a_decision(kind)
    assert agreed("decision", plain)
    taken = refused = 0
    for path in fields_of(plain):
        for odd in ODD:
            fits = agreed("decision", put(plain, path, odd))
            taken, refused = taken + fits, refused + (not fits)
        *above, name = path.split(".")
        if not name.isdigit():
            holder = put(plain, path, None)
            at: Any = holder
            for step in above:
                at = at[int(step) if isinstance(at, list) else step]
            del at[name]
            agreed("decision", holder)
            agreed("decision", put(plain, ".".join([*above, "more"]), 1))
    assert min(taken, refused) > 300


@pytest.mark.parametrize("field", ["travel_ms", "turnout_ms", "response_ms"])
@given(value=st.integers())
def test_times_of_candidates_are_bounded_alike(field: str, value: int) -> None:
    """No team drives or has waited for less than nothing."""
    plain = a_decision("recommendation")
    assert agreed("decision", put(plain, f"candidates.1.{field}", value)) is (value >= 0)


@given(TEXTS)
def test_facts_of_decisions_are_alike(text: str) -> None:
    """Those of the call, and as the policy reads them."""
    for kind in ("recommendation", "referral"):
        plain = a_decision(kind)
        for field in ("facts", "reading.facts"):
            agreed("decision", put(plain, field, {text: "unknown"}))


@given(st.dates() | st.sampled_from(["0", "86400", "-86400", "1699920000", "20260101", "2026-1-1"]))
def test_dates_are_alike(day: Any) -> None:
    """A day of the calendar; no number of seconds, though it be that of a midnight."""
    for field in ("policy_from", "policy_until"):
        plain = put(a_decision("referral"), f"basis.{field}", str(day))
        assert agreed("decision", plain) is not isinstance(day, str)


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("path", ["snap_m", "place.border_m", "aid.demand", "area.unplaced"])
def test_a_number_beyond_all_floats_is_refused(path: str, sign: str) -> None:
    """It was read as infinity, which no decision can be written with."""
    text = json.dumps(put(a_decision("referral"), path, "@"))
    for digits in (309, 400, 5000):
        with pytest.raises(InputError, match=r"decision JSON: -?10{78,79} is not a finite number"):
            decision_from_json(text.replace('"@"', f"{sign}1{'0' * digits}"))
    read = decision_from_json(text.replace('"@"', f"{sign}1{'0' * 308}"))
    assert decision_from_json(read.to_json()) == read


@pytest.mark.parametrize("name", ["received_at", "policy_from", "at"])
def test_a_fact_may_be_called_as_a_time_is(name: str) -> None:
    """Its answer is no time and need not be one."""
    call = call_from_json(json.dumps({**CALL, "facts": {name: "no"}}))
    assert call.answer(name) == "no"
    plain = put(a_decision("referral"), "facts", {name: "no"})
    assert agreed("decision", put(plain, "reading.facts", {name: "no"}))


HOURS = ["00:00", "09:30", "23:59", "24:00", "9:00", "12:60", "22", "2200", "T22:00", "22:00:00"]
LATER = ["", ":00", ":01", ":60", ":0", ".0", ":00.0", ":00,000", ":00.", ":00.5"]
AFTER = ["", "Z", "+00:00", "-08:00", " ", "\n"]


@pytest.mark.parametrize("field", ["start", "end"])
def test_hours_of_duty_are_alike(field: str) -> None:
    """Whole minutes of the agency's own clock: no offset, which a validator would ask for."""
    team = a_team()
    for parts in product(HOURS, LATER, AFTER):
        agreed("team", put(team, f"team.shifts.0.{field}", "".join(parts)))


def test_the_hours_of_duty_that_are_written_are_valid() -> None:
    """A validator that knows every format takes what is written."""
    assert agreed("team", a_team())
    assert not {"time"} & set(re.findall(r'"format": "(\w+)"', json.dumps(json_schema("roster"))))


@pytest.mark.parametrize("field", ["received_at", "decided_at"])
def test_a_time_of_a_decision_is_a_time(field: str) -> None:
    """Seconds since 1970 are none."""
    city = draw_city("a---c", teams={"T1": "a"})
    plain = city.decide(city.call("c")).to_dict()
    decision_from_json(json.dumps(plain))
    with pytest.raises(InputError, match=f"decision JSON: {field}: must be a date and time"):
        decision_from_json(json.dumps(put(plain, field, "1700000000")))


@pytest.mark.parametrize("what", ["call", "decision", "team", "roster"])
def test_the_schemas_are_schemas(what: Literal["call", "decision", "team", "roster"]) -> None:
    """By the standard's own schema of schemas, where a validator is installed."""
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(json_schema(what))
