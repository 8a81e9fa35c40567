"""Call mix files: what synthetic callers report and what becomes of it, as TOML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from unarmed_router.agency.toml_file import SchemaVersion, Strict, read_toml, validated
from unarmed_router.errors import ConfigurationError
from unarmed_router.model.policy import Policy
from unarmed_router.simulation.call_mix import CallMix, OnSceneTime, ServiceMix, Volume

__all__ = ["load_mix"]

Share = Annotated[float, Field(ge=0, le=1)]
Minutes = Annotated[float, Field(gt=0, le=1440)]
Priority = Annotated[int, Field(ge=1, le=9)]


class OnSceneEntry(Strict):
    """Time on scene: log-normal, in minutes."""

    mean_min: Minutes
    variation: Annotated[float, Field(ge=0, le=5)]
    longest_min: Minutes
    mean_min_of: dict[str, Minutes] = Field(default_factory=dict)


class ServiceMixEntry(Strict):
    """How calls turn out."""

    redirected: Share = 0.0
    hang_up: Share = 0.0
    patience_min: Minutes = 30.0
    on_scene: OnSceneEntry


class PriorityEntry(Strict):
    """Priorities, 1 the most urgent."""

    default: Priority = 3
    call_types: dict[str, Priority] = Field(default_factory=dict)


class VolumeEntry(Strict):
    """How many calls there are."""

    diverted_per_day: Annotated[float, Field(gt=0, le=1_000_000)]
    divisions: Annotated[list[Annotated[int, Field(gt=0)]], Field(min_length=1)]


class MixDocument(Strict):
    """A whole call mix file."""

    schema_version: SchemaVersion
    unknown: Share
    call_types: Annotated[dict[str, Annotated[float, Field(gt=0)]], Field(min_length=1)]
    yes: dict[str, Share]
    service: ServiceMixEntry | None = None
    priority: PriorityEntry = PriorityEntry()
    volume: VolumeEntry | None = None


def load_mix(path: Path | str, *, policy: Policy) -> CallMix:
    """Read a call mix.

    Parameters
    ----------
    path : path-like
        TOML: ``unknown``, weights ``[call_types]``, probabilities ``[yes]``, and optionally
        ``[service]``, ``[priority]`` and ``[volume]``.
    policy : Policy
        Its call types and facts are the ones there are.

    Returns
    -------
    CallMix

    Raises
    ------
    ConfigurationError
        Lists every fault: wrong types, shares beyond 1, unknown call types or facts.
    """
    document, _ = read_toml(Path(path))
    entry = validated(MixDocument, document, str(path))
    faults = list(_faults(entry, policy))
    if faults:
        raise ConfigurationError(str(path), faults)
    volume = entry.volume
    return CallMix(
        entry.call_types,
        entry.yes,
        entry.unknown,
        None if entry.service is None else _service(entry.service, entry.priority),
        None if volume is None else Volume(volume.diverted_per_day, frozenset(volume.divisions)),
    )


def _faults(entry: MixDocument, policy: Policy) -> Iterator[str]:
    means = {} if entry.service is None else entry.service.on_scene.mean_min_of
    for table, names, known in (
        ("call_types", entry.call_types, policy.call_types),
        ("yes", entry.yes, policy.facts),
        ("service.on_scene.mean_min_of", means, policy.call_types),
        ("priority.call_types", entry.priority.call_types, policy.call_types),
    ):
        for name in names:
            if name not in known:
                yield f"{table}.{name}: policy {policy.policy_id} knows no such name"
    for fact, share in entry.yes.items():
        if share + entry.unknown > 1:
            yield f"yes.{fact}: {share} and unknown {entry.unknown} add up to more than 1"
    if entry.service is not None:
        longest = entry.service.on_scene.longest_min
        for name, mean in {"": entry.service.on_scene.mean_min, **means}.items():
            if mean > longest:
                where = f"mean_min_of.{name}" if name else "mean_min"
                yield f"service.on_scene.{where}: {mean} is above longest_min {longest}"


def _service(entry: ServiceMixEntry, priority: PriorityEntry) -> ServiceMix:
    def time(mean_min: float) -> OnSceneTime:
        return OnSceneTime(60 * mean_min, entry.on_scene.variation, 60 * entry.on_scene.longest_min)

    return ServiceMix(
        on_scene=time(entry.on_scene.mean_min),
        on_scene_of={name: time(mean) for name, mean in entry.on_scene.mean_min_of.items()},
        priority_of=priority.call_types,
        priority=priority.default,
        redirected=entry.redirected,
        hang_up=entry.hang_up,
        patience_s=60 * entry.patience_min,
    )
