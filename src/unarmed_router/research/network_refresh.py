"""What a newer network changes: roads, lengths, and response times, before it goes live."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from unarmed_router.agency.travel import contraction_order
from unarmed_router.counted import counted
from unarmed_router.roads.arc_ids import arc_ids
from unarmed_router.roads.network import TURN_CLASS, RoadNetwork
from unarmed_router.roads.snapping import EdgeSnapper
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.order_file import load_order, shape_digest
from unarmed_router.travel_time.topology import Topology

__all__ = ["SCHEMA", "refresh_report", "refresh_text"]

SCHEMA = "unarmed-router/network-refresh/1"
_SHOWN = 25
Floats = npt.NDArray[np.float64]


def refresh_report(
    old: RoadNetwork,
    new: RoadNetwork,
    *,
    places: tuple[Floats, Floats] | None = None,
    sample: int = 60,
    orders: tuple[Path | None, Path | None] = (None, None),
) -> dict[str, Any]:
    """Compare two networks of one city.

    Parameters
    ----------
    old, new : RoadNetwork
        What is live, and what would replace it.
    places : tuple of float64 arrays, optional
        Longitudes and latitudes of calls, between which times are compared; by default places
        spread over the old network's nodes.
    sample : int
        Places used at most; the same ones each time.
    orders : tuple of Path or None
        Stored contraction orders; computed where there is none.

    Returns
    -------
    dict
        JSON values only; None for what cannot be compared.
    """
    return {
        "schema": SCHEMA,
        "old": {"digest": old.digest, "nodes": old.nodes, "arcs": old.arcs},
        "new": {"digest": new.digest, "nodes": new.nodes, "arcs": new.arcs},
        "km_by_class": _lengths(old, new),
        "ways": _ways(old, new),
        "roads": _roads(old, new),
        "times": _times(old, new, places, sample, orders),
    }


def refresh_text(report: dict[str, Any]) -> str:
    """Write a comparison for reading."""
    rows = [
        f"{report['old']['arcs']} arcs before, {report['new']['arcs']} now",
        "road, km before, km now, change",
    ]
    for name, (before, now) in report["km_by_class"].items():
        rows.append(f"  {name}: {before:.1f}, {now:.1f}, {now - before:+.1f}")
    if report["ways"] is None:
        rows.append("ways: not compared, since a network has no way ids")
    for what, part in (report["ways"] or {}).items():
        shown = ", ".join(map(str, part["first"][:5]))
        rows.append(f"{what} ways: {part['count']}" + (f" ({shown})" if shown else ""))
    roads = report["roads"]
    rows.append(
        f"arcs unchanged {roads['unchanged']}, of other times {roads['retimed']}, gone "
        f"{roads['gone']}, new {roads['new']}"
    )
    times = report["times"]
    ratio = "nothing to compare"
    if times["pairs"]:
        ratio = (
            f"ratio now to before, median {times['median']:.4f}, p10 {times['p10']:.4f}, "
            f"p90 {times['p90']:.4f}; {times['changed']} of {times['pairs']} pairs differ by more "
            "than 1 %"
        )
    rows.append(
        f"times between {counted(times['places'], 'place')}: {ratio}; "
        f"{times['lost']} can no longer be driven"
    )
    for pair in times["largest"][:10]:
        (lon, lat), (to_lon, to_lat) = pair["from"], pair["to"]
        rows.append(
            f"  {lon:.5f}, {lat:.5f} to {to_lon:.5f}, {to_lat:.5f}: "
            f"{pair['before_s']:.0f} s, now {pair['now_s']:.0f} s"
        )
    return "\n".join(rows) + "\n"


def _lengths(old: RoadNetwork, new: RoadNetwork) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for at, network in enumerate((old, new)):
        for name, km in network.km_by_class().items():
            if name != TURN_CLASS:
                found.setdefault(name, [0.0, 0.0])[at] = round(km, 3)
    return dict(sorted(found.items()))


def _ways(old: RoadNetwork, new: RoadNetwork) -> dict[str, dict[str, Any]] | None:
    """List the ways that only one of the two has; None where a network has no way ids."""
    if old.way_id is None or new.way_id is None:
        return None
    before, now = np.unique(old.way_id), np.unique(new.way_id)
    return {
        what: {"count": int(ways.size), "first": ways[:_SHOWN].tolist()}
        for what, ways in (
            ("new", np.setdiff1d(now, before)),
            ("closed", np.setdiff1d(before, now)),
        )
    }


def _roads(old: RoadNetwork, new: RoadNetwork) -> dict[str, int]:
    """Count arcs by what became of them; turns left out."""
    ids, ms = [], []
    for network in (old, new):
        ids.append(arc_ids(network)[network.places])
        ms.append(network.free_flow_ms[network.places])
    both, before, now = np.intersect1d(ids[0], ids[1], return_indices=True)
    # A millisecond is spent in the junction where turns differ: no change of the road.
    retimed = np.abs(ms[0][before].astype(np.int64) - ms[1][now]) > 1
    return {
        "unchanged": int(both.size - retimed.sum()),
        "retimed": int(retimed.sum()),
        "gone": int(ids[0].size - both.size),
        "new": int(ids[1].size - both.size),
    }


def _times(
    old: RoadNetwork,
    new: RoadNetwork,
    places: tuple[Floats, Floats] | None,
    sample: int,
    orders: tuple[Path | None, Path | None],
) -> dict[str, Any]:
    lon, lat = _sampled(old, places, sample)
    before = _matrix(old, lon, lat, orders[0])
    now = _matrix(new, lon, lat, orders[1])
    apart = ~np.eye(lon.size, dtype=bool)
    both = (before > 0) & (now > 0) & apart
    ratio = now[both] / before[both]
    change = np.where(both, np.abs(now - before), 0)
    largest = np.argsort(-change, axis=None, kind="stable")[:_SHOWN]
    pairs = np.array(np.unravel_index(largest, change.shape)).T
    p10, median, p90 = np.percentile(ratio, (10, 50, 90)).tolist() if ratio.size else (None,) * 3
    return {
        "places": int(lon.size),
        "pairs": int(both.sum()),
        "p10": p10,
        "median": median,
        "p90": p90,
        "changed": int((np.abs(ratio - 1.0) > 0.01).sum()),
        "lost": int(((before >= 0) & (now < 0) & apart).sum()),
        "largest": [
            {
                "from": [float(lon[i]), float(lat[i])],
                "to": [float(lon[j]), float(lat[j])],
                "before_s": float(before[i, j]) / 1000.0,
                "now_s": float(now[i, j]) / 1000.0,
            }
            for i, j in pairs.tolist()
            if change[i, j] > 0
        ],
    }


def _sampled(
    old: RoadNetwork, places: tuple[Floats, Floats] | None, sample: int
) -> tuple[Floats, Floats]:
    """Choose some places: of calls evenly in their order, of nodes at random, always the same."""
    lon, lat = places if places is not None else (old.node_lon, old.node_lat)
    count = min(sample, lon.size)
    if places is not None:
        chosen = np.unique(np.linspace(0, lon.size - 1, count).astype(np.int64))
    else:
        chosen = np.sort(np.random.default_rng(0).permutation(lon.size)[:count])
    return lon[chosen], lat[chosen]


def _matrix(
    network: RoadNetwork, lon: Floats, lat: Floats, order: Path | None
) -> npt.NDArray[np.int64]:
    tail, head = network.tail, network.head
    if order is not None and order.is_file():
        rank = load_order(order, shape=shape_digest(network.nodes, tail, head))
    else:
        rank = contraction_order(network)
    engine = HierarchyTravelTimes(
        topology=Topology.build(
            rank=rank, tail=tail, head=head, twin=network.twin, exit_node=network.exit_node
        ),
        twin=network.twin,
        arc_ms=network.free_flow_ms,
    )
    points = EdgeSnapper(network).snap_many(lons=lon, lats=lat)
    return engine.matrix(points, points)
