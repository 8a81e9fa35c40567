"""Streams into files, a block at a time: Parquet and JSON Lines, which `CallReplay` reads back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import Any

from unarmed_router.errors import InputError
from unarmed_router.simulation.replay_layout import ReplayLayout
from unarmed_router.simulation.streams import StreamedCall
from unarmed_router.whole_file import whole_file

__all__ = ["stream_layout", "write_json_lines", "write_parquet"]

_ROW_GROUP = 50_000


def stream_layout(facts: Sequence[str]) -> ReplayLayout:
    """Return the layout of the files written here, for `CallReplay`."""
    return ReplayLayout(
        call_id="call_id",
        call_type="call_type",
        received_at=["received_at"],
        lon="lon",
        lat="lat",
        facts={fact: f"fact_{fact}" for fact in facts},
        needs="needs",
        on_scene_s="on_scene_s",
        priority="priority",
        gives_up_after_s="gives_up_after_s",
        redirected="redirected",
    )


def write_parquet(stream: Iterable[StreamedCall], path: Path | str, *, facts: Sequence[str]) -> int:
    """Write a stream as Parquet, 50,000 calls in memory at most.

    Parameters
    ----------
    stream : iterable of StreamedCall
        Of any length.
    path : path-like
        Written under another name and then renamed, so that it is there whole or not at all.
    facts : sequence of str
        Each becomes a column ``fact_NAME``.

    Returns
    -------
    int
        How many calls.

    Raises
    ------
    InputError
        pyarrow is not installed, or a call has an answer, preferences, excluded teams, codes or an
        uncertainty that the file has no column for.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415  # an extra; only where Parquet is written
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise InputError(
            "writing Parquet needs pyarrow: pip install 'unarmed-router[research]'; JSON Lines "
            "needs nothing"
        ) from None
    schema = pa.schema(
        [
            ("call_id", pa.string()),
            ("call_type", pa.string()),
            ("received_at", pa.timestamp("us", tz="UTC")),
            ("lon", pa.float64()),
            ("lat", pa.float64()),
            *((f"fact_{fact}", pa.dictionary(pa.int8(), pa.string())) for fact in facts),
            ("needs", pa.string()),
            ("on_scene_s", pa.int32()),
            ("priority", pa.int8()),
            ("gives_up_after_s", pa.int32()),
            ("redirected", pa.bool_()),
        ]
    )
    written = 0
    rows = _rows(stream, facts)
    with whole_file(path) as unfinished, parquet.ParquetWriter(unfinished, schema) as writer:
        while block := list(islice(rows, _ROW_GROUP)):
            writer.write_table(pa.Table.from_pylist(block, schema=schema))
            written += len(block)
    return written


def write_json_lines(
    stream: Iterable[StreamedCall], path: Path | str, *, facts: Sequence[str]
) -> int:
    """Write a stream as JSON Lines; see `write_parquet`."""
    written = 0
    with whole_file(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        for row in _rows(stream, facts):
            row["received_at"] = row["received_at"].isoformat()
            file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
            written += 1
    return written


def _rows(stream: Iterable[StreamedCall], facts: Sequence[str]) -> Iterator[dict[str, Any]]:
    known = set(facts)
    for each in stream:
        call, service = each.call, each.service
        strange = sorted(set(call.facts) - known)
        if strange:
            raise InputError(
                f"call {call.call_id} answers {', '.join(strange)}; name every fact in `facts`"
            )
        if call.prefers or call.excludes or call.codes or call.uncertainty is not None:
            raise InputError(
                f"call {call.call_id} has preferences, excluded teams, codes or an uncertainty, "
                "which a stream file does not hold"
            )
        yield {
            "call_id": call.call_id,
            "call_type": call.call_type,
            "received_at": call.received_at.astimezone(UTC),
            "lon": call.lon,
            "lat": call.lat,
            **{f"fact_{fact}": str(call.answer(fact)) for fact in facts},
            "needs": ";".join(call.needs),
            "on_scene_s": service.on_scene_s,
            "priority": service.priority,
            "gives_up_after_s": service.gives_up_after_s,
            "redirected": service.redirected,
        }
