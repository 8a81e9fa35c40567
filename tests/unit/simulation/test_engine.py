"""The simulation's engine: callers and crews around the live dispatcher."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.scenarios.city import NOON, City, default_policy, draw_city
from tests.scenarios.shift import DrawnRouter
from unarmed_router.errors import InputError
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.screening import Screening, StaleFix
from unarmed_router.model.shift import Shift
from unarmed_router.model.waiting import Preemption, Waiting, WaitLimit
from unarmed_router.simulation.agenda import Agenda, AgendaClock
from unarmed_router.simulation.call_mix import Service
from unarmed_router.simulation.crews import AfterCall, CrewRules
from unarmed_router.simulation.engine import Engine
from unarmed_router.simulation.finished import FinishedCall, chain_of
from unarmed_router.simulation.strategies import Nearest
from unarmed_router.simulation.streams import StreamedCall

WAITS = Waiting()


def line(teams: dict[str, str], **policy: Any) -> City:
    """Draw five crossings on one road."""
    screening = Screening(60, 86_400, StaleFix.EXCLUDE, 3600)
    return draw_city("a--b--c--d--e", teams=teams).with_policy(screening=screening, **policy)


def call(
    city: City, name: str, at: str, second: int, *, stay: int = 600, **service: Any
) -> StreamedCall:
    """Make a call at a crossing, some seconds after noon."""
    received = NOON + timedelta(seconds=second)
    turns_out = {"priority": 3, "gives_up_after_s": None, "redirected": False} | service
    made = city.call(at, call_id=name, received_at=received)
    return StreamedCall(made, Service(on_scene_s=stay, **turns_out))


def play(
    city: City, calls: Iterable[StreamedCall], rules: CrewRules | None = None, **options: Any
) -> tuple[dict[str, FinishedCall], Engine]:
    """Play calls to their end."""
    agenda = Agenda(NOON)
    engine = Engine(DrawnRouter(city), calls, agenda=agenda, rules=rules, **options)
    return {each.record.call.call_id: each for each in engine.run()}, engine


def seconds(found: FinishedCall) -> tuple[float | None, float | None]:
    """Return wait and response time."""
    return found.wait_s, found.response_s


def test_a_team_turns_out_travels_and_stays() -> None:
    """Three roads of 100 m at 10 s each are half a minute a crossing."""
    city = line({"T": "a"}).with_team("T", turnout_s=45)
    found, _ = play(city, [call(city, "one", "c", 0)])
    assert seconds(found["one"]) == (0.0, 45 + 60)
    assert found["one"].busy_s == 45 + 60 + 600
    assert found["one"].record.reason == "resolved"
    assert found["one"].division == 1


def test_a_call_waits_for_the_team_and_the_team_comes_from_where_it_is() -> None:
    """The second call waits until the first is over; the team need not go home in between."""
    city = line({"T": "a"}, waiting=WAITS)
    found, _ = play(city, [call(city, "one", "c", 0), call(city, "two", "d", 10)])
    assert seconds(found["two"]) == (60 + 600 - 10, 60 + 600 - 10 + 30)


def test_without_a_queue_the_second_call_is_referred() -> None:
    """As `route` alone would."""
    city = line({"T": "a"})
    found, _ = play(city, [call(city, "one", "c", 0), call(city, "two", "d", 10)])
    assert found["two"].record.reason == "no_team_available"
    assert found["two"].response_s is None


@pytest.mark.parametrize(
    ("after", "response"),
    [(AfterCall.STAY, 30.0), (AfterCall.AT_HOME, 90.0), (AfterCall.RETURN, 60.0)],
)
def test_where_a_team_waits_after_a_call(after: AfterCall, response: float) -> None:
    """Half a minute on its way home from d, it has come as far as c."""
    city = line({"T": "a"})
    calls = [call(city, "one", "d", 0), call(city, "two", "e", 90 + 600 + 30)]
    found, _ = play(city, calls, CrewRules(after=after))
    expected = {"stay": 30.0, "at_home": 120.0, "return": 60.0}[after]
    assert found["two"].response_s == pytest.approx(expected, abs=0.5)
    assert response <= expected


def test_clearing_keeps_a_team_from_the_next_call() -> None:
    """It is not available while it writes its report."""
    city = line({"T": "a"}, waiting=WAITS)
    calls = [call(city, "one", "a", 0, stay=100), call(city, "two", "a", 150)]
    found, _ = play(city, calls, CrewRules(clearing_s=300))
    assert found["two"].wait_s == 250
    assert found["one"].record.assignments[0].clearing_at == NOON + timedelta(seconds=100)
    assert found["one"].busy_s == 400


def test_a_redirected_call_is_handed_over_and_frees_the_team() -> None:
    """The target is asked once, and the call closes as handed over."""
    city = line({"T": "a"})
    calls = [call(city, "one", "a", 0, stay=900, redirected=True), call(city, "two", "a", 400)]
    found, engine = play(city, calls, CrewRules(redirect_after_s=300), redirect_to="POLICE")
    assert found["one"].record.reason == "handed_over"
    assert found["two"].response_s == 0.0
    assert engine.dispatcher.board.escalations == Counter({("hand_over", "POLICE"): 1})


def test_redirected_calls_need_somebody_to_take_them() -> None:
    """Nobody is made up."""
    city = line({"T": "a"})
    with pytest.raises(InputError, match="redirect_to"):
        play(city, [call(city, "one", "a", 0, redirected=True)])


def test_a_caller_who_gives_up_frees_the_team_where_it_is() -> None:
    """On the way from a to e, half a minute in, it turns to the call at b."""
    city = line({"T": "a"}, waiting=WAITS)
    calls = [call(city, "one", "e", 0, gives_up_after_s=30), call(city, "two", "b", 31)]
    found, _ = play(city, calls, CrewRules(after=AfterCall.STAY))
    assert (found["one"].record.outcome, found["one"].record.reason) == (
        "assigned",
        "caller_hung_up",
    )
    assert found["two"].response_s == pytest.approx(0.0, abs=0.5)


def test_a_caller_who_gives_up_in_the_queue_is_cancelled() -> None:
    """No team had accepted the call."""
    city = line({"T": "a"}, waiting=WAITS)
    calls = [call(city, "one", "a", 0), call(city, "two", "a", 1, gives_up_after_s=60)]
    found, _ = play(city, calls)
    assert (found["two"].record.outcome, found["two"].record.reason) == (
        "cancelled",
        "caller_hung_up",
    )


def test_a_call_waits_no_longer_than_its_limit() -> None:
    """At the very second the policy names it is referred where the policy says."""
    rules = Waiting(limits={3: WaitLimit(120, "LINE")})
    city = line({"T": "a"}, waiting=rules)
    found, _ = play(city, [call(city, "one", "a", 0), call(city, "two", "a", 5)])
    record = found["two"].record
    assert (record.reason, record.target) == ("waited_too_long", "LINE")
    assert record.ended_at == NOON + timedelta(seconds=125)


def test_an_urgent_call_takes_a_team_that_is_on_its_way() -> None:
    """The call that loses it waits again and keeps every time stamp."""
    rules = Preemption({(1, 3): 30})
    city = line({"T": "a"}, waiting=WAITS, preemption=rules)
    calls = [call(city, "slow", "e", 0), call(city, "urgent", "c", 30, priority=1)]
    found, _ = play(city, calls)
    assert found["urgent"].response_s == pytest.approx(30.0, abs=0.5)
    endings = [str(part.ending) for part in found["slow"].record.assignments]
    assert endings == ["preempted", "closed"]
    assert found["slow"].response_s == pytest.approx(30 + 30 + 600 + 60, abs=1)


def test_breaks_are_taken_when_no_call_holds_the_team() -> None:
    """A break that falls into a call begins when it is over."""
    city = line({"T": "a"}, waiting=WAITS)
    rules = CrewRules(break_s=300, break_every_s=1000)
    calls = [call(city, "one", "a", 900, stay=200), call(city, "two", "a", 1200)]
    found, _ = play(city, calls, rules)
    assert found["two"].wait_s == 1100 + 300 - 1200


def test_the_strategy_chooses_among_the_candidates() -> None:
    """A strategy that prefers the second team is followed, within what the rules allow."""

    class Last:
        name = "last"

        def choose(self, decision: Recommendation, at: Any) -> str:  # noqa: ARG002
            return decision.candidates[-1].team_id

    city = line({"FAR": "e", "NEAR": "b"})
    found, _ = play(city, [call(city, "one", "a", 0)], strategy=Last())
    assert found["one"].team_id == "FAR"
    found, _ = play(city, [call(city, "one", "a", 0)], strategy=Nearest())
    assert found["one"].team_id == "NEAR"


def test_the_chain_tells_who_did_what_and_why() -> None:
    """Every event of a call, in order, with its cause."""
    city = line({"T": "a"}).with_team("T", turnout_s=10)
    found, _ = play(city, [call(city, "one", "b", 0)], CrewRules(clearing_s=60))
    told = [(link.what, link.cause) for link in chain_of(found["one"].record)]
    assert told == [
        ("received", "caller"),
        ("decided", "T"),
        ("reserved", "decision"),
        ("accepted", "crew"),
        ("en_route", "turnout"),
        ("on_scene", "travel"),
        ("clearing", "service"),
        ("released", "closed"),
        ("assigned", "resolved"),
    ]


def busy_city() -> tuple[City, Sequence[StreamedCall]]:
    """Make more calls than two teams can take, of two priorities, some given up."""
    rules = Waiting(limits={3: WaitLimit(900, "LINE")})
    city = line({"T1": "a", "T2": "e"}, waiting=rules, preemption=Preemption({(1, 3): 1}))
    calls = [
        call(
            city,
            f"c{number}",
            "abcde"[number * 7 % 5],
            number * 97,
            stay=60 + number * 53 % 400,
            priority=1 if number % 4 == 0 else 3,
            gives_up_after_s=200 if number % 5 == 0 else None,
            redirected=number % 6 == 0,
        )
        for number in range(120)
    ]
    return city, calls


def test_every_call_ends_exactly_once_and_the_totals_balance() -> None:
    """Received is assigned, referred and cancelled; nothing is left, nothing is doubled."""
    city, calls = busy_city()
    found, engine = play(city, calls, redirect_to="POLICE")
    assert sorted(found) == sorted(each.call.call_id for each in calls)
    tally = Counter((each.record.outcome, each.record.reason) for each in found.values())
    assert tally == engine.dispatcher.board.tally
    assert {outcome.value for outcome, _ in tally} == {"assigned", "referred", "cancelled"}
    assert not engine.dispatcher.board.open_of_team


def test_no_team_is_in_two_places() -> None:
    """The parts a team has in calls never overlap."""
    city, calls = busy_city()
    found, _ = play(city, calls, redirect_to="POLICE")
    parts = sorted(
        (part.team_id, part.reserved_at, part.ended_at)
        for each in found.values()
        for part in each.record.assignments
    )
    for (team, _, end), (other, start, _) in pairwise(parts):
        assert team != other or (end is not None and end <= start)


def test_the_same_stream_gives_the_same_run() -> None:
    """Nothing depends on the clock of the machine or on the order of a set."""
    city, calls = busy_city()
    runs = [play(city, calls, redirect_to="POLICE")[0] for _ in range(2)]
    one, other = ({name: seconds(each) for name, each in run.items()} for run in runs)
    assert one == other


def test_a_recorded_run_is_a_shift_like_any_other() -> None:
    """On a ledger with history the events tell the whole day, positions and all; no other day."""
    city, calls = busy_city()
    ledger = MemoryLedger()
    recorded, written = play(city, calls, redirect_to="POLICE", ledger=ledger)
    bare, unwritten = play(city, calls, redirect_to="POLICE")
    ends, others = (
        {name: (one.team_id, one.wait_s, one.response_s, one.record.reason) for name, one in each}
        for each in (recorded.items(), bare.items())
    )
    assert ends == others
    assert written.dispatcher.board.fix_on_record
    assert not unwritten.dispatcher.board.fix_on_record  # nobody could read them
    kinds = Counter(each.event.kind for each in ledger.read() if each.event is not None)
    assert kinds["call_received"] == len(calls)
    assert kinds["fixes"] > 0
    assert kinds["reserved"] == sum(
        kinds[kind] for kind in ("call_closed", "preempted", "reservation_expired")
    )


def test_a_ledger_of_another_run_is_refused() -> None:
    """Before anything is played, and by what to do."""
    city, calls = busy_city()
    ledger = MemoryLedger()
    play(city, calls, redirect_to="POLICE", ledger=ledger)
    written = list(ledger.read())
    with pytest.raises(InputError, match="give an empty ledger"):
        play(city, calls, redirect_to="POLICE", ledger=ledger)
    assert list(ledger.read()) == written


def test_more_teams_than_calls_and_no_travel_make_no_wait() -> None:
    """The obvious answer."""
    city = line({f"T{number}": "c" for number in range(9)})
    found, _ = play(city, [call(city, f"c{n}", "c", n) for n in range(9)])
    assert {seconds(each) for each in found.values()} == {(0.0, 0.0)}


def test_a_stream_that_runs_backwards_is_refused() -> None:
    """It says which call and what to do."""
    city = line({"T": "a"}, waiting=WAITS)
    calls = [call(city, "one", "a", 60), call(city, "two", "a", 59)]
    with pytest.raises(InputError, match=r"call two was received at .* sort the stream"):
        play(city, calls)


def test_a_policy_without_programs_refers_everything() -> None:
    """An undefined response time stays undefined."""
    city = line({"T": "a"}, programs=())
    assert default_policy().programs
    found, _ = play(city, [call(city, "one", "a", 0)])
    assert found["one"].response_s is None
    assert not found["one"].served


@pytest.mark.parametrize("rules", [CrewRules(), CrewRules(break_s=60, break_every_s=3600)])
def test_a_call_that_nobody_can_ever_take_is_not_lost(rules: CrewRules) -> None:
    """It comes last, still waiting; neither breaks nor anything else keep the run going."""
    city = line({"T": "a"}, waiting=WAITS)
    odd = city.call("a", call_id="odd", received_at=NOON, needs=("boat",))
    service = Service(60, 3, None, redirected=False)
    found, _ = play(city, [StreamedCall(odd, service), call(city, "one", "b", 1)], rules)
    assert list(found) == ["one", "odd"]
    assert found["odd"].record.outcome == "waiting"


def test_a_call_waits_for_the_shift_that_begins_tomorrow() -> None:
    """Nobody is on duty at noon; the queue is looked at until somebody is."""
    morning = (Shift(days=(1,), start=time(8), end=time(16)),)
    city = line({"T": "a"}, waiting=WAITS).with_team("T", shifts=morning)
    found, _ = play(city, [call(city, "one", "a", 0)])
    assert found["one"].wait_s == pytest.approx(20 * 3600, abs=60)


def test_a_crew_on_its_way_to_a_call_is_not_shown_and_one_on_its_way_home_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No decision looks where a busy team is, save one that would take its call away."""
    city = line({"a": "a"})
    _, engine = play(city, [call(city, "first", "c", 0)])
    crews = engine.crews
    assert crews.crews["a"].moving(engine.agenda.now)  # it drives home
    shown: list[str] = []

    def note(team_id: str, **_: Any) -> bool:
        shown.append(team_id)
        return True

    monkeypatch.setattr(crews._dispatcher, "record_fix", note)
    crews.show_moving()
    assert shown == ["a"]
    engine.dispatcher.live.open_of_team["a"] = engine.dispatcher.live.calls  # type: ignore[assignment]
    crews.show_moving()
    assert shown == ["a"]
    crews.show_moving(busy=True)
    assert shown == ["a", "a"]


def test_ledger_time_of_a_simulation_is_the_agenda_s() -> None:
    """It is the present, or the last event's where that is later, and needs no wall clock."""
    agenda = Agenda(NOON)
    clock = AgendaClock(agenda)
    assert clock.now() == NOON == clock.now(NOON - timedelta(seconds=1))
    assert clock.now(NOON + timedelta(seconds=1)) == NOON + timedelta(seconds=1)
    agenda.pass_until(NOON + timedelta(hours=1))
    assert clock.now(NOON) == NOON + timedelta(hours=1)
