"""The kernels of a whole decision against the decision told step by step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.embedded import AT
from tests.oracles.decide import decide_naively
from unarmed_router import Answer, Call, CoordinateError, Recommendation, Router
from unarmed_router.dispatch.ground import Ground
from unarmed_router.dispatch.team_table import TeamTable, live_rows
from unarmed_router.fleet.roster import Roster
from unarmed_router.kernels import routing, screening
from unarmed_router.kernels.packed import Packed
from unarmed_router.kernels.routing import HEADER
from unarmed_router.model.call import microseconds
from unarmed_router.model.reasons import ExclusionReason, ReferralReason
from unarmed_router.model.team import TeamStatus
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes

CALLS = 300
REASONS = {
    routing.OUTSIDE: {ReferralReason.OUT_OF_JURISDICTION},
    routing.UNTAKEN: {ReferralReason.NO_PROGRAM_HERE, ReferralReason.NEEDS_TRIAGE},
    routing.NO_TEAM: {ReferralReason.NO_TEAM_AVAILABLE},
    routing.NO_ROAD_NEARBY: {ReferralReason.NO_ROAD_NEARBY},
    routing.NOT_IN_TIME: {ReferralReason.NO_TEAM_IN_TIME},
}
CODES = {
    ExclusionReason.OTHER_PROGRAM: screening.OTHER_PROGRAM,
    ExclusionReason.OUTSIDE_AREA: screening.OUTSIDE_AREA,
    ExclusionReason.STATUS_UNKNOWN: screening.STATUS_UNKNOWN,
    ExclusionReason.NOT_AVAILABLE: screening.NOT_AVAILABLE,
    ExclusionReason.OFF_SHIFT: screening.OFF_SHIFT,
    ExclusionReason.MISSING_CAPABILITY: screening.MISSING_CAPABILITY,
    ExclusionReason.POSITION_STALE: screening.POSITION_STALE,
    ExclusionReason.NO_ROAD_NEARBY: screening.NO_ROAD,
    ExclusionReason.UNREACHABLE: screening.UNREACHABLE,
    ExclusionReason.BEYOND_LIMIT: screening.BEYOND_LIMIT,
    ExclusionReason.NOT_CONSIDERED: screening.NOT_CONSIDERED,
    ExclusionReason.RANKED_LOWER: screening.FIT,
}


class Tables(NamedTuple):
    """What the kernels read, and everything that must stay alive meanwhile."""

    router: Router
    ground: Ground
    teams: TeamTable
    live: NDArray[np.int64]
    engine: HierarchyTravelTimes
    packed: Packed
    moment: tuple[int, int, int]


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Pack the embedded city with teams at home, on the road, busy, and long unheard of."""
    router = Router.load(clock=lambda: AT)
    network, rng = router.agency.network, np.random.default_rng(4)
    roster: Roster = router.roster
    for place, state in enumerate(roster.snapshot().teams):
        node = int(rng.integers(0, network.nodes))
        lon, lat = float(network.node_lon[node]), float(network.node_lat[node])
        if place % 3:
            at = AT - timedelta(seconds=(0, 30, 4000)[place % 3])
            roster.record_fix(state.team.team_id, lon=lon, lat=lat, at=at)
        if place == 4:
            roster.set_status(state.team.team_id, TeamStatus.ON_SCENE, at=AT)
    agency, snapshot = router.agency, roster.snapshot()
    ground = Ground.of(agency.world, agency.world.policy)
    teams = TeamTable.of(snapshot.lineup, ground)
    engine = agency.speeds.travel_times().engine_at(AT)
    assert isinstance(engine, HierarchyTravelTimes)
    parts = (agency.divisions.packed, agency.roads.packed, engine.packed)
    packed = Packed(
        routing.TABLES_TYPES,
        *(part.table for part in (*parts, teams.packed, ground.programs)),
    )
    local = agency.world.hours.local(AT)
    of_week = local.weekday() * 1440 + local.hour * 60 + local.minute
    moment = (microseconds(AT), of_week, 0)
    return Tables(router, ground, teams, live_rows(snapshot), engine, packed, moment)


