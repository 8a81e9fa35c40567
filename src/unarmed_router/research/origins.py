"""From where: the homes of teams, or any place, with who may be sent to which division."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError, UnknownTeamError
from unarmed_router.model.policy import Policy
from unarmed_router.model.provider import Provider
from unarmed_router.model.team import Team
from unarmed_router.research.reach import checked_hours

if TYPE_CHECKING:
    from unarmed_router.agency.folder import Agency
    from unarmed_router.roads.snapping import SnappedPoints

__all__ = ["Origins", "origin_at", "origins_of_division", "origins_of_teams"]

_MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001  # a wall clock; shifts know no zone

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Origins:
    """k places that a team may leave from.

    Parameters
    ----------
    ids : tuple of str
        Names: team ids, or what the place is called.
    points : SnappedPoints
        On the road.
    turnout_s : float64 array, shape (k,)
        Seconds from assignment to rolling.
    divisions : tuple of (frozenset of int) or None
        Divisions each may be sent to; None may be sent everywhere.
    teams : tuple of Team or None
        The teams themselves, for their shifts; None is always there.
    providers : tuple of (tuple of Provider)
        What the policy says of the provider of each, for its hours; its dates are not looked at.
        Empty, where all serve at every hour.
    """

    ids: tuple[str, ...]
    points: SnappedPoints
    turnout_s: npt.NDArray[np.float64]
    divisions: tuple[frozenset[int] | None, ...]
    teams: tuple[Team | None, ...]
    providers: tuple[tuple[Provider, ...], ...] = ()

    def may_serve(self, divisions: npt.NDArray[np.int64], *, hour: int | None = None) -> Bools:
        """Tell who may be sent to which place.

        Parameters
        ----------
        divisions : int array, shape (p,)
            Division of each place.
        hour : int, optional
            Of the week, at whose start providers must serve; at some hour when not given.

        Returns
        -------
        bool array, shape (k, p)
        """
        allowed = np.ones((len(self.ids), len(divisions)), bool)
        for row, served in enumerate(self.divisions):
            if served is not None:
                here = served if hour is None else served & self._open_at(row, hour, served)
                allowed[row] = np.isin(divisions, sorted(here))
        return allowed

    def on_duty(self, hour: int) -> Bools:
        """Tell who is on duty at the start of an hour of the week, shape (k,)."""
        local = _wall_clock(hour)
        return np.array([team is None or team.on_duty(local) for team in self.teams], bool)

    def _open_at(self, row: int, hour: int, served: frozenset[int]) -> frozenset[int]:
        """Return the divisions that the provider of a place serves at the start of an hour."""
        if not self.providers:
            return served
        local = _wall_clock(hour)
        return frozenset(
            number
            for provider in self.providers[row]
            if any(shift.covers(local) for shift in provider.hours)
            for number in provider.divisions
        )


def _wall_clock(hour: int) -> datetime:
    [hour] = checked_hours([hour])
    return _MONDAY + timedelta(hours=hour)


def origins_of_teams(agency: Agency, team_ids: Collection[str] | None = None) -> Origins:
    """Take the homes of teams.

    Parameters
    ----------
    agency : Agency
        Its roster, and its policy for who serves which division.
    team_ids : collection of str, optional
        Which teams; the whole roster when not given.

    Raises
    ------
    UnknownTeamError
        A team is not in the roster.
    """
    known = {state.team.team_id: state.team for state in agency.roster.snapshot().teams}
    wanted = list(known) if team_ids is None else list(team_ids)
    strange = [team_id for team_id in wanted if team_id not in known]
    if strange:
        raise UnknownTeamError(
            f"no team {', '.join(strange)} in the roster; it has: {', '.join(known)}"
        )
    return _of(agency, [known[team_id] for team_id in wanted])


def origins_of_division(agency: Agency, division: int) -> Origins:
    """Take the homes of all teams that may be sent to a division.

    Raises
    ------
    InputError
        No such division. That no team serves one is no error: the result is empty.
    """
    numbers = {each.number for each in agency.divisions.divisions}
    if division not in numbers:
        raise InputError(f"division {division} is none of {', '.join(map(str, sorted(numbers)))}")
    policy = agency.world.policy
    teams = (state.team for state in agency.roster.snapshot().teams)
    return _of(agency, [t for t in teams if division in policy.divisions_of(t.program, t.provider)])


def origin_at(
    agency: Agency, *, lon: float, lat: float, name: str = "home", turnout_s: float | None = None
) -> Origins:
    """Take any place, as if a team that serves everywhere waited there.

    Parameters
    ----------
    agency : Agency
        Its roads.
    lon, lat : float
        WGS 84 degrees.
    name : str
        What to call it.
    turnout_s : float, optional
        Seconds; the policy's when not given.

    Raises
    ------
    CoordinateError
        The pair is not a place on earth.
    InputError
        No road is near, or a turnout that is negative or has no end.
    """
    points = agency.roads.snap_many(lons=[lon], lats=[lat])
    if points.arc[0] < 0:
        raise InputError(f"no road within {agency.roads.limit_m} m of lon {lon}, lat {lat}")
    wait = agency.world.policy.screening.turnout_s if turnout_s is None else turnout_s
    if not 0.0 <= wait < np.inf:
        raise InputError(f"turnout_s {wait} must be at least 0, with an end")
    return Origins((name,), points, np.array([float(wait)]), (None,), (None,))


def _of(agency: Agency, teams: list[Team]) -> Origins:
    policy = agency.world.policy
    return Origins(
        tuple(team.team_id for team in teams),
        agency.roads.snap_many(
            lons=np.array([team.home_lon for team in teams], float),
            lats=np.array([team.home_lat for team in teams], float),
        ),
        np.array(
            [
                policy.screening.turnout_s if team.turnout_s is None else team.turnout_s
                for team in teams
            ],
            float,
        ),
        tuple(policy.divisions_of(team.program, team.provider) for team in teams),
        tuple(teams),
        tuple(_entries(policy, team) for team in teams),
    )


def _entries(policy: Policy, team: Team) -> tuple[Provider, ...]:
    """Return what a policy says of a team's provider: one with two times of day has two entries."""
    place = policy.order.get(team.program)
    every = () if place is None else policy.programs[place].providers
    return tuple(each for each in every if each.provider_id == team.provider)
