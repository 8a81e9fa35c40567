"""Holding a team for a call: what must be true of both, and what to offer when it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from unarmed_router.errors import InputError, PrivacyError
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.call_record import CallRecord
from unarmed_router.model.call import as_text
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.events import Decided, Event, ReservationAccepted, Reserved
from unarmed_router.operations.decider import Decider
from unarmed_router.operations.outcomes import Conflict, ConflictReason, Reservation
from unarmed_router.operations.taking_calls import able_teams, follow_up

__all__ = [
    "Request",
    "call_is_served",
    "checked_accepted",
    "checked_key",
    "checked_ttl",
    "conflict_of",
    "digest_of_last",
    "hold_at_once",
    "made_by",
    "repeated",
    "reserve",
    "reserve_accepted",
    "reserved",
]

_LONGEST_KEY = 128
_LONGEST_TTL = timedelta(days=1)
_FRESH = timedelta(seconds=1)
"""A decision no older than this, after which nothing happened, is taken as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a dispatcher asks for.

    Parameters
    ----------
    call_id, team_id : str
        Which team for which call.
    key : str
        Idempotency key.
    ttl : timedelta
        How long the team has to answer.

    Raises
    ------
    InputError
        An id is no text, or the key or the time is none: see `checked_key` and `checked_ttl`.
    """

    call_id: str
    team_id: str
    key: str
    ttl: timedelta

    def __post_init__(self) -> None:
        for what, given in (("call_id", self.call_id), ("team_id", self.team_id)):
            if not isinstance(given, str):
                raise InputError(f"{what} must be text; got {given!r:.80}")
        checked_key(self.key)
        checked_ttl(self.ttl)
        for name in ("call_id", "team_id", "key"):
            object.__setattr__(self, name, as_text(getattr(self, name)))


def checked_key(key: Any) -> str:
    """Return an idempotency key, or refuse what is none.

    Raises
    ------
    InputError
        It is no text, empty, too long, or holds what is not printed.
    PrivacyError
        It holds a space, as sentences do: a ledger would refuse it when a team is held.
    """
    if not isinstance(key, str) or not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        raise InputError(
            f"idempotency_key {key!r:.80} must be 1 to {_LONGEST_KEY} printable characters"
        )
    if " " in key:  # the one space that is printed
        raise PrivacyError(
            "idempotency_key holds more than one word; leave the spaces out, a ledger holds "
            "identifiers and no free text",
            field="idempotency_key",
        )
    return as_text(key)


def checked_accepted(accepted: Any) -> bool:
    """Return whether a crew has accepted, or refuse what is no answer: "no" counts as true.

    Raises
    ------
    InputError
        It is neither True nor False.
    """
    if not isinstance(accepted, bool):
        raise InputError(f"accepted must be True or False; got {accepted!r:.80}")
    return accepted


def checked_ttl(ttl: Any) -> timedelta:
    """Return how long a team has to answer, or refuse what is no such time.

    Raises
    ------
    InputError
        It is none, or more than a day.
    """
    if not isinstance(ttl, timedelta) or not timedelta(0) < ttl <= _LONGEST_TTL:
        raise InputError(
            f"ttl {ttl!r:.80} must be a timedelta above nothing and up to {_LONGEST_TTL}"
        )
    return ttl


def repeated(board: Board, request: Request) -> Reservation | None:
    """Return the reservation a key made before; None for a new key.

    Raises
    ------
    InputError
        The key made a reservation of another call or team.
    """
    made = made_by(board, request.key)
    if made is not None and (made.call_id, made.team_id) != (request.call_id, request.team_id):
        raise InputError(
            f"idempotency_key {request.key!r} has reserved team {made.team_id} for call "
            f"{made.call_id}; use another key for another reservation"
        )
    return made


def made_by(board: Board, key: str) -> Reservation | None:
    """Return the reservation that a key has made, as it stands; None where it has made none."""
    made = board.keys.get(key)
    if made is None:
        return None
    return Reservation(
        reservation_id=made[0],
        call_id=made[1],
        team_id=made[2],
        expires_at=made[3],
        repeated=True,
        open=made[0] in board.reservations,
    )


def reserve(
    board: Board, decider: Decider, request: Request, at: datetime
) -> tuple[Sequence[Event], Reservation | Conflict]:
    """Hold a team for a call, or say why not and what is best now.

    A decision that is not the last thing that happened is made again first: the team must be
    among those that could go as things stand now. Where it is not, what follows from the new
    decision follows as it does on receipt: the call waits, or somebody else takes it.

    Raises
    ------
    UnknownCallError
        The call was never received.
    """
    served = call_is_served(board, request)
    if served is not None:
        return (), served
    record = board.call(request.call_id)
    last = record.decided
    if last is not None and _is_fresh(board, record, last, at) and last.team_id == request.team_id:
        event, made = reserved(board, request, last.digest, at, place=0)
        return (event,), made
    decision, fixes = decider.decide(decider.call_of(record, at), at)
    now = decider.recorded(decision, fixes)
    if not isinstance(decision, Recommendation) or request.team_id not in able_teams(decision):
        after = follow_up(decider.policy(at), decision)
        return (*now, *after), _refused(board, request, decision)
    event, made = reserved(board, request, digest_of_last(now), at, place=len(now))
    return (*now, event), made


def reserve_accepted(
    board: Board, decider: Decider, request: Request, at: datetime
) -> tuple[Sequence[Event], Reservation | Conflict]:
    """Do `reserve`, for a crew that takes every call it is sent."""
    events, made = reserve(board, decider, request, at)
    return ((*events, _accepted(made)) if isinstance(made, Reservation) else events), made


def hold_at_once(
    board: Board,
    request: Request,
    decision: Recommendation,
    before: Sequence[Event],
    at: datetime,
    *,
    accepted: bool,
) -> tuple[Sequence[Event], Reservation]:
    """Hold a team by the act that decided the call: what was decided holds still.

    Parameters
    ----------
    board : Board
        The shift.
    request : Request
        What is asked for.
    decision : Recommendation
        Of the call.
    before : sequence of Event
        The act so far, the decision among it.
    at : datetime
        Ledger time.
    accepted : bool
        Whether the crew takes every call it is sent.

    Raises
    ------
    InputError
        The key made another reservation, or the team is no candidate.
    """
    repeated(board, request)  # refuses a used key: it cannot be of this call, which is new
    if request.team_id != decision.team_id and request.team_id not in able_teams(decision):
        raise InputError(
            f"team {request.team_id!r:.80} is no candidate for call {request.call_id}; choose one "
            "of the decision's candidates"
        )
    event, made = reserved(board, request, digest_of_last(before), at, place=len(before))
    return ((event, _accepted(made)) if accepted else (event,)), made


def _accepted(made: Reservation) -> ReservationAccepted:
    return ReservationAccepted(
        reservation_id=made.reservation_id, call_id=made.call_id, team_id=made.team_id
    )


def call_is_served(board: Board, request: Request) -> Conflict | None:
    """Return the conflict of a call that has ended or has a team; None where it waits.

    Raises
    ------
    UnknownCallError
        The call was never received.
    """
    ended = board.ended.get(request.call_id)
    # An id may come again after a purge, which this process outlived.
    if ended is not None and request.call_id not in board.calls:
        return conflict_of(request, ConflictReason.CALL_ENDED, f"{ended[0]} ({ended[1]})")
    holder = board.call(request.call_id).assignment
    if holder is None:
        return None
    held = f"team {holder.team_id} is held for it, or on its way"
    return conflict_of(request, ConflictReason.CALL_TAKEN, held)


def reserved(
    board: Board, request: Request, digest: str, at: datetime, *, place: int
) -> tuple[Reserved, Reservation]:
    """Make the event of a reservation and what its maker is told.

    Parameters
    ----------
    board : Board
        The shift.
    request : Request
        What is asked for.
    digest : str
        Digest of the decision it follows.
    at : datetime
        Ledger time.
    place : int
        How many events of the same act come before it: with the number of the last event, that
        makes an id that no other reservation has.
    """
    made = Reservation(
        reservation_id=f"r-{board.seq + place + 1}",
        call_id=request.call_id,
        team_id=request.team_id,
        expires_at=at + request.ttl,
    )
    return (
        Reserved(
            reservation_id=made.reservation_id,
            idempotency_key=request.key,
            call_id=made.call_id,
            team_id=made.team_id,
            expires_at=made.expires_at,
            decision=digest,
        ),
        made,
    )


def digest_of_last(events: Sequence[Event]) -> str:
    """Return the digest of the last decision among some events."""
    for event in reversed(events):
        if isinstance(event, Decided):
            return event.digest
    raise LookupError("no decision among these events")


def _is_fresh(board: Board, record: CallRecord, last: Decided, at: datetime) -> bool:
    return record.decided_seq == board.seq and at - last.decided_at <= _FRESH


def _refused(board: Board, request: Request, decision: Decision) -> Conflict:
    """Say why a team may not go, with what is decided of the call now."""
    holder = board.open_of_team.get(request.team_id)
    if holder is not None:
        detail = f"call {holder.call_id} holds it"
        return conflict_of(request, ConflictReason.TEAM_TAKEN, detail, decision)
    excluded = {each.team_id: each for each in decision.exclusions}.get(request.team_id)
    if excluded is None:
        detail = "it is not in the roster"
    else:
        detail = ": ".join(filter(None, [excluded.reason.replace("_", " "), excluded.detail]))
    return conflict_of(request, ConflictReason.TEAM_NOT_ELIGIBLE, detail, decision)


def conflict_of(
    request: Request, reason: ConflictReason, detail: str, decision: Decision | None = None
) -> Conflict:
    """Say why nothing is reserved for a request, with what is decided of its call now."""
    return Conflict(
        reason=reason,
        call_id=request.call_id,
        team_id=request.team_id,
        detail=detail,
        decision=decision,
    )
