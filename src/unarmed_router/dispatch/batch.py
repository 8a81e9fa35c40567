"""Calls as columns, on their way into one compiled piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from unarmed_router.model.call import Call

__all__ = ["Batch", "Minute"]

Bytes: TypeAlias = npt.NDArray[np.uint8]
Table: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Minute:
    """What the decisions of one minute share.

    Parameters
    ----------
    number : int
        Minutes since 1970.
    of_week : int
        Minute of the agency's week.
    metric : ndarray of int64 or None
        The packed metric in force; None where the engine is not compiled.
    engine : object
        Keeps the metric alive.
    """

    number: int
    of_week: int
    metric: Table | None
    engine: object


class Batch:
    """Calls as columns, grouped by the metric in force at their moments."""

    def __init__(self) -> None:
        self._points: list[float] = []
        self._moments: list[int] = []
        self._kinds: list[int] = []
        # A kind of call: the programs that take it and the teams that lack what it needs.
        self._kind_of: dict[tuple[int, int], int] = {}
        self._of_kind: list[tuple[Bytes, Bytes]] = []
        self._by_metric: dict[int, tuple[Minute, list[int]]] = {}

    def add(self, call: Call, at_us: int, minute: Minute, takes: Bytes, lacks: Bytes) -> None:
        """Write one call, decided at `at_us` microseconds since 1970."""
        group = self._by_metric.get(id(minute.metric))
        if group is None:
            group = self._by_metric[id(minute.metric)] = (minute, [])
        group[1].append(len(self._kinds))
        key = (id(takes), id(lacks))  # both stay alive in the list
        kind = self._kind_of.get(key)
        if kind is None:
            kind = self._kind_of[key] = len(self._of_kind)
            self._of_kind.append((takes, lacks))
        self._kinds.append(kind)
        self._points += (call.lon, call.lat)
        self._moments += (at_us, minute.of_week)

    def groups(self) -> Iterator[tuple[Table | None, npt.NDArray[np.int64]]]:
        """Yield each metric with the rows it is in force for."""
        for minute, rows in self._by_metric.values():
            yield minute.metric, np.array(rows, np.int64)

    def kind(self, row: int) -> tuple[Bytes, Bytes]:
        """Return the programs that take a call and the teams that lack what it needs."""
        return self._of_kind[self._kinds[row]]

    def moment(self, row: int) -> tuple[int, int]:
        """Return the moment of a call as `kernels.routing` takes it."""
        return self._moments[2 * row], self._moments[2 * row + 1]

    def columns(self) -> tuple[npt.NDArray[np.float64], Table, Table, Bytes, Bytes]:
        """Return points, moments, kinds, and both halves of each kind, as `route_calls` does."""
        return (
            np.array(self._points).reshape(-1, 2),
            np.array(self._moments, np.int64).reshape(-1, 2),
            np.array(self._kinds, np.int64),
            np.stack([takes for takes, _ in self._of_kind]),
            np.stack([lacks for _, lacks in self._of_kind]),
        )
