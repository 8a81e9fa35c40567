"""Calls whose position is uncertain: where they may be, who would take them there, how soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unarmed_router.kernels.screening import AT_HOME
from unarmed_router.model.location import DivisionShare, LocationArea
from unarmed_router.model.reasons import ProgramVerdict

if TYPE_CHECKING:
    from datetime import datetime

    from unarmed_router.dispatch.ground import Ground
    from unarmed_router.dispatch.ports import Locations, World
    from unarmed_router.model.call import Call
    from unarmed_router.model.team import TeamState
    from unarmed_router.model.uncertainty import Uncertainty

__all__ = ["SAMPLED", "expected_travel", "location_area"]

SAMPLED = 64
"""Points the expected travel time is taken over."""

_DIGITS = 4
"""Shares are exact to 0.001; one digit more is kept, so that they add up."""


def location_area(
    call: Call, uncertainty: Uncertainty, ground: Ground, locations: Locations
) -> LocationArea:
    """Spread a call over the divisions it may be in.

    Parameters
    ----------
    call : Call
        Its position and what decides eligibility.
    uncertainty : Circle, Ellipse or Area
        The call's own.
    ground : Ground
        The policy.
    locations : Locations
        Knows the shares.
    """
    spread = locations.shares(lon=call.lon, lat=call.lat, uncertainty=uncertainty)
    shares = tuple(
        DivisionShare(number or 0, round(share, _DIGITS), _takers(call, number, ground))
        for number, share in spread.shares
    )
    return LocationArea(shares, round(spread.unplaced, _DIGITS))


def _takers(call: Call, number: int | None, ground: Ground) -> tuple[str, ...]:
    """Name the programs that would take a call in a division, with their providers."""
    if number is None:
        return ()
    providers = {p.program_id: p.provider_of.get(number, "") for p in ground.policy.programs}
    return tuple(
        f"{seen.program}/{providers[seen.program]}"
        for seen in ground.eligibility.assess(call, number).considered
        if seen.verdict is ProgramVerdict.ELIGIBLE
    )


def expected_travel(
    call: Call, uncertainty: Uncertainty, state: TeamState, bits: int, at: datetime, world: World
) -> tuple[int | None, int]:
    """Take the mean travel time of a team over the area a call may be in.

    Returns
    -------
    mean_ms : int or None
        None where no road leads to any point.
    sampled : int
        Points a road leads to.
    """
    start = state.home_road if bits & AT_HOME else state.fix_road
    if start is None or world.locations is None:
        return None, 0
    points = world.locations.samples(
        lon=call.lon, lat=call.lat, uncertainty=uncertainty, count=SAMPLED
    )
    times = []
    for lon, lat in points:
        goal = world.roads.snap(lon=lon, lat=lat)
        if goal is not None:
            times += [ms for ms in world.travel_times.to_call([start], goal, at) if ms is not None]
    return (round(sum(times) / len(times)), len(times)) if times else (None, 0)
