"""The distribution of response times in a report."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import numpy.typing as npt

from unarmed_router.research.intervals import share_interval
from unarmed_router.research.real_calls import few, in_class, middle
from unarmed_router.research.report_charts import share_chart
from unarmed_router.research.run_result import RunResult
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.simulation.summary import percentile

__all__ = ["last_minute", "times_chart"]

Floats = npt.NDArray[np.float64]

_FEWEST_MIN, _LONGEST_MIN = 10, 120
_DRAWN = 0.995


def last_minute(results: ScenarioResults) -> int:
    """Return how many minutes hold all but half a per cent of calls a team came to; 120 at most."""
    most = percentile(_pooled(results).tolist(), _DRAWN)
    return _FEWEST_MIN if most is None else min(_LONGEST_MIN, max(_FEWEST_MIN, math.ceil(most)))


def times_chart(results: ScenarioResults, last: int) -> str:
    """Draw response times up to so many minutes: how many by minute, and the share by then."""
    pooled = _pooled(results)
    if not len(pooled):
        return "<p>No team came to any call.</p>"
    if results.few_served():
        return "<p>Teams came to so few calls that their times are not shown.</p>"
    return share_chart(
        _reached_by_minute(results, pooled, last),
        bars=_by_minute(results, pooled, last),
        guide=(0.9, "9 in 10 served calls"),
        across="minutes from receipt to arrival",
        says="Response times: bars by minute, and the share of served calls reached by then",
    )


def _pooled(results: ScenarioResults) -> Floats:
    return np.concatenate([each.response_s[each.served] for each in results.outcomes]) / 60.0


def _by_minute(results: ScenarioResults, pooled: Floats, last: int) -> Floats:
    """Return the share of served calls by minute; of real ones without few, and by tens."""
    counts = np.histogram(pooled, bins=np.arange(last + 1))[0]
    if not results.of_real_calls:
        return counts / len(pooled)
    runs = len(results.runs)
    told = [0.0 if few(count / runs) else middle(count / runs) for count in counts.tolist()]
    return np.array(told) / middle(len(pooled) / runs)


def _reached_by(run: RunResult, minute: int) -> float | None:
    """Return the share of served calls that a team had reached by a minute; None of none."""
    times = run.outcomes.response_s[run.outcomes.served]
    return float((times <= 60 * minute).mean()) if len(times) else None


def _reached_by_minute(
    results: ScenarioResults, pooled: Floats, last: int
) -> tuple[Floats, Floats, Floats]:
    """Return low bound, share and high bound by minute; bounded as `ScenarioResults.share` is."""
    low, share, high = [], [], []
    served = len(pooled) / len(results.runs)
    for minute in range(last + 1):
        found = results.amount(partial(_reached_by, minute=minute), most=1.0)
        if not results.of_real_calls:
            by_then = int((pooled <= minute).sum())
            found = found and share_interval(found, by_then, len(pooled))
        assert found is not None  # noqa: S101  # some call was served
        if results.of_real_calls:
            found = in_class(found, served)
        share.append(found.estimate)
        low.append(found.low if np.isfinite(found.low) else found.estimate)
        high.append(found.high if np.isfinite(found.high) else found.estimate)
    return np.array(low), np.array(share), np.array(high)
