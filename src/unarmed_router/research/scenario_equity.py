"""Equity among the calls of a scenario: the worst-served tenth, by hour and by border."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.operations.suppression import SMALLEST_SHOWN
from unarmed_router.research.city_border import city_border_m
from unarmed_router.research.equity import BORDER_EDGES_M
from unarmed_router.research.inequality import worst_served
from unarmed_router.research.intervals import Interval
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.research.service_figures import BandService

if TYPE_CHECKING:
    from unarmed_router.research.call_outcomes import CallOutcomes
    from unarmed_router.research.run_result import RunResult

__all__ = ["border_service", "hour_service", "worst_tenth"]

_WORST_OF = 10 * SMALLEST_SHOWN

Ints = npt.NDArray[np.int64]


def worst_tenth(
    results: ScenarioResults, part: Literal["mean", "threshold", "others"]
) -> Interval | None:
    """Return a part of `WorstServed` of response times, seconds, over replications.

    None where a tenth of the real calls that were served would be few.

    Raises
    ------
    InputError
        Another part.
    """
    if part not in ("mean", "threshold", "others"):
        raise InputError(f"part {part!r} is none of mean, threshold and others")
    if results.few_served(_WORST_OF):
        return None

    def of(run: RunResult) -> float | None:
        found = worst_served(run.outcomes.response_s[run.outcomes.served])
        return None if found is None else getattr(found, part)

    return results.told(results.amount(of))


def border_service(results: ScenarioResults) -> tuple[BandService, ...]:
    """Describe service by distance to the nearest point of the city's outer border, metres."""
    partition = results.prepared.agency.partition

    @cache  # measured once, and asked for each figure
    def band_of(outcomes: CallOutcomes) -> Ints:
        away = city_border_m(partition, outcomes.lon, outcomes.lat)
        return np.searchsorted(BORDER_EDGES_M, away, side="right").astype(np.int64)

    return _bands(results, band_of, (0.0, *BORDER_EDGES_M, np.inf))


def hour_service(results: ScenarioResults, *, width: int = 1) -> tuple[BandService, ...]:
    """Describe service by hour of the day of receipt on the city's clock.

    Parameters
    ----------
    results : ScenarioResults
        Whose calls.
    width : int
        Hours in a band; divides 24.

    Raises
    ------
    InputError
        Another width.
    """
    if width < 1 or 24 % width:
        raise InputError(f"width {width} must divide the 24 hours of a day")

    def band_of(outcomes: CallOutcomes) -> Ints:
        return (outcomes.hour % 24 // width).astype(np.int64)

    return _bands(results, band_of, [float(hour) for hour in range(0, 25, width)])


def _bands(
    results: ScenarioResults, band_of: Callable[[CallOutcomes], Ints], edges: Sequence[float]
) -> tuple[BandService, ...]:
    bands = list(pairwise(edges))
    return tuple(
        BandService(low=low, high=high, **figures)
        for (low, high), figures in zip(bands, results.service(band_of, bands), strict=True)
    )