@pytest.fixture(scope="module")
def calls(tables: Tables) -> list[Call]:
    """Draw calls over the city and beyond its borders, some of them unanswered."""
    network, rng = tables.router.agency.network, np.random.default_rng(8)
    facts = tables.router.agency.world.policy.facts
    low = network.node_lon.min() - 0.1, network.node_lat.min() - 0.1
    high = network.node_lon.max() + 0.1, network.node_lat.max() + 0.1
    made = []
    for number, (lon, lat) in enumerate(rng.uniform(low, high, (CALLS, 2)).tolist()):
        answers = {} if number % 7 == 0 else dict.fromkeys(facts, Answer.NO)
        needs = ("spanish",) if number % 5 == 0 else ()
        made.append(
            Call(
                call_id=f"c-{number}",
                lon=lon,
                lat=lat,
                call_type="welfare_check",
                received_at=AT,
                facts=answers,
                needs=needs,
            )
        )
    return made


def kind_of(tables: Tables, call: Call) -> tuple[Any, Any]:
    """Read who takes a call, and what each team lacks for it."""
    return tables.ground.eligibility.takes(call), tables.teams.lacks(call)


def routed(tables: Tables, call: Call, label: int = -1) -> tuple[int, list[int]]:
    """Run the kernel of one call."""
    row = np.full(HEADER + 2 * len(tables.teams.turnout_ms), -77, np.int32)
    kind = kind_of(tables, call)
    point = (call.lon, call.lat, label)
    outcome = routing.route_call(point, tables.moment, *kind, tables.packed.table, tables.live, row)
    return outcome, row[1:].tolist()


def check(tables: Tables, call: Call, outcome: int, found: list[int]) -> None:
    """Compare a row with the decision: who goes, why nobody does, every code, every time."""
    snapshot = tables.router.roster.snapshot()
    decision = decide_naively(call, AT, snapshot, tables.router.agency.world)
    ids = [team.team_id for team in snapshot.lineup.teams]
    codes, travel = found[1 : 1 + len(ids)], found[1 + len(ids) :]
    if isinstance(decision, Recommendation):
        assert outcome == routing.SENT
        assert ids[found[0]] == decision.team_id
    else:
        assert found[0] == -1
        assert decision.reason in REASONS[outcome]
    for candidate in decision.candidates:
        place = ids.index(candidate.team_id)
        assert travel[place] == candidate.travel_ms
        assert (codes[place] & screening.AT_HOME != 0) == (candidate.position == "home")
    for excluded in decision.exclusions:
        code = codes[ids.index(excluded.team_id)] & screening.CODE
        assert code == CODES[excluded.reason], (call.call_id, excluded)


def test_one_call_finds_what_the_twin_finds(tables: Tables, calls: list[Call]) -> None:
    """`route_call`: located by the kernel, or of a division that is known."""
    seen = set()
    for call in calls:
        outcome, found = routed(tables, call)
        check(tables, call, outcome, found)
        seen.add(outcome)
        division = tables.router.locate(lon=call.lon, lat=call.lat).division
        label = 0 if division is None else tables.ground.label_of[division.number]
        assert routed(tables, call, label) == (outcome, found)
    assert {routing.SENT, routing.OUTSIDE, routing.UNTAKEN, routing.NO_TEAM} <= seen


def test_a_swapped_pair_is_seen(tables: Tables, calls: list[Call]) -> None:
    """Outside as given, inside the other way round: the twin refuses what the kernel marks."""
    kind = kind_of(tables, calls[1])
    row = np.zeros(HEADER + 2 * len(tables.teams.turnout_ms), np.int32)
    point = (34.0606, -118.309, -1)
    found = routing.route_call(point, tables.moment, *kind, tables.packed.table, tables.live, row)
    assert found == routing.SWAPPED
    with pytest.raises(CoordinateError, match="swap"):
        tables.router.locate(lon=34.0606, lat=-118.309)


def test_a_batch_finds_what_each_call_finds_alone(tables: Tables, calls: list[Call]) -> None:
    """`route_calls`: the rows it is given, and no other, with the kinds they name."""
    kinds = [kind_of(tables, call) for call in calls]
    width = HEADER + 2 * len(tables.teams.turnout_ms)
    found = np.full((len(calls), width), -77, np.int32)
    chosen = np.arange(0, len(calls), 2)
    routing.route_calls(
        chosen,
        np.array([(call.lon, call.lat) for call in calls]),
        np.array([tables.moment] * len(calls), np.int64),
        np.arange(len(calls)),
        np.stack([takes for takes, _ in kinds]),
        np.stack([lacks for _, lacks in kinds]),
        tables.packed.table,
        tables.live,
        found,
    )
    assert (found[1::2] == -77).all()
    for row in chosen.tolist():
        assert (found[row, 0], found[row, 1:].tolist()) == routed(tables, calls[row])
