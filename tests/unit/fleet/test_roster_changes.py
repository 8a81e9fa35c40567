"""Another roster file in the place of the one in force: who stays, comes and goes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.scenarios.city import NOON, draw_city
from unarmed_router.fleet.roster_changes import RosterChanges, carried_over
from unarmed_router.model.team import Fix, TeamState, TeamStatus

KNOWN = draw_city("a---b", teams={"T1": "a", "T2": "b", "T3": "a"}).states


def described(state: TeamState, **fields: Any) -> TeamState:
    """Describe a team otherwise."""
    return replace(state, team=replace(state.team, **fields))


def test_the_same_file_changes_nothing() -> None:
    """Whatever order and whatever statuses it has."""
    file = [replace(state, status=TeamStatus.OFF_DUTY) for state in reversed(KNOWN)]
    assert carried_over(file, KNOWN, {"T2"}) == (None, RosterChanges())


def test_a_team_that_stays_keeps_all_that_is_known_of_it() -> None:
    """Its description is the file's; status, times and position are those it has."""
    lon, lat = KNOWN[1].team.home_lon, KNOWN[1].team.home_lat
    busy = replace(
        KNOWN[0],
        status=TeamStatus.ON_SCENE,
        status_at=NOON,
        idle_since=NOON - timedelta(hours=2),
        fix=Fix(lon, lat, NOON),
    )
    later = described(KNOWN[0], crew_size=3, capabilities=("spanish",))
    teams, changes = carried_over([later, *KNOWN[1:]], [busy, *KNOWN[1:]], {"T1"})
    assert changes == RosterChanges(changed=("T1",))
    assert teams == (replace(busy, team=later.team), *KNOWN[1:])


def test_changes_name_teams_in_order_of_id() -> None:
    """Whatever the order of the file: two dispatchers that read it tell the same."""
    ids = [f"T{number:02d}" for number in range(20)]
    known = [described(KNOWN[0], team_id=team_id) for team_id in ids]
    file = [described(state, crew_size=3) for state in reversed(known)]
    assert carried_over(file, known, ())[1] == RosterChanges(changed=tuple(ids))
    assert carried_over((), reversed(known), ids)[1] == RosterChanges(finishing=tuple(ids))
    assert carried_over((), reversed(known), ())[1] == RosterChanges(removed=tuple(ids))
    assert carried_over(reversed(known), (), ())[1] == RosterChanges(added=tuple(ids))


def test_a_new_team_begins_as_the_file_says() -> None:
    """In order of id among the others."""
    new = replace(described(KNOWN[0], team_id="T0"), status=TeamStatus.UNKNOWN)
    teams, changes = carried_over([*KNOWN, new], KNOWN, ())
    assert changes == RosterChanges(added=("T0",))
    assert teams == (new, *KNOWN)


def test_a_team_that_is_left_out_goes_unless_a_call_holds_it() -> None:
    """Then it stays without a shift; the file once more changes nothing, and later it goes."""
    teams, changes = carried_over(KNOWN[:1], KNOWN, {"T1", "T3"})
    assert changes == RosterChanges(removed=("T2",), finishing=("T3",))
    gone = described(KNOWN[2], shifts=())
    assert teams == (KNOWN[0], gone)
    assert carried_over(KNOWN[:1], teams, {"T3"}) == (None, RosterChanges(finishing=("T3",)))
    last, changes = carried_over(KNOWN[:1], teams, ())
    assert changes == RosterChanges(removed=("T3",))
    assert last == KNOWN[:1]


def test_a_team_that_comes_back_before_its_call_is_over_has_its_shifts_again() -> None:
    """It is described as the file has it, and works on."""
    out, _ = carried_over(KNOWN[:2], KNOWN, {"T3"})
    assert out is not None
    back, changes = carried_over(KNOWN, out, {"T3"})
    assert changes == RosterChanges(changed=("T3",))
    assert back == KNOWN


def test_every_team_may_go() -> None:
    """An empty file is a roster, too."""
    assert carried_over((), KNOWN, ()) == ((), RosterChanges(removed=("T1", "T2", "T3")))


def test_changes_are_written_as_lists() -> None:
    """For a console elsewhere."""
    changes = RosterChanges(added=("T1",), finishing=("T2",))
    assert json.loads(changes.to_json()) == changes.to_dict() == {
        "added": ["T1"], "changed": [], "removed": [], "finishing": ["T2"],
    }  # fmt: skip
