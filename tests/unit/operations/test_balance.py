"""Balance: every call has one outcome, and those that do not are named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.embedded import CLEAR
from tests.ledgers import NOON
from tests.played import Played, copied
from tests.synthetic_day import Day
from unarmed_router.errors import InputError
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.store import Recorded
from unarmed_router.model.call import Call
from unarmed_router.model.events import (
    AgencySet,
    CallBackDone,
    CallCancelled,
    CallClosed,
    CallQueued,
    CallReceived,
    CallReferred,
    Decided,
    Escalated,
    Event,
    ReservationAccepted,
    Reserved,
    RosterSet,
)
from unarmed_router.model.outcome import (
    CancelReason,
    Disposition,
    EscalationAct,
    EscalationReason,
    Outcome,
)
from unarmed_router.model.team import Team, TeamState, TeamStatus
from unarmed_router.operations.balance import Balance, Fault, balance
from unarmed_router.operations.outcomes import Conflict, Reservation
from unarmed_router.operations.window import Window


def log(*events: Event | Sequence[Event], minutes: float = 1.0) -> MemoryLedger:
    """Write a log by hand: each event a minute after the one before; a list within one moment."""
    written: list[Recorded] = []
    teams = tuple(
        TeamState(
            team=Team(team_id=name, provider="p", program="U", home_lon=-118.0, home_lat=34.0),
            status=TeamStatus.AVAILABLE,
        )
        for name in ("T1", "T2")
    )
    for step, each in enumerate([RosterSet(teams=teams), *events]):
        at = NOON + timedelta(minutes=step * minutes)
        for event in each if isinstance(each, Sequence) else [each]:
            written.append(Recorded(len(written) + 1, at, event))
    return copied(written)


def call(number: int) -> CallReceived:
    """Receive a call."""
    made = Call(call_id=f"C{number}", lon=-118, lat=34, call_type="welfare_check", received_at=NOON)
    return CallReceived(call=made, priority=3)


def decided(number: int, reason: str | None = None) -> Decided:
    """Recommend a team, or refer for a reason."""
    team = "T1" if reason is None else None
    target = None if reason is None else "LAPD_PATROL"
    return Decided(
        call_id=f"C{number}", decided_at=NOON, team_id=team, reason=reason, target=target,
        response_ms=None, digest="",
    )  # fmt: skip


def assigned(number: int, team: str = "T1") -> list[Event]:
    """Let a team take a call."""
    who: dict[str, Any] = {"reservation_id": f"R{number}", "call_id": f"C{number}", "team_id": team}
    held = Reserved(**who, idempotency_key=f"k{number}", expires_at=NOON, decision="")
    return [held, ReservationAccepted(**who)]


def closed(number: int, how: Disposition = Disposition.RESOLVED, team: str = "T1") -> CallClosed:
    """Close a call."""
    return CallClosed(
        reservation_id=f"R{number}", call_id=f"C{number}", team_id=team, disposition=how
    )


def faults(found: Balance) -> list[tuple[str, Fault]]:
    """List the offenders without their words."""
    return [(offender.call_id, offender.fault) for offender in found.offenders]


def test_the_day_balances_and_agrees_with_the_board(played: Played) -> None:
    """Two counts made apart from each other give the same numbers."""
    found = balance(played.ledger)
    assert found.balanced
    assert found.outcomes == played.day.shift.board.tally
    assert found.received == sum(isinstance(e.event, CallReceived) for e in played.ledger.read())
    assert found.received == sum(found.total(outcome) for outcome in Outcome)
    assert found.handed_over == sum(isinstance(e.event, Escalated) for e in played.ledger.read())


@settings(max_examples=15)
@given(st.lists(st.integers(-10, 70), min_size=0, max_size=4), st.integers(0, 70))
def test_windows_add_up(played: Played, cuts: list[int], as_of: int) -> None:
    """Every window balances, at every moment, and windows that meet add up to the whole."""
    start = next(iter(played.ledger.read())).at
    moments = [start + timedelta(minutes=cut) for cut in sorted(cuts)]
    seen = start + timedelta(minutes=as_of)
    parts = [
        balance(played.ledger, Window(since, until, seen))
        for since, until in zip([None, *moments], [*moments, None], strict=True)
    ]
    whole = balance(played.ledger, Window(as_of=seen))
    assert all(part.balanced for part in parts)
    assert sum(part.received for part in parts) == whole.received
    assert sum((part.outcomes for part in parts), start=type(whole.outcomes)()) == whole.outcomes


def test_a_window_is_half_open() -> None:
    """A call received at its start belongs to it, one at its end does not."""
    ledger = log([call(1), decided(1)], [call(2), decided(2)], [call(3), decided(3)])
    first = NOON + timedelta(minutes=1)
    found = balance(ledger, Window(first, first + timedelta(minutes=2)))
    assert found.received == 2
    assert balance(ledger, Window(first, first)).received == 0
    third = first + timedelta(minutes=2)
    assert balance(ledger, Window(as_of=third)).received == 2
    assert balance(ledger, Window(as_of=third + timedelta(microseconds=1))).received == 3
    with pytest.raises(InputError, match="before it begins"):
        Window(first, NOON)
    with pytest.raises(InputError, match="no time zone"):
        Window(datetime(2026, 1, 1))  # noqa: DTZ001  # the fault


def test_ineligible_and_needs_triage_are_two_numbers() -> None:
    """A call that could not be triaged waits; one that is ineligible is referred."""
    referred = CallReferred(call_id="C1", reason="ineligible", target="LAPD_PATROL")
    asked = CallReferred(call_id="C3", reason="needs_triage", target="LAPD_CALL_TAKER")
    found = balance(
        log(
            [call(1), decided(1, "ineligible"), referred],
            [call(2), decided(2, "needs_triage")],
            [call(3), decided(3, "needs_triage"), asked],
        )
    )
    assert found.balanced
    assert found.outcomes == {
        (Outcome.REFERRED, "ineligible"): 1,
        (Outcome.WAITING, "needs_triage"): 1,
        (Outcome.REFERRED, "needs_triage"): 1,
    }


def test_a_queued_call_that_lacks_facts_counts_as_needing_triage() -> None:
    """A revision may take back an answer: the call waits for it, not for a team."""
    events: list[Event] = [
        call(1),
        decided(1),
        CallQueued(call_id="C1"),
        decided(1, "needs_triage"),
    ]
    assert balance(log(events)).outcomes == {(Outcome.WAITING, "needs_triage"): 1}


def test_a_broken_log_names_its_offenders() -> None:
    """Two outcomes, none, no receipt, two receipts: each by its id, and nothing balances."""
    cancelled = CallCancelled(call_id="C1", reason=CancelReason.DUPLICATE)
    found = balance(
        log(
            [call(1), decided(1), *assigned(1), closed(1)],
            cancelled,
            [call(2), decided(2, "no_team_available")],
            CallReferred(call_id="C3", reason="ineligible", target="LAPD_PATROL"),
            [call(4), decided(4)],
            [call(4), decided(4)],
            [call(5), decided(5)],
        )
    )
    assert faults(found) == [
        ("C1", Fault.TWO_OUTCOMES),
        ("C2", Fault.NO_OUTCOME),
        ("C3", Fault.NEVER_RECEIVED),
        ("C4", Fault.RECEIVED_TWICE),
    ]
    assert not found.balanced
    assert "does not fit" in (found.board_fault or "")
    assert found.offenders[0].detail == "assigned (resolved) and cancelled (duplicate)"
    assert found.offenders[1].detail == "last decided: no_team_available"
    plain = found.to_dict()
    assert [(each["call_id"], each["fault"]) for each in plain["offenders"]] == [
        (call_id, fault.value) for call_id, fault in faults(found)
    ]
    assert (plain["balanced"], plain["received"], plain["removed"]) == (False, found.received, 0)
    assert plain["board_fault"] == found.board_fault


def test_two_wrongs_do_not_make_a_balance() -> None:
    """One call without an outcome and one with two add up, and are found all the same."""
    twice = CallReferred(call_id="C1", reason="ineligible", target="LAPD_PATROL")
    found = balance(log([call(1), decided(1), twice], [call(2)], twice))
    assert found.received == found.outcomes.total()
    assert not found.balanced
    assert faults(found) == [("C1", Fault.TWO_OUTCOMES), ("C2", Fault.NO_OUTCOME)]


def test_what_goes_on_after_its_end_is_named() -> None:
    """A call that was closed without a team, or reserved after it had ended; in order of id."""
    ended = CallReferred(call_id="C1", reason="ineligible", target="LAPD_PATROL")
    found = balance(log([call(2), closed(2)], [call(1), ended], assigned(1)))
    assert faults(found) == [("C1", Fault.WENT_ON), ("C2", Fault.NOT_ACCEPTED)]
    found = balance(log([call(1), ended], CallBackDone(call_id="C1")))
    assert faults(found) == [("C1", Fault.WENT_ON)]


def test_a_board_that_counts_otherwise_is_named(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison with the shift's own count is one: a board that is wrong shows."""
    from unarmed_router.fleet import board as boards  # noqa: PLC0415  # patched here only

    end = boards.Board._end

    def wrong(self: Any, record: Any, outcome: Any, reason: Any, at: Any) -> None:
        end(self, record, outcome, "resolved" if reason == "handed_over" else reason, at)

    monkeypatch.setattr(boards.Board, "_end", wrong)
    found = balance(played.ledger)
    assert {offender.fault for offender in found.offenders} == {Fault.BOARD_DIFFERS}
    assert len(found.offenders) == found.handed_over
    assert not found.balanced


