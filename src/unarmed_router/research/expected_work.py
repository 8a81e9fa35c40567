"""How much work calls make for each provider, and so how busy its teams will be.

The work is the calls that are expected times how long one holds a team (erlangs); over the teams
it is the share of time that each is busy (Daskin, 1983, doi 10.1287/trsc.17.1.48). Teams of one
provider do not help out another's, so each has its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from unarmed_router.errors import InputError
from unarmed_router.model.policy import Policy
from unarmed_router.research.scenario_schema import CrewsEntry
from unarmed_router.simulation.call_mix import CallMix
from unarmed_router.simulation.call_volume import first_taker_shares
from unarmed_router.simulation.neighbourhoods import Neighbourhoods
from unarmed_router.simulation.streams import CallStream

__all__ = ["BUSIEST", "Work", "expected_work"]

_DAY_S = 86_400.0

BUSIEST = 0.9
"""Teams are taken to be no busier: beyond, what is there is not enough for any place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The calls of one provider.

    Parameters
    ----------
    calls_per_s : float
        That its program is the first to be asked for, a second.
    held_s : float
        How long a call holds a team, seconds, travel left out.
    """

    calls_per_s: float
    held_s: float

    def busy(self, teams: int, travel_s: float) -> float:
        """Return the share of time that each of some teams is busy, at most `BUSIEST`.

        Parameters
        ----------
        teams : int
            Of the provider; none is taken as one, the first that it gets.
        travel_s : float
            Mean time on the way to a call, seconds.
        """
        return min(self.calls_per_s * (self.held_s + travel_s) / max(teams, 1), BUSIEST)


def expected_work(
    stream: CallStream, policy: Policy, program: str, crews: CrewsEntry
) -> dict[str, Work]:
    """Reckon the work of each provider of a program from what a stream is drawn from.

    Parameters
    ----------
    stream : CallStream
        Where, how many and which calls; none is drawn.
    policy : Policy
        Who serves where, and which calls a program may take.
    program : str
        Which.
    crews : CrewsEntry
        How long crews clear, and stay with those that police take.

    Raises
    ------
    InputError
        A policy of too many answers to be tried, see `simulation.call_volume.eligible_share`, or
        places that tell no share of a division.
    """
    places = stream.places
    if not isinstance(places, Neighbourhoods):
        raise InputError("the places of the stream do not tell which share of calls is where")
    busy_s = float(policy.screening.turnout_s + crews.clearing_s)
    per_s = stream.rates.per_day / _DAY_S
    found = {}
    for provider in policy.programs[policy.order[program]].providers:
        try:
            shares = first_taker_shares(stream.mix, policy, places, provider.divisions)
        except InputError as error:
            raise InputError(
                f"how busy teams are cannot be reckoned ({error}); give run.busy_share"
            ) from None
        of_kind = {kind: share for (taker, kind), share in shares.items() if taker == program}
        found[provider.provider_id] = Work(
            calls_per_s=per_s * math.fsum(of_kind.values()),
            held_s=busy_s + _on_scene_s(stream.mix, of_kind, crews.redirect_after_s),
        )
    return found


def _on_scene_s(mix: CallMix, weights: Mapping[str, float], redirect_after_s: float) -> float:
    """Mean time on scene over kinds of calls; those that police take soon are handed over."""
    service = mix.service
    assert service is not None  # noqa: S101  # a stream has refused a mix without one
    soon = service.redirected
    stays = {kind: service.on_scene_of.get(kind, service.on_scene) for kind in weights}
    held = math.fsum(
        weight
        * (
            (1.0 - soon) * stays[kind].mean_up_to(math.inf)
            + soon * stays[kind].mean_up_to(redirect_after_s)
        )
        for kind, weight in weights.items()
    )
    return held / math.fsum(weights.values()) if weights else 0.0
