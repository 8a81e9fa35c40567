"""Inputs of the benchmarks: fixed and seeded; roads beside the repository or where told."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from unarmed_router.agency.folder import embedded_agency
from unarmed_router.roads.csv_reader import read_csv_network
from unarmed_router.roads.dimacs_reader import read_dimacs_network
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.network_file import load_network

__all__ = [
    "NETWORKS",
    "Question",
    "data_folder",
    "digests",
    "fastest_arcs",
    "network",
    "question",
]

Int64s = npt.NDArray[np.int64]

TEAMS = 24
CALLS = 100_000
CHECKED = 10
"""Calls of a question whose exact answers are known; every engine is checked on them."""

_GRIDS = {"grid_1k": 32, "grid_3k": 56, "grid_10k": 100, "grid_30k": 174, "grid_100k": 317}
_ROADS = {
    "la_basin": ("la_basin/nodes.csv", "la_basin/arcs.csv"),
    "dimacs_ny": ("dimacs_ny/USA-road-t.NY.gr.gz", "dimacs_ny/USA-road-d.NY.co.gz"),
}
NETWORKS = ("embedded", *_GRIDS, *_ROADS)


def data_folder() -> Path:
    """Find the folder with ``roads``: ``UNARMED_BENCH_DATA``, else ``../shared/fixtures``."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "fixtures"
    return Path(os.environ.get("UNARMED_BENCH_DATA", beside))


def _files(name: str) -> list[Path]:
    return [data_folder() / "roads" / part for part in _ROADS[name]]


@cache
def network(name: str) -> RoadNetwork | None:
    """Load or generate a network of `NETWORKS`; None where its files are absent."""
    if name == "embedded":
        return load_network(embedded_agency().parent / "roads.network")
    if name in _GRIDS:
        return _grid_city(_GRIDS[name])
    files = _files(name)
    if not all(file.exists() for file in files):
        return None
    if name == "la_basin":
        return read_csv_network(*files, minimum_ms=1)
    return read_dimacs_network(*files)


def _grid_city(side: int) -> RoadNetwork:
    """Draw a city of side x side crossings, 100 m apart, every third street one-way."""
    rng = np.random.default_rng(side)
    at = np.arange(side * side).reshape(side, side)
    east = np.column_stack([at[:, :-1].ravel(), at[:, 1:].ravel()])
    north = np.column_stack([at[:-1].ravel(), at[1:].ravel()])
    roads = np.concatenate([east, north])
    street = np.concatenate([east[:, 0] // side, north[:, 0] % side])
    back = roads[street % 3 != 1][:, ::-1]
    arcs = np.concatenate([roads, back])
    return RoadNetwork.from_arcs(
        node_lon=-118.4 + at.ravel() % side * 0.00108,
        node_lat=33.9 + at.ravel() // side * 0.0009,
        tail=arcs[:, 0],
        head=arcs[:, 1],
        free_flow_ms=rng.integers(5_000, 30_000, len(arcs)),
        length_m=np.full(len(arcs), 100.0),
        road_class=["residential"] * len(arcs),
    )


@dataclass(frozen=True, kw_only=True)
class Question:
    """How long it takes from each team to each call.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    arc_ms : int32 array, shape (m,)
        The metric.
    teams : int64 array, shape (k,)
        Nodes where the teams are.
    calls : int64 array, shape (c,)
        Nodes where the calls are.
    exact : int64 array, shape (CHECKED, k)
        Times to the first calls by Dijkstra, milliseconds.
    """

    network: RoadNetwork
    arc_ms: npt.NDArray[np.int32]
    teams: Int64s
    calls: Int64s
    exact: Int64s

    def error_ms(self, answer: npt.ArrayLike) -> float:
        """Return the largest difference of the first rows of an answer from Dijkstra."""
        rows = np.asarray(answer, dtype=np.float64)[:CHECKED]
        return float(np.abs(rows - self.exact[: len(rows)]).max())


@cache
def question(name: str, teams: int = TEAMS, *, jammed: bool = False) -> Question | None:
    """Pose the question of a network, as it is or with every arc slowed at random."""
    roads = network(name)
    if roads is None:
        return None
    rng = np.random.default_rng(24)
    where = rng.integers(0, roads.nodes, teams)
    calls = rng.integers(0, roads.nodes, CALLS)
    slower = rng.uniform(1.0, 3.0, roads.arcs) if jammed else np.ones(roads.arcs)
    arc_ms = np.rint(roads.free_flow_ms * slower).astype(np.int32)
    exact = dijkstra(reversed_matrix(roads, arc_ms), indices=calls[:CHECKED])[:, where]
    return Question(
        network=roads, arc_ms=arc_ms, teams=where, calls=calls, exact=exact.astype(np.int64)
    )


def fastest_arcs(roads: RoadNetwork, arc_ms: npt.NDArray[np.int32]) -> Int64s:
    """Keep one arc, the fastest, of each parallel bundle: some peers would add them up."""
    order = np.lexsort((arc_ms, roads.tail, roads.head))
    head, tail = roads.head[order], roads.tail[order]
    first = np.ones(len(order), bool)
    first[1:] = (head[1:] != head[:-1]) | (tail[1:] != tail[:-1])
    return np.sort(order[first])


def reversed_matrix(roads: RoadNetwork, arc_ms: npt.NDArray[np.int32]) -> csr_matrix:
    """Return the transposed graph, ready for scipy's many-to-one Dijkstra."""
    kept = fastest_arcs(roads, arc_ms)
    return csr_matrix(
        (arc_ms[kept].astype(np.float64), (roads.head[kept], roads.tail[kept])),
        shape=(roads.nodes, roads.nodes),
    )


def digests() -> dict[str, str]:
    """Return the SHA-256 of every input file that is here."""
    folder = embedded_agency().parent
    files = {f"embedded/{file.name}": file for file in sorted(folder.iterdir()) if file.is_file()}
    for name in _ROADS:
        files |= {f"{name}/{file.name}": file for file in _files(name) if file.exists()}
    return {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()}
