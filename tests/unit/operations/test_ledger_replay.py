"""Replay: the same bytes, or the first decision that differs and why."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.embedded import CLEAR
from tests.played import Played, altered, copied
from tests.synthetic_day import Day, other_policy
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.agency.policy_file import load_policies
from unarmed_router.dispatch.desk import Desk
from unarmed_router.errors import LedgerBrokenError, LedgerError
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.store import Ledger
from unarmed_router.model import events as happened
from unarmed_router.model.events import (
    AgencySet,
    CallReceived,
    Decided,
    Fixes,
    RosterSet,
    SpeedsSet,
)
from unarmed_router.operations.data_in_force import DataInForce
from unarmed_router.operations.ledger_replay import LedgerReplay, Verdict, replay
from unarmed_router.operations.recording import Keep, decision_text


def replayed(played: Played, ledger: Ledger | None = None) -> LedgerReplay:
    """Replay with both policies at hand."""
    return replay(ledger or played.ledger, played.agency, policies=[played.later])


def test_the_day_has_something_of_everything(played: Played) -> None:
    """What replay must follow happened on the day: fixes, declines, pre-emption, revisions."""
    kinds = Counter(type(each.event) for each in played.ledger.read())
    for kind in (
        happened.Fixes,
        happened.ReservationDeclined,
        happened.ReservationExpired,
        happened.Preempted,
        happened.CallRevised,
        happened.CallQueued,
        happened.Escalated,
    ):
        assert kinds[kind] > 0, kind
    assert kinds[AgencySet] == 2
    assert any(
        each.event.counted_available
        for each in played.ledger.read()
        if isinstance(each.event, Decided)
    )


def test_every_decision_comes_out_the_same(played: Played) -> None:
    """From call, teams and data alone, under two policies, byte for byte."""
    found = replayed(played)
    decisions = sum(isinstance(each.event, Decided) for each in played.ledger.read())
    assert found.same
    assert found.counts == {Verdict.SAME: decisions}
    assert decisions > 50
    assert found.first is None
    plain = found.to_dict()
    assert (plain["same"], plain["first"], plain["removed"]) == (True, None, 0)
    assert plain["events"] == sum(1 for _ in played.ledger.read())
    assert plain["counts"] == {v.value: decisions * (v is Verdict.SAME) for v in Verdict}


def test_a_missing_policy_is_told_apart_from_a_difference(played: Played) -> None:
    """Decisions under a policy that is not at hand are named as other data, with its digest."""
    found = replay(played.ledger, played.agency)
    assert set(found.counts) == {Verdict.SAME, Verdict.OTHER_DATA}
    assert found.first is not None
    second = [e.seq for e in played.ledger.read() if isinstance(e.event, AgencySet)][1]
    assert found.first.seq > second
    assert found.first.because == (
        f"policy la-later-2026: {played.later.digest[:12]} is not given here",
    )


@pytest.mark.parametrize("what", ["network", "boundaries", "agency"])
def test_other_data_are_named(played: Played, what: str) -> None:
    """Whichever digest of the data differs is named, and nothing is made again."""
    ledger, _ = altered(
        played.ledger,
        AgencySet,
        lambda e: replace(e, **{what: "0" * 64}),
    )
    first = replayed(played, ledger).first
    assert first is not None
    assert first.verdict is Verdict.OTHER_DATA
    assert first.because[0].startswith(what)
    assert "000000000000 then" in first.because[0]


def test_data_without_a_policy_are_other_data(played: Played) -> None:
    """No agency has none, so the event was altered: there is nothing to decide by."""
    ledger, _ = altered(played.ledger, AgencySet, lambda e: replace(e, policies=()))
    first = replayed(played, ledger).first
    assert first is not None
    assert (first.verdict, first.because) == (Verdict.OTHER_DATA, ("policies: none is named",))


def recommends(event: Decided) -> bool:
    """Choose a decision that sends a team."""
    return event.team_id is not None


def slower(plain: dict[str, Any]) -> None:
    """Let the first candidate travel a millisecond longer."""
    plain["candidates"][0]["travel_ms"] += 1


def forged(event: Decided, change: Callable[[dict[str, Any]], None] = slower) -> Decided:
    """Rewrite a decision, with digests that fit it."""
    plain = json.loads(decision_text(event))
    change(plain)
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return replace(
        event,
        digest=hashlib.sha256(text).hexdigest(),
        text=base64.b64encode(zlib.compress(text)).decode(),
    )


def test_a_forged_decision_is_found_and_named(played: Played) -> None:
    """One millisecond in one decision: its number, the field and both values."""
    ledger, seq = altered(played.ledger, Decided, forged, recommends)
    found = replayed(played, ledger)
    assert found.first is not None
    assert (found.first.seq, found.first.verdict) == (seq, Verdict.DIFFERENT)
    assert found.first.field == "candidates.0.travel_ms"
    assert int(found.first.recorded) == int(found.first.recomputed) + 1
    assert found.counts[Verdict.DIFFERENT] == 1


@pytest.mark.parametrize("more", [False, True])
def test_a_team_too_many_or_too_few_is_found_and_named(played: Played, more: bool) -> None:
    """A list that goes on, or ends too soon, differs at the first place only one of them has."""
    count = 0

    def change(plain: dict[str, Any]) -> None:
        nonlocal count
        excluded = plain["exclusions"]
        count = len(excluded)
        excluded.append(excluded[0]) if more else excluded.pop()

    ledger, seq = altered(played.ledger, Decided, lambda event: forged(event, change), recommends)
    first = replayed(played, ledger).first
    assert first is not None
    assert (first.seq, first.verdict) == (seq, Verdict.DIFFERENT)
    assert first.field == f"exclusions.{count if more else count - 1}"
    lacks_it = first.recomputed if more else first.recorded
    assert lacks_it == "(nothing)"


@pytest.mark.parametrize(
    ("field", "other"),
    [("team_id", {"T": 1}), ("team_id", ["T"]), ("place", 5), ("place", []), ("exclusions", {})],
)
def test_a_part_of_another_kind_is_found_and_named(played: Played, field: str, other: Any) -> None:
    """Where one has a table or a list and the other has not, the whole of it differs."""
    ledger, seq = altered(
        played.ledger,
        Decided,
        lambda event: forged(event, lambda plain: plain.update({field: other})),
        recommends,
    )
    first = replayed(played, ledger).first
    assert first is not None
    assert (first.seq, first.field, json.loads(first.recorded)) == (seq, field, other)


@pytest.mark.parametrize("plain", [[], {}, {"basis": 5}], ids=repr)
def test_a_text_that_is_no_decision_is_a_difference(played: Played, plain: Any) -> None:
    """What says nothing of its data was decided otherwise, as far as anybody can tell."""
    text = json.dumps(plain).encode()
    packed = base64.b64encode(zlib.compress(text)).decode()
    digest = hashlib.sha256(text).hexdigest()
    ledger, seq = altered(
        played.ledger, Decided, lambda e: replace(e, digest=digest, text=packed), recommends
    )
    first = replayed(played, ledger).first
    assert first is not None
    assert (first.seq, first.verdict) == (seq, Verdict.DIFFERENT)


def test_an_altered_outcome_beside_the_text_is_found(played: Played) -> None:
    """The event names another team than the decision it carries."""
    ledger, seq = altered(
        played.ledger,
        Decided,
        lambda e: replace(e, team_id="PEN-2"),
        recommends,
    )
    first = replayed(played, ledger).first
    assert first is not None
    assert (first.seq, first.field, first.recorded) == (seq, "team_id", '"PEN-2"')


def test_a_decision_without_text_is_compared_by_digest(played: Played) -> None:
    """A ledger that keeps digests replays; of a forged one the digest is the field."""
    events = [
        each._replace(event=replace(each.event, text=None))
        if isinstance(each.event, Decided)
        else each
        for each in played.ledger.read()
    ]
    assert replayed(played, copied(events)).same
    ledger, seq = altered(
        copied(events),
        Decided,
        lambda e: replace(e, digest="0" * 64),
    )
    first = replayed(played, ledger).first
    assert first is not None
    assert (first.seq, first.field) == (seq, "digest")


def test_outcomes_alone_are_told_from_the_same_bytes() -> None:
    """A ledger that keeps outcomes only is compared by them, and the count says so."""
    ledger = MemoryLedger()
    day = Day(ledger, keep=Keep.OUTCOME, seed=3)
    day.play(8)
    found = replay(ledger, day.router.agency)
    assert found.same
    assert set(found.counts) == {Verdict.SAME_OUTCOME}
    ledger, _ = altered(
        ledger,
        Decided,
        lambda e: replace(e, response_ms=1),
        recommends,
    )
    first = replay(ledger, day.router.agency).first
    assert first is not None
    assert first.field == "response_ms"


def test_a_moved_call_is_found_at_its_first_decision(played: Played) -> None:
    """Altering what a decision stood on shows as a difference of that decision."""
    ledger, seq = altered(
        played.ledger,
        CallReceived,
        lambda e: replace(e, call=replace(e.call, lat=e.call.lat + 0.001)),
    )
    first = replayed(played, ledger).first
    assert first is not None
    assert first.verdict is Verdict.DIFFERENT
    assert first.seq > seq


def test_a_release_that_decides_alike_gives_the_same_bytes(played: Played) -> None:
    """Decisions of another version are made under its name; a difference is put down to it."""
    now = played.agency.world
    world = replace(now, digests=replace(now.digests, version="9.9.9"))
    later = replace(played.agency, world=world)
    found = replay(played.ledger, later, policies=[played.later])
    assert found.same
    assert set(found.versions) == {played.agency.world.digests.version}
    ledger, _ = altered(played.ledger, Decided, forged, recommends)
    first = replay(ledger, later, policies=[played.later]).first
    assert first is not None
    assert first.verdict is Verdict.OTHER_VERSION
    assert "this is 9.9.9" in first.because[0]


def test_a_call_is_decided_again_in_the_words_of_the_policy(played: Played, tmp_path: Path) -> None:
    """It says what a later policy has no word for, then an earlier one that has it comes back."""
    later = other_policy(tmp_path)
    text = later.read_text("utf-8").replace('id = "unhoused"', 'id = "homeless"')
    later.write_text(text.replace('["unhoused"]', '["homeless"]'), encoding="utf-8")
    day = Day(MemoryLedger(), seed=5)
    asked = next(call for _ in range(99) for call in day._calls())
    kind: dict[str, Any] = {"call_type": "mental_health", "facts": {**CLEAR, "unhoused": "yes"}}
    day.shift.receive(replace(asked, call_id="before", excludes=("ALC-1", "EXO-1"), **kind))
    for path in (later, embedded_agency().parent / "policy.toml"):
        day.shift.reload_policy(path)
        call = day.shift.board.calls["before"].call
        assert call.facts["unhoused"] == "yes"
        revised = day.shift.revise(replace(call, prefers=(path.stem,)))
        assert ("unhoused" in revised.decision.facts) is (path is not later)
        day.play(3)
    policies = load_policies([later], divisions=range(1, 22), partition=day.router.agency.partition)
    assert set(replay(day.ledger, played.agency, policies=policies).counts) == {Verdict.SAME}


def test_teams_that_change_are_followed(played: Played, tmp_path: Path) -> None:
    """Added, changed, taken off under way, and back after a restart: the same bytes throughout."""
    source = (embedded_agency().parent / "roster.toml").read_text("utf-8")
    head, *teams = source.split("[[teams]]")
    files = {}
    for name, change in {
        "fewer": lambda text: "" if '"ALC-1"' in text or '"EXO-1"' in text else text,
        "other": lambda text: text.replace('id = "ALC-2"', 'id = "ALC-2"\ncrew_size = 5'),
        "more": lambda text: (
            text + ("[[teams]]" + text.replace('"ALC-1"', '"ALC-9"') if '"ALC-1"' in text else "")
        ),
    }.items():
        files[name] = tmp_path / f"{name}.toml"
        kept = [changed for changed in map(change, teams) if changed]
        files[name].write_text(head + "".join(f"[[teams]]{each}" for each in kept), "utf-8")
    day = Day(MemoryLedger(), seed=5)
    day.play(6)
    assert {"ALC-1", "EXO-1"} & day.shift.board.open_of_team.keys()
    finishing = set[str]()
    for name in ("fewer", "more", "fewer", "other", "fewer"):
        finishing |= set(day.shift.reload_roster(files[name]).finishing)
        day.play(4)
    day.restarted().play(4)
    assert finishing
    found = replay(day.ledger, played.agency)
    assert found.counts == {Verdict.SAME: found.counts.total()}
    assert found.counts.total() > 30
    assert sum(isinstance(each.event, RosterSet) for each in day.ledger.read()) >= 6


def test_live_traffic_is_followed(played: Played) -> None:
    """Factors by class, times of single arcs, the end of traffic, and a restart under traffic."""
    ledger = MemoryLedger()
    day = Day(ledger, seed=5)
    day.play(3)
    day.shift.update_speeds(dict.fromkeys(day.router.agency.network.classes, 1.5))
    day.play(3)
    day.shift.update_speeds(arc_times_s=dict.fromkeys(range(500), 99.0))
    day.play(3)
    later = day.restarted()
    later.play(3)
    later.shift.update_speeds(None)
    later.play(3)
    found = replay(ledger, played.agency)
    assert found.counts == {Verdict.SAME: found.counts.total()}
    assert found.counts.total() > 15
    assert sum(isinstance(each.event, SpeedsSet) for each in ledger.read()) == 3


def test_live_traffic_of_another_process_is_followed(played: Played) -> None:
    """Traffic that one dispatcher puts in force is in force for every dispatcher of the ledger."""
    ledger = MemoryLedger()
    day = Day(ledger, seed=5)
    day.play(3)
    first, router = day.shift, day.router
    day.restarted()
    assert day.router is not router
    first.update_speeds(dict.fromkeys(router.agency.network.classes, 1.5))
    day.play(3)
    assert day.router.speeds.digest == router.speeds.digest
    first.update_speeds(None)
    day.play(3)
    found = replay(ledger, played.agency)
    assert found.counts == {Verdict.SAME: found.counts.total()}


@pytest.mark.parametrize("change", ["policy", "speeds and policy"])
def test_a_process_behind_puts_data_in_force(played: Played, tmp_path: Path, change: str) -> None:
    """It has not heard of another's traffic yet: what it records goes with what is in force."""
    day = Day(MemoryLedger(), seed=5)
    day.play(3)
    first, router = day.shift, day.router
    classes = router.agency.network.classes
    day.restarted()
    first.update_speeds(dict.fromkeys(classes, 1.5))
    if change == "policy":
        day.shift.reload_policy(other_policy(tmp_path))
    else:  # both wait for a ledger that could not be written
        with day.ledger.transaction(seen=0), pytest.raises(LedgerError):
            day.shift.update_speeds(dict.fromkeys(classes, 2.0))
        with day.ledger.transaction(seen=0), pytest.raises(LedgerError):
            day.shift.reload_policy(other_policy(tmp_path))
        day.shift.tick()
        first.tick()
        assert router.speeds.digest == day.router.speeds.digest == first.board.speeds.profile  # type: ignore[union-attr]
    day.play(3)
    found = replay(day.ledger, played.agency, policies=[played.later])
    assert found.counts == {Verdict.SAME: found.counts.total()}


