"""Files that are there whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file beside its place; it takes its name when the block ends well.

    A reader sees the file as it was or as it is, never half of one, and of two writers the later
    one stays. When the block fails nothing is left of it, and a file that was there stays. A device
    or a pipe, such as ``/dev/stdout``, is written as it is.

    Parameters
    ----------
    path : path-like
        Where to; its directory must exist.

    Yields
    ------
    Path
        What to write to instead; not there yet, but for a device.

    Raises
    ------
    OSError
        It cannot be written or renamed; the error names `path`, not the file beside it.
    """
    target = Path(path)
    if target.exists() and not (target.is_file() or target.is_dir()):
        yield target
        return
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        part.replace(target)
    except OSError as error:
        if error.filename == str(part):
            error.filename, error.filename2 = str(target), None
        raise
    finally:
        part.unlink(missing_ok=True)
