"""Real calls from a file, as a stream: every broken row is refused by its number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from unarmed_router.agency.hours import LocalHours
from unarmed_router.errors import InputError
from unarmed_router.model.call import Call
from unarmed_router.model.call_code_table import CodeTable
from unarmed_router.simulation.call_mix import Service, ServiceMix
from unarmed_router.simulation.draws import Draws
from unarmed_router.simulation.replay_layout import ReplayLayout
from unarmed_router.simulation.replay_places import DistrictPlaces
from unarmed_router.simulation.replay_row import read_row
from unarmed_router.simulation.replay_rows import numbered_rows
from unarmed_router.simulation.streams import StreamedCall

__all__ = ["CallReplay"]

Rows = Literal["callers", "officers"]

_BLOCK = 512
"""Rows held at once."""
_WIDEST = 8 * _BLOCK
"""Rows that numbers are drawn for at once, wanted or not."""


@dataclass(frozen=True, kw_only=True)
class CallReplay:
    """The calls of a file, in its order; iterate as often as needed.

    Parameters
    ----------
    path : path-like
        See `numbered_rows` for the kinds of file.
    layout : ReplayLayout
        What its columns mean.
    service : ServiceMix or None
        Draws what the file does not tell of a call, by the number of its row.
    districts : DistrictPlaces or None
        Places of districts, when the layout names a district.
    draws : Draws
        Random numbers of `service`.
    codes : CodeTable or None
        How call types of the file are read: time on scene and priority are those of the kind of
        call that a code stands for. A type that `service` names is itself.
    rows : {"callers", "officers"}
        Rows that callers made, or those that officers did; without ``officer_initiated`` in the
        layout every row is a caller's.

    Raises
    ------
    InputError
        At once: a district column without `districts`, or a time zone that does not exist. While
        iterating: the first broken row, by its number; `faults` lists them all.
    """

    path: Path | str
    layout: ReplayLayout
    service: ServiceMix | None = None
    districts: DistrictPlaces | None = None
    draws: Draws = Draws(0)  # noqa: RUF009  # immutable
    codes: CodeTable | None = None
    rows: Rows = "callers"

    def __post_init__(self) -> None:
        if self.layout.district is not None and self.districts is None:
            raise InputError("the layout names districts; say where they are with `districts`")
        if self.layout.timezone is not None:
            LocalHours(self.layout.timezone)
        if self.rows not in ("callers", "officers"):
            raise InputError(f"rows {self.rows!r} must be 'callers' or 'officers'")

    def __iter__(self) -> Iterator[StreamedCall]:
        """Read the calls.

        Raises
        ------
        InputError
            A row is broken, or received before the row above it.
        """
        for number, found in self._read():
            if isinstance(found, str):
                raise InputError(f"{self.path}, row {number}: {found}")
            yield found

    def calls(self) -> Iterator[Call]:
        """Iterate over what the dispatcher sees."""
        return (each.call for each in self)

    def faults(self, most: int = 100) -> list[str]:
        """Read the whole file and list what is wrong with it, row by row; ids used twice, too.

        Parameters
        ----------
        most : int
            Stop after so many.
        """
        found: list[str] = []
        rows: dict[str, int] = {}
        try:
            for number, told in self._read():
                if isinstance(told, str):
                    found.append(f"row {number}: {told}")
                elif (first := rows.setdefault(told.call.call_id, number)) != number:
                    found.append(
                        f"row {number}: {self.layout.call_id} {told.call.call_id!r} stands in row "
                        f"{first}, too; give each call an id of its own"
                    )
                if len(found) >= most:
                    break
        except InputError as error:  # the file itself
            found.append(str(error))
        return found

    def counts(self) -> dict[str, int]:
        """Read the whole file and count its rows: of callers, of officers, and left out.

        Raises
        ------
        InputError
            The file itself is broken; rows may be.
        """
        found = {"callers": 0, "officers": 0, "left_out": 0}
        for _, row in numbered_rows(self.path, self.layout.columns()):
            found[self._kind(row)] += 1
        return found

    def _read(self) -> Iterator[tuple[int, StreamedCall | str]]:
        """Yield the number of each wanted row, and its call or its fault."""
        latest: datetime | None = None
        for number, row, drawn in self._with_services():
            try:
                found = read_row(
                    row,
                    number,
                    layout=self.layout,
                    drawn=drawn,
                    districts=self.districts,
                    after=latest,
                )
            except InputError as error:
                yield number, str(error)
                continue
            received = found.call.received_at
            if latest is not None and received < latest:
                yield number, _backwards(received, latest)
                continue
            latest = received
            yield number, found

    def _with_services(self) -> Iterator[tuple[int, Mapping[str, Any], Service | None]]:
        """Yield the wanted rows, each with what is drawn for it; drawn for many rows at once."""
        rows = (
            (number, row)
            for number, row in numbered_rows(self.path, self.layout.columns())
            if self._kind(row) == self.rows
        )
        broken: InputError | None = None
        while broken is None:
            block: list[tuple[int, Mapping[str, Any]]] = []
            try:
                block.extend(islice(rows, _BLOCK))
            except InputError as error:  # the rows before it are still good
                broken = error
            if not block:
                break
            for (number, row), service in zip(block, self._drawn(block), strict=True):
                yield number, row, service
        if broken is not None:
            raise broken

    def _drawn(self, block: list[tuple[int, Mapping[str, Any]]]) -> list[Service | None]:
        """Draw what becomes of some rows' calls."""
        if self.service is None:
            return [None] * len(block)
        first = block[0][0]
        kinds = [self._type_of(str(row[self.layout.call_type]).strip()) for _, row in block]
        asked = [""] * min(block[-1][0] - first + 1, _WIDEST)
        for (number, _), kind in zip(block, kinds, strict=True):
            if number - first < _WIDEST:
                asked[number - first] = kind
        services = self.service.draw(self.draws, first, asked)
        return [
            services[number - first]
            if number - first < _WIDEST
            else self.service.draw(self.draws, number, [kind])[0]  # wanted rows are rare here
            for (number, _), kind in zip(block, kinds, strict=True)
        ]

    def _type_of(self, told: str) -> str:
        """Return the call type that the file's word for it stands for; the word where none does."""
        named = self.service is not None and (
            told in self.service.on_scene_of or told in self.service.priority_of
        )
        if self.codes is None or named:
            return told
        read = self.codes.read(told)
        return told if read is None else read.call_type

    def _kind(self, row: Mapping[str, Any]) -> str:
        layout = self.layout
        for kind, rows in (("left_out", layout.left_out), ("officers", layout.officer_initiated)):
            if rows is not None and str(row[rows.column]).strip() in rows.values:
                return kind
        return "callers"


def _backwards(received: datetime, latest: datetime) -> str:
    return (
        f"received {received.isoformat()}, before the row above it ({latest.isoformat()}); "
        "sort the file by the time of receipt"
    )
