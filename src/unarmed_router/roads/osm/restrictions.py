"""Turn restrictions: from relations to sequences of arcs that must not be driven.

A restriction names a way to come from, a node or ways to pass, and a way to go to. ``no_*`` forbids
exactly that sequence; ``only_*`` forbids every other way on. Conditional restrictions are applied
at all hours: a turn that is allowed at some hours only is never relied on.

Source: OSM wiki, Relation:restriction (members from, via, to; ``except``; via ways;
``restriction:motorcar`` and the like; ``restriction:conditional``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.osm.arcs import Arcs
from unarmed_router.roads.osm.elements import OsmData, Relation
from unarmed_router.roads.osm.lines import node_rows
from unarmed_router.roads.osm.profile import Tags

__all__ = [
    "Restriction",
    "Skipped",
    "banned_sequences",
    "kept_rows",
    "read_restriction",
    "restricted_nodes",
]

_KINDS = frozenset(
    {
        "no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit",
        "only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn",
    }
)  # fmt: skip
_OURS = ("motorcar", "motor_vehicle", "vehicle")
_LONGEST_WALK = 400
"""Arcs of one via way; more is a fault of the map."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """A turn restriction that concerns the team.

    Parameters
    ----------
    relation : int
        Id.
    only : bool
        It names the one way on, rather than a forbidden one.
    from_ways, to_ways : tuple of int
        Ids.
    via_nodes, via_ways : tuple of int
        Ids; one of the two is empty.
    """

    relation: int
    only: bool
    from_ways: tuple[int, ...]
    via_nodes: tuple[int, ...]
    via_ways: tuple[int, ...]
    to_ways: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A restriction that was not applied, and why."""

    relation: int
    reason: str


def read_restriction(relation: Relation) -> Restriction | Skipped:
    """Read a relation; every reason for not applying it is named."""
    kind = _kind(relation.tags)
    if kind is None:
        return Skipped(relation.id, "for other vehicles")
    if kind not in _KINDS:
        return Skipped(relation.id, f"unknown restriction {kind[:40]!r}")
    excepted = {part.strip() for part in relation.tags.get("except", "").split(";")}
    if not excepted.isdisjoint(_OURS):
        return Skipped(relation.id, "motorcars are excepted")
    roles: dict[tuple[str, str], list[int]] = {}
    for member in relation.members:
        roles.setdefault((member.role, member.kind), []).append(member.ref)
    if any(role in {"from", "via", "to"} and what == "relation" for role, what in roles):
        return Skipped(relation.id, "a member is a relation")
    found = Restriction(
        relation=relation.id,
        only=kind.startswith("only_"),
        from_ways=tuple(roles.get(("from", "way"), ())),
        via_nodes=tuple(roles.get(("via", "node"), ())),
        via_ways=tuple(roles.get(("via", "way"), ())),
        to_ways=tuple(roles.get(("to", "way"), ())),
    )
    return _checked(found, kind)


def restricted_nodes(restrictions: Iterable[Restriction]) -> set[int]:
    """Return the via nodes of restrictions."""
    return {node for restriction in restrictions for node in restriction.via_nodes}


def kept_rows(restrictions: Iterable[Restriction], data: OsmData) -> npt.NDArray[np.int64]:
    """Return the nodes where restrictions begin and end: via nodes, and the ends of via ways.

    Returns
    -------
    int64 array
        Rows of ``data.node_id``.
    """
    found = list(restrictions)
    nodes = node_rows(data, np.array(sorted(restricted_nodes(found)), np.int64))
    ways = {way for restriction in found for way in restriction.via_ways}
    rows = np.flatnonzero(np.isin(data.way_id, sorted(ways)) & (np.diff(data.way_first) > 0))
    ends = (data.way_nodes[data.way_first[rows]], data.way_nodes[data.way_first[rows + 1] - 1])
    return np.unique(np.concatenate((nodes[nodes >= 0], *ends)))


def _kind(tags: Tags) -> str | None:
    """Return the restriction for a motorcar; a conditional one as if it held at all hours."""
    for key in (*(f"restriction:{vehicle}" for vehicle in _OURS), "restriction"):
        if key in tags:
            return tags[key].strip()
        if f"{key}:conditional" in tags:
            return tags[f"{key}:conditional"].partition("@")[0].strip()
    return None


