"""Canonical JSON: equal values, equal bytes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import Enum

import numpy as np
import pytest

from unarmed_router.model.canonical import digest_of, to_json, to_plain
from unarmed_router.model.location import Division
from unarmed_router.model.team import TeamStatus


def test_keys_are_sorted_and_spaces_left_out() -> None:
    """The order in which a mapping was filled does not show."""
    assert to_json({"b": 1, "a": [1.5, None, True]}) == '{"a":[1.5,null,true],"b":1}'


def test_instants_are_written_in_utc() -> None:
    """Two writings of one instant are one text."""
    there = datetime(2026, 3, 2, 4, tzinfo=timezone(timedelta(hours=-8)))
    assert (
        to_json(there) == to_json(datetime(2026, 3, 2, 12, tzinfo=UTC)) == '"2026-03-02T12:00:00Z"'
    )


def test_model_values_have_plain_forms() -> None:
    """Enums, dataclasses, sets, dates and times."""
    assert to_plain(Division(7, "Wilshire", "West")) == {
        "number": 7,
        "name": "Wilshire",
        "bureau": "West",
    }
    assert to_plain(TeamStatus.AVAILABLE) == "available"
    assert to_plain(frozenset({3, 1, 2})) == [1, 2, 3]
    assert to_plain([date(2026, 3, 2), time(8)]) == ["2026-03-02", "08:00:00"]


def test_what_has_no_plain_form_is_refused() -> None:
    """An object of another kind, and a number JSON does not have."""
    with pytest.raises(TypeError, match="object has no plain form"):
        to_plain(object())
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(float("nan"))


def test_digests_differ_when_content_does() -> None:
    """A digest is 64 hexadecimal characters of the content."""
    assert digest_of({"a": 1}) != digest_of({"a": 2})
    assert len(digest_of(None)) == 64


class _Word(str, Enum):  # noqa: UP042  # as older code has them
    """An enumeration of somebody else's, whose members are text."""

    CHECK = "welfare_check"


@pytest.mark.parametrize("text", [np.str_("welfare_check"), _Word.CHECK], ids=repr)
def test_text_of_any_kind_is_written_as_text(text: str) -> None:
    """A table of numpy or pandas, and an enumeration, hand out text that is more than text."""
    assert to_json(text) == to_json("welfare_check")
    assert type(to_plain(text)) is str
