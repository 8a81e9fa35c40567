"""Playing a scenario elsewhere: what another process is sent, and what it reads once."""

from __future__ import annotations

import gc
import pickle
from dataclasses import replace
from datetime import date, time
from itertools import count
from pathlib import Path

import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.model.outcome import Disposition
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.referral_rule import ReferralTarget
from unarmed_router.model.shift import Shift
from unarmed_router.research import scenario_run
from unarmed_router.research.call_outcomes import NOBODY_CAME
from unarmed_router.research.prepared_scenario import PreparedScenario
from unarmed_router.research.run_result import RunResult
from unarmed_router.research.scenario_run import ScenarioPlay, play_scenario
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.shipped_scenarios import scenario_path
from unarmed_router.simulation.finished import FinishedCall


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[PreparedScenario]:
    """Return what is played, without playing it."""
    played: list[PreparedScenario] = []

    def play(prepared: PreparedScenario, _: int) -> RunResult | None:
        played.append(prepared)
        return None

    monkeypatch.setattr(scenario_run, "play_scenario", play)
    scenario_run._kept.cache_clear()
    return played


def sent(path: Path) -> ScenarioPlay:
    """Return what another process makes of a scenario it is asked to play."""
    prepared = load_scenario(path)
    play = ScenarioPlay(path, agency_file=prepared.agency_file)
    play.take(prepared)
    there: ScenarioPlay = pickle.loads(pickle.dumps(play))  # noqa: S301  # our own
    return there


def test_a_scenario_is_read_once(seen: list[PreparedScenario]) -> None:
    """Not once for each replication."""
    play = sent(scenario_path("six_divisions"))
    play(0)
    play(1)
    assert seen[0] is seen[1]


def test_two_scenarios_share_their_agency(seen: list[PreparedScenario]) -> None:
    """A process that plays one after the other loads it once, and each has its own policy of it."""
    for name in ("six_divisions", "nine_divisions"):
        sent(scenario_path(name))(0)
    six, nine = seen
    assert six.unchanged is nine.unchanged
    assert six.agency.world.travel_times is nine.agency.world.travel_times
    assert len(six.divisions) + 3 == len(nine.divisions)


def test_one_loaded_beside_another_shares_its_agency(tmp_path: Path) -> None:
    """Where both name one file, however they write it; the policy of each is its own."""
    six = load_scenario(scenario_path("six_divisions"))
    nine = load_scenario(scenario_path("nine_divisions"), beside=six)
    assert nine.unchanged is six.unchanged
    alone = load_scenario(scenario_path("nine_divisions"))
    assert alone.unchanged is not six.unchanged
    assert alone.agency.world.policy.programs == nine.agency.world.policy.programs
    copy = tmp_path / "named.toml"
    text = scenario_path("six_divisions").read_text(encoding="utf-8")
    around = six.agency_file.parent / ".." / six.agency_file.parent.name / six.agency_file.name
    copy.write_text(f'agency = "{around}"\n{text}', encoding="utf-8")
    assert load_scenario(copy, beside=six).unchanged is six.unchanged


def test_calls_are_handed_over_to_whom_the_policy_of_the_moment_names(
    tmp_path: Path, agency: Agency
) -> None:
    """The first policy is over and named somebody whom the one in force does not know."""
    day, world = date(2026, 1, 5), agency.world
    policy = world.policy
    old = ReferralTarget("OLD_DESK", "The desk there was")
    last = replace(policy.referrals[-1], target="OLD_DESK")
    gone = replace(
        policy,
        effective_until=day,
        digest="gone",
        targets={**policy.targets, "OLD_DESK": old},
        referrals=(*policy.referrals[:-1], last),
    )
    dated = replace(world, policy=gone, policies=(replace(policy, effective_from=day),))
    path = tmp_path / "week.toml"
    path.write_text(scenario_path("six_divisions").read_text("utf-8"), encoding="utf-8")
    prepared = load_scenario(path, agency=replace(agency, world=dated), run={"days": 7})
    handed_over: list[str | None] = []

    def watch(call: FinishedCall) -> None:
        if call.record.reason == Disposition.HANDED_OVER:
            handed_over.append(call.record.call.call_id)

    found = play_scenario(prepared, 0, watch=watch)
    assert found.redirected > 0
    assert len(handed_over) >= found.redirected


def test_calls_are_let_go_as_they_end() -> None:
    """Memory does not grow with the days of a run: of a call there is left what is counted."""
    prepared = load_scenario(scenario_path("six_divisions"), run={"days": 2, "warm_up_days": 0})
    kept: list[int] = []
    ended = count(1)

    def watch(_: FinishedCall) -> None:
        if next(ended) % 100 == 1:
            kept.append(sum(isinstance(each, FinishedCall) for each in gc.get_objects()))

    found = play_scenario(prepared, 0, watch=watch)
    assert next(ended) > found.received > 200
    assert kept[-1] - kept[0] < 20


def test_a_call_that_waits_past_the_hours_of_its_provider_is_unserved(
    tmp_path: Path, agency: Agency
) -> None:
    """A program would have taken it and no team came, though nobody serves by the time it ends."""
    policy = agency.world.policy
    day = (Shift(tuple(range(7)), time(8), time(16)),)
    programs = tuple(
        replace(each, providers=tuple(replace(p, hours=day) for p in each.providers))
        for each in policy.programs
    )
    world = replace(agency.world, policy=replace(policy, programs=programs))
    text = scenario_path("six_divisions").read_text("utf-8")
    path = tmp_path / "busy.toml"
    path.write_text(f"{text}\n[stream]\ncalls_per_day = 600\n", encoding="utf-8")
    run = {"days": 3, "warm_up_days": 0}
    prepared = load_scenario(path, agency=replace(agency, world=world), run=run)
    waited: list[bool] = []

    def watch(call: FinishedCall) -> None:
        record = call.record
        if record.reason == ReferralReason.NO_PROGRAM_HERE:
            assert record.ended_at is not None
            waited.append(record.ended_at > record.call.received_at)

    found = play_scenario(prepared, 0, watch=watch)
    nobody_came = sum(found.tally.get(("referred", why), 0) for why in NOBODY_CAME)
    gave_up = found.tally.get(("cancelled", "caller_hung_up"), 0)
    gave_up += found.tally.get(("assigned", "caller_hung_up"), 0)
    assert 0 < sum(waited) < len(waited)
    assert int((~found.outcomes.served).sum()) == nobody_came + gave_up + sum(waited)
