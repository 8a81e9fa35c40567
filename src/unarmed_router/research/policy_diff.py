"""Which decisions change when one policy takes the place of another: a log of calls under both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from unarmed_router.agency.folder import Agency
from unarmed_router.counted import counted
from unarmed_router.errors import InputError
from unarmed_router.interop.json_codec import call_from_json
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision
from unarmed_router.research.outcome_change import DecisionOutcome, outcome_of, why
from unarmed_router.router import Router

__all__ = ["Change", "PolicyDiff"]

_LONGEST_LINE = 1 << 20
_SHOWN_FAULTS = 10


@dataclass(frozen=True, slots=True)
class Change:
    """A call that the two policies decide differently.

    Parameters
    ----------
    line : int
        Its line in the log, from 1.
    call_id : str
        The call.
    old, new : DecisionOutcome
        What became of it.
    why : str
        What made the difference, in words.
    """

    line: int
    call_id: str
    old: DecisionOutcome
    new: DecisionOutcome
    why: str


class PolicyDiff:
    """Routes a log of calls under two policies; the agency and its roster are the same for both.

    Parameters
    ----------
    agency : Agency
        A loaded agency. Its own policies take no part.
    old, new : path-like
        Policy files. Each decides every call, whatever its effective dates.

    Attributes
    ----------
    calls : int
        Calls read so far.
    counts : Counter of (str, str)
        How many of the changes so far led from which outcome to which.

    Raises
    ------
    ConfigurationError
        A file is broken, or leaves a team of the roster without program or provider.
    """

    def __init__(self, agency: Agency, old: Path | str, new: Path | str) -> None:
        self._routers = Router(agency), Router(agency)
        for router, path in zip(self._routers, (old, new), strict=True):
            router.reload_policy(path)
        self.calls = 0
        self.counts: Counter[tuple[str, str]] = Counter()

    def changes(self, log: BinaryIO, source: str) -> Iterator[Change]:
        """Read a log of calls and yield those whose decision changes.

        Parameters
        ----------
        log : binary file
            JSON Lines: a call on each line, as `call_from_json` reads it; each is decided at the
            moment it was received. Empty lines are passed over.
        source : str
            What to call the log in an error.

        Yields
        ------
        Change
            In the order of the log; memory does not grow with it.

        Raises
        ------
        InputError
            After the last line, when some line is not a call, or neither policy can decide it;
            names the lines. What was yielded before then is of no use.
        """
        faults, bad = [], 0
        for number, line in _lines(log):
            try:
                change = self._compared(number, _call(line))
            except InputError as error:
                bad += 1
                if bad <= _SHOWN_FAULTS:
                    faults.append(f"line {number}: {error}")
                continue
            if change is not None:
                yield change
        if bad:
            more = f"; and {bad - len(faults)} more" if bad > len(faults) else ""
            count = f"{counted(bad, 'bad line')}, so no line is compared"
            raise InputError(f"{source}: {count}; {'; '.join(faults)}{more}")

    def _compared(self, number: int, call: Call) -> Change | None:
        old, new = (_decided(router, call) for router in self._routers)
        if isinstance(old, InputError) and isinstance(new, InputError):
            raise new
        self.calls += 1
        before, after = outcome_of(old), outcome_of(new)
        if before == after:
            return None
        self.counts[before.outcome, after.outcome] += 1
        return Change(number, call.call_id, before, after, why(old, new))


def _lines(log: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a log with their numbers; one that is too long is cut, to be refused."""
    number = 0
    while line := log.readline(_LONGEST_LINE + 1):
        number += 1
        if line.strip():
            yield number, line.rstrip()
        while line and not line.endswith(b"\n"):
            line = log.readline(_LONGEST_LINE)


def _call(line: bytes) -> Call:
    if len(line) > _LONGEST_LINE:
        raise InputError(f"is longer than {_LONGEST_LINE:,} bytes; give one call a line")
    return call_from_json(line)


def _decided(router: Router, call: Call) -> Decision | InputError:
    try:
        return router.route(call, at=call.received_at)
    except InputError as error:
        return error
