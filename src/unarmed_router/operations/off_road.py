"""Teams without roads: enough to count and to list, and quick to make."""

from __future__ import annotations

from collections.abc import Iterable

from unarmed_router.fleet.roster import Roster
from unarmed_router.model.team import TeamState

__all__ = ["off_road"]


class _NoRoads:
    """Finds no road anywhere."""

    def snap(self, *, lon: float, lat: float) -> None:
        """Find nothing."""


def off_road(states: Iterable[TeamState]) -> Roster:
    """Return a roster whose teams stand on no road: no decision may be made on it."""
    return Roster(states, roads=_NoRoads())
