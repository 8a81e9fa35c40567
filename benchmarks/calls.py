"""Calls to be routed, what is read of a decision, and a batch taken apart into its pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from unarmed_router import Answer, Call, Decision, Recommendation, Router
from unarmed_router.dispatch.batch import Batch, Minute
from unarmed_router.dispatch.ground import Ground
from unarmed_router.dispatch.team_table import TeamTable, live_rows
from unarmed_router.kernels.packed import Packed
from unarmed_router.kernels.routing import HEADER, TABLES_TYPES, route_calls
from unarmed_router.model.call import microseconds
from unarmed_router.model.provider import Outline, Provider
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes

__all__ = [
    "AT",
    "BATCH",
    "Pieces",
    "eligible",
    "read",
    "scattered",
    "sent",
    "spread_over",
    "with_outlines",
]

AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
"""A Friday, 10:00 in Los Angeles."""

LON, LAT = -118.309, 34.0606
"""A place in a served division, where a team can be sent."""

BATCH = 10_000
"""Calls routed in one benchmark."""

_SOUTH = -1_182_800_000, 339_500_000
_HALF = 200_000
"""Where an outlined area lies and half its width, 1e-7 degree."""

_BLOCK = 1024
"""Calls in one compiled piece, as `Router.route_many` has it."""

Block = tuple[Any, Any, Any, Any, Any, Any]
"""Rows, points, moments, kinds, and both halves of each kind, as `route_calls` takes them."""


def _call(router: Router, number: int, lon: float, lat: float, at: datetime) -> Call:
    facts = dict.fromkeys(router.agency.world.policy.facts, Answer.NO)
    return Call(
        call_id=str(number),
        lon=lon,
        lat=lat,
        call_type="welfare_check",
        received_at=at,
        facts=facts,
    )


def eligible(router: Router, *, lon: float = LON, lat: float = LAT) -> Call:
    """Make a call an unarmed team may take, all facts answered."""
    return _call(router, 1, lon, lat, AT)


def _at_nodes(
    router: Router, nodes: npt.NDArray[np.int64], moments: Iterable[datetime]
) -> list[Call]:
    network = router.agency.network
    lons, lats = network.node_lon[nodes].tolist(), network.node_lat[nodes].tolist()
    return [
        _call(router, number, lon, lat, at)
        for number, (lon, lat, at) in enumerate(zip(lons, lats, moments, strict=False), 1)
    ]


def with_outlines(router: Router) -> Router:
    """Make a router whose policy has a second program with two outlined areas, 4 km wide each."""
    agency = router.agency
    policy = agency.world.policy
    outlines: dict[str, Outline] = {}
    for name, lon, lat in (("north", -1_183_300_000, 341_000_000), ("south", *_SOUTH)):
        west, east, low, high = lon - _HALF, lon + _HALF, lat - _HALF, lat + _HALF
        outlines[name] = (((west, low), (east, low), (east, high), (west, high)),)
    own = (Provider("outreach", "Outreach", frozenset(), frozenset(outlines)),)
    second = replace(policy.programs[0], program_id="OUTREACH", providers=own)
    names = frozenset(p.program_id for p in (*policy.programs, second))
    changed = replace(
        policy,
        programs=(*policy.programs, second),
        rules=tuple(replace(rule, programs=names) for rule in policy.rules),
        outlines=outlines,
        every_division=frozenset(d.number for d in agency.partition.divisions),
    )
    world = replace(agency.world, policy=changed)
    return Router(replace(agency, world=world), clock=lambda: AT)


def scattered(router: Router, count: int) -> list[Call]:
    """Draw calls at random crossings of the city, all received at one moment.

    Three in four are in divisions where no unarmed program has a provider, or outside.
    """
    nodes = np.random.default_rng(5).integers(0, router.agency.network.nodes, count)
    return _at_nodes(router, nodes, [AT] * count)


def sent(router: Router, count: int) -> list[Call]:
    """Draw calls at random crossings from where a team is sent, all received at one moment."""
    nodes = np.arange(router.agency.network.nodes)
    decisions = router.route_many(_at_nodes(router, nodes, [AT] * len(nodes)), at=AT)
    takes = [isinstance(decision, Recommendation) for decision in decisions]
    chosen = np.random.default_rng(5).choice(np.flatnonzero(takes), count)
    return _at_nodes(router, chosen, [AT] * count)


def spread_over(router: Router, count: int, days: int) -> list[Call]:
    """Draw calls at random crossings, each received at a moment of its own, in order of time."""
    rng = np.random.default_rng(5)
    nodes = rng.integers(0, router.agency.network.nodes, count)
    seconds = np.sort(rng.integers(0, days * 86_400, count)).tolist()
    return _at_nodes(router, nodes, (AT + timedelta(seconds=later) for later in seconds))


def read(decision: Decision) -> Any:
    """Read who goes and when; of a referral why, and who takes the call instead."""
    if isinstance(decision, Recommendation):
        eta = decision.eta
        return decision.team_id, decision.travel_time_s, decision.response_time_s, eta
    return decision.reason, decision.target


class Pieces:
    """The steps of `Router.route_many` one by one, so that each can be timed alone.

    Parameters
    ----------
    router : Router
        Of an agency whose engine is compiled, without live traffic.
    at : datetime
        The moment of decision of all calls.
    """

    def __init__(self, router: Router, at: datetime) -> None:
        agency = router.agency
        self._ground = Ground.of(agency.world, agency.world.policy)
        roster = router.roster.snapshot()
        self._teams, self._live = TeamTable.of(roster.lineup, self._ground), live_rows(roster)
        engine = agency.speeds.travel_times().engine_at(at)
        assert isinstance(engine, HierarchyTravelTimes)
        local = agency.world.hours.local(at)
        of_week = local.weekday() * 1440 + local.hour * 60 + local.minute
        self._at_us = microseconds(at)
        self._engine = engine  # keeps the metric alive
        self._minute = Minute(self._at_us // 60_000_000, of_week, self._ground, 0, at)
        self._tables = Packed(
            TABLES_TYPES,
            agency.divisions.packed.table,
            agency.roads.packed.table,
            engine.packed.table,
            self._teams.packed.table,
            self._ground.programs.table,
        )

    def columns(self, calls: Sequence[Call]) -> list[Block]:
        """Read the attributes of every call into columns, block by block."""
        return [self._block(block) for block in _blocks(calls)]

    def _block(self, calls: Sequence[Call]) -> Block:
        batch, takes, lacks = Batch(), self._ground.eligibility.takes, self._teams.lacks
        moment = (self._at_us, self._minute.of_week, 0)
        for call in calls:
            kind = takes(call), lacks(call)
            batch.add(call, moment, self._minute, self._teams, kind)
        ((_, _, members),) = batch.groups()
        return members, *batch.columns(members)

    def compiled(self, blocks: Sequence[Block]) -> Callable[[], list[Any]]:
        """Return what runs the compiled piece alone: from points to the rows decisions stand on."""
        width = HEADER + 2 * len(self._teams.turnout_ms)
        found = [np.empty((len(block[0]), width), np.int32) for block in blocks]

        def run() -> list[Any]:
            for block, rows in zip(blocks, found, strict=True):
                route_calls(*block, self._tables.table, self._live, rows)
            return found

        return run


def _blocks(calls: Sequence[Call]) -> Iterator[list[Call]]:
    remaining = iter(calls)
    while block := list(islice(remaining, _BLOCK)):
        yield block
