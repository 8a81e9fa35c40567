"""How fast the roads of an agency are driven: profile, live factors, and the engines they need."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from unarmed_router.agency.hours import LocalHours
from unarmed_router.errors import InputError
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.speeds import HourOfWeekProfile
from unarmed_router.travel_time.hierarchy import DEFAULT_LABEL_BUDGET, HierarchyTravelTimes
from unarmed_router.travel_time.hourly import HourlyTravelTimes
from unarmed_router.travel_time.order_file import load_order, shape_digest
from unarmed_router.travel_time.ordering import nested_dissection
from unarmed_router.travel_time.topology import Topology
from unarmed_router.travel_time.topology_file import load_topology_file

__all__ = ["METRICS_BUDGET", "RoadSpeeds", "load_topology"]

logger = logging.getLogger("unarmed_router")

HOURS_A_WEEK = 168
METRICS_BUDGET = 2 * 2**30
"""Metrics of different hours kept at once may take this much memory, bytes; two are always kept."""

_LOWEST, _HIGHEST = 0.1, 10.0
"""A live factor outside these is an error of the feed, not traffic."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RoadSpeeds:
    """The times of all arcs at every hour: free flow, profile, live factors; immutable.

    Parameters
    ----------
    network : RoadNetwork
        Free-flow times and classes.
    topology : Topology
        The network, contracted.
    profile : HourOfWeekProfile
        Factors by hour of the week.
    hours : LocalHours
        The wall clock of the profile.
    live : float64 array, shape (m,), or None
        Factor on the time of each arc now, from live traffic; None where there is none.
    """

    network: RoadNetwork
    topology: Topology
    profile: HourOfWeekProfile
    hours: LocalHours
    live: npt.NDArray[np.float64] | None = None

    def with_live(self, factors: Mapping[str, float] | npt.ArrayLike | None) -> RoadSpeeds:
        """Return the same roads under other live factors.

        Parameters
        ----------
        factors : mapping of str to float, array_like of float of shape (m,), or None
            Factor on the time of each road class (1 where none is given) or of each arc; None ends
            live traffic.

        Raises
        ------
        InputError
            An unknown class, another length, or a factor outside 0.1 to 10.
        """
        if factors is None:
            return replace(self, live=None)
        if isinstance(factors, Mapping):
            return replace(self, live=_checked(self._by_class(factors)))
        live = np.asarray(factors, dtype=np.float64)
        if live.shape != (self.network.arcs,):
            raise InputError(
                f"live factors have shape {live.shape}; the network has {self.network.arcs} arcs"
            )
        return replace(self, live=_checked(live.copy()))

    def _by_class(self, factors: Mapping[str, float]) -> npt.NDArray[np.float64]:
        classes = self.network.classes
        unknown = sorted(set(factors) - set(classes))
        if unknown:
            raise InputError(
                f"road class {', '.join(unknown)} is not in the network; it has "
                + ", ".join(classes)
            )
        of_class = np.array([float(factors.get(name, 1.0)) for name in classes])
        return of_class[self.network.road_class]

    @property
    def digest(self) -> str:
        """SHA-256 of profile and live factors: with the network's, it names every metric."""
        if self.live is None:
            return self.profile.digest
        live = np.ascontiguousarray(self.live, dtype="<f8").tobytes()
        return hashlib.sha256(self.profile.digest.encode() + live).hexdigest()

    def arc_ms(self, hour: int) -> npt.NDArray[np.int32]:
        """Time of every arc at an hour of the week, milliseconds, at least 1."""
        times = self.profile.arc_ms(
            free_flow_ms=self.network.free_flow_ms,
            road_class=self.network.road_class,
            classes=self.network.classes,
            hour=hour,
        )
        if self.live is None:
            return times
        return np.maximum(np.rint(times * self.live), 1.0).astype(np.int32)

    def travel_times(self) -> HourlyTravelTimes:
        """Return the engines of all hours; each is built when it is first asked."""

        def engine_of(arc_ms: npt.NDArray[np.int32]) -> HierarchyTravelTimes:
            return HierarchyTravelTimes(
                topology=self.topology, twin=self.network.twin, arc_ms=arc_ms
            )

        return HourlyTravelTimes(
            # Hours of equal factors share an engine.
            hour_at=lambda at: self.profile.representative(self.hours.hour_of_week(at)),
            metric_of=self.arc_ms,
            engine_of=engine_of,
            keep=self._kept_metrics(),
        )

    def _kept_metrics(self) -> int:
        """Count the metrics that fit the budget: a whole week of a city, a few of a continent."""
        labels = self.topology.label_bytes
        size = labels if labels <= DEFAULT_LABEL_BUDGET else 0
        size += 8 * len(self.topology.up) + 4 * self.network.arcs
        return max(2, min(HOURS_A_WEEK, METRICS_BUDGET // max(size, 1)))


def _checked(live: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    # Negated, so that NaN is refused as well.
    wrong = np.flatnonzero(~((live >= _LOWEST) & (live <= _HIGHEST)))
    if wrong.size:
        arc = int(wrong[0])
        raise InputError(
            f"live factor {live[arc]} (arc {arc}) must lie in [{_LOWEST}, {_HIGHEST}]; it "
            "multiplies the time"
        )
    live.flags.writeable = False
    return live


def load_topology(
    folder: Path, order: str | None, topology: str | None, network: RoadNetwork
) -> Topology:
    """Load a stored topology, or contract a network in its stored order or in one computed now.

    Parameters
    ----------
    folder : Path
        The agency's folder.
    order : str or None
        Name of the order file; None computes an order and says so.
    topology : str or None
        Name of the topology file, which makes the order needless.
    network : RoadNetwork
        What to contract.

    Raises
    ------
    ArtefactError
        The file is missing, altered or of another network.
    """
    tail, head = network.tail, network.head
    if topology is not None:
        shape = shape_digest(network.nodes, tail, head)
        return load_topology_file(folder / topology, shape=shape)
    if order is None:
        logger.warning(
            "unarmed_router: no contraction order in agency.toml; computing one "
            "(`unarmed-router network order` stores it)"
        )
        rank = nested_dissection(
            nodes=network.nodes, tail=tail, head=head, lon=network.node_lon, lat=network.node_lat
        )
    else:
        rank = load_order(folder / order, shape=shape_digest(network.nodes, tail, head))
    return Topology.build(rank=rank, tail=tail, head=head)
