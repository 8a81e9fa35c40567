"""Calls as columns, on their way into one compiled piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from datetime import datetime

    from unarmed_router.dispatch.duty import MinutesAhead
    from unarmed_router.dispatch.ground import Ground
    from unarmed_router.dispatch.team_table import TeamTable
    from unarmed_router.model.call import Call

__all__ = ["Batch", "Minute"]

Bytes: TypeAlias = npt.NDArray[np.uint8]
Table: TypeAlias = npt.NDArray[np.int64]
Setting: TypeAlias = "tuple[int, int | None, MinutesAhead | None]"
"""Identity of a ground, key of a metric, minutes ahead; calls with equal ones go together."""


@dataclass(frozen=True, slots=True, eq=False)
class Minute:
    """What the decisions of one minute share.

    Parameters
    ----------
    number : int
        Minutes since 1970.
    of_week : int
        Minute of the agency's week.
    ground : Ground
        The policy as it is then.
    hour : int or None
        Key of the metric in force; None where travel times have none.
    at : datetime
        An instant of that minute, in UTC.
    ahead : tuple of int, or None
        As `dispatch.duty.minutes_ahead` returns it.
    """

    number: int
    of_week: int
    ground: Ground
    hour: int | None
    at: datetime
    ahead: MinutesAhead | None = None


class Batch:
    """Calls as columns, grouped by the policy, the metric and the duty ahead at their moments."""

    def __init__(self) -> None:
        self._points: list[float] = []
        self._moments: list[tuple[int, int, int]] = []
        self._kinds: list[int] = []
        # A kind of call: the programs that take it and what each team lacks for it.
        self._kind_of: dict[tuple[int, int], int] = {}
        self._of_kind: list[tuple[Bytes, Bytes]] = []
        self._groups: dict[Setting, tuple[Minute, TeamTable, list[int]]] = {}

    def add(
        self,
        call: Call,
        moment: tuple[int, int, int],
        minute: Minute,
        teams: TeamTable,
        kind: tuple[Bytes, Bytes],
    ) -> None:
        """Write one call, with its moment and kind as `kernels.routing` takes them."""
        setting = (id(minute.ground), minute.hour, minute.ahead)
        group = self._groups.get(setting)
        if group is None:
            group = self._groups[setting] = (minute, teams, [])
        group[2].append(len(self._kinds))
        key = (id(kind[0]), id(kind[1]))  # both stay alive in the list
        number = self._kind_of.get(key)
        if number is None:
            number = self._kind_of[key] = len(self._of_kind)
            self._of_kind.append(kind)
        self._kinds.append(number)
        self._points += (call.lon, call.lat)
        self._moments.append(moment)

    def groups(self) -> Iterator[tuple[Minute, TeamTable, npt.NDArray[np.int64]]]:
        """Yield the calls of each policy and metric: a minute of them, the teams, the rows."""
        for minute, teams, rows in self._groups.values():
            yield minute, teams, np.array(rows, np.int64)

    def kind(self, row: int) -> tuple[Bytes, Bytes]:
        """Return the programs that take a call and what each team lacks for it."""
        return self._of_kind[self._kinds[row]]

    def moment(self, row: int) -> tuple[int, int, int]:
        """Return the moment of a call."""
        return self._moments[row]

    def columns(
        self, rows: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.float64], Table, Table, Bytes, Bytes]:
        """Return points, moments, kinds, and both halves of each kind, as `route_calls` takes them.

        Parameters
        ----------
        rows : ndarray of int64
            One group: only its kinds are laid out, because policies differ in their programs. The
            kind of every other call is 0.
        """
        kinds, of_kind = np.array(self._kinds, np.int64), self._of_kind
        if len(self._groups) > 1:
            used, numbers = np.unique(kinds[rows], return_inverse=True)
            kinds = np.zeros_like(kinds)
            kinds[rows] = numbers
            of_kind = [of_kind[number] for number in used.tolist()]
        takes, lacks = zip(*of_kind, strict=True)
        return (
            np.array(self._points).reshape(-1, 2),
            np.array(self._moments, np.int64).reshape(-1, 3),
            kinds,
            np.array(takes),
            np.array(lacks),
        )