def test_redirects_are_counted_by_target_and_reason() -> None:
    """Hand-overs of all calls a team accepted, with an interval; help is counted apart."""

    def escalated(number: int, act: EscalationAct, reason: EscalationReason) -> Escalated:
        return Escalated(
            call_id=f"C{number}", team_id="T1", act=act, reason=reason, target="LAPD_PATROL"
        )

    over, ask = EscalationAct.HAND_OVER, EscalationAct.ASSIST
    ledger = (
        log(
            [call(1), *assigned(1), escalated(1, over, EscalationReason.WEAPON),
             closed(1, Disposition.HANDED_OVER)],
            [call(2), *assigned(2), escalated(2, ask, EscalationReason.MEDICAL), closed(2)],
            [call(3), *assigned(3)],
            [call(4), CallCancelled(call_id="C4", reason=CancelReason.DUPLICATE)],
        )
    )  # fmt: skip
    found = balance(ledger)
    assert found.balanced
    assert (found.redirect_rate.count, found.redirect_rate.of) == (1, 3)
    assert found.hand_overs == {("LAPD_PATROL", "weapon"): 1}
    assert found.assists == 1
    plain = json.loads(json.dumps(found.to_dict()))
    (by,) = plain["redirects"]["by"]
    assert (by["target"], by["reason"], by["handed_over"]) == ("LAPD_PATROL", "weapon", 1)
    assert 0 < by["low"] < by["share"] == 1 / 3 < by["high"] < 1
    assert plain["redirects"]["high"] == by["high"]
    assert plain["events"] == sum(1 for _ in ledger.read())
    assert plain["totals"] == {"assigned": 3, "cancelled": 1, "referred": 0, "waiting": 0}


