"""Times from a few positions to everywhere at once; see `unarmed_router.kernels.sweep`.

They are those of `HierarchyTravelTimes`, to the millisecond. One sweep serves all origins and needs
no labels, so an engine for it may be made with ``label_budget=0``, in a tenth of the time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.kernels.customization import LONGEST, NEVER, longest
from unarmed_router.kernels.sweep import sweep_nodes, sweep_positions
from unarmed_router.kernels.travel import all_exits
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.positions import PositionColumns, check_places

__all__ = ["matrix_by_sweep", "times_to_nodes"]

Int64s = npt.NDArray[np.int64]


def times_to_nodes(engine: HierarchyTravelTimes, origins: PositionColumns) -> Int64s:
    """Time every node of the network from some positions.

    Parameters
    ----------
    engine : HierarchyTravelTimes
        Of the metric.
    origins : PositionColumns
        Arcs (-1 where there is no road), fractions and access legs of k positions.

    Returns
    -------
    int64 array, shape (k, n)
        Milliseconds, the access leg of the origin included; -1 where no path leads there or no
        road is near.

    Raises
    ------
    InputError
        An arc that this network does not have, or a fraction beyond its ends.
    NetworkError
        Some node is nine days (2**30 - 2**28 ms) or more away, which sums in int32 cannot hold.
    """
    there, rows = _swept(engine, origins)
    found = np.ascontiguousarray(rows.T)[:, engine.topology.rank].astype(np.int64)
    reached = found < NEVER
    found += origins.access_ms[there][:, None]
    found[~reached] = -1
    if len(there) == len(origins.arc):
        return found
    times = np.full((len(origins.arc), len(rows)), -1, np.int64)
    times[there] = found
    return times


def matrix_by_sweep(
    engine: HierarchyTravelTimes, origins: PositionColumns, destinations: PositionColumns
) -> Int64s:
    """Do ``engine.matrix`` by one sweep from all origins.

    Takes memory for every node and origin, 4 bytes each.

    Parameters
    ----------
    engine : HierarchyTravelTimes
        Of the metric.
    origins, destinations : PositionColumns
        k and c positions.

    Returns
    -------
    int64 array, shape (k, c)
        Milliseconds, both access legs included; -1 where no path leads there or no road is near.

    Raises
    ------
    InputError, NetworkError
        As `times_to_nodes`.
    """
    there, rows = _swept(engine, origins)
    check_places(destinations, len(engine.topology.tail))
    goals = np.flatnonzero(destinations.arc >= 0)
    out = np.empty((len(goals), len(there)), np.int64)
    sweep_positions(
        rows,
        (origins.arc[there], origins.fraction[there], origins.access_ms[there]),
        (destinations.arc[goals], destinations.fraction[goals], destinations.access_ms[goals]),
        engine.packed.table,
        out,
    )
    times = np.full((len(origins.arc), len(destinations.arc)), -1, np.int64)
    times[np.ix_(there, goals)] = out.T
    return times


def _swept(
    engine: HierarchyTravelTimes, origins: PositionColumns
) -> tuple[Int64s, npt.NDArray[np.int32]]:
    """Return the origins that have a road, and their times to every node by rank."""
    check_places(origins, len(engine.topology.tail))
    there = np.flatnonzero(origins.arc >= 0)
    starts = all_exits(origins.arc[there], origins.fraction[there], engine.packed.table)
    rows = np.full((len(engine.topology.rank), len(there)), NEVER, np.int32)
    sweep_nodes(starts, engine.packed.table, rows)
    # No arc takes `LONGEST`, so whoever is on the way to a time beyond all bounds passes one here.
    most = longest(rows.reshape(-1))
    if most >= NEVER - LONGEST:
        raise NetworkError(
            f"a node is {most} ms away; one sweep holds less than nine days; ask for single pairs, "
            "and check the unit of the times: they are milliseconds"
        )
    return there, rows
