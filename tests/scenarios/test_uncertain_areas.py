"""Uncertain calls where a program works by neighborhood: who goes may change in one division."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.oracles.location_shares import disc_segment
from tests.scenarios.city import (
    EAST,
    LAT,
    LON,
    METRES,
    NOON,
    NORTH,
    TWO_FACTS,
    City,
    default_policy,
    draw_city,
)
from unarmed_router.dispatch.counterfactual import counterfactual
from unarmed_router.dispatch.desk import Desk
from unarmed_router.interop.json_codec import decision_from_json
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Decision, Recommendation, Referral
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import Flag
from unarmed_router.model.shift import ALWAYS, Shift
from unarmed_router.model.uncertainty import Area, Circle

KINDS = frozenset({"welfare_check"})


def town(*, outreach_until: datetime | None = None) -> City:
    """Draw one road through divisions 1 and 2, with a park across their border.

    Provider p serves everywhere; in the park q does, whatever the division.
    """
    hours = (Shift((0,), NOON.time(), outreach_until.time()),) if outreach_until else ALWAYS
    park = Provider("q", "Quarter", frozenset(), frozenset({"park"}), hours)
    everywhere = Provider("p", "Provider", frozenset({1, 2}))
    policy = replace(
        default_policy(), programs=(Program("UNARMED", "Unarmed", KINDS, (everywhere, park), 600),)
    )
    city = draw_city(
        "a---b---c---d---e---f",
        teams={"P": "a", "Q": "f"},
        divisions="1" * 10 + "2" * 11,
        policy=policy,
    ).with_team("Q", provider="q")
    # From two characters before the border (at 9.5) to four after it.
    return city.with_outlines(park=(7.5, -1, 13.5, 1))


def at(city: City, column: float, radius: float | None, confidence: float = 1.0) -> Call:
    """Make a call so many characters along the road, sure within a radius in characters."""
    region = None if radius is None else Circle(radius * METRES, confidence)
    return city.call("a", lon=LON + column * EAST, lat=LAT, uncertainty=region)


def sent(decision: Decision) -> str | None:
    """Return the team that goes."""
    return decision.team_id if isinstance(decision, Recommendation) else None


def test_a_provider_change_inside_one_division_is_a_warning() -> None:
    """All of the circle is in division 1, a fifth of it in the park: the shares say so."""
    city = town()
    decision = city.decide(at(city, 7.05, 0.9))
    assert decision.area is not None
    assert [(each.division, each.share) for each in decision.area.shares] == [(1, 1.0)]
    (park,) = decision.area.areas
    assert (park.area, park.programs) == ("park", ("UNARMED/q",))
    assert park.share == pytest.approx(disc_segment(0.5), abs=5e-4)
    assert [(each.division, each.areas, each.programs) for each in decision.area.parts] == [
        (1, (), ("UNARMED/p",)),
        (1, ("park",), ("UNARMED/q",)),
    ]
    assert Flag.UNCERTAIN_LOCATION in decision.flags
    assert "ask where the caller is" in decision.explain()
    assert sent(decision) == "P"


def test_without_the_area_within_reach_there_is_no_warning() -> None:
    """The same circle farther west: one part, no area, no flag."""
    city = town()
    decision = city.decide(at(city, 4.0, 0.9))
    assert decision.area is not None
    assert decision.area.areas == ()
    assert [(each.division, each.areas) for each in decision.area.parts] == [(1, ())]
    assert Flag.UNCERTAIN_LOCATION not in decision.flags


def test_the_division_is_chosen_first_and_then_its_likeliest_part() -> None:
    """The point is outside the park, most of its circle inside: the park's provider goes.

    And a division boundary under the park changes nobody who goes, so shares of both divisions
    carry the same provider.
    """
    city = town()
    decision = city.decide(at(city, 7.4, 0.9))
    assert decision.area is not None
    assert decision.area.parts[0].areas == ()
    east = city.decide(at(city, 7.6, 0.9))
    assert east.area is not None
    assert east.area.parts[0].areas == ("park",)
    assert (sent(decision), sent(east)) == ("P", "Q")
    middle = city.decide(at(city, 9.6, 0.9))
    assert middle.area is not None
    assert [(each.division, each.programs) for each in middle.area.shares] == [
        (2, ("UNARMED/q",)),
        (1, ("UNARMED/q",)),
    ]
    assert middle.area.areas[0].share == 1.0
    assert Flag.UNCERTAIN_LOCATION not in middle.flags


def test_a_drawn_polygon_decides_by_where_most_of_it_lies() -> None:
    """The call's own point is outside the park; two thirds of its polygon are in it."""
    city = town()
    west, east, half = LON + 6.6 * EAST, LON + 9.3 * EAST, 0.0003
    ring = ((west, LAT - half), (east, LAT - half), (east, LAT + half), (west, LAT + half))
    asked = replace(at(city, 1.0, None), uncertainty=Area((ring,), 0.9))
    decision = city.decide(asked)
    assert decision.area is not None
    assert [each.areas for each in decision.area.parts] == [("park",), ()]
    assert [each.share for each in decision.area.parts] == pytest.approx([0.6, 0.3], abs=5e-4)
    assert decision.area.unplaced == pytest.approx(0.1)
    assert sent(decision) == "Q"
    assert Flag.UNCERTAIN_LOCATION in decision.flags