def test_the_most_frequent_redirect_comes_first() -> None:
    """Whoever reads the first line alone reads what matters most; those as frequent go by name."""
    reasons = [EscalationReason.MEDICAL, EscalationReason.WEAPON, EscalationReason.WEAPON]
    found = balance(
        log(
            *(
                [
                    call(number), *assigned(number),
                    Escalated(
                        call_id=f"C{number}", team_id="T1", act=EscalationAct.HAND_OVER,
                        reason=reason, target="LAPD_PATROL",
                    ),
                    closed(number, Disposition.HANDED_OVER),
                ]
                for number, reason in enumerate(reasons)
            ),
            [call(8), *assigned(8), closed(8)],
        )
    )  # fmt: skip
    assert [(reason, share.count, share.of) for _, reason, share in found.redirects()] == [
        ("weapon", 2, 4),
        ("medical", 1, 4),
    ]
    plain = found.to_dict()
    assert [each["assigned"] for each in plain["redirects"]["by"]] == [4, 4]
    assert (plain["redirects"]["assigned"], plain["balanced"], plain["board_fault"]) == (
        4,
        True,
        None,
    )


def test_what_retention_removed_is_told() -> None:
    """Removed events are counted, and the calls left balance."""
    events = [
        Recorded(each.seq, each.at, None) if isinstance(each.event, AgencySet) else each
        for each in log([call(1), decided(1)], [call(2), decided(2)]).read()
    ]
    events = [Recorded(e.seq, e.at, None) if e.seq in {2, 3} else e for e in events]
    found = balance(copied(events))
    assert (found.removed, found.received, found.balanced) == (2, 1, True)


def test_a_call_whose_last_team_was_lost_to_another_waits_in_the_queue() -> None:
    """A conflict that leaves no team puts the call into the queue: nothing drops out of sight."""
    ledger = MemoryLedger()
    day = Day(ledger)
    decisions = [
        day.shift.receive(
            Call(
                call_id=f"X-{number}",
                lon=-118.309,
                lat=34.0606,
                call_type="welfare_check",
                received_at=day.now,
                facts=CLEAR,
            )
        )
        for number in range(3)
    ]
    first = day.shift.reserve(decisions[0], idempotency_key="a")
    second = day.shift.reserve(decisions[1], idempotency_key="b")
    assert isinstance(first, Reservation)
    assert isinstance(second, Conflict)
    assert second.decision is not None
    assert isinstance(day.shift.reserve(second.decision, idempotency_key="b"), Reservation)
    third = day.shift.reserve(decisions[2], idempotency_key="c")
    assert isinstance(third, Conflict)
    found = balance(ledger)
    assert found.balanced, found.offenders
    assert found.outcomes[Outcome.WAITING, "queued"] == 1
    day.shift.decline(first.reservation_id, "crew_not_ready")
    offer = day.shift.next_offer()
    assert offer is not None
    assert offer.call_id == "X-2"
