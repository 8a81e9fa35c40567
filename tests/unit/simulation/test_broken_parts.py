"""What a stream and a run are made of: numbers that mean nothing are refused when given."""

from __future__ import annotations

import math
from typing import Any

import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.errors import InputError
from unarmed_router.simulation.call_mix import CallMix, OnSceneTime, Service, ServiceMix, Volume
from unarmed_router.simulation.crews import CrewRules
from unarmed_router.simulation.neighbourhoods import Neighbourhoods
from unarmed_router.simulation.strategies import LeastCoverageLoss

ON_SCENE = OnSceneTime(1320.0, 0.9, 10800.0)


@pytest.mark.parametrize(
    "given",
    [
        {"hang_up": math.nan},
        {"hang_up": 2.0},
        {"redirected": -0.1},
        {"patience_s": -5.0},
        {"patience_s": math.nan},
        {"priority": 0},
        {"priority": 10},
        {"priority_of": {"welfare_check": 2.5}},
    ],
)
def test_how_calls_turn_out_is_by_chances_and_times(given: dict[str, Any]) -> None:
    """A chance of NaN was never, one of 2 always, and patience below 0 hung up before the call."""
    with pytest.raises(InputError, match=next(iter(given)).removesuffix("_of")):
        ServiceMix(on_scene=ON_SCENE, **given)


@pytest.mark.parametrize(
    ("call_types", "yes", "unknown", "fault"),
    [
        ({}, {}, 0.0, "needs a call type"),
        ({"a": math.nan}, {}, 0.0, "weight nan of call type a"),
        ({"a": -1.0}, {}, 0.0, "weight -1.0 of call type a"),
        ({"a": 1.0}, {"f": math.nan}, 0.0, "yes of fact f nan"),
        ({"a": 1.0}, {"f": 0.9}, 0.2, "more than 1"),
        ({"a": 1.0}, {"f": 0.9}, math.nan, "unknown nan"),
    ],
)
def test_what_callers_report_is_by_chances(
    call_types: dict[str, float], yes: dict[str, float], unknown: float, fault: str
) -> None:
    """As the file of a mix is checked, so is one made in Python."""
    with pytest.raises(InputError, match=fault):
        CallMix(call_types, yes, unknown)


def test_chances_that_add_up_to_one_but_for_rounding_are_taken() -> None:
    """What is left of 1 and what was taken away may be a bit more than 1 together."""
    yes, unknown = 0.9000000000000001, 0.1
    assert yes + unknown > 1.0
    assert CallMix({"a": 1.0}, {"f": yes}, unknown).unknown == unknown


@pytest.mark.parametrize("diverted", [0.0, -1.0, math.nan, math.inf])
def test_a_volume_is_some_calls(diverted: float) -> None:
    """None is a stream without an end to wait for."""
    with pytest.raises(InputError, match="diverted_per_day"):
        Volume(diverted, frozenset({1}))


@pytest.mark.parametrize(
    ("on_scene_s", "waits"), [(-5, None), (math.nan, None), (10**13, None), (60, -3)]
)
def test_no_clock_runs_backwards(on_scene_s: Any, waits: int | None) -> None:
    """A call of one's own that ends before it begins, or after the calendar, is refused."""
    with pytest.raises(InputError, match="must be seconds"):
        Service(on_scene_s, 3, waits, redirected=False)


@pytest.mark.parametrize("name", ["clearing_s", "redirect_after_s", "break_s", "poll_s"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_crews_keep_times_that_are_numbers(name: str, value: float) -> None:
    """NaN is not below 0 either."""
    with pytest.raises(InputError, match=name):
        CrewRules(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "fault"),
    [({"busy": 1.0}, "busy"), ({"busy": math.nan}, "busy"), ({"target_s": -1.0}, "target_s")],
)
def test_a_loss_is_reckoned_with_a_share_and_a_time(given: dict[str, float], fault: str) -> None:
    """With q = 1 no team is worth anything, and every loss is 0."""
    reach: Any = None
    with pytest.raises(InputError, match=fault):
        LeastCoverageLoss(reach, **{"busy": 0.3, "target_s": 600.0, **given})


def test_no_tracts_are_no_places(agency: Agency) -> None:
    """Told before anything is averaged over them."""
    with pytest.raises(InputError, match="there are no tracts"):
        Neighbourhoods.of([], divisions=agency.divisions, roads=agency.roads)