def test_speeds_of_another_profile_are_other_data(played: Played) -> None:
    """Traffic whose digest cannot be made again here is named, from its event to its end."""
    ledger = MemoryLedger()
    day = Day(ledger, seed=5)
    day.play(3)
    day.shift.update_speeds(dict.fromkeys(day.router.agency.network.classes, 1.5))
    day.play(3)
    day.shift.update_speeds(None)
    day.play(3)
    other, seq = altered(ledger, SpeedsSet, lambda e: replace(e, profile="0" * 64))
    found = replay(other, played.agency)
    assert found.first is not None
    assert found.first.seq > seq
    assert found.first.because[0].startswith("speeds: 000000000000 then, ")
    assert set(found.counts) == {Verdict.SAME, Verdict.OTHER_DATA}


def test_what_retention_removed_is_said_and_not_guessed(played: Played) -> None:
    """Decisions that may stand on removed positions are unknowable until the next full roster."""
    events = [
        each._replace(event=None) if isinstance(each.event, Fixes) else each
        for each in played.ledger.read()
    ]
    found = replayed(played, copied(events))
    assert found.removed > 0
    assert found.counts[Verdict.UNKNOWABLE] > 0
    assert found.same
    assert found.counts[Verdict.DIFFERENT] == 0


def test_after_a_full_roster_everything_is_known_again() -> None:
    """A roster written before the purge makes what follows it replayable."""
    ledger = MemoryLedger()
    day = Day(ledger, seed=6)
    day.play(5)
    teams = tuple(
        replace(state, home_road=None, fix_road=None)
        for state in day.shift.board.roster.snapshot().teams
    )
    day.shift._log.act(lambda _: ((RosterSet(teams=teams),), None))
    day.play(5)
    restored = max(e.seq for e in ledger.read() if isinstance(e.event, RosterSet))
    events = [
        each._replace(event=None) if isinstance(each.event, Fixes) and each.seq < restored else each
        for each in ledger.read()
    ]
    found = replay(copied(events), day.router.agency)
    later = sum(isinstance(e.event, Decided) and e.seq > restored for e in events)
    assert later > 0
    assert found.counts[Verdict.SAME] >= later
    assert Verdict.DIFFERENT not in found.counts


