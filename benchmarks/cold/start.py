"""``python -m benchmarks.cold.start ours|parts|tutorial``: print what each step costs."""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

LON, LAT = -118.309, 34.0606


def ours() -> dict[str, float]:
    """Import, `Router.load`, the first `route`."""
    steps = Steps()
    from unarmed_router import Call, Router  # noqa: PLC0415  # what is measured

    steps.done("import_s")
    router = Router.load()
    steps.done("load_s")
    call = Call(
        call_id="1",
        lon=LON,
        lat=LAT,
        call_type="welfare_check",
        received_at=datetime(2026, 11, 20, 18, tzinfo=UTC),
    )
    router.route(call, at=call.received_at)
    steps.done("first_s")
    return steps.taken


def parts() -> dict[str, float]:
    """Import shapely and routingkit-cch, order and index the same city, time one call."""
    steps = Steps()
    importlib.import_module("routingkit_cch")  # what is measured
    import shapely  # noqa: F401, PLC0415

    steps.done("import_s")
    from benchmarks.stacks import best_parts  # noqa: PLC0415

    return _stack(best_parts, steps)


def tutorial() -> dict[str, float]:
    """Import geopandas, osmnx and networkx, make the same city's graph, time one call."""
    steps = Steps()
    import geopandas  # noqa: F401, PLC0415  # what is measured
    import networkx  # noqa: F401, ICN001, PLC0415
    import osmnx  # noqa: F401, PLC0415

    steps.done("import_s")
    from benchmarks.stacks import tutorial as stack  # noqa: PLC0415

    return _stack(stack, steps)


def _stack(make: Callable[..., Any], steps: Steps) -> dict[str, float]:
    """Load a stack with arrays that are already in memory: favourable to it."""
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    from unarmed_router.agency.folder import embedded_agency  # noqa: PLC0415
    from unarmed_router.geography.partition import SCALE  # noqa: PLC0415
    from unarmed_router.geography.partition_file import load_partition  # noqa: PLC0415
    from unarmed_router.model.location import RoadPosition  # noqa: PLC0415
    from unarmed_router.roads.network_file import load_network  # noqa: PLC0415

    folder = embedded_agency().parent
    network = load_network(folder / "roads.network")
    rings = [
        division.rings[0] for division in load_partition(folder / "divisions.geojson").divisions
    ]
    teams = [RoadPosition(arc, int(network.twin[arc]), 0.5, 0.0, 0) for arc in range(0, 6000, 1000)]
    steps.start = time.perf_counter()
    polygons = np.array([shapely.Polygon(ring / SCALE) for ring in rings], dtype=object)
    times = make(network, polygons, teams, np.array([92_000.0, 111_000.0]))
    steps.done("load_s")
    times(LON, LAT)
    steps.done("first_s")
    return steps.taken


class Steps:
    """A stopwatch that writes down each step."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = {}
        self.start = time.perf_counter()

    def done(self, step: str) -> None:
        """Write down what the step took."""
        now = time.perf_counter()
        self.taken[step], self.start = now - self.start, now


if __name__ == "__main__":
    result = {"ours": ours, "parts": parts, "tutorial": tutorial}[sys.argv[1]]()
    unit = 2**20 if sys.platform == "darwin" else 2**10
    result["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    print(json.dumps(result))
