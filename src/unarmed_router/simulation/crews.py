"""What simulated crews do when nobody tells them: where they are, when they rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf

from unarmed_router.errors import InputError
from unarmed_router.model.team import Team

__all__ = ["AfterCall", "Crew", "CrewRules"]


class AfterCall(StrEnum):
    """Where a team waits after a call."""

    RETURN = "return"
    """It drives home, and can be sent from wherever it is on the way."""
    STAY = "stay"
    """It waits where the call was."""
    AT_HOME = "at_home"
    """It is home at once: as queueing theory has it, and nobody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewRules:
    """How crews work; the same for every team.

    Parameters
    ----------
    clearing_s : int
        From leaving the caller until available again, seconds.
    after : AfterCall
        Where they wait.
    redirect_after_s : int
        From arriving until they hand a call over that turns out to be for somebody else, seconds.
    break_s, break_every_s : int
        A break of so long, due so long after the last; taken when no call holds the team. 0 is
        none.
    poll_s : int
        How often the queue is looked at while calls wait and teams, providers or policies come and
        go by shifts, hours or dates, besides whenever a team is free, seconds.

    Raises
    ------
    InputError
        A time is negative or no number, or breaks are longer than what lies between them.
    """

    clearing_s: int = 0
    after: AfterCall = AfterCall.RETURN
    redirect_after_s: int = 300
    break_s: int = 0
    break_every_s: int = 0
    poll_s: int = 60

    def __post_init__(self) -> None:
        for name in ("clearing_s", "redirect_after_s", "break_s", "break_every_s"):
            if not 0 <= getattr(self, name) < inf:
                raise InputError(f"{name} {getattr(self, name)} must be seconds, not negative")
        if not 1 <= self.poll_s < inf:
            raise InputError(f"poll_s {self.poll_s} must be at least 1")
        if self.break_s and self.break_every_s <= self.break_s:
            raise InputError(
                f"break_every_s {self.break_every_s} must be longer than break_s {self.break_s}"
            )


@dataclass(slots=True)
class Crew:
    """One team of the simulation and where it is.

    Parameters
    ----------
    team : Team
        Who.
    start, goal : tuple of float
        Ends of the way it is on, lon and lat; equal while it stands.
    left_at, there_at : datetime
        When it left the one and reaches the other.
    """

    team: Team
    start: tuple[float, float]
    goal: tuple[float, float]
    left_at: datetime
    there_at: datetime

    @classmethod
    def at_home(cls, team: Team, at: datetime) -> Crew:
        """Put a team at its home."""
        home = (team.home_lon, team.home_lat)
        return cls(team, home, home, at, at)

    def stand(self, lon: float, lat: float, at: datetime) -> None:
        """Let it be somewhere."""
        self.start = self.goal = (lon, lat)
        self.left_at = self.there_at = at

    def drive(self, lon: float, lat: float, at: datetime, travel: timedelta) -> None:
        """Let it drive on from wherever it is."""
        self.start = self.place(at)
        self.goal = (lon, lat)
        self.left_at, self.there_at = at, at + travel

    def moving(self, at: datetime) -> bool:
        """Tell whether it is on a way."""
        return at < self.there_at

    def place(self, at: datetime) -> tuple[float, float]:
        """Return where it is: on the straight line between the ends, by time passed.

        A bend of the road between the two is cut; the position is snapped to the nearest road
        before anything is made of it.
        """
        if at >= self.there_at or self.there_at == self.left_at:
            return self.goal
        share = max(0.0, (at - self.left_at) / (self.there_at - self.left_at))
        return (
            self.start[0] + share * (self.goal[0] - self.start[0]),
            self.start[1] + share * (self.goal[1] - self.start[1]),
        )
