"""Loading an agency folder: ``agency.toml`` and the files it names."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib import resources
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any

from unarmed_router.agency.demand_places import DemandPlaces
from unarmed_router.agency.folder_schema import (
    AgencyDocument,
    FilesEntry,
    SnappingEntry,
    read_agency,
)
from unarmed_router.agency.hours import LocalHours
from unarmed_router.agency.locations import DivisionLocations
from unarmed_router.agency.outlined_areas import PolygonAreas
from unarmed_router.agency.plugin_times import provided_times
from unarmed_router.agency.policy_file import load_policies
from unarmed_router.agency.roster_file import load_roster, refuse_homes_off_road
from unarmed_router.agency.travel import METRICS_BUDGET, RoadSpeeds, load_topology
from unarmed_router.dispatch.ports import World, WorldDigests
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.fleet.roster import Roster
from unarmed_router.geography.division_index import DivisionIndex
from unarmed_router.geography.partition import Partition
from unarmed_router.geography.partition_file import load_partition
from unarmed_router.model.canonical import digest_of
from unarmed_router.model.policy import Policy
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.network_file import load_network
from unarmed_router.roads.observed_profile import ObservedProfile
from unarmed_router.roads.observed_speeds import ObservedSpeeds
from unarmed_router.roads.snapping import EdgeSnapper
from unarmed_router.roads.speeds import HourOfWeekProfile
from unarmed_router.roads.street_map import StreetMap

__all__ = ["Agency", "embedded_agency", "embedded_network", "load_agency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """One city, loaded.

    Parameters
    ----------
    agency_id, name : str
        Id and name.
    folder : Path
        Where its files are.
    projected_crs : str or None
        Coordinate system of the CAD's x and y.
    hours : LocalHours
        Its wall clock.
    partition, divisions, network, speeds, roads
        What `world` is made of, for maps and reports; `roads` snaps addresses.
    world : World
        What the decision sees.
    roster : Roster
        Its teams.
    demand, arrivals, call_mix : Path or None
        Tables for synthetic calls; None where ``agency.toml`` names none.
    cost : Path or None
        Published rates of cost; None where it names none.
    """

    agency_id: str
    name: str
    folder: Path
    projected_crs: str | None
    hours: LocalHours
    partition: Partition
    divisions: DivisionIndex
    network: RoadNetwork
    speeds: RoadSpeeds
    roads: EdgeSnapper
    world: World
    roster: Roster
    demand: Path | None
    arrivals: Path | None
    call_mix: Path | None
    cost: Path | None


def embedded_agency() -> Path:
    """Return the ``agency.toml`` that is installed with the package."""
    return Path(str(resources.files("unarmed_router") / "data" / "los_angeles" / "agency.toml"))


def embedded_network() -> Path:
    """Return the road network that is installed with the package."""
    path = embedded_agency()
    return path.parent / read_agency(path).files.network


def load_agency(
    path: Path | str | None = None,
    *,
    clock: Callable[[], datetime] | None = None,
    metrics_budget: int = METRICS_BUDGET,
) -> Agency:
    """Load an agency folder; the embedded one by default.

    Parameters
    ----------
    path : path-like, optional
        Its ``agency.toml``.
    clock : callable, optional
        Returns the present; the roster refuses reports from the future by it.
    metrics_budget : int
        Memory that travel times of different hours may take, bytes; two hours are always kept.

    Returns
    -------
    Agency

    Raises
    ------
    InputError
        `metrics_budget` is no whole number of at least 0.
    ConfigurationError
        ``agency.toml``, the policy, the roster or a plugin is broken; lists every fault.
    BoundaryError, NetworkError, ArtefactError
        Boundaries or network are broken, altered or missing.
    InputError
        What is given is no path.
    """
    if not isinstance(path, str | PathLike | None):
        raise InputError(f"an agency is named by the path of its agency.toml; got {path!r:.80}")
    path = embedded_agency() if path is None else Path(path)
    entry = read_agency(path)
    folder, files = path.parent, entry.files
    hours = _hours(path, entry)
    partition = load_partition(folder / files.divisions)
    divisions = DivisionIndex(
        partition, tolerance_m=entry.divisions.border_tolerance_m, verified=True
    )
    network = load_network(folder / files.network)
    policies = _policies(folder, files, partition)
    roads, fix_roads = _snappers(path, entry.snapping, network)
    # Teams may be of any policy of the folder: some serve from a later day on.
    states = load_roster(folder / files.roster, policies=policies)
    roster = Roster(states, roads=roads, fix_roads=fix_roads, clock=clock)
    refuse_homes_off_road(folder / files.roster, roster.snapshot().teams)
    speeds = RoadSpeeds(
        network=network,
        topology=load_topology(folder, files.order, files.topology, network),
        profile=_profile(path, entry, network),
        hours=hours,
        metrics_budget=metrics_budget,
    )
    chosen = entry.travel_times
    own = None if chosen is None else provided_times(chosen, source=path, network=network)
    world = World(
        divisions=divisions,
        roads=roads,
        travel_times=speeds.travel_times() if own is None else own,
        hours=hours,
        policy=policies[0],
        policies=policies[1:],
        locations=DivisionLocations(partition, divisions),
        outlined=PolygonAreas,
        demand=DemandPlaces(folder / files.demand, divisions, roads) if files.demand else None,
        streets=StreetMap(network),
        digests=_digests(entry, divisions, network, profile=(own or speeds).digest),
        long_access_m=entry.snapping.long_access_m,
    )

    def named(file: str | None) -> Path | None:
        return folder / file if file else None

    return Agency(
        agency_id=entry.id,
        name=entry.name,
        folder=folder,
        projected_crs=entry.projected_crs,
        hours=hours,
        partition=partition,
        divisions=divisions,
        network=network,
        speeds=speeds,
        roads=roads,
        world=world,
        roster=roster,
        demand=named(files.demand),
        arrivals=named(files.arrivals),
        call_mix=named(files.call_mix),
        cost=named(files.cost),
    )


def _hours(path: Path, entry: AgencyDocument) -> LocalHours:
    try:
        return LocalHours(entry.timezone)
    except InputError as error:
        raise ConfigurationError(str(path), [f"timezone: {error}"]) from error


def _policies(folder: Path, files: FilesEntry, partition: Partition) -> tuple[Policy, ...]:
    named = [files.policy] if isinstance(files.policy, str) else files.policy
    return load_policies(
        [folder / name for name in named],
        divisions={division.number for division in partition.divisions},
        partition=partition,
    )


def _snappers(
    path: Path, entry: SnappingEntry, network: RoadNetwork
) -> tuple[EdgeSnapper, EdgeSnapper]:
    """Return what finds the road of an address, and that of a fix, which may be on any road."""
    snapper = partial(EdgeSnapper, network, limit_m=entry.limit_m, access_kph=entry.access_kph)
    try:
        fix_roads = snapper()
    except InputError as error:
        raise ConfigurationError(str(path), [f"snapping: {error}"]) from error
    try:
        roads = snapper(exclude=entry.exclude_classes)
    except InputError as error:
        raise ConfigurationError(str(path), [f"snapping.exclude_classes: {error}"]) from error
    return roads, fix_roads


def _digests(
    entry: AgencyDocument, divisions: DivisionIndex, network: RoadNetwork, *, profile: str
) -> WorldDigests:
    """Name everything a decision stands on; `profile` is that of the travel times in force."""
    return WorldDigests(
        version=version("unarmed-router"),
        agency=digest_of(entry.model_dump(exclude=_elsewhere(entry))),
        boundaries=divisions.digest,
        network=network.digest,
        profile=profile,
        network_title=network.metadata.get("title", ""),
        network_limits=network.metadata.get("limits", ""),
    )


def _elsewhere(entry: AgencyDocument) -> dict[str, Any]:
    """Name what the agency's digest leaves out: what another digest covers, or is not given."""
    left_out: dict[str, Any] = {"files": True, "profile": {"factors": True}}
    if entry.travel_times is None:  # as it was before there could be any
        left_out["travel_times"] = True
    return left_out


def _profile(path: Path, entry: AgencyDocument, network: RoadNetwork) -> HourOfWeekProfile:
    """Read the profile, put the observed speeds into it, and multiply the classes' factors."""
    named: dict[str, Collection[str]] = {
        "classes": entry.profile.classes,
        "factors": entry.profile.factors,
    }
    faults = [
        f"profile.{key}: road class {', '.join(unknown)} is not in the network; it has "
        + ", ".join(network.classes)
        for key, classes in named.items()
        if (unknown := sorted(set(classes) - set(network.classes)))
    ]
    if faults:
        raise ConfigurationError(str(path), faults)
    files, profile = entry.files, HourOfWeekProfile.flat()
    if files.profile is not None:
        profile = HourOfWeekProfile.read_csv(
            path.parent / files.profile,
            group_of=entry.profile.classes,
            default=entry.profile.default,
        )
    if files.observed_speeds is not None:
        observed = ObservedSpeeds.read_csv(path.parent / files.observed_speeds, network)
        profile = ObservedProfile.of(profile, observed)
    return profile.scaled(entry.profile.factors, network.classes)
