"""What the acts of a shift that need no decision have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from unarmed_router.errors import InputError
from unarmed_router.fleet.board import Board
from unarmed_router.model.events import Event
from unarmed_router.operations.decider import Decider
from unarmed_router.operations.shift_log import ShiftLog

__all__ = ["Acting"]


class Acting:
    """A part of `operations.dispatcher.Dispatcher` that only moves a team or a call on.

    Each act is durable when it returns. An unknown id raises `UnknownTeamError` or
    `UnknownCallError`; an act that does not fit what the team or the call is doing raises
    `LifecycleError`, a report older than what is known `OutOfOrderError`, a word that is none of
    its list `InputError`, and a ledger that cannot be written `LedgerError`: nothing has happened
    then.
    """

    live: Board
    _log: ShiftLog
    _decider: Decider

    def _do(self, events: Callable[[datetime], Sequence[Event]]) -> None:
        self._log.act(lambda at: (events(at), None))

    def _refuse_unknown_target(self, target: Any, at: datetime) -> None:
        targets = self._decider.policy(at).targets
        if not isinstance(target, str) or target not in targets:
            raise InputError(
                f"target {target!r:.80} is none of the policy's: {', '.join(sorted(targets))}"
            )
