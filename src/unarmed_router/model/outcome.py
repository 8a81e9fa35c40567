"""How a call ends, and what may be asked for from the scene: closed lists."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from unarmed_router.errors import InputError

__all__ = [
    "CancelReason",
    "DeclineReason",
    "Disposition",
    "EscalationAct",
    "EscalationReason",
    "Outcome",
    "word_of",
]

E = TypeVar("E", bound=StrEnum)


class Outcome(StrEnum):
    """What became of a call; each has exactly one. All but ``waiting`` end it."""

    WAITING = "waiting"
    """Received and not ended: in triage, recommended, reserved, or queued for a team."""
    ASSIGNED = "assigned"
    """A team accepted it; the disposition says how it closed."""
    REFERRED = "referred"
    """Somebody else takes it."""
    CANCELLED = "cancelled"
    """Nobody needs to go any more."""


class Disposition(StrEnum):
    """How an assigned call closed."""

    RESOLVED = "resolved"
    TRANSPORTED = "transported"
    NO_PERSON_FOUND = "no_person_found"
    SERVICE_REFUSED = "service_refused"
    CALLER_HUNG_UP = "caller_hung_up"
    CANCELLED_EN_ROUTE = "cancelled_en_route"
    HANDED_OVER = "handed_over"
    NOT_RECORDED = "not_recorded"
    """The team became free and nobody said how the call closed."""


class CancelReason(StrEnum):
    """Why a call that no team had accepted needs nobody any more."""

    CALLER_HUNG_UP = "caller_hung_up"
    CALLER_CANCELLED = "caller_cancelled"
    NO_PERSON_FOUND = "no_person_found"
    DUPLICATE = "duplicate"
    ENTERED_IN_ERROR = "entered_in_error"


class DeclineReason(StrEnum):
    """Why a team does not take a call it was offered."""

    UNSAFE = "unsafe"
    KNOWN_PERSON = "known_person"
    CREW_NOT_READY = "crew_not_ready"
    END_OF_SHIFT = "end_of_shift"
    VEHICLE = "vehicle"
    OTHER = "other"


class EscalationAct(StrEnum):
    """What a team on scene asks for."""

    ASSIST = "assist"
    """Somebody joins it; it stays."""
    HAND_OVER = "hand_over"
    """Somebody else takes the call; the team is free once they have it."""


class EscalationReason(StrEnum):
    """Why a team on scene asks for somebody."""

    VIOLENCE = "violence"
    WEAPON = "weapon"
    MEDICAL = "medical"
    CRIME = "crime"
    HOLD_NEEDED = "hold_needed"
    """A psychiatric hold, which unarmed teams cannot order."""
    MINOR = "minor"
    OUT_OF_SCOPE = "out_of_scope"


def word_of(words: type[E], given: E | str) -> E:
    """Return a word of a closed list, or refuse it with the list.

    Raises
    ------
    InputError
        It is none of them.
    """
    if type(given) is words:
        return given
    try:
        return words(given)
    except ValueError:
        raise InputError(f"{words.__name__} {given!r:.80} is none of: {', '.join(words)}") from None
