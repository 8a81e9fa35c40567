"""Paths between positions, from the arcs between their roads: the same for every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from unarmed_router.model.road_path import PathLeg, RoadPath

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from unarmed_router.model.location import RoadPosition
    from unarmed_router.travel_time.offsets import Place

__all__ = ["Drive", "shorter_path"]


class Drive(NamedTuple):
    """A shortest way through nodes.

    Parameters
    ----------
    ms : int
        From position to position, milliseconds.
    leave, enter : int
        Which place of the origin is driven from, and which of the destination is driven to.
    arcs : list of int
        The whole arcs between the two roads, in order.
    """

    ms: int
    leave: int
    enter: int
    arcs: list[int]


def shorter_path(
    origin: RoadPosition,
    destination: RoadPosition,
    places: tuple[tuple[Place, ...], tuple[Place, ...]],
    drive: Drive | None,
    arc_ms: npt.NDArray[np.int32],
) -> RoadPath | None:
    """Choose between the way through nodes and the way straight along one road.

    Parameters
    ----------
    origin, destination : RoadPosition
        The two ends.
    places : tuple of tuple of Place
        Both of them in time, as `offsets.places_of` gives them.
    drive : Drive or None
        The shortest way through nodes; None where there is none.
    arc_ms : int32 array, shape (m,)
        Time along each arc.

    Returns
    -------
    RoadPath or None
        Straight along where that takes no longer; None where no path leads there.
    """
    start, goal = places
    straight = min(
        (
            (there.offset_ms - here.offset_ms, from_side, to_side)
            for from_side, here in enumerate(start)
            for to_side, there in enumerate(goal)
            if here.arc == there.arc and here.offset_ms <= there.offset_ms
        ),
        default=None,
    )
    begins, ends = _fractions(origin), _fractions(destination)
    if straight is not None and (drive is None or straight[0] <= drive.ms):
        ms, side, to_side = straight
        begin = begins[side]
        # Two points of one millisecond may lie the other way round by a hair.
        end = max(ends[to_side], begin)
        return RoadPath(origin, destination, _driven([PathLeg(start[side].arc, begin, end, ms)]))
    if drive is None:
        return None
    left, reached = start[drive.leave], goal[drive.enter]
    legs = [PathLeg(left.arc, begins[drive.leave], 1.0, left.remaining_ms)]
    legs += [PathLeg(arc, 0.0, 1.0, int(arc_ms[arc])) for arc in drive.arcs]
    legs.append(PathLeg(reached.arc, 0.0, ends[drive.enter], reached.offset_ms))
    return RoadPath(origin, destination, _driven(legs))


def _fractions(position: RoadPosition) -> tuple[float, float]:
    """Return where a position lies on its arc and on the twin, each from its own tail."""
    return position.fraction, 1.0 - position.fraction


def _driven(legs: list[PathLeg]) -> tuple[PathLeg, ...]:
    """Leave out the end of a road that is not driven at all: a position right at a node."""
    return tuple(leg for leg in legs if leg.ms > 0 or leg.begin < leg.end)
