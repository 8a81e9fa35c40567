"""Where further teams help the most: each where it raises expected coverage the most.

Expected coverage is MEXCLP's (Daskin, 1983, doi 10.1287/trsc.17.1.48): with each team busy for a
share q of the time, a place within reach of k teams finds one free with probability ``1 - q**k``.
Teams are placed one after the other, so that the first two of five are the two of two. Every one
is the best by itself; all together add at least ``1 - 1/e`` of what the best set could (Nemhauser,
Wolsey and Fisher, 1978, doi 10.1007/BF01588971).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.model.team import Team
from unarmed_router.research.expected_work import Work
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.weighed_places import tract_places

if TYPE_CHECKING:
    from unarmed_router.agency.folder import Agency
    from unarmed_router.model.program import Policy, Program
    from unarmed_router.roads.snapping import SnappedPoints

__all__ = ["most_helpful", "placed_teams"]

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

_NOBODY = -1
_SAME = 1e-9
"""Gains that differ by less, of the greatest, differ by rounding alone."""


def most_helpful(
    travel_ms: npt.ArrayLike,
    demand: npt.ArrayLike,
    covered: npt.ArrayLike,
    *,
    limit_ms: float,
    busy: npt.ArrayLike,
    count: int,
) -> list[int]:
    """Choose sites one after the other, each where it raises expected coverage the most.

    Parameters
    ----------
    travel_ms : array_like of float, shape (sites, places)
        Milliseconds from each site to each place; infinite where a team there may not serve it.
    demand : array_like of float, shape (places,)
        Of each place, at least 0.
    covered : array_like of int, shape (places,)
        How many teams reach each place already.
    limit_ms : float
        Travel time that is in time, inclusive.
    busy : array_like of float, shape () or (places,)
        Share of time a team is busy that serves the place, in [0, 1).
    count : int
        How many to choose; a site may be chosen again.

    Returns
    -------
    list of int
        Rows of `travel_ms`. Of sites that add as much, that from which the way to what it adds is
        shortest on average; of equal ones the first.

    Raises
    ------
    InputError
        No site, shapes that do not fit, a value out of range, or no site adds anything.
    """
    times, weights = np.asarray(travel_ms, np.float64), np.asarray(demand, np.float64)
    teams = np.array(covered, np.int64)
    if times.ndim != 2 or not len(times) or {weights.shape, teams.shape} != {times.shape[1:]}:
        raise InputError(
            f"travel_ms has shape {times.shape}, demand {weights.shape} and covered {teams.shape}; "
            "they must be (sites, places), (places,) and (places,), with at least one site"
        )
    taken = np.broadcast_to(np.asarray(busy, np.float64), weights.shape)
    wrong = taken[~((taken >= 0.0) & (taken < 1.0))]
    if wrong.size:
        raise InputError(f"busy {wrong[0]} must be a share of time below 1")
    if not ((weights >= 0.0) & np.isfinite(weights)).all() or (teams < 0).any():
        raise InputError("demand must be finite and at least 0, and covered at least 0")
    near = times <= limit_ms
    way = np.where(near, times, 0.0)
    chosen = []
    for _ in range(count):
        worth = weights * (1.0 - taken) * np.power(taken, teams)
        gained = near @ worth
        most = float(gained.max())
        if not most > 0.0:
            raise InputError(
                f"no place where a further team adds cover within {limit_ms / 60_000:.1f} minutes "
                "of travel; allow more time, or fewer teams"
            )
        equal = np.flatnonzero(gained >= most * (1.0 - _SAME))
        site = int(equal[(way[equal] @ worth).argmin()])
        teams += near[site]
        chosen.append(site)
    return chosen


def placed_teams(
    agency: Agency,
    policy: Policy,
    teams: Sequence[Team],
    *,
    program: str,
    count: int,
    busy: float | Mapping[str, Work],
    demand: Mapping[str, float],
    within_s: float | None = None,
    hour: int = 12,
) -> list[Team]:
    """Place further teams of a program at centres of census tracts.

    Parameters
    ----------
    agency : Agency
        With tracts.
    policy : Policy
        Who serves where, at the moment that counts (`Policy.at`). A further team is of the provider
        that serves its tract, and covers the divisions of that provider; mutual aid is not counted.
    teams : sequence of Team
        Those there are, taken to be on duty.
    program : str
        Which.
    count : int
        How many.
    busy : float or mapping of str to Work
        Share of time a team is busy, in [0, 1); or the work of each provider, over whose teams it
        is spread, with the way to a call from the nearest of them.
    demand : mapping of str to float
        Columns of the tract file and what each counts for.
    within_s : float, optional
        From receipt to arrival, of which the policy's turnout is taken off; the program's response
        target when not given.
    hour : int
        Of the week, whose traffic is taken.

    Returns
    -------
    list of Team
        ``further-1`` and so on, ids that are taken left out, in the order in which they are worth
        most.

    Raises
    ------
    InputError
        The agency has no tracts, none of those the program serves lies beside a road, turnout
        leaves no time to travel, or no place is left where a team adds cover in time.
    """
    rules = policy.programs[policy.order[program]]
    number_of = {each.provider_id: k for k, each in enumerate(rules.providers)}
    tracts = _served_tracts(agency, rules, number_of, demand)
    limit_ms = _travel_limit_ms(policy, rules, within_s)
    own = [team for team in teams if team.program == program]
    employer = np.array([number_of.get(team.provider, _NOBODY) for team in own], np.int64)
    homes = agency.roads.snap_many(
        lons=np.array([team.home_lon for team in own], np.float64),
        lats=np.array([team.home_lat for team in own], np.float64),
    )
    reach = RoadReach(agency.speeds)
    from_homes = tracts.travel_ms(reach.to_places(homes, tracts.points, hour=hour), employer)
    names = [each.provider_id for each in rules.providers]
    chosen = most_helpful(
        tracts.travel_ms(reach.to_places(tracts.points, tracts.points, hour=hour), tracts.owner),
        tracts.demand,
        (from_homes <= limit_ms).sum(axis=0),
        limit_ms=limit_ms,
        busy=_busy_shares(busy, names, employer, from_homes, tracts)[tracts.owner],
        count=count,
    )
    taken = {team.team_id for team in teams}
    free = (name for name in map("further-{}".format, itertools.count(1)) if name not in taken)
    return [
        Team(
            team_id=team_id,
            provider=names[int(tracts.owner[site])],
            program=program,
            home_lon=float(tracts.lon[site]),
            home_lat=float(tracts.lat[site]),
        )
        for site, team_id in zip(chosen, free, strict=False)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Tracts:
    """Tracts beside a road that a program serves, and the number of the provider of each."""

    lon: Floats
    lat: Floats
    points: SnappedPoints
    owner: Int64s
    demand: Floats

    def travel_ms(self, ms: Int64s, providers: Int64s) -> Floats:
        """Leave of travel times those of teams that may serve the tract; others are infinite."""
        allowed = (ms >= 0) & (providers[:, None] == self.owner[None, :])
        return np.where(allowed, ms, np.inf)


def _served_tracts(
    agency: Agency, program: Program, number_of: Mapping[str, int], demand: Mapping[str, float]
) -> _Tracts:
    places = tract_places(agency, demand=demand)
    provider_of = program.provider_of
    owner = np.array(
        [number_of.get(provider_of.get(n, ""), _NOBODY) for n in places.division.tolist()], np.int64
    )
    served = np.flatnonzero((owner != _NOBODY) & (places.points.arc >= 0))
    if not served.size:
        raise InputError(
            f"no tract that {program.program_id} serves lies beside a road; name a roster"
        )
    return _Tracts(
        places.lon[served],
        places.lat[served],
        places.points.take(served),
        owner[served],
        places.weights["demand"][served],
    )


def _travel_limit_ms(policy: Policy, program: Program, within_s: float | None) -> float:
    """Return what a standard of response leaves for travel."""
    standard_s = program.response_target_s if within_s is None else within_s
    turnout_s = policy.screening.turnout_s
    if standard_s < turnout_s:
        raise InputError(
            f"{standard_s:g} s from receipt to arrival leave no time to travel: turnout alone "
            f"takes {turnout_s:g} s; allow more"
        )
    return (standard_s - turnout_s) * 1000.0


def _busy_shares(
    busy: float | Mapping[str, Work],
    providers: Sequence[str],
    employer: Int64s,
    from_homes: Floats,
    tracts: _Tracts,
) -> Floats:
    """Return the share of time that a team of each provider is busy."""
    if not isinstance(busy, Mapping):
        return np.full(len(providers), busy)
    way_s = _nearest_s(from_homes, tracts.owner, tracts.demand, len(providers))
    counts = np.bincount(employer[employer != _NOBODY], minlength=len(providers)).tolist()
    return np.array(
        [
            busy[name].busy(count, travel_s)
            for name, count, travel_s in zip(providers, counts, way_s, strict=True)
        ]
    )


def _nearest_s(from_homes: Floats, owner: Int64s, weights: Floats, providers: int) -> list[float]:
    """Mean travel time of each provider's calls from the nearest home, s; 0 where none is near."""
    nearest = from_homes.min(axis=0, initial=np.inf) / 1000.0
    found = []
    for number in range(providers):
        here = (owner == number) & np.isfinite(nearest) & (weights > 0.0)
        worth = weights[here]
        found.append(float(nearest[here] @ worth / worth.sum()) if worth.size else 0.0)
    return found
