"""What the columns of a file of real calls mean, as a TOML table or a Python object."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from unarmed_router.agency.toml_file import SchemaVersion, Strict, read_toml, validated

__all__ = ["MarkedRows", "ReplayLayout", "load_layout"]

Column = Annotated[str, Field(min_length=1)]
Reply = Literal["yes", "no", "unknown"]


class MarkedRows(Strict):
    """Rows of one kind: the column that tells, and its values that say so."""

    column: Column
    values: Annotated[list[str], Field(min_length=1)]


class ReplayLayout(Strict):
    """Columns of a file of calls; names are as in the file.

    Parameters
    ----------
    call_id, call_type : str
        Columns of the identifier, and of the call type or code.
    received_at : list of str
        Columns that make the moment of receipt, joined by a space: one, or a date and a time.
    received_format : str or None
        As `datetime.strptime` reads it; None for ISO 8601.
    timezone : str or None
        IANA name, for moments without an offset; None refuses those.
    lon, lat : str or None
        Columns of WGS 84 degrees.
    x, y, crs : str or None
        Columns of projected coordinates, and their system, such as ``"EPSG:2229"``.
    district : str or None
        Column of a reporting district or area, where there are no coordinates. A file with geometry
        needs none of these.
    facts : dict of str to str
        Column of each fact; empty cells are unknown.
    assume : dict of str to str
        Answer to facts that the file does not have.
    needs : str or None
        Column of capabilities, separated by ``;``.
    officer_initiated : MarkedRows or None
        Which rows no caller made.
    left_out : MarkedRows or None
        Which rows are no calls of this city, such as those whose area is ``"Outside"``: nobody
        gets them, and `CallReplay.counts` tells how many they are.
    on_scene_s, priority, gives_up_after_s, redirected : str or None
        Columns of what became of the call; drawn from the mix where there is none, or an empty
        cell. An empty ``gives_up_after_s`` is a caller who waits.
    """

    call_id: Column
    call_type: Column
    received_at: Annotated[list[Column], Field(min_length=1, max_length=2)]
    received_format: str | None = None
    timezone: str | None = None
    lon: Column | None = None
    lat: Column | None = None
    x: Column | None = None
    y: Column | None = None
    crs: str | None = None
    district: Column | None = None
    facts: dict[str, Column] = Field(default_factory=dict)
    assume: dict[str, Reply] = Field(default_factory=dict)
    needs: Column | None = None
    officer_initiated: MarkedRows | None = None
    left_out: MarkedRows | None = None
    on_scene_s: Column | None = None
    priority: Column | None = None
    gives_up_after_s: Column | None = None
    redirected: Column | None = None

    @model_validator(mode="after")
    def _one_kind_of_place(self) -> ReplayLayout:
        for names in (("lon", "lat"), ("x", "y", "crs")):
            given = [name for name in names if getattr(self, name) is not None]
            if given and len(given) < len(names):
                raise ValueError(f"{' and '.join(names)} must be given together; got only {given}")
        kinds = [name for name in ("lon", "x", "district") if getattr(self, name) is not None]
        if len(kinds) > 1:
            raise ValueError(f"give one kind of place; got columns for {' and '.join(kinds)}")
        twice = sorted(set(self.facts) & set(self.assume))
        if twice:
            raise ValueError(f"facts {', '.join(twice)} are both read and assumed; drop one")
        return self

    def columns(self) -> list[str]:
        """List every column it reads."""
        single = (
            self.call_id,
            self.call_type,
            *self.received_at,
            self.lon,
            self.lat,
            self.x,
            self.y,
            self.district,
            *self.facts.values(),
            self.needs,
            self.on_scene_s,
            self.priority,
            self.gives_up_after_s,
            self.redirected,
        )
        named = [name for name in single if name is not None]
        marked = (self.officer_initiated, self.left_out)
        named += [rows.column for rows in marked if rows is not None]
        return list(dict.fromkeys(named))


class LayoutDocument(Strict):
    """A whole layout file."""

    schema_version: SchemaVersion
    columns: ReplayLayout


def load_layout(path: Path | str) -> ReplayLayout:
    """Read a layout from TOML: ``schema_version`` and a table ``[columns]``.

    Raises
    ------
    ConfigurationError
        Lists every fault.
    """
    document, _ = read_toml(Path(path))
    return validated(LayoutDocument, document, str(path)).columns
