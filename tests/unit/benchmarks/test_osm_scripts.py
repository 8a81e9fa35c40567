"""The scripts that measure and compare the OpenStreetMap import work on a small scale."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from benchmarks import osm_county, osm_peers
from benchmarks.osm_drives import OurRoads

from tests.scenarios.osm_map import draw_map

pytest.importorskip("osmium", reason="needs the extra [osm]")


def test_a_small_county_is_made_and_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The made-up extract is read, imported and written, and every step is timed."""
    path = tmp_path / "county.osm.pbf"
    osm_county.make(path, ways=400)
    osm_county.measure(path)
    out = capsys.readouterr().out
    assert "364 ways" in out
    assert "reading the file" in out
    assert "peak" in out
    assert path.with_suffix(".network").is_file()


def test_without_peers_the_comparison_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An interpreter without the peers is not used, and the reader is told."""
    assert osm_peers.peers_python("no-such-python") is None
    arguments = ["osm_peers", str(tmp_path / "x.osm"), "--python", "no-such-python"]
    monkeypatch.setattr(sys, "argv", arguments)
    osm_peers.main()
    assert "no interpreter here has osrm-bindings" in capsys.readouterr().out


def test_our_side_of_the_comparison_is_the_engine_s_time() -> None:
    """Metres and seconds of a pair are those of the network's own fastest way."""
    town = draw_map("a---b---c", ways={"ab": {"maxspeed": "36"}, "bc": {"maxspeed": "72"}})
    (west, south), (east, _) = town.places["a"], town.places["c"]
    drive = OurRoads(town.network).drive([(west, south), (east, south)])
    assert drive.metres == pytest.approx(800.0, rel=1e-2)
    share = town.profile.share_of_limit
    assert drive.seconds == pytest.approx((400 / 10 + 400 / 20) / share, rel=1e-2)
