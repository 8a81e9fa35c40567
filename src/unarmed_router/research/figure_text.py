"""Figures in words: a value with its interval, in the unit a reader expects."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from unarmed_router.research.intervals import Interval

if TYPE_CHECKING:
    from unarmed_router.research.service_figures import DivisionService, ServiceFigures

__all__ = [
    "COUNT",
    "EQUAL",
    "GINI",
    "MINUTES",
    "MONEY",
    "PERCENT",
    "REPLAYED",
    "SYNTHETIC",
    "TENS",
    "UNIT_OF",
    "Unit",
    "brackets",
    "division_cells",
    "service_cells",
]

_NONE = "-"

EQUAL = "equal in each pair"
"""A difference that no pair has."""

_MORE_DIGITS = 3
"""At most so many more: a rate of one call in some years is as good as none."""


@dataclass(frozen=True, slots=True)
class Unit:
    """How a kind of figure is written.

    Parameters
    ----------
    name : str
        Written once, in a heading or after the value; empty for a plain number.
    scale : float
        What a value is multiplied by.
    digits : int
        After the point; more where half the width of an interval would not be seen otherwise.
    """

    name: str
    scale: float
    digits: int

    def number(self, value: float, *, signed: bool = False, digits: int | None = None) -> str:
        """Write a value without its unit; an open bound is a question mark."""
        if not math.isfinite(value):
            return "?"
        digits = self.digits if digits is None else digits
        rounded = round(value * self.scale, digits) + 0.0  # no minus before zero
        return f"{rounded:{'+' if signed else ''},.{digits}f}"

    def digits_of(self, interval: Interval) -> int:
        """Return the digits after the point that show how wide an interval is."""
        width = interval.half_width * self.scale
        if not 0.0 < width < math.inf:
            return self.digits
        return min(max(self.digits, math.ceil(-math.log10(width))), self.digits + _MORE_DIGITS)

    def text(self, interval: Interval | None, *, signed: bool = False) -> str:
        """Write a value with its interval, as ``10.2 (9.8 to 10.6)``; an unknown one as a dash.

        A signed one is a difference over pairs; where all pairs have the same, it has no interval.
        """
        if interval is None:
            return _NONE
        if signed and interval.is_point:
            number = self.number(interval.estimate, signed=True)
            return f"{number} in each pair" if float(number.replace(",", "")) else EQUAL
        digits = self.digits_of(interval)
        told = partial(self.number, signed=signed, digits=digits)
        if not math.isfinite(interval.half_width):
            return told(interval.estimate)
        return f"{told(interval.estimate)} ({told(interval.low)} to {told(interval.high)})"


MINUTES = Unit("min", 1 / 60, 1)
PERCENT = Unit("%", 100.0, 1)
COUNT = Unit("", 1.0, 1)
GINI = Unit("", 1.0, 3)
MONEY = Unit("", 1.0, 0)

UNIT_OF = {
    "mean_response_s": ("Mean response time", MINUTES),
    "p90_response_s": ("90th percentile of response time", MINUTES),
    "unserved_share": ("Share of calls no team came to", PERCENT),
    "mean_wait_s": ("Mean wait for a team", MINUTES),
    "served_per_day": ("Calls a day a team came to", COUNT),
}
"""Words and unit of each figure of `run_result.RUN_FIGURES`."""

SYNTHETIC = "Simulated calls were made by nobody: small numbers are not hidden."
REPLAYED = (
    "Somebody made the replayed calls: groups of 1 to 10 of them are hidden, with others from "
    "which they follow. Other counts are told by tens, 25 for 21 to 30 in all days together, and "
    "shares, costs and differences are reckoned from those. Replications share these calls, so "
    "intervals tell what is drawn of them, such as time on scene, and not how other calls would "
    "have been."
)
"""What is said of small numbers and of intervals, by where calls come from."""

TENS = " Minutes of 1 to 10 real calls have no bar; bars and line go by tens."
"""What is said beside a curve of real calls."""


def brackets(confidence: float, count: int, *, over: str, one: str = "replication") -> str:
    """Say what stands in brackets behind figures of so many replications or pairs.

    Parameters
    ----------
    confidence : float
        Of each interval.
    count : int
        How many there are.
    over : str
        What the intervals are of, such as ``over pairs``.
    one : str
        What there is one of where there are no intervals.
    """
    if count == 1:
        return f"One {one} alone has no intervals: how much of a figure is chance is not known."
    return f"In brackets: {100 * confidence:g} % intervals {over}."


def service_cells(service: ServiceFigures) -> list[str]:
    """Write service: calls a day, median and 90th percentile, share without."""
    return [
        COUNT.text(service.calls_per_day),
        MINUTES.text(service.median_s),
        MINUTES.text(service.p90_s),
        PERCENT.text(service.unserved),
    ]


def division_cells(service: DivisionService) -> list[str]:
    """Write a division's row: which one, and the service to it."""
    return [f"{service.number} {service.name}", *service_cells(service)]
