"""Calls and facts: what is refused, and what is kept."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from unarmed_router.errors import CoordinateError, InputError
from unarmed_router.model.call import Answer, Call, Facts
from unarmed_router.model.uncertainty import Area

WEST = timezone(timedelta(hours=-8))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def call(**fields: Any) -> Call:
    """Make a call with harmless defaults."""
    given: dict[str, Any] = {
        "call_id": "A-1",
        "lon": -118.2,
        "lat": 34.0,
        "call_type": "welfare_check",
        "received_at": NOON,
    }
    return Call(**(given | fields))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"call_id": ""}, "call_id '' must be 1 to 64"),
        ({"call_id": "x" * 65}, "must be 1 to 64"),
        ({"call_id": "Jane Doe"}, "call_id 'Jane Doe' must be"),
        ({"call_id": 7}, "call_id 7 must be .*; give it as text"),
        ({"call_type": ""}, "call_type '' must be 1 to 64"),
        ({"call_type": "x" * 65}, "must be 1 to 64"),
        ({"call_type": "918M "}, "call_type '918M ' must be"),
        ({"call_type": "918\n"}, "must be 1 to 64 letters"),
        ({"codes": "918M"}, "codes must be a sequence of call-type codes; got '918M'"),
        ({"codes": ("918M", "?")}, "code '\\?' must be 1 to 64 letters"),
        ({"received_at": datetime(2026, 3, 2, 12)}, "has no time zone"),  # noqa: DTZ001
        ({"received_at": "2026-03-02"}, "must be a datetime"),
        ({"facts": {"weapon": "maybe"}}, "fact weapon is 'maybe'"),
        ({"facts": {"a weapon": "no"}}, "fact name 'a weapon' is not a word"),
        ({"needs": "spanish"}, "must be a sequence of capabilities; got 'spanish'"),
        ({"needs": 5}, "must be a sequence of capabilities; got 5"),
        ({"facts": ["weapon"]}, "facts must be a mapping"),
        ({"facts": {1: "no", "a": "no"}}, "fact names must be text"),
        (
            {"received_at": datetime.max.replace(tzinfo=timezone(timedelta(hours=-8)))},
            "is no instant",
        ),
        ({"needs": ("two words",)}, "capability 'two words'"),
        ({"facts": 0}, "facts must be a mapping"),
        ({"facts": ""}, "facts must be a mapping"),
        ({"received_at": datetime.min.replace(tzinfo=UTC)}, "is at the end of the calendar"),
        ({"received_at": datetime.max.replace(tzinfo=UTC)}, "is at the end of the calendar"),
    ],
)
def test_broken_fields_are_refused(fields: dict[str, Any], message: str) -> None:
    """Each broken field is named with its value and its rule."""
    with pytest.raises(InputError, match=message):
        call(**fields)


def test_a_broken_place_is_a_coordinate_error() -> None:
    """The place is checked where the call is made, not where it is routed."""
    with pytest.raises(CoordinateError, match="did you swap them"):
        call(lon=34.0, lat=-118.2)


@pytest.mark.parametrize(
    "lon",
    [
        "-118.2",
        None,
        True,
        (1, 2),
        pytest.param(10**400, id="huge"),
        Decimal("-118.2"),
        np.timedelta64(5, "s"),
    ],
)
def test_a_place_that_is_no_number_is_a_coordinate_error(lon: Any) -> None:
    """Whatever cannot be one is refused by name, not by a stray error, and what to give is told."""
    with pytest.raises(CoordinateError, match=r"coordinates must be numbers; got lon=.* float"):
        call(lon=lon)


def test_equal_calls_are_written_alike() -> None:
    """A decision is found again by the digest of its call: there is one zero on each axis."""
    outline = ((9.9, -0.1), (10.1, -0.1), (10.0, 0.0))
    negative = tuple((lon, -0.0 if lat == 0.0 else lat) for lon, lat in outline)
    for one, other in (
        (call(lon=10.0, lat=0.0), call(lon=10.0, lat=-0.0)),
        (call(lon=0.0, lat=10.0), call(lon=-0.0, lat=10.0)),
        (call(uncertainty=Area((outline,), 0.9)), call(uncertainty=Area((negative,), 0.9))),
    ):
        assert one == other
        assert one.to_json() == other.to_json()


def test_instants_are_kept_in_utc() -> None:
    """The same instant in another zone is the same call."""
    west = NOON.astimezone(ZoneInfo("America/Los_Angeles"))
    assert call(received_at=west) == call()
    assert call(received_at=west).received_at.tzinfo is UTC
    assert call(received_at=NOON.astimezone(timezone(timedelta(hours=5)))) == call()


def test_pandas_instants_become_plain_ones() -> None:
    """Nanoseconds would survive into the JSON and not come back; NaT is no instant."""
    stamp = pd.Timestamp("2026-03-02T12:00:00.000000123Z")
    kept = call(received_at=stamp).received_at
    assert type(kept) is datetime
    assert kept == NOON
    with pytest.raises(InputError, match="received_at"):
        call(received_at=pd.NaT)


def test_facts_are_immutable_ordered_and_hashable() -> None:
    """The order in which facts are given does not matter, and nothing can change them later."""
    given = {"weapon": "no", "violence": "yes"}
    facts = Facts(given)
    given["weapon"] = "yes"
    assert facts["weapon"] is Answer.NO
    assert list(facts) == ["violence", "weapon"]
    assert facts == Facts({"violence": "yes", "weapon": "no"})
    assert hash(facts) == hash(Facts(dict(facts)))
    assert facts.answer("minor") is Answer.UNKNOWN
    with pytest.raises(TypeError):
        facts["weapon"] = Answer.YES  # type: ignore[index]


LISTS = ("needs", "prefers", "excludes", "codes")


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_is_as_good_as_none_given(name: str) -> None:
    """The call is the same, and can be looked up."""
    assert call(**{name: []}) == call()
    assert hash(call(**{name: []})) == hash(call())


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("wrong", [None, 0, False, "", b"", {}], ids=repr)
def test_nothing_is_no_list(name: str, wrong: Any) -> None:
    """What is no sequence is refused although it is empty."""
    with pytest.raises(InputError, match="must be a sequence of"):
        call(**{name: wrong})


def test_calls_travel_between_processes() -> None:
    """A call survives pickling with its facts."""
    sent = call(facts={"weapon": "no"}, needs=("b", "a", "b"))
    assert pickle.loads(pickle.dumps(sent)) == sent  # noqa: S301
    assert sent.needs == ("a", "b")


class _Word(str, Enum):  # noqa: UP042  # as older code has them
    """An enumeration of somebody else's, whose members are text and print as their names."""

    CALL = "A-1"
    KIND = "welfare_check"
    FACT = "weapon"
    NEED = "spanish"


