"""Loading an agency folder: ``agency.toml`` and the files it names."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from unarmed_router.agency.demand_places import DemandPlaces
from unarmed_router.agency.hours import LocalHours
from unarmed_router.agency.locations import DivisionLocations
from unarmed_router.agency.outlined_areas import PolygonAreas
from unarmed_router.agency.plugin_times import TravelTimesEntry, provided_times
from unarmed_router.agency.policy_file import load_policies
from unarmed_router.agency.roster_file import load_roster
from unarmed_router.agency.toml_file import SchemaVersion, Strict, read_toml, validated
from unarmed_router.agency.travel import RoadSpeeds, load_topology
from unarmed_router.dispatch.ports import World, WorldDigests
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.fleet.roster import Roster
from unarmed_router.geography.division_index import DivisionIndex
from unarmed_router.geography.partition import Partition
from unarmed_router.geography.partition_file import load_partition
from unarmed_router.model.canonical import digest_of
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.network_file import load_network
from unarmed_router.roads.observed_profile import ObservedProfile
from unarmed_router.roads.observed_speeds import ObservedSpeeds
from unarmed_router.roads.snapping import EdgeSnapper
from unarmed_router.roads.speeds import HourOfWeekProfile
from unarmed_router.roads.street_map import StreetMap

__all__ = ["Agency", "embedded_agency", "load_agency"]


class FilesEntry(Strict):
    """File names, relative to the folder of ``agency.toml``."""

    divisions: str
    network: str
    order: str | None = None
    topology: str | None = None
    policy: str | Annotated[list[str], Field(min_length=1)]
    roster: str
    profile: str | None = None
    observed_speeds: str | None = None
    demand: str | None = None
    arrivals: str | None = None
    call_mix: str | None = None
    cost: str | None = None


class DivisionsEntry(Strict):
    """How points are located."""

    border_tolerance_m: Annotated[float, Field(ge=0, le=10_000)] = 60.0


class SnappingEntry(Strict):
    """How points reach the road."""

    limit_m: Annotated[float, Field(gt=0, le=50_000)] = 2000.0
    access_kph: Annotated[float, Field(gt=0, le=200)] = 20.0
    long_access_m: Annotated[float, Field(ge=0)] = 400.0
    exclude_classes: list[str] = Field(default_factory=list)


class ProfileEntry(Strict):
    """Which column of the speed profile each road class takes, and what it is multiplied by."""

    default: str
    classes: dict[str, str] = Field(default_factory=dict)
    factors: dict[str, Annotated[float, Field(ge=0.1, le=10)]] = Field(default_factory=dict)


class AgencyDocument(Strict):
    """A whole ``agency.toml``."""

    schema_version: SchemaVersion
    id: str
    name: str
    timezone: str
    projected_crs: str | None = None
    files: FilesEntry
    divisions: DivisionsEntry = DivisionsEntry()
    snapping: SnappingEntry = SnappingEntry()
    profile: ProfileEntry = ProfileEntry(default="factor")
    travel_times: TravelTimesEntry | None = None


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
    demand, arrivals, call_mix, cost : Path or None
        Tables for synthetic calls.
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


def load_agency(path: Path | str, *, clock: Callable[[], datetime] | None = None) -> Agency:
    """Load an agency folder.

    Parameters
    ----------
    path : path-like
        Its ``agency.toml``.
    clock : callable, optional
        Returns the present; the roster refuses reports from the future by it.

    Returns
    -------
    Agency

    Raises
    ------
    ConfigurationError
        ``agency.toml``, the policy, the roster or a plugin is broken; lists every fault.
    BoundaryError, NetworkError, ArtefactError
        Boundaries or network are broken, altered or missing.
    """
    path = Path(path)
    document, _ = read_toml(path)
    entry = validated(AgencyDocument, document, str(path))
    try:
        hours = LocalHours(entry.timezone)
    except InputError as error:
        raise ConfigurationError(str(path), [f"timezone: {error}"]) from error
    folder, files = path.parent, entry.files
    partition = load_partition(folder / files.divisions)
    divisions = DivisionIndex(
        partition, tolerance_m=entry.divisions.border_tolerance_m, verified=True
    )
    network = load_network(folder / files.network)
    named = [files.policy] if isinstance(files.policy, str) else files.policy
    policies = load_policies(
        [folder / name for name in named],
        divisions={division.number for division in divisions.divisions},
        partition=partition,
    )
    snapper = partial(
        EdgeSnapper,
        network,
        limit_m=entry.snapping.limit_m,
        access_kph=entry.snapping.access_kph,
    )
    try:
        roads = snapper(exclude=entry.snapping.exclude_classes)
    except InputError as error:
        raise ConfigurationError(str(path), [f"snapping.exclude_classes: {error}"]) from error
    # Teams may be of any policy of the folder: some serve from a later day on.
    states = load_roster(folder / files.roster, policies=policies)
    roster = Roster(states, roads=roads, fix_roads=snapper(), clock=clock)
    _refuse_homes_off_road(folder / files.roster, roster)
    speeds = RoadSpeeds(
        network=network,
        topology=load_topology(folder, files.order, files.topology, network),
        profile=_profile(path, entry, network),
        hours=hours,
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
        digests=WorldDigests(
            version=version("unarmed-router"),
            agency=digest_of(entry.model_dump(exclude=_elsewhere(entry))),
            boundaries=divisions.digest,
            network=network.digest,
            profile=speeds.digest if own is None else own.digest,
            network_title=network.metadata.get("title", ""),
            network_limits=network.metadata.get("limits", ""),
        ),
        long_access_m=entry.snapping.long_access_m,
    )
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
        demand=folder / files.demand if files.demand else None,
        arrivals=folder / files.arrivals if files.arrivals else None,
        call_mix=folder / files.call_mix if files.call_mix else None,
        cost=folder / files.cost if files.cost else None,
    )


def _refuse_homes_off_road(path: Path, roster: Roster) -> None:
    """Refuse teams whose home no road reaches: they could never be sent."""
    faults = [
        f"teams.{state.team.team_id}: home_lon {state.team.home_lon}, home_lat "
        f"{state.team.home_lat} is beyond the snapping limit from every road"
        for state in roster.snapshot().teams
        if state.home_road is None
    ]
    if faults:
        raise ConfigurationError(str(path), faults)


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
