"""What happens on a shift, as values: the only things a ledger records.

The list is closed and so are the fields: there is no place for a caller's name, a phone number or
free text. Every identifier is a word; every reason is one of a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from unarmed_router.model.call import Call
from unarmed_router.model.outcome import (
    CancelReason,
    DeclineReason,
    Disposition,
    EscalationAct,
    EscalationReason,
)
from unarmed_router.model.shift_events import (
    AgencySet,
    Fixes,
    PolicyNamed,
    Purged,
    Reported,
    RosterSet,
    SpeedsSet,
)

__all__ = [
    "AgencySet",
    "CallBackDone",
    "CallCancelled",
    "CallClosed",
    "CallQueued",
    "CallReceived",
    "CallReferred",
    "CallRevised",
    "Decided",
    "Escalated",
    "Event",
    "Fixes",
    "PolicyNamed",
    "Preempted",
    "Purged",
    "Reported",
    "ReservationAccepted",
    "ReservationDeclined",
    "ReservationExpired",
    "Reserved",
    "RosterSet",
    "SpeedsSet",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReceived:
    """A call came in."""

    call: Call
    priority: int
    kind: Literal["call_received"] = "call_received"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRevised:
    """More is known of a call: answers, place or type; it keeps its id and its receipt.

    Parameters
    ----------
    call : Call
        As it is known now.
    priority : int
        1 is the most urgent.
    recall : bool
        Whether the team that has accepted the call may not go, for what is known of it now.
    """

    call: Call
    priority: int
    recall: bool = False
    kind: Literal["call_revised"] = "call_revised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What `route` said of a call.

    Parameters
    ----------
    call_id : str
        Which call.
    decided_at : datetime
        The moment it was decided for.
    team_id : str or None
        The team recommended; None in a referral.
    reason, target : str or None
        Of a referral.
    response_ms : int or None
        Received to arrived, of a recommendation, milliseconds.
    digest : str
        SHA-256 of the decision's canonical JSON.
    text : str or None
        The JSON itself, zlib-compressed, in base64; None where the ledger keeps digests only.
    counted_available : tuple of str
        Teams en route that were counted as available, for a pre-emption.
    """

    call_id: str
    decided_at: datetime
    team_id: str | None
    reason: str | None
    target: str | None
    response_ms: int | None
    digest: str
    text: str | None = None
    counted_available: tuple[str, ...] = ()
    kind: Literal["decided"] = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued:
    """A call waits for a team."""

    call_id: str
    kind: Literal["call_queued"] = "call_queued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """A team is held for a call until somebody answers or the time is up.

    Parameters
    ----------
    reservation_id : str
        Unique in the ledger.
    idempotency_key : str
        Unique in the ledger: the same key is the same reservation.
    call_id, team_id : str
        Which call and which team.
    expires_at : datetime
        When it lapses unless accepted.
    decision : str
        Digest of the decision it follows.
    """

    reservation_id: str
    idempotency_key: str
    call_id: str
    team_id: str
    expires_at: datetime
    decision: str
    kind: Literal["reserved"] = "reserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationAccepted:
    """The team takes the call: it is assigned."""

    reservation_id: str
    call_id: str
    team_id: str
    kind: Literal["reservation_accepted"] = "reservation_accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationDeclined:
    """The team does not take the call; it is not asked again for this one."""

    reservation_id: str
    call_id: str
    team_id: str
    reason: DeclineReason
    kind: Literal["reservation_declined"] = "reservation_declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationExpired:
    """Nobody answered in time, or the call ended first; the team is free again."""

    reservation_id: str
    call_id: str
    team_id: str
    kind: Literal["reservation_expired"] = "reservation_expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preempted:
    """A team en route is taken off a call for a more urgent one; the call waits again.

    Parameters
    ----------
    reservation_id : str
        The assignment that ends.
    call_id, team_id : str
        The call that loses its team, and the team.
    for_call_id : str
        The call it goes to instead.
    gain_ms : int
        By how much sooner that call is reached than by any free team, milliseconds; -1 where no
        other team could go.
    """

    reservation_id: str
    call_id: str
    team_id: str
    for_call_id: str
    gain_ms: int
    kind: Literal["preempted"] = "preempted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """A team on scene asks for help, or hands over.

    Parameters
    ----------
    call_id, team_id : str
        Which call and which team.
    act : EscalationAct
        Help, or hand-over.
    reason : EscalationReason
        Why.
    target : str
        Referral target of the policy that is asked.
    """

    call_id: str
    team_id: str
    act: EscalationAct
    reason: EscalationReason
    target: str
    kind: Literal["escalated"] = "escalated"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackDone:
    """Somebody called the caller back and the call still stands."""

    call_id: str
    kind: Literal["call_back_done"] = "call_back_done"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReferred:
    """A call ends: somebody else takes it.

    Parameters
    ----------
    call_id : str
        Which call.
    reason : str
        A `ReferralReason`, or ``waited_too_long``.
    target : str
        Referral target of the policy.
    """

    call_id: str
    reason: str
    target: str
    kind: Literal["call_referred"] = "call_referred"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCancelled:
    """A call ends before a team accepted it: nobody needs to go."""

    call_id: str
    reason: CancelReason
    kind: Literal["call_cancelled"] = "call_cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallClosed:
    """An assigned call ends; its team is no longer bound by it.

    Parameters
    ----------
    reservation_id : str
        The assignment that ends.
    call_id, team_id : str
        Which call and which team.
    disposition : Disposition
        How it closed.
    """

    reservation_id: str
    call_id: str
    team_id: str
    disposition: Disposition
    kind: Literal["call_closed"] = "call_closed"


Event: TypeAlias = (
    AgencySet
    | SpeedsSet
    | RosterSet
    | Fixes
    | Reported
    | CallReceived
    | CallRevised
    | Decided
    | CallQueued
    | Reserved
    | ReservationAccepted
    | ReservationDeclined
    | ReservationExpired
    | Preempted
    | Escalated
    | CallBackDone
    | CallReferred
    | CallCancelled
    | CallClosed
    | Purged
)
"""Anything a ledger records."""
