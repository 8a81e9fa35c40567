"""Loading a driving profile: what a TOML file may hold, and the plain values it becomes."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from unarmed_router.agency.toml_file import SchemaVersion, Strict, Word, read_toml, validated
from unarmed_router.errors import ConfigurationError
from unarmed_router.roads.osm.profile import (
    Access,
    DrivingProfile,
    FerryRule,
    RoadClassRule,
    TurnRule,
)

__all__ = ["ProfileDocument", "embedded_profile", "load_driving_profile"]

Kph = Annotated[float, Field(gt=0, le=200, strict=False)]
Seconds = Annotated[float, Field(ge=0, le=3600, strict=False)]
Text = Annotated[str, Field(min_length=1, max_length=80)]
Right = Literal["open", "ends_only", "closed"]

_RIGHTS: dict[str, Access] = {
    "open": Access.OPEN,
    "ends_only": Access.ENDS_ONLY,
    "closed": Access.CLOSED,
}


class ClassEntry(Strict):
    """A road class."""

    kph: Kph
    access: Right = "open"
    oneway: bool = False


class AccessEntry(Strict):
    """What access values mean."""

    open: list[Text]
    ends_only: list[Text]
    closed: list[Text]
    unknown: Literal["ends_only", "closed"] = "closed"


class LimitsEntry(Strict):
    """How speed limits are read."""

    share_of_limit: Annotated[float, Field(gt=0.3, le=1.2, strict=False)]
    plausible_kph: Annotated[list[Kph], Field(min_length=2, max_length=2)]
    words: dict[Text, Kph] = Field(default_factory=dict)


class BarriersEntry(Strict):
    """Barriers on nodes; a kind that is not listed is closed."""

    open: list[Text]
    ends_only: list[Text] = Field(default_factory=list)
    delay_s: dict[Text, Seconds] = Field(default_factory=dict)


class NodesEntry(Strict):
    """Delays at nodes, by ``key=value``."""

    delay_s: dict[Annotated[str, Field(pattern=r"^[a-z_:]+=[a-z_]+$")], Seconds]


class FerriesEntry(Strict):
    """Ferries."""

    open: bool
    kph: Kph = 15.0
    boarding_s: Seconds = 600.0


class TurnsEntry(Strict):
    """Turn costs."""

    u_turn_s: Annotated[float, Field(ge=0, le=600, strict=False)]
    left_s: Annotated[float, Field(ge=0, le=120, strict=False)] = 0.0
    right_s: Annotated[float, Field(ge=0, le=120, strict=False)] = 0.0
    straight_degrees: Annotated[float, Field(ge=0, le=90, strict=False)] = 40.0


class ProfileDocument(Strict):
    """A whole profile file."""

    schema_version: SchemaVersion
    id: Word
    name: Text
    hierarchy: Annotated[list[Word], Field(min_length=1)]
    access: AccessEntry
    classes: Annotated[dict[Word, ClassEntry], Field(min_length=1, max_length=200)]
    services: dict[Word, ClassEntry] = Field(default_factory=dict)
    limits: LimitsEntry
    surface: dict[Text, Kph] = Field(default_factory=dict)
    smoothness: dict[Text, Kph] = Field(default_factory=dict)
    tracktype: dict[Text, Kph] = Field(default_factory=dict)
    barriers: BarriersEntry
    nodes: NodesEntry
    ferries: FerriesEntry
    turns: TurnsEntry


def embedded_profile() -> Path:
    """Return the profile that is installed with the package."""
    return Path(str(resources.files("unarmed_router") / "data" / "profiles" / "crisis_car.toml"))


def load_driving_profile(path: Path | str | None = None) -> DrivingProfile:
    """Load a driving profile; the embedded one by default.

    Raises
    ------
    ConfigurationError
        Lists every fault of the file: unknown keys, values out of range, contradictions.
    """
    file = embedded_profile() if path is None else Path(path)
    document, digest = read_toml(file)
    entry = validated(ProfileDocument, document, str(file))
    faults = _contradictions(entry)
    if faults:
        raise ConfigurationError(str(file), faults)
    return DrivingProfile(
        profile_id=entry.id,
        name=entry.name,
        digest=digest,
        hierarchy=tuple(entry.hierarchy),
        access_values={
            value: _RIGHTS[right] for right in _RIGHTS for value in getattr(entry.access, right)
        },
        unknown_access=_RIGHTS[entry.access.unknown],
        classes={name: _rule(rule) for name, rule in entry.classes.items()},
        services={name: _rule(rule) for name, rule in entry.services.items()},
        share_of_limit=entry.limits.share_of_limit,
        limit_words=dict(entry.limits.words),
        plausible_kph=(entry.limits.plausible_kph[0], entry.limits.plausible_kph[1]),
        surface_kph=dict(entry.surface),
        smoothness_kph=dict(entry.smoothness),
        tracktype_kph=dict(entry.tracktype),
        barriers=dict.fromkeys(entry.barriers.open, Access.OPEN)
        | dict.fromkeys(entry.barriers.ends_only, Access.ENDS_ONLY),
        barrier_delay_s=dict(entry.barriers.delay_s),
        node_delay_s=dict(entry.nodes.delay_s),
        ferry=FerryRule(entry.ferries.kph, entry.ferries.boarding_s)
        if entry.ferries.open
        else None,
        turns=TurnRule(**entry.turns.model_dump()),
    )


def _rule(entry: ClassEntry) -> RoadClassRule:
    return RoadClassRule(entry.kph, _RIGHTS[entry.access], entry.oneway)


def _contradictions(entry: ProfileDocument) -> list[str]:
    """List values that a schema cannot see: in two lists, or a range upside down."""
    faults = []
    lists = {right: set(getattr(entry.access, right)) for right in _RIGHTS}
    for one, other in (("open", "ends_only"), ("open", "closed"), ("ends_only", "closed")):
        both = sorted(lists[one] & lists[other])
        if both:
            faults.append(f"access: {', '.join(both)} is listed as {one} and as {other}")
    both = sorted(set(entry.barriers.open) & set(entry.barriers.ends_only))
    if both:
        faults.append(f"barriers: {', '.join(both)} is listed as open and as ends_only")
    low, high = entry.limits.plausible_kph
    if low >= high:
        faults.append(f"limits.plausible_kph: {low} is not below {high}")
    return faults
