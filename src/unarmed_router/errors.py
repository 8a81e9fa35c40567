"""Every exception the library raises on purpose.

::

    UnarmedRouterError
    ├── InputError (ValueError)            a call, a coordinate, a time or an option is broken
    │   ├── CoordinateError                not a place on earth: NaN, out of range, swapped, (0, 0)
    │   └── UnknownTeamError (KeyError)    no team of that id in the roster
    ├── DataError (ValueError)             a file or table is broken
    │   ├── BoundaryError                  division boundaries: geometry, numbers, overlaps, gaps
    │   ├── NetworkError                   road network: lengths, speeds, connectivity
    │   ├── ArtefactError                  a built file is truncated, altered or of another version
    │   └── ConfigurationError             agency, policy or roster file; lists every fault
    └── PluginError (RuntimeError)         an agency's own travel times failed at a call

An expected outcome (no team free, a place outside the city) is a value, never one of these.
Each also inherits the builtin a caller would expect to catch.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "ArtefactError",
    "BoundaryError",
    "ConfigurationError",
    "CoordinateError",
    "DataError",
    "InputError",
    "NetworkError",
    "PluginError",
    "UnarmedRouterError",
    "UnknownTeamError",
]


class UnarmedRouterError(Exception):
    """Base of every exception this library raises on purpose."""


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


class DataError(UnarmedRouterError, ValueError):
    """A file or table is broken: the message names the file and the fault."""


class BoundaryError(DataError):
    """Division boundaries cannot be read, or do not make a partition."""


class NetworkError(DataError):
    """A road network is broken: lengths, speeds, ends or connectivity."""


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
        count = f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''}"
        super().__init__("; ".join([f"{source}: {count}", *self.faults]))


class PluginError(UnarmedRouterError, RuntimeError):
    """An agency's own travel times raised at a call, or returned what is no time.

    No team is sent on it: the caller takes the call elsewhere and has the plugin repaired.
    """
