"""Distances and times of OSRM and Valhalla on one extract; run by an interpreter that has them.

    PYTHON -m benchmarks.peers.osm_engines EXTRACT PAIRS.json ANSWERS.json

PAIRS.json is a list of [lon, lat, lon, lat]; ANSWERS.json gives, by engine, a list of
[metres, seconds] or null. Both engines keep their stock car profiles.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

Answer = "list[float] | None"


def main() -> None:
    """Ask both engines for every pair."""
    extract, pairs_file, answers_file = (Path(argument) for argument in sys.argv[1:4])
    pairs = json.loads(pairs_file.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        pbf = _as_pbf(extract, Path(folder))
        answers = {}
        for name, asked in (("osrm", _osrm), ("valhalla", _valhalla)):
            try:
                answers[name] = asked(pbf, Path(folder), pairs)
            except Exception as fault:  # the report says so, and goes on with the other
                answers[name] = f"{type(fault).__name__}: {fault}"
    answers_file.write_text(json.dumps(answers), encoding="utf-8")


def _as_pbf(extract: Path, folder: Path) -> Path:
    import osmium  # noqa: PLC0415  # in the peers' environment

    target = folder / "extract.osm.pbf"
    with osmium.SimpleWriter(str(target)) as writer:
        for element in osmium.FileProcessor(str(extract)):
            writer.add(element)
    return target


def _osrm(pbf: Path, folder: Path, pairs: list[list[float]]) -> list[list[float] | None]:
    import osrm  # noqa: PLC0415  # in the peers' environment

    profile = Path(osrm.__file__).parent / "share" / "profiles" / "car.lua"
    command = [sys.executable, "-m", "osrm"]
    base = str(folder / "extract.osrm")
    for step in (["extract", "-p", str(profile), str(pbf)], ["contract", base]):
        subprocess.run([*command, *step], check=True, capture_output=True)
    engine = osrm.OSRM(storage_config=base, algorithm="CH", use_shared_memory=False)
    found: list[list[float] | None] = []
    for lon, lat, to_lon, to_lat in pairs:
        try:
            answer = engine.Route(osrm.RouteParameters(coordinates=[(lon, lat), (to_lon, to_lat)]))
            best = answer["routes"][0]
            found.append([float(best["distance"]), float(best["duration"])])
        except RuntimeError:
            found.append(None)
    return found


def _valhalla(pbf: Path, folder: Path, pairs: list[list[float]]) -> list[list[float] | None]:
    import valhalla  # noqa: PLC0415  # in the peers' environment

    tiles = folder / "tiles"
    tiles.mkdir()
    archive = folder / "tiles.tar"
    archive.touch()
    settings = valhalla.get_config(tile_dir=str(tiles), tile_extract=str(archive))
    archive.unlink()
    settings["mjolnir"].pop("tile_extract", None)
    file = folder / "valhalla.json"
    file.write_text(json.dumps(settings), encoding="utf-8")
    tool = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
    subprocess.run([str(tool), "-c", str(file), str(pbf)], check=True, capture_output=True)
    engine = valhalla.Actor(str(file))
    found: list[list[float] | None] = []
    for lon, lat, to_lon, to_lat in pairs:
        places = [{"lon": lon, "lat": lat}, {"lon": to_lon, "lat": to_lat}]
        try:
            answer = engine.route({"locations": places, "costing": "auto"})
            summary = answer["trip"]["summary"]
            found.append([float(summary["length"]) * 1000.0, float(summary["time"])])
        except RuntimeError:
            found.append(None)
    return found


if __name__ == "__main__":
    main()
