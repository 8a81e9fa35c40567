"""What is wrong with an entry of a file or of JSON, in the words of who wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["LINE_PATTERN", "WORD_PATTERN", "fault_words"]

WORD_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
"""What an id in a configuration file looks like."""

LINE_PATTERN = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
"""One line that shows something: texts are read out in explanations and on terminals."""

_PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        WORD_PATTERN: "must be 1 to 64 letters, digits, '.', '_' and '-', the first a letter or "
        "digit",
        LINE_PATTERN: "must be one line of text that shows something",
    }
)

_DATE = "must be a date such as 2026-01-05, without quotes"
_TIME = "must be a date and time with an offset"

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "missing": "is required",
        **dict.fromkeys(("extra_forbidden", "unexpected_keyword_argument"), "is not known here"),
        **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "must be a whole number"),
        **dict.fromkeys(("float_type", "float_parsing"), "must be a number"),
        "finite_number": "must be a finite number",
        "bool_type": "must be true or false",
        "string_type": "must be text",
        **dict.fromkeys(("list_type", "tuple_type"), "must be a list"),
        **dict.fromkeys(("dict_type", "model_type"), "must be a table"),
        **dict.fromkeys(("date_type", "date_from_datetime_inexact"), _DATE),
        **dict.fromkeys(("datetime_type", "datetime_parsing", "timezone_aware"), _TIME),
        **dict.fromkeys(("datetime_from_date_parsing", "datetime_object_invalid"), _TIME),
        "dataclass_type": "must be an object",
        "union_tag_not_found": "must have {discriminator}, which says what it is",
        "union_tag_invalid": "must have a {discriminator} that is one of {expected_tags}",
        "literal_error": "must be {expected}",
        "enum": "must be {expected}",
        "greater_than": "must be above {gt}",
        "greater_than_equal": "must be at least {ge}",
        "less_than": "must be below {lt}",
        "less_than_equal": "must be at most {le}",
        "string_too_short": "must have at least {min_length} characters",
        "string_too_long": "must have at most {max_length} characters",
        "too_short": "must have at least {min_length} entries",
        "too_long": "must have at most {max_length} entries",
        "string_pattern_mismatch": "must match {pattern}",
        "value_error": "{error}",
    }
)
"""By pydantic's name of the fault; the others are told in pydantic's own words."""


def fault_words(fault: ErrorDetails) -> str:
    """Say which rule an entry breaks.

    Parameters
    ----------
    fault : dict
        As pydantic lists it, with its context.

    Returns
    -------
    str
        Without the entry's path and value.
    """
    facts = fault.get("ctx", {})
    if facts.get("pattern") in _PATTERNS:
        return _PATTERNS[facts["pattern"]]
    if facts.get("min_length") == 1:
        return "must not be empty"
    words = _WORDS.get(fault["type"])
    if words is None:
        return fault["msg"]
    # A limit of a float is written as people write it: 0, not 0.0.
    return words.format(
        **{name: f"{v:g}" if isinstance(v, float) else v for name, v in facts.items()}
    )
