"""The page of benchmarks: what it speaks of is measured, and what is measured is spoken of."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.about import ABOUT
from benchmarks.rows import COSTS, LIMIT, RATES, ROWS

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"


def names() -> set[str]:
    """Read the pinned ids as the page has them: without file, and without the turn."""
    ids = (BENCHMARKS / "ids.txt").read_text(encoding="utf-8").splitlines()
    return {re.sub(r"\[\d-", "[", one.partition("::")[2]) for one in ids} | {
        one.partition("::")[2] for one in ids
    }


def test_every_group_is_explained() -> None:
    """Each group of benchmarks has its plain line, and no line is of a group that is gone."""
    sources = [file.read_text(encoding="utf-8") for file in BENCHMARKS.glob("test_*.py")]
    groups = {group for source in sources for group in re.findall(r'\(group="([^"]+)"\)', source)}
    assert groups == set(ABOUT)


def test_every_row_is_measured() -> None:
    """Each promise names two benchmarks that exist, a rate or a cost one, the reasons others."""
    said = " ".join([LIMIT, *(row.why for row in ROWS)])
    quoted = {name for found in re.findall(r"\{([^}]+)\}", said) for name in found.split("/")}
    compared = {name for row in ROWS for name in (row.ours, row.peer)}
    alone = {rate.name for rate in RATES} | {cost.name for cost in COSTS}
    assert quoted | compared | alone <= names()
