"""Degrees to whole units of the grid that boundaries and points share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["UNITS_PER_DEGREE", "to_units"]

UNITS_PER_DEGREE = 10_000_000
"""The grid of boundaries and points: 1e-7 degree, about 1.1 cm."""


def to_units(degrees: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round degrees to whole grid units, half to even as `round` does."""
    return np.rint(degrees * UNITS_PER_DEGREE).astype(np.int64)
