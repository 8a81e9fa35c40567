"""`unarmed-router ledger`: what it prints and how it exits."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.ledgers import NOON, put, received, schema_address
from tests.played import Played
from tests.postgres import Server
from tests.synthetic_day import Day
from unarmed_router.cli import main
from unarmed_router.ledger.copy import copy as move
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.verify import verify
from unarmed_router.model.call import Call
from unarmed_router.model.events import AgencySet, CallReceived, Decided
from unarmed_router.operations.balance import balance
from unarmed_router.operations.recording import Keep
from unarmed_router.research.scenario_run import play_scenario
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.shipped_scenarios import scenario_path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run `unarmed-router ledger ...`; return exit code, data and messages."""
    code = main(["ledger", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out, told.err


def flip(path: Path, seq: int) -> None:
    """Alter the body of an event as somebody with access to the file could."""
    change = "UPDATE events SET body = replace(body, 'welfare_check', 'wellness') WHERE seq = ?"
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = rows.fetchall()
        for name, _ in triggers:
            database.execute(f"DROP TRIGGER {name}")
        database.execute(change, (seq,))
        for _, sql in triggers:
            database.execute(sql)
        database.commit()


@pytest.fixture
def copy(played: Played, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Back the day up, to be altered."""
    path = tmp_path / "copy.db"
    assert run(capsys, "backup", played.path, path)[0] == 0
    return path


def test_a_backup_is_whole_and_names_its_last_event(
    played: Played, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The number and digest it prints are what verify takes as known."""
    code, out, _ = run(capsys, "backup", played.path, tmp_path / "b.db")
    assert code == 0
    known = out.split("last: ")[1].strip()
    assert run(capsys, "verify", tmp_path / "b.db", "--known", known)[:2] == (0, out)
    assert run(capsys, "verify", tmp_path / "b.db", "--known", known.upper())[:2] == (0, out)
    other = known[:-1] + ("0" if known[-1] != "0" else "1")
    code, out, _ = run(capsys, "verify", tmp_path / "b.db", "--known", other)
    assert code == 3
    assert "has another digest than the one known" in out
    code, _, err = run(capsys, "backup", played.path, tmp_path / "b.db")
    assert (code, "exists; name a new file" in err) == (2, True)


@pytest.mark.parametrize("known", ["7", "7:" + "x" * 64, "0:" + "0" * 64, "-1:" + "0" * 64])
def test_what_verify_never_printed_is_not_known(
    played: Played, capsys: pytest.CaptureFixture[str], known: str
) -> None:
    """Neither whole nor broken is said of a note that was copied wrong: events begin at 1."""
    code, out, err = run(capsys, "verify", played.path, "--known", known)
    assert (code, out) == (2, "")
    assert "must be NUMBER:DIGEST, as verify printed them" in err


def test_a_broken_ledger_is_named_with_its_event(
    played: Played, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 3, the event, and what to do; as JSON for machines."""
    seq = next(
        e.seq
        for e in played.ledger.read()
        if isinstance(e.event, CallReceived) and e.event.call.call_type == "welfare_check"
    )
    flip(copy, seq)
    code, out, _ = run(capsys, "verify", copy)
    assert code == 3
    assert f"BROKEN: {copy}: event {seq} has a body that is not the one" in out
    assert "restore a backup" in out
    code, out, _ = run(capsys, "verify", copy, "--json")
    found = json.loads(out)
    assert (code, found["whole"], found["seq"]) == (3, False, seq)
    for command in ("balance", "replay", "report", "show"):
        code, _, err = run(capsys, command, copy)
        assert code == 2
        assert f"event {seq} has a body that is not the one" in err


def test_the_balance_is_shown_as_a_sum(played: Played, capsys: pytest.CaptureFixture[str]) -> None:
    """The sum, the reasons and the redirect rate, the same as the library counts."""
    found = balance(played.ledger)
    code, out, _ = run(capsys, "balance", played.path)
    assert code == 0
    assert f"Balanced: {found.received} received = " in out
    assert "ineligible" in out
    assert f"Handed over from the scene: {found.handed_over} of " in out
    code, out, _ = run(capsys, "balance", played.path, "--json")
    assert json.loads(out) == found.to_dict()


def test_the_balance_of_a_window(played: Played, capsys: pytest.CaptureFixture[str]) -> None:
    """Times need an offset, and are shown on the agency's wall clock."""
    code, out, _ = run(
        capsys, "balance", played.path, "--from", "2026-11-20T16:10:00Z",
        "--to", "2026-11-20T08:20:00-08:00", "--as-of", "2026-11-20T16:21:00+00:00",
    )  # fmt: skip
    assert code == 0
    assert "from 2026-11-20 08:10:00 PST to 2026-11-20 08:20:00 PST" in out
    code, _, err = run(capsys, "balance", played.path, "--from", "2026-11-20T16:10:00")
    assert (code, "no time zone" in err) == (2, True)
    code, _, err = run(capsys, "balance", played.path, "--to", "yesterday")
    assert (code, "--to 'yesterday' is not an ISO 8601 time" in err) == (2, True)
    code, _, err = run(capsys, "balance", played.path, "--from", "0001-01-01T00:00:00Z")
    assert (code, "is at the end of the calendar" in err) == (2, True)


def test_offenders_are_listed_and_exit_with_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A call that was received and dropped is named."""
    path = tmp_path / "broken.db"
    call = Call(call_id="C1", lon=-118, lat=34, call_type="welfare_check", received_at=NOON)
    with closing(open_ledger(path)) as ledger, ledger.transaction(seen=0) as held:
        held.append([CallReceived(call=call, priority=3)], at=NOON)
    code, out, _ = run(capsys, "balance", path)
    assert code == 3
    assert "NOT BALANCED: 1 received is not 0 assigned + 0 referred + 0 waiting + 0 canc" in out
    assert "  C1: no outcome: last decided: nothing" in out


def test_a_recorded_simulation_is_a_shift_like_any_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verified, balanced and replayed to the byte, though its policy knows no age of a position."""
    path = tmp_path / "simulated.db"
    prepared = load_scenario(scenario_path("six_divisions"), run={"days": 3, "warm_up_days": 0})
    with closing(open_ledger(path)) as ledger:
        received = play_scenario(prepared, 0, ledger=ledger, keep=Keep.TEXT).received
    assert received > 300
    assert run(capsys, "verify", path)[0] == 0
    assert run(capsys, "balance", path)[0] == 0
    code, out, _ = run(capsys, "replay", path, "--json")
    assert code == 0
    assert json.loads(out)["counts"]["same"] >= received
    policy = scenario_path("six_divisions").parents[1] / "los_angeles" / "policy.toml"
    code, out, _ = run(capsys, "diff", path, "--policy", policy, "--json")
    assert code == 0
    counts = json.loads(out)  # one line: the agency's own policy changes nothing
    assert (counts["calls"], counts["changed"], counts["skipped"]) == (received, 0, {})


def test_replay_says_what_is_the_same_and_what_differs(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    """All the same with both policies; the first that cannot be made again without."""
    decisions = sum(isinstance(e.event, Decided) for e in played.ledger.read())
    code, out, _ = run(capsys, "replay", played.path, "--policy", played.later_path)
    assert code == 0
    assert out.endswith(f"decisions made again\n       {decisions}  the same, to the byte\n")
    code, out, _ = run(capsys, "replay", played.path)
    assert code == 3
    assert "The first that differs is event " in out
    assert f"policy la-later-2026: {played.later.digest[:12]} is not given here" in out
    code, out, _ = run(capsys, "replay", played.path, "--json")
    found = json.loads(out)
    assert (code, found["same"], found["first"]["verdict"]) == (3, False, "other_data")


def test_diff_lists_changes_and_counts_calls(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line a change with the reason, then the kinds of change, and as JSON Lines."""
    code, out, _ = run(capsys, "diff", played.path, "--policy", played.later_path)
    assert code == 0
    assert "-> ineligible LAPD_PATROL: UMCR: call type not taken, was eligible\n" in out
    assert out.splitlines()[-1].endswith("calls would have been decided otherwise")
    code, out, _ = run(capsys, "diff", played.path, "--policy", played.later_path, "--json")
    *changes, counts = map(json.loads, out.splitlines())
    assert len({change["call_id"] for change in changes}) == counts["changed"]
    assert sum(kind["calls"] for kind in counts["counts"]) == counts["changed"]


def test_export_writes_new_tables(
    played: Played, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file a table, and how many rows; an unknown word is refused with the list."""
    out_folder = tmp_path / "out"
    code, out, _ = run(
        capsys, "export", played.path, "-o", out_folder, "--format", "jsonl",
        "--positions", "division", "--times", "minute",
    )  # fmt: skip
    assert code == 0
    assert f"{out_folder / 'calls.jsonl'}: {balance(played.ledger).received} rows\n" in out
    row: dict[str, Any] = json.loads((out_folder / "calls.jsonl").read_text().splitlines()[0])
    assert row["lon"] is None
    code, _, err = run(capsys, "export", played.path, "-o", tmp_path / "x", "--positions", "exact")
    assert (code, "--positions 'exact' is none of: block, division" in err) == (2, True)
    assert not (tmp_path / "x").exists()


def test_the_report_leaves_small_numbers_out(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    """Numbers from 1 to 10 stand nowhere, and the star is explained."""
    code, out, _ = run(capsys, "report", played.path)
    assert code == 0
    table = out.split("Calls by division and outcome\n")[1].split("\n\n")[0]
    numbers = [word for line in table.splitlines()[1:] for word in line[26:].split()]
    assert "*" in numbers
    assert not [word for word in numbers if word.isdigit() and 0 < int(word) < 11]
    assert "* left out: a number from 1 to 10" in out
    code, out, _ = run(capsys, "report", played.path, "--to", "2026-11-20T08:04:00-08:00")
    assert "fewer than 11 calls: nothing is shown" in out


def test_the_report_as_json_says_of_which_calls_it_is(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    """The window stands in it as in the text, in UTC."""
    until, as_of = "2026-11-20T08:30:00-08:00", "2026-11-20T16:45:00Z"
    code, out, _ = run(capsys, "report", played.path, "--to", until, "--as-of", as_of, "--json")
    window = {"since": None, "until": "2026-11-20T16:30:00Z", "as_of": as_of}
    assert (code, json.loads(out)["window"]) == (0, window)


@pytest.mark.parametrize("command", [["report"], ["export", "-o"]])
def test_divisions_of_another_agency_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    """All calls would be outside every division, and nothing would say why."""
    path, folder = tmp_path / "theirs.db", tmp_path / "tables"
    no = "0" * 64
    theirs = AgencySet(
        agency_id="elsewhere", version="0.1.0", agency=no, boundaries=no, network=no, profile=no,
        policies=(),
    )  # fmt: skip
    with closing(open_ledger(path)) as ledger, ledger.transaction(seen=0) as held:
        held.append([theirs], at=NOON)
    name, *option = command
    code, out, err = run(capsys, name, path, *option, *([folder] if option else []))
    assert (code, out) == (2, "")
    assert "this is a ledger of agency 'elsewhere'" in err
    assert not folder.exists()


def test_show_says_that_nothing_is_there_to_show(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped call does not look like one of which nothing is known."""
    code, out, err = run(capsys, "show", played.path, "--call", "nobody's", "--team", "T9")
    assert (code, out) == (0, "")
    assert err == f"{played.path}: no event of call nobody's and team T9\n"
    assert run(capsys, "show", played.path, "--after", "1000000")[2].endswith("after 1000000\n")
    assert run(capsys, "show", played.path, "--last", "1")[2] == ""


def test_show_lists_events_of_a_call_in_words(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    """In order, on the wall clock, with the decision explained; or the last ones of all."""
    call_id = next(
        e.event.call_id
        for e in played.ledger.read()
        if isinstance(e.event, Decided) and e.event.team_id is not None
    )
    code, out, _ = run(capsys, "show", played.path, "--call", call_id)
    assert code == 0
    assert f"call received: call {call_id}, " in out
    assert "Send " in out
    _, out, _ = run(capsys, "show", played.path, "--last", "3")
    assert len(out.splitlines()) == 3
    _, out, _ = run(capsys, "show", played.path, "--team", "ALC-1", "--json")
    assert all("ALC-1" in line for line in out.splitlines())
    assert json.loads(out.splitlines()[0])["event"]["kind"] == "roster_set"
    assert all(json.loads(line)["seq"] for line in out.splitlines())


def test_every_kind_of_event_has_its_line(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    """All events of a day are shown, each on one line with its number."""
    _, out, _ = run(capsys, "show", played.path)
    numbers = [int(line.split()[0]) for line in out.splitlines()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert "preempted: " in out


def test_a_purge_keeps_the_shift_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ended calls are gone, the chain verifies, and a reopened shift has the same teams."""
    path = tmp_path / "day.db"
    with closing(open_ledger(path)) as ledger:
        day = Day(ledger, seed=7)
        day.play(30)
        day.restarted()  # positions no decision stood on are gone with the process
        teams, open_calls = day.shift.board.roster.snapshot(), set(day.shift.board.calls)
        ended = set(day.shift.board.ended)
        assert ended
        assert open_calls
    code, out, _ = run(capsys, "purge", path, "--before", "2026-11-20T09:00:00-08:00", "--yes")
    assert code == 0
    assert "events removed; their digests are left" in out
    with closing(open_ledger(path)) as ledger:
        assert verify(ledger).whole
        again = Day(ledger, seed=7)
        assert again.shift.board.roster.snapshot().digest == teams.digest
        assert set(again.shift.board.calls) == open_calls
        assert not again.shift.board.ended
    code, out, _ = run(capsys, "balance", path)
    assert code == 0
    assert "events were removed by retention; their calls are not counted" in out
    assert run(capsys, "replay", path)[0] == 0
    assert run(capsys, "verify", path)[0] == 0
    code, out, err = run(capsys, "show", path, "--call", min(ended))
    assert (code, out) == (0, "")
    assert f"no event of call {min(ended)}\n" in err
    assert f"events were removed by retention; some may be of call {min(ended)}\n" in err


def test_a_purge_asks_first(
    copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --yes it asks, and no answer is no."""
    monkeypatch.setattr("sys.stdin", io.StringIO())  # nobody answers
    code, _, err = run(capsys, "purge", copy, "--before", "2026-11-20T09:00:00-08:00")
    assert code != 0
    assert "Remove for good" in err
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, out, err = run(capsys, "purge", copy, "--before", "2026-11-20T09:00:00-08:00")
    assert (code, out.strip()) == (1, "")
    assert err.endswith(f"{copy}: nothing is removed\n")
    with closing(open_ledger(copy)) as ledger:
        assert verify(ledger).tombstones == 0


def test_one_event_is_singular(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What counts one says so: as short a ledger as there can be."""
    path = tmp_path / "one.db"
    with closing(open_ledger(path)) as ledger:
        put(ledger, received(1))
    assert run(capsys, "verify", path)[1].startswith(f"{path}: whole; 1 event\n")


def test_a_ledger_that_is_not_there_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reading never makes an empty ledger."""
    for command in ("verify", "balance", "replay", "show", "report"):
        code, _, err = run(capsys, command, tmp_path / "none.db")
        assert (code, "there is no ledger" in err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_on_a_server_reads_alike(
    played: Played, postgres: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same day moved to PostgreSQL: the same checks, balance and replay by its address."""
    address = schema_address(postgres)
    with closing(open_ledger(address)) as server:
        move(played.ledger, server)
    assert run(capsys, "verify", address)[0] == 0
    there = run(capsys, "balance", address, "--json")
    assert there == run(capsys, "balance", played.path, "--json")
    code, out, _ = run(capsys, "replay", address, "--policy", played.later_path)
    assert code == 0
    assert "the same, to the byte" in out


def test_the_password_of_an_address_is_not_printed(
    played: Played, postgres: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a command says of the ledger it was given, and where it cannot connect."""
    address = schema_address(postgres)
    with closing(open_ledger(address)) as server:
        move(played.ledger, server)
    given = address.replace("tests@", "tests:secret@")
    commands = [("verify",), ("balance",), ("show", "--call", "none"), ("report",), ("replay",)]
    for command, *options in [*commands, ("purge", "--yes", "--before", "2026-01-01T00:00Z")]:
        _, out, err = run(capsys, command, given, *options)
        assert "tests:***@" in out + err
        assert "secret" not in out + err
    for other in (given.replace(str(postgres.port), "1"), "host=h password=secret", f"x{given}"):
        code, out, err = run(capsys, "verify", other)
        assert code != 0
        assert "secret" not in out + err
