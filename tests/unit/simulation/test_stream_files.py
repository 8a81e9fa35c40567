"""Streams in files: read back as they were written, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.errors import InputError
from unarmed_router.simulation import stream_files
from unarmed_router.simulation.call_replay import CallReplay
from unarmed_router.simulation.default_stream import agency_stream
from unarmed_router.simulation.stream_files import (
    stream_layout,
    write_json_lines,
    write_parquet,
)
from unarmed_router.simulation.streams import CallStream, StreamedCall

Write = Callable[..., int]
both = pytest.mark.parametrize(
    ("write", "name"), [(write_json_lines, "calls.jsonl"), (write_parquet, "calls.parquet")]
)


@pytest.fixture(scope="module")
def stream(agency: Agency) -> CallStream:
    """Make 300 calls."""
    start = datetime(2026, 1, 5, 8, tzinfo=UTC)
    return agency_stream(agency, start=start, seed=4, count=300)


@both
def test_what_is_written_is_read_back(
    tmp_path: Path, stream: CallStream, write: Write, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every field of every call and service, over several blocks."""
    if write is write_parquet:
        pytest.importorskip("pyarrow")
    monkeypatch.setattr(stream_files, "_ROW_GROUP", 70)
    facts = tuple(stream.mix.yes)
    spoken = [
        replace(each, call=replace(each.call, needs=("asl", "spanish")))
        for each in islice(stream, 3)
    ]
    calls = spoken + list(islice(stream, 3, None))
    path = tmp_path / name
    assert write(calls, path, facts=facts) == 300
    assert list(CallReplay(path=path, layout=stream_layout(facts))) == calls
    assert [file.name for file in tmp_path.iterdir()] == [name]


@both
def test_a_stream_that_breaks_leaves_no_file(
    tmp_path: Path, stream: CallStream, write: Write, name: str
) -> None:
    """Neither the file nor its unfinished part."""
    if write is write_parquet:
        pytest.importorskip("pyarrow")

    def broken() -> Iterator[StreamedCall]:
        yield next(iter(stream))
        raise RuntimeError("the source has gone")

    with pytest.raises(RuntimeError, match="the source has gone"):
        write(broken(), tmp_path / name, facts=tuple(stream.mix.yes))
    assert not list(tmp_path.iterdir())


def test_what_a_file_cannot_hold_is_refused(tmp_path: Path, stream: CallStream) -> None:
    """An answer without a column, and codes: nothing is dropped in silence."""
    each = next(iter(stream))

    def write(calls: Iterable[StreamedCall], *facts: str) -> int:
        return write_json_lines(calls, tmp_path / "calls.jsonl", facts=facts)

    with pytest.raises(InputError, match=r"answers crime_in_progress, .*; name every fact"):
        write([each], "weapon")
    coded = replace(each, call=replace(each.call, codes=("918M",)))
    with pytest.raises(InputError, match="does not hold"):
        write([coded], *stream.mix.yes)


def test_json_lines_are_plain(tmp_path: Path, stream: CallStream) -> None:
    """One object a line, times in UTC, null for a caller who waits."""
    path = tmp_path / "calls.jsonl"
    write_json_lines(islice(stream, 1), path, facts=tuple(stream.mix.yes))
    row = json.loads(path.read_text())
    assert row["received_at"].endswith("+00:00")
    assert row["fact_weapon"] in {"yes", "no", "unknown"}
    assert row["gives_up_after_s"] is None
