"""`unarmed-router network build`: a network file from a map, a saved graph, tables or a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unarmed_router.cli.network_order import TopologyOption, write_order
from unarmed_router.cli.outputs import check_outputs
from unarmed_router.counted import counted
from unarmed_router.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unarmed_router.roads.building import BuildReport
    from unarmed_router.roads.network import RoadNetwork
    from unarmed_router.roads.osm.elements import OsmData

__all__ = ["build", "quality_file"]


def build(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(
            help="An OpenStreetMap file (.osm, .osm.gz, .osm.bz2, .osm.pbf), a GraphML of osmnx, "
            "or two CSV files, nodes and arcs; none with --place or --polygon."
        ),
    ] = None,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The network file to write.")],
    metadata: Annotated[
        Path | None,
        typer.Option(help="TOML with title, publisher and limits of the network."),
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="A named place, asked of Nominatim and Overpass.")
    ] = None,
    polygon: Annotated[
        Path | None, typer.Option(help="GeoJSON of the area wanted, the divisions for instance.")
    ] = None,
    margin_m: Annotated[
        float,
        typer.Option("--margin-m", min=0, max=100_000, help="Roads this far outside are kept."),
    ] = 3000.0,
    profile: Annotated[
        Path | None, typer.Option(help="Driving profile (TOML); the embedded one by default.")
    ] = None,
    allow_zero: Annotated[
        bool, typer.Option(help="Give arcs of zero length or time 1 ms instead of refusing them.")
    ] = False,
    topology: TopologyOption = False,
) -> None:
    """Build a network file, its contraction order beside it, and for a map a quality report."""
    from unarmed_router.roads.network_file import save_network  # noqa: PLC0415  # keeps --help fast

    check_outputs(output=output)
    order = output.with_suffix(".order")
    _refuse_one_name(output, order, order.with_suffix(".topology"))
    given = sources or []
    described = _described(metadata) if metadata else None
    report = None
    if _is_map(given) or (not given and (place or polygon)):
        network, report = _from_map(given, place, polygon, margin_m, profile, described)
    elif _are_tables(given) and not (place or polygon or profile):
        from unarmed_router.roads.csv_reader import read_csv_network  # noqa: PLC0415  # as above

        minimum_ms = 1 if allow_zero else 0
        network = read_csv_network(*given, minimum_ms=minimum_ms, metadata=described)
    elif len(given) == 1 and given[0].suffix == ".graphml" and not (place or polygon):
        network = _from_graphml(given[0], profile, described, allow_zero)
    else:
        raise _misused(given)
    save_network(network, output)
    if report is not None:
        _write_quality(report, output)
    _say("contracting the network")
    write_order(network, order, topology=topology)
    for line in _changes(network.report, of_map=report is not None):
        _say(line)
    _say(f"contraction order: {order}")
    if topology:
        _say(f"topology: {order.with_suffix('.topology')}")
    typer.echo(f"{output}: {network.nodes} nodes, {network.arcs} arcs, digest {network.digest}")


def quality_file(network: Path) -> Path:
    """Return where the quality report of a network file is kept."""
    return network.with_suffix(".quality.json")


def _refuse_one_name(network: Path, *beside: Path) -> None:
    """Refuse a network that a file written beside it would replace."""
    if network in beside:
        from unarmed_router.errors import InputError  # noqa: PLC0415  # keeps --help fast

        raise InputError(
            f"--output {network}: {network.suffix} is the ending of a file written beside the "
            "network; give the network another, such as .network"
        )


def _changes(report: BuildReport, *, of_map: bool) -> Iterator[str]:
    """Say what was dropped or changed, in words."""
    if report.loops_dropped:
        yield f"dropped: {counted(report.loops_dropped, 'arc')} from a node to itself"
    if report.duplicates_dropped:
        yield f"dropped: {counted(report.duplicates_dropped, 'arc')} along the line of a faster one"
    if report.zeros_raised and not of_map:  # in a network of a map these are its turns
        yield f"raised to 1 ms: {counted(report.zeros_raised, 'arc')} of no length or time"
    if report.arcs_cut or (report.nodes_cut and not of_map):
        turns = ", turns and islands counted," if of_map else ""
        yield (
            f"left out: {counted(report.arcs_cut, 'arc')} and {counted(report.nodes_cut, 'node')}"
            f"{turns} that cannot be reached from the rest or not be left for it"
        )


def _is_map(given: list[Path]) -> bool:
    from unarmed_router.roads.osm.file_reader import FILE_ENDINGS  # noqa: PLC0415  # as above

    return len(given) == 1 and given[0].name.endswith(FILE_ENDINGS)


def _are_tables(given: list[Path]) -> bool:
    others = [file for file in given if _is_map([file]) or file.suffix == ".graphml"]
    return len(given) == 2 and not others


def _misused(given: list[Path]) -> Exception:
    from unarmed_router.errors import InputError  # noqa: PLC0415  # as above

    names = ", ".join(map(str, given)) or "nothing"
    return InputError(
        f"cannot build a network of {names} with these options; give one OpenStreetMap file (.osm, "
        ".osm.gz, .osm.bz2, .osm.pbf), one .graphml file, two CSV files, --place or --polygon; "
        "--place and --polygon go with a map, --profile with a map or a .graphml file"
    )


def _from_map(
    given: list[Path],
    place: str | None,
    polygon: Path | None,
    margin_m: float,
    profile: Path | None,
    described: dict[str, str] | None,
) -> tuple[RoadNetwork, dict[str, Any]]:
    """Read or fetch a map, clip it, import it; return the network and its quality report."""
    from unarmed_router.agency.driving_profile import (  # noqa: PLC0415  # as above
        load_driving_profile,
    )
    from unarmed_router.roads.osm.clip import inside_outline, with_margin  # noqa: PLC0415
    from unarmed_router.roads.osm.importing import import_osm  # noqa: PLC0415  # as above
    from unarmed_router.roads.osm.quality import quality_of  # noqa: PLC0415  # as above

    rules = load_driving_profile(profile)
    outline = _outline(place, polygon)
    wide = None if outline is None else with_margin(outline, margin_m)
    data = _read(given[0]) if given else _fetched(wide)
    inside = None if wide is None else inside_outline(data, wide)
    facts = {
        "source": data.source,
        "licence": "Open Database License (ODbL) 1.0, (c) OpenStreetMap contributors",
        "profile": f"{rules.profile_id} {rules.digest[:12]}",
    }
    found = import_osm(
        data, rules, inside=inside, metadata={**facts, **(described or {})}, told=_say
    )
    return found.network, quality_of(found, source=data.source, profile=rules.profile_id)


def _outline(place: str | None, polygon: Path | None) -> Any:
    from unarmed_router.errors import InputError  # noqa: PLC0415  # as above

    if place and polygon:
        raise InputError("both --place and --polygon name an area; give one of them")
    if polygon:
        from unarmed_router.roads.osm.clip import outline_of  # noqa: PLC0415  # as above

        return outline_of(polygon)
    if place:
        from unarmed_router.roads.osm.overpass import (  # noqa: PLC0415  # as above
            fetch_outline,
            osmnx_client,
        )

        _say(f"asking for the outline of {place}")
        return fetch_outline(place, osmnx_client())
    return None


def _read(path: Path) -> OsmData:
    from unarmed_router.roads.osm.file_reader import read_osm_file  # noqa: PLC0415  # as above

    _say(f"reading {path}")
    return read_osm_file(path, progress=lambda what, count: _say(f"  {count} {what}"))


def _fetched(outline: Any) -> OsmData:
    from unarmed_router.roads.osm.overpass import (  # noqa: PLC0415  # as above
        fetch_area,
        osmnx_client,
    )

    def told(done: int, total: int) -> None:
        _say(f"tile {done} of {total} fetched")

    return fetch_area(outline, osmnx_client(), progress=told)


def _from_graphml(
    path: Path, profile: Path | None, described: dict[str, str] | None, allow_zero: bool
) -> RoadNetwork:
    from unarmed_router.agency.driving_profile import (  # noqa: PLC0415  # as above
        load_driving_profile,
    )
    from unarmed_router.roads.graphml_reader import read_graphml  # noqa: PLC0415  # as above

    found = read_graphml(
        path,
        load_driving_profile(profile),
        minimum_ms=1 if allow_zero else 0,
        metadata={"source": path.name, **(described or {})},
    )
    if found.speeds_from_profile:
        _say(
            f"{found.speeds_from_profile} of {found.edges} edges had no time: their limit or "
            "their class gave it"
        )
    return found.network


def _write_quality(report: dict[str, Any], output: Path) -> None:
    path = quality_file(output)
    with whole_file(path) as unfinished:
        text = json.dumps(report, indent=1, sort_keys=True)
        unfinished.write_text(text + "\n", encoding="utf-8")
    islands, turns = report["islands"], report["restrictions"]
    skipped = sum(part["count"] for part in turns["skipped"].values())
    _say(
        f"{counted(turns['applied'], 'turn restriction')} applied, {skipped} skipped; "
        f"{counted(islands['count'], 'island')} of {islands['km']} km cut off"
    )
    _say(f"quality report: {path}; to read it: unarmed-router network report {output}")


def _say(text: str) -> None:
    """Tell progress where it does not mix with the result."""
    typer.echo(text, err=True)


def _described(file: Path) -> dict[str, str]:
    """Read the metadata of a network: a flat TOML table of texts."""
    from unarmed_router.agency.toml_file import read_toml  # noqa: PLC0415  # keeps --help fast
    from unarmed_router.errors import ConfigurationError  # noqa: PLC0415  # as above

    table, _ = read_toml(file)
    faults = [
        f"{key} is not text; quote it" for key, value in table.items() if type(value) is not str
    ]
    if faults:
        raise ConfigurationError(str(file), faults)
    return table
