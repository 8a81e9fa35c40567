"""Published cost rates of an agency: a TOML file that says the unit, or every reading of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from unarmed_router.agency.toml_file import SchemaVersion, Strict, read_toml, validated
from unarmed_router.errors import ConfigurationError
from unarmed_router.research.cost import CostRates, CostUnit

__all__ = ["load_cost_rates"]


class CostDocument(Strict):
    """A whole file."""

    schema_version: SchemaVersion
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    team: Annotated[float, Field(ge=0)]
    baseline: Annotated[float, Field(ge=0)]
    units: Annotated[list[str], Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]


def load_cost_rates(path: Path) -> tuple[CostRates, ...]:
    """Read the rates of a file, once for each unit it names.

    Parameters
    ----------
    path : Path
        TOML: ``schema_version``, ``currency`` (ISO 4217), ``team`` and ``baseline`` in it,
        ``units`` (``per_hour``, ``per_intervention`` or both, where sources disagree), ``source``.

    Raises
    ------
    ConfigurationError
        Lists every fault.
    """
    entry = validated(CostDocument, read_toml(path)[0], str(path))
    wrong = [unit for unit in entry.units if unit not in set(CostUnit)]
    if wrong or len(set(entry.units)) < len(entry.units):
        known = ", ".join(CostUnit)
        raise ConfigurationError(
            str(path), [f"units: {entry.units} must be each at most once of {known}"]
        )
    return tuple(
        CostRates(
            unit=CostUnit(unit),
            team=entry.team,
            baseline=entry.baseline,
            currency=entry.currency,
            source=entry.source,
        )
        for unit in entry.units
    )
