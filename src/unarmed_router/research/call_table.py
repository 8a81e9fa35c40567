"""Every call of a simulation as a row of a Parquet file, with every time stamp."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from unarmed_router.errors import InputError
from unarmed_router.whole_file import whole_file

if TYPE_CHECKING:
    from unarmed_router.simulation.finished import FinishedCall

__all__ = [
    "REAL_ROWS",
    "CallTable",
    "check_parquet",
    "joined_tables",
    "labelled_tables",
    "table_part",
]

REAL_ROWS = (
    "Every row is a call that somebody made: keep the file as you keep the one the calls came "
    "from, and publish none of it."
)
"""Nothing can be hidden in a table of single calls; so it must say what it is."""

_ROW_GROUP = 20_000
_STAMPS = (
    *("reserved_at", "accepted_at", "en_route_at", "on_scene_at", "transporting_at"),
    *("clearing_at", "ended_at"),
)


class CallTable:
    """Writes calls as they end; a few thousand in memory at most.

    Parameters
    ----------
    path : Path
        Replaced if it exists.
    replication : int
        Its number, in every row.
    counts_from, ends : datetime
        Calls received from the one to the other are those that results count.

    Raises
    ------
    InputError
        pyarrow is not installed.

    Notes
    -----
    Columns: ``replication, call_id, received_at, counted, lon, lat, division, call_type, priority,
    outcome, reason, target, decided_at, team_id, wait_s, response_s, ended_at`` and
    ``assignments``, a list of one record for each team the call was given to, with the time stamps
    ``reserved_at`` to ``ended_at``, ``free_at``, when the team had cleared, and how it ended.
    Instants are UTC, to the microsecond.
    """

    def __init__(
        self, path: Path, *, replication: int, counts_from: datetime, ends: datetime
    ) -> None:
        pyarrow, parquet = _libraries()
        self._replication, self._from, self._ends = replication, counts_from, ends
        self._schema = _schema(pyarrow)
        self._table = pyarrow.Table
        self._rows: list[dict[str, Any]] = []
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")

    def add(self, finished: FinishedCall) -> None:
        """Write a call that has ended."""
        self._rows.append(self._row(finished))
        if len(self._rows) >= _ROW_GROUP:
            self._flush()

    def __enter__(self) -> CallTable:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._table.from_pylist(self._rows, schema=self._schema))
            self._rows = []

    def _row(self, finished: FinishedCall) -> dict[str, Any]:
        record = finished.record
        call = record.call
        return {
            "replication": self._replication,
            "call_id": call.call_id,
            "received_at": call.received_at,
            "counted": self._from <= call.received_at < self._ends,
            "lon": call.lon,
            "lat": call.lat,
            "division": finished.division,
            "call_type": call.call_type,
            "priority": record.priority,
            "outcome": str(record.outcome),
            "reason": record.reason,
            "target": record.target,
            "decided_at": None if record.decided is None else record.decided.decided_at,
            "team_id": finished.team_id,
            "wait_s": finished.wait_s,
            "response_s": finished.response_s,
            "ended_at": record.ended_at,
            "assignments": [
                {
                    "team_id": each.team_id,
                    **{name: getattr(each, name) for name in _STAMPS},
                    "free_at": each.free_at(clearing_s=finished.clearing_s),
                    "ending": None if each.ending is None else str(each.ending),
                }
                for each in record.assignments
            ],
        }


def check_parquet() -> None:
    """Refuse to begin a run whose calls could not be written.

    Raises
    ------
    InputError
        pyarrow is not installed.
    """
    _libraries()


def table_part(folder: Path, replication: int) -> Path:
    """Return where one replication's rows wait to be joined."""
    return folder / f"calls-{replication:06d}.parquet"


def joined_tables(parts: Iterable[Path], path: Path, *, real: bool) -> int:
    """Join the tables of some replications in order, and tell the number of rows.

    One row group in memory at a time; the file is there whole or not at all. That rows are real
    calls is said in the metadata of the file, under ``calls``.
    """
    pyarrow, _ = _libraries()
    schema = _schema(pyarrow).with_metadata({"calls": REAL_ROWS if real else "simulated"})
    return _written((table for part in parts for table in _row_groups(part)), schema, path)


def labelled_tables(tables: Mapping[str, Path], path: Path) -> int:
    """Join whole tables, with a first column ``plan`` of their names; tell the number of rows."""
    pyarrow, parquet = _libraries()
    told = parquet.read_schema(next(iter(tables.values()))).metadata
    fields = _schema(pyarrow).insert(0, pyarrow.field("plan", pyarrow.string()))

    def labelled(plan: str, table: Any) -> Any:
        names = pyarrow.array([plan] * table.num_rows, pyarrow.string())
        return table.add_column(0, fields.field(0), names)

    rows = (labelled(plan, table) for plan, part in tables.items() for table in _row_groups(part))
    return _written(rows, fields.with_metadata(told), path)


def _row_groups(part: Path) -> Iterator[Any]:
    """Yield the row groups of a file, one in memory at a time."""
    _, parquet = _libraries()
    with parquet.ParquetFile(part) as file:
        for group in range(file.num_row_groups):
            yield file.read_row_group(group)


def _written(tables: Iterable[Any], schema: Any, path: Path) -> int:
    """Write tables into one file, there whole or not at all; tell the number of rows."""
    _, parquet = _libraries()
    rows = 0
    with (
        whole_file(path) as joined,
        parquet.ParquetWriter(joined, schema, compression="zstd") as writer,
    ):
        for table in tables:
            rows += table.num_rows
            writer.write_table(table)
    return rows


def _libraries() -> tuple[Any, Any]:
    try:
        import pyarrow as pa  # noqa: PLC0415  # optional, and heavy
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise InputError(
            "writing Parquet needs pyarrow: pip install 'unarmed-router[research]'"
        ) from None
    return pa, parquet


def _schema(pyarrow: Any) -> Any:
    at, text = pyarrow.timestamp("us", tz="UTC"), pyarrow.string()
    assignment = pyarrow.struct(
        [("team_id", text), *((name, at) for name in (*_STAMPS, "free_at")), ("ending", text)]
    )
    return pyarrow.schema(
        [
            ("replication", pyarrow.int32()),
            ("call_id", text),
            ("received_at", at),
            ("counted", pyarrow.bool_()),
            ("lon", pyarrow.float64()),
            ("lat", pyarrow.float64()),
            ("division", pyarrow.int32()),
            ("call_type", text),
            ("priority", pyarrow.int8()),
            ("outcome", text),
            ("reason", text),
            ("target", text),
            ("decided_at", at),
            ("team_id", text),
            ("wait_s", pyarrow.float64()),
            ("response_s", pyarrow.float64()),
            ("ended_at", at),
            ("assignments", pyarrow.list_(assignment)),
        ]
    )
