"""Inputs shared by the benchmarks: fixed and seeded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from unarmed_router import Router
from unarmed_router.geography.partition import SCALE

POINTS = 100_000


@pytest.fixture(scope="session")
def router() -> Router:
    """Load the embedded city, kernels compiled."""
    return Router.load()


@pytest.fixture(scope="session")
def polygons(router: Router) -> NDArray[Any]:
    """Rebuild each division as a prepared shapely polygon, in order of number."""
    shapes = []
    for division in router.agency.partition.divisions:
        shape = shapely.Polygon()
        for ring in division.rings:
            shape = shape.symmetric_difference(shapely.Polygon(ring / SCALE))
        shapes.append(shape)
    shapely.prepare(shapes)
    return np.array(shapes, dtype=object)


@pytest.fixture(scope="session")
def places() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw points over the city's bounding box."""
    rng = np.random.default_rng(1)
    return rng.uniform(-118.67, -118.15, POINTS), rng.uniform(33.70, 34.34, POINTS)
