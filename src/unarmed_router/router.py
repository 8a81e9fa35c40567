"""The router: holds the world, the roster and the clock, and answers `route(call)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, overload

from unarmed_router.agency.folder import Agency, load_agency
from unarmed_router.agency.places import TellsPlaces
from unarmed_router.agency.travel import METRICS_BUDGET
from unarmed_router.dispatch.counterfactual import counterfactual
from unarmed_router.dispatch.replayed_path import FindsPaths
from unarmed_router.errors import InputError
from unarmed_router.fleet.roster import Roster
from unarmed_router.model.call import Call, in_utc
from unarmed_router.model.counterfactual import Counterfactual
from unarmed_router.model.decision import Decision

if TYPE_CHECKING:
    import geopandas

__all__ = ["Router"]

_BLOCK = 1024
"""Calls decided in one compiled piece: about a millisecond."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Router(TellsPlaces, FindsPaths):
    """Routes calls for one agency; safe to share between threads.

    Parameters
    ----------
    agency : Agency
        A loaded agency folder; `Router.load` makes it.
    clock : callable
        Returns the present as a timezone-aware datetime.

    Raises
    ------
    InputError
        `agency` is none, or `clock` cannot be called.

    Attributes
    ----------
    agency : Agency
        What it routes for.
    roster : Roster
        The live teams: ``router.roster.set_status(...)``, ``router.roster.record_fix(...)``.
    """

    def __init__(self, agency: Agency, *, clock: Callable[[], datetime] = _utc_now) -> None:
        super().__init__(agency, clock)
        self.roster: Roster = agency.roster

    @classmethod
    def load(
        cls,
        agency: Path | str | None = None,
        *,
        clock: Callable[[], datetime] = _utc_now,
        metrics_budget: int = METRICS_BUDGET,
    ) -> Router:
        """Load an agency folder; without one, the embedded Los Angeles.

        Parameters
        ----------
        agency : path-like, optional
            An ``agency.toml``.
        clock : callable
            Returns the present as a timezone-aware datetime.
        metrics_budget : int
            Memory that travel times of different hours may take, bytes; those used last are kept,
            two hours at least.

        Returns
        -------
        Router

        Raises
        ------
        DataError
            A file of the folder is missing or broken; the message names it and every fault.
        InputError
            `agency` is no path, `clock` cannot be called, or `metrics_budget` is no whole number of
            at least 0.
        """
        loaded = load_agency(agency, clock=clock, metrics_budget=metrics_budget)
        return cls(loaded, clock=clock)

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
            `call` is no `Call`, `at` is naive, the point is swapped, or the call answers a fact the
            policy does not know.
        PluginError
            The agency's own travel times failed; nobody is sent on a time that is none.
        """
        moment = self._clock() if at is None else at
        try:
            return self._desk.decide(call, moment, self.roster.snapshot())
        except AttributeError:
            if isinstance(call, Call):
                raise
            # Asked afterwards, so that it costs a right call nothing.
            raise _no_call(call, "route") from None

    def counterfactual(self, call: Call, *, at: datetime | None = None) -> Counterfactual:
        """Say what would have to be otherwise for an unarmed team to take a call.

        Parameters
        ----------
        call, at
            As `route`.

        Returns
        -------
        Counterfactual
            The fewest facts to change, and the nearest team left out.

        Raises
        ------
        InputError, PluginError
            As `route`.
        """
        if not isinstance(call, Call):
            raise _no_call(call, "counterfactual")
        moment = self._clock() if at is None else at
        return counterfactual(call, moment, self.roster.snapshot(), self._desk)

    @overload
    def route_many(
        self,
        calls: Iterable[Call],
        *,
        at: datetime | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> list[Decision]: ...

    @overload
    def route_many(
        self,
        calls: geopandas.GeoDataFrame,
        *,
        at: datetime | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> geopandas.GeoDataFrame: ...

    def route_many(
        self,
        calls: Iterable[Call] | geopandas.GeoDataFrame,
        *,
        at: datetime | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> list[Decision] | geopandas.GeoDataFrame:
        """Decide many calls against the roster as it is now; no call makes a team busy.

        Parameters
        ----------
        calls : iterable of Call, or GeoDataFrame
            A GeoDataFrame holds points in any CRS and the columns ``call_id``, ``call_type``,
            ``received_at`` and ``fact_...`` for each fact, and what else a call may hold; see
            `unarmed_router.geography.frames.calls_from_frame`.
        at : datetime, optional
            One moment of decision for all; when not given, each call is decided at the moment it
            was received.
        progress : callable, optional
            Told how many calls are decided, after every thousand or so.

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
        if hasattr(calls, "iloc"):
            from unarmed_router.geography.frames import decided  # noqa: PLC0415  # needs geopandas

            desk = self._desk
            if at is not None:
                desk.ground_at(in_utc(at, "at"))  # a broken moment is no fault of a row
            return decided(
                calls,
                desk.world.facts,
                lambda many: self.route_each(many, at=at, progress=progress),
                lambda call: self.route(call, at=at or call.received_at),
            )
        return list(self.route_each(calls, at=at, progress=progress))

    def route_each(
        self,
        calls: Iterable[Call],
        *,
        at: datetime | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Iterator[Decision]:
        """Decide a stream of calls of any length, a thousand at a time, in bounded memory.

        Parameters
        ----------
        calls, at, progress
            As `route_many`.

        Yields
        ------
        Decision
            In the order of the calls; equal to what `route` decides of each, against the roster
            and the speeds as they are when the first is asked for.

        Raises
        ------
        InputError
            As `route`.
        """
        roster, desk = self.roster.snapshot(), self._desk
        moment = None if at is None else in_utc(at, "at")
        if not isinstance(calls, Iterable):
            raise InputError(
                f"route_many takes calls, as a list or one after the other; got "
                f"{type(calls).__name__}: of one call, give [call]"
            )
        if progress is not None and not callable(progress):
            raise InputError(f"progress must be called with a number; got {progress!r:.80}")
        remaining, done = iter(calls), 0
        while block := list(islice(remaining, _BLOCK)):
            try:
                moments = [moment or call.received_at for call in block]
                decisions = desk.decide_many(block, moments, roster)
            except AttributeError:
                for call in block:  # asked afterwards, as `route` does
                    if not isinstance(call, Call):
                        raise _no_call(call, "route_many") from None
                raise
            yield from decisions
            done += len(block)
            if progress is not None:
                progress(done)


def _no_call(given: object, what: str) -> InputError:
    """Say what a method takes in place of what it was given."""
    return InputError(
        f"{what} takes a Call; got {type(given).__name__}: make one with Call(...), or of JSON "
        "with unarmed_router.interop.json_codec.call_from_json"
    )
