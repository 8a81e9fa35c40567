"""A call with its coordinates swapped is refused by every way to a decision."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.scenarios.city import NOON, draw_city
from unarmed_router.agency.locations import DivisionLocations
from unarmed_router.dispatch.desk import Desk
from unarmed_router.errors import CoordinateError
from unarmed_router.geography.division_index import DivisionIndex
from unarmed_router.geography.partition import Partition, PartitionDivision
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.uncertainty import Area, Circle

RING = np.array([(10, 40), (11, 40), (11, 41), (10, 41)], np.int32) * 10_000_000
PARTITION = Partition((PartitionDivision(1, "Square", "", (RING,)),), "square")


def test_a_swapped_call_is_refused_alone_and_in_a_batch() -> None:
    """Where both orders are places on earth only the divisions can tell."""
    divisions = DivisionIndex(PARTITION)
    city = draw_city("a--b", teams={"T": "a"})
    call = city.call("a", lon=40.5, lat=10.5)
    for world in (city.world, city.compiled().world):
        desk, roster = Desk(replace(world, divisions=divisions)), city.roster().snapshot()
        with pytest.raises(CoordinateError, match="did you swap them"):
            desk.decide(call, NOON, roster)
        with pytest.raises(CoordinateError, match="did you swap them"):
            desk.decide_many([call], [NOON], roster)
        elsewhere = desk.decide(replace(call, lon=60.0), NOON, roster)
        assert getattr(elsewhere, "reason", None) is ReferralReason.OUT_OF_JURISDICTION


@pytest.mark.parametrize(
    "region",
    [Area((((10.49, 40.49), (10.51, 40.49), (10.5, 40.51)),), 0.9), Circle(100.0, 0.9)],
    ids=["polygon", "circle"],
)
def test_a_swapped_call_is_refused_whatever_region_it_carries(region: Area | Circle) -> None:
    """A polygon may be right where the position is not, by which roads are looked for."""
    divisions = DivisionIndex(PARTITION)
    city = draw_city("a--b", teams={"T": "a"})
    call = replace(city.call("a", lon=40.5, lat=10.5), uncertainty=region)
    for world in (city.world, city.compiled().world):
        locations = DivisionLocations(PARTITION, divisions)
        desk = Desk(replace(world, divisions=divisions, locations=locations))
        roster = city.roster().snapshot()
        with pytest.raises(CoordinateError, match="did you swap them"):
            desk.decide(call, NOON, roster)
        with pytest.raises(CoordinateError, match="did you swap them"):
            desk.decide_many([call], [NOON], roster)
