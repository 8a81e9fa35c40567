"""Teams as columns: what each lacks for a call, and limits and homes to the millisecond."""

from __future__ import annotations

from dataclasses import replace

from tests.scenarios.city import LAT, NOON, NORTH, City, draw_city
from tests.scenarios.test_exclusion_details import told, town
from unarmed_router.dispatch.desk import Desk
from unarmed_router.dispatch.team_table import TeamTable
from unarmed_router.kernels.screening import REQUIRED
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.reasons import ExclusionReason


def table(city: City) -> TeamTable:
    """Lay out the teams of a city under its policy."""
    return TeamTable.of(city.roster().snapshot().lineup, Desk(city.world).ground_at(NOON))


def test_what_a_team_lacks_depends_on_what_is_asked_alone() -> None:
    """Needs, preferences and exclusions each are a question; the same one is answered once."""
    city = draw_city("a--b", teams={"T1": "a", "T2": "b"})
    city = city.with_team("T1", capabilities=("nurse", "spanish"))
    teams = table(city)
    questions = {
        (): [0, 0],
        ("needs",): [0, REQUIRED],
        ("prefers",): [0, 1],
        ("excludes",): [REQUIRED, 0],
        ("needs", "prefers"): [0, REQUIRED | 1],
    }
    words = {"needs": ("nurse",), "prefers": ("spanish",), "excludes": ("T1",)}
    for asked, expected in questions.items():
        call = city.call("a", **{name: words[name] for name in asked})
        found = teams.lacks(call)
        assert found.tolist() == expected
        assert teams.lacks(replace(call, call_id="c-2")) is found


def test_no_number_of_preferences_makes_a_need() -> None:
    """A hundred and thirty wishes count as many as a byte holds beside the mark of a need."""
    city = draw_city("a--b", teams={"T1": "a"})
    wishes = tuple(f"w{number}" for number in range(130))
    for count, expected in ((126, 126), (127, 127), (128, 127), (130, 127)):
        assert table(city).lacks(city.call("a", prefers=wishes[:count])).tolist() == [expected]


def test_a_limit_of_an_hour_is_an_hour() -> None:
    """Three thousand seconds are met at three thousand and broken a second later."""
    for turnout_s, team in ((2970, "T1"), (2971, None)):
        city = town(max_response_s=3000).with_team("T1", turnout_s=turnout_s)
        city = replace(city, states=city.states[:1])
        decision = city.decide(city.call("b"))
        assert getattr(decision, "team_id", None) == team
        if team is None:
            assert told(decision, "T1")[0] is ExclusionReason.BEYOND_LIMIT


def test_a_team_without_a_turnout_time_has_the_policys() -> None:
    """And one that has its own keeps it."""
    city = town(turnout_s=45).with_team("T1", turnout_s=None).with_team("T2", turnout_s=7)
    decision = city.decide(city.call("b"))
    assert {each.team_id: each.turnout_ms for each in decision.candidates} == {
        "T1": 45_000,
        "T2": 7_000,
    }


def test_a_home_off_the_road_is_walked_to_it_first() -> None:
    """Compiled as by ports: a tenth of a block more than a home on it."""
    on = town()
    off = on.with_team("T1", home_lat=LAT + 0.1 * NORTH)
    times = []
    for city in (on, off, on.compiled(), off.compiled()):
        decision = city.decide(city.call("b"))
        assert isinstance(decision, Recommendation)
        assert decision.team_id == "T1"
        times.append(decision.travel_time_s)
    assert times[0] < times[1]
    assert times[:2] == times[2:]
