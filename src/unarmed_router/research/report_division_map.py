"""The map of a report: divisions tinted by response time, teams, and what a free team reaches."""

from __future__ import annotations

from collections.abc import Collection

from unarmed_router.research.coverage_text import hour_name
from unarmed_router.research.figure_text import MINUTES, PERCENT
from unarmed_router.research.isochrones import isochrones
from unarmed_router.research.origins import origins_of_teams
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.report_charts import steps_of
from unarmed_router.research.report_map import (
    Shade,
    five_edges,
    map_legend,
    report_map,
    shade_legend,
)
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.research.service_figures import DivisionService

__all__ = ["division_edges", "division_map"]

_ISOCHRONE_HOUR = 2 * 24 + 17
_ISOCHRONE_MINUTES = (10.0, 15.0)


def division_edges(*results: ScenarioResults) -> tuple[float, ...]:
    """Return the edges between classes that fit every map of these results, minutes."""
    return five_edges(
        [
            each.p90_s.estimate / 60
            for side in results
            for each in side.divisions
            if each.p90_s is not None
        ]
    )


def division_map(
    results: ScenarioResults, edges: tuple[float, ...], *, around: Collection[int] = ()
) -> str:
    """Draw the map and its legend.

    Parameters
    ----------
    results : ScenarioResults
        Whose divisions, teams and roads.
    edges : tuple of float
        Between the classes, as `division_edges` gives them.
    around : collection of int
        Divisions that must be seen; those served when there are none.
    """
    prepared, divisions = results.prepared, results.divisions
    agency = prepared.agency_at(lambda: prepared.starts)
    reached = isochrones(
        RoadReach(agency.speeds),
        origins_of_teams(agency),
        network=agency.network,
        roads=agency.roads,
        minutes=_ISOCHRONE_MINUTES,
        hour=_ISOCHRONE_HOUR,
        square_m=250.0,
    )
    drawn = report_map(
        agency.partition,
        {each.number: _shade(each, edges) for each in divisions},
        [state.team for state in prepared.states],
        reached,
        around=around,
    )
    legend = map_legend(shade_legend(edges, "min"), _ISOCHRONE_MINUTES, hour_name(_ISOCHRONE_HOUR))
    return drawn + legend


def _shade(each: DivisionService, edges: tuple[float, ...]) -> Shade:
    untold = Shade(None, "not told: few calls, or others would follow")
    if each.calls_per_day is None:
        return untold
    if not each.calls_per_day.estimate:
        return Shade(None, "no call a program would take")
    if each.p90_s is None:
        # The share is told of a division whose calls were all in vain, not where few were served.
        return untold if each.unserved is None else Shade(None, "no team came to any call")
    return Shade(
        steps_of(each.p90_s.estimate / 60, edges),
        f"9 in 10 within {MINUTES.text(each.p90_s)} min, "
        f"{PERCENT.text(each.unserved)} % no team came to",
    )
