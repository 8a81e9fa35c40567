"""What an ``agency.toml`` may hold; `unarmed_router.agency.folder` loads the files it names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from unarmed_router.agency.plugin_times import TravelTimesEntry
from unarmed_router.agency.toml_file import SchemaVersion, Strict, read_toml, validated

__all__ = [
    "AgencyDocument",
    "DivisionsEntry",
    "FilesEntry",
    "ProfileEntry",
    "SnappingEntry",
    "read_agency",
]


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


def read_agency(path: Path) -> AgencyDocument:
    """Read an ``agency.toml`` by itself, without the files it names.

    Raises
    ------
    ConfigurationError
        Lists every fault.
    """
    return validated(AgencyDocument, read_toml(path)[0], str(path))
