"""Tables as they come: what is written is read, and what is broken is told by its line."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.csv_rows import read_csv

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PLAIN = st.text(st.sampled_from("abc xyz;\té0"), min_size=1, max_size=6).filter(str.strip)


class RefusedError(Exception):
    """What the reader raises here."""


def read(content: bytes, needs: Sequence[str], name: str = "t.csv") -> list[dict[str, str]]:
    """Read bytes as a table."""

    def refused(faults: Sequence[str]) -> RefusedError:
        assert faults
        return RefusedError("; ".join(faults))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        return [row for _, row in read_csv(path, needs=needs, refuse=refused)]


@given(st.data(), st.integers(1, 4), st.integers(0, 5), st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read(data: st.DataObject, width: int, height: int, end: str) -> None:
    """Any text in any cell, with or without a byte order mark, blank lines at the end, and gzip."""
    titles = data.draw(st.lists(PLAIN.map(str.strip), min_size=width, max_size=width, unique=True))
    rows = data.draw(
        st.lists(st.lists(TEXT, min_size=width, max_size=width), min_size=height, max_size=height)
    )
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([titles, *rows])
    text = data.draw(st.sampled_from(["", "\ufeff"])) + file.getvalue()
    text += data.draw(st.sampled_from(["", end, end * 3]))
    packed = data.draw(st.booleans())
    content = gzip.compress(text.encode()) if packed else text.encode()
    found = read(content, titles, "t.csv.gz" if packed else "t.csv")
    assert found == [dict(zip(titles, row, strict=True)) for row in rows]


BREAKS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a value too many": (lambda line: line + b",1", "4 values under 3 titles"),
    "a value too few": (lambda line: line.rpartition(b",")[0], "2 values under 3 titles"),
    "a blank line above": (lambda line: b"\n" + line, "is blank"),
    "a quotation mark not closed": (lambda line: b'"' + line, "is no CSV"),
    "text behind a quoted value": (lambda line: b'"a"b' + line, "is no CSV"),
    "a byte of another encoding": (lambda line: line + b"\xe9", "byte 0xe9 is no UTF-8"),
}


@given(st.sampled_from(sorted(BREAKS)), st.data(), st.integers(1, 3000))
def test_what_is_broken_is_told_by_its_line(name: str, data: st.DataObject, height: int) -> None:
    """Wherever it is, also behind what is read from the file at once (8 kB)."""
    broken, words = BREAKS[name]
    lines = [b"a,b,c", *(b"%d,x,y" % number for number in range(height))]
    at = data.draw(st.integers(1, height))
    lines[at] = broken(lines[at])
    with pytest.raises(RefusedError, match=rf"^line {at + 1}: {words}"):
        read(b"\n".join(lines) + b"\n", ["a"])


@given(
    st.one_of(
        st.binary(max_size=60),
        st.lists(st.sampled_from([*b'a,b"\n\r\xc3\0'])).map(bytes),
    ),
    st.sampled_from(["t.csv", "t.csv.gz"]),
)
def test_no_file_breaks_the_reader(content: bytes, name: str) -> None:
    """Any bytes are read or refused, in one way, and rows that are read are whole."""
    for whole in (content, b"a,b\n" + content, gzip.compress(content), gzip.compress(content)[:-4]):
        try:
            rows = read(whole, ["a"], name)
        except RefusedError:
            continue
        assert all("a" in row for row in rows)
