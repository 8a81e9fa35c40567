"""What further teams are chosen from: sites, the places they reach, and the cover there is.

Expected coverage is MEXCLP's (Daskin, 1983, doi 10.1287/trsc.17.1.48): with each team busy for a
share q of the time, a place within reach of k teams finds one free with probability ``1 - q**k``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError

__all__ = ["Cover", "SiteChoice"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Cover:
    """Who is reached in time from each site, and how well places are covered already.

    Parameters
    ----------
    near : bool array, shape (sites, places)
        Whether a team at the site reaches the place in time.
    demand : float64 array, shape (places,)
        Of each place, at least 0.
    covered : int64 array, shape (places,)
        How many teams reach each place already.
    busy : float64 array, shape (places,)
        Share of time a team is busy that serves the place, in [0, 1).
    """

    near: npt.NDArray[np.bool_]
    demand: Floats
    covered: npt.NDArray[np.int64]
    busy: Floats

    def worth(self, further: npt.ArrayLike) -> Floats:
        """Return what one team more within reach of each place adds there.

        Parameters
        ----------
        further : array_like of int, shape () or (places,)
            How many further teams reach it already.

        Returns
        -------
        float64 array, shape (places,)
            In the unit of `demand`; less with each team.
        """
        teams = self.covered + np.asarray(further, np.int64)
        added: Floats = self.demand * (1.0 - self.busy) * np.power(self.busy, teams)
        return added

    def expected(self, sites: Sequence[int] = ()) -> float | None:
        """Return the expected coverage with teams at some sites beside those there are.

        Parameters
        ----------
        sites : sequence of int
            Rows of `near`; a site may be named again.

        Returns
        -------
        float or None
            Share of the demand; None where there is none.
        """
        whole = float(self.demand.sum())
        if not whole > 0.0:
            return None
        teams = self.covered + self.near[np.asarray(sites, np.intp)].sum(axis=0)
        return float(self.demand @ (1.0 - np.power(self.busy, teams))) / whole


class SiteChoice:
    """Sites to choose from, with the travel time from each of them to each place.

    Parameters
    ----------
    travel_ms : array_like of float, shape (sites, places)
        Milliseconds from each site to each place; infinite where a team there may not serve it.
    demand, covered, busy : array_like
        As in `Cover`; `busy` may be one share for all places.
    limit_ms : float
        Travel time that is in time, inclusive.

    Attributes
    ----------
    cover : Cover
        Who is reached in time.

    Raises
    ------
    InputError
        No site, shapes that do not fit, or a value out of range.
    """

    def __init__(
        self,
        travel_ms: npt.ArrayLike,
        demand: npt.ArrayLike,
        covered: npt.ArrayLike,
        *,
        limit_ms: float,
        busy: npt.ArrayLike,
    ) -> None:
        times, weights = np.asarray(travel_ms, np.float64), np.asarray(demand, np.float64)
        teams = np.asarray(covered, np.int64)
        if times.ndim != 2 or not len(times) or {weights.shape, teams.shape} != {times.shape[1:]}:
            raise InputError(
                f"travel_ms has shape {times.shape}, demand {weights.shape} and covered "
                f"{teams.shape}; they must be (sites, places), (places,) and (places,), with at "
                "least one site"
            )
        taken = np.broadcast_to(np.asarray(busy, np.float64), weights.shape)
        wrong = taken[~((taken >= 0.0) & (taken < 1.0))]
        if wrong.size:
            raise InputError(f"busy {wrong[0]} must be a share of time below 1")
        if not ((weights >= 0.0) & np.isfinite(weights)).all() or (teams < 0).any():
            raise InputError("demand must be finite and at least 0, and covered at least 0")
        self.travel_ms, self.limit_ms = times, float(limit_ms)
        self.cover = Cover(near=times <= limit_ms, demand=weights, covered=teams, busy=taken)
