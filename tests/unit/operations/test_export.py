"""What leaves the ledger: coarse places, coarse times, and no way back to the house."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from math import cos, hypot, radians
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.played import Played
from unarmed_router.errors import InputError, LedgerBrokenError
from unarmed_router.model.events import CallReceived, CallRevised, Decided, Escalated, Reserved
from unarmed_router.operations.aggregates import HOURS, Aggregates, Became, aggregates
from unarmed_router.operations.balance import balance
from unarmed_router.operations.coarsening import Positions, Times, hundred_block, response_s
from unarmed_router.operations.export import COLUMNS, Coarseness, Row, Table, export
from unarmed_router.operations.export_files import Format, write_tables
from unarmed_router.operations.window import Window

LON, LAT = st.floats(-119, -117), st.floats(33, 35)


def division_of(played: Played) -> Any:
    """Return the agency's divisions as export asks for them."""

    def find(lon: float, lat: float) -> int | None:
        division = played.agency.divisions.locate(lon=lon, lat=lat).division
        return None if division is None else division.number

    return find


def tables(played: Played, **how: Any) -> dict[Table, list[Row]]:
    """Export into lists."""
    found: dict[Table, list[Row]] = {table: [] for table in Table}
    window = how.pop("window", None)
    rows = export(played.ledger, division_of(played), coarseness=Coarseness(**how), window=window)
    for table, row in rows:
        found[table].append(row)
    return found


@given(LON, LAT)
def test_a_block_is_about_100_m_and_its_centre_stands_for_it(lon: float, lat: float) -> None:
    """No place is farther than half a diagonal from its centre, which is its own centre."""
    centre = hundred_block(lon=lon, lat=lat)
    metres = hypot((lon - centre[0]) * 111_320 * cos(radians(lat)), (lat - centre[1]) * 111_132)
    assert metres < 73
    assert hundred_block(lon=centre[0], lat=centre[1]) == centre


def test_blocks_are_a_grid_of_100_m() -> None:
    """Walking north or east along a metre grid meets a new block every 100 m or so."""
    east = [hundred_block(lon=-118.3 + step * 1e-5, lat=34.06)[0] for step in range(2000)]
    north = [hundred_block(lon=-118.3, lat=34.06 + step * 1e-5)[1] for step in range(2000)]
    for centres, metres in ((east, 111_320 * cos(radians(34.06))), (north, 111_132)):
        blocks = sorted(set(centres))
        assert all(98 < (b - a) * metres < 102 for a, b in pairwise(blocks))
        assert len(blocks) > 15


def test_every_call_is_exported_once_with_its_outcome(played: Played) -> None:
    """Rows agree with the count of the same ledger, ended calls and open ones alike."""
    found = tables(played)
    calls = found[Table.CALLS]
    assert len({row["call_id"] for row in calls}) == len(calls)
    assert (
        Counter((row["outcome"], row["reason"]) for row in calls) == balance(played.ledger).outcomes
    )
    kinds = Counter(type(each.event) for each in played.ledger.read())
    assert len(found[Table.DECISIONS]) == kinds[Decided]
    assert len(found[Table.ASSIGNMENTS]) == kinds[Reserved]
    assert len(found[Table.ESCALATIONS]) == kinds[Escalated]
    for table, rows in found.items():
        assert all(tuple(row) == COLUMNS[table] for row in rows)


@pytest.mark.parametrize("positions", list(Positions))
def test_nothing_exported_holds_the_place(
    played: Played, tmp_path: Path, positions: Positions
) -> None:
    """Neither the coordinates nor a digest that covers them stands in any file."""
    rows = export(played.ledger, division_of(played), coarseness=Coarseness(positions=positions))
    write_tables(tmp_path / "out", rows, Format.JSONL)
    text = "".join(path.read_text("utf-8") for path in (tmp_path / "out").iterdir())
    for each in played.ledger.read():
        if isinstance(each.event, CallReceived | CallRevised):
            assert repr(each.event.call.lon) not in text
            assert repr(each.event.call.lat) not in text
        if isinstance(each.event, Decided):
            assert each.event.digest not in text
        assert each.digest not in text


def test_positions_by_choice(played: Played) -> None:
    """The hundred block, or nothing finer than the division."""
    calls = {e.event.call.call_id: e.event.call for e in played.ledger.read()
             if isinstance(e.event, CallReceived)}  # fmt: skip
    for row in tables(played)[Table.CALLS]:
        call = calls[row["call_id"]]
        assert (row["lon"], row["lat"]) == hundred_block(lon=call.lon, lat=call.lat)
    for row in tables(played, positions=Positions.DIVISION)[Table.CALLS]:
        assert (row["lon"], row["lat"]) == (None, None)
        call = calls[row["call_id"]]
        assert row["division"] == division_of(played)(call.lon, call.lat)


