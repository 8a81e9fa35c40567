"""Our import beside OSRM and Valhalla: distances and free-flow times on one extract.

    python -m benchmarks.osm_peers EXTRACT --python PYTHON_WITH_PEERS [--pairs 500] [--json FILE]

PYTHON_WITH_PEERS is an interpreter with osrm-bindings, pyvalhalla and osmium installed (their
wheels need Python 3.12 or later). Without one the comparison reports that there is none, and stops.

Of every pair that differs the evidence is gathered: where each engine joins the road, the ways and
their tags from the extract, where the two lines part, each engine sent along the other's line. The
causes are worked out from it (`benchmarks.osm_causes`); the worst ten of each peer are printed with
their evidence.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.osm_causes import Trip, alike, causes
from benchmarks.osm_drives import Drive, OurRoads, PeerEngines, Place
from benchmarks.osm_evidence import gather
from benchmarks.osm_report import Compared, Explained, Pair, class_speeds, document, printed
from benchmarks.osm_streets import OPEN, ExtractStreets, Street, apart_m
from unarmed_router.agency.driving_profile import load_driving_profile
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.osm.file_reader import read_osm_file
from unarmed_router.roads.osm.importing import import_osm

__all__ = ["compared", "main", "peers_python", "road_points"]

CANDIDATES = ("python3.13", "python3.12", "python3")
SHOWN = 10
LEAST_M = 50.0
"""A ratio of drives shorter than this means little: they are ranked last."""
JOINED_M = 1.0
"""Both join the road at the same place when they join it no farther apart."""
FAILED = "failed: "
NO_PEERS = "no interpreter here has osrm-bindings and pyvalhalla (Python 3.12 or later): name one"


def peers_python(given: str | None) -> str | None:
    """Return an interpreter that has both peers, None where there is none."""
    probe = "import osrm, valhalla, osmium"
    for name in [given] if given else CANDIDATES:
        path = shutil.which(name)
        if path and not subprocess.run([path, "-c", probe], capture_output=True).returncode:  # noqa: PLW1510
            return str(Path(path).absolute())  # the worker runs in another folder
    return None


def road_points(network: RoadNetwork, count: int) -> npt.NDArray[np.float64]:
    """Choose points on roads, seeded: the middle of arcs that are no turns, length for length."""
    rng = np.random.default_rng(20)
    weight = np.where(network.places, network.length_m, 0.0).astype(np.float64)
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


def compared(
    engine: str,
    version: str,
    ask: Callable[[Sequence[Place]], Drive],
    pairs: Sequence[Pair],
    roads: OurRoads,
    streets: ExtractStreets,
) -> Compared:
    """Drive every pair by both, and explain those that differ."""
    both, joined_alike, public, found = [], [], [], []
    driven: list[tuple[Drive, Drive, Sequence[Street]]] = []
    for pair in pairs:
        ours, theirs = roads.drive(pair), ask(pair)
        mine, other = _trip(ours), _trip(theirs)
        if mine and other:
            both.append((mine, other))
            driven.append((ours, theirs, streets.streets(streets.steps(ours.line))))
            if _joined_alike(ours, theirs):
                joined_alike.append((mine, other))
                if all(street.rule == OPEN for street in driven[-1][2]):
                    public.append((mine, other))
            if alike(mine, other):
                continue
        if mine or other:
            evidence = gather(pair, roads, streets, ask, (ours, theirs))
            found.append(Explained(pair, evidence, causes(evidence)))
    return Compared(
        engine=engine,
        version=version,
        both=both,
        joined_alike=joined_alike,
        public=public,
        speeds=class_speeds(driven),
        explained=sorted(found, key=_nearness),
    )


def _trip(drive: Drive) -> Trip | None:
    if drive.metres is None or drive.seconds is None:
        return None
    return Trip(drive.metres, drive.seconds)


def _joined_alike(ours: Drive, theirs: Drive) -> bool:
    return all(
        one is not None and other is not None and apart_m(one, other) <= JOINED_M
        for one, other in zip(ours.ends, theirs.ends, strict=True)
    )


def _nearness(each: Explained) -> float:
    """Order by how far the metres differ; driven by one only comes first, a few metres last."""
    ours, theirs = each.evidence.ours, each.evidence.theirs
    if ours is None or theirs is None:
        return -math.inf
    if max(ours.metres, theirs.metres) < LEAST_M:
        return 0.0
    return -abs(math.log(max(ours.metres, 1.0) / max(theirs.metres, 1.0)))


def main() -> None:
    """Compare on one extract."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", type=Path)
    parser.add_argument("--python", help="interpreter with osrm-bindings and pyvalhalla")
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument(
        "--json", type=Path, help="file the figures and the evidence are written to"
    )
    given = parser.parse_args()
    python = peers_python(given.python)
    if python is None:
        print(NO_PEERS)
        return
    found = import_osm(read_osm_file(given.extract), load_driving_profile())
    points = road_points(found.network, 2 * given.pairs).tolist()
    places: list[Place] = [(lon, lat) for lon, lat in points]
    pairs = list(zip(places[: given.pairs], places[given.pairs :], strict=True))
    roads, streets = OurRoads(found.network), ExtractStreets(found.lines)
    record = {}
    with PeerEngines(python, given.extract) as peers:
        for engine, version in peers.state.items():
            if version.startswith(FAILED):
                print(f"{engine} {version}")
                record[engine] = {"version": version}
                continue
            ask = partial(peers.drive, engine)
            beside = compared(engine, version, ask, pairs, roads, streets)
            print(*printed(beside, SHOWN), sep="\n")
            record[engine] = document(beside, SHOWN)
    if given.json:
        text = json.dumps(
            {"extract": given.extract.name, "pairs": given.pairs, "peers": record}, indent=2
        )
        given.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