def test_a_log_that_does_not_fit_together_is_refused(played: Played) -> None:
    """A decision on a call that was never received names the event."""
    events = [each for each in played.ledger.read() if not isinstance(each.event, CallReceived)]
    with pytest.raises(LedgerBrokenError, match="does not fit what came before") as caught:
        replayed(played, copied(events))
    assert caught.value.seq is not None


def test_a_day_of_live_traffic_is_replayed_in_bounded_memory(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many speeds in turn, never more than the base and one live set are kept."""
    ledger = MemoryLedger()
    day = Day(ledger, seed=5)
    for minute in range(12):
        day.shift.update_speeds(dict.fromkeys(day.router.agency.network.classes, 1 + minute / 20))
        day.play(1)
    kept: list[int] = []
    desk = DataInForce.desk

    def counted(self: DataInForce, *asked: Any) -> Desk:
        found = desk(self, *asked)
        kept.append(len(self._desks))
        return found

    monkeypatch.setattr(DataInForce, "desk", counted)
    assert replay(ledger, played.agency).same
    assert len(kept) > 5
    assert max(kept) <= 2


def test_a_process_that_did_not_follow_a_change_is_told_apart(
    played: Played, tmp_path: Path
) -> None:
    """Of two processes on one ledger only one takes the new policy: the verdict names both."""
    path = tmp_path / "two.db"
    with closing(open_ledger(path)) as one, closing(open_ledger(path)) as other:
        first = Day(one, seed=8)
        first.play(3)
        second = Day(other, seed=9)
        second.made = itertools.count(1000)
        second.keys = itertools.count(1000)
        second.now = first.now
        first.shift.reload_policy(played.later_path)
        second.play(10)
        found = replay(one, played.agency, policies=[played.later])
    assert set(found.counts) == {Verdict.SAME, Verdict.NOT_FOLLOWED}
    assert found.first is not None
    old, new = played.agency.world.policy.digest[:12], played.later.digest[:12]
    assert found.first.because == (f"policy: {old} in the decision, {new} in force",)
