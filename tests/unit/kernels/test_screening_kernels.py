"""Each screening kernel against its naive twin: small numbers, so that every rule ties."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.oracles import screening as twin
from tests.oracles.screening import Asked, Member, Rules, Verdict
from unarmed_router.kernels import screening
from unarmed_router.kernels.packed import Packed

PROGRAMS, AREAS = 2, 3
STATUSES = ("available", "unknown", "reserved", "out_of_service")
LAST = screening.MINUTES - 1

EVERYWHERE = frozenset(range(AREAS))
ALL_DAY = frozenset({0, 1, LAST})

small = st.integers(0, 3)
few = st.integers(0, 1)
roads = st.tuples(small, st.sampled_from([0.0, 0.25, 1.0]), small)
# One value in some is against the team, so that most come through to the later rules.
members = st.builds(
    Member,
    program=st.sampled_from([*range(PROGRAMS)] * 3 + [PROGRAMS]),
    areas=st.sampled_from([EVERYWHERE] * 6 + [frozenset({0}), frozenset({1, 2})]),
    status=st.sampled_from(["available"] * 9 + [*STATUSES]),
    minutes=st.sampled_from([ALL_DAY] * 6 + [frozenset({0, LAST}), frozenset({1})]),
    fix_us=st.none() | st.integers(96, 104),
    fix_road=st.sampled_from([True] * 6 + [False]).flatmap(
        lambda near: roads if near else st.none()
    ),
    home_road=st.sampled_from([True] * 6 + [False]).flatmap(
        lambda near: roads if near else st.none()
    ),
    turnout_ms=few,
    idle_us=st.none() | few,
)
rules = st.builds(
    Rules,
    skew_us=small,
    age_us=small,
    stale_excludes=st.booleans(),
    late_yield=st.booleans(),
    preference_ms=st.integers(0, 2),
    latest_ms=st.lists(st.integers(2, 7), min_size=PROGRAMS + 1, max_size=PROGRAMS + 1),
    target_ms=st.lists(st.integers(2, 7), min_size=PROGRAMS + 1, max_size=PROGRAMS + 1),
)


class Case(NamedTuple):
    """Teams, a call, a policy, and how long each team would drive."""

    teams: list[Member]
    asked: Asked
    rules: Rules
    travel_ms: list[int | None]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw all of it."""
    teams = draw(st.lists(members, max_size=6))
    count = len(teams)

    def each(kind: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(kind, min_size=count, max_size=count))

    asked = Asked(
        area=draw(st.integers(0, AREAS - 1)),
        # No team of an unknown program is ever taken.
        takes=[
            *draw(st.lists(st.sampled_from([True, True, False]), min_size=2, max_size=2)),
            False,
        ],
        lacks_needed=each(st.sampled_from([False] * 7 + [True])),
        lacks_preferred=each(few),
        at_us=100,
        minute=draw(st.sampled_from([0, 1, LAST])),
        waited_ms=draw(st.integers(0, 2)),
    )
    return Case(teams, asked, draw(rules), each(st.sampled_from([None, 0, 1, 1, 2, 3])))


class Columns(NamedTuple):
    """A case as the kernels take it."""

    teams: Packed
    live: NDArray[np.int64]
    takes: NDArray[np.uint8]
    lacks: NDArray[np.uint8]
    moment: tuple[int, int, int]


def columns_of(case: Case) -> Columns:
    """Write a case as arrays."""
    teams, asked, said = case.teams, case.asked, case.rules
    serves = np.array([[area in t.areas for t in teams] for area in range(AREAS)], np.uint8)
    duty = np.zeros((max(len(teams), 1), screening.MINUTES), np.uint8)
    for place, team in enumerate(teams):
        duty[place, list(team.minutes)] = 1
    homes = [(-1, 0.0, 0) if t.home_road is None else t.home_road for t in teams]
    packed = Packed(
        screening.TEAMS_TYPES,
        np.array([t.program for t in teams], np.int32),
        np.ascontiguousarray(serves.reshape(AREAS, len(teams))),
        np.arange(len(teams), dtype=np.int32),
        duty,
        np.array([arc for arc, _, _ in homes], np.int32),
        np.array([fraction for _, fraction, _ in homes], np.float64),
        np.array([access for _, _, access in homes], np.int64),
        np.array([t.turnout_ms for t in teams], np.int64),
        np.array(
            [-said.skew_us, said.age_us, said.stale_excludes, said.late_yield, said.preference_ms],
            np.int64,
        ),
        np.array(said.latest_ms, np.int64),
        np.array(said.target_ms, np.int64),
    )
    lacks = [
        (screening.REQUIRED if needed else 0) | preferred
        for needed, preferred in zip(asked.lacks_needed, asked.lacks_preferred, strict=True)
    ]
    return Columns(
        packed,
        live_of(teams),
        np.array(asked.takes, np.uint8),
        np.array(lacks, np.uint8),
        (asked.at_us, asked.minute, asked.waited_ms),
    )


