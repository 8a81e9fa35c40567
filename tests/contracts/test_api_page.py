"""The page of public names shows every method a user may call."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import unarmed_router

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"
OF_THE_CODE = {"pending"}
"""How the package makes its own values late; nobody else does."""


def shown() -> Iterator[tuple[str, str]]:
    """Find the classes of the page, each with its options."""
    text = PAGE.read_text(encoding="utf-8")
    for found in re.finditer(r"\.\. autoclass:: unarmed_router\.(\w+)\n((?:   :[^\n]*\n)*)", text):
        yield found[1], found[2]


def methods(of: type, *, inherited: bool) -> set[str]:
    """Name what can be called on a class or read off it, other than its plain fields."""
    classes = [c for c in of.__mro__ if c.__module__.startswith("unarmed_router")]
    names = {name for c in (classes if inherited else classes[:1]) for name in vars(c)}
    return {name for name in names if not name.startswith("_") and _does(of, name)} - OF_THE_CODE


def _does(of: type, name: str) -> bool:
    found: Any = inspect.getattr_static(of, name)
    return callable(found) or isinstance(found, property | classmethod | staticmethod)


@pytest.mark.parametrize(("name", "options"), [pytest.param(*each, id=each[0]) for each in shown()])
def test_every_method_is_shown(name: str, options: str) -> None:
    """All of them, those of base classes too; a list of chosen ones goes out of date."""
    cls = getattr(unarmed_router, name)
    if issubclass(cls, Exception) or not methods(cls, inherited=True):
        return
    assert ":members:\n" in options, f"{name}: show all members"
    if methods(cls, inherited=True) != methods(cls, inherited=False):
        assert ":inherited-members:" in options, f"{name}: show what it inherits"


def test_a_hidden_method_would_be_seen() -> None:
    """The check tells methods from fields."""
    found = methods(unarmed_router.Router, inherited=True)
    assert {"route", "load", "update_speeds", "desk"} <= found
    assert methods(unarmed_router.RoadPosition, inherited=True) == set()
