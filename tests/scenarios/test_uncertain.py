"""Calls whose position is uncertain: shares, the choice, the warning, the time over the area."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.embedded import AT, CLEAR
from unarmed_router import Call, Flag, Recommendation, ReferralReason, Router
from unarmed_router.errors import InputError
from unarmed_router.interop.json_codec import call_from_json, decision_from_json
from unarmed_router.model.uncertainty import Area, Circle, Ellipse


@pytest.fixture(scope="module")
def router() -> Router:
    """Load the embedded city."""
    return Router.load(clock=lambda: AT)


def call(lon: float, lat: float, uncertainty: Circle | Ellipse | Area | None) -> Call:
    """Make an eligible call somewhere near."""
    return Call(
        call_id="u-1",
        lon=lon,
        lat=lat,
        call_type="welfare_check",
        received_at=AT,
        facts=CLEAR,
        uncertainty=uncertainty,
    )


def test_well_inside_a_division_nothing_changes(router: Router) -> None:
    """One share, no warning, the same team; over the area it takes about as long."""
    sure = router.route(call(-118.309, 34.0606, None), at=AT)
    asked = call(-118.309, 34.0606, Circle(100, 0.9))
    decision = router.route(asked, at=AT)
    assert isinstance(sure, Recommendation)
    assert isinstance(decision, Recommendation)
    assert sure.area is None
    assert decision.area is not None
    assert [(each.division, each.share) for each in decision.area.shares] == [(20, 1.0)]
    assert decision.area.shares[0].programs == ("UMCR/alcott",)
    assert (decision.team_id, decision.travel_time_s) == (sure.team_id, sure.travel_time_s)
    assert Flag.UNCERTAIN_LOCATION not in decision.flags
    assert decision.area.sampled == 64
    assert decision.area.expected_travel_ms == pytest.approx(sure.candidates[0].travel_ms, rel=0.2)


def test_the_greatest_share_decides_and_the_rest_is_a_warning(router: Router) -> None:
    """A position just outside a served division whose circle lies mostly inside it."""
    # Olympic ends at Hoover Street, to the east; the middle of the area is west of the point.
    west, east, south, north = -118.32, -118.28, 34.055, 34.065
    ring = ((west, south), (east, south), (east, north), (west, north))
    asked = call(-118.281, 34.06, Area((ring,), 0.95))
    point = router.locate(lon=asked.lon, lat=asked.lat)
    decision = router.route(asked, at=AT)
    assert decision.area is not None
    first, *others = decision.area.shares
    assert point.division is not None
    assert decision.place.division is not None
    assert point.division.number != first.division == decision.place.division.number == 20
    assert others
    assert sum(each.share for each in decision.area.shares) == pytest.approx(0.95, abs=0.001)
    assert decision.area.unplaced == pytest.approx(0.05)
    assert Flag.UNCERTAIN_LOCATION in decision.flags
    assert "ask where the caller is" in decision.explain()
    assert isinstance(decision, Recommendation)


def test_mostly_outside_is_outside(router: Router) -> None:
    """The greatest share wins even when it is nobody's, with the warning."""
    decision = router.route(call(-118.4912, 34.0195, Circle(3000, 0.9)), at=AT)
    assert getattr(decision, "reason", None) is ReferralReason.OUT_OF_JURISDICTION
    assert decision.area is not None
    assert decision.area.shares[0].division == 0
    assert decision.area.expected_travel_ms is None
    assert Flag.UNCERTAIN_LOCATION in decision.flags


@pytest.mark.parametrize(
    "uncertainty", [Circle(800, 0.68), Ellipse(900, 300, 40, 0.9), None], ids=str
)
def test_batch_and_json_agree(router: Router, uncertainty: Circle | Ellipse | None) -> None:
    """Uncertain calls among others keep their place in a batch, and come back from JSON whole."""
    asked = call(-118.2915, 34.05, uncertainty)
    assert call_from_json(asked.to_json()) == asked
    decision = router.route(asked, at=AT)
    assert decision_from_json(decision.to_json()) == decision
    others = [replace(call(-118.309, 34.0606, None), call_id=f"o-{n}") for n in range(3)]
    batch = router.route_many([others[0], asked, *others[1:]], at=AT)
    assert [each.call_id for each in batch] == ["o-0", "u-1", "o-1", "o-2"]
    assert batch[1] == decision


def test_a_broken_uncertainty_is_refused() -> None:
    """By its own constructor, or by the call when it is none."""
    with pytest.raises(InputError, match="uncertainty must be a Circle, an Ellipse or an Area"):
        call(-118.3, 34.05, 300.0)  # type: ignore[arg-type]
