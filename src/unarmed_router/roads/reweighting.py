"""Other times on the same roads: what a feed of speeds or times must satisfy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.roads.checks import MAX_ARC_MS
from unarmed_router.roads.through_legs import through_legs

if TYPE_CHECKING:
    from unarmed_router.roads.network import RoadNetwork

__all__ = [
    "KEPT",
    "ArcTimes",
    "Factors",
    "arc_factors",
    "arc_times_ms",
    "refuse_both",
    "refuse_other_roads",
    "reweighted",
]

Factors: TypeAlias = "Mapping[str, float] | npt.ArrayLike"
"""Factor on the time of each road class (1 where none is given), or of each arc."""

ArcTimes: TypeAlias = "Mapping[int, float | None] | Sequence[float | None] | npt.ArrayLike"
"""Seconds of some arcs by their number, or of each arc; NaN or None keeps what the arc has."""

KEPT = -1
"""Stands for the time an arc has anyway."""

_LOWEST, _HIGHEST = 0.1, 10.0
"""A factor outside these is an error of the feed, not traffic."""

_SHOWN = 5

_FREE = frozenset({"free_flow_ms", "metadata", "report"})
"""What networks of the same roads may differ in."""


def arc_factors(network: RoadNetwork, factors: Factors) -> npt.NDArray[np.float64]:
    """Return the factor on the time of each arc.

    Parameters
    ----------
    network : RoadNetwork
        Of m arcs.
    factors : mapping of str to float, or array_like of float of shape (m,)
        As `Factors` says; each from 0.1 to 10.

    Returns
    -------
    float64 array, shape (m,)
        Read-only.

    Raises
    ------
    InputError
        An unknown class, another number of arcs, or a factor out of range; names the arcs.
    """
    if isinstance(factors, Mapping):
        unknown = sorted(str(name) for name in factors if name not in network.classes)
        if unknown:
            raise InputError(
                f"road class {', '.join(unknown)} is not in the network; it has "
                + ", ".join(network.classes)
            )
        of_class = [
            _number(factors.get(name, 1.0), f"live factor of {name}") for name in network.classes
        ]
        found = np.array(of_class)[network.road_class]
    else:
        found = _column(factors, network.arcs, "live factors")
    # Negated, so that NaN is refused as well.
    _refuse(
        ~((found >= _LOWEST) & (found <= _HIGHEST)),
        found,
        "live factor",
        f"a factor must lie in [{_LOWEST}, {_HIGHEST}]; it multiplies the time",
    )
    found.flags.writeable = False
    return found


def arc_times_ms(network: RoadNetwork, arc_times_s: ArcTimes) -> npt.NDArray[np.int32]:
    """Return the time of each arc in whole milliseconds.

    Parameters
    ----------
    network : RoadNetwork
        Of m arcs.
    arc_times_s : mapping of int to float, or array_like of float of shape (m,)
        Seconds, as `ArcTimes` says; above 0 and at most 6 hours.

    Returns
    -------
    int32 array, shape (m,)
        ``max(1, rint(1000 * seconds))``, or `KEPT`; read-only. An arc on which nobody stands has
        that of the arc whose road it leads over, where it is given none of its own.

    Raises
    ------
    InputError
        Another number of arcs, an arc the network does not have, or a time out of range; names
        the arcs.
    """
    if isinstance(arc_times_s, Mapping):
        seconds = np.full(network.arcs, np.nan)
        arc: Any
        for arc, value in arc_times_s.items():
            whole = isinstance(arc, Integral) and not isinstance(arc, bool)  # numpy's as well
            if not (whole and 0 <= arc < network.arcs):
                raise InputError(
                    f"arc {arc!r} is not in the network; its arcs are 0 to {network.arcs - 1}"
                )
            seconds[int(arc)] = np.nan if value is None else _number(value, f"time of arc {arc}")
    else:
        seconds = _column(arc_times_s, network.arcs, "arc times")
    kept = np.isnan(seconds)
    limit_s = MAX_ARC_MS / 1000
    _refuse(
        ~(kept | ((seconds > 0.0) & (seconds <= limit_s))),
        seconds,
        "arc time",
        f"a time in seconds must be above 0 and at most {limit_s:.0f} (6 h); NaN keeps the time "
        "the arc has",
    )
    times = np.maximum(np.rint(np.where(kept, 1.0, seconds) * 1000.0), 1.0).astype(np.int32)
    times[kept] = KEPT
    legs, arcs = through_legs(network)  # who passes on the road drives as those who stop there
    times[legs] = np.where(kept[legs], times[arcs], times[legs])
    times.flags.writeable = False
    return times


def reweighted(
    network: RoadNetwork, factors: Factors | None, arc_times_s: ArcTimes | None
) -> npt.NDArray[np.int32]:
    """Return other free-flow times of a network; see `RoadNetwork.with_speeds`."""
    refuse_both(factors, arc_times_s)
    if arc_times_s is not None:
        times = arc_times_ms(network, arc_times_s)
        return np.where(times == KEPT, network.free_flow_ms, times)
    if factors is None:
        raise InputError("with_speeds takes factors or arc_times_s; got neither")
    scaled = np.maximum(np.rint(network.free_flow_ms * arc_factors(network, factors)), 1.0)
    rule = f"a free-flow time is at most {MAX_ARC_MS} ms (6 h)"
    _refuse(scaled > MAX_ARC_MS, scaled, "free-flow time in ms", rule)
    return scaled.astype(np.int32)


def refuse_both(factors: Factors | None, arc_times_s: ArcTimes | None) -> None:
    """Refuse factors and times at once: nothing says which of them would come first."""
    if factors is not None and arc_times_s is not None:
        raise InputError("give factors or arc_times_s, not both: a time says all by itself")


def refuse_other_roads(network: RoadNetwork, other: RoadNetwork) -> None:
    """Refuse a network that differs in more than its free-flow times.

    Raises
    ------
    InputError
        Names the first part that differs.
    """
    for field in fields(network):
        one, two = getattr(network, field.name), getattr(other, field.name)
        if field.name not in _FREE and one is not two and not np.array_equal(one, two):
            raise InputError(
                f"the networks differ in {field.name}; speeds are updated on the same roads only: "
                "make the other network by with_speeds, or load another agency"
            )


def _number(value: Any, what: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{what} is {value!r:.80}; it must be a number") from None


def _column(values: Any, arcs: int, what: str) -> npt.NDArray[np.float64]:
    try:
        if isinstance(values, np.ma.MaskedArray):  # what is masked is missing
            values = np.ma.filled(values.astype(np.float64), np.nan)
        # A copy, so that nobody changes it later.
        column = np.array(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{what} must be numbers, one an arc: {error}") from None
    if column.shape != (arcs,):
        raise InputError(f"{what} have shape {column.shape}; the network has {arcs} arcs")
    return column


def _refuse(bad: npt.NDArray[np.bool_], values: npt.NDArray[Any], what: str, rule: str) -> None:
    """Raise when any arc is marked, naming the first of them."""
    arcs = np.flatnonzero(bad)
    if not arcs.size:
        return
    shown = ", ".join(str(arc) for arc in arcs[:_SHOWN].tolist())
    more = f" and {arcs.size - _SHOWN} more" if arcs.size > _SHOWN else ""
    raise InputError(f"{what} {values[arcs[0]]} (arc {shown}{more}): {rule}")
