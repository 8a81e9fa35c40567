"""Faults of files are told in words of their own, and no other library's."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, field_validator

from unarmed_router.agency.policy_schema import Text
from unarmed_router.agency.toml_file import Strict, Word, validated
from unarmed_router.errors import ConfigurationError


class Part(Strict):
    """A table in a file."""

    size: int = 1


class File(Strict):
    """A file with an entry of every kind that schemas here have."""

    count: Annotated[int, Field(ge=1, le=9)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    name: Annotated[str, Field(min_length=1, max_length=4)] = "a"
    code: Annotated[str, Field(min_length=3, pattern=r"^[A-Z]+$")] = "ABC"
    key: Word = "k"
    text: Text = "t"
    on: bool = True
    day: dt.date = dt.date(2026, 1, 5)
    hours: Annotated[list[int], Field(min_length=1, max_length=2)] | None = None
    kind: Literal["stay", "return"] = "stay"
    part: Part = Part()
    pairs: dict[str, int] | None = None

    @field_validator("count")
    @classmethod
    def odd(cls, value: int) -> int:
        """Refuse a number by a rule of the schema's own."""
        if value == 4:
            raise ValueError("nobody likes 4")
        return value


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"colour": 1}, "colour: is not known here (got 1)"),
        ({"part": {"sise": 1}}, "part.sise: is not known here (got 1)"),
        ({"count": 1.5}, "count: must be a whole number (got 1.5)"),
        ({"count": "x"}, "count: must be a whole number (got 'x')"),
        ({"count": 0}, "count: must be at least 1 (got 0)"),
        ({"count": 10}, "count: must be at most 9 (got 10)"),
        ({"count": 4}, "count: nobody likes 4 (got 4)"),
        ({"share": "x"}, "share: must be a number (got 'x')"),
        ({"share": float("nan")}, "share: must be a finite number (got nan)"),
        ({"share": 0.0}, "share: must be above 0 (got 0.0)"),
        ({"share": 1.0}, "share: must be below 1 (got 1.0)"),
        ({"name": 1}, "name: must be text (got 1)"),
        ({"name": ""}, "name: must not be empty (got '')"),
        ({"name": "abcde"}, "name: must have at most 4 characters (got 'abcde')"),
        ({"code": "A"}, "code: must have at least 3 characters (got 'A')"),
        ({"code": "abc"}, "code: must match ^[A-Z]+$ (got 'abc')"),
        (
            {"key": "a b"},
            "key: must be 1 to 64 letters, digits, '.', '_' and '-', the first a lett",
        ),
        ({"text": "a\nb"}, "text: must be one line of text that shows something (got 'a\\nb')"),
        ({"text": " "}, "text: must be one line of text that shows something (got ' ')"),
        ({"on": 1}, "on: must be true or false (got 1)"),
        ({"day": "2026-01-05"}, "day: must be a date such as 2026-01-05, without quotes (got '202"),
        ({"hours": 3}, "hours: must be a list (got 3)"),
        ({"hours": []}, "hours: must not be empty (got [])"),
        ({"hours": [1, 2, 3]}, "hours: must have at most 2 entries (got [1, 2, 3])"),
        ({"kind": "go"}, "kind: must be 'stay' or 'return' (got 'go')"),
        ({"part": 1}, "part: must be a table (got 1)"),
        ({"pairs": 1}, "pairs: must be a table (got 1)"),
    ],
)
def test_each_rule_has_its_words(document: dict[str, Any], told: str) -> None:
    """The path, the rule and the value, whichever kind of entry it is."""
    with pytest.raises(ConfigurationError) as caught:
        validated(File, document, "file.toml")
    assert told in str(caught.value)
    for word in ("Input", "String", "should", "valid"):
        assert word not in str(caught.value)
