"""Where a road position lies in milliseconds: the one place that rounds a fraction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from unarmed_router.travel_time.positions import check_own

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from unarmed_router.model.location import RoadPosition

__all__ = ["Place", "along_one_arc", "own_places", "places_of"]


@dataclass(frozen=True, slots=True)
class Place:
    """A point on a directed arc, in time.

    Parameters
    ----------
    arc : int
        The arc.
    offset_ms : int
        Time from the tail to the point.
    remaining_ms : int
        Time from the point to the head; the two sum to the time of the arc.
    """

    arc: int
    offset_ms: int
    remaining_ms: int


def places_of(position: RoadPosition, arc_ms: npt.NDArray[np.int32]) -> tuple[Place, ...]:
    """Express a position on its arc and, on a two-way road, on the twin.

    Parameters
    ----------
    position : RoadPosition
        `fraction` counts from the tail of `arc`.
    arc_ms : int32 array
        Time of every arc, milliseconds.

    Returns
    -------
    tuple of Place
        One place on a one-way road, two on a two-way road.

    Notes
    -----
    With w and w' the times of arc and twin and f the fraction, the point lies ``rint(f w)`` from
    the arc's tail and ``w' - rint(f w')`` from the twin's tail. Rounding f, never 1 - f, keeps the
    order of two points of one road the same in both directions.
    """
    on_arc = _place(position.arc, position.fraction, arc_ms, from_head=False)
    if position.twin < 0:
        return (on_arc,)
    return (on_arc, _place(position.twin, position.fraction, arc_ms, from_head=True))


def _place(arc: int, fraction: float, arc_ms: npt.NDArray[np.int32], *, from_head: bool) -> Place:
    """Cut an arc at a fraction counted from its tail, or from its head."""
    total = int(arc_ms[arc])
    near = round(fraction * total)  # half to even, as numpy's rint
    far = total - near
    return Place(arc, far, near) if from_head else Place(arc, near, far)


def own_places(
    position: RoadPosition, twin: npt.NDArray[np.int32], arc_ms: npt.NDArray[np.int32]
) -> tuple[Place, ...]:
    """Do `places_of` after checking that the position belongs to this network.

    Raises
    ------
    InputError
        An arc that does not exist, or a twin that is not its own.
    """
    check_own(position, twin)
    return places_of(position, arc_ms)


def along_one_arc(start: tuple[Place, ...], goal: tuple[Place, ...]) -> int | None:
    """Least direct time where the goal lies ahead of the start on the same arc; None elsewhere."""
    ahead = [
        there.offset_ms - here.offset_ms
        for here in start
        for there in goal
        if here.arc == there.arc and here.offset_ms <= there.offset_ms
    ]
    return min(ahead, default=None)
