"""One reading of CSV: what it takes, and what it says of a file it does not take."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from unarmed_router.agency.roster_file import load_roster
from unarmed_router.agency.tracts_file import load_tracts
from unarmed_router.csv_rows import open_csv, read_csv
from unarmed_router.errors import BoundaryError, ConfigurationError, InputError, NetworkError
from unarmed_router.geography.readers_attributes import read_attributes
from unarmed_router.roads.csv_table import CsvTable
from unarmed_router.simulation.replay_rows import numbered_rows

NEEDS = ("id", "note")


class RefusedError(Exception):
    """What the reader raises here."""


def refused(faults: Sequence[str]) -> RefusedError:
    """Make the error from the faults."""
    return RefusedError("; ".join(faults))


def written(tmp_path: Path, content: str | bytes, name: str = "table.csv") -> Path:
    """Write a file."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_rows_are_told_by_the_line_they_end_on(tmp_path: Path) -> None:
    """A value may hold commas, quotation marks and line breaks; other columns come along."""
    path = written(tmp_path, 'id,extra, note \r\n1,,"a, ""b"""\r\n2,x,"c\nd"\r\n3,,e')
    assert read_csv(path, needs=NEEDS, refuse=refused) == [
        (2, {"id": "1", "extra": "", "note": 'a, "b"'}),
        (4, {"id": "2", "extra": "x", "note": "c\nd"}),
        (5, {"id": "3", "extra": "", "note": "e"}),
    ]


def test_marks_blank_ends_and_columns_without_a_title_are_no_fault(tmp_path: Path) -> None:
    """Spreadsheets write a mark and blank lines, data frames an index without a title."""
    path = written(tmp_path, "\ufeff,id,note,\n0,1,a,\n\n  \n\n")
    assert read_csv(path, needs=NEEDS, refuse=refused) == [(2, {"id": "1", "note": "a"})]


def test_a_compressed_table_is_read_row_by_row(tmp_path: Path) -> None:
    """By its name; and what comes before a fault is read."""
    path = written(tmp_path, gzip.compress(b"id,note\n1,a\n2\n"), "table.csv.gz")
    with open_csv(path, needs=NEEDS, refuse=refused) as rows:
        found = iter(rows)
        assert (rows.titles, next(found)) == (("id", "note"), (2, ["1", "a"]))
        with pytest.raises(RefusedError, match=r"^line 3: 1 value under 2 titles; write a comma"):
            next(found)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "line 1: names no columns; write their titles there, such as id, note"),
        ("\nid,note\n", "line 1: names no columns"),
        (",,\n1,2,3\n", "line 1: names no columns"),
        ("id,name\n", "line 1: no column note; it has id, name; add it or correct its title"),
        ("id;note\n1;a\n", "line 1: no column id, note; it has id;note; separate values by comm"),
        ("id,note, id\n1,a,2\n", "line 1: column id is given twice; rename or remove one"),
        ("id,note\n1,a,b\n", "line 2: 3 values under 2 titles; quote values that hold commas"),
        ("id,note\n1,a\n2\n", "line 3: 1 value under 2 titles; write a comma for each value"),
        ("id,note\n1,a\n\n\n2,b\n", "line 3: is blank; remove it"),
        ('id,note\n1,a\n2,"b\n3,c\n', "line 3: is no CSV: unexpected end of data; check its quot"),
        ('id,note\n1,"a"b\n', "line 2: is no CSV: ',' expected after '\"'; check its quotation"),
        ('"id,note\n', "line 1: is no CSV: unexpected end of data"),
        (b"id,note\n1,a\n2,\xe9\n", "line 3: byte 0xe9 is no UTF-8; save the file as UTF-8"),
        ("id,note\n1,é\n".encode("utf-16"), "line 1: byte 0xff is no UTF-8"),
    ],
)
def test_a_broken_table_is_refused(tmp_path: Path, content: str | bytes, fault: str) -> None:
    """With the line, the fault and the remedy."""
    with pytest.raises(RefusedError) as caught:
        read_csv(written(tmp_path, content), needs=NEEDS, refuse=refused)
    assert str(caught.value).startswith(fault)


