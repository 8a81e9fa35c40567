"""What other packages add to the library: found by entry point, and loaded only when named.

An agency's package declares an entry point in one of two groups, and a policy or an ``agency.toml``
names it. ``docs/extending.md`` shows both with a package that can be installed.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from unarmed_router.errors import ConfigurationError

__all__ = ["RULES", "TRAVEL_TIMES", "described", "load_plugin"]

RULES = "unarmed_router.rules"
"""Entry-point group of rules; see `agency.plugin_rules`."""

TRAVEL_TIMES = "unarmed_router.travel_times"
"""Entry-point group of travel-time providers; see `agency.plugin_times`."""


def load_plugin(group: str, name: str, *, source: str, path: str) -> Any:
    """Import what an installed package offers under a name.

    Parameters
    ----------
    group : str
        `RULES` or `TRAVEL_TIMES`.
    name : str
        Name of the entry point.
    source, path : str
        The file that names it and where in the file, for the message.

    Returns
    -------
    Any
        The object the entry point leads to; nothing is known about it yet.

    Raises
    ------
    ConfigurationError
        No installed package offers the name, two do, or it cannot be imported.
    """
    found = list(entry_points(group=group, name=name))
    if not found:
        installed = ", ".join(sorted(entry_points(group=group).names)) or "none"
        fault = (
            f"no installed package offers {name!r} in the entry-point group {group} (installed: "
            f"{installed}); install the package that has it, or correct the name"
        )
        raise ConfigurationError(source, [f"{path}: {fault}"])
    packages = " and ".join(sorted(map(_package, found)))
    if len(found) > 1:
        fault = f"{name!r} is offered by {packages}; remove one of the packages"
        raise ConfigurationError(source, [f"{path}: {fault}"])
    try:
        return found[0].load()
    except Exception as error:  # anything may happen while foreign code is imported
        fault = (
            f"{name!r} of {packages} cannot be imported from {found[0].value}: "
            f"{described(error)}; repair or reinstall the package"
        )
        raise ConfigurationError(source, [f"{path}: {fault}"]) from error


def described(error: BaseException) -> str:
    """Write an exception with its class, in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _package(point: EntryPoint) -> str:
    return "an unnamed package" if point.dist is None else f"{point.dist.name} {point.dist.version}"
