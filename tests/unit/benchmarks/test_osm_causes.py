"""Causes are worked out from evidence: each rule on a record of its own, no peer needed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from benchmarks.osm_causes import ALIKE, FAR_M, End, Evidence, Joint, Trip, alike, causes
from benchmarks.osm_streets import AGAINST, CLOSED, ENDS_ONLY, OPEN, Street
from hypothesis import given
from hypothesis import strategies as st

HIGH = Street(1, "High", {"highway": "residential"}, OPEN, 100.0)
LOW = Street(2, "Low", {"highway": "residential"}, OPEN, 120.0)
YARD = Street(3, "", {"access": "private", "highway": "service"}, ENDS_ONLY, 50.0)
PATH = Street(4, "", {"highway": "path"}, CLOSED, 50.0)


def joint(street: Street = HIGH, off_m: float = 0.0) -> Joint:
    """Join a street so far from the place."""
    return Joint(-118.0, 34.0, off_m, street)


def end(
    ours: Joint | None = None,
    theirs: Joint | None = None,
    *,
    apart_m: float = 0.0,
    ours_there: bool = True,
) -> End:
    """Make one place of a pair, joined at the same street unless told otherwise."""
    return End(-118.0, 34.0, ours or joint(), theirs or joint(), apart_m, ours_there)


PLAIN = Evidence(
    start=end(),
    goal=end(),
    ours=Trip(500.0, 60.0),
    theirs=Trip(700.0, 70.0),
    between_their_joints=None,
    only_ours=(HIGH,),
    only_theirs=(LOW,),
    ours_by_them=Trip(500.0, 80.0),
    theirs_by_us=Trip(700.0, 66.0),
    turned_by_us=0,
    turned_by_them=0,
    stops=(),
    forbidden=(),
)
APART = end(joint(YARD), joint(LOW, 90.0), apart_m=90.0)


def kinds(evidence: Evidence) -> list[str]:
    """Name the kinds of causes found."""
    return [cause.kind for cause in causes(evidence)]


def test_two_ways_that_both_can_drive_are_a_choice_of_streets() -> None:
    """The sentence states what each way costs by the times of each engine."""
    (cause,) = causes(PLAIN)
    assert cause.kind == "other streets"
    assert "Ours, over High: 60 s by our times, 80 s by the peer's" in cause.text
    assert "Theirs, over Low: 66 s and 70 s" in cause.text
    assert "weighs" not in cause.text


def test_a_peer_that_takes_a_way_slower_by_its_own_times_is_told_so() -> None:
    """Engines prefer some streets to others: ours would have been quicker by the peer's times."""
    (cause,) = causes(replace(PLAIN, ours_by_them=Trip(500.0, 65.0)))
    assert cause.kind == "other streets"
    assert "the peer weighs more than time" in cause.text


def test_a_way_that_we_ourselves_drive_quicker_is_unexplained() -> None:
    """Our fastest way cannot be slower than theirs by our own times: that would be a fault."""
    (cause,) = causes(replace(PLAIN, theirs_by_us=Trip(700.0, 50.0)))
    assert cause.kind == "unexplained"
    assert "10 s quicker" in cause.text


def test_a_private_street_not_entered_settles_the_pair() -> None:
    """Where our drive between the peer's joints is as long as the peer's, nothing else is said."""
    evidence = replace(PLAIN, start=APART, between_their_joints=Trip(701.0, 66.0))
    (cause,) = causes(evidence)
    assert cause.kind == "not entered"
    assert "does not enter way 3 (access=private, highway=service)" in cause.text
    assert "joins Low, way 2 (highway=residential), 90 m apart" in cause.text


def test_a_rest_that_the_joints_do_not_explain_is_looked_for_in_the_streets() -> None:
    """Ends joined elsewhere do not hide that the ways between them differ as well."""
    evidence = replace(PLAIN, start=APART, between_their_joints=Trip(500.0, 60.0))
    assert kinds(evidence) == ["not entered", "other streets"]


def test_a_rest_without_a_reason_is_unexplained() -> None:
    """Ends joined elsewhere do not pass for the reason of what remains between the joints."""
    evidence = replace(
        PLAIN, start=APART, between_their_joints=Trip(500.0, 60.0), theirs_by_us=None
    )
    assert kinds(evidence) == ["not entered", "unexplained"]


@pytest.mark.parametrize("metres", [0.5, 3.0])
def test_a_near_corner_counts_only_where_it_decides(metres: float) -> None:
    """However near, the peer's corner is the cause if our drive from there agrees with its own."""
    near = end(joint(HIGH), joint(LOW, metres), apart_m=metres)
    decided = replace(PLAIN, start=near, between_their_joints=Trip(700.0, 66.0))
    assert kinds(decided) == ["joins elsewhere"]
    idle = replace(PLAIN, start=near, between_their_joints=Trip(500.0, 60.0))
    assert kinds(idle) == ["other streets"]


def test_a_way_that_leads_off_the_extract_is_named() -> None:
    """The peer joins an open way of which our network holds nothing: none leads back from it."""
    cut = end(joint(YARD), joint(LOW, 90.0), apart_m=90.0, ours_there=False)
    evidence = replace(PLAIN, start=cut, theirs=None, only_theirs=(), ours_by_them=None)
    assert kinds(replace(evidence, theirs_by_us=None)) == ["not entered", "extract's edge"]


@pytest.mark.parametrize("rule", [CLOSED, AGAINST])
def test_a_way_closed_to_us_is_named(rule: str) -> None:
    """A path, or a one-way against us, that the peer drives is what makes the difference."""
    evidence = replace(PLAIN, only_theirs=(replace(LOW, rule=rule),), theirs_by_us=None)
    assert kinds(evidence) == ["closed to us"]


