"""Teams that change while a shift runs: who is asked, who finishes, and what is on record."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.broken_ledger import Broken
from tests.scenarios.city import NOON, City
from tests.scenarios.reloading import reloading, written
from tests.scenarios.shift import Shift, street
from unarmed_router.errors import (
    ConfigurationError,
    InputError,
    LedgerError,
    LedgerLostError,
    PrivacyError,
    UnknownTeamError,
)
from unarmed_router.fleet.roster_changes import RosterChanges
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.verify import verify
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.events import RosterSet
from unarmed_router.model.team import TeamStatus
from unarmed_router.model.waiting import Preemption
from unarmed_router.operations.outcomes import Conflict, Reservation
from unarmed_router.operations.purging import purge


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Name a roster file."""
    return tmp_path / "roster.toml"


def teams(shift: Shift) -> list[str]:
    """Return the teams on the board."""
    return [state.team.team_id for state in shift.dispatcher.board.roster.snapshot().teams]


def taken(shift: Shift, call_id: str, at: str = "c", **fields: object) -> str | None:
    """Receive a call; return who is recommended."""
    return getattr(shift.receive(call_id, at, **fields), "team_id", None)


def test_a_team_described_otherwise_goes_on_with_its_call(file: Path) -> None:
    """Its vehicle changes under way: status, times and reservation are as they were."""
    city = street(T1="a", T2="b")
    shift = reloading(city)
    shift.assigned("c-1", status="en_route")
    before = shift.dispatcher.board.roster.state("T1")
    held = shift.dispatcher.board.open_of_team["T1"]
    other = city.with_team("T1", crew_size=4, capabilities=("spanish",), status=TeamStatus.OFF_DUTY)
    changes = shift.dispatcher.reload_roster(written(file, other))
    assert changes == RosterChanges(changed=("T1",))
    after = shift.dispatcher.board.roster.state("T1")
    assert (after.team.crew_size, after.team.capabilities) == (4, ("spanish",))
    assert replace(after, team=before.team) == before
    assert shift.dispatcher.board.open_of_team["T1"] == held
    shift.dispatcher.report("T1", "on_scene")
    shift.dispatcher.report("T1", "available")
    assert taken(shift, "c-2", "b", needs=("spanish",)) == "T1"


def test_a_relief_team_is_offered_what_waits(file: Path) -> None:
    """A call that waited for it is the next offer; one that was referred meanwhile stays so."""
    shift = reloading(street(T1="a"))
    shift.assigned("c-1", status="on_scene")
    shift.receive("c-2")
    shift.receive("c-3")
    shift.dispatcher.refer("c-3", "no_team_in_time", "LINE")
    assert shift.dispatcher.next_offer() is None
    changes = shift.dispatcher.reload_roster(written(file, street(T1="a", T2="b")))
    assert changes == RosterChanges(added=("T2",))
    offer = shift.dispatcher.next_offer()
    assert offer is not None
    assert (offer.call_id, offer.team_id) == ("c-2", "T2")
    assert isinstance(shift.dispatcher.reserve(offer, idempotency_key="k"), Reservation)
    assert shift.stage("c-3") == "referred: no_team_in_time"


def test_a_new_team_begins_as_the_file_says(file: Path) -> None:
    """A status that nobody has sent is sent nowhere; the report that comes makes it free."""
    shift = reloading(street(T1="a"))
    city = street(T1="a", T2="b").with_team("T2", status=TeamStatus.UNKNOWN)
    shift.dispatcher.reload_roster(written(file, city))
    assert taken(shift, "c-1", "b") == "T1"
    shift.dispatcher.report("T2", "available")
    assert taken(shift, "c-2", "b") == "T2"


def test_a_team_that_may_not_go_any_more_is_recalled_by_a_revision(file: Path) -> None:
    """Another vehicle under way, without what the call needs: people call it back, as ever."""
    city = street(T1="a", T2="b").with_team("T1", capabilities=("lift",))
    shift = reloading(city)
    shift.assigned("c-1", status="en_route", needs=("lift",))
    changes = shift.dispatcher.reload_roster(written(file, street(T1="a", T2="b")))
    assert changes == RosterChanges(changed=("T1",))
    assert shift.dispatcher.tick().recalls == ()
    revised = shift.dispatcher.revise(shift.dispatcher.board.call("c-1").call)
    assert (revised.team_id, revised.recall) == ("T1", True)
    assert shift.dispatcher.tick().recalls == ("c-1",)


