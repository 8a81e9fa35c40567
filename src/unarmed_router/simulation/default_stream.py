"""The stream of an agency: its tracts, hours, mix and published volume put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from unarmed_router.errors import InputError
from unarmed_router.model.call import in_utc
from unarmed_router.simulation.arrivals import HourlyRates
from unarmed_router.simulation.call_volume import calls_per_day
from unarmed_router.simulation.demand import load_hours, load_tracts, load_weights, smoothed
from unarmed_router.simulation.mix_file import load_mix
from unarmed_router.simulation.neighbourhoods import Neighbourhoods
from unarmed_router.simulation.streams import CallStream

if TYPE_CHECKING:
    from unarmed_router.agency.folder import Agency

__all__ = ["agency_stream", "demand_files"]

BY_POPULATION = {"population": 1.0}


def demand_files(agency: Agency) -> tuple[Path, Path, Path]:
    """Return the tracts, the arrivals by hour and the call mix of an agency.

    Raises
    ------
    InputError
        It lacks one of them.
    """
    if agency.demand is None or agency.arrivals is None or agency.call_mix is None:
        raise InputError(
            f"agency {agency.agency_id} cannot make synthetic calls: name demand, arrivals and "
            "call_mix under [files] in its agency.toml"
        )
    return agency.demand, agency.arrivals, agency.call_mix


def agency_stream(
    agency: Agency,
    *,
    start: datetime,
    seed: int,
    until: datetime | None = None,
    count: int | None = None,
    replication: int = 0,
    per_day: float | None = None,
    weigh_by: Mapping[str, float] | Sequence[float] = BY_POPULATION,
) -> CallStream:
    """Make the calls of a whole city.

    Parameters
    ----------
    agency : Agency
        With demand, arrivals and a call mix, in the words of its policy of the first day.
    start, until, count, seed, replication
        As in `CallStream`.
    per_day : float, optional
        Mean calls a day of the whole city; when not given, as many as make the published number of
        diverted calls in the divisions it was counted in.
    weigh_by : mapping of str to float, or sequence of float
        Columns of the tract file and what each counts for, see `load_weights`; or a weight of your
        own for each tract, see `own_weights`.

    Raises
    ------
    InputError
        The agency has not the files, or `per_day` is neither given nor in the mix.
    ConfigurationError
        A file is broken.
    """
    tracts, arrivals, call_mix = demand_files(agency)
    policy = agency.world.policy_on(agency.hours.local(in_utc(start, "start")).date())
    mix = load_mix(call_mix, policy=policy)
    places = Neighbourhoods.of(
        load_tracts(tracts),
        divisions=agency.divisions,
        roads=agency.roads,
        weights=load_weights(tracts, weigh_by) if isinstance(weigh_by, Mapping) else weigh_by,
    )
    if per_day is None:
        if mix.volume is None:
            raise InputError(f"{call_mix.name} has no table [volume]; add one, or give per_day")
        per_day = calls_per_day(mix.volume, mix, policy, places)
    return CallStream(
        places=places,
        rates=HourlyRates(per_day, smoothed(load_hours(arrivals))),
        hours=agency.hours,
        mix=mix,
        start=start,
        until=until,
        count=count,
        seed=seed,
        replication=replication,
    )
