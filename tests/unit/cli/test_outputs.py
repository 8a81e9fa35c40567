"""Files that cannot be written are told before anything takes its time, and in one line after."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from unarmed_router.cli import main, simulate
from unarmed_router.cli.outputs import check_outputs
from unarmed_router.errors import InputError

ROUTE = ["route", "--lon", "-118.309", "--lat", "34.0606", "--call-type", "welfare_check"]


def test_files_that_can_be_written_pass(tmp_path: Path) -> None:
    """New, there already, a device, or not asked for."""
    (tmp_path / "there.html").touch()
    check_outputs(html=tmp_path / "new.html", parquet=tmp_path / "there.html", geojson=None)
    check_outputs(html=Path(os.devnull))


def test_a_file_without_a_place_is_refused(tmp_path: Path) -> None:
    """The option, the file, the reason and the remedy."""
    with pytest.raises(InputError, match=r"--html .*: is a folder; name a file"):
        check_outputs(html=tmp_path)
    with pytest.raises(InputError, match=r"--html .*x\.html: there is no folder .*none"):
        check_outputs(html=tmp_path / "none" / "x.html")
    with pytest.raises(InputError, match=r"^FILE .*x\.db: there is no folder .*none"):
        check_outputs(FILE=tmp_path / "none" / "x.db")


def test_a_file_that_may_not_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of a new file, and a file that is there, whoever runs the test."""
    old = tmp_path / "old.html"
    old.touch()
    closed = {tmp_path, old}
    monkeypatch.setattr(os, "access", lambda path, _: path not in closed)
    for path, needed in ((tmp_path / "new.html", tmp_path), (old, old)):
        with pytest.raises(InputError) as caught:
            check_outputs(html=path)
        assert f"--html {path}: {needed} may not be written; name a file" in str(caught.value)
    closed.remove(old)  # a file is replaced by another one, which its folder must take
    with pytest.raises(InputError, match=f"{tmp_path} may not be written"):
        check_outputs(html=old)


@pytest.mark.parametrize(
    "given",
    [
        ["demo", "--calls", "1", "--output"],
        [*ROUTE, "--geojson"],
        ["network", "build", "nodes.csv", "arcs.csv", "--output"],
        ["network", "order", "roads.network", "--output"],
        ["network", "calibrate", "trips.csv", "--output"],
        ["network", "report", "roads.network", "--geojson"],
        ["boundaries", "build", "divisions.shp", "--output"],
        ["ledger", "backup", "shift.db"],
    ],
)
def test_commands_refuse_before_they_work(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is read and nothing printed; the exit code is that of bad input."""
    assert main([*given, str(tmp_path)]) == 2
    out, told = capsys.readouterr()
    assert out == ""
    assert "is a folder; name a file" in told.replace("\n", "")


def test_a_folder_that_is_a_file_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demo makes the folders of its page: one of them may be a file."""
    (tmp_path / "file").touch()
    assert main(["demo", "--calls", "1", "--output", str(tmp_path / "file" / "x.html")]) == 2
    assert f"error: {tmp_path / 'file'}: File exists; check the path" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "code", "remedy"),
    [(errno.EACCES, 2, "who may read and write there"), (errno.ENOSPC, 1, "the space left")],
)
def test_what_fails_on_the_way_is_one_line(
    number: int,
    code: int,
    remedy: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A path is bad input, a full disk a failure of the machine; neither is a class name."""

    def fail(**_: object) -> None:
        raise OSError(number, os.strerror(number), "out.html")

    monkeypatch.setattr(simulate, "check_outputs", fail)
    assert main(["simulate", "six_divisions"]) == code
    told = capsys.readouterr().err
    assert told.startswith(f"error: out.html: {os.strerror(number)}; check the path")
    assert remedy in told
    assert "Error:" not in told
