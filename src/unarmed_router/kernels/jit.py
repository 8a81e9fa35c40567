"""How kernels are compiled, cached and announced.

A kernel is compiled on its first call and kept in numba's cache beside the module or, where that
directory is read-only, in the user's cache directory. A cache that can be neither read nor written
costs a compilation, never an error.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import caching

__all__ = ["kernel"]

logger = logging.getLogger("unarmed_router")

# Whether numba is typed depends on its version; what is used of it here is not public either.
_njit: Any = numba.njit
_FunctionCache: Any = caching.FunctionCache
_NullCache: Any = caching.NullCache

F = TypeVar("F", bound=Callable[..., Any])

# numba keys a cached kernel on its own file only, yet a kernel may inline another file's function:
# a digest of the whole package retires every cached kernel when any of them changes.
_SOURCE_DIGEST = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
).hexdigest()

_announced = False


class _ForgivingCache(_FunctionCache):  # type: ignore[misc]  # a base of type Any
    """A function cache that announces compilations and survives a broken directory."""

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return (*super()._index_key(sig, codegen), _SOURCE_DIGEST)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            found = super().load_overload(sig, target_context)
        except Exception:  # whatever a damaged cache file raises, compiling is the answer
            found = None
        if found is None:
            _announce()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except Exception as error:  # a full or read-only disk must not stop a call
            logger.info("compiled kernel not cached: %s", error)


def _announce() -> None:
    """Say once per process that kernels are being compiled."""
    global _announced  # noqa: PLW0603  # one line per process is the point
    if not _announced:
        _announced = True
        logger.warning(
            "unarmed_router: compiling kernels, once per machine; this takes ten seconds "
            "to a minute (`unarmed-router warmup` does it ahead of time)"
        )


def kernel(function: F) -> F:
    """Compile `function` in nopython mode without the GIL, cached on disk where possible.

    Parameters
    ----------
    function : callable
        Arrays and scalars in, arrays and scalars out; integer arithmetic wraps, so the caller
        states the bounds that keep it exact.

    Returns
    -------
    callable
        The compiled function; its source stays reachable as ``.py_func``.
    """
    compiled = _njit(nogil=True, error_model="numpy")(function)
    try:
        compiled._cache = _ForgivingCache(function)  # noqa: SLF001  # where numba keeps its own
    except RuntimeError:  # numba found no directory it can write to
        compiled._cache = _AnnouncingNullCache()  # noqa: SLF001
    result: F = compiled
    return result


class _AnnouncingNullCache(_NullCache):  # type: ignore[misc]  # a base of type Any
    """No cache at all, but the compilation is still announced."""

    def load_overload(self, sig: Any, target_context: Any) -> None:  # noqa: ARG002
        _announce()
