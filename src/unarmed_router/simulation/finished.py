"""A simulated call when it is over: one row of a result, and its chain of events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from unarmed_router.fleet.call_record import Assignment, CallRecord
from unarmed_router.model.outcome import Outcome
from unarmed_router.simulation.call_mix import Service

__all__ = ["FinishedCall", "Link", "chain_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedCall:
    """What became of a call.

    Parameters
    ----------
    record : CallRecord
        The live system's own record: every team it was given to with every time stamp, outcome and
        reason.
    service : Service
        What the stream knew of it.
    division : int or None
        Division number; None outside.
    clearing_s : float
        For how long crews clear once they leave a caller, seconds.
    """

    record: CallRecord
    service: Service
    division: int | None
    clearing_s: float = 0.0

    @property
    def served(self) -> bool:
        """Whether a team reached the caller."""
        return self.arrived_at is not None

    @property
    def arrived_at(self) -> datetime | None:
        """When the first team reached the caller; None where none did."""
        reached = self._reached
        return None if reached is None else reached.on_scene_at

    @property
    def team_id(self) -> str | None:
        """The team that reached the caller first; None where none did."""
        reached = self._reached
        return None if reached is None else reached.team_id

    @property
    def response_s(self) -> float | None:
        """Received to arrived, seconds; None where no team arrived."""
        arrived = self.arrived_at
        if arrived is None:
            return None
        return (arrived - self.record.call.received_at).total_seconds()

    @property
    def wait_s(self) -> float | None:
        """Received to the reservation that led to the arrival, seconds; None where none arrived."""
        reached = self._reached
        if reached is None:
            return None
        return (reached.reserved_at - self.record.call.received_at).total_seconds()

    @property
    def busy_s(self) -> float:
        """For how long teams were bound by it, reserved to free, seconds; clearing included."""
        clears = self.clearing_s
        held = ((a.reserved_at, a.free_at(clearing_s=clears)) for a in self.record.assignments)
        return sum((free - since).total_seconds() for since, free in held if free is not None)

    @property
    def _reached(self) -> Assignment | None:
        """The first assignment whose team reached the caller: a call has one team at a time."""
        return next((a for a in self.record.assignments if a.on_scene_at is not None), None)


class Link(NamedTuple):
    """One event of a call, and what brought it about."""

    at: datetime
    what: str
    team_id: str | None
    cause: str


def chain_of(record: CallRecord) -> tuple[Link, ...]:
    """Tell a call's story in order, each event with its cause.

    Parameters
    ----------
    record : CallRecord
        Of an ended call.
    """
    links = [Link(record.call.received_at, "received", None, "caller")]
    if record.decided is not None:
        said = record.decided.team_id or record.decided.reason or ""
        links.append(Link(record.decided.decided_at, "decided", record.decided.team_id, said))
    for each in record.assignments:
        stamps = (
            (each.reserved_at, "reserved", "decision"),
            (each.accepted_at, "accepted", "crew"),
            (each.en_route_at, "en_route", "turnout"),
            (each.on_scene_at, "on_scene", "travel"),
            (each.clearing_at, "clearing", "service"),
        )
        links += [Link(at, what, each.team_id, why) for at, what, why in stamps if at is not None]
        if each.ended_at is not None:
            links.append(Link(each.ended_at, "released", each.team_id, each.ending or ""))
    if record.ended_at is not None:
        cause = record.target if record.outcome is Outcome.REFERRED else record.reason
        links.append(Link(record.ended_at, str(record.outcome), None, cause or record.reason))
    order = sorted(range(len(links)), key=lambda place: (links[place].at, place))
    return tuple(links[place] for place in order)
