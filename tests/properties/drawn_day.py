"""Small days of simulation, drawn: roads, teams, a policy, crews' rules, callers."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

from tests.oracles.decide_in_force import outlined
from tests.oracles.dijkstra import Arc
from tests.oracles.hourly_times import NaiveTimes
from tests.oracles.simulated_crews import Caller, Work
from tests.oracles.taken_place import Box, box_of, places
from tests.properties.drawn_rules import EMPLOYERS, LATE, Kind, Pick, hours_from, policies
from tests.scenarios.city import EAST, NOON, NORTH, TWO_FACTS, City, draw_city
from unarmed_router.dispatch.ports import TravelTimes
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.policy import Policy
from unarmed_router.model.shift import ALWAYS
from unarmed_router.model.uncertainty import Area, Circle, Ellipse

__all__ = ["KINDS", "DrawnDay", "a_day", "boxes", "hour_at"]

TOWNS = 24
"""So many are drawn from; a town takes longer to build than a day to play."""
CROSSINGS = "abcdefgij"
TEAMS = ("T1", "T2", "T3", "T4")
HOUR = timedelta(minutes=2)
"""Traffic changes as often, so that days of some minutes have several hours."""
SLOWER = (2.0, 5.0, 3.3)
VAGUE: dict[str, Any] = {"facts": {"medical": Answer.NO}}
NURSE: dict[str, Any] = {"needs": ("nurse",)}
PARKS = ((-0.6, -1.5, 2.3, 6.0), (1.5, -0.6, 6.3, 2.4), (3.7, 1.6, 9.0, 6.0))
"""Outlined areas: west, north, east and south, in characters; no crossing is on their borders."""
ODD: tuple[dict[str, Any], ...] = (
    {"call_type": "burglary"},
    {"call_type": "unheard_of"},
    {"facts": TWO_FACTS | {"weapon": Answer.YES}},
    VAGUE,
    NURSE,
    {"needs": ("boat",)},
    {"prefers": ("nurse",)},
)
"""What may be otherwise about a call."""


KINDS = {
    "calls": Kind(),
    "urgent": Kind(urgent=True),
    "shifts": Kind(shifts=True),
    "breaks": Kind(rests=True),
    "hours": Kind(hours=True),
    "aid": Kind(urgent=True, aid=True),
    "changes": Kind(urgent=True, changes=True),
    "far": Kind(far=True),
    "unsure": Kind(unsure=True, aid=True),
    "all": Kind(urgent=True, shifts=True, rests=True, hours=True, aid=True, changes=True),
}


@dataclass(frozen=True)
class DrawnDay:
    """Everything a day is made of.

    Parameters
    ----------
    city : City
        With the compiled engine, under traffic that changes.
    naive : TravelTimes
        The same times, by the plain Dijkstra.
    work : Work
        How crews work.
    callers : sequence of Caller
        In order of receipt.
    soonest : bool
        Whether the soonest team goes, whatever the order of programs.
    start : datetime
        When it begins.
    """

    city: City
    naive: TravelTimes
    work: Work
    callers: Sequence[Caller]
    soonest: bool
    start: datetime


def hour_at(at: datetime) -> int:
    """Name the traffic of an instant."""
    return (at - NOON) // HOUR % len(SLOWER)


@lru_cache(maxsize=4 * TOWNS)
def town(number: int, *, split: bool = False, near_m: float = 2000.0) -> tuple[City, NaiveTimes]:
    """Make a town of three by three crossings, and its travel times by the plain Dijkstra.

    Some of its roads are fast, one-way or missing, and some of it is outside or in division 2;
    one that is split has two divisions for certain. No road is near beyond so many metres.
    """
    of = random.Random(number)  # noqa: S311  # a town, not a secret
    lines = []
    for row in ("abc", "def", "gij"):
        roads = of.choices(("---", "===", "->-", "=<=", "   "), (6, 2, 1, 1, 1), k=2)
        lines.append(row[0] + roads[0] + row[1] + roads[1] + row[2])
        lines.append("   ".join(of.choices("|H ", (6, 2, 1), k=3)))
    divisions = of.choice(("111111111", "111111111", "111122223", "1111111.."))
    divisions = of.choice(("111122222", "111112222", "111122223")) if split else divisions
    city = draw_city(
        "\n".join(lines[:-1]),
        teams=dict.fromkeys(TEAMS, "a"),
        divisions=divisions,
        snap_limit_m=near_m,
    )
    network = city.network
    metrics = [(network.free_flow_ms * slower).astype(np.int32) for slower in SLOWER]
    ends = network.tail.tolist(), network.head.tolist()
    arcs = [[Arc(*each) for each in zip(*ends, ms.tolist(), strict=True)] for ms in metrics]
    return city.compiled(hour_at, metrics), NaiveTimes(hour_at, arcs.__getitem__)


def with_teams(pick: Pick, city: City, kind: Kind, start: datetime) -> City:
    """Draw who the teams are; now and then all are alike, so that ties are frequent."""
    alike = pick(range(3)) == 0
    number = pick((1, 2, 3, 4))
    city = replace(city, states=city.states[:number])
    at = pick(CROSSINGS)
    for team_id in TEAMS[:number]:
        at = at if alike else pick(CROSSINGS)
        lon, lat = city.places[at]
        changes: dict[str, Any] = {"home_lon": lon, "home_lat": lat, "turnout_s": None}
        if not alike:
            employers = EMPLOYERS[: 4 if kind.aid else 3 if kind.hours else 2]
            changes["program"], changes["provider"] = pick(employers)
            changes["turnout_s"] = pick((None, 0, 60))
            changes["capabilities"] = pick(((), ("nurse",)))
        if kind.shifts:
            on_duty = ((1, 60),), None, ((-240, 5),), ((0, 1), (3, 40))
            spans = pick(on_duty)
            changes["shifts"] = ALWAYS if spans is None else hours_from(start, *spans)
        changes["idle_since"] = pick((start - timedelta(hours=1), None))
        city = city.with_team(team_id, **changes)
    return city


def callers(pick: Pick, city: City, kind: Kind, start: datetime) -> list[Caller]:
    """Draw calls in order of receipt, on crossings and between them, that turn out some way."""
    pace = pick((3, 1) if kind.urgent else (1, 5, 10, 10))
    gaps = (0, 300, 3000, 6002, 10_000, 20_000, 30_003)
    mixes = ((3, 1), (3, 2, 1), (9, 3, 1)) if kind.urgent else ((3,), (3, 2, 1), (9, 3, 2, 1))
    priorities = pick(mixes)
    crossings = CROSSINGS
    beside = (*[(0.0, 0.0)] * 3, (0.4, 0.0), (-0.4, 0.2), (0.1, -0.9))
    odd: list[dict[str, Any]] = (
        [{}] * 12 + [*ODD] + [VAGUE] * 4 * kind.hours + [NURSE] * 3 * (kind.aid or kind.changes)
    )
    at, made = start, []
    for number in range(pick(range(3, 13))):
        at += timedelta(milliseconds=pace * pick(gaps))
        crossing, (east, north) = pick(crossings), pick(beside)
        lon, lat = city.places[crossing]
        # Ids in another order than calls are received in: where both decide, receipt comes first.
        fields = {"call_id": f"c-{number * 7 % 13}", "received_at": at, **pick(odd)}
        fields = _in_words(fields, city.world.policy_on(at.date()))
        call = city.call(crossing, lon=lon + east * EAST, lat=lat + north * NORTH, **fields)
        on_scene_s = pick((75, 200, 20, 1))
        gives_up_after_s = pick((*[None] * 9, 0, 15, 60, 130))
        redirected = pick(range(5)) == 0
        if kind.unsure:
            call = _unsure(pick, call, city)
        made.append(Caller(call, pick(priorities), on_scene_s, gives_up_after_s, redirected))
    return made


def _unsure(pick: Pick, call: Call, city: City) -> Call:
    """Draw a region a call is in; none where the places it may be in are about as likely."""
    (lon, lat), wide, high = (call.lon, call.lat), pick((0.5, 3, 6)), pick((0.5, 2, 4))
    west, south = lon - pick((0.1, 0.5, 0.9)) * wide * EAST, lat - pick((0.2, 0.7)) * high * NORTH
    east, north = west + wide * EAST, south + high * NORTH
    region = pick(
        (
            None,
            Circle(100 * wide, 0.9),
            Ellipse(100 * wide, 100 * high, pick((0.0, 90.0)), 0.95),
            Area((((west, south), (east, south), (east, north), (west, north)),), pick((0.7, 1.0))),
        )
    )
    call = replace(call, uncertainty=region)
    (share, place, mass), *rest = places(call, boxes(city), outlined(city.world.policy))
    alike = (other if at.number == place.number else of - share + mass for of, at, other in rest)
    near = [mass - each for each in alike]
    return call if min(near, default=1.0) > 0.002 else replace(call, uncertainty=None)


def boxes(city: City) -> dict[int, Box]:
    """Return the divisions of a drawn city, degrees."""
    return {
        part.number: box_of((x / 1e7, y / 1e7) for x, y in part.rings[0].tolist())
        for part in city.partition.divisions
    }


def _in_words(fields: dict[str, Any], policy: Policy) -> dict[str, Any]:
    """Say nothing new in words that the policy of the day has not: it would be refused."""
    said: Mapping[str, Answer] = {"minor": Answer.NO, **fields.get("facts", TWO_FACTS)}
    words = policy.capabilities
    fields = {**fields, "facts": {f: answer for f, answer in said.items() if f in policy.facts}}
    for name in ("needs", "prefers"):
        told = fields.get(name, ())
        fields[name] = tuple(word for word in told if words is None or word in words)
    return fields


def a_day(pick: Pick, kind: Kind) -> DrawnDay:
    """Draw a day; each choice is one of some that are as likely."""
    number, split = pick(range(TOWNS)), kind.aid and pick((False, True))
    near_m = pick((15.0, 60.0)) if kind.far else 2000.0
    city, naive = town(number // 2 if kind.far else number, split=split, near_m=near_m)
    start = LATE if kind.changes else pick((NOON, LATE)) if kind.hours else NOON
    city = with_teams(pick, city, kind, start)
    policy, *more = policies(pick, kind, start)
    city = replace(city, world=replace(city.world, policy=policy, policies=tuple(more)))
    if kind.unsure:
        city = city.with_outlines(park=pick(PARKS), east=pick(PARKS))
    # A crew that is home at once is in two places at one moment, and an urgent call may see it in
    # the first of them: nobody but queueing theory has such crews, and it has no such calls.
    beyond = "stay" if kind.urgent else "at_home"
    work = Work(
        clearing_s=pick((0, 0, 25, 90)),
        after=pick(("return", "return", "stay", beyond)),
        redirect_after_s=pick((20, 300)),
        break_s=pick((30, 80)) if kind.rests else 0,
        break_every_s=pick((100, 250)) if kind.rests else 0,
        poll_s=pick((60, 17)),
    )
    coming = callers(pick, city, kind, start)
    return DrawnDay(city, naive, work, coming, pick((False, True)), start)
