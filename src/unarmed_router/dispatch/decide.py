"""The decision as one pure function; `dispatch.desk` is the same with everything prepared."""

from __future__ import annotations

from datetime import datetime

from unarmed_router.dispatch.desk import Desk
from unarmed_router.dispatch.ports import World
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision
from unarmed_router.model.roster_snapshot import RosterSnapshot

__all__ = ["decide"]


def decide(call: Call, at: datetime, roster: RosterSnapshot, world: World) -> Decision:
    """Decide who takes a call; the same inputs give the same bytes.

    Parameters
    ----------
    call : Call
        Already validated by its own constructor.
    at : datetime
        The moment of decision; timezone-aware.
    roster : RosterSnapshot
        Every team as it is at that moment.
    world : World
        Divisions, roads, travel times, policy.

    Returns
    -------
    Recommendation or Referral

    Raises
    ------
    InputError
        `at` is naive, the point is swapped, or the call answers a fact the policy does not know.
    """
    return Desk(world).decide(call, at, roster)