def test_what_a_call_says_of_a_team_that_is_gone_keeps_nothing(file: Path) -> None:
    """It excludes the team, or the team gave it back: it waits for others, and they come."""
    shift = reloading(street(T1="a", T2="b").with_team("T2", status=TeamStatus.OFF_DUTY))
    made = shift.reserved("c-1")
    shift.receive("c-2", excludes=("T1",))
    shift.dispatcher.decline(made.reservation_id, "unsafe")
    shift.dispatcher.reload_roster(written(file, street(T2="b", T3="a")))
    assert teams(shift) == ["T2", "T3"]
    assert shift.dispatcher.tick().referred == ()
    for call_id in ("c-1", "c-2"):
        assert taken_by(shift.dispatcher.next_offer(), shift) == (call_id, "T3")
        shift.dispatcher.report("T3", "on_scene")
        shift.dispatcher.close(call_id, "resolved")
        shift.dispatcher.report("T3", "available")


def taken_by(offer: Recommendation | None, shift: Shift) -> tuple[str, str]:
    """Hold the team of an offer for its call."""
    assert offer is not None
    made = shift.dispatcher.reserve(offer, idempotency_key=f"key-{offer.call_id}-{offer.team_id}")
    assert isinstance(made, Reservation)
    shift.dispatcher.accept(made.reservation_id)
    return made.call_id, made.team_id


def test_a_reservation_that_lapses_by_the_act_lets_its_team_go(file: Path) -> None:
    """Time is up at the moment of the reload: nobody holds the team, so it is gone at once."""
    shift = reloading(street(T1="a", T2="b"))
    shift.reserved("c-1")
    shift.clocks.pass_by(60)
    changes = shift.dispatcher.reload_roster(written(file, street(T2="b")))
    assert changes == RosterChanges(removed=("T1",))
    assert shift.stage("c-1") == "queued"


@pytest.mark.parametrize("status", ["", "en_route", "on_scene"])
def test_a_team_taken_off_finishes_its_call_and_takes_no_other(file: Path, status: str) -> None:
    """Held, under way or there: it stays, its reports are taken, and it goes with the next file."""
    both, one = street(T1="a", T2="b"), street(T2="b")
    shift = reloading(both)
    made = shift.reserved("c-1")
    changes = shift.dispatcher.reload_roster(written(file, one))
    assert changes == RosterChanges(finishing=("T1",))
    shift.dispatcher.accept(made.reservation_id)
    if status:
        shift.dispatcher.report("T1", status)
    assert shift.dispatcher.reload_roster(file) == changes
    assert shift.events().count("roster_set") == 2
    assert taken(shift, "c-2", "a") == "T2"
    shift.dispatcher.close("c-1", "resolved")
    if status == "on_scene":
        shift.dispatcher.report("T1", "clearing")
        shift.dispatcher.report("T1", "available")
    assert shift.status("T1") == "available"
    assert taken(shift, "c-3", "a") == "T2"
    assert shift.dispatcher.reload_roster(file) == RosterChanges(removed=("T1",))
    assert teams(shift) == ["T2"]
    with pytest.raises(UnknownTeamError, match="no team 'T1' in the roster; it has: T2"):
        shift.dispatcher.report("T1", "off_duty")


def test_a_team_taken_off_is_not_taken_for_a_more_urgent_call(file: Path) -> None:
    """It would have to begin another call; so would one that is held and whose call is revised."""
    city = street(T1="a", T2="b").with_policy(preemption=Preemption({(1, 3): 0}))
    shift = reloading(city)
    shift.assigned("c-1", status="en_route")
    shift.dispatcher.report("T2", "off_duty")
    assert shift.receive("c-2", "a", priority=1).kind == "referral"
    assert shift.dispatcher.preemption("c-2") is not None
    shift.dispatcher.reload_roster(written(file, street(T2="b")))
    assert shift.dispatcher.preemption("c-2") is None


def test_a_held_team_taken_off_is_let_go_by_a_revision(file: Path) -> None:
    """It has not accepted: the call is decided anew, for a team that goes on."""
    city = street(T1="a", T2="b")
    shift = reloading(city)
    made = shift.reserved("c-1")
    shift.dispatcher.reload_roster(written(file, street(T2="b")))
    revised = shift.dispatcher.revise(shift.dispatcher.board.call("c-1").call)
    assert (made.team_id, revised.team_id, revised.recall) == ("T1", None, False)
    assert isinstance(revised.decision, Recommendation)
    assert revised.decision.team_id == "T2"


def test_a_team_that_has_accepted_is_not_recalled_for_being_taken_off(file: Path) -> None:
    """As it is not for the end of its shift."""
    shift = reloading(street(T1="a", T2="b"))
    shift.assigned("c-1", status="en_route")
    shift.dispatcher.reload_roster(written(file, street(T2="b")))
    revised = shift.dispatcher.revise(shift.dispatcher.board.call("c-1").call)
    assert (revised.team_id, revised.recall) == ("T1", False)


