"""What became of calls, as columns: of a simulated day or a real one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.fleet.queue import WAITED_TOO_LONG
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.shift import HOURS_A_WEEK

if TYPE_CHECKING:
    from unarmed_router.dispatch.ports import Hours
    from unarmed_router.model.call import Call

__all__ = ["NOBODY_CAME", "UNSERVED", "CallOutcomes", "group_places", "outcomes_of_decisions"]

UNSERVED = frozenset(
    {
        ReferralReason.NO_TEAM_AVAILABLE,
        ReferralReason.NO_TEAM_IN_TIME,
        ReferralReason.NO_ROAD_NEARBY,
    }
)
"""A program would have taken the call, and no team went. The other reasons are no failure of
service: the call was not for an unarmed team, or nobody established whether it was."""

NOBODY_CAME = frozenset({*(reason.value for reason in UNSERVED), WAITED_TOO_LONG})
"""Reasons of referrals that are failures of service, those of a call that waited among them."""


@dataclass(frozen=True, eq=False)
class CallOutcomes:
    """Calls that an unarmed program would take, one a row.

    Parameters
    ----------
    response_s : float64 array, shape (n,)
        Seconds from receipt to arrival; NaN where no team came.
    division : int32 array, shape (n,)
        Number of the division.
    hour : int32 array, shape (n,)
        Hour of the week it was received in, 0 to 167.
    lon, lat : float64 array, shape (n,)
        Where, WGS 84 degrees.

    Raises
    ------
    InputError
        Columns of other lengths or of what is no number, a division or hour that is no whole
        number, an hour outside the week, or a response time below 0.

    Notes
    -----
    Lists and columns of pandas are taken by place, whatever their index, and kept as arrays.
    """

    response_s: npt.NDArray[np.float64]
    division: npt.NDArray[np.int32]
    hour: npt.NDArray[np.int32]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        for each in fields(self):
            kind = np.int32 if each.name in {"division", "hour"} else np.float64
            column = _column(each.name, getattr(self, each.name), kind)
            object.__setattr__(self, each.name, column)
        lengths = {each.name: np.shape(getattr(self, each.name)) for each in fields(self)}
        if len(set(lengths.values())) > 1 or self.response_s.ndim != 1:
            raise InputError(f"columns must be as long as each other; they are {lengths}")
        if (self.response_s < 0.0).any() or np.isinf(self.response_s).any():
            raise InputError("response_s must be at least 0, or NaN where no team came")
        if ((self.hour < 0) | (self.hour >= HOURS_A_WEEK)).any():
            raise InputError("hour must be one of the week, 0 (Monday 00:00) to 167")

    @classmethod
    def of_rows(cls, rows: Sequence[tuple[float, int, int, float, float]]) -> CallOutcomes:
        """Make the columns of rows of response time, division, hour, lon and lat."""
        response_s, division, hour, lon, lat = np.array(rows, np.float64).reshape(-1, 5).T
        return cls(
            response_s.copy(),
            division.astype(np.int32),
            hour.astype(np.int32),
            lon.copy(),
            lat.copy(),
        )

    def __len__(self) -> int:
        return len(self.response_s)

    @property
    def served(self) -> npt.NDArray[np.bool_]:
        """Whether a team came, shape (n,)."""
        came: npt.NDArray[np.bool_] = ~np.isnan(self.response_s)
        return came

    def where(self, rows: npt.NDArray[np.bool_]) -> CallOutcomes:
        """Return some of the rows."""
        return CallOutcomes(*(getattr(self, each.name)[rows] for each in fields(self)))


def _column(name: str, given: npt.ArrayLike, kind: type[np.generic]) -> npt.NDArray[Any]:
    """Take a column of numbers; none is rounded."""
    try:
        with np.errstate(invalid="ignore"):  # NaN is no whole number, which is told below
            found = np.asarray(given, kind)
        kept = kind is np.float64 or bool(np.all(np.asarray(given) == found))
    except (TypeError, ValueError, OverflowError):
        kept = False
    if not kept:
        whole = "numbers" if kind is np.float64 else "whole numbers"
        raise InputError(f"{name} must be {whole}, one a call")
    return found


def group_places(given: npt.ArrayLike, calls: int, groups: int) -> npt.NDArray[np.int64]:
    """Take the place of each call's group.

    Parameters
    ----------
    given : array_like of int, shape (calls,)
        Places in the groups; -1 for a call of none of them.
    calls, groups : int
        How many there are.

    Raises
    ------
    InputError
        Another number of rows, or a place that is no group or no whole number.
    """
    found = np.asarray(given)
    if found.shape != (calls,):
        raise InputError(f"group_of has shape {found.shape}; there are {calls} calls")
    if calls and found.dtype.kind not in "iu":
        raise InputError(f"group_of must be whole numbers, places in groups; got {found.dtype}")
    place = found.astype(np.int64)
    if calls and not -1 <= int(place.min()) <= int(place.max()) < groups:
        raise InputError(f"group_of must be places in {groups} groups, or -1")
    return place


def outcomes_of_decisions(
    decided: Iterable[tuple[Call, Decision]], *, hours: Hours
) -> CallOutcomes:
    """Take the calls an unarmed program would take from decided ones.

    Parameters
    ----------
    decided : iterable of (Call, Decision)
        Such as `simulation.day.play_day` yields. Those referred for another reason than `UNSERVED`
        are left out.
    hours : Hours
        The agency's wall clock.
    """
    rows: list[tuple[float, int, int, float, float]] = []
    for call, decision in decided:
        if isinstance(decision, Recommendation):
            response = decision.candidates[0].response_ms / 1000.0
        elif decision.reason in UNSERVED:
            response = np.nan
        else:
            continue
        division = decision.place.division
        number = 0 if division is None else division.number
        rows.append((response, number, hours.hour_of_week(call.received_at), call.lon, call.lat))
    return CallOutcomes.of_rows(rows)
