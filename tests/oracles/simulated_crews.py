"""Crews, callers and what is known of them, as the naive day has them; times are milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from unarmed_router.model.call import Call
from unarmed_router.model.team import Team

__all__ = ["CallPlayed", "Caller", "Crew", "Part", "Point", "Work", "home"]

Point = tuple[float, float]


class Work(NamedTuple):
    """How crews work; seconds. `after` is where they wait: ``return``, ``stay``, ``at_home``."""

    clearing_s: int = 0
    after: str = "return"
    redirect_after_s: int = 300
    break_s: int = 0
    break_every_s: int = 0
    poll_s: int = 60


class Caller(NamedTuple):
    """A call, and what nobody knows of it beforehand."""

    call: Call
    priority: int
    on_scene_s: int
    gives_up_after_s: int | None
    redirected: bool


@dataclass
class Part:
    """A team's part in a call: when what happened, and how it ended."""

    team_id: str
    reserved: int
    en_route: int | None = None
    on_scene: int | None = None
    clearing: int | None = None
    ended: int | None = None
    ending: str = ""


@dataclass
class CallPlayed:
    """A call and what has become of it."""

    caller: Caller
    parts: list[Part] = field(default_factory=list)
    outcome: str = "waiting"
    reason: str = "queued"
    target: str | None = None
    ended: int | None = None

    @property
    def part(self) -> Part | None:
        """The team that has it now."""
        return self.parts[-1] if self.parts and self.parts[-1].ended is None else None


@dataclass
class Crew:
    """A team, what it does (free, coming, there, clearing, resting), and the way it is on."""

    team: Team
    idle_since: datetime | None
    start: Point
    goal: Point
    left: int = 0
    there: int = 0
    doing: str = "free"
    has: CallPlayed | None = None
    break_due: bool = False

    def place(self, now: int) -> Point:
        """Say where it is: as far along the straight line as time has passed."""
        if now >= self.there:
            return self.goal
        share = (now - self.left) / (self.there - self.left)
        (x, y), (to_x, to_y) = self.start, self.goal
        return x + share * (to_x - x), y + share * (to_y - y)

    def drive(self, goal: Point, now: int, travel_ms: int) -> None:
        """Set out from where it is."""
        self.start, self.goal, self.left, self.there = self.place(now), goal, now, now + travel_ms


def home(team: Team) -> Point:
    """Say where a team waits."""
    return team.home_lon, team.home_lat
