"""A made-up extract of the size of Los Angeles County, as PBF, and what importing it costs.

    python -m benchmarks.osm_county make county.osm.pbf [--ways 1000000]
    python -m benchmarks.osm_county measure county.osm.pbf

Streets are a grid with bends; a share of them is one-way, has a limit, a name, a signal, a private
driveway, or a forbidden turn, in proportions near those of the county. Seeded: the same arguments
give the same roads.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

from unarmed_router.agency.driving_profile import load_driving_profile
from unarmed_router.roads.network_file import save_network
from unarmed_router.roads.osm.file_reader import read_osm_file
from unarmed_router.roads.osm.importing import OsmImport, import_osm
from unarmed_router.travel_time.order_file import save_order, shape_digest
from unarmed_router.travel_time.ordering import nested_dissection

__all__ = ["CONTRACTING", "WRITING", "build", "file_bytes", "main", "make", "measure"]

WRITING, CONTRACTING = "writing the network", "contracting the network"

WEST, NORTH = -118.9, 34.8
BLOCK = 0.0012  # degrees: about 110 m
BENDS = 3


def make(path: Path, ways: int, seed: int = 7) -> None:
    """Write the extract."""
    import osmium  # noqa: PLC0415  # an extra
    from osmium.osm.mutable import Node, Relation, Way  # noqa: PLC0415  # an extra

    side = round((ways / 2) ** 0.5)
    rng = np.random.default_rng(seed)
    classes = rng.choice(
        ["residential", "tertiary", "secondary", "primary", "service", "footway"],
        size=2 * side * side,
        p=[0.55, 0.08, 0.08, 0.05, 0.14, 0.10],
    )
    signal = rng.random(side * side) < 0.03
    oneway, limited, private = (rng.random(2 * side * side) < p for p in (0.08, 0.3, 0.04))
    writer = osmium.SimpleWriter(str(path), overwrite=True)
    for number in range(side * side):
        place = (WEST + number % side * BLOCK, NORTH - number // side * BLOCK)
        tags = {"highway": "traffic_signals"} if signal[number] else {}
        writer.add_node(Node(id=number + 1, location=place, tags=tags))
    streets = list(_streets(side))
    for number, (one, _, across) in enumerate(streets):
        lon, lat = WEST + one % side * BLOCK, NORTH - one // side * BLOCK
        for bend in range(BENDS):
            step = (bend + 1) / (BENDS + 1) * BLOCK
            place = (lon + step, lat + 2e-5) if across else (lon + 2e-5, lat - step)
            writer.add_node(Node(id=side * side + number * BENDS + bend + 1, location=place))
    for number, (one, other, across) in enumerate(streets):
        bends = [side * side + number * BENDS + bend + 1 for bend in range(BENDS)]
        row = one // side if across else side + one % side
        tags = {"highway": str(classes[number]), "name": f"Street {row}"}
        if oneway[number]:
            tags["oneway"] = "yes"
        if limited[number]:
            tags["maxspeed"] = "30 mph"
        if private[number]:
            tags["access"] = "private"
        writer.add_way(Way(id=number + 1, nodes=[one + 1, *bends, other + 1], tags=tags))
    at = {(one, other): number + 1 for number, (one, other, _) in enumerate(streets)}
    relation = 0
    for node in np.flatnonzero(rng.random(side * side) < 0.02).tolist():
        begin, end = at.get((node - 1, node)), at.get((node, node + side))
        if begin and end:
            relation += 1
            members = [("w", begin, "from"), ("n", node + 1, "via"), ("w", end, "to")]
            tags = {"type": "restriction", "restriction": "no_right_turn"}
            writer.add_relation(Relation(id=relation, members=members, tags=tags))
    writer.close()
    print(
        f"{path}: {len(streets)} ways, {relation} restrictions, {path.stat().st_size / 1e6:.0f} MB"
    )


def _streets(side: int):  # type: ignore[no-untyped-def]
    """Yield the two nodes of every block's street, and whether it runs east."""
    for number in range(side * side):
        if number % side < side - 1:
            yield number, number + 1, True
        if number // side < side - 1:
            yield number, number + side, False


def build(path: Path, begin: Callable[[str], None]) -> OsmImport:
    """Build the network of an extract and its contraction order, beside it.

    Parameters
    ----------
    path : Path
        The extract; the two files have its name with ``.network`` and ``.order``.
    begin : callable
        Told the name of each step as it begins, and ``end``.
    """
    begin("reading the file")
    data = read_osm_file(path)
    found = import_osm(data, load_driving_profile(), told=begin)
    roads = found.network
    begin(WRITING)
    save_network(roads, path.with_suffix(".network"))
    begin(CONTRACTING)
    rank = nested_dissection(
        nodes=roads.nodes,
        tail=roads.tail,
        head=roads.head,
        lon=roads.node_lon,
        lat=roads.node_lat,
    )
    shape = shape_digest(roads.nodes, roads.tail, roads.head)
    save_order(path.with_suffix(".order"), rank, shape=shape)
    begin("end")
    return found


def file_bytes(path: Path) -> int:
    """Return the size of the two files built of an extract."""
    return sum(path.with_suffix(end).stat().st_size for end in (".network", ".order"))


def measure(path: Path) -> None:
    """Build the network as `network build` does; print what each step costs."""
    steps: list[tuple[str, float, float]] = []
    found = build(path, lambda step: steps.append((step, time.perf_counter(), time.process_time())))
    print(f"{'step':30} {'wall, s':>9} {'processor, s':>13}")
    for (step, wall, cpu), (_, wall_end, cpu_end) in pairwise(steps):
        print(f"{step:30} {wall_end - wall:9.1f} {cpu_end - cpu:13.1f}")
    wall, cpu = steps[-1][1] - steps[0][1], steps[-1][2] - steps[0][2]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{'all':30} {wall:9.1f} {cpu:13.1f}, peak {peak:.2f} GiB")
    print(f"network and order: {file_bytes(path) / 1e6:.0f} MB")
    skipped = {reason: len(ids) for reason, ids in found.turns.skipped.items()}
    print(found.network, f"{found.turns.junctions_split} junctions split, skipped {skipped}")


def main() -> None:
    """Run one of the two commands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["make", "measure"])
    parser.add_argument("path", type=Path)
    parser.add_argument("--ways", type=int, default=1_000_000)
    given = parser.parse_args()
    if given.command == "make":
        make(given.path, given.ways)
    else:
        measure(given.path)


if __name__ == "__main__":
    main()
