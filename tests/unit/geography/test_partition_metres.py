"""Metres of a plane around one place, beside the ellipsoid."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from unarmed_router.geography.partition_metres import LocalMetres

ELLIPSOID = Geod(ellps="WGS84")
THIRD = 1 / 3


@given(
    st.floats(-179.0, 179.0),
    st.floats(-40.0 + THIRD, 40.0 - THIRD),
    st.floats(-THIRD, THIRD),
    st.floats(0.0, 360.0),
)
def test_lengths_near_the_centre_are_good_to_half_a_per_cent(
    lon: float, lat: float, north: float, azimuth: float
) -> None:
    """Of a hundred metres in any direction, a third of a degree from the centre."""
    start = lon, lat + north
    end = ELLIPSOID.fwd(*start, azimuth, 100.0)[:2]
    line = LocalMetres(lon, lat).to_plane(shapely.LineString([start, end]))
    assert line.length == pytest.approx(100.0, rel=0.005)
