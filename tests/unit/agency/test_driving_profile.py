"""The driving profile file: what it may hold, and how its faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from unarmed_router.agency.driving_profile import embedded_profile, load_driving_profile
from unarmed_router.errors import ConfigurationError
from unarmed_router.roads.osm.profile import Access

TEXT = embedded_profile().read_text(encoding="utf-8")


def written(folder: Path, text: str) -> Path:
    """Write a profile and return its path."""
    path = folder / "profile.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_embedded_profile_loads() -> None:
    """Its figures come through, and its digest names its content."""
    profile = load_driving_profile()
    assert profile.profile_id == "crisis_car"
    assert profile.classes["motorway"].oneway
    assert profile.meaning_of("private") == Access.ENDS_ONLY
    assert profile.ferry is not None
    assert len(profile.digest) == 64


def test_a_profile_of_ones_own_replaces_it(tmp_path: Path) -> None:
    """A copy with another speed gives that speed, and another digest."""
    text = TEXT.replace("residential = { kph = 36 }", "residential = { kph = 25 }")
    mine = load_driving_profile(written(tmp_path, text))
    assert mine.classes["residential"].kph == 25.0
    assert mine.digest != load_driving_profile().digest


def test_ferries_can_be_closed(tmp_path: Path) -> None:
    """``open = false`` leaves no ferry rule."""
    text = TEXT.replace("open = true\nkph = 15", "open = false\nkph = 15")
    assert load_driving_profile(written(tmp_path, text)).ferry is None


FAULTS = [
    ("An unknown key.", ("[turns]", "[turns]\nflight_s = 3"), "turns.flight_s: is not known"),
    ("A speed of nothing.", ("trunk = { kph = 72 }", "trunk = { kph = 0 }"), "classes.trunk.kph"),
    ("A speed without end.", ("kph = 72", "kph = inf"), "classes.trunk.kph"),
    ("A word for a number.", ("u_turn_s = 20", 'u_turn_s = "long"'), "turns.u_turn_s"),
    ("A value in two lists.", ('"delivery",', '"delivery", "no",'), "access: no is listed as"),
    ("A barrier in two lists.", ('["sally_port"]', '["gate"]'), "barriers: gate"),
    ("A range upside down.", ("[5, 145]", "[145, 5]"), "145.0 is not below 5.0"),
    ("Unknown is never yes.", ('unknown = "ends_only"', 'unknown = "open"'), "access.unknown"),
    ("A delay of no node.", ('"highway=stop" = 4', '"stop" = 4'), "nodes.delay_s"),
    ("A section missing.", ("[ferries]", "[ferris]"), "ferries: is required"),
    ("No TOML.", ("[access]", "[access"), "is not TOML"),
]


@pytest.mark.parametrize(("sentence", "change", "told"), FAULTS, ids=[row[0] for row in FAULTS])
def test_a_fault_is_told_with_its_path(
    tmp_path: Path, sentence: str, change: tuple[str, str], told: str
) -> None:
    """Each fault of a profile names the file and the path inside it."""
    assert change[0] in TEXT, sentence
    with pytest.raises(ConfigurationError) as caught:
        load_driving_profile(written(tmp_path, TEXT.replace(*change)))
    assert "profile.toml" in str(caught.value)
    assert told in str(caught.value), sentence


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    """Two faults are told in one go."""
    text = TEXT.replace("kph = 72", "kph = 0").replace("u_turn_s = 20", "u_turn_s = -1")
    with pytest.raises(ConfigurationError) as caught:
        load_driving_profile(written(tmp_path, text))
    assert len(caught.value.faults) == 2
