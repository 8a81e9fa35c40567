"""Whatever is handed to a dispatcher: a typed error, and nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from tests.scenarios.city import NOON, City, draw_city
from tests.scenarios.shift import Clocks, DrawnRouter, Shift, dispatcher_in, shift_in
from unarmed_router.errors import InputError, PrivacyError, UnarmedRouterError
from unarmed_router.fleet.preemption import PreemptionOffer
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.model.decision import Decision
from unarmed_router.model.waiting import Preemption, Waiting, WaitLimit
from unarmed_router.operations.dispatcher import Dispatcher

NOTHING = (None, 5, 2.5, True, b"T1", ["T1"], {"T1": 1}, ..., "", " ", "no such", "T1\n")
"""What is no id, no word of a list and no time."""
NAIVE = datetime(2026, 3, 2, 12)  # noqa: DTZ001  # what is refused
FAR = NOON + timedelta(days=1)


@dataclass
class Busy:
    """A shift in which every kind of thing exists."""

    shift: Shift
    decision: Decision
    offer: PreemptionOffer
    reservation: str
    city: City


@pytest.fixture(scope="module")
def busy() -> Busy:
    """One team on its way, one held, one on scene, one call waiting."""
    city = draw_city("a---c-----b", teams={"T1": "a", "T2": "b", "T3": "b"}).with_policy(
        waiting=Waiting(limits={3: WaitLimit(1800, "LINE")}),
        preemption=Preemption({(1, 3): 0}),
    )
    shift = shift_in(city)
    shift.assigned("c-1", "b", status="on_scene")
    shift.assigned("c-2", status="en_route")
    made = shift.reserved("c-3", "b")
    decision = shift.receive("c-4", priority=1)
    offer = shift.dispatcher.preemption("c-4")
    assert offer is not None
    return Busy(shift, decision, offer, made.reservation_id, city)


def _digest(dispatcher: Dispatcher) -> tuple[object, ...]:
    board = dispatcher.board
    return (
        board.seq, board.at, board.roster.snapshot().digest, dict(board.tally), repr(board.calls),
        dict(board.ended), repr(board.reservations), dict(board.keys), dict(board.escalations),
    )  # fmt: skip


def _refused(busy: Busy, act: Callable[[Dispatcher], object]) -> None:
    dispatcher = busy.shift.dispatcher
    before, events = _digest(dispatcher), busy.shift.events()
    with pytest.raises(UnarmedRouterError) as error:
        act(dispatcher)
    assert isinstance(error.value, InputError), error.value
    assert str(error.value)
    assert _digest(dispatcher) == before
    assert busy.shift.events() == events


@pytest.mark.parametrize("wrong", NOTHING, ids=repr)
@pytest.mark.parametrize(
    "act",
    [
        lambda d, x: d.receive(x),
        lambda d, x: d.revise(x),
        lambda d, x: d.accept(x),
        lambda d, x: d.decline(x, "unsafe"),
        lambda d, x: d.close(x, "resolved"),
        lambda d, x: d.close("c-2", x),
        lambda d, x: d.cancel(x, "duplicate"),
        lambda d, x: d.cancel("c-4", x),
        lambda d, x: d.refer(x, "ineligible", "POLICE"),
        lambda d, x: d.refer("c-4", x, "POLICE"),
        lambda d, x: d.refer("c-4", "ineligible", x),
        lambda d, x: d.report(x, "off_duty"),
        lambda d, x: d.report("T1", x),
        lambda d, x: d.record_fix(x, lon=-100.0, lat=40.0, at=NOON),
        lambda d, x: d.record_fix("T1", lon=-100.0, lat=40.0, at=x),
        lambda d, x: d.escalate(x, "assist", reason="weapon", target="POLICE"),
        lambda d, x: d.escalate("T2", x, reason="weapon", target="POLICE"),
        lambda d, x: d.escalate("T2", "assist", reason=x, target="POLICE"),
        lambda d, x: d.escalate("T2", "assist", reason="weapon", target=x),
        lambda d, x: d.called_back(x),
        lambda d, x: d.preemption(x),
        lambda d, x: d.preempt(x, idempotency_key="k"),
        lambda d, x: d.reserve(x, idempotency_key="k"),
    ],
    ids=lambda _: "",
)
def test_what_is_none_of_its_kind(busy: Busy, act: Callable[..., object], wrong: object) -> None:
    """Wrong types, unhashable values, empty text, unknown ids and words."""
    _refused(busy, lambda dispatcher: act(dispatcher, wrong))


@pytest.mark.parametrize("wrong", [None, True, "", "40", [40.0], float("nan"), 400.0], ids=repr)
def test_a_place_that_is_none(busy: Busy, wrong: Any) -> None:
    """Refused before it reaches a road."""
    _refused(busy, lambda d: d.record_fix("T1", lon=wrong, lat=40.0, at=NOON))
    _refused(busy, lambda d: d.record_fix("T1", lon=-100.0, lat=wrong, at=NOON))


@pytest.mark.parametrize("key", ["", "k" * 129, "a\nb", "\x00", None, 7, b"k", ["k"]], ids=repr)
def test_a_broken_key(busy: Busy, key: Any) -> None:
    """1 to 128 printable characters."""
    _refused(busy, lambda d: d.reserve(busy.decision, idempotency_key=key, team_id="T1"))
    _refused(busy, lambda d: d.preempt(busy.offer, idempotency_key=key))


@pytest.mark.parametrize(
    "ttl", [timedelta(0), timedelta(-1), timedelta.max, timedelta(days=1, microseconds=1), 60, "60"]
)
def test_a_broken_time_to_live(busy: Busy, ttl: Any) -> None:
    """Above nothing, up to a day."""
    _refused(busy, lambda d: d.reserve(busy.decision, idempotency_key="k", team_id="T1", ttl=ttl))
    _refused(busy, lambda d: d.preempt(busy.offer, idempotency_key="k", ttl=ttl))


def test_a_team_must_be_named(busy: Busy) -> None:
    """A referral recommends nobody, and a team's id is text."""
    _refused(busy, lambda d: d.reserve(busy.decision, idempotency_key="k"))
    for team in (7, ["T1"], b"T1"):
        _refused(
            busy,
            lambda d, team=team: d.reserve(  # type: ignore[misc]
                busy.decision, idempotency_key="k", team_id=team
            ),
        )


