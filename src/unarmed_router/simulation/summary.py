"""What a day of decisions came to: every call in exactly one outcome, so the totals balance."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from unarmed_router.errors import InputError
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.location import Division
from unarmed_router.model.reasons import ReferralReason

__all__ = ["DaySummary", "DivisionSummary", "ReferralSummary", "percentile", "summarize"]

N = TypeVar("N", int, float)

OUTSIDE = Division(0, "Outside every division")


@dataclass(frozen=True, slots=True)
class DivisionSummary:
    """One division's calls and response times.

    Parameters
    ----------
    division : Division
        Number 0 stands for outside every division.
    calls, sent : int
        Calls received, and those an unarmed team was sent to.
    median_ms, p90_ms : int or None
        Response time of the calls a team was sent to, milliseconds; None when there is none.
    """

    division: Division
    calls: int
    sent: int
    median_ms: int | None
    p90_ms: int | None


@dataclass(frozen=True, slots=True)
class ReferralSummary:
    """How many calls went to one target for one reason."""

    reason: ReferralReason
    target_name: str
    calls: int


@dataclass(frozen=True, slots=True)
class DaySummary:
    """A day's decisions.

    Parameters
    ----------
    calls, sent, referred : int
        ``calls == sent + referred``.
    median_ms, p90_ms : int or None
        Response time over all divisions.
    divisions : tuple of DivisionSummary
        Divisions with calls, most calls sent first.
    referrals : tuple of ReferralSummary
        Most frequent first.
    """

    calls: int
    sent: int
    referred: int
    median_ms: int | None
    p90_ms: int | None
    divisions: tuple[DivisionSummary, ...]
    referrals: tuple[ReferralSummary, ...]


def percentile(values: Sequence[N], share: float) -> N | None:
    """Smallest value that at least `share` of the values do not exceed; None of nothing.

    The inverse of the empirical distribution (Hyndman and Fan, 1996, type 1,
    doi 10.1080/00031305.1996.10473566): always one of the values, never in between.

    Raises
    ------
    InputError
        `share` is not in (0, 1], or a value is no number.
    """
    if not 0 < share <= 1:
        raise InputError(f"share {share} must be in (0, 1]")
    if not len(values):
        return None
    if any(math.isnan(value) for value in values):
        raise InputError("values must be numbers; leave out what is missing")
    # Rounding may lift a whole rank a little: 0.07 * 100 is 7.000000000000001.
    rank = max(1, math.ceil(share * len(values) - 1e-9))
    return sorted(values)[rank - 1]


def summarize(routed: Iterable[tuple[Call, Decision]]) -> DaySummary:
    """Count a day's decisions by outcome, division and reason.

    Parameters
    ----------
    routed : iterable of (Call, Decision)
        What `play_day` yields.

    Returns
    -------
    DaySummary
    """
    decisions = [decision for _, decision in routed]
    sent = [d for d in decisions if isinstance(d, Recommendation)]
    referrals = Counter(
        (d.reason, d.target_name) for d in decisions if not isinstance(d, Recommendation)
    )
    times = [d.candidates[0].response_ms for d in sent]
    return DaySummary(
        calls=len(decisions),
        sent=len(sent),
        referred=sum(referrals.values()),
        median_ms=percentile(times, 0.5),
        p90_ms=percentile(times, 0.9),
        divisions=_by_division(decisions),
        referrals=tuple(
            ReferralSummary(reason, target, count)
            for (reason, target), count in sorted(
                referrals.items(), key=lambda item: (-item[1], item[0])
            )
        ),
    )


def _by_division(decisions: list[Decision]) -> tuple[DivisionSummary, ...]:
    calls: Counter[Division] = Counter()
    times: dict[Division, list[int]] = {}
    for decision in decisions:
        division = decision.place.division or OUTSIDE
        calls[division] += 1
        if isinstance(decision, Recommendation):
            times.setdefault(division, []).append(decision.candidates[0].response_ms)
    rows = [
        DivisionSummary(
            division,
            count,
            len(times.get(division, [])),
            percentile(times.get(division, []), 0.5),
            percentile(times.get(division, []), 0.9),
        )
        for division, count in calls.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.sent, row.division.number)))
