"""A city to simulate: the agency as it is, with crews whose positions stay fresh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from unarmed_router.agency.folder import Agency
from unarmed_router.model.canonical import digest_of
from unarmed_router.model.policy import Policy
from unarmed_router.model.team import TeamState, TeamStatus
from unarmed_router.router import Router

__all__ = ["always_fresh", "simulated"]

_NEVER_STALE_S = 100 * 366 * 86_400


def always_fresh(policy: Policy) -> Policy:
    """Return a policy without its age limit of a fix, under a digest of its own.

    A decision names the policy it was made by: replaying the ledger of a simulation takes this one.
    """
    return replace(
        policy,
        screening=replace(policy.screening, max_fix_age_s=_NEVER_STALE_S),
        digest=digest_of([policy.digest, "always fresh"]),
    )


def simulated(
    agency: Agency,
    *,
    clock: Callable[[], datetime],
    policies: Sequence[Policy] = (),
    teams: Sequence[TeamState] = (),
) -> Router:
    """Make a router for a simulation.

    A simulated crew that stands still sends no fix; its position is known all the same. So every
    policy is `always_fresh`, and nothing else of the agency is changed.

    Parameters
    ----------
    agency : Agency
        The city.
    clock : callable
        The present of the simulation.
    policies : sequence of Policy
        In place of the agency's, when given.
    teams : sequence of TeamState
        In place of the roster's, when given. Every team starts available, at home.

    Returns
    -------
    Router
    """
    every = policies or (agency.world.policy, *agency.world.policies)
    fresh = tuple(map(always_fresh, every))
    world = replace(agency.world, policy=fresh[0], policies=fresh[1:])
    states = teams or agency.roster.snapshot().teams
    roster = agency.roster.with_states(
        TeamState(team=each.team, status=TeamStatus.AVAILABLE) for each in states
    )
    return Router(replace(agency, world=world, roster=roster), clock=clock)
