"""The command line: what goes where, and with which exit code."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import unarmed_router
from unarmed_router import Router
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.agency.plugin_times import ProvidedTimes
from unarmed_router.cli import main
from unarmed_router.errors import (
    LedgerBusyError,
    LedgerFullError,
    LedgerLostError,
    PluginError,
    ProcessLostError,
    ServerRefusedError,
    UnarmedRouterError,
)
from unarmed_router.interop.json_codec import decision_from_json
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.model.decision import Recommendation

CLEAR = "weapon,violence,medical_emergency,crime_in_progress,minor_alone"
KOREATOWN = ["--lon", "-118.309", "--lat", "34.0606"]
ROUTE = ["route", *KOREATOWN, "--call-type", "welfare_check", "--at", "2026-11-20T10:00:00-08:00"]


def test_a_recommendation_exits_0_and_explains(capsys: pytest.CaptureFixture[str]) -> None:
    """The paragraph first, then every other team with its reason, then the network's limits."""
    assert main([*ROUTE, "--no", CLEAR]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Send ALC-2 (Alcott Center, Unarmed Model of Crisis Response)")
    assert "EXO-1: outside area" in out
    assert "ALC-1: ranked lower (place 2 of 2, response 7.6 min)" in out
    assert "Planning network" in out


def test_times_of_a_plugin_are_not_called_those_of_the_roads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The network is still named, for what it is used for."""

    class Minutes:
        digest = "a minute from everywhere"

        def to_call(self, origins: Sequence[object], *_: object) -> list[int | None]:
            return [60_000] * len(origins)

    agency = Router.load().agency
    world = replace(agency.world, travel_times=ProvidedTimes("crow", Minutes()))
    own = Router(replace(agency, world=world))
    monkeypatch.setattr(Router, "load", lambda _: own)
    assert main([*ROUTE, "--no", CLEAR]) == 0
    out = capsys.readouterr().out
    assert "1.0 min on the road" in out
    assert "\nTimes from: plugin crow.\nRoads: Los Angeles planning road network. " in out


def test_a_referral_exits_3_and_asks(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing answered: the questions are printed."""
    assert main(ROUTE) == 3
    assert "Ask: Is anyone injured" in capsys.readouterr().out


def test_json_is_the_canonical_decision(capsys: pytest.CaptureFixture[str]) -> None:
    """One line that reads back as the decision."""
    assert main([*ROUTE, "--no", CLEAR, "--json", "--call-id", "A-7"]) == 0
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    decision = decision_from_json(line)
    assert isinstance(decision, Recommendation)
    assert decision.call_id == "A-7"


def test_an_auditor_reads_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """Headings, rules and digests in place of the paragraph."""
    assert main([*ROUTE, "--no", CLEAR, "--explain", "auditor"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Call 1: recommendation\n\nOutcome\n  team ALC-2\n")
    assert "\n  policy_id la-default-2026\n" in out


def test_a_path_is_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The turn list after the teams, and a file for a map."""
    target = tmp_path / "path.geojson"
    assert main([*ROUTE, "--no", CLEAR, "--path", "--geojson", str(target)]) == 0
    out, err = capsys.readouterr()
    assert "\n\nALC-2 to call 1: 2.8 km on the road, 4.2 min.\n" in out
    assert "   1. Head north on an unnamed road (primary): " in out
    assert "path.geojson" in err
    drive, *legs = json.loads(target.read_text(encoding="utf-8"))["features"]
    assert drive["geometry"]["type"] == "LineString"
    assert legs
    assert all(leg["properties"]["estimated"] for leg in legs)


def test_a_referral_prints_no_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody drives: no list, no file."""
    target = tmp_path / "path.geojson"
    assert main([*ROUTE, "--path", "--geojson", str(target)]) == 3
    assert "on the road" not in capsys.readouterr().out
    assert not target.exists()


def test_a_path_goes_beside_json_only_as_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON is the decision alone."""
    assert main([*ROUTE, "--no", CLEAR, "--json", "--path"]) == 2
    assert "leave out --explain, --path and --what-if" in capsys.readouterr().err
    target = tmp_path / "path.geojson"
    assert main([*ROUTE, "--no", CLEAR, "--json", "--geojson", str(target)]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    assert target.exists()


def test_no_path_is_written_of_a_referral(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told, since a file was asked for."""
    target = tmp_path / "path.geojson"
    assert main([*ROUTE, "--yes", "weapon", "--geojson", str(target)]) == 3
    assert capsys.readouterr().err == f"{target}: not written, since no team is sent\n"
    assert not target.exists()


def test_a_place_outside_is_told_with_its_distance(capsys: pytest.CaptureFixture[str]) -> None:
    """A street beyond the border and another state are not the same mistake."""
    for lon, lat, told in (("-118.4004", "34.0736", " m away."), ("-73.98", "40.75", " km away.")):
        given = ["route", "--lon", lon, "--lat", lat, "--call-type", "welfare_check"]
        assert main(given) == 3
        out = capsys.readouterr().out
        assert "the location is outside every division; the nearest border is " in out
        assert told in out


def test_what_if_follows_a_referral_only(capsys: pytest.CaptureFixture[str]) -> None:
    """The counterfactual is printed last; a recommendation needs none."""
    assert main([*ROUTE, "--yes", "weapon", "--what-if"]) == 3
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("With weapon no instead of yes, and violence, medical_emergency, ")
    assert "UMCR could take call 1. The nearest team left out is ALC-2" in last
    assert main([*ROUTE, "--no", CLEAR]) == 0
    sent = capsys.readouterr().out
    assert main([*ROUTE, "--no", CLEAR, "--what-if"]) == 0
    assert capsys.readouterr().out == sent


JSON = (
    '{"call_id": "A-8", "lon": -118.309, "lat": 34.0606, "call_type": "welfare_check",'
    ' "received_at": "2026-11-20T09:58:00-08:00", "facts": {"weapon": "no"}, "codes": ["918M"]}'
)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_call_is_read_as_json(
    mark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a file or from standard input, with whatever a call can carry."""
    (tmp_path / "call.json").write_text(mark + JSON, encoding="utf-8")
    given = ["route", "--at", "2026-11-20T10:00:00-08:00", "--json", "--call"]
    assert main([*given, str(tmp_path / "call.json")]) == 3
    written = capsys.readouterr().out
    decision = decision_from_json(written)
    assert (decision.call_id, decision.codes) == ("A-8", ("918M",))
    assert decision.decided_at - decision.received_at == timedelta(minutes=2)
    piped = io.TextIOWrapper(io.BytesIO((mark + JSON).encode()))
    monkeypatch.setattr(sys, "stdin", piped)
    assert main([*given, "-"]) == 3
    assert capsys.readouterr().out == written


def test_a_broken_call_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What JSON lacks, and bytes that are no text."""
    path = tmp_path / "call.json"
    for content, told in ((b"{}", "call_id: is required"), (b"\xff", "save it as UTF-8")):
        path.write_bytes(content)
        assert main(["route", "--call", str(path)]) == 2
        assert told in capsys.readouterr().err


def test_yes_and_no_take_repeats_and_commas(capsys: pytest.CaptureFixture[str]) -> None:
    """A weapon refers the call to patrol."""
    assert main([*ROUTE, "--yes", "weapon", "--no", "violence", "--no", "minor_alone"]) == 3
    assert "to LAPD patrol" in capsys.readouterr().out


def test_feet_give_the_place_of_degrees(capsys: pytest.CaptureFixture[str]) -> None:
    """The agency's own reference system is the default for x and y."""
    assert main(["locate", "--x", "6473000", "--y", "1842000"]) == 0
    feet = capsys.readouterr().out
    assert main(["locate", "--x", "6473000", "--y", "1842000", "--crs", "EPSG:2229"]) == 0
    assert capsys.readouterr().out == feet


def test_locate_says_inside_and_outside(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0 inside a division, 3 outside; JSON on demand."""
    assert main(["locate", *KOREATOWN]) == 0
    assert capsys.readouterr().out.startswith("division 20 Olympic, West bureau; border 833 m away")
    assert main(["locate", "--lon", "-118.4004", "--lat", "34.0736"]) == 3
    assert "outside every division; the nearest border is" in capsys.readouterr().out
    assert main(["locate", "--lon", "-117.16", "--lat", "32.71"]) == 3
    assert capsys.readouterr().out.endswith("the nearest border is 150 km away\n")
    assert main(["locate", *KOREATOWN, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["division"]["number"] == 20


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["route", "--lon", "34", "--lat", "-118", "--call-type", "x"], "did you swap them"),
        (["route", *KOREATOWN], "give --call-type and the place, or --call with a call as JSON"),
        (["route", "--call", "none.json"], "none.json: No such file or directory; check the path"),
        (["route", "--call", "c.json", *KOREATOWN], "leave out the options that describe one"),
        (
            ["route", "--lon", "west", "--lat", "34", "--call-type", "x"],
            "Invalid value for '--lon'",
        ),
        ([*ROUTE, "--yes", "weapon", "--no", "weapon"], "weapon: given in both"),
        ([*ROUTE, "--json", "--what-if"], "leave out --explain, --path and --what-if"),
        ([*ROUTE, "--json", "--explain", "auditor"], "leave out --explain, --path and --what-if"),
        ([*ROUTE, "--no", "weapn"], "unknown fact 'weapn'"),
        ([*ROUTE[:-1], "2026-11-20T10:00:00"], "--at 2026-11-20T10:00:00 has no time zone"),
        ([*ROUTE[:-1], "noon"], "--at 'noon' is not an ISO 8601 time"),
        ([*ROUTE, "--call-id", "Jane Doe"], "call_id 'Jane Doe'"),
        (["locate", "--lon", "-118.3"], "give either --lon and --lat, or --x and --y"),
        (["locate", *KOREATOWN, "--x", "1"], "give either --lon and --lat, or --x and --y"),
        (["locate", *KOREATOWN, "--agency", "nowhere.toml"], "nowhere.toml: 1 fault"),
        (["locate", "--lon", "nan", "--lat", "34"], "must be finite"),
        (["demo", "--day", "tomorrow"], "--day 'tomorrow' is not a date"),
        (["demo", "--calls", "0"], "Invalid value for '--calls'"),
        (["network", "info", "nowhere.network"], "nowhere.network"),
        (["boundaries", "check", "nowhere.geojson"], "nowhere.geojson"),
        (["fly"], "No such command 'fly'"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing on standard output, one line on standard error, no traceback."""
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert shown.err.startswith("error: ")
    assert shown.err.count("\n") == 1


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """Anywhere on the line."""
    assert main(["locate", "--lon", "34", "--lat", "-118", "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "failure",
    [
        LedgerBusyError("locked"),
        LedgerFullError("full"),
        LedgerLostError("no answer", in_doubt=False),
        PluginError("no time"),
        ProcessLostError("killed"),
        ServerRefusedError("HTTP 504"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_what_no_better_input_mends_exits_1(
    failure: UnarmedRouterError,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever runs a command again after a failure must not do so after bad input."""

    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(Router, "load", fail)
    assert main(["locate", *KOREATOWN]) == 1
    assert capsys.readouterr().err == f"error: {failure}\n"


def test_a_failure_exits_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is not the user's fault is told in one line that offers --debug."""

    def broken(_: object = None) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr("unarmed_router.router.Router.load", broken)
    assert main(["locate", *KOREATOWN]) == 1
    assert "error: RuntimeError: the disk is on fire; run it again with --debug" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("group", [[], ["boundaries"], ["network"], ["ledger"]])
def test_help_lists_commands_in_whole_sentences(
    group: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is cut short, and ``-h`` is ``--help``."""
    assert main([*group, "--help"]) == 0
    listed = capsys.readouterr().out
    assert "Commands:" in listed
    assert "..." not in listed.replace("[ARGS]...", "")
    assert main([*group, "-h"]) == 0
    assert capsys.readouterr().out == listed


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    """Version is the package's; without a command the help is shown."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"unarmed-router {unarmed_router.__version__}\n"
    assert main(["--help"]) == 0
    assert "Exit codes: 0 team recommended" in capsys.readouterr().out
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_warmup_compiles_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """It ends by saying so on standard error."""
    assert main(["warmup"]) == 0
    shown = capsys.readouterr()
    assert "every kernel is compiled" in shown.err
    assert shown.out == ""


def test_the_demo_prints_tables_and_writes_a_map(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outcomes, divisions, referrals, three explanations; messages go to standard error."""
    page = tmp_path / "new" / ("long" * 25 + "[day].html")
    assert main(["demo", "--output", str(page), "--calls", "200", "--seed", "1"]) == 0
    shown = capsys.readouterr()
    assert "200 synthetic calls" in shown.out
    for heading in ("By division", "Referred", "Three decisions explained"):
        assert heading in shown.out
    assert shown.out.count("\n- ") == 3
    assert f"Map: {page}\n" in shown.err  # on one line, to be copied
    assert page.stat().st_size > 100_000


def test_a_demo_of_a_later_day_is_played_under_the_policy_of_that_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The words of its calls are those of the policy in force, not of the first one."""
    folder = embedded_agency().parent
    for file in folder.iterdir():
        (tmp_path / file.name).symlink_to(file)
    text = (folder / "policy.toml").read_text(encoding="utf-8")
    begins = "effective_from = 2026-01-01\n"
    assert begins in text
    first = text.replace(begins, "effective_until = 2026-11-21\n").replace(
        '"unhoused"', '"homeless"'
    )
    other = text.replace(begins, "effective_from = 2026-11-21\n")
    (tmp_path / "first.toml").write_text(first.replace("la-default", "first"), encoding="utf-8")
    (tmp_path / "other.toml").write_text(other, encoding="utf-8")
    (tmp_path / "agency.toml").unlink()
    agency = (folder / "agency.toml").read_text(encoding="utf-8")
    named = agency.replace('policy = "policy.toml"', 'policy = ["first.toml", "other.toml"]')
    (tmp_path / "agency.toml").write_text(named, encoding="utf-8")
    asked = ["demo", "--agency", str(tmp_path / "agency.toml"), "--calls", "40"]
    page = ["--output", str(tmp_path / "map.html")]
    assert main([*asked, *page, "--day", "2026-11-20"]) == 2
    assert "yes.unhoused: policy first-2026 knows no such name" in capsys.readouterr().err
    assert main([*asked, *page, "--day", "2026-11-27"]) == 0
    ours = capsys.readouterr().out
    assert main(["demo", "--calls", "40", *page, "--day", "2026-11-27"]) == 0
    assert ours == capsys.readouterr().out


def test_the_demo_is_the_same_every_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One seed, one day, one page."""
    texts = []
    for name in ("a.html", "b.html"):
        assert main(["demo", "--output", str(tmp_path / name), "--calls", "40"]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_letter_that_the_output_lacks_is_no_error(tmp_path: Path) -> None:
    """A dispatcher gets the answer where the terminal cannot show every name in it."""
    path = tmp_path / "ōtaki.db"
    open_ledger(path).close()
    told = subprocess.run(
        [sys.executable, "-m", "unarmed_router", "ledger", "verify", str(path)],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
    )
    assert told.stdout.splitlines()[0].endswith(rb"\u014dtaki.db: whole; 0 events")


def test_a_closed_pipe_is_no_error() -> None:
    """`unarmed-router network info | head -1` ends quietly."""
    command = f"{sys.executable} -m unarmed_router network info --json | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.stdout == "{\n"
    assert "Traceback" not in done.stderr


def test_the_module_runs_as_the_command() -> None:
    """`python -m unarmed_router` is the same program."""
    done = subprocess.run(
        [sys.executable, "-m", "unarmed_router", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("unarmed-router ")
