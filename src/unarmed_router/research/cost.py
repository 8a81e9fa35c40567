"""What calls cost, with the unit said out loud, and against the same calls handled without a team.

Sources disagree on what the published figures of $35 and $85 are for: an hour in one, "an average
intervention at equal time on scene" in the other. So a rate has a unit, and there is no default.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from unarmed_router.errors import InputError
from unarmed_router.model.whole_number import whole_number

__all__ = ["CostComparison", "CostRates", "CostUnit", "compare_cost"]


class CostUnit(StrEnum):
    """What a rate is for."""

    PER_HOUR = "per_hour"
    """An hour in which a team is bound by a call, from its reservation until it is free again."""
    PER_INTERVENTION = "per_intervention"
    """One call served, however long it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRates:
    """What service by a team costs, and service by whoever would go without one.

    Parameters
    ----------
    unit : CostUnit
        What both rates are for.
    team, baseline : float
        Currency units, at least 0.
    currency : str
        Such as ``"USD"``.
    source : str
        Where the rates and their unit come from; required.

    Raises
    ------
    InputError
        Another unit, a rate below 0 or without an end, or no source.
    """

    unit: CostUnit
    team: float
    baseline: float
    currency: str
    source: str

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "unit", CostUnit(self.unit))
        except ValueError:
            units = " or ".join(CostUnit)
            raise InputError(f"cost unit {self.unit!r} must be {units}") from None
        for name in ("team", "baseline"):
            value = getattr(self, name)
            if not 0.0 <= value < float("inf"):
                raise InputError(f"cost rate {name} {value} must be at least 0")
        if not self.source.strip():
            raise InputError("say where the cost rates and their unit come from, in source")


@dataclass(frozen=True, slots=True)
class CostComparison:
    """Cost of the same calls, with teams and without.

    Parameters
    ----------
    rates : CostRates
        What was reckoned with.
    with_teams : float
        Calls served by teams at the team's rate, and those redirected at both.
    without : float
        The same calls at the baseline rate: nothing is diverted.
    interventions : int
        Calls a team served.
    """

    rates: CostRates
    with_teams: float
    without: float
    interventions: int

    @property
    def saved(self) -> float:
        """Baseline less cost with teams; negative where teams cost more."""
        return self.without - self.with_teams


def compare_cost(
    rates: CostRates,
    *,
    interventions: int,
    redirected: int,
    team_hours: float | None = None,
    baseline_hours: float | None = None,
) -> CostComparison:
    """Reckon the cost of calls that teams served, and of the same calls without teams.

    Parameters
    ----------
    rates : CostRates
        Per hour or per intervention.
    interventions : int
        Calls a team served.
    redirected : int
        Those among them that police had to take in the end: they cost both.
    team_hours : float, optional
        Hours of service by teams; needed for rates per hour.
    baseline_hours : float, optional
        Hours the same calls would take without teams; equal to `team_hours` when not given, which
        is what "at equal time on scene" means.

    Raises
    ------
    InputError
        More redirected calls than calls, a negative number or one without an end, or no hours for
        rates per hour.
    """
    whole_number("interventions", interventions)
    if not 0 <= redirected <= interventions:
        raise InputError(f"{redirected} redirected of {interventions} interventions is impossible")
    if rates.unit is CostUnit.PER_INTERVENTION:
        units, other_units = float(interventions), float(interventions)
    else:
        if team_hours is None:
            raise InputError("rates are per hour: give team_hours, or rates per intervention")
        units = team_hours
        other_units = team_hours if baseline_hours is None else baseline_hours
        if not (0.0 <= units < inf and 0.0 <= other_units < inf):
            raise InputError(f"hours {units} and {other_units} must be at least 0, with an end")
    # A redirected call is handled again by police, for as long as without teams.
    again = other_units * redirected / interventions if interventions else 0.0
    return CostComparison(
        rates,
        with_teams=rates.team * units + rates.baseline * again,
        without=rates.baseline * other_units,
        interventions=interventions,
    )
