"""Everything a scenario came to as one JSON object, cost and equity with it."""

from __future__ import annotations

from typing import Any

from unarmed_router.research.scenario_cost import COST_PARTS, cost_per_day, rates_of_agency
from unarmed_router.research.scenario_equity import border_service, hour_service, worst_tenth
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.research.service_figures import interval_record

__all__ = ["scenario_record"]


def scenario_record(results: ScenarioResults) -> dict[str, Any]:
    """Return `ScenarioResults.to_dict` with equity and cost.

    Parameters
    ----------
    results : ScenarioResults
        At least one replication.
    """
    placement = results.prepared.placement
    return {
        **results.to_dict(),
        "placement": None if placement is None else placement.to_dict(),
        "equity": {
            "worst_tenth_mean_s": interval_record(worst_tenth(results, "mean")),
            "worst_tenth_from_s": interval_record(worst_tenth(results, "threshold")),
            "others_mean_s": interval_record(worst_tenth(results, "others")),
            "by_hour_of_day": [band.to_dict() for band in hour_service(results)],
            "by_border_m": [band.to_dict() for band in border_service(results)],
        },
        "cost_per_day": _cost(results),
    }


def _cost(results: ScenarioResults) -> list[dict[str, Any]]:
    return [
        {
            "unit": str(rates.unit),
            "currency": rates.currency,
            "team": rates.team,
            "baseline": rates.baseline,
            "source": rates.source,
            **{part: interval_record(cost_per_day(results, rates, part)) for part in COST_PARTS},
        }
        for rates in rates_of_agency(results)
    ]
