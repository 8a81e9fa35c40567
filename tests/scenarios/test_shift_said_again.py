"""The same act once more, as after a lost answer: it is taken, and nothing is recorded.

What is said otherwise is refused by name; what may be another act is not taken for a repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.broken_ledger import Broken
from tests.ledgers import opened, put, schema_address
from tests.scenarios.city import NOON, TWO_FACTS
from tests.scenarios.reloading import reloading, written
from tests.scenarios.shift import Shift, dispatcher_in, shift_in, street
from tests.threads import together
from unarmed_router.errors import (
    InputError,
    LedgerLostError,
    LifecycleError,
    OutOfOrderError,
    UnknownCallError,
)
from unarmed_router.fleet import last_referred
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.store import Ledger
from unarmed_router.model.call import Answer
from unarmed_router.model.team import TeamStatus
from unarmed_router.operations.data_changes import roster_set
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.purging import purge
from unarmed_router.operations.recording import Keep

CITY = street(T1="a", T2="b")
Act = Callable[[Dispatcher], None]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, quick_path: Path) -> Iterator[Ledger]:
    """Open an empty ledger of each kind."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    with closing(opened(request.param, quick_path, server)) as made:
        yield made


@pytest.fixture
def shift() -> Shift:
    """Begin a shift of two teams."""
    return shift_in(CITY)


@dataclass(frozen=True)
class Said:
    """An act, what the shift must be like for it, and other ones that differ in something.

    Parameters
    ----------
    status : str
        What the team that has call c-1 is doing: empty when it has accepted, "held" before that,
        "waiting" where there is none.
    act : callable
        What is said.
    recorded : tuple of str
        Events that it makes.
    others : dict of str to callable
        What is refused after it, by a part of the message.
    """

    status: str
    act: Act
    recorded: tuple[str, ...]
    others: dict[str, Act]


def declines(reason: str) -> Act:
    """Let the first team that was ever held give its call back."""
    return lambda d: d.decline(next(iter(d.board.keys.values()))[0], reason)


def hands_over(**changes: Any) -> Act:
    """Let the team hand its call over."""
    asked = {"act": "hand_over", "reason": "weapon", "target": "POLICE", **changes}
    return lambda d: d.escalate("T1", **asked)


ACTS = {
    "decline": Said(
        "held",
        declines("unsafe"),
        ("reservation_declined",),
        {"was declined already, because of unsafe, not of vehicle": declines("vehicle")},
    ),
    "broken down": Said(
        "on_scene",
        lambda d: d.report("T1", "out_of_service"),
        ("reported", "reservation_declined"),
        {"was declined already, because of vehicle": declines("unsafe")},
    ),
    **{
        status: Said(
            "on_scene",
            lambda d, status=status: d.report(  # type: ignore[misc]
                "T1", status, disposition="no_person_found"
            ),
            ("reported", "call_closed"),
            {
                f"T1 is {status} already, and its call c-1 has closed as no_person_found, not as "
                "resolved$": lambda d, status=status: d.report(  # type: ignore[misc]
                    "T1", status, disposition="resolved"
                ),
            },
        )
        for status in ("clearing", "available")
    },
    "hand over": Said(
        "on_scene",
        hands_over(),
        ("escalated", "call_closed"),
        {
            "on no scene of a call; c-1 was handed over to POLICE because of weapon$": hands_over(
                target="FIRE"
            ),
            "c-1 was handed over to POLICE because of weapon": hands_over(reason="medical"),
            "handed over to POLICE": hands_over(act="assist"),
            "was handed over": hands_over(nth=2),
        },
    ),
    "assist": Said(
        "on_scene",
        lambda d: d.escalate("T1", "assist", reason="weapon", target="POLICE", nth=1),
        ("escalated",),
        {
            "has asked for that 1 time at call c-1; nth 3 must be at most 2": lambda d: d.escalate(
                "T1", "assist", reason="weapon", target="POLICE", nth=3
            ),
        },
    ),
    "close": Said(
        "on_scene",
        lambda d: d.close("c-1", "resolved"),
        ("call_closed",),
        {
            r"has ended: assigned \(resolved\)": lambda d: d.close("c-1", "transported"),
            r"'c-1' has ended: assigned \(resolved\)": lambda d: d.cancel("c-1", "duplicate"),
        },
    ),
    "cancel": Said(
        "held",
        lambda d: d.cancel("c-1", "duplicate"),
        ("reservation_expired", "call_cancelled"),
        {
            r"has ended: cancelled \(duplicate\)": lambda d: d.cancel("c-1", "entered_in_error"),
            # A word that another list has, too.
            r"'c-1' has ended: cancelled \(duplicate\)": lambda d: d.close("c-1", "resolved"),
        },
    ),
    "refer": Said(
        "waiting",
        lambda d: d.refer("c-1", "no_team_in_time", "FIRE"),
        ("call_referred",),
        {
            r"referred \(no_team_in_time\) to FIRE, not to 'LINE'": lambda d: d.refer(
                "c-1", "no_team_in_time", "LINE"
            ),
            r"has ended: referred \(no_team_in_time\)$": lambda d: d.refer(
                "c-1", "waited_too_long", "FIRE"
            ),
        },
    ),
}


