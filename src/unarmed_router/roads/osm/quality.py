"""What an analyst should know about an imported network: counts, doubts, and where to look.

A report is a plain document, the same as JSON, as text and as GeoJSON for a map.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.osm.elements import Relation
from unarmed_router.roads.osm.importing import OsmImport
from unarmed_router.roads.osm.lines import Lines, node_rows

__all__ = ["SCHEMA", "quality_geojson", "quality_of", "quality_text"]

SCHEMA = "unarmed-router/network-quality/1"
_SHOWN = 25
_MOST_POINTS = 5000
_NO_WAY_ON = "together they leave no way on"
Ints = npt.NDArray[np.int64]


def quality_of(found: OsmImport, *, source: str, profile: str) -> dict[str, Any]:
    """Make the report of an import.

    Parameters
    ----------
    found : OsmImport
        The import.
    source, profile : str
        The extract, and the profile it was read by.

    Returns
    -------
    dict
        JSON values only; ``places`` holds points for a map.
    """
    lines, turns, islands = found.lines, found.turns, found.islands
    report = lines.report
    dead_ends = _dead_ends(found)
    skipped = {reason: list(ids) for reason, ids in turns.skipped.items()}
    return {
        "schema": SCHEMA,
        "source": source,
        "profile": profile,
        "ways": int(lines.data.way_id.size),
        "ways_refused": dict(report.refused),
        "road_classes": _by_class(lines),
        "nodes": found.network.nodes,
        "arcs": found.network.arcs,
        "junctions_split": turns.junctions_split,
        "restrictions": {
            "applied": turns.applied,
            "needless": turns.needless,
            "contradictory": {
                "count": len(turns.contradictory),
                "relations": [list(group) for group in turns.contradictory[:_SHOWN]],
            },
            "skipped": {
                reason: {"count": len(ids), "relations": ids[:_SHOWN]}
                for reason, ids in skipped.items()
            },
        },
        "dead_ends": len(dead_ends),
        "private_areas_with_several_entrances": turns.private_areas,
        "private_area_roads": turns.private_area_roads,
        "islands": {
            "count": islands.count,
            "km": round(islands.length_m / 1000.0, 3),
            "largest": [
                {
                    "roads": island.roads,
                    "km": round(island.length_m / 1000.0, 3),
                    "lon": island.lon,
                    "lat": island.lat,
                    "ways": list(island.way_ids),
                }
                for island in islands.largest
            ],
        },
        "suspicious_limits": {
            value: {"ways": count, "first": list(ids)}
            for value, (count, ids) in report.doubts.items()
        },
        "missing_nodes": {"count": report.missing_nodes, "ways": list(report.missing_in)},
        "ways_without_a_line": list(report.short_ways),
        "lines_without_length": report.same_place,
        "roads_too_long": {"count": len(found.too_long), "ways": list(found.too_long[:_SHOWN])},
        "places": {
            "dead_end": dead_ends[:_MOST_POINTS],
            "restriction_skipped": _relation_places(lines, skipped),
            "restriction_contradictory": _relation_places(
                lines, {_NO_WAY_ON: sorted({ref for group in turns.contradictory for ref in group})}
            ),
            "suspicious_limit": _way_places(
                lines, [ref for _, ids in report.doubts.values() for ref in ids]
            ),
        },
    }


def quality_text(report: dict[str, Any]) -> str:
    """Write a report for reading: one fact a line."""
    rows = [
        f"{report['source']}, read by profile {report['profile']}",
        f"{report['ways']} ways; network of {report['nodes']} nodes and {report['arcs']} arcs",
        f"junctions split for their turns: {report['junctions_split']}",
    ]
    for name, part in report["road_classes"].items():
        assumed = f"{100.0 * part['assumed_share']:.0f} % of it at an assumed speed"
        rows.append(f"  {name}: {part['km']:.1f} km, {assumed}")
    rows += [f"not roads: {count} ways, {why}" for why, count in report["ways_refused"].items()]
    turns = report["restrictions"]
    rows.append(f"turn restrictions: {turns['applied']} applied, {turns['needless']} needless")
    for reason, part in turns["skipped"].items():
        rows.append(f"  skipped {part['count']}: {reason} ({_listed(part['relations'])})")
    for group in turns.get("contradictory", {"relations": []})["relations"]:
        rows.append(f"  contradictory, applied: {_NO_WAY_ON} ({_listed(group)})")
    rows.append(f"dead ends: {report['dead_ends']}")
    if "private_areas_with_several_entrances" in report:  # an earlier release cut them
        rows.append(
            "private areas with several entrances: "
            f"{report['private_areas_with_several_entrances']}, "
            f"of {report['private_area_roads']} roads; nobody passes through"
        )
    islands = report["islands"]
    rows.append(f"islands cut off: {islands['count']}, {islands['km']:.1f} km")
    for island in islands["largest"][:5]:
        rows.append(
            f"  {island['km']:.2f} km at {island['lon']:.5f}, {island['lat']:.5f}: "
            f"way {_listed(island['ways'])}"
        )
    for value, part in report["suspicious_limits"].items():
        rows.append(f"limit not believed: {value}, {part['ways']} ways ({_listed(part['first'])})")
    if report["missing_nodes"]["count"]:
        missing = report["missing_nodes"]
        rows.append(f"nodes missing: {missing['count']}, first in way {_listed(missing['ways'])}")
    left = report.get("roads_too_long", {"count": 0})  # an earlier release had none
    if left["count"]:
        rows.append(f"left out, over 6 h or 500 km: {left['count']}, way {_listed(left['ways'])}")
    for number, part in report.get("divisions_far_from_roads", {}).items():
        rows.append(
            f"division {number}: {part['farthest_m']:.0f} m from a road at {part['lon']:.5f}, "
            f"{part['lat']:.5f}"
        )
    return "\n".join(rows) + "\n"


def quality_geojson(report: dict[str, Any]) -> dict[str, Any]:
    """Make a GeoJSON FeatureCollection (RFC 7946) of every place a report names."""
    features = [
        _point(place["lon"], place["lat"], kind=kind, **_others(place))
        for kind, places in report["places"].items()
        for place in places
    ]
    features += [
        _point(island["lon"], island["lat"], kind="island", **_others(island))
        for island in report["islands"]["largest"]
    ]
    features += [
        _point(part["lon"], part["lat"], kind="far_from_roads", division=number, **_others(part))
        for number, part in report.get("divisions_far_from_roads", {}).items()
    ]
    return {"type": "FeatureCollection", "features": features}


def _by_class(lines: Lines) -> dict[str, dict[str, float]]:
    """Return kilometres of road of each class, and the share at an assumed speed."""
    tags = lines.data.way_tags[lines.way]
    length = np.bincount(tags, lines.length_m, minlength=len(lines.uses))
    found: dict[str, list[float]] = {}
    for use, metres in zip(lines.uses, length.tolist(), strict=True):
        if use is not None and metres > 0.0:
            total = found.setdefault(use.road_class, [0.0, 0.0])
            total[0] += metres
            total[1] += metres * use.assumed
    return {
        name: {"km": round(metres / 1000.0, 3), "assumed_share": round(assumed / metres, 4)}
        for name, (metres, assumed) in sorted(found.items())
    }


def _dead_ends(found: OsmImport) -> list[dict[str, float]]:
    """Return the places where only one road ends, cut private roads left out."""
    chains = found.chains
    ends = np.concatenate((chains.first_node, chains.last_node))
    alone = np.bincount(ends)[ends] == 1
    alone &= ends < found.lines.nodes
    rows = np.concatenate((chains.vertex_first[:-1], chains.vertex_first[1:] - 1))[alone]
    return [{"lon": float(lon), "lat": float(lat)} for lon, lat in chains.places[rows]]


def _relation_places(lines: Lines, skipped: dict[str, list[int]]) -> list[dict[str, Any]]:
    """Place restrictions at their via node, or at the first node of a way of theirs."""
    wanted = {ref: reason for reason, ids in skipped.items() for ref in ids}
    places: list[dict[str, Any]] = []
    for relation in lines.data.relations:
        if relation.id in wanted and len(places) < _MOST_POINTS:
            row = _first_row(lines, relation)
            if row >= 0:
                places.append(
                    {
                        **_at(lines, row),
                        "relation": relation.id,
                        "reason": wanted[relation.id],
                    }
                )
    return places


def _first_row(lines: Lines, relation: Relation) -> int:
    via = [member.ref for member in relation.members if member.kind == "node"]
    rows = node_rows(lines.data, np.array(via, np.int64)) if via else np.empty(0, np.int64)
    if rows.size and rows[0] >= 0 and not np.isnan(lines.data.node_lon[rows[0]]):
        return int(rows[0])
    ways = (_way_row(lines, member.ref) for member in relation.members if member.kind == "way")
    return next((row for row in ways if row >= 0), -1)


def _way_row(lines: Lines, way: int) -> int:
    """Return the first node of a way that the extract holds; -1 where it holds none."""
    data = lines.data
    for number in np.flatnonzero(data.way_id == way).tolist():
        rows = data.way_nodes[data.way_first[number] : data.way_first[number + 1]]
        held = rows[~np.isnan(data.node_lon[rows])]
        if held.size:
            return int(held[0])
    return -1


def _way_places(lines: Lines, ways: list[int]) -> list[dict[str, Any]]:
    rows = [(ref, _way_row(lines, ref)) for ref in ways[:_MOST_POINTS]]
    return [{**_at(lines, row), "way": ref} for ref, row in rows if row >= 0]


def _at(lines: Lines, row: int) -> dict[str, float]:
    return {"lon": float(lines.data.node_lon[row]), "lat": float(lines.data.node_lat[row])}


def _point(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [round(lon, 7), round(lat, 7)]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _others(place: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in place.items() if key not in {"lon", "lat"}}


def _listed(ids: list[int]) -> str:
    shown = ", ".join(map(str, ids[:5]))
    return f"{shown}, ..." if len(ids) > 5 else shown
