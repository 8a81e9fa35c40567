"""The recorded JSON read back: one result a benchmark, in seconds for one call, point or metric."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Result", "results", "seconds"]


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark: seconds for one call, point or metric, over all its rounds and turns.

    Parameters
    ----------
    name : str
        Its id.
    median, low, high : float
        Seconds; quartiles of the rounds, or the lowest and highest of the turns.
    rounds : int
        How many rounds were timed.
    group : str
        What it is compared with.
    facts : mapping
        What it recorded.
    """

    name: str
    median: float
    low: float
    high: float
    rounds: int
    group: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def results(document: Mapping[str, Any]) -> dict[str, Result]:
    """Read the recorded benchmarks by id; the turns of one engine become one result."""
    found: dict[str, list[Result]] = {}
    for entry in document["benchmarks"]:
        facts, stats = entry["extra_info"], entry["stats"]
        amount = facts.get("amount", _amount(entry))
        median, low, high = (stats[key] / amount for key in ("median", "q1", "q3"))
        name = entry["name"]
        if "turn" in facts:
            name = name.replace(f"[{facts['turn']}-", "[")
        result = Result(name, median, low, high, stats["rounds"], entry["group"], facts)
        found.setdefault(name, []).append(result)
    return {name: _merged(turns) for name, turns in found.items()}


def _amount(entry: Mapping[str, Any]) -> int:
    """Take the number of points from a group that says it in its name."""
    return 100_000 if "100,000" in entry["group"] else 1


def _merged(turns: Sequence[Result]) -> Result:
    if len(turns) == 1:
        return turns[0]
    medians = [turn.median for turn in turns]
    errors = [turn.facts["error_ms"] for turn in turns if "error_ms" in turn.facts]
    built = dict(turns[0].facts) | ({"error_ms": max(errors)} if errors else {})
    return Result(
        turns[0].name,
        statistics.median(medians),
        min(medians),
        max(medians),
        sum(turn.rounds for turn in turns),
        turns[0].group,
        built,
    )


def seconds(value: float) -> str:
    """Write a time with three figures in the unit that fits."""
    units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
    unit, size = next(((u, s) for u, s in units if value >= s), units[-1])
    shown = value / size
    return f"{shown:,.{max(0, 2 - math.floor(math.log10(shown)))}f} {unit}"
