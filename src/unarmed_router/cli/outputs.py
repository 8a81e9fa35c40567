"""Files a command is to write: refused before it works for them, where they cannot be written."""

from __future__ import annotations

import os
from pathlib import Path

from unarmed_router.errors import InputError

__all__ = ["check_outputs"]


def check_outputs(**paths: Path | None) -> None:
    """Refuse files that cannot be written before anything takes its time.

    Parameters
    ----------
    **paths : Path, optional
        The file each option names, by the option's name without its dashes; an argument by its
        name in capitals.

    Raises
    ------
    InputError
        Names the first option whose file has no folder, is one, or may not be written.
    """
    for option, path in paths.items():
        if path is not None and (why := _obstacle(path)):
            name = option if option.isupper() else f"--{option}"
            raise InputError(
                f"{name} {path}: {why}; name a file in a folder that exists and can be written"
            )


def _obstacle(path: Path) -> str:
    """Return what stands in the way of writing a file; empty when nothing does."""
    if path.is_dir():
        return "is a folder"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    # A file is written beside its place and then renamed, so its folder is written too.
    needed = [path] if path.exists() else []
    needed += [path.parent] if path.is_file() or not needed else []
    closed = next((each for each in needed if not os.access(each, os.W_OK)), None)
    return "" if closed is None else f"{closed} may not be written"
