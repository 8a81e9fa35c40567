"""A year of simulation on one core: UMCR as it is, and a citywide service.

``SIMULATION_SHARE=0.05`` plays the first twentieth of each year, for a quick look; promises are
made for whole years.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from unarmed_router import Referral, ReferralReason, Router
from unarmed_router.model.outcome import Outcome
from unarmed_router.model.team import Team, TeamState, TeamStatus
from unarmed_router.research.expansion import serving
from unarmed_router.simulation.agenda import Agenda
from unarmed_router.simulation.default_stream import agency_stream
from unarmed_router.simulation.engine import Engine
from unarmed_router.simulation.simulated_city import simulated
from unarmed_router.simulation.streams import StreamedCall

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
SHARE = float(os.environ.get("SIMULATION_SHARE", "1"))
UMCR_CALLS, CITY_CALLS, CITY_TEAMS = 15_000, 200_000, 60
NOT_FOR_TEAMS = {
    ReferralReason.NEEDS_TRIAGE,
    ReferralReason.INELIGIBLE,
    ReferralReason.NO_PROGRAM_HERE,
    ReferralReason.OUT_OF_JURISDICTION,
}

Played = tuple[list[StreamedCall], Callable[[Agenda], Router]]


def _umcr(router: Router) -> Played:
    """Take calls that a team would be sent to, a year of them: the published 40 a day."""
    wanted = []
    for each in agency_stream(router.agency, start=START, seed=1, count=20 * UMCR_CALLS):
        decision = router.route(each.call, at=each.call.received_at)
        if isinstance(decision, Referral) and decision.reason in NOT_FOR_TEAMS:
            continue
        wanted.append(each)
        if len(wanted) >= UMCR_CALLS * SHARE:
            break
    return wanted, lambda agenda: simulated(router.agency, clock=agenda.present)


def _citywide(router: Router) -> Played:
    """Take calls of the whole city, and 60 teams at drawn crossings; every division is served."""
    agency = router.agency
    every = [each.number for each in agency.divisions.divisions]
    policy = serving(agency.world.policy, "UMCR", every, provider="added")
    provider_of = policy.programs[policy.order["UMCR"]].provider_of
    network, rng = agency.network, np.random.default_rng(6)
    states: list[TeamState] = []
    while len(states) < CITY_TEAMS:
        node = int(rng.integers(network.nodes))
        lon, lat = float(network.node_lon[node]), float(network.node_lat[node])
        division = agency.divisions.locate(lon=lon, lat=lat).division
        if division is not None:
            team = Team(
                team_id=f"T{len(states):02d}",
                provider=provider_of[division.number],
                program="UMCR",
                home_lon=lon,
                home_lat=lat,
            )
            states.append(TeamState(team=team, status=TeamStatus.AVAILABLE))
    stream = agency_stream(
        agency, start=START, seed=1, per_day=CITY_CALLS / 365, count=round(CITY_CALLS * SHARE)
    )
    calls = list(stream)
    return calls, lambda agenda: simulated(
        agency, clock=agenda.present, policies=[policy], teams=states
    )


@pytest.mark.benchmark(group="simulation: one year, one core")
@pytest.mark.parametrize("year", ["umcr", "citywide"])
def test_year(benchmark: Any, router: Router, year: str) -> None:
    """`Engine.run` of a year of calls, drawn before: UMCR promises 3 s, the city 60 s."""
    calls, city = (_umcr if year == "umcr" else _citywide)(router)

    def run() -> dict[Outcome, int]:
        agenda = Agenda(START)
        tally: dict[Outcome, int] = {}
        target = router.agency.world.policy.referrals[-1].target
        for each in Engine(city(agenda), calls, agenda=agenda, redirect_to=target).run():
            tally[each.record.outcome] = tally.get(each.record.outcome, 0) + 1
        return tally

    tally = benchmark.pedantic(run, rounds=3 if year == "umcr" else 1)
    assert sum(tally.values()) == len(calls)
    assert tally[Outcome.ASSIGNED] > (0.9 if year == "umcr" else 0.6) * len(calls)
    benchmark.extra_info["calls"] = len(calls)
