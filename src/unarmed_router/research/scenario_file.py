"""Reading a scenario file: refused whole, with every fault and its remedy."""

from __future__ import annotations

import types
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

import numpy as np
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from unarmed_router.agency.toml_file import listed_faults, read_toml
from unarmed_router.errors import ConfigurationError
from unarmed_router.research.scenario_schema import STRATEGIES, ScenarioDocument

__all__ = ["read_scenario", "scenario_faults", "sound_part"]

_FILES = (
    ("agency",),
    ("teams", "roster"),
    ("replay", "file"),
    ("replay", "layout"),
    ("replay", "districts"),
)


def read_scenario(
    path: Path | str,
    *,
    run: Mapping[str, object] | None = None,
    teams: Mapping[str, object] | None = None,
) -> tuple[ScenarioDocument, str]:
    """Read a scenario and the SHA-256 of its file.

    Parameters
    ----------
    path : path-like
        The TOML file.
    run, teams : mapping of str to object, optional
        Entries of the tables ``[run]`` and ``[teams]`` in place of the file's; numpy's numbers are
        those of Python.

    Raises
    ------
    ConfigurationError
        Lists every fault of the file by itself; `scenarios.load_scenario` adds those that show only
        beside the agency.
    """
    path = Path(path)
    document, digest = read_toml(path)
    if run and isinstance(document.get("run"), dict):
        document["run"] = {**document["run"], **_plain(run)}
    if teams and isinstance(document.get("teams", {}), dict):
        document["teams"] = {**_table(document, "teams"), **_plain(teams)}
    faults = list(scenario_faults(document, path.parent, overridden=frozenset(run or ())))
    if faults:
        raise ConfigurationError(str(path), faults)
    return ScenarioDocument.model_validate(document), digest


def _plain(entries: Mapping[str, object]) -> dict[str, object]:
    """Take numbers of numpy, such as a loop over an array gives, for what they are."""
    return {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in entries.items()
    }


def sound_part(path: Path | str) -> ScenarioDocument | None:
    """Return the sound tables of a broken scenario, or None where its ``[service]`` is broken.

    Broken tables are left out, as if the file did not have them. The rest can then be checked
    against the agency, so that its faults are told together with those of the broken tables.

    Parameters
    ----------
    path : path-like
        The TOML file.

    Raises
    ------
    ConfigurationError
        It is no TOML.
    """
    document, _ = read_toml(Path(path))
    kept: dict[str, Any] = {
        "schema_version": 1,
        "name": "broken",
        "run": {"start": date(2026, 1, 5)},
    }
    for name in ("agency", "service", "teams", "stream"):
        if name in document:
            try:
                ScenarioDocument.model_validate(
                    {"service": {"program": "any"}, **kept, name: document[name]}
                )
            except ValidationError:
                continue
            kept[name] = document[name]
    named = (kept.get("agency"), _table(kept, "teams").get("roster"))
    if any(each is not None and not (Path(path).parent / each).is_file() for each in named):
        return None
    return ScenarioDocument.model_validate(kept) if "service" in kept else None


def scenario_faults(
    document: dict[str, Any], folder: Path, *, overridden: Collection[str] = ()
) -> Iterator[str]:
    """List what is wrong with a scenario by itself, each fault with its remedy.

    Parameters
    ----------
    document : dict
        As TOML gives it.
    folder : Path
        Files it names are relative to this.
    overridden : collection of str
        Entries of its table ``[run]`` that are not the file's own.
    """
    try:
        ScenarioDocument.model_validate(document)
    except ValidationError as error:
        # One line for each fault, though a union has one for each of its types.
        seen: set[tuple[str, ...]] = set()
        for item, text in zip(error.errors(), listed_faults(error), strict=True):
            entry, remedy = _entry(item["loc"])
            if entry not in seen:
                seen.add(entry)
                yield f"{text}: {remedy}" if remedy else text
    yield from _across(document, overridden)
    yield from _missing_files(document, folder)


