"""Service to a division or to a band of calls: figures with their intervals, and as JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unarmed_router.research.intervals import Interval

__all__ = ["BandService", "DivisionService", "OutcomeRate", "ServiceFigures", "interval_record"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFigures:
    """Service to a group of calls; None where no replication has the figure, or it is hidden.

    Parameters
    ----------
    calls_per_day : Interval or None
        Calls a program would take.
    median_s, p90_s : Interval or None
        Response time, seconds, of calls a team came to.
    unserved : Interval or None
        Share of calls no team came to.
    """

    calls_per_day: Interval | None
    median_s: Interval | None
    p90_s: Interval | None
    unserved: Interval | None

    def figures(self) -> dict[str, Any]:
        """Return the figures as values JSON has."""
        return {
            "calls_per_day": interval_record(self.calls_per_day),
            "median_response_s": interval_record(self.median_s),
            "p90_response_s": interval_record(self.p90_s),
            "unserved_share": interval_record(self.unserved),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionService(ServiceFigures):
    """Service to one division.

    Parameters
    ----------
    number : int
        The agency's own.
    name : str
        As the agency writes it.
    calls_per_day, median_s, p90_s, unserved : Interval or None
        As in `ServiceFigures`.
    """

    number: int
    name: str

    def to_dict(self) -> dict[str, Any]:
        """Return the division as values JSON has."""
        return {"division": self.number, "name": self.name, **self.figures()}


@dataclass(frozen=True, slots=True, kw_only=True)
class BandService(ServiceFigures):
    """Service to calls in a half-open band.

    Parameters
    ----------
    low, high : float
        From, inclusive, and to, exclusive; the last band of distances has no end.
    calls_per_day, median_s, p90_s, unserved : Interval or None
        As in `ServiceFigures`.
    """

    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        """Return the band as values JSON has; a band without an end has null."""
        high = self.high if math.isfinite(self.high) else None
        return {"low": self.low, "high": high, **self.figures()}


@dataclass(frozen=True, slots=True)
class OutcomeRate:
    """How many calls a day ended one way, for one reason."""

    outcome: str
    reason: str
    per_day: Interval | None


def interval_record(interval: Interval | None) -> dict[str, Any] | None:
    """Return an interval as values JSON has; an open bound is None."""
    if interval is None:
        return None
    return {
        "estimate": interval.estimate,
        "low": interval.low if math.isfinite(interval.low) else None,
        "high": interval.high if math.isfinite(interval.high) else None,
        "confidence": interval.confidence,
        "replications": interval.count,
    }
