"""Limits a team must meet to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Screening", "StaleFix"]


class StaleFix(StrEnum):
    """What to do with a team whose last position is too old."""

    EXCLUDE = "exclude"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Screening:
    """Limits a team must meet to be sent.

    Parameters
    ----------
    turnout_s : int
        Turnout time of a team that states none, seconds.
    max_fix_age_s : int
        An AVL fix older than this is stale, seconds.
    stale_fix : StaleFix
        Leave such a team out, or count it at home and flag it.
    max_response_s : int
        A team that would arrive later than this is not sent, seconds.
    clock_skew_s : int
        A fix this far in the future still counts as fresh: clocks differ a little, seconds.
    handover_s : int
        A team whose shift ends before this much time has passed is not sent: it could not finish
        the call, seconds, in whole minutes.
    max_fix_error_m : float or None
        An AVL fix that may be farther off than this is not taken, metres; None takes every one.
    """

    turnout_s: int
    max_fix_age_s: int
    stale_fix: StaleFix
    max_response_s: int
    clock_skew_s: int = 5
    handover_s: int = 0
    max_fix_error_m: float | None = None
