"""How calls wait for a team, and when one is taken from another call for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["DEFAULT_PRIORITY", "LOWEST_PRIORITY", "Match", "Preemption", "WaitLimit", "Waiting"]

DEFAULT_PRIORITY = 3
LOWEST_PRIORITY = 9


class Match(StrEnum):
    """Which of the waiting calls of one priority a team that becomes free is offered."""

    LONGEST_WAIT = "longest_wait"
    """The one received first among those it can take."""
    NEAREST = "nearest"
    """The one it reaches soonest."""


@dataclass(frozen=True, slots=True)
class WaitLimit:
    """How long calls of a priority wait, and who takes them then.

    Parameters
    ----------
    max_wait_s : int
        From receipt, seconds.
    target : str
        Referral target of the policy.
    """

    max_wait_s: int
    target: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The rules of the queue.

    Parameters
    ----------
    limits : mapping of int to WaitLimit
        By priority, 1 is the most urgent; a priority without a limit waits for ever.
    call_back_s : mapping of str to int
        By call type: a caller who has waited this long is called back, to ask whether the call
        still stands, and again after as long; seconds.
    match : Match
        Which call a free team is offered.
    """

    limits: Mapping[int, WaitLimit] = field(default_factory=dict)
    call_back_s: Mapping[str, int] = field(default_factory=dict)
    match: Match = Match.LONGEST_WAIT


@dataclass(frozen=True, slots=True)
class Preemption:
    """When a team en route is taken off its call for a more urgent one.

    Parameters
    ----------
    min_gain_s : mapping of (int, int) to int
        For the priority of the urgent call and that of the call that loses its team: by how much
        sooner the urgent call must be reached than by any free team, seconds. A pair that is
        missing is never pre-empted.
    """

    min_gain_s: Mapping[tuple[int, int], int]

    def gain_s(self, urgent: int, displaced: int) -> int | None:
        """Return the least gain for which a team is taken; None where it never is."""
        return self.min_gain_s.get((urgent, displaced))
