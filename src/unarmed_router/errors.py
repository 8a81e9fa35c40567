"""Every exception the library raises on purpose.

::

    UnarmedRouterError
    ├── InputError (ValueError)            a call, a coordinate, a time or an option is broken
    │   ├── CoordinateError                not a place on earth: NaN, out of range, swapped, (0, 0)
    │   ├── UnknownTeamError (KeyError)    no team of that id in the roster
    │   ├── PrivacyError                   a name, a phone number or free text; nothing is written
    │   ├── UnknownCallError (KeyError)    no call, or no reservation, of that id on this shift
    │   └── LifecycleError                 an act that does not fit what a team or a call is doing
    │       └── OutOfOrderError            a report older than what is known already
    ├── DataError (ValueError)             a file or table is broken
    │   ├── BoundaryError                  division boundaries: geometry, numbers, overlaps, gaps
    │   ├── NetworkError                   road network: lengths, speeds, connectivity
    │   │   └── ServerRefusedError         a map server gave no whole answer, however often asked
    │   ├── ArtefactError                  a built file is truncated, altered or of another version
    │   └── ConfigurationError             agency, policy or roster file; lists every fault
    ├── PluginError (RuntimeError)         an agency's own travel times failed at a call
    ├── ProcessLostError (RuntimeError)    a process that played replications ended by itself
    ├── AlreadyAssignedError (RuntimeError)  another reservation holds the team, the call or the key
    └── LedgerError (RuntimeError)         an act could not be recorded, or a record not be read
        ├── LedgerBusyError                locked by another for too long
        ├── LedgerFullError                no space left, or a quota is used up
        ├── LedgerLostError                the connection or the file failed; perhaps in doubt
        ├── LedgerBrokenError              altered or damaged; says what, and at which event
        └── LedgerVersionError             written by a newer version of this library

An expected outcome (no team free, a place outside the city) is a value, never one of these.
Each also inherits the builtin a caller would expect to catch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unarmed_router.counted import counted

__all__ = [
    "AlreadyAssignedError",
    "ArtefactError",
    "BoundaryError",
    "ConfigurationError",
    "CoordinateError",
    "DataError",
    "InputError",
    "LedgerBrokenError",
    "LedgerBusyError",
    "LedgerError",
    "LedgerFullError",
    "LedgerLostError",
    "LedgerVersionError",
    "LifecycleError",
    "NetworkError",
    "OutOfOrderError",
    "PluginError",
    "PrivacyError",
    "ProcessLostError",
    "ServerRefusedError",
    "UnarmedRouterError",
    "UnknownCallError",
    "UnknownTeamError",
]


class UnarmedRouterError(Exception):
    """Base of every exception this library raises on purpose; copies and pickles as itself."""

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is made again from its message alone, which not every constructor here takes:
        # one that a process of a pool raised would end the whole pool.
        return _again, (type(self), self.args, vars(self))


def _again(
    kind: type[UnarmedRouterError], args: tuple[Any, ...], state: dict[str, Any]
) -> UnarmedRouterError:
    """Make an exception as it was, past its constructor."""
    error = kind.__new__(kind, *args)
    vars(error).update(state)
    return error


class InputError(UnarmedRouterError, ValueError):
    """A value handed in by the caller is broken: say what, which value, which rule."""


class CoordinateError(InputError):
    """A coordinate is not a place on earth, or its parts are swapped.

    Parameters
    ----------
    message : str
        What is wrong, with the value and the remedy.
    rows : sequence of int, optional
        Positions of the broken rows when an array was given; empty for a scalar.
    """

    def __init__(self, message: str, rows: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.rows = tuple(rows)


class UnknownTeamError(InputError, KeyError):
    """No team of that id is in the roster."""

    def __str__(self) -> str:
        # KeyError would print the repr of the message.
        return str(self.args[0])


class PrivacyError(InputError):
    """A caller's name, a phone number or free text; nothing was written.

    Parameters
    ----------
    message : str
        Which rule, without the value: it must not get into a log either.
    field : str
        Path of the field inside the event.
    """

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class UnknownCallError(InputError, KeyError):
    """No call, or no reservation, of that id is on this shift."""

    def __str__(self) -> str:
        # As above.
        return str(self.args[0])


class LifecycleError(InputError):
    """An act does not fit what the team or the call is doing: nothing was changed by it."""


class OutOfOrderError(LifecycleError):
    """A report is older than what is known already: nothing was changed by it."""


class DataError(UnarmedRouterError, ValueError):
    """A file or table is broken: the message names the file and the fault."""


class BoundaryError(DataError):
    """Division boundaries cannot be read, or do not make a partition."""


class NetworkError(DataError):
    """A road network is broken: lengths, speeds, ends or connectivity."""


class ServerRefusedError(NetworkError):
    """A map server gave no whole answer, however often it was asked."""


class ArtefactError(DataError):
    """A built file is truncated, altered or of another version."""


class ConfigurationError(DataError):
    """An agency, policy or roster file is broken.

    Parameters
    ----------
    source : str
        The file, as the user named it.
    faults : sequence of str
        Every fault found, each with its path inside the file and its remedy.
    """

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        self.source = source
        self.faults = tuple(faults)
        count = counted(len(self.faults), "fault")
        super().__init__("; ".join([f"{source}: {count}", *self.faults]))


class PluginError(UnarmedRouterError, RuntimeError):
    """An agency's own travel times raised at a call, or returned what is no time.

    No team is sent on it: the caller takes the call elsewhere and has the plugin repaired.
    """


class ProcessLostError(UnarmedRouterError, RuntimeError):
    """A process that played replications ended by itself, as one does that the system kills."""


class AlreadyAssignedError(UnarmedRouterError, RuntimeError):
    """Another reservation holds the team or the call, or was made under the key; none is made.

    Parameters
    ----------
    message : str
        What is held, and by which reservation.
    what : {"team", "call", "key", "reservation"}
        What is taken: the team, the call, the idempotency key or the reservation's own id.
    value : str
        Which one.
    holder : str
        Id of the reservation that has it.
    """

    def __init__(self, message: str, *, what: str, value: str, holder: str) -> None:
        super().__init__(message)
        self.what, self.value, self.holder = what, value, holder


class LedgerError(UnarmedRouterError, RuntimeError):
    """An act could not be recorded, or a record not be read; routing goes on without the ledger.

    Nothing of the act is in force, except where a `LedgerLostError` says that it is in doubt.
    """


class LedgerBusyError(LedgerError):
    """Another process held the ledger for longer than the time allowed; try again."""


class LedgerFullError(LedgerError):
    """The disk is full or a quota used up: make space, then try again; nothing is lost."""


class LedgerLostError(LedgerError):
    """The connection was cut, or the file could not be written.

    Parameters
    ----------
    message : str
        What failed.
    in_doubt : bool
        Whether the act may be in force all the same, because the answer to its commit never came.
        The next transaction finds out: what was committed is among its news.
    """

    def __init__(self, message: str, *, in_doubt: bool) -> None:
        super().__init__(message)
        self.in_doubt = in_doubt


class LedgerBrokenError(LedgerError):
    """The ledger was altered or damaged: stop, keep the file, restore a backup.

    Parameters
    ----------
    message : str
        What does not fit.
    seq : int, optional
        The event at which it shows; None where it concerns no single one.
    """

    def __init__(self, message: str, *, seq: int | None = None) -> None:
        super().__init__(message)
        self.seq = seq


class LedgerVersionError(LedgerError):
    """The ledger was written by a newer version of this library, or is no ledger at all."""
