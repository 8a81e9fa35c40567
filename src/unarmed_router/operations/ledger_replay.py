"""Every decision of a ledger made again from what it stood on, and compared byte for byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from unarmed_router.agency.folder import Agency
from unarmed_router.errors import InputError
from unarmed_router.fleet.board import Board
from unarmed_router.ledger.store import Ledger
from unarmed_router.model.canonical import to_plain
from unarmed_router.model.policy import Policy
from unarmed_router.operations.comparing import first_difference, other_basis, other_table
from unarmed_router.operations.data_in_force import DataInForce
from unarmed_router.operations.walking import Standing, Walk

__all__ = ["Difference", "LedgerReplay", "Verdict", "replay"]


class Verdict(StrEnum):
    """What making a decision again came to."""

    SAME = "same"
    """The same, to the byte."""
    SAME_OUTCOME = "same_outcome"
    """The ledger keeps outcomes only, and the outcome is the same."""
    DIFFERENT = "different"
    """The same data give another decision: it was altered, or the library decides otherwise."""
    OTHER_VERSION = "other_version"
    """Another version of the library decides otherwise on the same data."""
    OTHER_DATA = "other_data"
    """Some of the data it was made on are others here."""
    NOT_FOLLOWED = "not_followed"
    """It was made on other data than those in force by the ledger: by a process that had not
    followed a change yet, or it was altered."""
    UNKNOWABLE = "unknowable"
    """Retention removed events it may have stood on, and it did not come out the same."""


_DIFFERS = frozenset(Verdict) - {Verdict.SAME, Verdict.SAME_OUTCOME, Verdict.UNKNOWABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A decision that does not come out as it was recorded.

    Parameters
    ----------
    seq : int
        Its number in the ledger.
    at : datetime
        Ledger time.
    call_id : str
        The call.
    verdict : Verdict
        What kind of difference it is.
    because : tuple of str
        Which data are others, or which version decided.
    field : str
        Path of the first field that differs; empty where nothing was compared.
    recorded, recomputed : str
        Its two values as JSON.
    """

    seq: int
    at: datetime
    call_id: str
    verdict: Verdict
    because: tuple[str, ...] = ()
    field: str = ""
    recorded: str = ""
    recomputed: str = ""


@dataclass(slots=True)
class LedgerReplay:
    """What a replay found.

    Parameters
    ----------
    counts : Counter of Verdict
        How many decisions came to what.
    first : Difference or None
        The first that differs; None where none does.
    events, removed : int
        Events there were, and how many of them retention removed; decisions among those cannot be
        made again.
    versions : Counter of str
        How many decisions each version of the library made.
    """

    counts: Counter[Verdict] = field(default_factory=Counter)
    first: Difference | None = None
    events: int = 0
    removed: int = 0
    versions: Counter[str] = field(default_factory=Counter)

    @property
    def same(self) -> bool:
        """Whether no decision differs; those that could not be made again are not counted."""
        return self.first is None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        plain: dict[str, Any] = to_plain(
            {
                "same": self.same,
                "counts": {verdict.value: self.counts[verdict] for verdict in Verdict},
                "first": self.first,
                "events": self.events,
                "removed": self.removed,
                "versions": self.versions,
            }
        )
        return plain


def replay(
    ledger: Ledger,
    agency: Agency,
    *,
    policies: Iterable[Policy] = (),
    progress: Callable[[int], None] | None = None,
) -> LedgerReplay:
    """Make every decision of a ledger again and compare it with what was recorded.

    Each is made from the call, the teams and the data in force as they were then, and from nothing
    recorded of the decision but its moment and the teams that were counted as available. A decision
    of another version of the library is made under that version's name, so that a release that
    decides alike gives the same bytes.

    Parameters
    ----------
    ledger : Ledger
        From its first event.
    agency : Agency
        The data as they are loaded now.
    policies : iterable of Policy
        Further policies that were in force, found by their digest.
    progress : callable, optional
        Told the number of each event.

    Returns
    -------
    LedgerReplay

    Raises
    ------
    LedgerBrokenError
        An event does not follow from the one before it, or does not fit it.
    """
    data, found = DataInForce(agency, policies), LedgerReplay()
    walk = Walk(Board(agency.roster.with_states))
    for standing in walk.decisions(ledger.read()):
        difference = _compared(standing, data, agency.world.digests.version)
        verdict = difference if isinstance(difference, Verdict) else difference.verdict
        found.counts[verdict] += 1
        found.versions[standing.agency.version] += 1
        if found.first is None and isinstance(difference, Difference) and verdict in _DIFFERS:
            found.first = difference
        if progress is not None:
            progress(standing.seq)
    found.events, found.removed = walk.events, walk.removed
    return found


def _compared(standing: Standing, data: DataInForce, version: str) -> Verdict | Difference:
    """Make a decision again; return what it came to, with the difference where there is one."""
    event, about = standing.event, _about(standing)
    because = data.other_data(standing)
    if because:
        return Difference(**about, verdict=Verdict.OTHER_DATA, because=because)
    verdict, made = Verdict.DIFFERENT, None
    try:
        call = data.said(standing)
        made = data.desk(standing).decide(call, event.decided_at, standing.roster)
        different = first_difference(standing, made)
    except InputError as error:
        different = ("", f'"{event.team_id or event.reason}"', f'"refused: {error}"')
    if different is None:
        return Verdict.SAME if event.digest else Verdict.SAME_OUTCOME
    if not standing.certain:
        verdict = Verdict.UNKNOWABLE
    elif made is not None and (because := other_basis(standing, made)):
        verdict = Verdict.NOT_FOLLOWED
    elif made is not None and (because := other_table(standing, made)):
        verdict = Verdict.OTHER_DATA
    elif standing.agency.version != version:
        verdict = Verdict.OTHER_VERSION
        because = (f"version {standing.agency.version} decided, this is {version}",)
    where, recorded, recomputed = different
    return Difference(
        **about,
        verdict=verdict,
        because=because,
        field=where,
        recorded=recorded,
        recomputed=recomputed,
    )


def _about(standing: Standing) -> dict[str, Any]:
    return {"seq": standing.seq, "at": standing.at, "call_id": standing.event.call_id}