def prepared(said: Said, ledger: Ledger | None = None) -> Shift:
    """Bring a shift to where something may be said."""
    shift = shift_in(CITY, ledger)
    if said.status == "waiting":
        shift.receive("c-1")
    elif said.status == "held":
        shift.reserved("c-1")
    else:
        shift.assigned("c-1", status=said.status)
    return shift


@pytest.mark.parametrize("said", ACTS.values(), ids=ACTS)
def test_an_act_said_again_is_taken_and_not_recorded(said: Said, ledger: Ledger) -> None:
    """At once and later, by the same console and another, and after a restart."""
    shift = prepared(said, ledger)
    other, before = dispatcher_in(CITY, ledger, shift.clocks), shift.events()
    said.act(shift.dispatcher)
    events = shift.events()
    assert tuple(events[len(before) :]) == said.recorded
    for console in (shift.dispatcher, other, shift.again().dispatcher):
        shift.clocks.pass_by(30)
        said.act(console)
        for told, otherwise in said.others.items():
            with pytest.raises((LifecycleError, UnknownCallError), match=told):
                otherwise(console)
        said.act(console)  # as before: what was refused has changed nothing
    assert shift.events() == events


@pytest.mark.parametrize("said", ACTS.values(), ids=ACTS)
def test_an_act_whose_answer_was_lost_is_recorded_once(said: Said) -> None:
    """The commit came through; said again it is told that it is done."""
    ledger = Broken()
    shift = prepared(said, ledger)
    before = shift.events()
    ledger.fails = "in doubt"
    with pytest.raises(LedgerLostError):
        said.act(shift.dispatcher)
    ledger.fails = ""
    said.act(shift.dispatcher)
    assert tuple(shift.events()[len(before) :]) == said.recorded


@pytest.mark.parametrize("said", ACTS.values(), ids=ACTS)
def test_an_act_that_did_not_happen_is_recorded_when_it_is_said_again(said: Said) -> None:
    """No answer came because nothing was written."""
    ledger = Broken()
    shift = prepared(said, ledger)
    before = shift.events()
    ledger.fails = "full"
    with pytest.raises(Exception, match="no space"):
        said.act(shift.dispatcher)
    ledger.fails = ""
    said.act(shift.dispatcher)
    assert tuple(shift.events()[len(before) :]) == said.recorded


