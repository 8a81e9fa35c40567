"""Travel times that an agency provides itself: checked at each call, before they are believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import index
from pathlib import Path
from typing import Any, Protocol

from pydantic import Field

from unarmed_router.agency.plugins import TRAVEL_TIMES, described, load_plugin
from unarmed_router.agency.toml_file import Strict, Word
from unarmed_router.dispatch.ports import TravelTimes
from unarmed_router.errors import ConfigurationError, InputError, PluginError
from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.network import RoadNetwork

__all__ = [
    "OwnTravelTimes",
    "ProvidedTimes",
    "TravelTimesEntry",
    "provided_times",
    "refuse_factors",
]

_LONGEST_MS = 2**31 - 1
_LONGEST_DIGEST = 200


class TravelTimesEntry(Strict):
    """The table ``[travel_times]`` of ``agency.toml``."""

    provider: Word
    options: dict[str, str | int | float | bool] = Field(default_factory=dict)


class OwnTravelTimes(Protocol):
    """What an entry point of the group ``unarmed_router.travel_times`` must make.

    The entry point leads to a callable ``make(folder, network, options)``: the agency's folder as
    a `Path`, its `RoadNetwork`, and the options of ``agency.toml``.
    """

    @property
    def digest(self) -> str:
        """Names method, version and data: equal digests, equal times; decisions carry it."""

    def to_call(
        self, origins: Sequence[RoadPosition], destination: RoadPosition, at: datetime
    ) -> Sequence[int | None]:
        """Travel time from each origin at departure `at`, milliseconds; None if no road leads."""


class ProvidedTimes:
    """Travel times of a plugin; implements `unarmed_router.dispatch.ports.TravelTimes`.

    Parameters
    ----------
    name : str
        Name of the plugin.
    own : OwnTravelTimes
        What it made.

    Attributes
    ----------
    digest : str
        The plugin's, as it was when the agency was loaded.
    """

    def __init__(self, name: str, own: OwnTravelTimes) -> None:
        self.name = name
        self.digest = own.digest
        self._own = own

    def to_call(
        self, origins: Sequence[RoadPosition], destination: RoadPosition, at: datetime
    ) -> list[int | None]:
        """Ask the plugin.

        Returns
        -------
        list of int or None
            Milliseconds, one for each origin; None where no road leads.

        Raises
        ------
        PluginError
            It raised, or returned something else than one time for each origin.
        """
        try:
            times = list(self._own.to_call(origins, destination, at))
        except Exception as error:
            raise PluginError(f"travel times {self.name!r} raised {described(error)}") from error
        if len(times) != len(origins):
            raise PluginError(
                f"travel times {self.name!r} returned {len(times)} times for {len(origins)} "
                "origins; it must return one for each"
            )
        return [None if time is None else self._checked(time) for time in times]

    def _checked(self, time: Any) -> int:
        """Return a time as an int of Python; floats are refused, for NaN is one."""
        try:
            milliseconds = -1 if isinstance(time, bool) else index(time)
        except TypeError:
            milliseconds = -1
        if not 0 <= milliseconds <= _LONGEST_MS:
            raise PluginError(
                f"travel times {self.name!r} returned {time!r}; a time must be a whole number of "
                f"milliseconds in [0, {_LONGEST_MS}], or None"
            )
        return milliseconds


def provided_times(entry: TravelTimesEntry, *, source: Path, network: RoadNetwork) -> ProvidedTimes:
    """Make the travel times that an ``agency.toml`` names.

    Parameters
    ----------
    entry : TravelTimesEntry
        Which, with their options.
    source : Path
        The ``agency.toml``.
    network : RoadNetwork
        The roads that positions refer to.

    Raises
    ------
    ConfigurationError
        The plugin is not installed, cannot be made, or made something else than `OwnTravelTimes`.
    """
    name, path = entry.provider, "travel_times.provider"
    make = load_plugin(TRAVEL_TIMES, name, source=str(source), path=path)
    options: Mapping[str, object] = dict(entry.options)
    try:
        own = make(source.parent, network, options)
        digest = getattr(own, "digest", None)
    except Exception as error:
        raise ConfigurationError(
            str(source),
            [f"{path}: {name!r} cannot be made with these options: {described(error)}"],
        ) from error
    faults = []
    if not callable(getattr(own, "to_call", None)):
        faults.append(
            f"{path}: {name!r} made {type(own).__name__}, which has no function "
            "to_call(origins, destination, at)"
        )
    if not (isinstance(digest, str) and 0 < len(digest) <= _LONGEST_DIGEST):
        faults.append(
            f"{path}: {name!r} has digest {digest!r}; it must be text of 1 to {_LONGEST_DIGEST} "
            "characters that names its method, version and data"
        )
    if faults:
        raise ConfigurationError(str(source), faults)
    return ProvidedTimes(name, own)


def refuse_factors(times: TravelTimes) -> None:
    """Refuse live factors for travel times they cannot reach.

    Raises
    ------
    InputError
        The times are a plugin's.
    """
    if isinstance(times, ProvidedTimes):
        raise InputError(
            f"live factors cannot change the travel times of plugin {times.name!r}; give them to "
            "the plugin, or remove [travel_times] from agency.toml"
        )
