"""The map of a report: every name that is written can be read."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.model.team import Team
from unarmed_router.research.report_map import Shade, report_map

_TEXT = re.compile(
    r'<text class="label" style="font-size:(\d+)px[^"]*" x="([-\d.]+)" y="([-\d.]+)">([^<]+)</text>'
)


def words_of(svg: str) -> list[tuple[float, float, float, float, str]]:
    """Return what each word of a label covers, drawn as narrow as a font can be, and the word."""
    found = []
    for size, x, y, word in _TEXT.findall(svg):
        wide, base, tall = 0.25 * float(size) * len(word), float(y), 0.7 * float(size)
        found.append((float(x) - wide, base - tall, float(x) + wide, base, word))
    return found


def collide(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Tell whether two boxes have more than an edge in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def drawn(agency: Agency, numbers: list[int], teams: list[Team]) -> str:
    """Draw some divisions as served."""
    return report_map(agency.partition, {n: Shade(0, "") for n in numbers}, teams, None)


@pytest.mark.parametrize("homes", [True, False])
def test_no_name_covers_another(agency: Agency, homes: bool) -> None:
    """With every division and a team in most of them, which pushes names aside."""
    teams = [state.team for state in agency.roster.snapshot().teams] if homes else []
    every = [each.number for each in agency.partition.divisions]
    words = words_of(drawn(agency, every, teams))
    assert len(words) >= len(every) * 2 // 3  # few are left out
    for one, other in combinations(words, 2):
        assert not collide(one[:4], other[:4]), (one[4], other[4])


def test_names_that_have_room_are_all_written(agency: Agency) -> None:
    """Six divisions apart from each other lose none; one left out is told by its title."""
    six = [7, 8, 10, 17, 18, 20]
    written = " ".join(word for *_, word in words_of(drawn(agency, six, [])))
    svg = drawn(agency, [each.number for each in agency.partition.divisions], [])
    for division in agency.partition.divisions:
        if division.number in six:
            assert all(word in written for word in division.name.split())
        assert f"<title>{division.number} {division.name}: " in svg
