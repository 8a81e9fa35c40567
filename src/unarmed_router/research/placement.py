"""Further teams of a program at centres of census tracts, and how good a choice they are."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.model.team import Team
from unarmed_router.research.expansion import PLANNING_HOUR
from unarmed_router.research.expected_work import Work
from unarmed_router.research.further_teams import most_helpful
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.site_choice import Cover, SiteChoice
from unarmed_router.research.siting import best_together, expected_at_most
from unarmed_router.research.weighed_places import tract_places

if TYPE_CHECKING:
    from unarmed_router.agency.folder import Agency
    from unarmed_router.model.policy import Policy
    from unarmed_router.model.program import Program
    from unarmed_router.roads.snapping import SnappedPoints

__all__ = ["Placement", "placed_teams"]

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

_NOBODY = -1


@dataclass(frozen=True, eq=False, kw_only=True)
class Placement:
    """Where further teams wait, and how good a choice that is.

    Parameters
    ----------
    teams : tuple of Team
        ``further-1`` and so on, ids that are taken left out.
    cover : Cover
        From which tracts which tracts are reached, and by how many teams already.
    sites : tuple of int
        Where each team waits, a row of ``cover.near``.
    within_s : float
        What is in time, seconds from receipt to arrival.
    together : bool
        Whether the best set was looked for, in place of the best next one, and the next.
    """

    teams: tuple[Team, ...]
    cover: Cover
    sites: tuple[int, ...]
    within_s: float
    together: bool

    @property
    def expected_before(self) -> float | None:
        """Expected coverage without the further teams, share of the program's demand."""
        return self.cover.expected()

    @property
    def expected(self) -> float | None:
        """Expected coverage with them."""
        return self.cover.expected(self.sites)

    @cached_property
    def expected_at_most(self) -> float | None:
        """Expected coverage that no choice of as many tracts passes, see `siting`."""
        bound, reached = expected_at_most(self.cover, len(self.sites)), self.expected
        # Both are sums, in other orders: by the last bit the bound may miss what it is to hold.
        return bound if bound is None or reached is None else max(bound, reached)

    @property
    def sentence(self) -> str:
        """Say what the teams add, how they were placed, and how much better they could wait."""
        figures = (self.expected_before, self.expected, self.expected_at_most)
        before, after, most = (float("nan") if f is None else 100 * f for f in figures)
        teams, how = f"{len(self.teams)} further teams", "the best set that was found"
        if len(self.teams) == 1:
            teams, how = "the further team", "where it adds the most"
        elif not self.together:
            how = "each where it adds the most beside those before it"
        beyond = math.floor(10 * (most - after) + 1) / 10  # a bound is rounded up
        return (
            f"Expected coverage within {self.within_s / 60:g} min of receipt, before any call is "
            f"played: {before:.1f} % without {teams}, {after:.1f} % with, {how}. No choice of as "
            f"many tracts has {beyond:.1f} points more."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as values JSON has."""
        return {
            "together": self.together,
            "within_s": self.within_s,
            "teams": len(self.teams),
            "expected_coverage_before": self.expected_before,
            "expected_coverage": self.expected,
            "expected_coverage_at_most": self.expected_at_most,
        }


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
    together: bool = False,
) -> Placement:
    """Place further teams of a program at centres of tracts, in the traffic of Monday noon.

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
    together : bool
        Look for the best set of tracts, in place of the best next one, and the next.

    Returns
    -------
    Placement
        Its teams, placed one by one, in the order in which they are worth most.

    Raises
    ------
    InputError
        The agency has no tracts, none of those the program serves lies beside a road, turnout
        leaves no time to travel, or no place is left where a team adds cover in time.
    """
    rules = policy.programs[policy.order[program]]
    number_of = {each.provider_id: k for k, each in enumerate(rules.providers)}
    tracts = _served_tracts(agency, rules, number_of, demand)
    standard_s = float(rules.response_target_s if within_s is None else within_s)
    limit_ms = _travel_limit_ms(policy, standard_s)
    own = [team for team in teams if team.program == program]
    employer = np.array([number_of.get(team.provider, _NOBODY) for team in own], np.int64)
    homes = agency.roads.snap_many(
        lons=np.array([team.home_lon for team in own], np.float64),
        lats=np.array([team.home_lat for team in own], np.float64),
    )
    reach = RoadReach(agency.speeds)
    from_homes = tracts.travel_ms(
        reach.to_places(homes, tracts.points, hour=PLANNING_HOUR), employer
    )
    names = [each.provider_id for each in rules.providers]
    choice = SiteChoice(
        tracts.travel_ms(
            reach.to_places(tracts.points, tracts.points, hour=PLANNING_HOUR), tracts.owner
        ),
        tracts.demand,
        (from_homes <= limit_ms).sum(axis=0),
        limit_ms=limit_ms,
        busy=_busy_shares(busy, names, employer, from_homes, tracts)[tracts.owner],
    )
    chosen = (best_together if together else most_helpful)(choice, count)
    taken = {team.team_id for team in teams}
    free = (name for name in map("further-{}".format, itertools.count(1)) if name not in taken)
    placed = tuple(
        Team(
            team_id=team_id,
            provider=names[int(tracts.owner[site])],
            program=program,
            home_lon=float(tracts.lon[site]),
            home_lat=float(tracts.lat[site]),
        )
        for site, team_id in zip(chosen, free, strict=False)
    )
    return Placement(
        teams=placed,
        cover=choice.cover,
        sites=tuple(chosen),
        within_s=standard_s,
        together=together,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Tracts:
    """Tracts that a program serves, and the number of the provider of each.

    Those beside no road count too, as in `coverage`: nobody reaches them, and nobody waits there.
    """

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
    served = np.flatnonzero(owner != _NOBODY)
    if not (places.points.arc[served] >= 0).any():
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


def _travel_limit_ms(policy: Policy, standard_s: float) -> float:
    """Return what a standard of response leaves for travel."""
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