def _entry(loc: tuple[int | str, ...]) -> tuple[tuple[str, ...], str]:
    """Find the entry of the schema that a fault lies in, and its remedy."""
    model: type[BaseModel] | None = ScenarioDocument
    entry: list[str] = []
    remedy = ""
    for part in loc:
        field = None if model is None else model.model_fields.get(str(part))
        if field is None and model is not None:
            known = ", ".join(model.model_fields)
            return (*entry, str(part)), f"drop it, or name one of {known}"
        if field is None:  # a part of a value
            return tuple(entry), remedy
        entry.append(str(part))
        remedy = _remedy(field)
        model = _model_of(field.annotation)
    return tuple(entry), remedy


def _remedy(field: FieldInfo) -> str:
    """Return the description of an entry, or of the part of it that is not None."""
    options = (field, *get_args(field.annotation))
    found = (
        told.description
        for option in options
        for told in (option, *getattr(option, "__metadata__", ()))
        if isinstance(told, FieldInfo) and told.description
    )
    return next(found, "")


def _model_of(annotation: Any) -> type[BaseModel] | None:
    options = get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    return next(
        (each for each in options if isinstance(each, type) and issubclass(each, BaseModel)), None
    )


def _across(document: dict[str, Any], overridden: Collection[str]) -> Iterator[str]:
    """List faults between entries, as far as both can be read."""
    run, precision = _table(document, "run"), _table(document, "precision")
    most, least = run.get("replications", 10), precision.get("at_least", 5)
    # Who asks for fewer than the file does, as for a look or for pairs, stops before any rule.
    both = precision and "replications" not in overridden
    if both and isinstance(most, int) and isinstance(least, int) and least > most:
        yield (
            f"precision.at_least: {least} is more than run.replications {most}: raise the "
            "replications or lower at_least"
        )
    strategy = run.get("strategy", "nearest")
    if isinstance(strategy, str) and ":" not in strategy and strategy not in STRATEGIES:
        yield (
            f"run.strategy: {strategy!r} is not known: give one of {', '.join(STRATEGIES)}, or "
            "your own as module:attribute"
        )
    service = _table(document, "service")
    divisions = service.get("divisions")
    if divisions == "all" and service.get("add_busiest"):
        yield "service.add_busiest: nothing can be added to all divisions: drop one of the two"
    if divisions == [] and not service.get("add_busiest"):
        yield (
            "service.divisions: none is listed, and none added: the program would serve nobody: "
            "list some, or give add_busiest"
        )
    if isinstance(divisions, list):
        twice = sorted({str(each) for each in divisions if divisions.count(each) > 1})
        if twice:
            yield f"service.divisions: {', '.join(twice)} is listed twice: list each once"
    yield from _breaks(_table(document, "crews"))
    replay = _table(document, "replay")
    if replay.get("districts") and replay.get("areas"):
        yield "replay.areas: places are given by districts or drawn in areas: drop one of the two"
    if replay.get("area_drop_digits") and not replay.get("areas"):
        yield "replay.area_drop_digits: there are no areas: add areas = true, or drop it"
    if "replay" in document and "stream" in document:
        yield "replay: calls are replayed, so [stream] would do nothing: drop one of the two tables"


def _breaks(crews: dict[str, Any]) -> Iterator[str]:
    rest, every = crews.get("break_s", 0), crews.get("break_every_s", 0)
    if not isinstance(rest, int) or not isinstance(every, int):
        return
    if rest and every <= rest:
        yield (
            f"crews.break_every_s: {every} must be longer than break_s {rest}: give both, or drop "
            "break_s"
        )
    if every and not rest:
        yield f"crews.break_s: breaks every {every} s take no time: give their length"


def _missing_files(document: dict[str, Any], folder: Path) -> Iterator[str]:
    for place in _FILES:
        value: Any = document
        for part in place:
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, str) and not (folder / value).is_file():
            yield (
                f"{'.'.join(place)}: there is no file {value}: name one, relative to the scenario"
            )


def _table(document: dict[str, Any], name: str) -> dict[str, Any]:
    value = document.get(name)
    return value if isinstance(value, dict) else {}
