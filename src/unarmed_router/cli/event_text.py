"""Events of a ledger as lines that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from unarmed_router.model.call import Answer
from unarmed_router.model.canonical import to_plain
from unarmed_router.model.explanation import minutes

if TYPE_CHECKING:
    from unarmed_router.agency.hours import LocalHours
    from unarmed_router.ledger.store import Recorded
    from unarmed_router.model.events import Event

__all__ = ["event_lines", "of"]

_LEFT_OUT = {"kind", "text", "digest", "decision", "idempotency_key", "arcs"}
_INDENT = " " * 29


def of(event: Event | None, *, call: str | None, team: str | None) -> bool:
    """Tell whether an event is of a call and of a team, where one is asked for."""
    if call is None and team is None:
        return True
    if event is None:
        return False
    about = getattr(getattr(event, "call", None), "call_id", None)
    calls = {about, getattr(event, "call_id", None), getattr(event, "for_call_id", None)}
    teams = {getattr(event, "team_id", None), *getattr(event, "team_ids", ())}
    return (call is None or call in calls) and (team is None or team in teams)


def event_lines(each: Recorded, clock: LocalHours, *, in_words: bool) -> Iterator[str]:
    """Write one event: its number, the agency's wall clock, what happened.

    Parameters
    ----------
    each : Recorded
        The event.
    clock : LocalHours
        The agency's wall clock.
    in_words : bool
        Whether to explain a decision whose text was kept.
    """
    when = f"{clock.local(each.at):%Y-%m-%d %H:%M:%S}"
    event = each.event
    what = "removed by retention" if event is None else f"{_kind(event)}: {_said(event, clock)}"
    yield f"{each.seq:>7}  {when}  {what}".rstrip(": ")
    if in_words and event is not None and event.kind == "decided" and event.text is not None:
        from unarmed_router.interop.json_codec import decision_from_json  # noqa: PLC0415
        from unarmed_router.operations.recording import decision_text  # noqa: PLC0415

        yield _INDENT + decision_from_json(decision_text(event)).explain()


def _kind(event: Event) -> str:
    return event.kind.replace("_", " ")


def _said(event: Event, clock: LocalHours) -> str:
    match event.kind:
        case "agency_set":
            policies = ", ".join(each.policy_id for each in event.policies)
            return f"{event.agency_id}, version {event.version}, policy {policies}"
        case "speeds_set":
            return "live traffic" if event.arcs else "no live traffic"
        case "roster_set":
            return f"{len(event.teams)} teams: {', '.join(t.team.team_id for t in event.teams)}"
        case "fixes":
            return f"{len(event.team_ids)} positions: {', '.join(event.team_ids)}"
        case "call_received" | "call_revised":
            call = event.call
            place = f"lon {call.lon:.5f}, lat {call.lat:.5f}"
            return (
                f"call {call.call_id}, {call.call_type}, priority {event.priority}, {place}; "
                + _answers(call.facts)
            )
        case "decided":
            if event.team_id is None:
                return f"call {event.call_id} to {event.target}: {event.reason}"
            response = minutes(event.response_ms or 0)
            return f"call {event.call_id} to {event.team_id}, response time {response}"
        case _:
            return _fields(to_plain(event), event, clock)


def _answers(facts: Mapping[str, Answer]) -> str:
    """Write the answers together that are alike."""
    said = [
        f"{answer} to {', '.join(names)}"
        for answer in Answer
        if (names := [name for name, given in facts.items() if given is answer])
    ]
    return "; ".join(said) or "no fact answered"


def _fields(plain: dict[str, Any], event: Event, clock: LocalHours) -> str:
    words = []
    for name, value in plain.items():
        if name in _LEFT_OUT or value in (None, []):
            continue
        given = getattr(event, name)
        if hasattr(given, "tzinfo"):
            value = f"{clock.local(given):%H:%M:%S}"  # noqa: PLW2901
        elif isinstance(value, list):
            value = "+".join(value)  # noqa: PLW2901
        words.append(f"{name.removesuffix('_id').replace('_', ' ')} {value}")
    return ", ".join(words)
