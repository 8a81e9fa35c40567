"""Naive twins of the screening kernels: one team after the other, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Road = tuple[int, float, int]
"""Arc, part of it behind, milliseconds to the road."""


class Member(NamedTuple):
    """What is known of one team; `program` is its place in the policy, the last for none."""

    program: int
    areas: frozenset[int]
    status: str
    minutes: frozenset[int]
    fix_us: int | None
    fix_road: Road | None
    home_road: Road | None
    turnout_ms: int
    idle_us: int | None


class Rules(NamedTuple):
    """What the policy says; times of programs by their place."""

    skew_us: int
    age_us: int
    stale_excludes: bool
    late_yield: bool
    preference_ms: int
    latest_ms: Sequence[int]
    target_ms: Sequence[int]


class Asked(NamedTuple):
    """What the call asks: programs that take it, and of each team what it lacks."""

    area: int
    takes: Sequence[bool]
    lacks_needed: Sequence[bool]
    lacks_preferred: Sequence[int]
    at_us: int
    minute: int
    waited_ms: int


Verdict = tuple[str, frozenset[str]]
"""One word, and what else is to be said: ``at_home``, ``stale``."""


def screen_teams(teams: Sequence[Member], asked: Asked, rules: Rules) -> list[Verdict]:
    """Say the first thing that speaks against each team, or that it is fit."""
    return [_screened(number, team, asked, rules) for number, team in enumerate(teams)]


def _screened(number: int, team: Member, asked: Asked, rules: Rules) -> Verdict:
    against = [
        (not asked.takes[team.program], "other_program"),
        (asked.area not in team.areas, "outside_area"),
        (team.status == "unknown", "status_unknown"),
        (team.status != "available", "not_available"),
        (asked.minute not in team.minutes, "off_shift"),
        (asked.lacks_needed[number], "missing_capability"),
    ]
    for speaks, word in against:
        if speaks:
            return word, frozenset()
    if team.fix_us is None:
        return _standing(team.home_road, "at_home")
    if -rules.skew_us <= asked.at_us - team.fix_us <= rules.age_us:
        return _standing(team.fix_road)
    if rules.stale_excludes:
        return "position_stale", frozenset()
    return _standing(team.home_road, "at_home", "stale")


def _standing(road: Road | None, *said: str) -> Verdict:
    return ("no_road" if road is None else "fit"), frozenset(said)


def leave_out(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Call no fit team considered any more."""
    return [
        ("not_considered", frozenset()) if verdict[0] == "fit" else verdict for verdict in verdicts
    ]


def positions_of(teams: Sequence[Member], verdicts: Sequence[Verdict]) -> list[tuple[int, Road]]:
    """Name the fit teams and where they stand."""
    found = []
    for number, (team, (word, said)) in enumerate(zip(teams, verdicts, strict=True)):
        road = team.home_road if "at_home" in said else team.fix_road
        if word == "fit" and road is not None:
            found.append((number, road))
    return found


def settle_teams(
    teams: Sequence[Member],
    verdicts: Sequence[Verdict],
    travel_ms: Sequence[int | None],
    asked: Asked,
    rules: Rules,
) -> tuple[list[Verdict], int | None]:
    """Exclude the fit teams that come too late or not at all, and rank the others."""
    settled, ranked = list(verdicts), []
    for number, (team, (word, said)) in enumerate(zip(teams, verdicts, strict=True)):
        travel = travel_ms[number]
        if word != "fit":
            continue
        if travel is None:
            settled[number] = "unreachable", said
        elif team.turnout_ms + travel > rules.latest_ms[team.program]:
            settled[number] = "beyond_limit", said
        else:
            arrives, missing = team.turnout_ms + travel, asked.lacks_preferred[number]
            late = asked.waited_ms + arrives > rules.target_ms[team.program]
            idle = 2**63 - 1 if team.idle_us is None else team.idle_us
            worth = arrives + missing * rules.preference_ms
            ranked.append((rules.late_yield and late, team.program, worth, missing, idle, number))
    return settled, min(ranked)[-1] if ranked else None
