"""The import, step by step: tags, barriers, roads, private areas, turns, network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.osm.arcs import Arcs, arcs_of
from unarmed_router.roads.osm.assemble import assembled
from unarmed_router.roads.osm.chains import Chains, chains_of
from unarmed_router.roads.osm.contradictions import contradictory
from unarmed_router.roads.osm.elements import OsmData
from unarmed_router.roads.osm.gates import behind_gates
from unarmed_router.roads.osm.islands import Islands, islands_of
from unarmed_router.roads.osm.junctions import split_junctions
from unarmed_router.roads.osm.lines import Lines, lines_of, node_rows
from unarmed_router.roads.osm.private_areas import private_areas
from unarmed_router.roads.osm.profile import DrivingProfile
from unarmed_router.roads.osm.restrictions import (
    Restriction,
    Skipped,
    banned_sequences,
    kept_rows,
    read_restriction,
    restricted_nodes,
)
from unarmed_router.roads.osm.too_long import without_too_long
from unarmed_router.roads.osm.turns import turn_tables

__all__ = ["OsmImport", "TurnsReport", "import_osm"]

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TurnsReport:
    """What became of turn restrictions and junctions.

    Parameters
    ----------
    applied : int
        Restrictions that forbid something now.
    skipped : mapping of str to tuple of int
        Relations that were not applied, by reason.
    needless : int
        Restrictions that forbid only what could not be driven anyway.
    contradictory : tuple of tuple of int
        Relations that are applied and together leave an arrival no way on, one group each.
    junctions_split : int
        Junctions with more than one node.
    private_areas : int
        Private areas with several entrances: nobody passes through.
    private_area_roads : int
        Roads in them.
    """

    applied: int
    skipped: Mapping[str, tuple[int, ...]]
    needless: int
    contradictory: tuple[tuple[int, ...], ...]
    junctions_split: int
    private_areas: int
    private_area_roads: int


@dataclass(frozen=True, slots=True)
class OsmImport:
    """A network, and what an analyst should know about how it was made.

    Parameters
    ----------
    network : RoadNetwork
        The result.
    lines : Lines
        Uses of ways and nodes, and what was refused.
    chains : Chains
        Roads between junctions, islands included; those that are too long are left out.
    turns : TurnsReport
        Restrictions and junctions.
    islands : Islands
        What is cut off.
    too_long : tuple of int
        Of each road left out, since it takes over six hours or is longer than 500 km, its longest
        way.
    """

    network: RoadNetwork
    lines: Lines = field(repr=False)
    chains: Chains = field(repr=False)
    turns: TurnsReport
    islands: Islands
    too_long: tuple[int, ...] = ()


def import_osm(
    data: OsmData,
    profile: DrivingProfile,
    *,
    inside: npt.NDArray[np.bool_] | None = None,
    metadata: Mapping[str, str] | None = None,
    told: Step = lambda _: None,
) -> OsmImport:
    """Build the network of an extract.

    Parameters
    ----------
    data : OsmData
        The extract.
    profile : DrivingProfile
        How the team drives.
    inside : bool array, shape (n,), optional
        Nodes of ``data`` within the area wanted; all by default.
    metadata : mapping of str to str, optional
        Title, publisher, limits.
    told : callable, optional
        Told the name of each step as it begins.

    Raises
    ------
    NetworkError
        No road that the team may drive, none that leads there and back, or elements that
        contradict each other.
    """
    told("reading tags")
    lines = behind_gates(lines_of(data, profile, inside=inside))
    if not lines.tail.size:
        raise NetworkError(
            f"{data.source}: no road that profile {profile.profile_id} may drive among "
            f"{data.way_id.size} ways; check the extract, the area and the profile"
        )
    told("joining roads")
    read = [read_restriction(relation) for relation in data.relations]
    wanted = [found for found in read if isinstance(found, Restriction)]
    chains, too_long = without_too_long(chains_of(lines, kept=kept_rows(wanted, data)))
    areas = private_areas(chains)
    arcs = arcs_of(chains, areas)
    told("applying turn restrictions")
    banned, skipped, needless = _banned(wanted, arcs, data)
    skipped = [found for found in read if isinstance(found, Skipped)] + skipped
    legs, tables = turn_tables(
        arcs,
        banned,
        rule=profile.turns,
        signals=_signals(lines),
        bearings=_bearings(chains, arcs),
    )
    graph = split_junctions(legs, tables)
    told("building the network")
    network = assembled(lines, chains, legs, graph, metadata or {"source": data.source})
    by_reason: dict[str, list[int]] = {}
    for found in skipped:
        by_reason.setdefault(found.reason, []).append(found.relation)
    return OsmImport(
        network=network,
        lines=lines,
        chains=chains,
        turns=TurnsReport(
            applied=len(read) - len(skipped) - needless,
            skipped={reason: tuple(ids) for reason, ids in sorted(by_reason.items())},
            needless=needless,
            contradictory=contradictory(banned, arcs),
            junctions_split=graph.junctions_split,
            private_areas=areas.count,
            private_area_roads=int(areas.guarded.sum()),
        ),
        islands=islands_of(graph, legs, chains),
        too_long=too_long,
    )


def _banned(
    wanted: list[Restriction], arcs: Arcs, data: OsmData
) -> tuple[dict[tuple[int, ...], list[int]], list[Skipped], int]:
    """Resolve restrictions to forbidden sequences; also count those that forbid nothing.

    The relations that forbid it stand with each sequence.
    """
    ids = sorted(restricted_nodes(wanted))
    rows = node_rows(data, np.array(ids, np.int64))
    node_of = {ref: row for ref, row in zip(ids, rows.tolist(), strict=True) if row >= 0}
    banned: dict[tuple[int, ...], list[int]] = {}
    skipped: list[Skipped] = []
    needless = 0
    for restriction in wanted:
        found = banned_sequences(restriction, arcs, node_of)
        if isinstance(found, Skipped):
            skipped.append(found)
        elif not found:
            needless += 1
        else:
            for sequence in found:
                banned.setdefault(sequence, []).append(restriction.relation)
    return banned, skipped, needless


def _signals(lines: Lines) -> list[int]:
    return sorted(row for row, use in lines.node_uses.items() if use.signal)


def _bearings(chains: Chains, arcs: Arcs) -> npt.NDArray[np.float64]:
    """Return the compass direction of each arc at its tail and at its head, degrees."""
    begin, end = chains.vertex_first[:-1], chains.vertex_first[1:]
    at_first = _direction(chains, begin, begin + 1)
    at_last = _direction(chains, end - 2, end - 1)
    turned = arcs.turned
    out = np.where(turned, at_last[arcs.chain] + 180.0, at_first[arcs.chain])
    into = np.where(turned, at_first[arcs.chain] + 180.0, at_last[arcs.chain])
    return np.stack((out, into), axis=1) % 360.0


def _direction(
    chains: Chains, one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    here, there = chains.places[one], chains.places[other]
    east = (there[:, 0] - here[:, 0]) * np.cos(np.radians(here[:, 1]))
    degrees: npt.NDArray[np.float64] = np.degrees(np.arctan2(east, there[:, 1] - here[:, 1]))
    return degrees