def test_a_recommendation_of_a_team_that_is_gone_is_a_conflict(file: Path) -> None:
    """With what is best now; a key used before gives its reservation all the same."""
    shift = reloading(street(T1="a", T2="b"))
    held = shift.reserved("c-0", "b")
    decision = shift.receive("c-1", "a")
    assert isinstance(decision, Recommendation)
    assert decision.team_id == "T1"
    shift.dispatcher.reload_roster(written(file, street(T2="b", T3="b")))
    lost = shift.dispatcher.reserve(decision, idempotency_key="k")
    assert isinstance(lost, Conflict)
    assert (lost.reason, lost.detail) == ("team_not_eligible", "it is not in the roster")
    assert isinstance(lost.decision, Recommendation)
    assert lost.decision.team_id == "T3"
    again = shift.dispatcher.reserve(
        decision=replace(lost.decision, call_id="c-0"), team_id="T2", idempotency_key="key-c-0"
    )
    assert again == replace(held, repeated=True)


def test_the_router_has_the_teams_of_the_board(file: Path) -> None:
    """`route` and the shift never speak of different teams; the router alone changes none."""
    shift = reloading(street(T1="a"))
    router = shift.dispatcher._router
    shift.dispatcher.reload_roster(written(file, street(T2="b")))
    assert router.roster is shift.dispatcher.board.roster
    with pytest.raises(InputError, match=r"those of a shift, .* Dispatcher\.reload_roster"):
        router.reload_roster(written(file, street(T3="b")))  # type: ignore[attr-defined]
    assert teams(shift) == ["T2"]


def test_positions_that_are_not_on_record_stay(file: Path) -> None:
    """They are in the roster that is recorded, so a shift that is opened again has them."""
    city = street(T1="a", T2="b")
    shift = reloading(city)
    lon, lat = city.places["c"]
    shift.dispatcher.record_fix("T2", lon=lon, lat=lat, at=NOON)
    shift.dispatcher.reload_roster(written(file, street(T1="a", T2="b", T3="b")))
    for each in (shift, reloading(street(T1="a", T2="b", T3="b"), shift.ledger, shift.clocks)):
        assert each.dispatcher.board.roster.fix_of("T2") == (lon, lat, NOON)
    assert taken(shift, "c-1") == "T2"
    assert "fixes" not in shift.events()  # the roster says it


def twice(city: City) -> City:
    """Give an id twice."""
    return replace(city, states=(*city.states, city.states[0]))


def moved(city: City) -> City:
    """Let a team wait far from every road."""
    return city.with_team("T1", home_lat=41.0)


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (twice, ["teams.T1: the id is given twice"]),
        (
            lambda city: city.with_team("T1", program="X").with_team("T2", provider="q"),
            [
                "teams.T1.program: unknown program 'X'; known: UNARMED",
                "teams.T2.provider: 'q' is no provider of UNARMED; known: p",
            ],
        ),
        (moved, ["teams.T1: home_lon -100.0, home_lat 41.0 is beyond the snapping limit"]),
    ],
    ids=["twice", "unknown", "off road"],
)
def test_a_broken_file_is_refused_whole(file: Path, change: object, faults: list[str]) -> None:
    """Every fault is told; no team is another, and nothing is on record."""
    city = street(T1="a", T2="b")
    shift = reloading(city)
    before, roster = shift.events(), shift.dispatcher.board.roster
    broken = change(street(T1="a", T2="b", T3="b"))  # type: ignore[operator]
    with pytest.raises(ConfigurationError) as caught:
        shift.dispatcher.reload_roster(written(file, broken))
    for fault, told in zip(faults, caught.value.faults, strict=True):
        assert fault in told
    assert shift.events() == before
    assert shift.dispatcher.board.roster is roster
    assert taken(shift, "c-1") == "T1"


@pytest.mark.parametrize("given", [None, 7, ["roster.toml"]])
def test_what_is_no_path_is_refused_by_name(given: object) -> None:
    """Such as a list of paths, which policies come in."""
    shift = reloading(street())
    with pytest.raises(InputError, match="a roster is named by its path; got"):
        shift.dispatcher.reload_roster(given)  # type: ignore[arg-type]


def test_an_id_that_no_ledger_holds_is_refused(file: Path) -> None:
    """A phone number: the teams are as before."""
    shift = reloading(street(T1="a"))
    with pytest.raises(PrivacyError, match="looks like a phone number"):
        shift.dispatcher.reload_roster(written(file, street(**{"213-555-0123": "a"})))
    assert teams(shift) == ["T1"]


