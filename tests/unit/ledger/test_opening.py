"""Where a ledger is kept, as one names it."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.ledgers import put, received, schema_address
from tests.postgres import Server
from unarmed_router.errors import InputError, LedgerError
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.opening import open_ledger


def test_a_path_and_its_address_are_the_same_ledger(quick_path: Path) -> None:
    """As text, as a path, and as ``sqlite:////absolute``."""
    path = quick_path / "ledger.sqlite"
    names: list[Path | str] = [path, str(path), f"sqlite:///{path}"]
    for number, where in enumerate(names, 1):
        with closing(open_ledger(where)) as ledger:
            assert put(ledger, received(number)) == [number]


def test_a_relative_address_is_relative(quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``sqlite:///name`` has three slashes and is relative, as elsewhere."""
    monkeypatch.chdir(quick_path)
    open_ledger("sqlite:///ledger.sqlite").close()
    assert (quick_path / "ledger.sqlite").exists()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_server_has_schemas(postgres: Server, scheme: str) -> None:
    """Two schemas of one database are two ledgers; the message names the schema, no password."""
    one, two = (schema_address(postgres).replace("postgresql", scheme, 1) for _ in range(2))
    with closing(open_ledger(one)) as first, closing(open_ledger(f"{two}&connect_timeout=5")) as b:
        put(first, received(1))
        assert list(b.read()) == []
        assert one.rpartition("=")[2] in first.database.name


@pytest.mark.parametrize("where", ["mysql://host/x", "sqlite://x", "sqlite:///", "http://x"])
def test_other_addresses_are_refused(where: str) -> None:
    """With the forms there are."""
    with pytest.raises(InputError, match="sqlite:///"):
        open_ledger(where)


@pytest.mark.parametrize(
    "seconds", [0, -1, float("nan"), float("inf"), 86_401, True, "5", None], ids=repr
)
def test_a_time_limit_is_above_zero(quick_path: Path, seconds: Any) -> None:
    """No time is no limit to wait for, and no lock can be asked for without end."""
    with pytest.raises(InputError, match="busy_timeout_s"):
        open_ledger(quick_path / "ledger.sqlite", busy_timeout_s=seconds)
    with pytest.raises(InputError, match="busy_timeout_s"):
        MemoryLedger(busy_timeout_s=seconds)


@pytest.mark.parametrize("where", [None, 5, b"ledger", "", ["ledger"]], ids=repr)
def test_what_names_no_place_is_refused(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch, where: Any
) -> None:
    """No file is made of it."""
    monkeypatch.chdir(quick_path)
    with pytest.raises(InputError, match="named by a path or an address"):
        open_ledger(where)
    assert list(quick_path.iterdir()) == []


def test_a_broken_server_address_is_refused() -> None:
    """Before anything is connected to."""
    with pytest.raises(InputError, match="address"):
        open_ledger("postgresql://host/db?nonsense=1")


def test_without_psycopg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a missing module of a name nobody asked for, but what to install."""
    monkeypatch.delitem(sys.modules, "unarmed_router.ledger.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InputError, match=r"pip install 'unarmed-router\[postgres\]'"):
        open_ledger("postgresql://nobody@localhost/ledger")


def test_a_ledger_stays_where_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that changes its folder connects anew to the same file, and makes no other one."""
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(tmp_path)
    with closing(open_ledger("shift.db")) as ledger:
        put(ledger, received(1))
        monkeypatch.chdir(other)
        assert len(list(ledger.read())) == 1
        ledger.drop_writer()  # as after a full disk
        assert put(ledger, received(2), seen=1) == [2]
    assert list(other.iterdir()) == []


@pytest.mark.parametrize(
    "where", ["a\0b", "sqlite:///a\0b", "a\ud800", "postgresql://a\ud800/b"], ids=repr
)
def test_a_name_that_no_file_has_is_refused(where: str) -> None:
    """Before a driver is asked, which raises what it likes."""
    with pytest.raises(InputError, match="named by a path or an address; got"):
        open_ledger(where)


@pytest.mark.parametrize("reading", [False, True])
@pytest.mark.parametrize("name", ["x" * 300, "file/below"])
def test_a_name_that_the_disk_refuses_is_a_ledger_out_of_reach(
    tmp_path: Path, name: str, *, reading: bool
) -> None:
    """Too long, or below a file: whatever the system says, a caller catches one error."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LedgerError) as refused:
        open_ledger(tmp_path / name, reading=reading)
    assert str(tmp_path / name) in str(refused.value)
