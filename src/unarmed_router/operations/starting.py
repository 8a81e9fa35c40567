"""Opening a shift on a ledger: what the decisions stand on goes on record first."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from unarmed_router.errors import InputError, NetworkError
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.roster_changes import carried_over
from unarmed_router.model.events import Event, RosterSet, SpeedsSet
from unarmed_router.operations.data_changes import Reloads, put_in_force, roster_set, speeds_set
from unarmed_router.operations.ports import Decides
from unarmed_router.operations.recording import agency_set
from unarmed_router.operations.shift_log import ShiftLog

__all__ = ["check_parts", "start"]

logger = logging.getLogger("unarmed_router")


def check_parts(router: Any, ledger: Any, clock: Any, on_end: Any) -> None:
    """Refuse what a shift cannot be opened with, such as the name of a ledger in its place.

    Raises
    ------
    InputError
    """
    if not hasattr(router, "desk"):
        raise InputError(f"router must be a Router; got {router!r:.80}: Router.load() makes one")
    if not hasattr(ledger, "transaction"):
        raise InputError(
            f"ledger must be an open one; got {ledger!r:.80}: open_ledger(...) opens it"
        )
    if clock is not None and not hasattr(clock, "now"):
        raise InputError(
            f"clock must be a LedgerClock; got {clock!r:.80}: make one, LedgerClock(...)"
        )
    if on_end is not None and not callable(on_end):
        raise InputError(f"on_end must be called with each call that ends; got {on_end!r:.80}")


def start(router: Decides, log: ShiftLog) -> None:
    """Put the router and the ledger in step.

    A new ledger takes the router's agency and roster. An old one keeps its teams as they were;
    teams that the roster file describes otherwise now, has added or has dropped, follow the file,
    as `fleet.roster_changes.carried_over` says. Live traffic that was in force is in force again;
    it ends where the roads are others now.

    Parameters
    ----------
    router : Router or another that decides
        Its roster is the board's from here on.
    log : ShiftLog
        The board, rebuilt from the ledger.
    """
    file = router.roster.snapshot().teams

    def events() -> Iterable[Event]:
        now = agency_set(router)
        if log.board.agency != now:
            yield now
        yield from _other_traffic(router, log.board, now.profile)
        teams, _ = carried_over(file, log.board.roster.snapshot().teams, log.board.open_of_team)
        if log.board.agency is None or teams is not None:
            yield roster_set(file if teams is None else teams)

    def follow_teams(_: RosterSet) -> None:
        router.roster = log.board.roster

    def follow_traffic(event: SpeedsSet) -> None:
        _put_in_force(event, router)

    def carry_over(event: SpeedsSet) -> None:
        if event.unit is None or _same_roads(log.board, router):
            follow_traffic(event)

    if log.board.speeds is not None:
        carry_over(log.board.speeds)
    # What another process does holds here too, also what it did while the ledger was read: teams
    # and traffic are those of the ledger.
    log.followers[RosterSet] = follow_teams
    log.followers[SpeedsSet] = carry_over
    log.act(lambda _: (tuple(events()), None))
    log.followers[SpeedsSet] = follow_traffic
    router.roster = log.board.roster


def _put_in_force(traffic: SpeedsSet, router: Decides) -> None:
    """Put traffic of the ledger in force; where these roads cannot have it, a log says so."""
    if not isinstance(router, Reloads) or traffic.profile == router.speeds.digest:
        return
    try:
        put_in_force(traffic, router)
    except (InputError, NetworkError) as error:  # other arcs, ways of days, a plugin's own times
        logger.warning("unarmed_router: live traffic of the ledger is not in force here: %s", error)


def _same_roads(board: Board, router: Decides) -> bool:
    """Tell whether traffic of the ledger, which numbers arcs, was said of the roads there are."""
    return board.agency is not None and board.agency.network == router.desk.world.digests.network


def _other_traffic(router: Decides, board: Board, profile: str) -> Iterable[SpeedsSet]:
    """Yield the traffic that is in force where the ledger has another."""
    if not isinstance(router, Reloads):
        return
    now = replace(speeds_set(router.speeds), profile=profile)
    if now.unit is None:
        then = None if board.speeds is None else board.speeds.unit
        if then is not None:  # it has ended
            yield now
    elif now != board.speeds:
        yield now
