"""Hours and weights of coverage in words."""

from __future__ import annotations

from unarmed_router.model.shift import DAYS

__all__ = ["WEIGHT_NAMES", "hour_name"]

WEIGHT_NAMES = {
    "population": "residents",
    "homeless_2017": "unhoused people (count of 2017)",
    "demand": "expected calls",
}
"""What the usual columns of a tract file count."""


def hour_name(hour: int) -> str:
    """Name an hour of the week, as ``Wed 17:00``."""
    return f"{DAYS[hour // 24]} {hour % 24:02d}:00"