def test_a_closed_table_takes_no_other_column(tmp_path: Path) -> None:
    """Nor a value under no title, which no column could be asked for."""
    path = written(tmp_path, "id,note,\n1,a,\n")
    assert read_csv(path, needs=["id"], only=NEEDS, refuse=refused)
    path = written(tmp_path, "id,note,\n1,a,b\n")
    with pytest.raises(RefusedError, match=r"^line 2: 'b' stands under no title; name or clear"):
        read_csv(path, needs=["id"], only=NEEDS, refuse=refused)
    path = written(tmp_path, "id,nite\n1,a\n")
    with pytest.raises(RefusedError, match=r"^line 1: column nite is unknown; known are id, note"):
        read_csv(path, needs=["id"], only=NEEDS, refuse=refused)


@pytest.mark.parametrize("other", [";", "\t", "|"])
def test_another_separator_is_one_fault(tmp_path: Path, other: str) -> None:
    """Spreadsheets of half the world write semicolons; the whole line is no unknown column."""
    path = written(tmp_path, f"id{other}note\n1{other}a\n")
    with pytest.raises(RefusedError) as caught:
        read_csv(path, needs=NEEDS, only=NEEDS, refuse=refused)
    assert str(caught.value) == (
        f"line 1: no column id, note; it has id{other}note; separate values by commas"
    )


def test_all_rows_of_another_width_are_told_at_once(tmp_path: Path) -> None:
    """The first of them, and how many more."""
    with pytest.raises(RefusedError) as caught:
        read_csv(written(tmp_path, "id,note\n" + "1\n" * 30), needs=NEEDS, refuse=refused)
    told = str(caught.value)
    assert (told.count("1 value under 2 titles"), told.endswith("; and 5 more")) == (25, True)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing, no file, not compressed, cut off, or broken in the middle."""
    whole = gzip.compress(b"id,note\n" + b"".join(b"%d,%d\n" % (i, i**9) for i in range(9999)))
    for name, content, fault in [
        ("none.csv.gz", b"id,note\n", "cannot be read: Not a gzipped file"),
        ("cut.csv.gz", whole[:-9], r"after line \d{4,}: cannot be read: .*; is the file complete"),
        ("bad.csv.gz", whole[:9000] + b"\0" * 99 + whole[9099:], "after line .*: cannot be read: "),
    ]:
        with pytest.raises(RefusedError, match=f"^{fault}"):
            read_csv(written(tmp_path, content, name), needs=NEEDS, refuse=refused)
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(RefusedError, match=r"^cannot be read: .*; check the path and format"):
            read_csv(path, needs=NEEDS, refuse=refused)


READERS: list[tuple[Callable[[Path], object], str, type[Exception]]] = [
    (read_attributes, "number,name,bureau", BoundaryError),
    (lambda path: CsvTable(path, ("lon", "lat")), "lon,lat,note", NetworkError),
    (load_tracts, "geoid,lon,lat,population", ConfigurationError),
    (
        lambda path: load_roster(path, policies=[]),
        "id,provider,program,home_lon,home_lat,status",
        ConfigurationError,
    ),
    (lambda path: list(numbered_rows(path, ["id", "code"])), "id,code,note", InputError),
]


@pytest.mark.parametrize(("read", "titles", "error"), READERS)
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda titles: titles[:0], "line 1: names no columns"),
        (lambda titles: titles.title(), "line 1: no column "),
        (lambda titles: titles + ",lat,lat\n", "is given twice"),
        (lambda titles: titles + "\n1" + ",1" * (titles.count(",") + 1) + "\n", "line 2: "),
        (lambda titles: titles + "\n1\n", "line 2: 1 value under "),
        (lambda titles: titles + '\n"1\n', "line 2: is no CSV"),
        (lambda titles: titles + "\n\udce9\n", "line 2: byte 0xe9 is no UTF-8"),
    ],
)
def test_every_table_is_refused_in_the_same_words(
    tmp_path: Path,
    read: Callable[[Path], object],
    titles: str,
    error: type[Exception],
    change: Callable[[str], str],
    fault: str,
) -> None:
    """Divisions, roads, tracts, teams and calls: as the error of their own, with the file."""
    content = change(titles).encode("utf-8", "surrogateescape")
    with pytest.raises(error, match=fault) as caught:
        read(written(tmp_path, content))
    assert "table.csv: " in str(caught.value)