@pytest.mark.parametrize("fails", ["before", "in doubt", "full"])
def test_teams_that_are_not_on_record_are_not_in_force(file: Path, fails: str) -> None:
    """Whether the ledger took them is found out with the next act; once more is right anyhow."""
    ledger = Broken()
    shift = reloading(street(T1="a", T2="b"), ledger)
    written(file, street(T1="a", T3="b"))
    ledger.fails = fails
    with pytest.raises(LedgerError) as lost:
        shift.dispatcher.reload_roster(file)
    assert getattr(lost.value, "in_doubt", False) is (fails == "in doubt")
    assert teams(shift) == ["T1", "T2"]
    assert shift.dispatcher._router.roster is shift.dispatcher.board.roster
    ledger.fails = ""
    assert shift.dispatcher.tick().expired == ()
    assert teams(shift) == (["T1", "T3"] if fails == "in doubt" else ["T1", "T2"])
    shift.dispatcher.reload_roster(file)
    assert teams(shift) == ["T1", "T3"]
    assert shift.events().count("roster_set") == 2


def test_a_reload_that_is_sent_again_changes_nothing(file: Path) -> None:
    """Its answer was lost: it says that all is as the file says."""
    ledger = Broken()
    shift = reloading(street(T1="a"), ledger)
    ledger.fails = "in doubt"
    with pytest.raises(LedgerLostError):
        shift.dispatcher.reload_roster(written(file, street(T1="a", T2="b")))
    ledger.fails = ""
    assert shift.dispatcher.reload_roster(file) == RosterChanges()
    assert teams(shift) == ["T1", "T2"]


def test_other_dispatchers_follow_with_their_next_act(file: Path) -> None:
    """One of them holds the team that the other has dropped in the meantime."""
    city = street(T1="a", T2="b")
    mine = reloading(city)
    other = reloading(city, mine.ledger, mine.clocks)
    mine.reserved("c-1")
    changes = other.dispatcher.reload_roster(written(file, street(T2="b", T3="b")))
    assert changes == RosterChanges(added=("T3",), finishing=("T1",))
    assert teams(mine) == ["T1", "T2"]
    assert taken(mine, "c-2", "b") == "T2"
    assert teams(mine) == teams(other) == ["T1", "T2", "T3"]
    assert mine.dispatcher._router.roster is mine.dispatcher.board.roster
    mine.dispatcher.cancel("c-1", "duplicate")
    assert mine.dispatcher.reload_roster(file) == RosterChanges(removed=("T1",))
    other.dispatcher.tick()
    assert teams(other) == ["T2", "T3"]


def test_the_roster_stays_through_a_restart_and_a_purge(file: Path, tmp_path: Path) -> None:
    """With the team that finishes its call, and without a shift for it."""
    city, later = street(T1="a", T2="b"), street(T2="b", T3="b")
    with closing(open_ledger(tmp_path / "shift.db")) as ledger:
        shift = reloading(city, ledger)
        shift.assigned("c-0", "b", status="on_scene")
        shift.dispatcher.close("c-0", "resolved")
        shift.assigned("c-1", status="en_route")
        shift.dispatcher.reload_roster(written(file, later))
        board = shift.dispatcher.board.roster.snapshot()
        shift.clocks.pass_by(86_400)
        again = reloading(later, ledger, shift.clocks)
        assert again.dispatcher.board.roster.snapshot() == board
        clock = shift.clocks.ledger_clock()
        assert purge(ledger, before=shift.clocks.wall, clock=clock) > 0
        for each in (shift, again, reloading(later, ledger, shift.clocks)):
            each.dispatcher.tick()
            assert each.dispatcher.board.roster.snapshot() == board
            assert each.dispatcher.board.open_of_team["T1"].call_id == "c-1"
        shift.dispatcher.close("c-1", "caller_hung_up")
        assert again.dispatcher.reload_roster(file) == RosterChanges(removed=("T1",))
        assert verify(ledger).whole
        assert sum(isinstance(each.event, RosterSet) for each in ledger.read()) == 4


def test_a_roster_may_be_empty(file: Path) -> None:
    """Nobody is there, calls wait, and the teams come back with another file."""
    shift = reloading(street(T1="a"))
    assert shift.dispatcher.reload_roster(written(file, replace(street(), states=()))) == (
        RosterChanges(removed=("T1",))
    )
    assert shift.receive("c-1").kind == "referral"
    shift.dispatcher.reload_roster(written(file, street(T1="a")))
    offer = shift.dispatcher.next_offer()
    assert offer is not None
    assert offer.team_id == "T1"
