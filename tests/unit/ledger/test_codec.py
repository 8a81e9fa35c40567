"""Events as canonical JSON, strictly, and without personal data."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

import pytest

from tests.ledgers import NOON, accepted, closed, declined, expired, received, reported, reserved
from unarmed_router.errors import InputError, PrivacyError
from unarmed_router.ledger.codec import KINDS, event_from_json, event_to_json
from unarmed_router.model.call import Call
from unarmed_router.model.events import (
    AgencySet,
    CallBackDone,
    CallCancelled,
    CallQueued,
    CallReceived,
    CallReferred,
    CallRevised,
    Decided,
    Escalated,
    Event,
    Fixes,
    PolicyNamed,
    Preempted,
    Purged,
    RosterSet,
    SpeedsSet,
)
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.outcome import CancelReason, EscalationAct, EscalationReason
from unarmed_router.model.shift import Shift
from unarmed_router.model.team import Fix, Team, TeamState, TeamStatus
from unarmed_router.model.uncertainty import Area, Circle, Ellipse

DECISION = '{"kind":"referral"}'
DIGEST = hashlib.sha256(DECISION.encode()).hexdigest()
TEXT = base64.b64encode(zlib.compress(DECISION.encode())).decode()
ROAD = RoadPosition(arc=1, twin=-1, fraction=0.5, snap_m=3.0, access_ms=10)


def _call(**others: Any) -> Call:
    return replace(received(1).call, **others)


def _team() -> TeamState:
    team = Team(
        team_id="T1",
        provider="north",
        program="crisis",
        home_lon=-118.3,
        home_lat=34.1,
        capabilities=("spanish",),
        shifts=(Shift((4, 5)),),
        turnout_s=60,
    )
    fix = Fix(-118.31, 34.11, NOON)
    return TeamState(team=team, status=TeamStatus.AVAILABLE, status_at=NOON, fix=fix)


EVENTS: list[Event] = [
    AgencySet(
        agency_id="selwyn",
        version="0.1.0",
        agency="0" * 64,
        boundaries="1" * 64,
        network="2" * 64,
        profile="3" * 64,
        policies=(PolicyNamed("p-1", "4" * 64, date(2026, 1, 1), None),),
    ),
    SpeedsSet(profile="3" * 64, unit="factor", arcs="eJxjYACBH/ZgiuGNPQAODgJj"),
    SpeedsSet(profile="3" * 64, unit=None, arcs=None),
    RosterSet(teams=(_team(),)),
    Fixes(team_ids=("T1", "T2"), lon=(-118.3, -118.4), lat=(34.0, 34.1), measured=(NOON, NOON)),
    replace(reported(), skipped=(TeamStatus.EN_ROUTE,)),
    received(1),
    CallReceived(
        call=_call(
            call_type="Mental person (non-violent)",
            codes=("918 V", "415"),
            needs=("spanish",),
            prefers=("youth",),
            uncertainty=Circle(radius_m=30.0, confidence=0.9),
        ),
        priority=1,
    ),
    CallRevised(
        call=_call(
            uncertainty=Ellipse(
                semi_major_m=50.0, semi_minor_m=20.0, orientation_deg=30.0, confidence=0.9
            )
        ),
        priority=2,
    ),
    CallRevised(
        call=_call(
            uncertainty=Area(
                rings=(((-118.4, 34.0), (-118.3, 34.0), (-118.3, 34.1), (-118.4, 34.0)),),
                confidence=0.95,
            )
        ),
        priority=2,
    ),
    Decided(
        call_id="C1",
        decided_at=NOON,
        team_id="T1",
        reason=None,
        target=None,
        response_ms=300_000,
        digest=DIGEST,
        text=TEXT,
        counted_available=("T7",),
    ),
    CallQueued(call_id="C1"),
    reserved(1),
    accepted(reserved(1)),
    declined(reserved(1)),
    expired(reserved(1)),
    Preempted(reservation_id="R1", call_id="C1", team_id="T1", for_call_id="C2", gain_ms=-1),
    Escalated(
        call_id="C1",
        team_id="T1",
        act=EscalationAct.ASSIST,
        reason=EscalationReason.MEDICAL,
        target="fire",
    ),
    CallBackDone(call_id="C1"),
    CallReferred(call_id="C1", reason="waited_too_long", target="police"),
    CallCancelled(call_id="C1", reason=CancelReason.DUPLICATE),
    closed(reserved(1)),
    Purged(before=NOON, up_to_seq=12, count=9),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_an_event_reads_back_as_itself(event: Event) -> None:
    """Canonical text, read and written again, is the same text and the same event."""
    text = event_to_json(event)
    assert event_from_json(text) == event
    assert event_to_json(event_from_json(text)) == text
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_every_kind_is_among_the_examples() -> None:
    """A new event has its example here."""
    assert {type(event) for event in EVENTS} == KINDS
    assert len({event.kind for event in EVENTS}) == len(KINDS)


def test_road_positions_are_not_stored() -> None:
    """They follow from the network: what is read back has none, and is else the same."""
    plain = RosterSet(teams=(_team(),))
    placed = RosterSet(teams=(replace(_team(), home_road=ROAD, fix_road=ROAD),))
    assert event_to_json(placed) == event_to_json(plain)
    assert "road" not in event_to_json(placed)


def test_instants_are_written_in_utc() -> None:
    """The same instant in another zone is the same text."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    there = replace(reported(), since=NOON.astimezone(ZoneInfo("America/Los_Angeles")))
    assert event_to_json(there) == event_to_json(reported())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"kind":"call_queued","call_id":"C1","call_id":"C2"}', "given twice"),
        ('{"kind":"call_queued","call_id":"C1","colour":"red"}', "colour"),
        ('{"kind":"call_lost","call_id":"C1"}', "kind"),
        ('{"call_id":"C1"}', "kind"),
        ('{"kind":"call_queued"}', "call_id"),
        ('{"kind":"call_queued","call_id":1}', "call_id"),
        ('{"kind":"speeds_set","profile":"a","factors":[["m",NaN]]}', "not a finite number"),
        ('{"kind":"speeds_set","profile":"a","factors":[["m",1e999]]}', "not a finite number"),
        ('{"kind":"reported","team_id":"T","status":"asleep","since":"2026-01-01T00:00Z"}', "stat"),
        ("[1", "not JSON"),
        ("[]", "event JSON"),
    ],
)
def test_what_is_no_event_is_refused(text: str, why: str) -> None:
    """Strictly: duplicate keys, unknown fields, kinds and words, wrong types, no numbers."""
    with pytest.raises(InputError, match=why) as caught:
        event_from_json(text)
    assert not isinstance(caught.value, PrivacyError)


