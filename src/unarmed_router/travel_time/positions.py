"""Road positions as columns, and the checks that they belong to a network."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.model.location import RoadPosition

__all__ = ["PositionColumns", "check_own", "check_places", "checked_nodes"]


_FRACTION = "a fraction must lie in [0, 1], from the arc's tail to its head"


class PositionColumns(Protocol):
    """Positions on the roads as arrays of one length; `roads.snapping.SnappedPoints` is one."""

    @property
    def arc(self) -> npt.NDArray[np.int32]:
        """The arc, either one of a two-way road; -1 where there is no road."""

    @property
    def fraction(self) -> npt.NDArray[np.float64]:
        """How far along the arc, 0 at the tail to 1 at the head."""

    @property
    def access_ms(self) -> npt.NDArray[np.int64]:
        """Time between the point and the road, milliseconds."""


def check_own(position: RoadPosition, twin: npt.NDArray[np.int32]) -> None:
    """Refuse a position that does not belong to a network.

    Raises
    ------
    InputError
        An arc that does not exist, a twin that is not its own, or a fraction beyond its ends.
    """
    arcs = len(twin)
    if not 0 <= position.arc < arcs or position.twin != twin.item(position.arc):
        raise InputError(
            f"road position on arc {position.arc} with twin {position.twin} is not of this "
            f"network of {arcs} arcs; snap the point with this network's own snapper"
        )
    if not 0.0 <= position.fraction <= 1.0:
        raise InputError(f"road position {position.fraction} of arc {position.arc}: {_FRACTION}")


def check_places(positions: PositionColumns, arcs: int) -> None:
    """Refuse arcs a network does not have, and places beyond the ends of one.

    An arc of -1 stands for no road.
    """
    found, fraction = positions.arc, positions.fraction
    wrong = np.flatnonzero((found < -1) | (found >= arcs))
    if wrong.size:
        row = int(wrong[0])
        raise InputError(
            f"road position {row} is on arc {found[row]}, which is not of this network of {arcs} "
            "arcs; snap the points with this network's own snapper"
        )
    # Negated, so that NaN is refused as well.
    beyond = np.flatnonzero((found >= 0) & ~((fraction >= 0.0) & (fraction <= 1.0)))
    if beyond.size:
        row = int(beyond[0])
        raise InputError(f"road position {row}, {fraction[row]} of arc {found[row]}: {_FRACTION}")


def checked_nodes(nodes: npt.ArrayLike, count: int) -> npt.NDArray[np.int64]:
    """Return nodes as a column, one node as a column of one; refuse those a network lacks.

    Raises
    ------
    InputError
        A node of other networks, or what is no column of whole numbers.
    """
    found = np.atleast_1d(np.asarray(nodes))
    whole = found.dtype.kind in "iu"
    if isinstance(nodes, np.ma.MaskedArray):
        whole = whole and not np.ma.is_masked(nodes)
    if found.ndim != 1 or (found.size and not whole):  # a column of nothing is one of floats
        raise InputError(
            f"nodes must be whole numbers, one or a column of them; got {found.dtype} of shape "
            f"{found.shape}"
        )
    if found.size and (found.min() < 0 or found.max() >= count):
        wrong = np.flatnonzero((found < 0) | (found >= count))
        raise InputError(f"node {found[wrong[0]]} is not of this network of {count} nodes")
    return found.astype(np.int64, copy=False)
