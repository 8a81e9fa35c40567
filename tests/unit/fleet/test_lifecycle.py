"""The life cycle of a team: every pair of statuses, legal and illegal."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from tests.scenarios.city import NOON
from unarmed_router.errors import LifecycleError, OutOfOrderError
from unarmed_router.fleet.lifecycle import STEPS, checked_report
from unarmed_router.model.team import TeamStatus

LEGAL = """
unknown        -> available en_route on_scene transporting clearing off_duty out_of_service
off_duty       -> available out_of_service
available      -> off_duty out_of_service
reserved       -> en_route on_scene(en_route) out_of_service
en_route       -> on_scene clearing(on_scene) available out_of_service
on_scene       -> transporting clearing available(clearing) out_of_service
transporting   -> clearing available(clearing) out_of_service
clearing       -> available off_duty(available) out_of_service
out_of_service -> available off_duty
"""
"""Written out by hand: who may report what next, with the step that nobody reported in between."""


def _table() -> dict[tuple[str, str], tuple[str, ...]]:
    table: dict[tuple[str, str], tuple[str, ...]] = {}
    for line in LEGAL.strip().splitlines():
        old, _, rest = line.partition("->")
        for word in rest.split():
            new, _, skipped = word.rstrip(")").partition("(")
            table[old.strip(), new] = (skipped,) if skipped else ()
    return table


@pytest.mark.parametrize(("old", "new"), list(product(TeamStatus, TeamStatus)))
def test_every_pair_of_statuses(old: TeamStatus, new: TeamStatus) -> None:
    """A legal step is taken and names what was skipped; another is refused and lists the legal."""
    steps = _table().get((old, new))
    if steps is not None:
        assert checked_report("T1", old, NOON, new, NOON) == steps
        return
    with pytest.raises(LifecycleError, match=f"is {old} and cannot become {new}") as refused:
        checked_report("T1", old, NOON, new, NOON)
    for was, possible in _table():
        if was == old:
            assert possible in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new"), [(old, new) for old, new in product(STEPS, TeamStatus) if new not in STEPS[old]]
)
def test_only_a_free_team_that_went_is_told_to_be_reserved(
    old: TeamStatus, new: TeamStatus
) -> None:
    """As after a reservation that has lapsed; to any other it would be the wrong thing to do."""
    went = new.value in {"reserved", "en_route", "on_scene", "transporting"}
    with pytest.raises(LifecycleError, match="it may report: ") as refused:
        checked_report("T1", old, None, new, NOON)
    told = "reserve it for its call first" in str(refused.value)
    assert told == (old is TeamStatus.AVAILABLE and went)


def test_a_report_of_the_moment_that_is_known_counts() -> None:
    """Two steps may be reported for one moment; the later report is the later step."""
    assert checked_report("T1", TeamStatus.EN_ROUTE, NOON, TeamStatus.ON_SCENE, NOON) == ()


def test_an_older_report_is_refused_even_where_the_step_is_legal() -> None:
    """The message names both moments."""
    with pytest.raises(OutOfOrderError, match="older and was not taken"):
        checked_report(
            "T1", TeamStatus.EN_ROUTE, NOON, TeamStatus.ON_SCENE, NOON - timedelta(microseconds=1)
        )


def test_a_reservation_is_never_reported() -> None:
    """No status leads to reserved: a dispatcher makes it."""
    assert not any(TeamStatus.RESERVED in following for following in STEPS.values())