@pytest.mark.parametrize("priority", [0, 10, -1, 1.0, True, "1", [1], np.int64(0)], ids=repr)
def test_a_broken_priority(busy: Busy, priority: Any) -> None:
    """A whole number from 1 to 9."""
    new, known = busy.city.call("c", call_id="c-9"), busy.city.call("c", call_id="c-4")
    _refused(busy, lambda d: d.receive(new, priority=priority))
    _refused(busy, lambda d: d.revise(known, priority=priority))


@pytest.mark.parametrize("since", [NAIVE, FAR, 5, "2026-03-02", [NOON]], ids=repr)
def test_a_broken_moment(busy: Busy, since: Any) -> None:
    """Naive, far ahead, or no time at all."""
    _refused(busy, lambda d: d.report("T2", "clearing", since=since))
    _refused(busy, lambda d: d.record_fix("T2", lon=-100.0, lat=40.0, at=since))


def test_a_fact_the_policy_does_not_know(busy: Busy) -> None:
    """As `route` refuses it; the call was not received."""
    call = busy.city.call("c", call_id="c-9", facts={"colour": "no"})
    _refused(busy, lambda d: d.receive(call))


def test_an_id_that_looks_like_a_telephone_number(busy: Busy) -> None:
    """No number of a person can enter, whatever the field is called."""
    call = busy.city.call("c", call_id="213-555-0134")
    _refused(busy, lambda d: d.receive(call))
    _refused(busy, lambda d: d.preempt(busy.offer, idempotency_key="213-555-0134"))


def test_free_text_for_a_key(busy: Busy) -> None:
    """An identifier is one word; what is refused is not repeated."""
    _refused(busy, lambda d: d.preempt(busy.offer, idempotency_key="John called again"))
    with pytest.raises(PrivacyError, match="idempotency_key holds more than one word; leave"):
        busy.shift.dispatcher.preempt(busy.offer, idempotency_key="John called again")


@pytest.mark.parametrize(
    "wrong",
    [
        {"idempotency_key": "John called"},
        {"idempotency_key": None},
        {"ttl": 60},
        {"accepted": "no"},
        {"choose": "T1"},
    ],
    ids=repr,
)
def test_what_a_call_is_sent_with_is_checked_before_it_is_decided(
    busy: Busy, wrong: dict[str, Any]
) -> None:
    """A caller's mistake shows at its first call, not at the first one that a team may take."""
    number = len(busy.shift.events())  # so that one that is taken spoils no other
    call = busy.city.call("c", call_id=f"d-{number}", facts={"weapon": "yes"})
    _refused(busy, lambda d: d.send(call, **({"idempotency_key": "k"} | wrong)))


@pytest.mark.parametrize("accepted", ["no", "false", 1, 0, None, np.bool_(True)], ids=repr)
def test_a_crew_has_accepted_or_not(busy: Busy, accepted: Any) -> None:
    """Words count as true: "no" would have sent a crew that said no."""
    _refused(
        busy,
        lambda d: d.reserve(busy.decision, idempotency_key="k", team_id="T1", accepted=accepted),
    )


def test_a_reason_that_hides_what_it_is(busy: Busy) -> None:
    """A masked value is equal to nothing and to everything; it is no reason."""
    masked: Any = np.ma.masked
    _refused(busy, lambda d: d.refer("c-4", masked, "POLICE"))


@pytest.mark.parametrize(
    ("option", "wrong"),
    [*[("ttl", x) for x in (timedelta(0), timedelta(days=2), 60, None)], ("keep", "everything")],
)
def test_a_shift_is_not_opened_with_a_broken_option(busy: Busy, option: str, wrong: Any) -> None:
    """It is refused at once, not at the first reservation; nothing is written."""
    ledger = MemoryLedger()
    with pytest.raises(InputError, match=f"(?i){option}"):
        dispatcher_in(busy.city, ledger, Clocks(), **{option: wrong})
    assert list(ledger.read()) == []


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"ledger": "shift.db"}, r"ledger must be an open one; got 'shift.db': open_ledger"),
        ({"ledger": None}, "open_ledger"),
        ({"router": MemoryLedger()}, r"router must be a Router.*: Router.load"),
        ({"clock": lambda: NOON}, r"clock must be a LedgerClock.* make one, LedgerClock"),
        ({"on_end": "a list"}, r"on_end must be called with each call.* got 'a list'"),
    ],
    ids=lambda each: str(*each) if isinstance(each, dict) else "",
)
def test_a_shift_is_not_opened_with_the_wrong_parts(
    busy: Busy, parts: dict[str, Any], told: str
) -> None:
    """A path for the ledger, a function for the clock: told what makes the right thing of it."""
    right: dict[str, Any] = {"router": DrawnRouter(busy.city), "ledger": MemoryLedger()}
    with pytest.raises(InputError, match=told):
        Dispatcher(**(right | parts))
