"""Coverage of a scenario: under the policy of its first day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.research.coverage_results import CoverageResults, measure_coverage
from unarmed_router.research.expansion import serving
from unarmed_router.research.scenarios import load_scenario

SIX = (7, 8, 10, 17, 18, 20)
DAY = date(2026, 7, 1)

SCENARIO = """
schema_version = 1
name = "Grown"
[run]
start = 2026-07-01
days = 1
[service]
program = "UMCR"
"""


def measured(folder: Path, agency: Agency, text: str = SCENARIO) -> CoverageResults:
    """Measure one hour of a scenario."""
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    prepared = load_scenario(path, agency=agency)
    return measure_coverage(prepared.agency, hours=[12], minutes=[30.0], scenario=prepared)


@pytest.fixture(scope="module")
def growing(agency: Agency) -> Agency:
    """Let the policy that begins on the day serve nine divisions."""
    world = agency.world
    nine = serving(world.policy, "UMCR", [*SIX, 19, 11, 14], provider="exodus")
    dated = replace(
        world,
        policy=replace(world.policy, effective_until=DAY),
        policies=(replace(nine, effective_from=DAY),),
    )
    return replace(agency, world=dated)


def test_a_scenario_is_covered_under_the_policy_of_its_first_day(
    tmp_path: Path, agency: Agency, growing: Agency
) -> None:
    """The one before it has other divisions, and a digest of its own."""
    found = measured(tmp_path, growing)
    assert set(found.divisions) == {*SIX, 19, 11, 14}
    assert found.of_division(11).shares("demand")[0, 0] > 0.0
    assert found.to_dict()["inputs"]["policy"] == growing.world.policies[0].digest
    before = SCENARIO.replace("2026-07-01", "2026-06-30")  # warm-up, and then the day
    early = measured(tmp_path, growing, before)
    assert set(early.divisions) == {*SIX}
    assert early.to_dict()["inputs"]["policy"] == agency.world.policy.digest
    usual = measured(tmp_path, agency)
    assert (early.whole.arrival_s == usual.whole.arrival_s).all()


def test_a_provider_covers_only_when_it_serves_on_the_first_day(
    tmp_path: Path, agency: Agency
) -> None:
    """Of two that follow each other in a division, the one whose days it is."""
    policy = agency.world.policy
    cases: tuple[tuple[dict[str, Any], bool], ...] = (
        ({"serves_until": DAY}, False),
        ({"serves_from": DAY + timedelta(days=1)}, False),
        ({"serves_from": DAY, "serves_until": DAY + timedelta(days=9)}, True),
    )
    for dates, covers in cases:
        programs = tuple(
            replace(
                program,
                providers=tuple(
                    replace(each, **dates) if each.provider_id == "alcott" else each
                    for each in program.providers
                ),
            )
            for program in policy.programs
        )
        world = replace(agency.world, policy=replace(policy, programs=programs))
        found = measured(tmp_path, replace(agency, world=world))
        assert np.isfinite(found.teams["ALC-1"].arrival_s).any() == covers
        assert (found.of_division(7).shares("demand")[0, 0] > 0.0) == covers