@pytest.mark.parametrize("kind", [np.str_, _Word])
def test_text_of_any_kind_is_kept_as_text(kind: Any) -> None:
    """A call of a table's strings, or of an enumeration's, is the call of plain strings."""
    given = call(
        call_id=kind("A-1"),
        call_type=kind("welfare_check"),
        facts={kind("weapon"): "no"},
        needs=[kind("spanish")],
        prefers=[kind("spanish")],
        excludes=[kind("A-1")],
        codes=[kind("A-1")],
    )
    plain = call(
        facts={"weapon": "no"},
        needs=["spanish"],
        prefers=["spanish"],
        excludes=["A-1"],
        codes=["A-1"],
    )
    assert given == plain
    assert given.to_json() == plain.to_json()
    texts = [given.call_id, given.call_type, *given.facts, *given.needs, *given.prefers]
    assert {type(text) for text in [*texts, *given.excludes, *given.codes]} == {str}


@pytest.mark.parametrize(
    "fields",
    [
        {"call_id": "x" * 9999},
        {"call_type": "She said that " * 999},
        {"codes": ["x" * 9999]},
        {"facts": {"x" * 9999: "no"}},
        {"facts": {"weapon": "x" * 9999}},
        {"facts": "x" * 9999},
        {"needs": ["x" * 9999]},
        {"excludes": ["x" * 9999]},
        {"received_at": "x" * 9999},
        {"lon": "x" * 9999},
    ],
    ids="-".join,
)
def test_what_is_refused_is_told_by_its_beginning(fields: dict[str, Any]) -> None:
    """A narrative that came into the wrong field does not get into a log whole."""
    with pytest.raises(InputError) as error:
        call(**fields)
    assert len(str(error.value)) < 300
