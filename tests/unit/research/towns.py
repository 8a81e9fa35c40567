"""Small towns drawn for those who choose sites: who reaches what, and what each place is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from unarmed_router.research.site_choice import SiteChoice

__all__ = ["LIMIT_MS", "Town", "towns"]

LIMIT_MS = 900.0


@dataclass(frozen=True)
class Town:
    """Rows of who reaches what, from sites and of the teams there are."""

    sites: list[list[bool]]
    teams: list[list[bool]]
    demand: list[int]
    busy: float
    count: int

    @property
    def travel(self) -> list[list[float]]:
        """Milliseconds; later sites are nearer, so that of equal ones the first is not the best."""
        return [
            [100.0 - 7 * k + p if near else LIMIT_MS + 1.0 for p, near in enumerate(row)]
            for k, row in enumerate(self.sites)
        ]

    @property
    def choice(self) -> SiteChoice:
        """The town as what sites are chosen from."""
        covered = [sum(team[p] for team in self.teams) for p in range(len(self.demand))]
        return SiteChoice(self.travel, self.demand, covered, limit_ms=LIMIT_MS, busy=self.busy)


def _rows(count: int, places: int) -> st.SearchStrategy[list[list[bool]]]:
    row = st.lists(st.booleans(), min_size=places, max_size=places)
    return st.lists(row, min_size=count, max_size=count)


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """Draw sites, teams there are, whole weights, a busy share and how many to place."""
    places = draw(st.integers(1, 5))
    drawn: dict[str, Any] = {
        "sites": draw(st.integers(1, 5).flatmap(lambda k: _rows(k, places))),
        "teams": draw(st.integers(0, 3).flatmap(lambda k: _rows(k, places))),
        "demand": draw(st.lists(st.integers(1, 9), min_size=places, max_size=places)),
        "busy": draw(st.sampled_from((0.0, 0.25, 0.5))),
        "count": draw(st.integers(1, 3)),
    }
    return Town(**drawn)
