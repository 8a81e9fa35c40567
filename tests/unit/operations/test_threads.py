"""One dispatcher shared by threads: fixes, calls, reports and ticks at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

from tests.scenarios.city import NOON, draw_city
from tests.scenarios.shift import Shift, shift_in
from unarmed_router.errors import LifecycleError
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.events import Fixes, Reserved
from unarmed_router.model.screening import Screening, StaleFix
from unarmed_router.model.waiting import Waiting, WaitLimit
from unarmed_router.operations.outcomes import Reservation

CALLS = 40
TEAMS = {f"T{number}": "ab"[number % 2] for number in range(4)}


def _shift() -> Shift:
    city = draw_city("a---c---b", teams=TEAMS).with_policy(
        waiting=Waiting(limits={3: WaitLimit(1800, "LINE")}),
        screening=Screening(0, 300, StaleFix.HOME, 3600),
    )
    return shift_in(city)


def _together(*works: Callable[[], None]) -> None:
    """Run all at once; raise what any of them raised."""
    failed: list[BaseException] = []
    barrier = Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:  # told to the test
            failed.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def test_threads_share_a_dispatcher() -> None:
    """No team twice, no call lost, no fix out of order, and the log tells the same shift."""
    shift = _shift()
    dispatcher, places = shift.dispatcher, shift.city.places

    def calls(name: str) -> None:
        for number in range(CALLS):
            decision = shift.receive(f"{name}-{number}", received_at=NOON)
            if isinstance(decision, Recommendation):
                made = dispatcher.reserve(decision, idempotency_key=f"k-{name}-{number}")
                if isinstance(made, Reservation):
                    dispatcher.accept(made.reservation_id)
                    dispatcher.close(made.call_id, "resolved")

    def fixes() -> None:
        for number in range(800):
            lon, lat = places["abc"[number % 3]]
            at = NOON + timedelta(milliseconds=number)
            assert dispatcher.record_fix(f"T{number % 4}", lon=lon, lat=lat, at=at)

    def ticks() -> None:
        for _ in range(60):
            dispatcher.tick()
            dispatcher.next_offer()

    _together(lambda: calls("x"), lambda: calls("y"), fixes, ticks)
    board, rebuilt = dispatcher.board, shift.again().dispatcher.board
    assert sum(board.tally.values()) == 2 * CALLS
    assert board.tally == rebuilt.tally
    assert board.open_of_team == rebuilt.open_of_team == {}
    for mine, other in zip(
        board.roster.snapshot().teams, rebuilt.roster.snapshot().teams, strict=True
    ):
        assert replace(mine, fix=None, fix_road=None) == replace(other, fix=None, fix_road=None)
    events = [each.event for each in shift.ledger.read()]
    kept = Counter(event.call_id for event in events if isinstance(event, Reserved))
    assert set(kept.values()) == {1}
    for team in TEAMS:
        times = [
            at
            for event in events
            if isinstance(event, Fixes)
            for known, at in zip(event.team_ids, event.measured, strict=True)
            if known == team
        ]
        assert times == sorted(set(times))


def test_a_call_that_two_threads_receive_is_received_once() -> None:
    """The second is refused by name."""
    shift = _shift()
    refused: list[str] = []

    def receive() -> None:
        for number in range(CALLS):
            try:
                shift.receive(f"c-{number}", received_at=NOON)
            except LifecycleError as error:
                refused.append(str(error))

    _together(receive, receive)
    assert len(refused) == CALLS
    assert all("received already" in text for text in refused)
    assert shift.events().count("call_received") == CALLS


def test_a_key_that_two_threads_use_is_one_reservation() -> None:
    """Both are told of the same."""
    shift = _shift()
    decision = shift.receive("c-1")
    made: list[str] = []

    def reserve() -> None:
        for _ in range(20):
            got = shift.dispatcher.reserve(decision, idempotency_key="k")
            assert isinstance(got, Reservation)
            made.append(got.reservation_id)

    _together(reserve, reserve)
    assert len(set(made)) == 1
    assert shift.events().count("reserved") == 1
