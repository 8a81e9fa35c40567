"""Our import beside OSRM and Valhalla: distances and free-flow times on one extract.

    python -m benchmarks.osm_peers EXTRACT --python PYTHON_WITH_PEERS [--pairs 500]

PYTHON_WITH_PEERS is an interpreter with osrm-bindings, pyvalhalla and osmium installed (their
wheels need Python 3.12 or later). Without one the comparison reports that there is none, and stops.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from unarmed_router.agency.driving_profile import load_driving_profile
from unarmed_router.roads.network import TURN_CLASS, RoadNetwork
from unarmed_router.roads.osm.file_reader import read_osm_file
from unarmed_router.roads.osm.importing import import_osm
from unarmed_router.roads.snapping import EdgeSnapper

CANDIDATES = ("python3.13", "python3.12", "python3")
SHOWN = 10


def peers_python(given: str | None) -> str | None:
    """Return an interpreter that has both peers, None where there is none."""
    probe = "import osrm, valhalla, osmium"
    for name in [given] if given else CANDIDATES:
        path = shutil.which(name)
        if path and not subprocess.run([path, "-c", probe], capture_output=True).returncode:  # noqa: PLW1510
            return path
    return None


def road_points(network: RoadNetwork, count: int) -> np.ndarray:
    """Choose points on roads, seeded: the middle of arcs that are no turns, length for length."""
    rng = np.random.default_rng(20)
    roads = np.array([name != TURN_CLASS for name in network.classes])[network.road_class]
    weight = np.where(roads, network.length_m, 0.0).astype(np.float64)
    arcs = rng.choice(network.arcs, size=count, p=weight / weight.sum())
    points = []
    for arc in arcs:
        first, last = network.shape_first[arc], network.shape_first[arc + 1]
        tail, head = network.tail[arc], network.head[arc]
        line = np.column_stack(
            (
                [network.node_lon[tail], *network.shape_lon[first:last], network.node_lon[head]],
                [network.node_lat[tail], *network.shape_lat[first:last], network.node_lat[head]],
            )
        )
        step = rng.integers(len(line) - 1)
        points.append(line[step] + rng.random() * (line[step + 1] - line[step]))
    return np.array(points)


def ours(network: RoadNetwork, pairs: np.ndarray) -> list[list[float] | None]:
    """Return metres and seconds of the fastest way of each pair."""
    from scipy.sparse import coo_matrix  # noqa: PLC0415  # only here
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415  # only here

    order = np.lexsort((network.free_flow_ms, network.head, network.tail))
    fresh = np.ones(order.size, bool)
    fresh[1:] = (np.diff(network.tail[order]) != 0) | (np.diff(network.head[order]) != 0)
    kept = order[fresh]
    ends = (network.tail[kept], network.head[kept])
    shape = (network.nodes, network.nodes)
    graph = coo_matrix((network.free_flow_ms[kept].astype(float), ends), shape=shape).tocsr()
    length = {
        (int(tail), int(head)): float(metres)
        for tail, head, metres in zip(*ends, network.length_m[kept], strict=True)
    }
    snapper = EdgeSnapper(network)
    found: list[list[float] | None] = []
    for lon, lat, to_lon, to_lat in pairs:
        start, goal = snapper.snap(lon=lon, lat=lat), snapper.snap(lon=to_lon, lat=to_lat)
        if start is None or goal is None:
            found.append(None)
            continue
        best: list[float] | None = None
        for arc, part in _parts(start.arc, start.twin, start.fraction):
            source = int(network.head[arc])
            times, before = dijkstra(graph, indices=source, return_predecessors=True)
            for goal_arc, goal_part in _parts(goal.arc, goal.twin, goal.fraction):
                node = int(network.tail[goal_arc])
                if not np.isfinite(times[node]):
                    continue
                ms = (1 - part) * network.free_flow_ms[arc] + times[node]
                ms += goal_part * network.free_flow_ms[goal_arc]
                metres = (1 - part) * network.length_m[arc]
                metres += goal_part * network.length_m[goal_arc]
                while node != source:
                    metres += length[(int(before[node]), node)]
                    node = int(before[node])
                if arc == goal_arc and goal_part >= part:
                    ms = (goal_part - part) * network.free_flow_ms[arc]
                    metres = (goal_part - part) * network.length_m[arc]
                if best is None or ms / 1000.0 < best[1]:
                    best = [float(metres), float(ms) / 1000.0]
        found.append(best)
    return found


def _parts(arc: int, twin: int, fraction: float) -> list[tuple[int, float]]:
    return [(arc, fraction)] + ([(twin, 1.0 - fraction)] if twin >= 0 else [])


def report(
    pairs: np.ndarray, mine: list[list[float] | None], peer: list[list[float] | None]
) -> None:
    """Print the distribution of the ratios peer to ours, and the pairs farthest from one."""
    both = [i for i, (one, other) in enumerate(zip(mine, peer, strict=True)) if one and other]
    lost = sum(1 for one, other in zip(mine, peer, strict=True) if other and not one)
    only = sum(1 for one, other in zip(mine, peer, strict=True) if one and not other)
    print(f"  {len(both)} pairs; {lost} only the peer drives, {only} only we drive")
    for name, at in (("distance", 0), ("time", 1)):
        ratio = np.array([mine[i][at] / max(peer[i][at], 1.0) for i in both])  # type: ignore[index]
        p10, p50, p90 = np.percentile(ratio, (10, 50, 90))
        print(f"  {name}, ours to theirs: median {p50:.3f}, p10 {p10:.3f}, p90 {p90:.3f}")
    far = [i for i in both if mine[i][0] > 50 or peer[i][0] > 50]  # type: ignore[index]
    far.sort(key=lambda i: -abs(np.log(mine[i][0] / max(peer[i][0], 1.0))))  # type: ignore[index]
    for i in far[:SHOWN]:
        place = ", ".join(f"{degrees:.5f}" for degrees in pairs[i])
        (metres, seconds), (their_m, their_s) = mine[i], peer[i]  # type: ignore[misc]
        print(
            f"    {place}: ours {metres:.0f} m {seconds:.0f} s, "
            f"theirs {their_m:.0f} m {their_s:.0f} s"
        )


def main() -> None:
    """Compare on one extract."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", type=Path)
    parser.add_argument("--python", help="interpreter with osrm-bindings and pyvalhalla")
    parser.add_argument("--pairs", type=int, default=500)
    given = parser.parse_args()
    python = peers_python(given.python)
    if python is None:
        print(
            "no interpreter here has osrm-bindings and pyvalhalla (Python 3.12 or later): name one"
        )
        return
    network = import_osm(read_osm_file(given.extract), load_driving_profile()).network
    points = road_points(network, 2 * given.pairs)
    pairs = np.hstack((points[: given.pairs], points[given.pairs :]))
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "pairs.json", Path(folder) / "answers.json"
        asked.write_text(json.dumps(pairs.tolist()), encoding="utf-8")
        worker = [python, "-m", "benchmarks.peers.osm_engines", str(given.extract)]
        subprocess.run([*worker, str(asked), str(answered)], check=True)
        answers = json.loads(answered.read_text(encoding="utf-8"))
    mine = ours(network, pairs)
    for name, answer in answers.items():
        print(f"{name}:")
        if isinstance(answer, str):
            print(f"  failed: {answer}")
        else:
            report(pairs, mine, answer)


if __name__ == "__main__":
    main()
