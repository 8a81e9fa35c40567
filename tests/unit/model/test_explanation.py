"""Durations and lengths as people read them."""

from __future__ import annotations

import pytest

from unarmed_router.model.explanation import distance, minutes


@pytest.mark.parametrize(
    ("metres", "text"),
    [
        (0.0, "0 m"),
        (999.49, "999 m"),
        (999.5, "1.0 km"),
        (99_949.0, "99.9 km"),
        (99_950.0, "100 km"),
        (3_938_000.0, "3,938 km"),
    ],
)
def test_lengths_change_unit_where_they_round_up(metres: float, text: str) -> None:
    """Never 1000 m and never 100.0 km."""
    assert distance(metres) == text


def test_durations_change_unit_at_a_minute() -> None:
    """Seconds below, tenths of a minute from there on."""
    assert (minutes(59_400), minutes(60_000)) == ("59 s", "1.0 min")
