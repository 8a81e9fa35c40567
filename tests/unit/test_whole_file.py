"""A file is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from unarmed_router.whole_file import whole_file


def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path) -> None:
    """Until then the one before it is read; nothing else is left."""
    path = tmp_path / "a.bin"
    path.write_text("old")
    with whole_file(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
    assert ([*tmp_path.iterdir()], path.read_text()) == ([path], "new")


def test_a_file_that_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    """Neither beside the one before it, nor where there was none, nor where nothing was written."""
    path = tmp_path / "a.bin"
    path.write_text("old")
    for text in ("half", None):
        for target in (path, tmp_path / "other.bin"):
            with pytest.raises(KeyboardInterrupt), whole_file(target) as part:  # noqa: PT012
                if text is not None:
                    part.write_text(text)
                raise KeyboardInterrupt
    assert ([*tmp_path.iterdir()], path.read_text()) == ([path], "old")


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    """Each writes a file of its own; the later one stays, with the rights of any new file."""
    path, other = tmp_path / "a.bin", tmp_path / "plain"
    other.touch()
    with whole_file(str(path)) as one, whole_file(path) as two:
        one.write_text("one")
        two.write_text("two")
    assert path.read_text() == "one"
    assert path.stat().st_mode == other.stat().st_mode


def test_a_device_or_a_pipe_is_written_as_it_is(tmp_path: Path) -> None:
    """Nothing can be put in its place, and nothing beside it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with whole_file(pipe) as part:
        part.write_text("new")
    assert os.read(reader, 10) == b"new"
    os.close(reader)
    assert [*tmp_path.iterdir()] == [pipe]
    with whole_file(os.devnull) as part:
        part.write_text("new")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The error names the file that could not be written."""
    with pytest.raises(FileNotFoundError, match="nowhere"), whole_file(tmp_path / "nowhere/a") as p:
        p.write_text("x")


def test_a_file_that_cannot_be_written_is_named_by_its_own_name(tmp_path: Path) -> None:
    """Not by that of the unfinished file beside it, which nobody asked for."""
    for target in (tmp_path / "none" / "a.bin", tmp_path):
        with pytest.raises(OSError, match=r"Errno") as caught, whole_file(target) as part:
            part.write_text("new")
        assert (caught.value.filename, caught.value.filename2) == (str(target), None)
