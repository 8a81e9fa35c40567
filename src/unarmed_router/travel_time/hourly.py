"""Travel times by the hour of departure: one engine per distinct hour, built once and kept."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from unarmed_router.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import numpy as np
    import numpy.typing as npt

    from unarmed_router.model.location import RoadPosition
    from unarmed_router.model.road_path import RoadPath

__all__ = ["HourlyTravelTimes", "PositionPaths", "PositionTimes"]


class PositionTimes(Protocol):
    """An exact engine under one fixed metric."""

    def from_positions(
        self, origins: Sequence[RoadPosition], destination: RoadPosition
    ) -> Sequence[int | None]:
        """Return milliseconds from each origin to the destination; None where unreachable."""
        ...


@runtime_checkable
class PositionPaths(Protocol):
    """An engine that can also say by which roads."""

    def path(self, origin: RoadPosition, destination: RoadPosition) -> RoadPath | None:
        """Return a shortest path; None where no path leads to the destination."""


class HourlyTravelTimes:
    """Many-to-one travel times at an instant, under the metric of its hour.

    A trip is driven under the metric of its departure hour from end to end; a change of hour on
    the way is not modelled.

    Parameters
    ----------
    hour_at : callable
        The hour key of an aware instant. Hours of equal metric should share a key, so that they
        share an engine.
    metric_of : callable
        The arc times (int32, milliseconds) of an hour key.
    engine_of : callable
        Builds an engine from arc times.
    keep : int
        How many engines to keep; the least recently used goes first.

    Attributes
    ----------
    hour_at : callable
        As given: moments of equal keys have the same engine.

    Notes
    -----
    Thread-safe: an engine is built by one thread while the others that need it wait; those that
    need another go on.
    """

    def __init__(
        self,
        *,
        hour_at: Callable[[datetime], int],
        metric_of: Callable[[int], npt.NDArray[np.int32]],
        engine_of: Callable[[npt.NDArray[np.int32]], PositionTimes],
        keep: int = 24,
    ) -> None:
        if keep < 1:
            raise InputError(f"keep is {keep}; at least one engine must be kept")
        self.hour_at = hour_at
        self._metric_of, self._engine_of = metric_of, engine_of
        self._keep = keep
        self._slots: OrderedDict[int, _Slot] = OrderedDict()
        self._lock = Lock()
        # Replaced as a whole, so that another thread reads the old one or the new.
        self._last: tuple[int, PositionTimes] | None = None

    def to_call(
        self, origins: Sequence[RoadPosition], destination: RoadPosition, at: datetime
    ) -> Sequence[int | None]:
        """Return milliseconds from each origin to the destination for a departure at `at`.

        Parameters
        ----------
        origins : sequence of RoadPosition
            Where the teams are.
        destination : RoadPosition
            Where the call is.
        at : datetime
            Aware instant of departure.

        Returns
        -------
        sequence of int or None
            In the order of `origins`; None where no path leads to the destination.
        """
        return self.engine_at(at).from_positions(origins, destination)

    def path(
        self, origin: RoadPosition, destination: RoadPosition, at: datetime
    ) -> RoadPath | None:
        """Return a shortest path for a departure at `at`; its time is that of `to_call`.

        Parameters
        ----------
        origin, destination : RoadPosition
            Where it begins and ends.
        at : datetime
            Aware instant of departure.

        Returns
        -------
        RoadPath or None
            None where no path leads to the destination.

        Raises
        ------
        InputError
            The engine knows times only.
        """
        engine = self.engine_at(at)
        if not isinstance(engine, PositionPaths):
            raise InputError(
                f"the engine {type(engine).__name__} knows travel times but no paths; use "
                "HierarchyTravelTimes or DijkstraTravelTimes"
            )
        return engine.path(origin, destination)

    def engine_at(self, at: datetime) -> PositionTimes:
        """Return the engine for a departure at `at`, building it on first use."""
        key, last = self.hour_at(at), self._last
        if last is not None and last[0] == key:  # the most recently used already
            return last[1]
        slot = self._slot(key)
        with slot.lock:
            if slot.engine is None:
                slot.engine = self._engine_of(self._metric_of(key))
            engine = slot.engine
        self._last = key, engine
        return engine

    def _slot(self, key: int) -> _Slot:
        """Return the slot of an hour, marking it as the most recently used."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            while len(self._slots) > self._keep:
                self._slots.popitem(last=False)
            return slot


class _Slot:
    """Room for one engine and the lock of whoever builds it."""

    __slots__ = ("engine", "lock")

    def __init__(self) -> None:
        self.engine: PositionTimes | None = None
        self.lock = Lock()