@pytest.mark.parametrize(
    "event",
    [
        replace(reported(), since=NOON.replace(tzinfo=None)),
        replace(reserved(1), team_id=None),  # type: ignore[arg-type]
        replace(reserved(1), call_id=7),  # type: ignore[arg-type]
        replace(received(1), priority=2.5),  # type: ignore[arg-type]
        SpeedsSet(profile="a", unit="hours", arcs=None),  # type: ignore[arg-type]
        SpeedsSet(profile="a", unit="ms", arcs="Sm9obiBEb2U="),
        replace(reported(), team_id="\ud800"),
    ],
    ids=["naive", "none", "number", "fraction", "unit", "no arcs", "surrogate"],
)
def test_what_would_not_read_back_is_not_written(event: Event) -> None:
    """A ledger that cannot be read is worse than an event refused."""
    with pytest.raises(InputError):
        event_to_json(event)


def test_only_events_are_written() -> None:
    """A call is no event."""
    with pytest.raises(InputError, match="got Call"):
        event_to_json(_call())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"digest": "0" * 64}, "log the text of the same decision"),
        ({"text": "!"}, "zlib in base64"),
        ({"text": "AAAA"}, "zlib in base64"),
    ],
)
def test_the_text_of_a_decision_is_that_decision(change: dict[str, Any], why: str) -> None:
    """Nothing else can be stored under its name."""
    decided = next(event for event in EVENTS if isinstance(event, Decided))
    with pytest.raises(InputError, match=why):
        event_to_json(replace(decided, **change))


def _followed(packed: str) -> str:
    return base64.b64encode(base64.b64decode(packed) + b"Jane Doe").decode()


def _compressed() -> list[tuple[Any, str, str]]:
    """Give each event that has a compressed field, with the field and what it holds."""
    listed: list[tuple[Any, str, str]] = []
    for event in EVENTS:
        if isinstance(event, Decided) and event.text is not None:
            listed.append((event, "text", event.text))
        elif isinstance(event, SpeedsSet) and event.arcs is not None:
            listed.append((event, "arcs", event.arcs))
    return listed


def test_nothing_follows_what_was_compressed() -> None:
    """Whatever decompresses well might have a caller's name behind it."""
    assert {type(event) for event, _, _ in _compressed()} == {Decided, SpeedsSet}
    for event, field, packed in _compressed():
        with pytest.raises(InputError, match="something follows"):
            event_to_json(replace(event, **{field: _followed(packed)}))


@pytest.mark.parametrize("given", [5, b"AAAA", ["AAAA"]], ids=repr)
def test_a_compressed_field_is_text(given: Any) -> None:
    """What is none is refused as any field with a value of another type is."""
    for event, field, _ in _compressed():
        with pytest.raises(InputError):
            event_to_json(replace(event, **{field: given}))


