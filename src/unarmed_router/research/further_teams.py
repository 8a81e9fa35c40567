"""Where further teams help the most: each where it raises expected coverage the most.

Expected coverage is MEXCLP's (Daskin, 1983, doi 10.1287/trsc.17.1.48): with each team busy for a
share q of the time, a place within reach of k teams finds one free with probability ``1 - q**k``.
Teams are placed one after the other, so that the first two of five are the two of two. Every one
is the best by itself; all together add at least ``1 - 1/e`` of what the best set could (Nemhauser,
Wolsey and Fisher, 1978, doi 10.1007/BF01588971).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.model.team import Team
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.weighed_places import tract_places

if TYPE_CHECKING:
    from unarmed_router.agency.folder import Agency
    from unarmed_router.model.program import Policy

__all__ = ["most_helpful", "placed_teams"]

Bools = npt.NDArray[np.bool_]

_NOBODY = -1


def most_helpful(
    near: npt.ArrayLike,
    demand: npt.ArrayLike,
    covered: npt.ArrayLike,
    *,
    busy: float,
    count: int,
) -> list[int]:
    """Choose sites one after the other, each where it raises expected coverage the most.

    Parameters
    ----------
    near : array_like of bool, shape (sites, places)
        Whether a team there reaches the place in time and may serve it.
    demand : array_like of float, shape (places,)
        Of each place, at least 0.
    covered : array_like of int, shape (places,)
        How many teams reach each place already.
    busy : float
        Share of time a team is busy, in [0, 1).
    count : int
        How many to choose; a site may be chosen again.

    Returns
    -------
    list of int
        Rows of `near`; of equal ones the first.

    Raises
    ------
    InputError
        No site, shapes that do not fit, or a value out of range.
    """
    reached, weights = np.asarray(near, bool), np.asarray(demand, np.float64)
    teams = np.array(covered, np.int64)
    if reached.ndim != 2 or not len(reached) or {weights.shape, teams.shape} != {reached.shape[1:]}:
        raise InputError(
            f"near has shape {reached.shape}, demand {weights.shape} and covered {teams.shape}; "
            "they must be (sites, places), (places,) and (places,), with at least one site"
        )
    if not 0.0 <= busy < 1.0:
        raise InputError(f"busy {busy} must be a share of time below 1")
    if not ((weights >= 0.0) & np.isfinite(weights)).all() or (teams < 0).any():
        raise InputError("demand must be finite and at least 0, and covered at least 0")
    chosen = []
    for _ in range(count):
        gained = reached @ (weights * (1.0 - busy) * np.power(busy, teams))
        site = int(gained.argmax())
        teams += reached[site]
        chosen.append(site)
    return chosen


def placed_teams(
    agency: Agency,
    policy: Policy,
    teams: Sequence[Team],
    *,
    program: str,
    count: int,
    busy: float,
    demand: Mapping[str, float],
    hour: int = 12,
) -> list[Team]:
    """Place further teams of a program at centres of census tracts.

    Parameters
    ----------
    agency : Agency
        With tracts.
    policy : Policy
        Who serves where. A further team is of the provider that serves its tract, and covers the
        divisions of that provider; mutual aid is not counted.
    teams : sequence of Team
        Those there are, taken to be on duty.
    program : str
        Whose response target, less the policy's turnout, is the travel time that is in time.
    count : int
        How many.
    busy : float
        Share of time a team is busy, in [0, 1).
    demand : mapping of str to float
        Columns of the tract file and what each counts for.
    hour : int
        Of the week, whose traffic is taken.

    Returns
    -------
    list of Team
        ``further-1`` and so on, in the order in which they are worth most.

    Raises
    ------
    InputError
        The agency has no tracts, or none of those the program serves lies beside a road.
    """
    rules = policy.programs[policy.order[program]]
    places = tract_places(agency, demand=demand)
    number_of = {each.provider_id: k for k, each in enumerate(rules.providers)}
    provider_of = rules.provider_of
    owners = np.array(
        [number_of.get(provider_of.get(n, ""), _NOBODY) for n in places.division.tolist()], np.int64
    )
    served = np.flatnonzero((owners != _NOBODY) & (places.points.arc >= 0))
    if not served.size:
        raise InputError(f"no tract that {program} serves lies beside a road; name a roster")
    points, owner = places.points.take(served), owners[served]
    reach, target_ms = RoadReach(agency.speeds), _target_ms(policy, program)

    def within(ms: npt.NDArray[np.int64], of: npt.NDArray[np.int64]) -> Bools:
        near: Bools = (ms >= 0) & (ms <= target_ms) & (of[:, None] == owner[None, :])
        return near

    own = [team for team in teams if team.program == program]
    homes = agency.roads.snap_many(
        lons=np.array([team.home_lon for team in own], np.float64),
        lats=np.array([team.home_lat for team in own], np.float64),
    )
    employer = np.array([number_of.get(team.provider, _NOBODY) for team in own], np.int64)
    covered = within(reach.to_places(homes, points, hour=hour), employer).sum(axis=0)
    chosen = most_helpful(
        within(reach.to_places(points, points, hour=hour), owner),
        places.weights["demand"][served],
        covered,
        busy=busy,
        count=count,
    )
    names = [each.provider_id for each in rules.providers]
    return [
        Team(
            team_id=f"further-{number}",
            provider=names[int(owner[site])],
            program=program,
            home_lon=float(places.lon[served[site]]),
            home_lat=float(places.lat[served[site]]),
        )
        for number, site in enumerate(chosen, start=1)
    ]


def _target_ms(policy: Policy, program: str) -> int:
    target_s = policy.programs[policy.order[program]].response_target_s
    return (target_s - policy.screening.turnout_s) * 1000
