"""Scenario files that come with the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from unarmed_router.errors import ConfigurationError

__all__ = ["SHIPPED", "scenario_path"]

SHIPPED = ("six_divisions", "nine_divisions", "all_divisions")
"""Names that may stand in place of a file."""


def scenario_path(name: Path | str) -> Path:
    """Return the path of a scenario: a file, or one of `SHIPPED` by its name.

    Raises
    ------
    ConfigurationError
        Neither a file nor such a name.
    """
    path = Path(name)
    if path.is_file():
        return path
    if str(name) in SHIPPED:
        return Path(str(resources.files("unarmed_router"))) / "data" / "scenarios" / f"{name}.toml"
    raise ConfigurationError(
        str(name),
        [f"there is no such file: name a scenario file, or one of {', '.join(SHIPPED)}"],
    )
