"""Raw OpenStreetMap elements of an area from an Overpass server, and the outline of a named place.

The area is asked for in tiles, so that no answer is large and a broken-off download goes on where
it stopped. Every way with ``highway`` comes, not only what some filter takes for drivable: the
driving profile decides. Addresses, time-outs and the folder of answers are osmnx's settings.

Source: Overpass QL (``way(bbox)``, ``node(w)``, ``rel(bw)``), Nominatim search API.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from unarmed_router.errors import NetworkError
from unarmed_router.roads.osm.elements import Member, Node, OsmData, Relation, Way
from unarmed_router.roads.osm.web import PoliteClient

__all__ = ["fetch_area", "fetch_outline", "osmnx_client"]

TILE_DEGREES = 0.1

_QUERY = (
    '[out:json][timeout:{timeout}];(way["highway"]({box});way["route"="ferry"]({box});)->.w;'
    '.w out body;node(w.w);out body;rel(bw.w)["type"~"^restriction"];out body;'
)

Progress = Callable[[int, int], None]


def osmnx_client() -> PoliteClient:
    """Make a client by osmnx's settings: cache folder, time-out, user agent, rate limit."""
    from osmnx import settings  # noqa: PLC0415  # heavy

    return PoliteClient(
        cache=Path(settings.cache_folder) / "overpass",
        user_agent=str(settings.http_user_agent),
        timeout_s=float(settings.requests_timeout),
        pause_s=1.0 if settings.overpass_rate_limit else 0.0,
    )


def fetch_outline(place: str, client: PoliteClient, *, url: str | None = None) -> Any:
    """Return the outline of a named place as a shapely polygon or multipolygon, in degrees.

    Parameters
    ----------
    place : str
        As one would type it into a search: ``"Culver City, California, USA"``.
    client : PoliteClient
        Who asks.
    url : str, optional
        The Nominatim server; osmnx's setting by default.

    Raises
    ------
    NetworkError
        No such place, or one that is no area; or the server would not answer.
    """
    from shapely.geometry import shape  # noqa: PLC0415  # heavy

    if url is None:
        from osmnx import settings  # noqa: PLC0415  # heavy

        url = str(settings.nominatim_url)
    fields = {"format": "json", "polygon_geojson": "1", "limit": "5", "q": place}
    found = client.ask(f"{url.rstrip('/')}/search", fields, post=False)
    if not isinstance(found, list) or not found:
        raise NetworkError(f"{place!r}: no such place found; try a longer name, or --polygon")
    for result in found:
        outline = result.get("geojson") if isinstance(result, dict) else None
        if isinstance(outline, dict) and outline.get("type") in {"Polygon", "MultiPolygon"}:
            try:
                return shape(outline)
            except (KeyError, TypeError, ValueError) as fault:
                raise NetworkError(f"{place!r}: its outline is broken: {fault!r}") from fault
    raise NetworkError(f"{place!r}: found, but it has no outline; pass one with --polygon")


def fetch_area(
    outline: Any,
    client: PoliteClient,
    *,
    url: str | None = None,
    progress: Progress | None = None,
) -> OsmData:
    """Return the roads of an area as raw elements.

    Parameters
    ----------
    outline : shapely geometry
        The area, in degrees.
    client : PoliteClient
        Who asks.
    url : str, optional
        The Overpass server; osmnx's setting by default.
    progress : callable, optional
        Told the tiles fetched and their number.

    Raises
    ------
    NetworkError
        The server would not answer, or answered what is no map; names the element.
    """
    if url is None:
        from osmnx import settings  # noqa: PLC0415  # heavy

        url = str(settings.overpass_url)
    boxes = list(tiles(outline))
    if not boxes:
        raise NetworkError("the area is empty; pass a polygon with an extent")
    nodes: dict[int, Node] = {}
    ways: dict[int, Way] = {}
    relations: dict[int, Relation] = {}
    for count, box in enumerate(boxes, 1):
        query = _QUERY.format(timeout=int(client.timeout_s), box=",".join(f"{x:.4f}" for x in box))
        answer = client.ask(f"{url.rstrip('/')}/interpreter", {"data": query}, post=True)
        _gather(answer, nodes, ways, relations)
        if progress is not None:
            progress(count, len(boxes))
    return OsmData.of(nodes.values(), ways.values(), relations.values(), source="Overpass")


def tiles(outline: Any) -> Iterator[tuple[float, float, float, float]]:
    """Yield the boxes (south, west, north, east) of a fixed grid that touch an area."""
    from shapely import box, prepare  # noqa: PLC0415  # heavy

    if outline.is_empty:
        return
    prepare(outline)
    west, south, east, north = outline.bounds
    rows = range(math.floor(south / TILE_DEGREES), math.floor(north / TILE_DEGREES) + 1)
    columns = range(math.floor(west / TILE_DEGREES), math.floor(east / TILE_DEGREES) + 1)
    for row in rows:
        for column in columns:
            low, left = row * TILE_DEGREES, column * TILE_DEGREES
            if outline.intersects(box(left, low, left + TILE_DEGREES, low + TILE_DEGREES)):
                yield low, left, low + TILE_DEGREES, left + TILE_DEGREES


def _gather(
    answer: Any, nodes: dict[int, Node], ways: dict[int, Way], relations: dict[int, Relation]
) -> None:
    """Take the elements of one answer; an element of several tiles is taken once."""
    elements = answer.get("elements") if isinstance(answer, dict) else None
    if not isinstance(elements, list):
        raise NetworkError("Overpass: an answer without elements; is it an Overpass server?")
    for element in elements:
        try:
            kind, ref, tags = element["type"], int(element["id"]), element.get("tags", {})
            if kind == "node":
                nodes[ref] = Node(ref, float(element["lon"]), float(element["lat"]), tags)
            elif kind == "way":
                ways[ref] = Way(ref, tuple(int(node) for node in element["nodes"]), tags)
            elif kind == "relation":
                relations[ref] = Relation(ref, tuple(_members(element["members"])), tags)
        except (KeyError, TypeError, ValueError) as fault:
            what = f"{element.get('type')} {element.get('id')}" if isinstance(element, dict) else ""
            raise NetworkError(f"Overpass: {what or element!r} is broken: {fault!r}") from fault


def _members(members: Iterable[Any]) -> Iterator[Member]:
    for member in members:
        yield Member(member["type"], int(member["ref"]), str(member.get("role", "")))
