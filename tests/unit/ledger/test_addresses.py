"""Addresses of servers, and that no password is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from unarmed_router.errors import InputError, LedgerLostError
from unarmed_router.ledger.addresses import shown, split_schema
from unarmed_router.ledger.opening import open_ledger


@pytest.mark.parametrize(
    ("where", "as_shown"),
    [
        ("postgresql://dana@host/shift", "postgresql://dana@host/shift"),
        ("postgresql://host:5432/shift?schema=a", "postgresql://host:5432/shift?schema=a"),
        ("postgresql://dana:secret@host/shift", "postgresql://dana:***@host/shift"),
        ("postgresql://dana:sec@r/et@host/shift", "postgresql://dana:***@host/shift"),
        ("postgresql://:secret@host/shift", "postgresql://:***@host/shift"),
        ("postgresql:/dana:secret@host/shift", "postgresql:/dana:***@host/shift"),
        ("postgresql://h/d?password=secret&port=5", "postgresql://h/d?password=***&port=5"),
        ("host=h password='sec ret' port=5", "host=h password=*** port=5"),
        (Path("/var/shift.db"), "/var/shift.db"),
    ],
    ids=str,
)
def test_an_address_is_shown_without_its_password(where: object, as_shown: str) -> None:
    """Also one that was not quoted, and one given as an option."""
    assert shown(where).replace("\\", "/") == as_shown


@pytest.mark.parametrize(
    "where",
    [
        "postgresql://dana:secret%zz@127.0.0.1:1/shift",
        "postgresql://dana:secret@[::1/shift",
        "postgresql://dana:secret@127.0.0.1:1/shift?nonsense=1",
        "postgresql://dana:sec/secret@127.0.0.1:1/shift",
        "postgresql://dana:sec@secret@127.0.0.1:1/shift",
        "postgresql:/dana:secret@127.0.0.1:1/shift",
        "postgresql+psycopg://dana:secret@127.0.0.1:1/shift",
        "host=127.0.0.1 port=1 user=dana password=secret",
    ],
)
def test_a_refused_address_does_not_repeat_its_password(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what form is needed, nothing is connected to, and no file is made of it."""
    pytest.importorskip("psycopg")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"postgresql://|PGPASSFILE") as caught:
        open_ledger(where)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert list(tmp_path.iterdir()) == []


def test_a_quoted_password_is_understood_and_not_shown() -> None:
    """The host is the one after it."""
    pytest.importorskip("psycopg")
    with pytest.raises(LedgerLostError, match=r"127\.0\.0\.1/shift") as caught:
        open_ledger("postgresql://dana:sec%2Fr%40et@127.0.0.1:1/shift")
    assert "sec" not in str(caught.value).replace("second", "")


def test_a_schema_is_taken_out_of_an_address() -> None:
    """The last one named, and the rest stays."""
    assert split_schema("postgresql://h/d?schema=a&port=5&schema=b") == (
        "postgresql://h/d?port=5",
        "b",
    )
    assert split_schema("postgresql://h/d") == ("postgresql://h/d", "unarmed_ledger")


@pytest.mark.parametrize("name", ["", "x" * 64, "ü" * 32, "$user"])
def test_a_schema_that_cannot_be_is_refused(name: str) -> None:
    """One that is too long would be cut off and not found again."""
    with pytest.raises(InputError, match="schema"):
        split_schema(f"postgresql://h/d?schema={name}")
