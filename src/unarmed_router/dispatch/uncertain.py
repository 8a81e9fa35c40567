"""Calls whose position is uncertain: where they may be, who would take them there, how soon."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from unarmed_router.kernels.screening import AT_HOME
from unarmed_router.model.location import AreaShare, DivisionShare, LocationArea, PlaceShare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from unarmed_router.dispatch.ground import Ground
    from unarmed_router.dispatch.ports import Locations, Shares, World
    from unarmed_router.model.call import Call
    from unarmed_router.model.team import TeamState
    from unarmed_router.model.uncertainty import Uncertainty

__all__ = ["SAMPLED", "areas_taken", "expected_travel", "location_area"]

SAMPLED = 64
"""Points the expected travel time is taken over."""

_DIGITS = 4
"""Shares are exact to 0.001; one digit more is kept, so that they add up."""


def location_area(
    call: Call,
    uncertainty: Uncertainty,
    ground: Ground,
    locations: Locations,
    ground_in: Callable[[frozenset[str]], Ground],
) -> LocationArea:
    """Spread a call over the divisions and the outlined areas it may be in.

    Parameters
    ----------
    call : Call
        Its position and what decides eligibility.
    uncertainty : Circle, Ellipse or Area
        The call's own.
    ground : Ground
        The policy outside every outlined area.
    locations : Locations
        Knows the shares.
    ground_in : callable
        Returns the policy as it is inside a set of outlined areas.
    """
    spread = locations.shares(lon=call.lon, lat=call.lat, uncertainty=uncertainty)
    unplaced = round(spread.unplaced, _DIGITS)
    if not ground.policy.outlines:
        return LocationArea(_divisions(call, spread, ground), unplaced)
    parts = tuple(
        PlaceShare(
            part.number or 0,
            part.areas,
            round(part.share, _DIGITS),
            _takers(call, part.number, ground_in(frozenset(part.areas))),
        )
        for part in locations.parts(
            lon=call.lon,
            lat=call.lat,
            uncertainty=uncertainty,
            outlines=ground.policy.outlines,
        )
    )
    return LocationArea(
        _divisions(call, spread, ground, parts), unplaced, areas=_areas(parts), parts=parts
    )


def areas_taken(area: LocationArea) -> frozenset[str]:
    """Return the outlined areas a call is taken to be in: those of the decisive division's part."""
    decisive = area.shares[0].division
    parts = (part.areas for part in area.parts if part.division == decisive)
    return frozenset(next(parts, ()))


def _divisions(
    call: Call, spread: Shares, ground: Ground, parts: Sequence[PlaceShare] = ()
) -> tuple[DivisionShare, ...]:
    """List the divisions with who would take the call there, in the likeliest part of each."""
    likeliest = {part.division: part.programs for part in reversed(parts)}
    return tuple(
        DivisionShare(
            number or 0,
            round(share, _DIGITS),
            likeliest[number or 0] if (number or 0) in likeliest else _takers(call, number, ground),
        )
        for number, share in spread.shares
    )


def _areas(parts: Sequence[PlaceShare]) -> tuple[AreaShare, ...]:
    """Add up the parts of each outlined area."""
    names = {name for part in parts for name in part.areas}
    listed = []
    for name in sorted(names):
        inside = [part for part in parts if name in part.areas]
        share = round(math.fsum(part.share for part in inside), _DIGITS)
        listed.append(AreaShare(name, share, inside[0].programs))
    return tuple(sorted(listed, key=lambda each: -each.share))


def _takers(call: Call, number: int | None, ground: Ground) -> tuple[str, ...]:
    """Name the programs that would take a call in a division, with their providers."""
    if number is None:
        return ()
    return tuple(
        f"{program.program_id}/{program.provider_of[number]}"
        for program in ground.eligibility.assess(call, number).eligible
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
