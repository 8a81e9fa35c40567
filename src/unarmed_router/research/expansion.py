"""More divisions for a program: which ones, who serves them, and where their teams wait."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np

from unarmed_router.errors import InputError
from unarmed_router.model.canonical import digest_of
from unarmed_router.model.policy import Policy
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.weighed_places import WeighedPlaces
from unarmed_router.simulation.call_volume import DivisionShares

__all__ = ["PLANNING_HOUR", "busiest_uncovered", "median_homes", "serving"]

PLANNING_HOUR = 12
"""Of the week, Monday noon: its traffic is taken where teams are placed."""


def busiest_uncovered(
    places: DivisionShares, divisions: Iterable[int], covered: Collection[int], *, count: int
) -> tuple[int, ...]:
    """Choose the divisions with the most expected demand among the uncovered.

    Parameters
    ----------
    places : DivisionShares
        Where calls arise, such as `Neighbourhoods`.
    divisions : iterable of int
        All of them.
    covered : collection of int
        Those that are served already.
    count : int
        How many to choose.

    Returns
    -------
    tuple of int
        Most demand first; of equal demand, the lower number first.

    Raises
    ------
    InputError
        Fewer than `count` uncovered divisions.
    """
    open_ones = sorted(set(divisions) - set(covered))
    if not 0 <= count <= len(open_ones):
        raise InputError(
            f"{count} divisions cannot be added: {len(open_ones)} are uncovered; give 0 to "
            f"{len(open_ones)}"
        )
    return tuple(sorted(open_ones, key=lambda number: (-places.share_of(number), number))[:count])


def serving(
    policy: Policy, program_id: str, divisions: Collection[int], *, provider: str
) -> Policy:
    """Return a policy in which a program serves these divisions and no others.

    Parameters
    ----------
    policy : Policy
        The one to change.
    program_id : str
        Which program.
    divisions : collection of int
        Where it is to serve. Divisions it serves already keep their provider.
    provider : str
        Who serves the others: a provider of the program, or a new one of that id.

    Returns
    -------
    Policy
        With a digest of its own, unless nothing changes.

    Raises
    ------
    InputError
        The policy has no such program.
    """
    if program_id not in policy.order:
        known = ", ".join(policy.order) or "none"
        raise InputError(
            f"policy {policy.policy_id} has no program {program_id!r}; it has: {known}"
        )
    wanted = frozenset(divisions)
    programs = tuple(
        _serving(program, wanted, provider) if program.program_id == program_id else program
        for program in policy.programs
    )
    if programs == policy.programs:
        return policy
    changed = digest_of([policy.digest, program_id, sorted(wanted), provider])
    return replace(policy, programs=programs, digest=changed)


def _serving(program: Program, wanted: frozenset[int], provider: str) -> Program:
    added = wanted - frozenset(program.provider_of)
    providers = [replace(each, divisions=each.divisions & wanted) for each in program.providers]
    known = [each.provider_id for each in providers]
    if added and provider in known:
        place = known.index(provider)
        both = providers[place].divisions | added
        providers[place] = replace(providers[place], divisions=both)
    elif added:
        providers.append(Provider(provider, provider, added))
    return replace(program, providers=tuple(providers))


def median_homes(
    reach: RoadReach, places: WeighedPlaces, division: int, *, count: int
) -> list[tuple[float, float]]:
    """Place teams of a division at centres of its tracts, each where it helps the most.

    The first goes where the mean travel time to the division's demand is least; every further one
    where it lowers the mean time of the nearest the most (greedy p-median: Kuehn and Hamburger,
    1963, doi 10.1287/mnsc.9.4.643).

    Parameters
    ----------
    reach : RoadReach
        Of the agency's roads.
    places : WeighedPlaces
        Tracts, weighed by ``"demand"``.
    division : int
        Which.
    count : int
        How many teams; more than there are tracts share them.

    Returns
    -------
    list of (float, float)
        (lon, lat) of each home.

    Raises
    ------
    InputError
        The division has no tract beside a road.
    """
    rows = np.flatnonzero((places.division == division) & (places.points.arc >= 0))
    if not rows.size:
        raise InputError(f"division {division} has no tract beside a road; name homes in a roster")
    points = places.points.take(rows)
    ms = reach.to_places(points, points, hour=PLANNING_HOUR).astype(float)
    ms[ms < 0] = 1e12  # no road leads there: worse than any that does
    demand = places.weights["demand"][rows]
    demand = demand if demand.sum() > 0 else np.ones(len(rows))
    nearest = np.full(len(rows), np.inf)
    homes = []
    for _ in range(count):
        cost = np.minimum(ms, nearest) @ demand
        best = int(cost.argmin())
        nearest = np.minimum(nearest, ms[best])
        homes.append((float(places.lon[rows[best]]), float(places.lat[rows[best]])))
    return homes
