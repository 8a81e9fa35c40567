"""The way of the team that goes, found when a decision is asked for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unarmed_router.dispatch.ports import Paths
from unarmed_router.errors import InputError
from unarmed_router.kernels.screening import AT_HOME
from unarmed_router.model.driven_path import DrivenPath

if TYPE_CHECKING:
    from unarmed_router.dispatch.finding import Finding

__all__ = ["driven_path"]


def driven_path(finding: Finding) -> DrivenPath:
    """Find by which streets the recommended team drives.

    Parameters
    ----------
    finding : Finding
        Of a recommendation.

    Returns
    -------
    DrivenPath
        Its time is the travel time of the decision, to the millisecond.

    Raises
    ------
    InputError
        The travel times of the decision are gone (the speeds were changed since, or the router was
        let go), know no paths, or the roads have no streets to name.
    """
    call, ground = finding.call, finding.ground
    times, streets = ground.times(), ground.streets
    if times is None:
        raise InputError(
            f"call {call.call_id}: the speeds this call was decided under are no longer in memory "
            "(they were changed since, or the router was let go); ask for the path while they are, "
            "or decide the call again"
        )
    if streets is None or not isinstance(times, Paths):
        what = "no streets" if streets is None else f"travel times of {type(times).__name__}"
        raise InputError(
            f"call {call.call_id}: this world has {what}, which give no path; load an agency whose "
            "travel times are the library's own"
        )
    place = finding.chosen()
    state, (_, travel_ms) = finding.states[place], finding.times_of(place)
    at_home = bool(finding.code_of(place) & AT_HOME)
    start = state.home_road if at_home else state.fix_road
    goal = ground.roads.snap(lon=call.lon, lat=call.lat)
    path = None if start is None or goal is None else times.path(start, goal, finding.at)
    if path is None or path.travel_ms != travel_ms:
        found = "none" if path is None else f"one of {path.travel_ms} ms"
        raise InputError(
            f"call {call.call_id}: the decision says {travel_ms} ms and the path found is {found}; "
            "these travel times contradict themselves, report it"
        )
    team, fix = state.team, state.fix
    origin = (team.home_lon, team.home_lat) if at_home or fix is None else (fix.lon, fix.lat)
    driven = streets.describe(path, origin=origin, destination=(call.lon, call.lat))
    return replace(driven, call_id=call.call_id, team_id=team.team_id)
