"""Roster files of drawn cities, and a router over one that reads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.scenarios.city import NOON, City
from tests.scenarios.shift import Clocks, Shift
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.store import Ledger
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.router import Router

__all__ = ["loaded", "reloading", "written"]


def loaded(city: City, *, clock: Callable[[], datetime] = lambda: NOON) -> Router:
    """Make a router over a drawn city, with a roster of its own."""
    speeds = SimpleNamespace(digest="flat", live=None, live_ms=None)
    agency: Any = SimpleNamespace(
        agency_id="drawn", world=city.world, roster=city.roster(), speeds=speeds
    )
    return Router(agency, clock=clock)


def reloading(
    city: City, ledger: Ledger | None = None, clocks: Clocks | None = None, **options: Any
) -> Shift:
    """Begin a shift in a drawn city, which takes roster files in."""
    ledger, clocks = ledger or MemoryLedger(), clocks or Clocks()
    router = loaded(city, clock=lambda: clocks.wall)
    dispatcher = Dispatcher(router, ledger, clock=clocks.ledger_clock(), **options)
    return Shift(city, ledger, clocks, dispatcher)


def written(path: Path, city: City) -> Path:
    """Write the roster of a city as the file that describes it."""
    lines = ["schema_version = 1", "" if city.states else "teams = []"]
    for state in city.states:
        team = state.team
        lines += [
            "[[teams]]",
            f'id = "{team.team_id}"',
            f'provider = "{team.provider}"',
            f'program = "{team.program}"',
            f"home_lon = {team.home_lon!r}",
            f"home_lat = {team.home_lat!r}",
            f'status = "{state.status}"',
            f"crew_size = {team.crew_size}",
            f"capabilities = {list(team.capabilities)!r}",
            f"turnout_s = {team.turnout_s}",
            f"idle_since = {state.idle_since.isoformat()}" if state.idle_since else "",
        ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