def test_a_road_that_is_none_to_us_is_named_where_the_peer_joins_it() -> None:
    """A way our rules close is the cause at once, however near it is."""
    evidence = replace(PLAIN, goal=end(joint(), joint(PATH, 20.0), apart_m=20.0, ours_there=False))
    assert kinds(replace(evidence, theirs_by_us=None)) == ["closed to us"]


def test_no_road_near_is_said_of_either() -> None:
    """An engine that joins nothing has no way, and that is the reason."""
    lost = End(-118.0, 34.0, joint(YARD), None, 0.0, False)
    assert kinds(replace(PLAIN, start=lost, theirs=None)) == ["not entered"]
    found = End(-118.0, 34.0, None, joint(PATH), 0.0, False)
    assert kinds(replace(PLAIN, start=found, ours=None)) == ["closed to us"]


def test_a_one_way_that_we_drive_backward_is_owned_up_to() -> None:
    """A one-way aisle of a private area that is cut counts as two-way: ours, and said so."""
    backward = replace(YARD, rule=AGAINST)
    evidence = replace(PLAIN, theirs=None, only_ours=(backward, HIGH), ours_by_them=None)
    assert kinds(evidence) == ["counted two-way"]


def test_barriers_and_restrictions_on_the_peer_s_way_are_named() -> None:
    """What stops us on the peer's line is given with its id."""
    evidence = replace(
        PLAIN, theirs_by_us=None, stops=("node 7 (barrier=bollard)",), forbidden=(9,)
    )
    found = causes(evidence)
    assert [cause.kind for cause in found] == ["barrier", "restriction"]
    assert "node 7 (barrier=bollard)" in found[0].text
    assert "restriction 9" in found[1].text


def test_passing_through_is_told_from_another_entrance() -> None:
    """A private way between two others is passed through; one both join is entered elsewhere."""
    through = replace(PLAIN, only_theirs=(YARD,), theirs_by_us=None)
    assert kinds(through) == ["private"]
    yard = end(joint(YARD), joint(YARD))
    assert kinds(replace(through, goal=yard)) == ["another entrance"]


def test_a_private_street_on_which_the_peer_s_drive_begins_is_not_passed_through() -> None:
    """The aisle a peer joins instead of the place's own street explains nothing by itself."""
    aisle = replace(YARD, way=5)
    start = end(joint(YARD), joint(aisle, 90.0), apart_m=90.0)
    evidence = replace(PLAIN, start=start, only_theirs=(aisle,), theirs_by_us=None)
    assert "private" not in kinds(evidence)


def test_a_private_way_that_the_peer_does_not_follow_is_named() -> None:
    """Ours, sent through a private way to its place, is not followed by the peer."""
    evidence = replace(PLAIN, only_ours=(YARD,), ours_by_them=None)
    assert kinds(evidence) == ["not entered"]


def test_turning_round_is_counted() -> None:
    """One engine that turns round where the other does not is told by the counts."""
    (cause, *_) = causes(replace(PLAIN, turned_by_them=1))
    assert cause.kind == "turns round"
    assert "we turn round 0 times, the peer 1 times" in cause.text


def test_nothing_known_is_unexplained() -> None:
    """Without any evidence nothing is made up."""
    evidence = replace(PLAIN, ours_by_them=None, theirs_by_us=None)
    assert kinds(evidence) == ["unexplained"]


def test_alike_means_at_most_the_share_of_the_shorter() -> None:
    """The limit belongs to it; short drives may differ by ten metres."""
    assert alike(Trip(1000.0, 0.0), Trip(1000.0 * (1.0 + ALIKE), 0.0))
    assert not alike(Trip(1000.0, 0.0), Trip(1000.0 * (1.0 + ALIKE) + 0.1, 0.0))
    assert alike(Trip(1.0, 0.0), Trip(11.0, 0.0))
    assert not alike(Trip(1.0, 0.0), Trip(11.1, 0.0))


streets = st.builds(
    Street,
    st.integers(0, 5),
    st.sampled_from(["", "High"]),
    st.just({"highway": "service"}),
    st.sampled_from([OPEN, ENDS_ONLY, AGAINST, CLOSED]),
    st.floats(0.0, 500.0),
)
joints = st.none() | st.builds(Joint, st.just(0.1), st.just(0.1), st.floats(0.0, 200.0), streets)
ends = st.builds(
    End, st.just(0.1), st.just(0.1), joints, joints, st.floats(0.0, 3 * FAR_M), st.booleans()
)
trips = st.none() | st.builds(Trip, st.floats(0.0, 900.0), st.floats(0.0, 90.0))
listed = st.lists(streets, max_size=3).map(tuple)


@given(
    st.builds(
        Evidence,
        start=ends,
        goal=ends,
        ours=trips,
        theirs=trips,
        between_their_joints=trips,
        only_ours=listed,
        only_theirs=listed,
        ours_by_them=trips,
        theirs_by_us=trips,
        turned_by_us=st.integers(0, 1),
        turned_by_them=st.integers(0, 1),
        stops=st.sampled_from([(), ("node 7 (barrier=bollard)",)]),
        forbidden=st.sampled_from([(), (9,)]),
    )
)
def test_every_record_has_a_cause_and_no_two_alike(evidence: Evidence) -> None:
    """Whatever the evidence, something is said, once, and always the same."""
    found = causes(evidence)
    assert found
    assert len(set(found)) == len(found)
    assert causes(evidence) == found