def live_of(teams: list[Member]) -> NDArray[np.int64]:
    """Write what changes from minute to minute; times that nobody reads hold rubbish."""
    said = [
        (
            STATUSES.index(t.status),
            -99,
            2**63 - 1 if t.idle_us is None else t.idle_us,
            screening.NO_FIX if t.fix_us is None else t.fix_us,
            -99,
            -99,
        )
        for t in teams
    ]
    roads_of = [(-1, 0.0, 0) if t.fix_road is None else t.fix_road for t in teams]
    exact = np.array([fraction for _, fraction, _ in roads_of], np.float64).view(np.int64)
    rows = np.array([(arc, 0, access) for arc, _, access in roads_of], np.int64).reshape(-1, 3)
    rows[:, 1] = exact
    live = np.concatenate([np.array(said, np.int64).ravel(), rows.ravel()])
    live.flags.writeable = False  # as bytes are
    return live


def coded(verdicts: list[Verdict]) -> list[int]:
    """Write words as the kernels do."""
    return [
        getattr(screening, word.upper()) | sum(getattr(screening, s.upper()) for s in said)
        for word, said in verdicts
    ]


def screened(case: Case, columns: Columns) -> tuple[int, NDArray[np.int32]]:
    """Run the first kernel."""
    codes = np.full(len(case.teams), -7, np.int32)
    fit = screening.screen_teams(
        case.asked.area,
        columns.takes,
        columns.lacks,
        columns.moment,
        columns.teams.table,
        columns.live,
        codes,
    )
    return fit, codes


@settings(max_examples=150, deadline=None)
@given(cases())
def test_every_team_has_the_first_thing_against_it(case: Case) -> None:
    """`screen_teams`: the order of the rules, and each limit of age on its boundary."""
    fit, codes = screened(case, columns_of(case))
    expected = twin.screen_teams(case.teams, case.asked, case.rules)
    assert codes.tolist() == coded(expected)
    assert fit == sum(word == "fit" for word, _ in expected)


@settings(max_examples=100, deadline=None)
@given(cases())
def test_fit_teams_are_listed_where_they_stand(case: Case) -> None:
    """`positions_of`, and `leave_out`, which takes all of them out again."""
    columns = columns_of(case)
    _, codes = screened(case, columns)
    verdicts = twin.screen_teams(case.teams, case.asked, case.rules)
    count = len(case.teams)
    arcs, members_of = np.full(count, -7, np.int32), np.full(count, -7, np.int32)
    fractions, access = np.full(count, -7.0), np.full(count, -7, np.int64)
    listed = screening.positions_of(
        codes, columns.teams.table, columns.live, arcs, fractions, access, members_of
    )
    places = zip(arcs.tolist(), fractions.tolist(), access.tolist(), strict=True)
    found = list(zip(members_of.tolist(), places, strict=True))
    assert found[:listed] == twin.positions_of(case.teams, verdicts)
    assert (arcs[listed:] == -7).all()
    screening.leave_out(codes)
    assert codes.tolist() == coded(twin.leave_out(verdicts))


@settings(max_examples=200, deadline=None)
@given(cases())
def test_the_best_of_those_in_time_goes(case: Case) -> None:
    """`settle_teams`: limits on their boundary, then six things to rank by, each tied at times."""
    columns = columns_of(case)
    _, codes = screened(case, columns)
    travel = np.array([-1 if ms is None else ms for ms in case.travel_ms], np.int32)
    best = screening.settle_teams(
        codes, travel, columns.lacks, columns.moment[2], columns.teams.table, columns.live
    )
    verdicts = twin.screen_teams(case.teams, case.asked, case.rules)
    settled, chosen = twin.settle_teams(
        case.teams, verdicts, case.travel_ms, case.asked, case.rules
    )
    assert codes.tolist() == coded(settled)
    assert best == (-1 if chosen is None else chosen)
