"""Events to canonical JSON and back: nothing is written that does not read back as itself."""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter, ValidationError

from unarmed_router.errors import InputError
from unarmed_router.ledger.privacy import refuse_fields, refuse_text
from unarmed_router.model.canonical import to_json, to_plain
from unarmed_router.model.events import Decided, Event, RosterSet, SpeedsSet
from unarmed_router.strict_json import listed_faults, refuse_ambiguous

__all__ = ["KINDS", "SCHEMA", "check_body", "event_from_json", "event_to_json", "read_event"]

SCHEMA = 1
"""Version of the form of events, kept with each of them; one more with every release that changes
the fields of any. Older forms stay readable: a new field has a default."""

KINDS: frozenset[type] = frozenset(get_args(Event))

_DERIVED = ("home_road", "fix_road")
"""Road positions follow from the rest and from the network: they are found anew."""

_UNKNOWN_FIELD = {"extra_forbidden", "unexpected_keyword_argument"}


def event_to_json(event: Event) -> str:
    """Write an event as canonical JSON: sorted keys, no spaces.

    Parameters
    ----------
    event : Event
        What happened.

    Returns
    -------
    str
        `event_from_json` reads the same event from it, but for road positions, which are left out.

    Raises
    ------
    PrivacyError
        A field of personal data, a phone number or free text; see `unarmed_router.ledger.privacy`.
    InputError
        No event, or a field with a value of another type than its own.
    """
    event = _without_roads(event)
    text = _written(event)
    if read_event(text) != event:
        raise InputError(
            f"{type(event).__name__} would not read back as itself: a field has a value of another "
            f"type than its own in {event!r}"
        )
    return text


def check_body(event: Event, body: str, *, canonical: bool = True) -> None:
    """Refuse what is not as `event_to_json` would have written it.

    Parameters
    ----------
    event : Event
        What was read from `body`.
    body : str
        Text of an event.
    canonical : bool
        Whether the text must be the very same; not so of an older form, which lacks newer fields.

    Raises
    ------
    PrivacyError, InputError
        As `event_to_json`.
    """
    if _written(event) != body and canonical:
        raise InputError("it is not written in canonical form")


def _written(event: Event) -> str:
    """Write an event, and refuse what is personal in it."""
    if type(event) not in KINDS:
        raise InputError(f"a ledger records events of model.events; got {type(event).__name__}")
    try:
        plain = to_plain(event)
        if isinstance(event, RosterSet):
            for team in plain["teams"]:
                for name in _DERIVED:
                    del team[name]
        text = to_json(plain)
        text.encode()
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{type(event).__name__} cannot be written: {error}") from None
    refuse_text(plain, text)
    if isinstance(event, Decided) and event.text is not None:
        _check_decision(event.digest, event.text)
    if isinstance(event, SpeedsSet) and event.arcs is not None:
        _check_arcs(event.unit, event.arcs)
    return text


def event_from_json(text: str | bytes) -> Event:
    """Read an event strictly.

    Parameters
    ----------
    text : str or bytes
        What `event_to_json` wrote, or an event from elsewhere in the same form.

    Returns
    -------
    Event

    Raises
    ------
    PrivacyError
        As `event_to_json`.
    InputError
        Not JSON, a key given twice, a number that is not finite, an unknown kind or field, a naive
        time.
    """
    plain = refuse_ambiguous("event", text)
    event = read_event(text)
    refuse_text(plain, to_json(plain))
    return event


def read_event(text: str | bytes) -> Event:
    """Read an event from text known to be canonical: what a ledger wrote and its digest proves."""
    try:
        event: Event = _adapter().validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        refuse_fields(
            {".".join(map(str, f["loc"][1:])) for f in faults if f["type"] in _UNKNOWN_FIELD}
        )
        raise InputError(f"event JSON: {listed_faults(error)}") from None
    return event


@cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(Annotated[Event, Field(discriminator="kind")])


def _without_roads(event: Event) -> Event:
    """Leave out what is derived, so that what is read back can be compared."""
    if not isinstance(event, RosterSet):
        return event
    return replace(event, teams=tuple(state.without_roads() for state in event.teams))


def _check_arcs(unit: str | None, arcs: str) -> None:
    """Refuse a compressed field that is anything but one number an arc."""
    raw = _unpacked(arcs, "arcs of speeds must be numbers")
    if len(raw) % (8 if unit == "factor" else 4) or unit not in ("factor", "ms"):
        raise InputError(f"arcs of speeds are {len(raw)} bytes, which is no list of {unit}")


def _check_decision(digest: str, text: str) -> None:
    """Refuse a compressed text that is anything but the decision of that digest."""
    found = hashlib.sha256(_unpacked(text, "text of a decision must be its JSON")).hexdigest()
    if found != digest:
        raise InputError(
            f"text of a decision has the digest {found}, the event says {digest}; log the text of "
            "the same decision"
        )


def _unpacked(packed: str, rule: str) -> bytes:
    """Decompress a field, and refuse one that goes on where what was compressed ends.

    Such a rest is not read by anybody and could be anything, a caller's name too.
    """
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(base64.b64decode(packed, validate=True))
    except (TypeError, ValueError, zlib.error) as error:
        raise InputError(f"{rule}, zlib in base64: {error}") from None
    if not stream.eof or stream.unused_data:
        what = "something follows it" if stream.eof else "its end is missing"
        raise InputError(f"{rule}, zlib in base64: {what}")
    return raw
