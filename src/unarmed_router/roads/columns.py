"""Columns of values, one for each node or arc, as arrays; what cannot be one is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError

__all__ = ["unmasked", "value_column", "whole_numbers"]


def value_column(source: str, name: str, values: Any, dtype: Any = None) -> npt.NDArray[Any]:
    """Return one value per node or arc as an array."""
    try:
        found = np.asarray(unmasked(values), dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise NetworkError(f"{source}: {name} must be a column of values: {error}") from error
    if found.ndim != 1:
        raise NetworkError(
            f"{source}: {name} has shape {found.shape}; give a column, one value per node or arc"
        )
    return found


def unmasked(values: Any) -> Any:
    """Return values with None for what is masked: it is missing, whatever stands beneath."""
    if not np.ma.is_masked(values):
        return values
    given = np.ma.getdata(values).astype(object)
    given[np.ma.getmaskarray(values)] = None
    return given


def whole_numbers(source: str, name: str, values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return numbers of nodes or arcs; a cast would cut off what is behind the point."""
    found = value_column(source, name, values)
    part = np.zeros(found.size, bool)
    try:
        if found.dtype.kind == "f":
            part = found != np.rint(found)  # NaN is not equal to itself
        numbers = np.where(part, 0, found).astype(np.int64)
        if found.dtype.kind in "uO":  # too large, or a float among objects
            part = np.asarray(numbers != found, bool)
    except (TypeError, ValueError, OverflowError) as error:
        raise NetworkError(f"{source}: {name} must be whole numbers: {error}") from error
    if part.any():
        raise NetworkError(f"{source}: {name} {found[part][0]} must be a whole number")
    return numbers
