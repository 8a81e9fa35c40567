"""A reservation by its key alone, as a CAD has it after a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.broken_ledger import Broken
from tests.ledgers import schema_address
from tests.scenarios.shift import Clocks, Shift, dispatcher_in, shift_in, street
from tests.threads import together
from unarmed_router.errors import InputError, LedgerError, LedgerFullError, PrivacyError
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.model.decision import Recommendation
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.outcomes import Reservation
from unarmed_router.operations.purging import purge

CITY = street(T1="a", T2="b")


@pytest.fixture
def shift() -> Shift:
    """Begin a shift of two teams."""
    return shift_in(CITY)


@pytest.fixture(params=["sqlite", "postgresql"])
def consoles(request: pytest.FixtureRequest, quick_path: Path) -> Iterator[tuple[Shift, Shift]]:
    """Begin a shift twice, each with a connection of its own."""
    where: str | Path = quick_path / "shift.db"
    if request.param == "postgresql":
        where = schema_address(request.getfixturevalue("postgres"))
    with closing(open_ledger(where)) as first, closing(open_ledger(where)) as second:
        clocks = Clocks()
        yield shift_in(CITY, first, clocks), shift_in(CITY, second, clocks)


def test_a_key_tells_its_reservation_on_any_console(consoles: tuple[Shift, Shift]) -> None:
    """Once it was made, at once; another console and one that was opened since know as much."""
    mine, other = consoles
    assert other.dispatcher.reservation(idempotency_key="key-c-1") is None
    made = mine.reserved("c-1")
    events = mine.events()
    for dispatcher in (mine.dispatcher, other.dispatcher, mine.again().dispatcher):
        told = dispatcher.reservation(idempotency_key="key-c-1")
        assert told == replace(made, repeated=True)
        assert dispatcher.reservation(idempotency_key="key-c-2") is None
    assert mine.events() == events


ENDS: dict[str, Callable[[Dispatcher, Reservation], object]] = {
    "declined": lambda d, made: d.decline(made.reservation_id, "unsafe"),
    "cancelled": lambda d, made: d.cancel(made.call_id, "duplicate"),
    "broken down": lambda d, made: d.report(made.team_id, "out_of_service"),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_reservation_that_is_over_is_told_as_such(
    end: Callable[[Dispatcher, Reservation], object], consoles: tuple[Shift, Shift]
) -> None:
    """Nobody may be sent on it, whichever console ended it."""
    mine, other = consoles
    made = mine.reserved("c-1")
    end(other.dispatcher, made)
    for each in (mine, other, mine.again()):
        told = each.dispatcher.reservation(idempotency_key="key-c-1")
        assert told == replace(made, repeated=True, open=False)


def test_a_reservation_that_lapsed_meanwhile_is_over(shift: Shift) -> None:
    """Nobody has acted since: it ends as before any act, at its very moment."""
    made = shift.reserved("c-1")
    shift.clocks.pass_by(59.999999)
    told = shift.dispatcher.reservation(idempotency_key="key-c-1")
    assert told == replace(made, repeated=True)
    shift.clocks.pass_by(0.000001)
    told = shift.again().dispatcher.reservation(idempotency_key="key-c-1")
    assert told == replace(made, repeated=True, open=False)
    assert shift.events()[-1] == "reservation_expired"


def test_every_act_that_takes_a_key_is_found(shift: Shift) -> None:
    """A call that was sent has its reservation; one that nobody could be held for has none."""
    call = shift.city.call("c", received_at=shift.clocks.wall)
    _, sent = shift.dispatcher.send(call, idempotency_key="k-1", accepted=True)
    assert sent is not None
    assert shift.dispatcher.reservation(idempotency_key="k-1") == replace(sent, repeated=True)
    shift.assigned("c-2")
    later = shift.city.call("c", call_id="c-3", received_at=shift.clocks.wall)
    assert shift.dispatcher.send(later, idempotency_key="k-3")[1] is None
    assert shift.dispatcher.reservation(idempotency_key="k-3") is None


def test_what_was_in_doubt_is_found_when_the_ledger_is_back() -> None:
    """While it cannot be read nobody is told that there is none."""
    ledger = Broken()
    shift = shift_in(CITY, ledger)
    decision = shift.receive("c-1")
    assert isinstance(decision, Recommendation)
    ledger.fails = "in doubt"
    with pytest.raises(LedgerError):
        shift.dispatcher.reserve(decision, idempotency_key="k")
    ledger.fails = "before"
    with pytest.raises(LedgerError):
        shift.dispatcher.reservation(idempotency_key="k")
    ledger.fails = ""
    told = shift.dispatcher.reservation(idempotency_key="k")
    assert told is not None
    assert (told.call_id, told.team_id, told.open) == ("c-1", "T1", True)
    assert told == shift.dispatcher.reserve(decision, idempotency_key="k")


def test_nothing_is_written_by_a_look_up() -> None:
    """A disk that is full bars none, but where a reservation has lapsed: it must end on record."""
    ledger = Broken()
    shift = shift_in(CITY, ledger)
    made = shift.reserved("c-1")
    ledger.fails = "full"
    told = shift.dispatcher.reservation(idempotency_key="key-c-1")
    assert told == replace(made, repeated=True)
    shift.clocks.pass_by(60)
    with pytest.raises(LedgerFullError):
        shift.dispatcher.reservation(idempotency_key="key-c-1")


def test_a_key_that_was_purged_is_free_again(tmp_path: Path) -> None:
    """Its call has ended, and was removed; an open one is found."""
    with closing(open_ledger(tmp_path / "shift.db")) as ledger:
        shift = shift_in(CITY, ledger)
        shift.reserved("c-1")
        shift.dispatcher.cancel("c-1", "duplicate")
        open_still = shift.reserved("c-2")
        shift.dispatcher.accept(open_still.reservation_id)
        shift.clocks.pass_by(60)
        assert purge(ledger, before=shift.clocks.wall, clock=shift.clocks.ledger_clock()) > 0
        again = shift.again().dispatcher
        assert again.reservation(idempotency_key="key-c-1") is None
        told = again.reservation(idempotency_key="key-c-2")
        assert told == replace(open_still, repeated=True)


@pytest.mark.parametrize("key", ["", "k" * 129, "a\nb", None, 7, ["k"]], ids=repr)
def test_a_broken_key_is_refused(shift: Shift, key: Any) -> None:
    """Rather than told to have made nothing."""
    with pytest.raises(InputError, match="1 to 128 printable characters"):
        shift.dispatcher.reservation(idempotency_key=key)
    with pytest.raises(PrivacyError):
        shift.dispatcher.reservation(idempotency_key="two words")


def test_a_key_that_is_used_at_this_moment(consoles: tuple[Shift, Shift]) -> None:
    """Who looks it up sees all of the reservation or none, and never none after it was seen."""
    mine, other = consoles
    decision = mine.receive("c-1")
    seen: list[Reservation | None] = []
    made: list[object] = []

    def look() -> None:
        seen.extend(other.dispatcher.reservation(idempotency_key="k") for _ in range(20))

    together(look, lambda: made.append(mine.dispatcher.reserve(decision, idempotency_key="k")))
    (held,) = made
    assert isinstance(held, Reservation)
    last = other.dispatcher.reservation(idempotency_key="k")
    assert last == replace(held, repeated=True)
    found = [each for each in seen if each is not None]
    assert seen == [None] * (20 - len(found)) + [last] * len(found)
    assert dispatcher_in(CITY, mine.ledger, mine.clocks).reservation(idempotency_key="k") == last