@pytest.mark.parametrize("said", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_consoles_that_say_the_same_at_once_are_recorded_once(
    said: Said, kind: str, request: pytest.FixtureRequest, quick_path: Path
) -> None:
    """Each with a connection of its own; all of them are told that it is done."""
    where: str | Path = quick_path / "shift.db"
    if kind == "postgresql":
        where = schema_address(request.getfixturevalue("postgres"))
    with closing(open_ledger(where)) as first, closing(open_ledger(where)) as second:
        shift = prepared(said, first)
        before = shift.events()
        consoles = (shift.dispatcher, dispatcher_in(CITY, second, shift.clocks))
        together(*[partial(said.act, each) for each in consoles * 2])
        assert tuple(shift.events()[len(before) :]) == said.recorded


# --- Reports


def test_a_report_of_another_moment_is_told_by_its_time(shift: Shift) -> None:
    """Said again with its own time it is taken; with an older one it is out of order."""
    shift.assigned("c-1", status="on_scene")
    shift.clocks.pass_by(60)
    since = shift.clocks.wall - timedelta(seconds=20)

    def left(at: Any) -> None:
        shift.dispatcher.report("T1", "clearing", since=at, disposition="resolved")

    left(since)
    shift.clocks.pass_by(60)
    events = shift.events()
    left(since)
    with pytest.raises(OutOfOrderError):
        left(since - timedelta(seconds=6))  # a crew's clock may be 5 s slow
    assert shift.events() == events
    assert shift.dispatcher.board.roster.state("T1").status_at == since


def test_a_late_repeat_does_not_close_the_next_call(shift: Shift) -> None:
    """With its time it is out of order; a team that has another call has left none."""
    team = shift.assigned("c-1", status="on_scene")
    since = shift.clocks.wall
    shift.dispatcher.report(team, "available", disposition="resolved")
    shift.clocks.pass_by(60)
    shift.reserved("c-2")
    with pytest.raises(OutOfOrderError):
        shift.dispatcher.report(team, "clearing", since=since, disposition="resolved")
    with pytest.raises(LifecycleError, match="T1 holds call c-2; decline"):
        shift.dispatcher.report(team, "available", disposition="resolved")
    assert shift.stage("c-2") == "reserved"


def test_a_call_that_lapsed_is_not_taken_for_the_one_that_closed(shift: Shift) -> None:
    """The crew says that it is done with a call which the shift gave back: somebody must know."""
    shift.assigned("c-1", status="on_scene")
    shift.dispatcher.report("T1", "available", disposition="resolved")
    shift.reserved("c-2")
    shift.clocks.pass_by(60)
    assert shift.dispatcher.tick().expired
    with pytest.raises(LifecycleError, match="T1 is available and cannot become available"):
        shift.dispatcher.report("T1", "available", disposition="resolved")
    assert shift.stage("c-2") == "queued"


def test_a_closing_is_said_again_with_the_report_it_came_with(shift: Shift) -> None:
    """After another report it would be said of another step."""
    shift.assigned("c-1", status="on_scene")
    shift.dispatcher.report("T1", "clearing", disposition="resolved")
    shift.dispatcher.report("T1", "available")
    with pytest.raises(LifecycleError, match="T1 is available and cannot become available"):
        shift.dispatcher.report("T1", "available", disposition="resolved")
    with pytest.raises(LifecycleError, match="T1 is available and cannot become clearing"):
        shift.dispatcher.report("T1", "clearing", disposition="resolved")


def test_a_call_that_nobody_closed_is_not_closed_by_a_repeat(shift: Shift) -> None:
    """It closed as not recorded: a disposition comes too late, and is refused with that."""
    shift.assigned("c-1", status="on_scene")
    shift.dispatcher.report("T1", "available")
    with pytest.raises(LifecycleError, match="has closed as not_recorded, not as resolved"):
        shift.dispatcher.report("T1", "available", disposition="resolved")


def test_what_somebody_closed_is_known_when_the_team_says_so_too(shift: Shift) -> None:
    """A console closes a call on its way; the crew says the same, and that it is free, as known."""
    shift.assigned("c-1", status="en_route")
    shift.dispatcher.close("c-1", "cancelled_en_route")
    events = shift.events()
    shift.dispatcher.report("T1", "available", disposition="cancelled_en_route")
    assert shift.events() == events


@pytest.mark.parametrize("status", ["on_scene", "transporting", "en_route", "out_of_service"])
def test_a_status_that_leaves_no_call_takes_no_disposition(shift: Shift, status: str) -> None:
    """Also where the call has closed so, and the status is what is known."""
    before = {"transporting": "on_scene", "out_of_service": "on_scene"}.get(status, status)
    shift.assigned("c-1", status=before)
    if before != status:
        shift.dispatcher.report("T1", status)
    if status in ("on_scene", "transporting"):
        shift.dispatcher.close("c-1", "resolved")
    with pytest.raises(LifecycleError, match=f"is {status} and cannot become {status}"):
        shift.dispatcher.report("T1", status, disposition="resolved")


# --- From the scene


def asks(shift: Shift, **changes: Any) -> None:
    """Let the team ask for help for the first time."""
    asked = {"act": "assist", "reason": "weapon", "target": "POLICE", "nth": 1, **changes}
    shift.dispatcher.escalate("T1", **asked)


@pytest.mark.parametrize(
    "another",
    [{"reason": "medical"}, {"target": "FIRE"}, {"act": "hand_over"}, {"nth": 2}],
    ids=str,
)
def test_what_is_asked_for_anew_is_recorded(shift: Shift, another: dict[str, Any]) -> None:
    """Another reason, target or act, or the same for the second time; then each is known."""
    shift.assigned("c-1", status="on_scene")
    before = shift.events().count("escalated")
    asks(shift)
    asks(shift, **another)
    assert shift.events().count("escalated") == before + 2
    for _ in range(2):
        asks(shift)
        asks(shift, **another)
    assert shift.events().count("escalated") == before + 2
    (mine,) = shift.again().dispatcher.live.last_of_team.values()
    first = {"act": "assist", "reason": "weapon", "target": "POLICE"}
    for asked, words in zip(mine.asked, (first, first | another), strict=True):
        assert {name: getattr(asked, name) for name in first} == {n: words[n] for n in first}


def test_help_is_recorded_each_time_it_is_asked_for(shift: Shift) -> None:
    """Nobody said which time it is, so it is never taken for a repeat; a number counts them all."""
    shift.assigned("c-1", status="on_scene")
    for _ in range(2):
        asks(shift, nth=None)
    assert dict(shift.dispatcher.board.escalations) == {("assist", "POLICE"): 2}
    asks(shift, nth=2)
    assert dict(shift.dispatcher.board.escalations) == {("assist", "POLICE"): 2}
    asks(shift, nth=3)
    assert dict(shift.dispatcher.board.escalations) == {("assist", "POLICE"): 3}


def test_a_hand_over_needs_no_number(shift: Shift) -> None:
    """A call is handed over once; after it nothing is asked for without a call."""
    shift.assigned("c-1", status="on_scene")
    for _ in range(2):
        asks(shift, act="hand_over", nth=None)
    assert dict(shift.dispatcher.board.escalations) == {("hand_over", "POLICE"): 1}
    with pytest.raises(LifecycleError, match="handed over to POLICE"):
        asks(shift, nth=None)


def test_help_asked_for_at_one_scene_is_not_that_of_the_next(shift: Shift) -> None:
    """The same words at another call are another request."""
    for number in range(2):
        assert shift.assigned(f"c-{number}", status="on_scene") == "T1"
        asks(shift)
        shift.dispatcher.report("T1", "available")
    assert dict(shift.dispatcher.board.escalations) == {("assist", "POLICE"): 2}


@pytest.mark.parametrize("act", ["assist", "hand_over"])
def test_a_late_repeat_that_names_its_call_is_not_taken_at_the_next(shift: Shift, act: str) -> None:
    """Nobody is sent to the wrong scene, and no call ends by what was said of another one."""
    shift.assigned("c-1", status="on_scene")
    for _ in range(2):
        asks(shift, act=act, call_id="c-1")
    shift.dispatcher.report("T1", "available")
    assert shift.assigned("c-2", status="on_scene") == "T1"
    events = shift.events()
    with pytest.raises(LifecycleError, match="T1 is on scene of call c-2, not of 'c-1'; it has"):
        asks(shift, act=act, call_id="c-1")
    assert (shift.events(), shift.stage("c-2")) == (events, "assigned")
    asks(shift, act=act, call_id="c-2")
    assert shift.events().count("escalated") == 2


@pytest.mark.parametrize("call_id", ["", "c-9", 7, ["c-1"], True], ids=repr)
def test_a_call_that_the_team_is_not_at(shift: Shift, call_id: Any) -> None:
    """Whatever is named in its place."""
    shift.assigned("c-1", status="on_scene")
    with pytest.raises(LifecycleError, match="T1 is on scene of call c-1, not of"):
        asks(shift, call_id=call_id)
    assert not shift.dispatcher.board.escalations


@pytest.mark.parametrize("act", ["assist", "hand_over"])
def test_a_team_that_has_left_the_scene_asks_for_nothing(shift: Shift, act: str) -> None:
    """It may be somewhere else by now: what it asks for is not taken for what it asked before."""
    shift.assigned("c-1", status="on_scene")
    asks(shift, act=act)
    shift.dispatcher.report("T1", "clearing")
    with pytest.raises(LifecycleError, match="T1 is clearing, on no scene; it has nothing to"):
        asks(shift, act=act)


def test_a_call_closed_at_the_scene_is_named(shift: Shift) -> None:
    """The team is there still; what it has asked for is known, and nothing else can be."""
    shift.assigned("c-1", status="on_scene")
    asks(shift)
    shift.dispatcher.close("c-1", "transported")
    asks(shift)
    with pytest.raises(LifecycleError, match=r"no scene of a call; c-1 has closed as transported$"):
        asks(shift, nth=2)
    shift.dispatcher.report("T1", "transporting")
    with pytest.raises(LifecycleError, match="nothing to escalate"):
        asks(shift)


@pytest.mark.parametrize("nth", [0, -1, True, 1.5, "1", [1]], ids=repr)
def test_a_number_of_times_that_is_none(shift: Shift, nth: Any) -> None:
    """A whole number from 1."""
    shift.assigned("c-1", status="on_scene")
    with pytest.raises(InputError, match=r"nth .* must be a whole number from 1"):
        asks(shift, nth=nth)


def test_what_is_on_record_stands_under_another_policy() -> None:
    """Its target is none of the new policy's: said again it is known, said anew it is refused."""
    shift = shift_in(CITY)
    shift.assigned("c-1", status="on_scene")
    asks(shift)
    shift.receive("c-2")
    shift.dispatcher.refer("c-2", "no_team_in_time", "POLICE")
    targets = CITY.world.policy.targets
    city = CITY.with_policy(targets={name: targets[name] for name in ("FIRE", "LINE")})
    after = shift_in(city, shift.ledger, shift.clocks)
    events = after.events()
    asks(after)
    after.dispatcher.refer("c-2", "no_team_in_time", "POLICE")
    with pytest.raises(InputError, match="'POLICE' is none of the policy's"):
        asks(after, reason="medical")
    assert after.events() == events


def test_a_team_that_comes_again_has_asked_for_nothing(tmp_path: Path) -> None:
    """It was taken off the roster and is new: nothing of its calls is its own."""
    shift = reloading(CITY)
    shift.assigned("c-1", status="on_scene")
    asks(shift)
    shift.dispatcher.close("c-1", "resolved")
    roster = tmp_path / "roster.toml"
    shift.dispatcher.reload_roster(written(roster, street(T2="b")))
    again = CITY.with_team("T1", status=TeamStatus.ON_SCENE)
    shift.dispatcher.reload_roster(written(roster, again))
    with pytest.raises(LifecycleError, match="T1 is on_scene, on no scene"):
        asks(shift)


def test_a_team_is_at_the_scene_of_its_open_call_whatever_rosters_came(shift: Shift) -> None:
    """One without it, that something else than a dispatcher wrote, and one with it again."""
    shift.assigned("c-1", status="on_scene")
    teams = shift.dispatcher.board.roster.snapshot().teams
    for each in (teams[1:], teams):
        put(shift.ledger, roster_set(each), at=NOON, seen=shift.dispatcher.board.seq)
        shift.dispatcher.tick()
    asks(shift, call_id="c-1")
    assert shift.events()[-1] == "escalated"


# --- Calls and reservations


def test_a_team_with_another_call_has_declined_the_first(shift: Shift) -> None:
    """A reservation is named by its id, whatever has come since."""
    first = shift.reserved("c-1")
    shift.dispatcher.decline(first.reservation_id, "unsafe")
    second = shift.reserved("c-2")
    assert first.team_id == second.team_id
    events = shift.events()
    shift.dispatcher.decline(first.reservation_id, "unsafe")
    assert shift.events() == events
    shift.dispatcher.decline(second.reservation_id, "unsafe")
    assert shift.events() != events


def test_a_call_that_ended_as_it_was_given_back(shift: Shift) -> None:
    """No team may take it any more: to say again that it was declined changes nothing."""
    shift.assigned("c-1", status="en_route")
    record = shift.dispatcher.board.call("c-1")
    armed = replace(record.call, facts={**TWO_FACTS, "weapon": Answer.YES})
    assert shift.dispatcher.revise(armed).recall
    said = declines("unsafe")
    said(shift.dispatcher)
    assert shift.stage("c-1") == "referred: ineligible"
    events = shift.events()
    said(shift.dispatcher)
    assert shift.events() == events


def test_a_lapsed_reservation_was_not_declined(shift: Shift) -> None:
    """Nobody is told that a crew has answered."""
    made = shift.reserved("c-1")
    shift.clocks.pass_by(60)
    shift.dispatcher.tick()
    with pytest.raises(UnknownCallError, match="is not open"):
        shift.dispatcher.decline(made.reservation_id, "unsafe")
    with pytest.raises(UnknownCallError, match="is not open"):
        shift.dispatcher.accept(made.reservation_id)


def test_what_the_shift_referred_is_known_when_it_is_said_too(shift: Shift) -> None:
    """By its decision, or because it waited too long."""
    shift.receive("c-1", facts={**TWO_FACTS, "weapon": Answer.YES})
    shift.receive("c-2")
    shift.clocks.pass_by(1800)
    assert shift.dispatcher.tick().referred == ("c-2",)
    events = shift.events()
    shift.dispatcher.refer("c-1", "ineligible", "POLICE")
    shift.dispatcher.refer("c-2", "waited_too_long", "LINE")
    assert shift.events() == events


@pytest.mark.parametrize("keep", list(Keep))
def test_the_last_referred_calls_are_known_whatever_is_kept(
    keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of those before, nobody knows to whom: they are refused, with their outcome."""
    monkeypatch.setattr(last_referred, "_KEPT", 2)
    shift = shift_in(CITY, keep=keep)

    def refer(each: Shift, number: int) -> None:
        each.dispatcher.refer(f"c-{number}", "no_team_in_time", "FIRE")

    for number in range(3):
        shift.receive(f"c-{number}")
        refer(shift, number)
    for each in (shift, shift.again()):
        refer(each, 1)
        refer(each, 2)
        with pytest.raises(UnknownCallError, match=r"has ended: referred \(no_team_in_time\)$"):
            refer(each, 0)


def test_after_a_purge_a_call_of_that_id_is_another_one(tmp_path: Path) -> None:
    """Nothing is known of it, and it ends anew; who is told again that it was is refused."""
    with closing(open_ledger(tmp_path / "shift.db")) as ledger:
        shift = shift_in(street(T1="a"), ledger)
        ends: dict[str, Act] = {
            "c-1": lambda d: d.cancel("c-1", "duplicate"),
            "c-2": lambda d: d.refer("c-2", "no_team_in_time", "FIRE"),
        }
        for call_id, end in ends.items():
            shift.receive(call_id)
            end(shift.dispatcher)
        shift.clocks.pass_by(60)
        assert purge(ledger, before=shift.clocks.wall, clock=shift.clocks.ledger_clock()) > 0
        again = shift.again()
        for end in ends.values():
            with pytest.raises(UnknownCallError, match="was not received"):
                end(again.dispatcher)
        with pytest.raises(UnknownCallError, match=r"has ended: referred \(no_team_in_time\)$"):
            ends["c-2"](shift.dispatcher)
        for call_id, end in ends.items():
            again.receive(call_id)
            before = again.events()
            end(again.dispatcher)
            end(again.dispatcher)
            assert len(again.events()) == len(before) + 1


def test_a_call_back_said_again_is_another_one(shift: Shift) -> None:
    """Nothing in it tells the two apart: each is on record, and the last one counts."""
    shift.receive("c-1")
    for _ in range(2):
        shift.clocks.pass_by(30)
        shift.dispatcher.called_back("c-1")
    assert shift.events().count("call_back_done") == 2
    assert shift.dispatcher.board.call("c-1").called_back_at == NOON + timedelta(seconds=60)


def test_a_revision_said_again_is_decided_anew(shift: Shift) -> None:
    """As things stand now: a team may have become free meanwhile. It comes to the same recall."""
    shift.assigned("c-1", status="en_route")
    call = shift.dispatcher.board.call("c-1").call
    armed = replace(call, facts={**TWO_FACTS, "weapon": Answer.YES})
    first = shift.dispatcher.revise(armed)
    again = shift.dispatcher.revise(armed)
    assert first == again
    assert shift.events().count("call_revised") == 2
