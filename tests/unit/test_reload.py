"""Another policy while calls are routed: all of it or nothing, and no decision of both."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import geopandas
import pytest
from shapely.geometry import Point

from tests.embedded import AT, CLEAR, call
from tests.unit.agency.policy_mutations import DIVISIONS, END, PROVIDER, written
from unarmed_router import Answer, Recommendation, Referral, Router
from unarmed_router.agency.folder import Agency, embedded_agency
from unarmed_router.agency.policy_file import load_policy
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.interop.json_codec import decision_from_json

ID = 'id = "la-default-2026"'
PATROL = 'target = "LAPD_PATROL"\nbecause = "a weapon is reported"'
OTHER = 'target = "MEU_SMART"\nbecause = "another policy says so"'
ARMED = {**CLEAR, "weapon": Answer.YES}


@pytest.fixture
def router(agency: Agency) -> Router:
    """Return a router under the embedded policy."""
    return Router(agency, clock=lambda: AT)


def test_the_digest_in_the_basis_changes(router: Router, tmp_path: Path) -> None:
    """`reload_policy` returns the digest that decisions name from then on."""
    before = router.route(call(), at=AT)
    path = written(tmp_path, ID, 'id = "next"')
    digest = router.reload_policy(path)
    after = router.route(call(), at=AT)
    assert digest == after.basis.policy == load_policy(path, divisions=DIVISIONS).digest
    assert (before.basis.policy_id, after.basis.policy_id) == ("la-default-2026", "next")
    assert before.basis.policy != digest
    assert router.reload_policy(embedded_agency().parent / "policy.toml") == before.basis.policy
    assert router.route(call(), at=AT).to_json() == before.to_json()


def test_the_digest_returned_is_that_of_today(router: Router, tmp_path: Path) -> None:
    """Of several files the one in force by the router's clock."""
    head = f"{ID}\neffective_from = 2026-01-01\n"
    old = written(tmp_path, head, 'id = "old"\neffective_until = 2026-11-21\n', "old.toml")
    new = written(tmp_path, head, 'id = "new"\neffective_from = 2026-11-21\n', "new.toml")
    assert router.reload_policy(new, old) == load_policy(old, divisions=DIVISIONS).digest
    assert router.route(call()).basis.policy_id == "old"


def test_a_frame_may_meet_policies_with_different_facts(router: Router, tmp_path: Path) -> None:
    """A cell is empty where the policy of that day has no such fact; an answer is refused."""
    head = f"{ID}\neffective_from = 2026-01-01\n"
    old = written(tmp_path, head, 'id = "old"\neffective_until = 2026-11-21\n', "old.toml")
    text = written(tmp_path, head, 'id = "new"\neffective_from = 2026-11-21\n').read_text()
    asked = '[[facts]]\nid = "frail"\nquestion = "Is the person frail?"\ndanger = "none"\n\n'
    new = tmp_path / "new.toml"
    new.write_text(text.replace("[[facts]]", asked + "[[facts]]", 1))
    router.reload_policy(old, new)
    days = [AT, AT + timedelta(days=1)]
    frame = geopandas.GeoDataFrame(
        {
            "call_id": ["before", "after"],
            "call_type": "welfare_check",
            "received_at": days,
            **{f"fact_{name}": "no" for name in CLEAR},
            "fact_frail": [None, "yes"],
        },
        geometry=[Point(call().lon, call().lat)] * 2,
        crs=4326,
    )
    decisions = list(map(decision_from_json, router.route_many(frame)["decision"]))
    assert [decision.basis.policy_id for decision in decisions] == ["old", "new"]
    assert [decision.kind for decision in decisions] == ["recommendation"] * 2
    assert ["frail" in decision.facts for decision in decisions] == [False, True]
    frame["fact_frail"] = "unknown"
    with pytest.raises(InputError, match="unknown fact 'frail'"):
        router.route_many(frame)


def test_a_row_that_the_policy_of_its_day_refuses_is_named(router: Router, tmp_path: Path) -> None:
    """That is found when calls are decided; a moment that is broken is no fault of a row."""
    head = "[screening]"
    known = f'[[capabilities]]\nid = "spanish"\nname = "Spanish"\n\n{head}'
    router.reload_policy(written(tmp_path, head, known))
    frame = geopandas.GeoDataFrame(
        {
            "call_id": [f"c-{number}" for number in range(3)],
            "call_type": "welfare_check",
            "received_at": AT,
            "needs": ["spanish", "", "spansih"],
        },
        geometry=[Point(call().lon, call().lat)] * 3,
        crs=4326,
    )
    for at in (None, AT):
        with pytest.raises(InputError, match=r"^row 2: call c-2: unknown capability 'spansih'"):
            router.route_many(frame, at=at)
    with pytest.raises(InputError, match=r"^at 2026\S* has no time zone"):
        router.route_many(frame, at=AT.replace(tzinfo=None))
    assert len(router.route_many(frame.iloc[:2])) == 2


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (PROVIDER, "divisions = [7, 8, 99]\n", "there is no division 99"),
        ("turnout_s = 90", "turnout_s = nan", "screening.turnout_s"),
        (END, "= 1", "is not TOML"),
        ('"call_codes.toml"', '"nowhere.toml"', "nowhere.toml: 1 fault"),
        ('id = "alcott"', 'id = "acme"', "teams.ALC-1.provider: 'alcott' is no provider of UMCR"),
        ('id = "UMCR"', 'id = "UMCR2"', "teams.EXO-2.program: unknown program 'UMCR'"),
    ],
    ids=["names", "types", "TOML", "codes", "provider gone", "program gone"],
)
def test_a_bad_file_leaves_the_old_policy_working(
    router: Router, tmp_path: Path, old: str, new: str, fault: str
) -> None:
    """It raises with every fault; the next decision is the same to the byte."""
    before = router.route(call(), at=AT).to_json()
    path = written(tmp_path, old, new)
    with pytest.raises(ConfigurationError) as caught:
        router.reload_policy(path)
    assert fault in str(caught.value)
    assert router.route(call(), at=AT).to_json() == before


