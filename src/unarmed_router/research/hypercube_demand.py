"""What a hypercube model is asked: calls by place, and which team is preferred where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError

__all__ = ["SpatialDemand", "checked_times", "within_reach"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SpatialDemand:
    """Calls by place, order of preference by place, and speed of service by team.

    Parameters
    ----------
    rates : array_like of float, shape (places,)
        Calls per unit of time from each place.
    preference : array_like of int, shape (places, teams)
        The teams from the most to the least preferred, each once.
    service_rates : array_like of float, shape (teams,)
        Calls per unit of time each team can finish; travel counts as service.

    Raises
    ------
    InputError
        Shapes that do not fit, a rate out of range, or a row that is no order of all teams.
    """

    rates: Floats
    preference: npt.NDArray[np.int64]
    service_rates: Floats

    def __post_init__(self) -> None:
        rates = np.array(self.rates, np.float64)
        service = np.array(self.service_rates, np.float64)
        order = np.array(self.preference)
        if order.size and order.dtype.kind not in "iu":
            raise InputError(f"preference must be numbers of teams; got {order.dtype}")
        order = order.astype(np.int64)
        if rates.ndim != 1 or service.ndim != 1 or order.shape != (len(rates), len(service)):
            raise InputError(
                f"rates {rates.shape}, preference {order.shape} and service_rates {service.shape} "
                "must have shapes (places,), (places, teams) and (teams,)"
            )
        if not len(service) or not len(rates):
            raise InputError("a model needs at least one place and one team")
        if not ((rates >= 0) & np.isfinite(rates)).all() or not rates.sum() > 0:
            raise InputError("rates must be finite, at least 0, and not all 0")
        if not ((service > 0) & np.isfinite(service)).all():
            raise InputError("service_rates must be finite and above 0")
        wrong = np.flatnonzero((np.sort(order, axis=1) != np.arange(len(service))).any(axis=1))
        if wrong.size:
            raise InputError(
                f"preference of place {wrong[0]} is {order[wrong[0]].tolist()}; it must list each "
                f"of {len(service)} teams once"
            )
        for name, array in (("rates", rates), ("service_rates", service), ("preference", order)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def nearest_first(
        cls,
        rates: npt.ArrayLike,
        travel: npt.ArrayLike,
        service_rates: npt.ArrayLike | Sequence[float],
    ) -> SpatialDemand:
        """Prefer the nearest team; of equally near ones the first.

        Parameters
        ----------
        rates, service_rates
            As in `SpatialDemand`.
        travel : array_like of float, shape (teams, places)
            Time from each team to each place; infinite where no road leads.

        Raises
        ------
        InputError
            As of the class, or a time that is negative or no number.
        """
        order = np.argsort(checked_times(travel).T, axis=1, kind="stable")
        return cls(np.asarray(rates), order, np.asarray(service_rates))

    @property
    def teams(self) -> int:
        """Number of teams."""
        return len(self.service_rates)

    @cached_property
    def total(self) -> float:
        """Calls per unit of time from everywhere."""
        return float(self.rates.sum())

    @property
    def utilisation(self) -> float:
        """Calls over what all teams together can finish; the queue has no end from 1 on."""
        return self.total / float(self.service_rates.sum())

    @cached_property
    def grouped(self) -> tuple[npt.NDArray[np.int64], Floats]:
        """Distinct orders of preference, and the calls of each: all that the states depend on."""
        orders, where = np.unique(self.preference, axis=0, return_inverse=True)
        calls: Floats = np.zeros(len(orders))
        np.add.at(calls, where.reshape(-1), self.rates)
        return orders, calls


def checked_times(travel: npt.ArrayLike) -> Floats:
    """Take times from teams to places.

    Parameters
    ----------
    travel : array_like of float, shape (teams, places)
        At least 0; infinite where no road leads.

    Raises
    ------
    InputError
        Another number of dimensions, or a time that is negative or no number.
    """
    times = np.asarray(travel, np.float64)
    if times.ndim != 2:
        raise InputError(f"travel has shape {times.shape}; it must be (teams, places)")
    if not (times >= 0.0).all():
        raise InputError("travel must be times of at least 0; infinite where no road leads")
    return times


def within_reach(within: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Take who reaches what: True and False, or 1 and 0.

    Parameters
    ----------
    within : array_like of bool, shape (teams, places)
        Times are refused: every one of them but 0 would be taken for True.

    Raises
    ------
    InputError
        Another number of dimensions, or other values.
    """
    try:
        near = np.asarray(within)
    except ValueError:  # rows of different lengths
        raise InputError(
            "within must have shape (teams, places): rows as long as each other"
        ) from None
    if near.ndim != 2:
        raise InputError(f"within has shape {near.shape}; it must be (teams, places)")
    if near.dtype.kind != "b" and not (
        near.dtype.kind in "iuf" and ((near == 0) | (near == 1)).all()
    ):
        raise InputError(
            "within must say True or False of each team and place; compare times with a limit "
            "first, as in travel <= limit"
        )
    return near.astype(bool)
