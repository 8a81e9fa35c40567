"""What must never enter a ledger: names, phone numbers, free text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from unarmed_router.errors import PrivacyError

__all__ = ["refuse_fields", "refuse_text"]

_PERSONAL = re.compile(
    r"(?i)(^|[_.-])(caller|callback|call_back|complainant|reporter|patient|person|name|first_?name|"
    r"last_?name|surname|phone|telephone|tel|mobile|cell|ani|email|e_?mail|dob|birth\w*|ssn|"
    r"address|narrative|note|notes|comment|comments|remark|remarks|text|free_?text|message|"
    r"description)($|[_.-])"
)
"""Names of fields that hold such things in dispatch systems."""

_DASH = r"[\s.\-_/:\u2010-\u2015\u2212]"
_PHONE = re.compile(
    # North American numbers (NANP): area and exchange start with 2 to 9.
    rf"(?<!\d)(?:\+?1{_DASH}?)?(?:\([2-9]\d\d\){_DASH}?|[2-9]\d\d{_DASH})[2-9]\d\d{_DASH}\d{{4}}(?!\d)"
    # With its country code, as ITU-T E.164 writes it.
    r"|\+\d{8,15}(?!\d)"
)

_COMPRESSED = frozenset({"text", "arcs"})
"""Fields that are not words: a decision's own JSON, which `ledger.codec` checks, and numbers."""

_SPACED = frozenset({"call_type", "codes"})
"""Codes of dispatch systems may hold spaces; `Call` limits their form."""


def refuse_fields(names: set[str]) -> None:
    """Refuse fields that no event has, when their names are those of personal data.

    Parameters
    ----------
    names : set of str
        Paths of fields that the event has no place for.

    Raises
    ------
    PrivacyError
        Names the first of them.
    """
    for path in sorted(names):
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path.rpartition(".")[2])  # camelCase
        if _PERSONAL.search(name):
            raise PrivacyError(
                f"field {path} is refused: a ledger holds no name, phone number or free text; "
                "leave it in the CAD",
                field=path,
            )


def refuse_text(plain: Any, json: str) -> None:
    """Refuse a phone number or free text in any value of an event.

    Parameters
    ----------
    plain : object
        The event as plain dicts, lists, strings and numbers.
    json : str
        The same as JSON, in which a search is quick.

    Raises
    ------
    PrivacyError
        Names the field, never the value.
    """
    if " " not in json and "\\" not in json and not _PHONE.search(json) and json.isascii():
        return
    for path, text in _texts(plain, ""):
        field = re.sub(r"\.\d+$", "", path).rpartition(".")[2]
        if field in _COMPRESSED:
            continue
        if _PHONE.search(text):
            raise PrivacyError(
                f"field {path} looks like a phone number; a ledger holds none: use an identifier "
                "that is no number of a person",
                field=path,
            )
        if field not in _SPACED and any(each.isspace() or not each.isprintable() for each in text):
            raise PrivacyError(
                f"field {path} holds more than one word; a ledger holds identifiers and no free "
                "text",
                field=path,
            )


def _texts(plain: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield every string with its path, the names of answers among them."""
    if isinstance(plain, str):
        yield path, plain
    elif isinstance(plain, dict):
        for key, value in plain.items():
            inner = f"{path}.{key}" if path else key
            yield inner, key
            yield from _texts(value, inner)
    elif isinstance(plain, list):
        for number, value in enumerate(plain):
            yield from _texts(value, f"{path}.{number}")