def _checked(found: Restriction, kind: str) -> Restriction | Skipped:
    """Refuse members that do not make one turn."""
    several = {"no_entry": (99, 1), "no_exit": (1, 99)}.get(kind, (1, 1))
    if not found.from_ways or not found.to_ways or not (found.via_nodes or found.via_ways):
        return Skipped(found.relation, "a from, via or to member is missing")
    if len(found.from_ways) > several[0] or len(found.to_ways) > several[1]:
        return Skipped(found.relation, "several from or to members")
    if len(found.via_nodes) > 1 or (found.via_nodes and found.via_ways):
        return Skipped(found.relation, "several via nodes, or a node and ways")
    return found


def banned_sequences(
    restriction: Restriction, arcs: Arcs, node_of: dict[int, int]
) -> list[tuple[int, ...]] | Skipped:
    """Find the sequences of arcs that a restriction forbids.

    Parameters
    ----------
    restriction : Restriction
        As read.
    arcs : Arcs
        The roads.
    node_of : dict of int to int
        The network node of each via node, by id.
    """
    paths: list[tuple[int, ...]] = []
    for from_way in restriction.from_ways:
        approaches = _approaches(restriction, from_way, arcs, node_of)
        if isinstance(approaches, str):
            return Skipped(restriction.relation, approaches)
        paths += approaches
    banned = []
    for path in paths:
        node = int(arcs.head[path[-1]])
        named = [
            arc for arc in arcs.out_of(node) if int(arcs.first_way[arc]) in restriction.to_ways
        ]
        turning = int(arcs.reverse[path[-1]])
        if restriction.to_ways[0] != restriction.from_ways[0] and turning in named:
            named.remove(turning)
        if not named:
            return Skipped(restriction.relation, "the to way cannot be driven from the via member")
        if len(named) > 1 and len(restriction.to_ways) == 1:
            return Skipped(restriction.relation, "the to way passes the via member on both sides")
        others = [arc for arc in arcs.out_of(node) if arc not in named]
        banned += [(*path, arc) for arc in (others if restriction.only else named)]
    return banned


def _approaches(
    restriction: Restriction, from_way: int, arcs: Arcs, node_of: dict[int, int]
) -> list[tuple[int, ...]] | str:
    """Return the sequences of arcs that arrive at the last via node, or why there is none."""
    if restriction.via_nodes:
        node = node_of.get(restriction.via_nodes[0], -1)
        if node < 0:
            return "the via node is on no road of the extract"
        into = [arc for arc in arcs.into(node) if int(arcs.last_way[arc]) == from_way]
        if not into:
            return "the from way cannot be driven to the via member"
        if len(into) > 1:
            return "the from way passes the via member on both sides"
        return [(into[0],)]
    return _through_ways(restriction, from_way, arcs)


def _through_ways(
    restriction: Restriction, from_way: int, arcs: Arcs
) -> list[tuple[int, ...]] | str:
    """Walk the via ways in order from every end of the from way; exactly one walk must fit."""
    walks: list[tuple[int, ...]] = []
    starts = [
        (arc, beyond)
        for beyond in _arcs_of_way(restriction.via_ways[0], arcs)
        for arc in arcs.into(int(arcs.tail[beyond]))
        if int(arcs.last_way[arc]) == from_way and arc != int(arcs.reverse[beyond])
    ]
    for arc, beyond in starts:
        walk = _walk((arc, beyond), restriction, arcs)
        if walk is not None:
            walks.append(walk)
    if not walks:
        return "the via ways do not join the from way to the to way"
    if len(walks) > 1:
        return "the via ways can be driven in several ways"
    return walks


def _arcs_of_way(way: int, arcs: Arcs) -> list[int]:
    found: list[int] = (arcs.first_way == way).nonzero()[0].tolist()
    return found


def _walk(begun: tuple[int, int], restriction: Restriction, arcs: Arcs) -> tuple[int, ...] | None:
    """Follow the via ways until the to way can be entered; None where they do not lead there."""
    walk = list(begun)
    at = 0
    while len(walk) < _LONGEST_WALK:
        node, last = int(arcs.head[walk[-1]]), int(arcs.reverse[walk[-1]])
        onward = [arc for arc in arcs.out_of(node) if arc != last]
        ways = [int(arcs.first_way[arc]) for arc in onward]
        final = at == len(restriction.via_ways) - 1
        if final and any(way in restriction.to_ways for way in ways):
            return tuple(walk)
        if not final and restriction.via_ways[at + 1] in ways:
            at += 1
        elif restriction.via_ways[at] not in ways:
            return None
        walk.append(onward[ways.index(restriction.via_ways[at])])
    return None
