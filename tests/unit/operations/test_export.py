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

from tests.played import Played, copied
from unarmed_router.errors import InputError, LedgerBrokenError
from unarmed_router.ledger.store import Ledger
from unarmed_router.model.canonical import to_plain
from unarmed_router.model.events import (
    CallBackDone,
    CallCancelled,
    CallClosed,
    CallReceived,
    CallReferred,
    CallRevised,
    Decided,
    Escalated,
    Preempted,
    ReservationAccepted,
    ReservationDeclined,
    ReservationExpired,
    Reserved,
)
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


_ENDINGS: dict[type, str] = {
    ReservationDeclined: "declined",
    ReservationExpired: "expired",
    Preempted: "preempted",
    CallClosed: "closed",
}


def in_text(at: datetime) -> str:
    """Write an instant as tables do."""
    return at.isoformat().replace("+00:00", "Z")


@given(LON, LAT)
def test_a_block_is_about_100_m_and_its_centre_stands_for_it(lon: float, lat: float) -> None:
    """No place is farther than half a diagonal from its centre, which is its own centre."""
    centre = hundred_block(lon=lon, lat=lat)
    metres = hypot((lon - centre[0]) * 111_320 * cos(radians(lat)), (lat - centre[1]) * 111_132)
    assert metres < 73
    assert hundred_block(lon=centre[0], lat=centre[1]) == centre


@pytest.mark.parametrize("lat", [90.0, 89.9999, -90.0])
def test_a_block_at_a_pole_is_on_earth(lat: float) -> None:
    """Half a row is left there: its middle is a place, and no farther off than elsewhere."""
    centre = hundred_block(lon=0.0, lat=lat)
    assert abs(centre[1]) <= 90
    assert abs(centre[1] - lat) * 111_694 < 101


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


def test_decisions_and_escalations_are_exported_as_they_were_recorded(played: Played) -> None:
    """Field by field, in the order of the ledger; only the response time is rounded."""
    found, events = tables(played), list(played.ledger.read())
    decisions = [(each.seq, each.event) for each in events if isinstance(each.event, Decided)]
    assert found[Table.DECISIONS] == [
        {
            "seq": seq,
            "call_id": event.call_id,
            "decided_at": in_text(event.decided_at),
            "team_id": event.team_id,
            "reason": event.reason,
            "target": event.target,
            "response_s": response_s(event.response_ms, Positions.BLOCK),
            "counted_available": list(event.counted_available),
        }
        for seq, event in decisions
    ]
    asked = [each for each in events if isinstance(each.event, Escalated)]
    for row, each in zip(found[Table.ESCALATIONS], asked, strict=True):
        recorded = to_plain(each.event)
        del recorded["kind"]
        assert row == {"seq": each.seq, "at": in_text(each.at), **recorded}


def test_calls_are_exported_as_they_were_recorded(played: Played) -> None:
    """What was last said of each, and when it came to what; its teams with theirs."""
    said: dict[str, dict[str, Any]] = {}
    held: dict[str, dict[str, Any]] = {}
    for each in played.ledger.read():
        at, event = in_text(each.at), each.event
        if isinstance(event, CallReceived):
            said[event.call.call_id] = {
                "logged_at": at, "called_back_at": None, "ended_at": None, "target": None,
                "declined_by": [],
            }  # fmt: skip
        if isinstance(event, CallReceived | CallRevised):
            call = event.call
            said[call.call_id] |= {
                "priority": event.priority,
                "call_type": call.call_type,
                "codes": list(call.codes),
                "facts": [f"{fact}={answer}" for fact, answer in call.facts.items()],
                "received_at": in_text(call.received_at),
            }
        if isinstance(event, CallBackDone):
            said[event.call_id]["called_back_at"] = at
        if isinstance(event, CallReferred):
            said[event.call_id]["target"] = event.target
        if isinstance(event, CallReferred | CallCancelled | CallClosed):
            said[event.call_id]["ended_at"] = at
        if isinstance(event, Reserved):
            held[event.reservation_id] = {
                "call_id": event.call_id, "team_id": event.team_id, "reserved_at": at,
                "expires_at": in_text(event.expires_at), "accepted_at": None, "ended_at": None,
                "ending": None,
            }  # fmt: skip
        if isinstance(event, ReservationAccepted):
            held[event.reservation_id]["accepted_at"] = at
        if isinstance(event, ReservationDeclined):
            declined = said[event.call_id]["declined_by"]
            said[event.call_id]["declined_by"] = sorted({*declined, event.team_id})
        if (ending := _ENDINGS.get(type(event))) is not None:
            held[event.reservation_id] |= {"ended_at": at, "ending": ending}  # type: ignore[union-attr]
    found = tables(played)
    for table, key, expected in (
        (Table.CALLS, "call_id", said),
        (Table.ASSIGNMENTS, "reservation_id", held),
    ):
        rows = {row[key]: row for row in found[table]}
        assert {k: {name: rows[k][name] for name in row} for k, row in expected.items()} == expected


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


def aggregated(
    played: Played, window: Window | None = None, ledger: Ledger | None = None
) -> Aggregates:
    """Count for publication."""
    return aggregates(
        ledger or played.ledger,
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


def test_aggregates_tell_what_retention_removed(played: Played) -> None:
    """Whoever reads the sums must know that they are not of everything."""
    events = list(played.ledger.read())
    gone = [each.seq for each in events if isinstance(each.event, Escalated)]
    left = copied(each._replace(event=None) if each.seq in gone else each for each in events)
    found = aggregated(played, ledger=left)
    assert (found.removed, aggregated(played).removed) == (len(gone), 0)
    assert found.to_dict()["removed_events"] == len(gone) > 0


def test_the_smallest_number_that_is_shown_is_eleven(played: Played) -> None:
    """Eleven calls are told, ten are not, nor is a single one."""
    received = [e.at for e in played.ledger.read() if isinstance(e.event, CallReceived)]
    windows = [Window(until=at) for at in received[:14]]
    windows += [Window(at, at + timedelta(microseconds=1)) for at in received[:14]]
    seen = set()
    for window in windows:
        found, count = aggregated(played, window), sum(map(window.holds, received))
        few = 0 < count < 11
        assert (found.calls, found.smallest_shown) == (None if few else count, 11)
        assert not few or [table.cells for table in found.tables] == [None, None]
        seen.add(count)
    assert seen >= {0, 1, 10, 11}


def test_a_small_day_is_not_shown(played: Played) -> None:
    """Ten calls or fewer say nothing at all, not even how many."""
    start = next(iter(played.ledger.read())).at
    found = aggregated(played, Window(start, start + timedelta(minutes=5)))
    assert found.calls is None
    assert [table.cells for table in found.tables] == [None, None]
    nothing = aggregated(played, Window(start, start))
    assert nothing.calls == 0
