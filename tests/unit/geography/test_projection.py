"""State plane feet and other systems to degrees, from any thread."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from pyproj import Transformer

from unarmed_router import call_from_projected
from unarmed_router.errors import CoordinateError, InputError
from unarmed_router.geography.projection import to_lonlat

CITY_HALL = (-118.2427, 34.0537)


def in_feet(lon: float, lat: float) -> tuple[float, float]:
    """Convert to California zone 5, US survey feet."""
    return Transformer.from_crs("EPSG:4326", "EPSG:2229", always_xy=True).transform(lon, lat)


def test_state_plane_feet_come_back_as_degrees() -> None:
    """A CAD's x and y give the place to a millimetre, x first."""
    x, y = in_feet(*CITY_HALL)
    assert 6_400_000 < x < 6_600_000
    assert to_lonlat(x=x, y=y, crs="EPSG:2229") == pytest.approx(CITY_HALL, abs=1e-8)


def test_a_call_can_be_made_from_feet() -> None:
    """Every other field is that of `Call`."""
    x, y = in_feet(*CITY_HALL)
    call = call_from_projected(
        x=x,
        y=y,
        crs="EPSG:2229",
        call_id="1",
        call_type="welfare_check",
        received_at=datetime.now(UTC),
    )
    assert (call.lon, call.lat) == pytest.approx(CITY_HALL, abs=1e-8)


@pytest.mark.parametrize(
    ("crs", "place"),
    [
        ("EPSG:3338", (-149.9, 61.2)),
        ("EPSG:3338", (174.0, 52.8)),
        ("EPSG:3460", (178.44, -18.14)),
        ("EPSG:3460", (-179.9, -16.8)),
        ("EPSG:2193", (174.76, -36.85)),
        ("EPSG:3857", (-180.0, 12.0)),
    ],
)
def test_systems_across_the_antimeridian_are_read(crs: str, place: tuple[float, float]) -> None:
    """The area of some systems begins east of where it ends: both sides of it are inside."""
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*place)
    # Of several datum shifts pyproj may take another one back: metres.
    assert to_lonlat(x=x, y=y, crs=crs) == pytest.approx(place, abs=1e-4)


@pytest.mark.parametrize(
    ("x", "y", "crs", "error", "message"),
    [
        (math.nan, 1.0, "EPSG:2229", CoordinateError, "must be finite numbers; got x=nan"),
        (1.0, 1.0, "EPSG:9", InputError, "coordinate system 'EPSG:9' is not known"),
        (1.0, 1.0, 'LOCAL_CS["plan"]', InputError, "coordinate system .* is not known"),
        (1.8e6, 6.4e6, "EPSG:2229", CoordinateError, "far outside the area of that system"),
        (-118.2, 34.0, "EPSG:2229", CoordinateError, "check the units"),
        (9e6, 9e6, "EPSG:3338", CoordinateError, "far outside the area of that system"),
        (1e30, 1.0, "EPSG:2229", CoordinateError, "far outside the area of that system"),
        pytest.param(10**400, 1.0, "EPSG:2229", CoordinateError, "got x=1000", id="huge"),
        (True, 1.0, "EPSG:2229", CoordinateError, "must be finite numbers; got x=True"),
        (1.0, "1", "EPSG:2229", CoordinateError, "y='1': give each as a float"),
        (1.0, 1.0, ["EPSG:2229"], InputError, "use a code such as 'EPSG:2229'"),
        (1.0, 1.0, "a\ud800", InputError, "use a code such as 'EPSG:2229'"),
    ],
)
def test_broken_positions_are_refused(
    x: Any, y: Any, crs: Any, error: type[Exception], message: str
) -> None:
    """Not finite, unknown system, swapped, or degrees given for feet."""
    with pytest.raises(error, match=message):
        to_lonlat(x=x, y=y, crs=crs)


def test_many_threads_convert_at_once() -> None:
    """Each thread has its own transformer, so answers are those of one thread."""
    rng = np.random.default_rng(1)
    places = [in_feet(*(np.array(CITY_HALL) + rng.uniform(-0.2, 0.2, 2))) for _ in range(200)]
    alone = [to_lonlat(x=x, y=y, crs="EPSG:2229") for x, y in places]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda p: to_lonlat(x=p[0], y=p[1], crs="EPSG:2229"), places))
    assert together == alone


def test_a_system_named_by_numpy_is_the_same() -> None:
    """A cell of a table is a string of numpy's, which pyproj does not take."""
    place = to_lonlat(x=6470000.0, y=1845000.0, crs="EPSG:2229")
    assert to_lonlat(x=6470000.0, y=1845000.0, crs=np.str_("EPSG:2229")) == place
