"""Events of a ledger as lines that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from unarmed_router.counted import counted
from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer
from unarmed_router.model.canonical import to_plain
from unarmed_router.model.explanation import minutes

if TYPE_CHECKING:
    from unarmed_router.agency.hours import LocalHours
    from unarmed_router.ledger.store import Recorded
    from unarmed_router.model.events import Decided, Event
    from unarmed_router.model.team import TeamState

__all__ = ["event_lines"]

_LEFT_OUT = {"kind", "text", "digest", "decision", "idempotency_key", "arcs"}


def event_lines(each: Recorded, clock: LocalHours, *, in_words: bool) -> Iterator[str]:
    """Write one event: its number, the agency's wall clock with its zone, what happened.

    An hour of the wall clock comes twice when daylight saving ends; its zone tells which one it is.

    Parameters
    ----------
    each : Recorded
        The event.
    clock : LocalHours
        The agency's wall clock.
    in_words : bool
        Whether to explain a decision whose text was kept.
    """
    when, event = clock.local(each.at), each.event
    what = "removed by retention"
    if event is not None:
        what = f"{_kind(event)}: {_said(event, clock, when)}"
    start = f"{each.seq:>7}  {when:%Y-%m-%d %H:%M:%S %Z}  "
    yield f"{start}{what}".rstrip(": ")
    if in_words and event is not None and event.kind == "decided" and event.text is not None:
        yield " " * len(start) + _explained(event)


def _explained(event: Decided) -> str:
    """Say a decision in words; the events after it are shown where another version wrote it."""
    from unarmed_router.operations.recording import decision_of  # noqa: PLC0415

    try:
        return decision_of(event).explain()
    except InputError:
        return "its text is no decision as this version of the library writes one"


def _kind(event: Event) -> str:
    return event.kind.replace("_", " ")


def _said(event: Event, clock: LocalHours, when: datetime) -> str:
    match event.kind:
        case "agency_set":
            policies = ", ".join(each.policy_id for each in event.policies)
            said = f"{event.agency_id}, version {event.version}, policy {policies}"
        case "speeds_set":
            said = "live traffic" if event.arcs else "no live traffic"
        case "roster_set":
            said = f"{counted(len(event.teams), 'team')}: {', '.join(_names(event.teams))}"
        case "fixes":
            said = f"{counted(len(event.team_ids), 'position')}: {', '.join(event.team_ids)}"
        case "call_received" | "call_revised":
            call = event.call
            place = f"lon {call.lon:.5f}, lat {call.lat:.5f}"
            said = (
                f"call {call.call_id}, {call.call_type}, priority {event.priority}, {place}; "
                + _answers(call.facts)
            )
            if event.kind == "call_revised" and event.recall:
                said += "; recall: its team may not go any more"
        case "decided":
            response = f", response time {minutes(event.response_ms or 0)}"
            said = f"call {event.call_id} to {event.team_id or event.target}"
            said += f": {event.reason}" if event.team_id is None else response
        case "preempted":
            gain = f"{minutes(event.gain_ms)} sooner" if event.gain_ms >= 0 else "nobody else could"
            said = f"team {event.team_id} from call {event.call_id} to {event.for_call_id}; {gain}"
        case _:
            said = _fields(to_plain(event), event, clock, when)
    return said


def _names(teams: Iterable[TeamState]) -> Iterator[str]:
    """Name teams; one without a shift was left out by the file, and is there for its call alone."""
    for team in (state.team for state in teams):
        yield team.team_id if team.shifts else f"{team.team_id} (until its call is over)"


def _answers(facts: Mapping[str, Answer | str]) -> str:
    """Write the answers together that are alike."""
    said = [
        f"{answer} to {', '.join(names)}"
        for answer in Answer
        if (names := [name for name, given in facts.items() if given is answer])
    ]
    return "; ".join(said) or "no fact answered"


def _fields(plain: dict[str, Any], event: Event, clock: LocalHours, when: datetime) -> str:
    words = []
    for name, value in plain.items():
        if name in _LEFT_OUT or value in (None, []):
            continue
        given = getattr(event, name)
        if hasattr(given, "tzinfo"):
            value = _moment(clock.local(given), when)  # noqa: PLW2901
        elif isinstance(value, list):
            value = "+".join(value)  # noqa: PLW2901
        words.append(f"{name.removesuffix('_id').replace('_', ' ')} {value}")
    return ", ".join(words)


def _moment(local: datetime, when: datetime) -> str:
    """Write a moment; with its date and its zone where they are others than the line's own."""
    day = "" if local.date() == when.date() else f"{local:%Y-%m-%d} "
    zone = "" if local.tzname() == when.tzname() else f" {local:%Z}"
    return f"{day}{local:%H:%M:%S}{zone}"