def test_outside_the_areas_hours_the_division_decides_everywhere() -> None:
    """At noon the park has a provider of its own; after one o'clock nobody changes within it."""
    city = town(outreach_until=datetime(2026, 3, 2, 13, tzinfo=UTC))
    asked = at(city, 7.05, 0.9)
    assert Flag.UNCERTAIN_LOCATION in city.decide(asked).flags
    later = city.decide(asked, datetime(2026, 3, 2, 14, tzinfo=UTC))
    assert Flag.UNCERTAIN_LOCATION not in later.flags
    assert later.area is not None
    assert {each.programs for each in later.area.parts} == {("UNARMED/p",)}


def test_json_batches_and_the_auditor_see_every_part() -> None:
    """The decision comes back from JSON whole, is the same in a batch, and is told in words."""
    city = town()
    asked = at(city, 7.05, 0.9)
    decision = city.decide(asked)
    assert decision_from_json(decision.to_json()) == decision
    others = [replace(at(city, column, None), call_id=f"o{column}") for column in (2, 8, 12)]
    roster, desk = city.roster().snapshot(), Desk(city.world)
    batch = desk.decide_many([others[0], asked, *others[1:]], [NOON] * 4, roster)
    assert batch[1] == decision
    assert [sent(each) for each in (batch[0], *batch[2:])] == ["P", "Q", "Q"]
    told = decision.explain("auditor")
    share = round(disc_segment(0.5), 4)
    assert f"{share:.2%} area park: UNARMED/q" in told
    assert f"{1 - share:.2%} division 1, in no outlined area: UNARMED/p" in told


def test_what_would_help_is_asked_of_the_place_that_decided() -> None:
    """A weapon keeps the park's provider away as well; without it that provider's program goes."""
    city = town()
    armed = replace(at(city, 7.6, 0.9), facts=TWO_FACTS | {"weapon": Answer.YES})
    decision = city.decide(armed)
    assert isinstance(decision, Referral)
    found = counterfactual(armed, NOON, city.roster().snapshot(), Desk(city.world))
    assert [change.fact for change in found.changes or ()] == ["weapon"]
    assert found.programs == ("UNARMED",)


def test_the_greater_of_two_areas_is_listed_first_and_outside_is_division_0() -> None:
    """A fair lies in the park's middle and reaches out of the town, where nobody is asked."""
    city = town()
    providers = city.world.policy.programs[0].providers
    fair = Provider("r", "Rides", frozenset(), frozenset({"fair"}))
    program = replace(city.world.policy.programs[0], providers=(*providers, fair))
    drawn = replace(city, world=replace(city.world, policy=replace(
        city.world.policy, programs=(program,)
    ))).with_outlines(park=(7.5, -1, 10.5, 1), fair=(10.5, -3, 11.2, 1))  # fmt: skip
    decision = drawn.decide(at(drawn, 10.2, 0.9))
    assert decision.area is not None
    assert [each.area for each in decision.area.areas] == ["park", "fair"]
    assert [each.share for each in decision.area.areas] == sorted(
        (each.share for each in decision.area.areas), reverse=True
    )
    north = replace(at(drawn, 11.1, 1.5), lat=LAT + 1.5 * NORTH)
    beyond = drawn.decide(north)
    assert beyond.area is not None
    outside = [each for each in beyond.area.parts if each.division == 0]
    assert {each.areas for each in outside} == {(), ("fair",)}
    assert all(each.programs == () for each in outside)
    assert {each.division for each in beyond.area.shares} == {0, 2}
    assert next(each for each in beyond.area.shares if each.division == 0).programs == ()
