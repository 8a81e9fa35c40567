"""What building a network costs: published extracts, and a made-up county.

``COUNTY_SHARE=1`` builds an extract of a million ways, about as many as Los Angeles County has; by
default a twentieth of it, which costs a twentieth of the time.
"""

from __future__ import annotations

import os
import shutil
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks.inputs import data_folder
from benchmarks.osm_county import CONTRACTING, WRITING, build, file_bytes, make

SHARE = float(os.environ.get("COUNTY_SHARE", "0.05"))
COUNTY_WAYS = 1_000_000
FIXTURES = {
    "west_oakland": "osm/west_oakland.osm.bz2",
    "small_planet_extract": "osm/small_planet_extract.osm",
}


def _extract(name: str, folder: Path) -> Path:
    """Copy or make the extract; skip where its file is absent."""
    if name == "county":
        path = folder / "county.osm.pbf"
        make(path, ways=round(COUNTY_WAYS * SHARE))
        return path
    source = data_folder() / FIXTURES[name]
    if not source.exists():
        pytest.skip(f"{name} is neither in ../shared/fixtures nor in UNARMED_BENCH_DATA")
    return Path(shutil.copy(source, folder))


def _seconds(steps: list[tuple[str, float]]) -> dict[str, float]:
    """Sum the steps up: reading, importing, writing, contracting."""
    at = dict(steps)
    marks = (steps[0][1], steps[1][1], at[WRITING], at[CONTRACTING], steps[-1][1])
    names = ("read_s", "import_s", "write_s", "contract_s")
    return dict(zip(names, (after - before for before, after in pairwise(marks)), strict=True))


@pytest.mark.benchmark(group="network build")
@pytest.mark.parametrize("extract", [*FIXTURES, "county"])
def test_network_build(benchmark: Any, tmp_path: Path, extract: str) -> None:
    """Reading, import, writing and contraction, as `unarmed-router network build` does them."""
    pytest.importorskip("osmium", reason="needs the extra [osm]")
    path = _extract(extract, tmp_path)
    steps: list[tuple[str, float]] = []

    def run() -> Any:
        steps.clear()
        return build(path, lambda step: steps.append((step, time.perf_counter())))

    small = extract != "county"
    found = benchmark.pedantic(run, rounds=5 if small else 1, warmup_rounds=1 if small else 0)
    network = found.network
    assert network.nodes > 0
    assert network.way_id is not None
    benchmark.extra_info.update(
        _seconds(steps),
        ways=int(found.lines.data.way_id.size),
        nodes=network.nodes,
        arcs=network.arcs,
        bytes=file_bytes(path),
    )
