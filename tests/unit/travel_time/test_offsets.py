"""Where a fraction falls on an arc and on its twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.model.location import RoadPosition
from unarmed_router.travel_time.offsets import Place, places_of

FRACTIONS = st.floats(0, 1)
TIMES = st.integers(1, 21_600_000)


@pytest.mark.parametrize(
    ("fraction", "on_arc", "on_twin"),
    [
        (0.0, Place(0, 0, 7), Place(1, 10, 0)),
        (1.0, Place(0, 7, 0), Place(1, 0, 10)),
        (0.5, Place(0, 4, 3), Place(1, 5, 5)),  # 3.5 rounds to even
        (0.25, Place(0, 2, 5), Place(1, 8, 2)),  # 2.5 from the twin's head rounds to 2
    ],
)
def test_a_fraction_is_rounded_once_an_arc(fraction: float, on_arc: Place, on_twin: Place) -> None:
    """Half to even, counted from the arc's tail on both directions."""
    position = RoadPosition(0, 1, fraction, 0.0, 0)
    assert places_of(position, np.array([7, 10], dtype=np.int32)) == (on_arc, on_twin)


def test_a_one_way_position_has_one_place() -> None:
    """There is no way back on a one-way road."""
    position = RoadPosition(0, -1, 0.5, 0.0, 0)
    assert places_of(position, np.array([8], dtype=np.int32)) == (Place(0, 4, 4),)


@given(first=FRACTIONS, second=FRACTIONS, there=TIMES, back=TIMES)
def test_two_points_keep_their_order_in_both_directions(
    first: float, second: float, there: int, back: int
) -> None:
    """What lies ahead on the arc does not lie ahead on the twin."""
    times = np.array([there, back], dtype=np.int32)
    near, far = (
        places_of(RoadPosition(0, 1, fraction, 0.0, 0), times)
        for fraction in sorted((first, second))
    )
    assert near[0].offset_ms <= far[0].offset_ms
    assert near[1].offset_ms >= far[1].offset_ms
    for place, total in zip((*near, *far), (there, back) * 2, strict=True):
        assert place.offset_ms + place.remaining_ms == total
        assert min(place.offset_ms, place.remaining_ms) >= 0