def test_every_orphaned_team_is_named(router: Router, tmp_path: Path) -> None:
    """A policy that drops a provider would leave its teams without work, unnoticed."""
    with pytest.raises(ConfigurationError) as caught:
        router.reload_policy(written(tmp_path, 'id = "alcott"', 'id = "acme"'))
    assert [fault.split(".provider")[0] for fault in caught.value.faults] == [
        "teams.ALC-1",
        "teams.ALC-2",
    ]


def test_one_bad_file_of_two_changes_nothing(router: Router, tmp_path: Path) -> None:
    """Two policies for one day: neither is put in force."""
    before = router.route(call(), at=AT).to_json()
    paths = [written(tmp_path, ID, f'id = "{name}"', f"{name}.toml") for name in ("a", "b")]
    with pytest.raises(ConfigurationError, match="a still covers the first day of b"):
        router.reload_policy(*paths)
    with pytest.raises(ConfigurationError, match="no file is named"):
        router.reload_policy()
    assert router.route(call(), at=AT).to_json() == before


def test_a_decision_from_before_explains_itself_by_its_own_policy(
    agency: Agency, router: Router, tmp_path: Path
) -> None:
    """Fields that are written when they are read still come from the policy that decided."""
    kept = [router.route(call(facts=facts), at=AT) for facts in (CLEAR, ARMED, {})]
    stream = router.route_each([call(facts=ARMED)] * 2000, at=AT)
    first = next(stream)
    router.reload_policy(written(tmp_path, PATROL, OTHER))
    other = Router(agency)
    untouched = [other.route(call(facts=facts), at=AT) for facts in (CLEAR, ARMED, {})]
    assert [d.explain() for d in kept] == [d.explain() for d in untouched]
    assert [d.to_json() for d in kept] == [d.to_json() for d in untouched]
    assert "a weapon is reported" in kept[1].explain()
    assert "another policy says so" in router.route(call(facts=ARMED), at=AT).explain()
    # A stream goes on as it began.
    assert {d.basis.policy for d in stream} == {first.basis.policy} == {kept[0].basis.policy}


def test_decisions_in_flight_are_of_one_policy_or_the_other(router: Router, tmp_path: Path) -> None:
    """While another thread reloads fifty times, each decision is whole."""
    paths = [
        written(tmp_path, END, "", "one.toml"),
        written(tmp_path, PATROL, OTHER, "two.toml"),
    ]
    calls = [call(facts=CLEAR), call(facts=ARMED), call("Watts", facts={})]
    whole: list[set[str]] = []
    for path in paths:
        router.reload_policy(path)
        whole.append({router.route(each, at=AT).to_json() for each in calls})
    digests = {router.reload_policy(path) for path in paths}
    done, seen, broken = threading.Event(), set[str](), list[object]()

    def route() -> None:
        while not done.is_set():
            try:
                many = router.route_many(calls, at=AT)
                one = router.route(calls[1], at=AT)
                texts = [{d.to_json() for d in many}, {one.to_json()}]
                if texts[0] not in whole or not any(texts[1] <= each for each in whole):
                    broken.append(texts)
                seen.update(d.basis.policy for d in [*many, one])
            except Exception as error:  # the test tells of it
                broken.append(error)
                return

    threads = [threading.Thread(target=route) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(50):
        router.reload_policy(paths[turn % 2])
    done.set()
    for thread in threads:
        thread.join()
    assert broken == []
    assert seen == digests


def test_teams_and_speeds_stay_as_they_are(router: Router, tmp_path: Path) -> None:
    """Only the policy is another: live traffic and the roster go on."""
    slow = router.update_speeds(dict.fromkeys(router.agency.network.classes, 2.0))
    before = router.route(call(), at=AT)
    router.reload_policy(written(tmp_path, PATROL, OTHER))
    after = router.route(call(), at=AT)
    assert isinstance(before, Recommendation)
    assert isinstance(after, Recommendation)
    assert after.candidates == before.candidates
    assert (after.basis.profile, after.basis.roster) == (slow, before.basis.roster)


def test_a_policy_of_the_past_is_flagged_after_its_end(router: Router, tmp_path: Path) -> None:
    """Reloading does not look at the dates: what is put in force decides, and says it is over."""
    path = written(tmp_path, "effective_from = 2026-01-01", "effective_until = 2026-01-01")
    router.reload_policy(path)
    decision = router.route(call(facts=ARMED), at=datetime(2026, 6, 1, tzinfo=UTC))
    assert isinstance(decision, Referral)
    assert "effective dates do not cover today" in decision.explain()
