"""What the ledger commands have in common: where the ledger is, its window, the wall clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from unarmed_router.cli.moment import instant
from unarmed_router.errors import InputError
from unarmed_router.ledger.addresses import refuse_no_file

if TYPE_CHECKING:
    from unarmed_router.agency.folder import Agency
    from unarmed_router.agency.hours import LocalHours
    from unarmed_router.ledger.sql_ledger import SqlLedger
    from unarmed_router.model.policy import Policy
    from unarmed_router.operations.window import Window

__all__ = [
    "AsOfOption",
    "DivisionOf",
    "JsonOption",
    "LedgerArgument",
    "SinceOption",
    "UntilOption",
    "opened",
    "policy_of",
    "refuse_other_agency",
    "wall_clock",
    "window",
]

LedgerArgument: TypeAlias = Annotated[
    str, typer.Argument(help="A file, or postgresql://user@host/database.", metavar="LEDGER")
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="As JSON.")]
SinceOption: TypeAlias = Annotated[
    str | None, typer.Option("--from", help="Calls received from then on, ISO 8601 with offset.")
]
UntilOption: TypeAlias = Annotated[
    str | None, typer.Option("--to", help="Calls received before then, ISO 8601 with offset.")
]
AsOfOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--as-of", help="Outcomes as they were then; as the ledger ends if left out."),
]


@contextmanager
def opened(where: str, *, writing: bool = False) -> Iterator[SqlLedger]:
    """Open a ledger that is there, only to read unless it says otherwise, and close it.

    Raises
    ------
    InputError
        No such file: opening would make one.
    """
    from unarmed_router.ledger.opening import open_ledger  # noqa: PLC0415  # keeps --help quick

    path = where.removeprefix("sqlite:///")
    if "://" not in path and not Path(path).is_file():
        refuse_no_file(path)
        raise InputError(f"{path}: there is no ledger; name its file or its postgresql:// address")
    ledger = open_ledger(where, reading=not writing)
    try:
        yield ledger
    finally:
        ledger.close()


def window(since: str | None, until: str | None, as_of: str | None = None) -> Window:
    """Read the options of a window."""
    from unarmed_router.operations.window import Window  # noqa: PLC0415  # as above

    return Window(instant(since, "--from"), instant(until, "--to"), instant(as_of, "--as-of"))


def wall_clock(agency: Path | None) -> LocalHours:
    """Return an agency's wall clock, without its roads and its policy."""
    from unarmed_router.agency.folder import embedded_agency  # noqa: PLC0415
    from unarmed_router.agency.folder_schema import read_agency  # noqa: PLC0415
    from unarmed_router.agency.hours import LocalHours  # noqa: PLC0415

    return LocalHours(read_agency(agency or embedded_agency()).timezone)


def refuse_other_agency(name: str, ledger: SqlLedger, agency: Agency) -> None:
    """Refuse divisions of another agency than the ledger's: all its calls would lie outside them.

    Raises
    ------
    InputError
        The ledger says that another agency kept it.
    """
    from unarmed_router.model.events import AgencySet  # noqa: PLC0415  # as above

    said = (each.event for each in ledger.read() if isinstance(each.event, AgencySet))
    kept_by = next(said, None)
    if kept_by is not None and kept_by.agency_id != agency.agency_id:
        raise InputError(
            f"{name}: this is a ledger of agency {kept_by.agency_id!r}, and the divisions are "
            f"those of {agency.agency_id!r}; name its agency.toml with --agency"
        )


def policy_of(path: Path, agency: Agency) -> Policy:
    """Read a policy file for an agency."""
    from unarmed_router.agency.policy_file import load_policy  # noqa: PLC0415

    numbers = {division.number for division in agency.partition.divisions}
    return load_policy(path, divisions=numbers, partition=agency.partition)


class DivisionOf:
    """Gives the number of the division of a place, as exports and reports ask for it."""

    def __init__(self, agency: Agency) -> None:
        self._divisions = agency.divisions

    def __call__(self, lon: float, lat: float) -> int | None:
        """Return the division's number; None outside."""
        division = self._divisions.locate(lon=lon, lat=lat).division
        return None if division is None else division.number
