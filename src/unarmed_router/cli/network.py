"""`unarmed-router network`: look at a road network file, and build one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unarmed_router.cli import network_build, network_report
from unarmed_router.cli.network_order import TopologyOption, write_order
from unarmed_router.cli.outputs import check_outputs

if TYPE_CHECKING:
    from unarmed_router.roads.network import RoadNetwork

__all__ = ["app"]

app = typer.Typer(help="Look at a road network file, and build one.", no_args_is_help=True)


@app.command()
def info(
    file: Annotated[
        Path | None, typer.Argument(help="A network file; the embedded one by default.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what a road network holds: size, lengths, extent, digest and limits."""
    from unarmed_router.agency.folder import embedded_network  # noqa: PLC0415  # keeps --help fast
    from unarmed_router.roads.network_file import load_network  # noqa: PLC0415  # as above

    facts = _facts(load_network(file or embedded_network()))
    if as_json:
        import json  # noqa: PLC0415  # keeps --help fast

        typer.echo(json.dumps(facts, indent=2))
        return
    _print_table(facts)


@app.command()
def order(
    file: Annotated[Path, typer.Argument(help="A network file.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The order file to write; beside the network."),
    ] = None,
    *,
    topology: TopologyOption = False,
) -> None:
    """Compute the order in which a network is contracted, once; agency.toml names the file."""
    from unarmed_router.roads.network_file import load_network  # noqa: PLC0415  # keeps --help fast

    target = output or file.with_suffix(".order")
    check_outputs(output=target)
    write_order(load_network(file), target, topology=topology)
    typer.echo(f"{target}: written")


app.command(name="build")(network_build.build)
app.command(name="report")(network_report.report)
app.command(name="refresh")(network_report.refresh)


def _facts(network: RoadNetwork) -> dict[str, Any]:
    """Collect what `info` prints."""
    from unarmed_router.roads.network_file import format_version  # noqa: PLC0415  # keeps --help fast

    return {
        **network.metadata,
        "nodes": network.nodes,
        "arcs": network.arcs,
        "one_way_arcs": int((network.places & (network.twin < 0)).sum()),
        "road_km": {name: round(km, 1) for name, km in network.km_by_class().items()},
        "west_south_east_north": [
            float(extreme)
            for extreme in (
                network.node_lon.min(),
                network.node_lat.min(),
                network.node_lon.max(),
                network.node_lat.max(),
            )
        ],
        "built": asdict(network.report),
        "format_version": format_version(network),
        "digest": network.digest,
    }


def _print_table(facts: dict[str, Any]) -> None:
    """Print the facts as a table, one line each; tables within are spelled out."""
    from rich.console import Console  # noqa: PLC0415  # keeps --help fast
    from rich.table import Table  # noqa: PLC0415  # as above

    table = Table(title="Road network", show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for what, value in facts.items():
        text = value
        if isinstance(value, dict):
            text = "\n".join(f"{key.replace('_', ' ')} {part}" for key, part in value.items())
        elif isinstance(value, list):
            text = ", ".join(map(str, value))
        table.add_row(what.replace("_", " "), str(text))
    # A description is its publisher's own words: what looks like markup in it is none.
    Console(markup=False, emoji=False).print(table)
