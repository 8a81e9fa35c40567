"""How fast the roads of an agency are driven: profile, live factors, and the engines they need."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.agency.hours import LocalHours
from unarmed_router.errors import InputError
from unarmed_router.model.shift import HOURS_A_WEEK
from unarmed_router.model.whole_number import whole_number
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.reweighting import (
    KEPT,
    ArcTimes,
    Factors,
    arc_factors,
    arc_times_ms,
    refuse_both,
    refuse_other_roads,
)
from unarmed_router.roads.speeds import HourOfWeekProfile
from unarmed_router.travel_time.hierarchy import DEFAULT_LABEL_BUDGET, HierarchyTravelTimes
from unarmed_router.travel_time.hourly import HourlyTravelTimes
from unarmed_router.travel_time.order_file import load_order, shape_digest
from unarmed_router.travel_time.ordering import nested_dissection
from unarmed_router.travel_time.topology import Topology
from unarmed_router.travel_time.topology_file import load_topology_file

if TYPE_CHECKING:
    from datetime import datetime

    from unarmed_router.dispatch.ports import World

__all__ = ["METRICS_BUDGET", "RoadSpeeds", "contraction_order", "load_topology"]

logger = logging.getLogger("unarmed_router")

METRICS_BUDGET = 2 * 2**30
"""Unless told otherwise, metrics of different hours may take this much memory, bytes."""

_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RoadSpeeds:
    """The times of all arcs at every hour: free flow, profile, live traffic; immutable.

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
    live_ms : int32 array, shape (m,), or None
        Time of each arc now, milliseconds, whatever the hour; -1 keeps the profile's. None where
        there is none.
    metrics_budget : int
        Memory that metrics of different hours may take, bytes; two are always kept.
    """

    network: RoadNetwork
    topology: Topology
    profile: HourOfWeekProfile
    hours: LocalHours
    live: npt.NDArray[np.float64] | None = None
    live_ms: npt.NDArray[np.int32] | None = None
    metrics_budget: int = METRICS_BUDGET

    def __post_init__(self) -> None:
        whole_number("metrics_budget", self.metrics_budget)

    def with_live(
        self, factors: Factors | None = None, *, arc_times_s: ArcTimes | None = None
    ) -> RoadSpeeds:
        """Return the same roads under other live traffic.

        Parameters
        ----------
        factors : mapping of str to float, array_like of float of shape (m,), or None
            Factor on the time of each road class (1 where none is given) or of each arc.
        arc_times_s : mapping of int to float, array_like of float of shape (m,), or None
            In place of factors, seconds of some arcs by their number, or of each arc; NaN keeps
            the profile's time. Without either, live traffic ends.

        Raises
        ------
        InputError
            As `roads.reweighting` raises it.
        """
        refuse_both(factors, arc_times_s)
        return replace(
            self,
            live=None if factors is None else arc_factors(self.network, factors),
            live_ms=None if arc_times_s is None else arc_times_ms(self.network, arc_times_s),
        )

    def with_network(self, network: RoadNetwork) -> RoadSpeeds:
        """Return the same roads with other free-flow times and no live traffic.

        Raises
        ------
        InputError
            It is none, or of other roads.
        """
        if not isinstance(network, RoadNetwork):
            raise InputError(
                f"network must be a RoadNetwork, as its with_speeds makes one; got {network!r}"
            )
        refuse_other_roads(self.network, network)
        return replace(self, network=network, live=None, live_ms=None)

    @property
    def digest(self) -> str:
        """SHA-256 of profile and live traffic: with the network's, it names every metric."""
        if self.live is not None:
            said = np.ascontiguousarray(self.live, dtype="<f8").tobytes()
        elif self.live_ms is not None:
            said = b"arc_ms" + np.ascontiguousarray(self.live_ms, dtype="<i4").tobytes()
        else:
            return self.profile.digest
        return hashlib.sha256(self.profile.digest.encode() + said).hexdigest()

    def arc_ms(self, hour: int) -> npt.NDArray[np.int32]:
        """Time of every arc at an hour of the week, milliseconds, at least 1."""
        times = self.profile.arc_ms(
            free_flow_ms=self.network.free_flow_ms,
            road_class=self.network.road_class,
            classes=self.network.classes,
            hour=hour,
        )
        if self.live_ms is not None:
            times = np.where(self.live_ms == KEPT, times, self.live_ms)
        elif self.live is not None:
            # Six hours ten times over, twice, do not fit int32; an engine refuses such days.
            times = np.clip(np.rint(times * self.live), 1.0, _MOST).astype(np.int32)
        times.flags.writeable = False  # as the profile's: a kernel is compiled for either
        return times

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

    def put_in(self, world: World, now: datetime) -> World:
        """Return a world under these speeds; the engine of the present hour is built already."""
        times = self.travel_times()
        times.engine_at(now)
        digests = replace(world.digests, profile=self.digest, network=self.network.digest)
        return replace(world, travel_times=times, digests=digests)

    def _kept_metrics(self) -> int:
        """Count the metrics that fit the budget: a whole week of a city, a few of a continent."""
        labels = self.topology.label_bytes
        size = labels if labels <= DEFAULT_LABEL_BUDGET else 0
        size += 8 * len(self.topology.up) + 4 * self.network.arcs
        return max(2, min(HOURS_A_WEEK, self.metrics_budget // max(size, 1)))


def contraction_order(network: RoadNetwork) -> npt.NDArray[np.int32]:
    """Compute the order in which a network is contracted: the rank of each node."""
    return nested_dissection(
        nodes=network.nodes,
        tail=network.tail,
        head=network.head,
        lon=network.node_lon,
        lat=network.node_lat,
    )


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
        shape = shape_digest(network.nodes, tail, head, network.exit_node)
        return load_topology_file(folder / topology, shape=shape)
    if order is None:
        logger.warning(
            "unarmed_router: no contraction order in agency.toml; computing one "
            "(`unarmed-router network order` stores it)"
        )
        rank = contraction_order(network)
    else:
        rank = load_order(folder / order, shape=shape_digest(network.nodes, tail, head))
    return Topology.build(
        rank=rank, tail=tail, head=head, twin=network.twin, exit_node=network.exit_node
    )
