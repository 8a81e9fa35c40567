"""Other teams while calls are routed: all of them or none, and no report is lost."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.embedded import AT, call
from tests.scenarios.city import NOON, draw_city
from tests.scenarios.reloading import loaded, written
from tests.threads import together
from unarmed_router import Dispatcher, Recommendation, Router, TeamStatus
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.errors import ConfigurationError, InputError, UnknownTeamError
from unarmed_router.fleet.roster_changes import RosterChanges
from unarmed_router.ledger.memory import MemoryLedger

FOLDER = embedded_agency().parent
TEXT = (FOLDER / "roster.toml").read_text("utf-8")
NIGHT = """
[[teams]]
id = "ALC-9"
provider = "alcott"
program = "UMCR"
home_lon = -118.3090
home_lat = 34.0606
status = "available"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write the embedded roster with a team more."""
    path = tmp_path / "roster.toml"
    path.write_text(f"{TEXT}\n{NIGHT}", encoding="utf-8")
    return path


def test_a_team_more_is_sent(router: Router, file: Path) -> None:
    """The nearest one, from the next call on; the others are as they were."""
    before = router.route(call(), at=AT)
    assert isinstance(before, Recommendation)
    router.roster.set_status("ALC-1", TeamStatus.ON_SCENE, at=AT)
    router.roster.record_fix("ALC-2", lon=-118.25, lat=34.05, at=AT)
    known = {state.team.team_id: state for state in router.roster.snapshot().teams}
    kept, text = router.route(call(), at=AT), router.route(call(), at=AT).to_json()
    assert router.reload_roster(file) == RosterChanges(added=("ALC-9",))
    after = router.route(call(), at=AT)
    assert isinstance(after, Recommendation)
    assert (before.team_id, after.team_id) != ("ALC-9", before.team_id)
    assert after.team_id == "ALC-9"
    now = {state.team.team_id: state for state in router.roster.snapshot().teams}
    assert now.keys() == known.keys() | {"ALC-9"}
    assert {team_id: now[team_id] for team_id in known} == known
    assert kept.to_json() == text  # written after the change, of the teams it was made of
    assert router.reload_roster(str(file)) == RosterChanges()


def test_the_roster_is_the_same_object_whoever_holds_it(router: Router, file: Path) -> None:
    """A feed that looked it up once reports of the new teams, and of no team that is gone."""
    held, empty = router.roster, file.with_name("empty.toml")
    router.reload_roster(file)
    assert router.roster is held
    assert held.set_status("ALC-9", TeamStatus.EN_ROUTE, at=AT)
    assert router.roster.status_of("ALC-9") is TeamStatus.EN_ROUTE
    empty.write_text("schema_version = 1\nteams = []\n", encoding="utf-8")
    gone = router.reload_roster(empty)
    assert "ALC-9" in gone.removed  # busy or not: a router knows of no calls
    assert gone.finishing == ()
    with pytest.raises(UnknownTeamError, match="it has: none"):
        held.record_fix("ALC-9", lon=-118.25, lat=34.05, at=AT)


def test_a_broken_file_leaves_the_old_teams_at_work(router: Router, file: Path) -> None:
    """Every fault at once; the next decision is the same to the byte."""
    before = router.route(call(), at=AT).to_json()
    file.write_text(
        file.read_text("utf-8").replace('"alcott"', '"acme"').replace('"ALC-9"', '"ALC-1"'),
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError) as caught:
        router.reload_roster(file)
    assert caught.value.faults[0] == "teams.ALC-1: the id is given twice"
    assert sum("'acme' is no provider of UMCR" in each for each in caught.value.faults) == 3
    assert router.route(call(), at=AT).to_json() == before


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("nowhere.toml", None, "cannot be read"),
        ("teams.txt", "x", "a roster is TOML or CSV"),
        ("broken.toml", "= 1", "is not TOML"),
        ("empty.csv", "id,provider,program,home_lon,home_lat,status\n", "has no teams"),
    ],
)
def test_a_file_that_is_none_is_refused(
    router: Router, tmp_path: Path, name: str, text: str | None, fault: str
) -> None:
    """Missing, of another kind, broken or empty: each is named."""
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=fault):
        router.reload_roster(path)


@pytest.mark.parametrize("given", [None, 7, ["roster.toml"], b"roster.toml"])
def test_what_is_no_path_is_refused_by_name(router: Router, given: object) -> None:
    """Such as a list, or the bytes of a name."""
    with pytest.raises(InputError, match="a roster is named by its path; got"):
        router.reload_roster(given)  # type: ignore[arg-type]


def test_teams_may_be_of_any_policy_in_force(router: Router, file: Path, tmp_path: Path) -> None:
    """They are checked against the policies that were reloaded, not those of the folder."""
    policy, without = without_alcott(tmp_path)
    with pytest.raises(ConfigurationError, match="'alcott' is no provider of UMCR"):
        router.reload_policy(policy)
    router.reload_roster(without)
    router.reload_policy(policy)
    with pytest.raises(ConfigurationError, match="'alcott' is no provider of UMCR"):
        router.reload_roster(file)


def without_alcott(folder: Path) -> tuple[Path, Path]:
    """Write the embedded policy and roster without a provider."""
    (folder / "call_codes.toml").write_bytes((FOLDER / "call_codes.toml").read_bytes())
    policy, roster = folder / "policy.toml", folder / "without.toml"
    policy.write_text(
        (FOLDER / "policy.toml").read_text("utf-8").replace('id = "alcott"', 'id = "acme"'),
        encoding="utf-8",
    )
    teams = TEXT.split("[[teams]]")
    roster.write_text("[[teams]]".join(t for t in teams if "alcott" not in t), encoding="utf-8")
    return policy, roster


def test_a_policy_comes_when_the_last_team_of_another_is_gone(tmp_path: Path) -> None:
    """A team that finishes its call is one of the shift: its provider must be known until then."""
    shift = Dispatcher(Router.load(clock=lambda: AT), MemoryLedger())
    decision, _ = shift.send(call(), idempotency_key="k", accepted=True)
    assert isinstance(decision, Recommendation)
    policy, without = without_alcott(tmp_path)
    assert shift.reload_roster(without).finishing == (decision.team_id,)
    with pytest.raises(ConfigurationError, match=rf"{decision.team_id}\.provider: 'alcott' is no"):
        shift.reload_policy(policy)
    shift.close(decision.call_id, "cancelled_en_route")
    shift.reload_roster(without)
    shift.reload_policy(policy)
    assert shift.receive(replace(call(), call_id="next")).kind == "referral"


def test_no_report_is_lost_while_teams_change(tmp_path: Path) -> None:
    """Each report that was taken is there or overtaken, and each decision is of one roster."""
    small = draw_city("a---c---b", teams={"T1": "a", "T2": "b"})
    large = draw_city("a---c---b", teams={"T0": "c", "T1": "a", "T2": "b", "T3": "c"})
    files = [written(tmp_path / "small.toml", small), written(tmp_path / "large.toml", large)]
    router, done, asked = loaded(large), threading.Event(), large.call("c")
    held = router.roster
    last: dict[str, tuple[TeamStatus, datetime]] = {}
    lineups = [{"T1", "T2"}, {"T0", "T1", "T2", "T3"}]

    def report(team_id: str, statuses: list[TeamStatus]) -> None:
        step = 0
        while not done.is_set() or step < 50:
            step += 1
            at = NOON - timedelta(days=1) + timedelta(milliseconds=step)
            assert held.set_status(team_id, statuses[step % 2], at=at)
            assert held.record_fix(team_id, lon=-100.0 + step * 1e-7, lat=40.0, at=at)
            assert held.last_report(team_id) == (statuses[step % 2], at)
            last[team_id] = statuses[step % 2], at

    def route() -> None:
        while not done.is_set():
            decision = router.route(asked, at=NOON)
            named = {each.team_id for each in decision.exclusions}
            if isinstance(decision, Recommendation):
                named.add(decision.team_id)
            assert named in lineups

    def change() -> None:
        try:
            for turn in range(100):
                router.reload_roster(files[turn % 2])
        finally:
            done.set()

    busy = [TeamStatus.AVAILABLE, TeamStatus.ON_SCENE]
    together(lambda: report("T1", busy), lambda: report("T2", busy[::-1]), route, change)
    for team_id, (status, at) in last.items():
        state = router.roster.state(team_id)
        assert (state.status, state.status_at) == (status, at)
        assert state.fix is not None
        assert state.fix.at == at
        assert state.fix_road is not None
