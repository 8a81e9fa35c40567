"""The router: holds the world, the roster and the clock, and answers `route(call)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, overload

from unarmed_router.agency.folder import Agency, embedded_agency, load_agency
from unarmed_router.dispatch.decide import decide
from unarmed_router.errors import InputError
from unarmed_router.fleet.roster import Roster
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision
from unarmed_router.model.location import DivisionMatch

if TYPE_CHECKING:
    import geopandas

__all__ = ["Router", "default_router", "route"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Router:
    """Routes calls for one agency; safe to share between threads.

    Parameters
    ----------
    agency : Agency
        A loaded agency folder; `Router.load` makes it.
    clock : callable
        Returns the present as a timezone-aware datetime.

    Attributes
    ----------
    agency : Agency
        What it routes for.
    roster : Roster
        The live teams: ``router.roster.set_status(...)``, ``router.roster.record_fix(...)``.
    """

    def __init__(self, agency: Agency, *, clock: Callable[[], datetime] = _utc_now) -> None:
        self.agency = agency
        self.roster: Roster = agency.roster
        self._world = agency.world
        self._clock = clock

    @classmethod
    def load(
        cls, agency: Path | str | None = None, *, clock: Callable[[], datetime] = _utc_now
    ) -> Router:
        """Load an agency folder; without one, the embedded Los Angeles.

        Parameters
        ----------
        agency : path-like, optional
            An ``agency.toml``.
        clock : callable
            Returns the present as a timezone-aware datetime.

        Returns
        -------
        Router

        Raises
        ------
        DataError
            A file of the folder is missing or broken; the message names it and every fault.
        """
        folder = embedded_agency() if agency is None else agency
        return cls(load_agency(folder, clock=clock), clock=clock)

    def route(self, call: Call, *, at: datetime | None = None) -> Decision:
        """Decide who takes a call.

        Parameters
        ----------
        call : Call
            The call.
        at : datetime, optional
            The moment of decision, timezone-aware; the clock's present when not given.

        Returns
        -------
        Recommendation or Referral
            ``explain()`` says it in words, ``to_json()`` in canonical JSON.

        Raises
        ------
        InputError
            `at` is naive, the point is swapped, or the call answers a fact the policy does not
            know.
        """
        moment = self._clock() if at is None else at
        return decide(call, moment, self.roster.snapshot(), self._world)

    @overload
    def route_many(
        self, calls: Iterable[Call], *, at: datetime | None = None
    ) -> list[Decision]: ...

    @overload
    def route_many(
        self, calls: geopandas.GeoDataFrame, *, at: datetime | None = None
    ) -> geopandas.GeoDataFrame: ...

    def route_many(
        self, calls: Iterable[Call] | geopandas.GeoDataFrame, *, at: datetime | None = None
    ) -> list[Decision] | geopandas.GeoDataFrame:
        """Decide many calls against the roster as it is now; no call makes a team busy.

        Parameters
        ----------
        calls : iterable of Call, or GeoDataFrame
            A GeoDataFrame holds points in any CRS and the columns ``call_id``, ``call_type``,
            ``received_at`` and ``fact_...`` for each fact; see
            `unarmed_router.geography.frames.calls_from_frame`.
        at : datetime, optional
            One moment of decision for all; when not given, each call is decided at the moment it
            was received.

        Returns
        -------
        list of Decision, or GeoDataFrame
            In the order of the calls. A GeoDataFrame comes back with its columns, index and CRS
            and the columns of the decision.

        Raises
        ------
        InputError
            As `route`; a GeoDataFrame's message names the row.
        """
        if hasattr(calls, "iloc") and not hasattr(calls, "crs"):
            raise InputError("route_many takes a GeoDataFrame; this frame has no geometry or CRS")
        if hasattr(calls, "iloc"):
            from unarmed_router.geography.frames import (  # noqa: PLC0415  # needs geopandas
                calls_from_frame,
                refuse_decided,
                with_decisions,
            )

            refuse_decided(calls)  # before the work, not after it
            return with_decisions(
                calls,
                self._decide_each(calls_from_frame(calls, facts=self._world.policy.facts), at),
            )
        return self._decide_each(calls, at)

    def _decide_each(self, calls: Iterable[Call], at: datetime | None) -> list[Decision]:
        roster = self.roster.snapshot()
        return [decide(call, at or call.received_at, roster, self._world) for call in calls]

    def locate(self, *, lon: float, lat: float) -> DivisionMatch:
        """Find the division a point lies in.

        Parameters
        ----------
        lon, lat : float
            WGS 84 degrees.

        Returns
        -------
        DivisionMatch

        Raises
        ------
        CoordinateError
            NaN, infinite, out of range, (0, 0), or swapped.
        """
        return self._world.divisions.locate(lon=lon, lat=lat)


_loading = Lock()


@cache
def _embedded_router() -> Router:
    return Router.load()


def default_router() -> Router:
    """Return the router of the embedded agency, loaded once and shared."""
    with _loading:
        return _embedded_router()


def route(call: Call, *, at: datetime | None = None) -> Decision:
    """Decide who takes a call, with the embedded agency; see `Router.route`.

    Parameters
    ----------
    call : Call
        The call.
    at : datetime, optional
        The moment of decision; the present when not given.

    Returns
    -------
    Recommendation or Referral
    """
    return default_router().route(call, at=at)
