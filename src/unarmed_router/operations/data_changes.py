"""Speeds, policies and teams that change during a shift, on record so that it can be replayed."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

import numpy as np

from unarmed_router.fleet.board import Board
from unarmed_router.fleet.roster_changes import RosterChanges, carried_over
from unarmed_router.model.events import RosterSet, SpeedsSet
from unarmed_router.operations.recording import agency_set

if TYPE_CHECKING:
    from unarmed_router.agency.travel import RoadSpeeds
    from unarmed_router.model.team import TeamState
    from unarmed_router.operations.ports import Decides
    from unarmed_router.operations.shift_log import ShiftLog
    from unarmed_router.roads.reweighting import ArcTimes, Factors

__all__ = [
    "DataChanges",
    "ReadsRosters",
    "Reloads",
    "live_traffic",
    "put_in_force",
    "roster_set",
    "speeds_set",
]


@runtime_checkable
class Reloads(Protocol):
    """What a router can take in while it is at work; see `unarmed_router.router.Router`."""

    @property
    def speeds(self) -> RoadSpeeds:
        """The times of all arcs as they are in force."""

    def update_speeds(
        self, factors: Factors | None = None, *, arc_times_s: ArcTimes | None = None
    ) -> str:
        """Put live traffic in force."""

    def reload_policy(self, *paths: Path | str) -> str:
        """Put other policies in force."""


class ReadsRosters(Protocol):
    """What a router reads a roster file with; see `unarmed_router.router.Router`."""

    def read_roster(self, path: Path | str) -> Sequence[TeamState]:
        """Read a roster file and put its teams on the road; refuse it for any fault."""


class DataChanges:
    """The acts of `operations.dispatcher.Dispatcher` that change what decisions stand on.

    Speeds and policies are in force at once, for `route` too, and on record before the next event.
    When the ledger cannot be written they are in force all the same, `LedgerError` says so, and
    they are recorded as soon as it can. Teams are in force once they are on record, and not before.
    """

    live: Board
    _router: Decides
    _log: ShiftLog

    def update_speeds(
        self, factors: Factors | None = None, *, arc_times_s: ArcTimes | None = None
    ) -> str:
        """Put live traffic in force, as `Router.update_speeds` does.

        Parameters
        ----------
        factors, arc_times_s
            As `Router.update_speeds`; with neither, live traffic ends.

        Returns
        -------
        str
            Digest of the speeds in force.

        Raises
        ------
        InputError, NetworkError
            As `Router.update_speeds`; the old speeds stay in force.
        LedgerError
            In force, and not on record yet.
        """
        with self._log.lock:
            router = cast("Reloads", self._router)
            digest = router.update_speeds(factors, arc_times_s=arc_times_s)
            event = speeds_set(router.speeds)
            self._log.later(lambda: _in_force_again(event, router))
        self._record()
        return digest

    def reload_policy(self, *paths: Path | str) -> str:
        """Put other policies in force, as `Router.reload_policy` does.

        Parameters
        ----------
        *paths : path-like
            Policy files, each for its own effective dates; at least one.

        Returns
        -------
        str
            Digest of the policy in force now.

        Raises
        ------
        ConfigurationError, InputError
            As `Router.reload_policy`; the old policies stay in force.
        LedgerError
            In force, and not on record yet.
        """
        with self._log.lock:
            digest = cast("Reloads", self._router).reload_policy(*paths)
            self._log.later(lambda: agency_set(self._router))
        self._record()
        return digest

    def reload_roster(self, path: Path | str) -> RosterChanges:
        """Put the teams of another roster file in force, as opening the shift with it would.

        Teams that stay keep what they are doing, since when, and where they are, whatever status
        the file gives. New ones begin as the file says. One that the file leaves out is gone, but
        where a call holds it: it stays until that is over, without a shift, so that it is sent
        nowhere else, and goes when a roster is taken in after that. Calls, reservations and keys
        are as before, and what waits may be offered to the new teams. Other dispatchers on the
        ledger have these teams from their next act on.

        The ledger decides who the teams are, as every process rebuilds them from it: teams that are
        not on record are not in force, unlike speeds and policies, because a decision would name a
        team that nobody else knows, and that no replay finds.

        Parameters
        ----------
        path : path-like
            A roster file, TOML or CSV.

        Returns
        -------
        RosterChanges
            Who was added, changed or removed, and who finishes a call first. Taken in once more, as
            after a lost answer, the same file changes nothing.

        Raises
        ------
        ConfigurationError, InputError
            As `Router.read_roster`; the teams are as before.
        PrivacyError
            A ledger holds no phone number, and the id of a team looks like one; the same.
        LedgerError
            Nothing has happened; after a `LedgerLostError` that is in doubt, take it in once more.
        """

        def act(_: datetime) -> tuple[Sequence[RosterSet], RosterChanges]:
            board = self.live
            teams, changes = carried_over(file, board.roster.snapshot().teams, board.open_of_team)
            return () if teams is None else (roster_set(teams),), changes

        with self._log.lock:  # no other policy comes between: the file was checked against this one
            file = cast("ReadsRosters", self._router).read_roster(path)
            return self._log.act(act)

    def _record(self) -> None:
        self._log.act(lambda _: ((), None))


def roster_set(teams: Iterable[TeamState]) -> RosterSet:
    """Make the event of teams that come into force."""
    return RosterSet(teams=tuple(state.without_roads() for state in teams))


def speeds_set(speeds: RoadSpeeds) -> SpeedsSet:
    """Make the event of speeds that came into force."""
    if speeds.live is not None:
        return SpeedsSet(profile=speeds.digest, unit="factor", arcs=_packed(speeds.live, "<f8"))
    if speeds.live_ms is not None:
        return SpeedsSet(profile=speeds.digest, unit="ms", arcs=_packed(speeds.live_ms, "<i4"))
    return SpeedsSet(profile=speeds.digest, unit=None, arcs=None)


def put_in_force(event: SpeedsSet, router: Reloads) -> str:
    """Put the speeds of an event in force again.

    Returns
    -------
    str
        Digest of the speeds in force; another than the event's where the profile is another.
    """
    return router.update_speeds(**live_traffic(event))


def _in_force_again(event: SpeedsSet, router: Reloads) -> SpeedsSet:
    """Return an event whose speeds are in force, also after those that others recorded before."""
    if router.speeds.digest != event.profile:
        put_in_force(event, router)
    return event


def live_traffic(event: SpeedsSet) -> dict[str, Any]:
    """Return live traffic as `RoadSpeeds.with_live` and `Router.update_speeds` take it."""
    if event.unit is None or event.arcs is None:
        return {}
    raw = zlib.decompress(base64.b64decode(event.arcs))
    if event.unit == "factor":
        return {"factors": np.frombuffer(raw, "<f8")}
    times_ms = np.frombuffer(raw, "<i4")
    return {"arc_times_s": np.where(times_ms < 0, np.nan, times_ms / 1000.0)}


def _packed(arcs: Any, dtype: str) -> str:
    raw = np.ascontiguousarray(arcs, dtype=dtype).tobytes()
    return base64.b64encode(zlib.compress(raw)).decode()
