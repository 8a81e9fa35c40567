"""Reach and coverage of a scenario's teams, or of the agency's own: whole, by division, by team."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from unarmed_router.errors import InputError
from unarmed_router.model.shift import HOURS_A_WEEK
from unarmed_router.research.coverage import Coverage, coverage
from unarmed_router.research.input_files import agency_file_digests
from unarmed_router.research.isochrones import isochrones
from unarmed_router.research.origins import origins_of_teams
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.weighed_places import WeighedPlaces, tract_places

if TYPE_CHECKING:
    import geopandas
    import pandas as pd

    from unarmed_router.agency.folder import Agency
    from unarmed_router.research.prepared_scenario import PreparedScenario

__all__ = ["CoverageResults", "measure_coverage"]


@dataclass(frozen=True, eq=False)
class CoverageResults:
    """Coverage of all teams, and of each by itself.

    Parameters
    ----------
    name : str
        What was measured.
    agency : Agency
        Its roster is that of the measured teams.
    divisions : tuple of int
        Served; places in these count.
    whole : Coverage
        Of all teams together: a place is reached when the first of them is there.
    teams : mapping of str to Coverage
        Each team by itself, over the same places.
    files : mapping of str to str
        SHA-256 of the tracts, of the arrivals by hour, and of the scenario where there is one.
    """

    name: str
    agency: Agency
    divisions: tuple[int, ...]
    whole: Coverage
    teams: dict[str, Coverage]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def weights(self) -> tuple[str, ...]:
        """By what places are weighed."""
        return tuple(self.whole.places.weights)

    def of_division(self, number: int) -> Coverage:
        """Count the places of one division only."""
        return replace(self.whole, counted=self.whole.places.within([number]))

    def isochrones(self, hour: int, *, square_m: float = 200.0) -> geopandas.GeoDataFrame:
        """Draw what the first team reaches at an hour, one row a threshold; see `isochrones`."""
        return isochrones(
            RoadReach(self.agency.speeds),
            origins_of_teams(self.agency),
            network=self.agency.network,
            roads=self.agency.roads,
            minutes=self.whole.minutes,
            hour=hour,
            square_m=square_m,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return every share as a row: of, id, hour, minutes, weight, share.

        ``of`` is ``whole``, ``division`` or ``team``, and ``id`` which one; a share of nothing is
        NaN.
        """
        import pandas as pd  # noqa: PLC0415  # heavy; only where a table is wanted

        parts = [("whole", "", self.whole)]
        parts += [("division", str(n), self.of_division(n)) for n in self.divisions]
        parts += [("team", team, found) for team, found in self.teams.items()]
        frames = []
        for of, name, found in parts:
            frame = found.to_frame()
            frame.insert(0, "id", name)
            frame.insert(0, "of", of)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as values JSON has; a share of nothing is null."""
        digests = self.agency.world.digests
        names = self.agency.divisions.names
        return {
            "name": self.name,
            "inputs": {
                "version": digests.version,
                "policy": self.agency.world.policy.digest,
                "boundaries": digests.boundaries,
                "network": digests.network,
                "profile": digests.profile,
                "roster": self.agency.roster.snapshot().digest,
                **self.files,
            },
            "hours_of_week": list(self.whole.hours),
            "minutes": list(self.whole.minutes),
            "divisions_served": list(self.divisions),
            "whole": _shares(self.whole),
            "by_division": [
                {"division": n, "name": names[n], "shares": _shares(self.of_division(n))}
                for n in self.divisions
            ],
            "by_team": [{"team": team, "shares": _shares(c)} for team, c in self.teams.items()],
        }


def measure_coverage(
    agency: Agency,
    *,
    hours: Sequence[int],
    minutes: Sequence[float],
    scenario: PreparedScenario | None = None,
) -> CoverageResults:
    """Measure the coverage of an agency's teams, or of a scenario's.

    Parameters
    ----------
    agency : Agency
        The scenario's own where there is one.
    hours : sequence of int
        Hours of the week.
    minutes : sequence of float
        Thresholds, each above 0.
    scenario : PreparedScenario, optional
        Whose teams, divisions and weights count, under the policy of its first day and with the
        providers that serve on it. Without one it is the agency's first policy, whatever the dates.

    Raises
    ------
    InputError
        The agency has no tracts, or hours or minutes are out of range or named twice.
    """
    if 0.0 in minutes:
        raise InputError(f"minutes {list(minutes)} must be thresholds above 0")
    if scenario is not None:
        agency, name = _on_first_day(scenario), scenario.document.name
        divisions = _served_on_first_day(scenario)
        places = tract_places(agency, demand=scenario.document.stream.weigh_by)
    else:
        served = {n for each in agency.world.policy.programs for n in each.provider_of}
        divisions, name = tuple(sorted(served)), agency.name
        places = tract_places(agency)
    reach = RoadReach(agency.speeds, keep=HOURS_A_WEEK)

    def of(team_ids: list[str] | None) -> Coverage:
        return _covered(agency, reach, places, hours, minutes, divisions, team_ids)

    team_ids = [state.team.team_id for state in agency.roster.snapshot().teams]
    files = agency_file_digests(agency, ("tracts", "arrivals"))  # no call is made, nothing priced
    if scenario is not None:
        files["scenario"] = scenario.digest
    alone = {team_id: of([team_id]) for team_id in team_ids}
    return CoverageResults(name, agency, divisions, of(None), alone, files)


def _on_first_day(scenario: PreparedScenario) -> Agency:
    """Return a scenario's agency with the policy of its first day, and who serves on that."""
    agency = scenario.agency_at(lambda: scenario.starts)
    day, policy = scenario.document.run.start, scenario.policy
    programs = tuple(
        replace(program, providers=tuple(p for p in program.providers if p.serves_on(day)))
        for program in policy.programs
    )
    if programs != policy.programs:
        policy = replace(policy, programs=programs)
    return replace(agency, world=replace(agency.world, policy=policy, policies=()))


def _served_on_first_day(scenario: PreparedScenario) -> tuple[int, ...]:
    """Return the divisions the policy of the first day has; a later one may have more."""
    policy = scenario.policy
    program = policy.programs[policy.order[scenario.document.service.program]]
    return tuple(number for number in scenario.divisions if number in program.provider_of)


def _covered(
    agency: Agency,
    reach: RoadReach,
    places: WeighedPlaces,
    hours: Sequence[int],
    minutes: Sequence[float],
    divisions: Sequence[int],
    team_ids: list[str] | None,
) -> Coverage:
    return coverage(
        reach,
        origins_of_teams(agency, team_ids),
        places,
        hours=hours,
        minutes=minutes,
        divisions=divisions,
    )


def _shares(found: Coverage) -> dict[str, Any]:
    return {
        weight: {
            "by_hour": [[_known(share) for share in row] for row in found.shares(weight).tolist()],
            "over_hours": [_known(share) for share in found.over_hours(weight).tolist()],
        }
        for weight in found.places.weights
    }


def _known(share: float) -> float | None:
    return None if math.isnan(share) else share
