"""``unarmed-router warmup``: compile every kernel ahead of the first call."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from unarmed_router.cli.place import AgencyOption
from unarmed_router.model.call import Call
from unarmed_router.model.location import RoadPosition

if TYPE_CHECKING:
    from unarmed_router.agency.folder import Agency

__all__ = ["warmup"]


def warmup(agency: AgencyOption = None) -> None:
    """Compile and cache every kernel, so that the first call does not wait for it."""
    from unarmed_router.research.reach import RoadReach  # noqa: PLC0415  # keeps --help quick
    from unarmed_router.router import Router  # noqa: PLC0415

    started = time.perf_counter()
    router = Router.load(agency)
    network = router.agency.network
    lon, lat = float(network.node_lon[0]), float(network.node_lat[0])
    # Both the scalar and the batch kernels, on real arrays: their types are what gets compiled.
    router.agency.divisions.locate(lon=lon, lat=lat)
    other_side = lon - 180.0 if lon > 0.0 else lon + 180.0
    router.agency.divisions.locate(lon=other_side, lat=-lat)  # outside is asked about further
    found = router.agency.divisions.locate_many([lon], [lat])
    _ = found.near_border, found.border_m  # each is worked out when it is read
    router.agency.roads.snap(lon=lon, lat=lat)
    place = router.agency.roads.snap_many(lons=[lon], lats=[lat])
    start = RoadPosition(0, int(network.twin[0]), 0.0, 0.0, 0)
    for origins in ([start], [start, start]):  # a kernel each
        router.agency.world.travel_times.to_call(origins, start, datetime.now(UTC))
    # A new engine without labels, whatever the agency's own travel times are.
    reach = RoadReach(router.agency.speeds)
    reach.to_nodes(place, hour=0)
    reach.to_places(place, place, hour=0)
    _warm_path(router.agency, start)
    call_type = min(router.agency.world.policy.call_types)
    now = datetime.now(UTC)
    call = Call(call_id="warmup", lon=lon, lat=lat, call_type=call_type, received_at=now)
    router.route(call, at=now).to_json()
    router.route_many([call], at=now)
    router.travel_times([(lon, lat)], [(lon, lat)], at=now)
    elapsed = time.perf_counter() - started
    typer.echo(f"ready: every kernel is compiled ({elapsed:.1f} s)", err=True)


def _warm_path(agency: Agency, start: RoadPosition) -> None:
    """Find the way round to the road of the last node, where the travel times know ways."""
    from unarmed_router.dispatch.ports import Paths  # noqa: PLC0415  # keeps --help quick

    times, last = agency.world.travel_times, agency.network.arcs - 1
    if isinstance(times, Paths) and agency.world.streets is not None:
        goal = RoadPosition(last, int(agency.network.twin[last]), 1.0, 0.0, 0)
        path = times.path(start, goal, datetime.now(UTC))
        if path is not None:
            place = (float(agency.network.node_lon[0]), float(agency.network.node_lat[0]))
            agency.world.streets.describe(path, origin=place, destination=place)
