"""Names of ledgers: what no name can be, what is taken out of an address, how it is shown."""

from __future__ import annotations

import os
import re

from unarmed_router.errors import InputError

__all__ = ["is_name", "refuse_no_file", "refuse_unquoted", "shown", "split_schema"]

_SCHEMA = "unarmed_ledger"
_LONGEST_NAME = 63  # bytes: PostgreSQL cuts off what is longer

_USER_AND_PASSWORD = re.compile(r"(:/+[^:/?@]*):.*@", re.DOTALL)
_PASSWORD_OPTION = re.compile(r"(?i)(password\s*=\s*)('[^']*'|[^\s&]*)")
_NO_FILE = re.compile(
    r"(?i)^postgres(ql)?:|(^|\s)(host|hostaddr|port|dbname|user|password|service)\s*="
)


def is_name(given: object) -> bool:
    """Tell whether a file or a server may have such a name: text or a path, and not empty."""
    if not isinstance(given, str | os.PathLike) or not str(given):
        return False
    try:
        return b"\0" not in os.fsencode(str(given))
    except UnicodeEncodeError:
        return False


def shown(where: object) -> str:
    """Write the name of a ledger without the password in it, for messages.

    Up to the last ``@`` everything may belong to a password that was not quoted.
    """
    text = _USER_AND_PASSWORD.sub(r"\1:***@", str(where))
    return _PASSWORD_OPTION.sub(r"\1***", text)


def refuse_no_file(text: str) -> None:
    """Refuse what names a server in another form, ``host=... dbname=...``: it would name a file.

    Raises
    ------
    InputError
    """
    if _NO_FILE.search(text):
        raise InputError(
            f"{shown(text)!r} is no file; write a server as postgresql://user@host/database"
        )


def refuse_unquoted(address: str) -> None:
    """Refuse an ``@`` or a ``/`` in a password: the rest of it would be taken for the host.

    Raises
    ------
    InputError
    """
    place = address.partition("://")[2].partition("?")[0]
    host, _, database = place.partition("/")
    if host.count("@") > 1 or "@" in database:
        raise InputError(
            "the address of the ledger cannot be read: in a password write @ as %40, : as %3A, / "
            "as %2F, ? as %3F and % as %25, or keep it in a password file (PGPASSFILE)"
        )


def split_schema(address: str) -> tuple[str, str]:
    """Take the schema out of an address, where libpq would not know it.

    Raises
    ------
    InputError
        No schema can have that name.
    """
    plain, _, query = address.partition("?")
    given = [part for part in query.split("&") if part]
    named = [part.removeprefix("schema=") for part in given if part.startswith("schema=")]
    rest = "&".join(part for part in given if not part.startswith("schema="))
    schema = named[-1] if named else _SCHEMA
    # "$user" in a search path stands for another name.
    if not 1 <= len(schema.encode()) <= _LONGEST_NAME or schema == "$user":
        raise InputError(
            f"schema {schema!r} must be a name of 1 to {_LONGEST_NAME} bytes, and not $user"
        )
    return (f"{plain}?{rest}" if rest else plain), schema
