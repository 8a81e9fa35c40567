"""OSRM and Valhalla on one extract, asked line by line; run by an interpreter that has them.

    PYTHON -m benchmarks.peers.osm_engines EXTRACT

The first line written says of each engine how it is: ``{"osrm": "26.10.0", "valhalla": "failed:
..."}``. Then every line read is a question, ``{"engine": NAME, "places": [[lon, lat], ...]}``, and
every line written its answer: ``{"metres": ..., "seconds": ..., "line": [[lon, lat], ...], "ends":
[[lon, lat], [lon, lat]]}``. Where the engine finds no way, metres and seconds are null, and the
ends are where it joins the road, null where it does not say. Both keep their stock car profiles.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

Answer = dict[str, Any]
Engine = Callable[[list[list[float]]], Answer]


def main() -> None:
    """Prepare both engines, then answer until the questions end."""
    # What the engines themselves print must not stand between the answers.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    engines: dict[str, Engine] = {}
    state = {}
    with tempfile.TemporaryDirectory() as folder:
        pbf = _as_pbf(Path(sys.argv[1]), Path(folder))
        for name, wheel, prepare in (
            ("osrm", "osrm-bindings", _osrm),
            ("valhalla", "pyvalhalla", _valhalla),
        ):
            try:
                engines[name] = prepare(pbf, Path(folder))
                state[name] = version(wheel)
            except Exception as fault:  # the report says so, and goes on with the other
                state[name] = f"failed: {_said(fault)}"
        print(json.dumps(state), file=out, flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            answer = engines[asked["engine"]](asked["places"])
            print(json.dumps(answer), file=out, flush=True)


def _said(fault: Exception) -> str:
    """Take the last line of what a tool said, or else the fault."""
    said = getattr(fault, "stderr", None)
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(fault)
    return (text.strip().splitlines() or [type(fault).__name__])[-1].strip()


def _as_pbf(extract: Path, folder: Path) -> Path:
    """Write the extract as PBF, in the order of kinds and ids that Valhalla insists on."""
    import osmium  # noqa: PLC0415  # in the peers' environment

    target = folder / "extract.osm.pbf"
    with osmium.SimpleWriter(str(target)) as writer:
        reader = osmium.MergeInputReader()
        reader.add_file(str(extract))
        reader.apply(writer)
    return target


def _osrm(pbf: Path, folder: Path) -> Engine:
    import osrm  # noqa: PLC0415  # in the peers' environment

    profile = Path(osrm.__file__).parent / "share" / "profiles" / "car.lua"
    command = [sys.executable, "-m", "osrm"]
    base = str(folder / "extract.osrm")
    for step in (["extract", "-p", str(profile), str(pbf)], ["contract", base]):
        subprocess.run([*command, *step], check=True, capture_output=True)
    engine = osrm.OSRM(storage_config=base, algorithm="CH", use_shared_memory=False)

    def nearest(place: list[float]) -> list[float] | None:
        try:
            found = engine.Nearest(osrm.NearestParameters(coordinates=[tuple(place)]))
        except RuntimeError:
            return None
        return list(found["waypoints"][0]["location"])

    def ask(places: list[list[float]]) -> Answer:
        wanted = osrm.RouteParameters(
            coordinates=[tuple(place) for place in places], geometries="geojson", overview="full"
        )
        try:
            answer = engine.Route(wanted)
        except RuntimeError:
            return _no_way([nearest(places[0]), nearest(places[-1])])
        best, ends = answer["routes"][0], answer["waypoints"]
        return {
            "metres": float(best["distance"]),
            "seconds": float(best["duration"]),
            "line": [list(place) for place in best["geometry"]["coordinates"]],
            "ends": [list(ends[0]["location"]), list(ends[len(places) - 1]["location"])],
        }

    return ask


def _valhalla(pbf: Path, folder: Path) -> Engine:
    import valhalla  # noqa: PLC0415  # in the peers' environment

    tiles = folder / "tiles"
    tiles.mkdir()
    archive = folder / "tiles.tar"
    archive.touch()
    settings = valhalla.get_config(tile_dir=str(tiles), tile_extract=str(archive))
    archive.unlink()
    settings["mjolnir"].pop("tile_extract", None)
    settings["service_limits"]["auto"]["max_locations"] = 1000
    file = folder / "valhalla.json"
    file.write_text(json.dumps(settings), encoding="utf-8")
    tool = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
    subprocess.run([str(tool), "-c", str(file), str(pbf)], check=True, capture_output=True)
    engine = valhalla.Actor(str(file))

    def nearest(place: list[float]) -> list[float] | None:
        try:
            (found,) = engine.locate({"locations": [_located(place)], "costing": "auto"})
        except RuntimeError:
            return None
        edges = found.get("edges") or []
        return [edges[0]["correlated_lon"], edges[0]["correlated_lat"]] if edges else None

    def ask(places: list[list[float]]) -> Answer:
        # Between the first and the last the car passes through: it must not turn round there.
        kinds = ["break", *["through"] * (len(places) - 2), "break"]
        asked = [{**_located(p), "type": kind} for p, kind in zip(places, kinds, strict=True)]
        try:
            answer = engine.route({"locations": asked, "costing": "auto"})
        except RuntimeError:
            return _no_way([nearest(places[0]), nearest(places[-1])])
        trip = answer["trip"]
        line = [place for leg in trip["legs"] for place in _decoded(leg["shape"])]
        return {
            "metres": float(trip["summary"]["length"]) * 1000.0,
            "seconds": float(trip["summary"]["time"]),
            "line": line,
            "ends": [line[0], line[-1]],
        }

    return ask


def _located(place: list[float]) -> dict[str, float]:
    return {"lon": place[0], "lat": place[1]}


def _no_way(ends: list[list[float] | None]) -> Answer:
    return {"metres": None, "seconds": None, "line": [], "ends": ends}


def _decoded(shape: str) -> list[list[float]]:
    """Read an encoded polyline of six decimals, [lon, lat] a vertex."""
    numbers, value, shift = [], 0, 0
    for mark in shape:
        bits = ord(mark) - 63
        value |= (bits & 31) << shift
        shift += 5
        if bits < 32:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value, shift = 0, 0
    lat = lon = 0
    line = []
    for north, east in zip(numbers[::2], numbers[1::2], strict=True):
        lat, lon = lat + north, lon + east
        line.append([lon / 1e6, lat / 1e6])
    return line


if __name__ == "__main__":
    main()