def test_times_by_choice(played: Played) -> None:
    """Exact, or to the minute: then no seconds stand in any row."""
    exact, coarse = tables(played), tables(played, times=Times.MINUTE)
    stamps = [
        value
        for rows in coarse.values()
        for row in rows
        for name, value in row.items()
        if (name.endswith("_at") and value is not None) or name == "at"
    ]
    assert stamps
    assert all(stamp.endswith(":00Z") for stamp in stamps)
    received = [datetime.fromisoformat(row["received_at"]) for row in exact[Table.CALLS]]
    assert any(moment.second for moment in received)


def test_a_response_time_does_not_give_the_place_away() -> None:
    """Rounded to 10 s beside a block, to a minute beside a division."""
    assert response_s(339_640, Positions.BLOCK) == 340
    assert response_s(339_640, Positions.DIVISION) == 360
    assert response_s(None, Positions.BLOCK) is None


def test_a_window_exports_its_calls_with_everything_of_theirs(played: Played) -> None:
    """Two windows that meet hold every row once."""
    start = next(iter(played.ledger.read())).at
    cut = start + timedelta(minutes=30)
    whole = tables(played)
    parts = [tables(played, window=Window(None, cut)), tables(played, window=Window(cut, None))]
    for table in Table:
        rows = [json.dumps(row) for part in parts for row in part[table]]
        assert sorted(rows) == sorted(json.dumps(row) for row in whole[table])
        assert 0 < len(parts[0][Table.CALLS]) < len(whole[Table.CALLS])


def test_both_forms_hold_the_same(played: Played, tmp_path: Path) -> None:
    """CSV has a header and joined lists; JSON Lines every column; both every row."""
    counts = write_tables(tmp_path / "a", export(played.ledger, division_of(played)), Format.CSV)
    write_tables(tmp_path / "b", export(played.ledger, division_of(played)), Format.JSONL)
    for table in Table:
        with (tmp_path / "a" / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            flat = list(csv.DictReader(file))
        lines = (tmp_path / "b" / f"{table}.jsonl").read_text("utf-8").splitlines()
        assert len(flat) == len(lines) == counts[table]
        for row, line in zip(flat, lines, strict=True):
            for name, value in json.loads(line).items():
                text = ";".join(value) if isinstance(value, list) else value
                assert row[name] == ("" if text is None else str(text))


def test_files_are_never_overwritten(played: Played, tmp_path: Path) -> None:
    """A second export into the same folder is refused and changes nothing."""
    write_tables(tmp_path, export(played.ledger, division_of(played)), Format.CSV)
    before = (tmp_path / "calls.csv").read_bytes()
    with pytest.raises(InputError, match=r"calls\.csv exists; name a new folder"):
        write_tables(tmp_path, export(played.ledger, division_of(played)), Format.CSV)
    assert (tmp_path / "calls.csv").read_bytes() == before


def aggregated(played: Played, window: Window | None = None) -> Aggregates:
    """Count for publication."""
    return aggregates(
        played.ledger,
        divisions=[(d.number, d.name) for d in played.agency.divisions.divisions],
        division_of=division_of(played),
        local=played.agency.hours.local,
        window=window,
    )


@pytest.mark.parametrize("form", Format)
def test_an_export_that_is_broken_off_leaves_no_file(tmp_path: Path, form: Format) -> None:
    """Half a table looks like a whole one, and files left over bar the next attempt."""

    def rows() -> Iterator[tuple[Table, Row]]:
        yield Table.ESCALATIONS, dict.fromkeys(COLUMNS[Table.ESCALATIONS], "x")
        raise LedgerBrokenError("event 2 is missing", seq=2)

    with pytest.raises(LedgerBrokenError):
        write_tables(tmp_path, rows(), form)
    assert list(tmp_path.iterdir()) == []
    last = tmp_path / f"{Table.ESCALATIONS}.{form}"
    last.write_text("kept")
    with pytest.raises(InputError, match="exists; name a new folder"):
        write_tables(tmp_path, rows(), form)
    assert list(tmp_path.iterdir()) == [last]
    assert last.read_text() == "kept"


def test_aggregates_count_what_the_balance_counts(played: Played) -> None:
    """The same calls by division and by hour; nothing from 1 to 10 is shown anywhere."""
    found, exact = aggregated(played), balance(played.ledger)
    assert found.calls == exact.received
    by_division, by_hour = found.tables
    assert by_division.columns == tuple(Became)
    assert by_hour.columns == HOURS
    for table in found.tables:
        assert table.cells is not None
        numbers = [value for row in table.cells for value in row if value is not None]
        assert not any(0 < number < 11 for number in numbers)
        assert numbers[-1] == exact.received
    plain = json.loads(json.dumps(found.to_dict()))
    assert len(plain["tables"][0]["cells"]) == len(plain["tables"][0]["rows"]) == 23


def test_a_small_day_is_not_shown(played: Played) -> None:
    """Ten calls or fewer say nothing at all, not even how many."""
    start = next(iter(played.ledger.read())).at
    found = aggregated(played, Window(start, start + timedelta(minutes=5)))
    assert found.calls is None
    assert [table.cells for table in found.tables] == [None, None]
    nothing = aggregated(played, Window(start, start))
    assert nothing.calls == 0
