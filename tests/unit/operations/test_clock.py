"""Ledger time: wall clocks jump, steady ones do not."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenarios.city import NOON, draw_city
from tests.scenarios.shift import Clocks, dispatcher_in, shift_in
from unarmed_router.errors import InputError, UnknownCallError
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.operations.clock import LedgerClock
from unarmed_router.operations.outcomes import Reservation

SECOND = timedelta(seconds=1)
STREET = draw_city("a---c---b", teams={"T1": "a", "T2": "b"})


def test_ledger_time_is_the_wall_clock_while_that_moves_forward() -> None:
    """Jumps forward are followed: a laptop that slept is told the time."""
    clocks = Clocks()
    clock = clocks.ledger_clock()
    assert clock.now() == NOON
    clocks.jump(3600)
    assert clock.now() == NOON + 3600 * SECOND


def test_a_jump_back_goes_on_at_the_steady_pace() -> None:
    """An hour back: ledger time goes on, second by second, until the wall has caught up."""
    clocks = Clocks()
    clock = clocks.ledger_clock()
    clock.now()
    clocks.jump(-3600)
    assert clock.now() == NOON
    clocks.pass_by(10)
    assert clock.now() == NOON + 10 * SECOND
    clocks.jump(3601)
    assert clock.now() == NOON + 11 * SECOND


def test_ledger_time_is_never_before_the_last_event() -> None:
    """Another process may be ahead; from its event on, time goes at the steady pace."""
    clocks = Clocks()
    clock = clocks.ledger_clock()
    assert clock.now(NOON + 30 * SECOND) == NOON + 30 * SECOND
    clocks.pass_by(2)
    assert clock.now() == NOON + 32 * SECOND


def test_a_naive_wall_clock_is_refused() -> None:
    """A clock without a zone is an hour wrong twice a year."""
    with pytest.raises(InputError, match="no time zone"):
        LedgerClock(lambda: NOON.replace(tzinfo=None)).now()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), st.floats(0, 300)),
        st.tuples(st.just("jump"), st.floats(-7200, 7200)),
        st.tuples(st.just("other"), st.floats(-7200, 7200)),
    ),
    max_size=30,
)


@given(STEPS)
def test_time_never_runs_back_nor_slower_than_the_steady_clock(
    steps: list[tuple[str, float]],
) -> None:
    """Whatever the wall clock does, and whatever another process has written."""
    clocks = Clocks()
    clock = clocks.ledger_clock()
    last, last_s = clock.now(), clocks.steady_s
    for kind, seconds in steps:
        seen = None
        if kind == "pass":
            clocks.pass_by(seconds)
        elif kind == "jump":
            clocks.jump(seconds)
        else:
            seen = last + timedelta(seconds=seconds)
        now = clock.now(seen)
        elapsed = timedelta(seconds=clocks.steady_s - last_s)
        assert now - last >= elapsed - timedelta(microseconds=1)  # rounded to microseconds
        assert seen is None or now >= seen
        last, last_s = now, clocks.steady_s


def test_threads_do_not_push_the_clock_ahead() -> None:
    """A time and its moment on the steady clock are read together, by whichever thread."""
    clocks = Clocks()
    clock = clocks.ledger_clock()
    threads = [Thread(target=lambda: [clock.now() for _ in range(2000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        clocks.pass_by(1)
    for thread in threads:
        thread.join()
    assert clock.now() <= clocks.wall + SECOND


@given(
    ttl=st.integers(1, 600),
    jumps=st.lists(st.tuples(st.floats(-86_400, 86_400), st.floats(0, 120)), max_size=8),
)
def test_a_reservation_never_outlasts_its_time(ttl: int, jumps: list[tuple[float, float]]) -> None:
    """However the wall clock jumps: after its seconds on the steady clock it is over."""
    clocks = Clocks()
    shift = shift_in(STREET, clocks=clocks)
    decision = shift.receive("c-1")
    made = shift.dispatcher.reserve(decision, idempotency_key="k", ttl=timedelta(seconds=ttl))
    assert isinstance(made, Reservation)
    began = clocks.steady_s
    for jump, seconds in jumps:
        clocks.jump(jump)
        clocks.pass_by(seconds)
        shift.dispatcher.tick()
        over = clocks.steady_s - began >= ttl
        assert not over or made.reservation_id not in shift.dispatcher.board.reservations
    clocks.pass_by(ttl)
    with pytest.raises(UnknownCallError, match="not open"):
        shift.dispatcher.accept(made.reservation_id)


@given(ahead=st.floats(0, 86_400), unseen=st.floats(0, 59), step=st.floats(0.1, 30))
def test_another_process_with_a_clock_ahead_adds_no_more_than_it_was_unseen(
    ahead: float, unseen: float, step: float
) -> None:
    """A process that looks at the ledger late measures from its look; from there at full pace."""
    ledger, fast, slow = MemoryLedger(), Clocks(), Clocks()
    fast.jump(ahead)
    one, two = dispatcher_in(STREET, ledger, fast), dispatcher_in(STREET, ledger, slow)
    decision = one.receive(STREET.call("c", call_id="c-1"))
    made = one.reserve(decision, idempotency_key="k", ttl=timedelta(seconds=60))
    assert isinstance(made, Reservation)
    slow.pass_by(unseen)
    two.tick()  # the process of `one` is gone; this one looks for the first time
    lasted = unseen
    while made.reservation_id in two.board.reservations:
        slow.pass_by(step)
        two.tick()
        lasted += step
    assert lasted <= unseen + 60 + step


def test_events_keep_their_order_when_the_wall_jumps_back() -> None:
    """Times in the ledger never decrease."""
    clocks = Clocks()
    shift = shift_in(STREET, clocks=clocks)
    for number, jump in enumerate((-3600.0, 100.0, -50_000.0, 0.0, 7200.0, -1.0)):
        clocks.jump(jump)
        shift.receive(f"c-{number}", received_at=NOON)
        clocks.pass_by(1)
    times = [each.at for each in shift.ledger.read()]
    assert times == sorted(times)


def test_a_clock_is_made_of_what_can_be_called() -> None:
    """A moment is no clock; what the last event has must be a moment with a zone."""
    wrong: Any
    for wrong in (None, NOON):
        with pytest.raises(InputError, match="wall must be called for the time; got"):
            LedgerClock(wrong)
        with pytest.raises(InputError, match="steady must be called for the time; got"):
            LedgerClock(lambda: NOON, wrong)
    for wrong in (NOON.replace(tzinfo=None), "2026-03-02", 5):
        with pytest.raises(InputError, match="last"):
            LedgerClock(lambda: NOON).now(wrong)