@pytest.mark.parametrize(("unit", "width"), [("ms", 4), ("factor", 8)])
def test_speeds_are_one_number_an_arc(unit: Literal["factor", "ms"], width: int) -> None:
    """Whole numbers of 4 bytes, factors of 8: what is left over would belong to no arc."""
    for length in range(1, 50):
        arcs = base64.b64encode(zlib.compress(bytes(length))).decode()
        speeds = SpeedsSet(profile="3" * 64, unit=unit, arcs=arcs)
        if length % width == 0:
            assert event_from_json(event_to_json(speeds)) == speeds
        else:
            with pytest.raises(InputError, match=f"{length} bytes, which is no list of {unit}"):
                event_to_json(speeds)


@pytest.mark.parametrize("unit", ["minutes", 4, ["ms"]], ids=repr)
def test_speeds_have_a_known_unit(unit: Any) -> None:
    """Any other is refused by the same error, whether it comes with numbers or without."""
    speeds = next(event for event, field, _ in _compressed() if field == "arcs")
    with pytest.raises(InputError):
        event_to_json(replace(speeds, unit=unit))


PHONES = (
    "213-555-0142",
    "(213)555-0142",
    "213.555.0142",
    "1-213-555-0142",
    "+12135550142",
    "tel:+1-213-555-0142",
    "+442079460958",
    "x_213_555_0142",
    "213\u2011555\u20110142",
)


@pytest.mark.parametrize("phone", PHONES)
def test_a_phone_number_is_refused_wherever_it_stands(phone: str) -> None:
    """As it is dialled, with separators or a country code; the message does not repeat it."""
    for event, field in (
        (reserved(1, key=phone), "idempotency_key"),
        (reserved(1, team=phone), "team_id"),
        (CallReferred(call_id="C1", reason="ineligible", target=phone), "target"),
        (RosterSet(teams=(replace(_team(), team=replace(_team().team, team_id=phone)),)), None),
    ):
        with pytest.raises(PrivacyError, match="phone number") as caught:
            event_to_json(event)
        assert caught.value.field == (field or "teams.0.team.team_id")
        assert phone not in str(caught.value)


def test_a_phone_number_among_codes_is_refused() -> None:
    """Codes may hold spaces, and no number of a person."""
    with pytest.raises(PrivacyError, match=r"call\.codes\.1"):
        event_to_json(CallReceived(call=_call(codes=("918", "CB 213 555 0142")), priority=1))
    with pytest.raises(PrivacyError, match=r"call\.call_type"):
        event_to_json(CallReceived(call=_call(call_type="CB (213) 555-0142"), priority=1))


@pytest.mark.parametrize(
    "word",
    [
        "2026-11-20/0017",
        "20261120-000123",
        "9135550142000",
        "6f1d2c3a-1b2c-4d5e-8f90-123456789012",
        "213-5550-142",
        "LA-911-20-0142",
        "1795204800",
    ],
)
def test_identifiers_are_not_taken_for_phone_numbers(word: str) -> None:
    """Dates, incident numbers, UUIDs and epochs pass."""
    assert event_from_json(event_to_json(reserved(1, key=word))) == reserved(1, key=word)


@pytest.mark.parametrize("text", ["Jane Doe", "call\nback", "a\tb", "a\u00a0b", "a\u200bb"])
def test_free_text_is_refused(text: str) -> None:
    """More than one word is no identifier, whatever parts the words."""
    with pytest.raises(PrivacyError, match="more than one word"):
        event_to_json(reserved(1, team=text))


def test_identifiers_of_any_alphabet_pass() -> None:
    """A team may be called what people call it."""
    assert event_from_json(event_to_json(reserved(1, team="Équipe-Ñ"))).kind == "reserved"


@pytest.mark.parametrize(
    "name", ["caller_name", "phone", "notes", "comment", "patientName", "call_back", "dob", "ssn"]
)
def test_a_field_of_personal_data_is_refused_by_name(name: str) -> None:
    """At any depth, in JSON from elsewhere."""
    plain = json.loads(event_to_json(received(1)))
    for where, path in ((plain, name), (plain["call"], f"call.{name}")):
        where[name] = "x"
        with pytest.raises(PrivacyError, match=name) as caught:
            event_from_json(json.dumps(plain))
        assert caught.value.field == path
        del where[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named(Call):
    """A call of somebody who thought of a way around."""

    caller_name: str = "x"


def test_a_subclass_cannot_bring_a_field_in() -> None:
    """What is written are the fields of the event, and of nothing that derives from it."""
    call = received(1).call
    named = _Named(
        call_id=call.call_id,
        lon=call.lon,
        lat=call.lat,
        call_type=call.call_type,
        received_at=call.received_at,
    )
    with pytest.raises(PrivacyError, match="caller_name"):
        event_to_json(CallReceived(call=named, priority=1))


def test_times_keep_their_microseconds() -> None:
    """Nothing is rounded away."""
    event = replace(reported(), since=NOON + timedelta(microseconds=1))
    assert event_from_json(event_to_json(event)) == event
