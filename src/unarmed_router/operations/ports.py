"""What a shift needs of whatever decides its calls, as a Protocol."""

from __future__ import annotations

from typing import Protocol

from unarmed_router.dispatch.desk import Desk
from unarmed_router.fleet.roster import Roster

__all__ = ["Decides", "IdentifiedAgency"]


class IdentifiedAgency(Protocol):
    """An agency by its id."""

    @property
    def agency_id(self) -> str:
        """Which agency."""


class Decides(Protocol):
    """A router, as a shift needs it; `unarmed_router.router.Router` is one.

    Attributes
    ----------
    roster : Roster
        Its teams; a shift puts its own in their place.
    """

    roster: Roster

    @property
    def agency(self) -> IdentifiedAgency:
        """What it routes for."""

    @property
    def desk(self) -> Desk:
        """What is in force now."""
