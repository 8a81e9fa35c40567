"""The demo's day: a stated number of seeded calls on one date."""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import TypeVar

from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer, Call, in_utc
from unarmed_router.simulation.call_mix import CallMix
from unarmed_router.simulation.demand import DemandWeights, Tract

__all__ = ["day_of_calls"]

T = TypeVar("T")

_METRES_PER_DEGREE = 111_195.0  # mean sphere; the spread below needs no more
_SPREAD_M = 500.0
_HOUR = timedelta(hours=1)


def day_of_calls(
    demand: DemandWeights, *, midnight: datetime, count: int, seed: int, mix: CallMix
) -> Iterator[Call]:
    """Draw one day of calls in order of receipt.

    Times follow the hour weights of that weekday, on a wall clock that may change that day; places
    are drawn by population and spread around the tract's centre with a two-dimensional normal of
    500 m.

    Parameters
    ----------
    demand : DemandWeights
        Places and hours.
    midnight : datetime
        Start of the day on the agency's wall clock; timezone-aware.
    count : int
        How many calls.
    seed : int
        Same seed, same calls: only ``random.random`` is used, whose sequence Python guarantees.
    mix : CallMix
        Call types and facts.

    Yields
    ------
    Call

    Raises
    ------
    InputError
        `count` is negative or `midnight` naive.
    """
    start = in_utc(midnight, "midnight")
    if count < 0:
        raise InputError(f"count {count} must not be negative")
    draw = random.Random(seed)  # noqa: S311  # a reproducible stream, not a secret
    weekday = demand.hours[midnight.weekday() * 24 :][:24]
    hours = [weekday[hour] for hour in _wall_hours(midnight)]
    seconds = sorted(
        3600 * (_pick(draw, range(len(hours)), hours) + draw.random()) for _ in range(count)
    )
    people = [tract.population for tract in demand.tracts]
    for number, second in enumerate(seconds, start=1):
        lon, lat = _place(draw, _pick(draw, demand.tracts, people))
        yield Call(
            call_id=f"demo-{number:04d}",
            lon=lon,
            lat=lat,
            call_type=_pick(draw, tuple(mix.call_types), tuple(mix.call_types.values())),
            received_at=start + timedelta(seconds=int(second)),
            facts={fact: _answer(draw, share, mix.unknown) for fact, share in mix.yes.items()},
        )


def _wall_hours(midnight: datetime) -> list[int]:
    """List what the wall clock shows hour by hour: 23 or 25 hours where clocks change."""
    start = in_utc(midnight, "midnight")
    whole = (in_utc(midnight + timedelta(days=1), "midnight") - start) // _HOUR
    shown = [(start + each * _HOUR).astimezone(midnight.tzinfo) for each in range(whole)]
    return [(each.replace(tzinfo=None) - midnight.replace(tzinfo=None)) // _HOUR for each in shown]


def _pick(draw: random.Random, items: Sequence[T], weights: Sequence[float]) -> T:
    """Pick one item by weight, from one random number."""
    steps = list(accumulate(weights))
    return items[min(bisect(steps, draw.random() * steps[-1]), len(items) - 1)]


def _place(draw: random.Random, tract: Tract) -> tuple[float, float]:
    """Spread around a tract's centre: Box and Muller (1958, doi 10.1214/aoms/1177706645)."""
    radius = _SPREAD_M * math.sqrt(-2 * math.log(1 - draw.random()))
    angle = 2 * math.pi * draw.random()
    north = radius * math.sin(angle) / _METRES_PER_DEGREE
    east = radius * math.cos(angle) / (_METRES_PER_DEGREE * math.cos(math.radians(tract.lat)))
    return round(tract.lon + east, 6), round(tract.lat + north, 6)


def _answer(draw: random.Random, yes: float, unknown: float) -> Answer:
    number = draw.random()
    if number < yes:
        return Answer.YES
    return Answer.UNKNOWN if number < yes + unknown else Answer.NO
