"""The page on the OpenStreetMap import lists the rules of the profile, each with its source."""

from __future__ import annotations

import re
import tomllib

from tests.contracts.test_docs import DOCS, rows
from unarmed_router.agency.driving_profile import embedded_profile

PAGE = DOCS / "osm-import.md"


def written(value: object) -> str:
    """Write a value of the profile as the page does."""
    if isinstance(value, list):
        return ", ".join(str(part) for part in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {written(part)}" for key, part in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def rules() -> list[list[str]]:
    """List every rule of the profile: its key, its value, and the comment that stands above it."""
    text = embedded_profile().read_text(encoding="utf-8")
    document = tomllib.loads(text)
    found, section, source, fresh = [], "", "", True
    for line in text.splitlines():
        if line.startswith("#"):
            source = line[1:].strip() if fresh else f"{source} {line[1:].strip()}"
            fresh = False
        elif line.startswith("["):
            section, fresh = line.strip("[]"), True
        elif "=" in line:
            key = re.split(r"\s=\s", line, maxsplit=1)[0].strip('"')
            table = document
            for part in section.split(".") if section else []:
                table = table[part]
            found.append([f"{section}.{key}" if section else key, written(table[key]), source])
            fresh = True
    return [rule for rule in found if rule[0] not in {"schema_version", "id", "name"}]


def test_every_rule_of_the_profile_is_on_the_page() -> None:
    """Key, value and source of each rule stand in the table, as the profile has them."""
    listed = [[cell.strip("`") for cell in row] for row in rows(PAGE, "The rules")]
    assert listed == rules()


def test_every_rule_names_its_source() -> None:
    """No rule stands without a reason above it."""
    assert [rule[0] for rule in rules() if len(rule[2]) < 20] == []


def test_the_profile_names_no_class_twice_as_the_page_would() -> None:
    """Keys are unique, so that a row of the page means one rule."""
    keys = [rule[0] for rule in rules()]
    assert len(keys) == len(set(keys))
