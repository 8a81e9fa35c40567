"""What a sound policy leaves open: places, hours, facts, call types and targets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.agency.policy_mutations import (
    DIVISIONS,
    FOLDER,
    HOURS,
    MADE_UP,
    PROVIDER,
    provider,
    written,
)
from unarmed_router.agency.hours_text import hours_text
from unarmed_router.agency.policy_coverage import Gap, PolicyCoverage, policy_coverage
from unarmed_router.agency.policy_file import load_policy
from unarmed_router.agency.shift_text import parse_shifts
from unarmed_router.model.provider import Provider
from unarmed_router.model.shift import MINUTES_A_WEEK, minutes_of_week

UNSERVED = (1, 2, 3, 4, 5, 6, 9, 11, 12, 13, 14, 15, 16, 19, 21)
NEW_YEAR = date(2026, 1, 1)


def coverage(path: Path) -> PolicyCoverage:
    """Load a policy and look for what it leaves open."""
    return policy_coverage(load_policy(path, divisions=DIVISIONS), DIVISIONS)


def test_the_embedded_policy_serves_six_divisions_at_every_hour() -> None:
    """Fifteen divisions, one fact and two call types are left open, and said to be."""
    found = coverage(FOLDER / "policy.toml")
    (umcr,) = found.programs
    assert (umcr.unserved, umcr.gaps) == (UNSERVED, ())
    assert (found.unruled_facts, found.idle_facts) == (("unhoused",), ())
    assert found.untaken_types == ("medical", "crime_report")
    assert found.unnamed_targets == ()


def test_open_hours_are_listed_by_division(tmp_path: Path) -> None:
    """What office hours leave is written as shifts are, divisions with the same hours together."""
    (umcr,) = coverage(written(tmp_path, PROVIDER, HOURS % "Mon-Fri 08:00-16:00")).programs
    left = "Mon 00:00-08:00; Mon-Thu 16:00-08:00; Fri 16:00-24:00; Sat,Sun 00:00-24:00"
    assert umcr.gaps == (Gap((7, 20), left, NEW_YEAR, None),)
    assert umcr.unserved == UNSERVED


def test_each_span_of_dates_is_looked_at_by_itself(tmp_path: Path) -> None:
    """Two providers that follow each other by date leave what neither covers in its time."""
    text = "divisions = [1]\nserves_from = 2026-09-01"
    path = written(tmp_path, "", provider(text) + MADE_UP + 'danger = "none"\n')
    found = coverage(path)
    new = found.programs[1]
    office = "Mon 00:00-08:00; Mon-Thu 16:00-08:00; Fri 16:00-24:00; Sat,Sun 00:00-24:00"
    assert new.gaps == (
        Gap((1,), office, NEW_YEAR, date(2026, 7, 1)),
        Gap((1,), "24/7", date(2026, 7, 1), date(2026, 9, 1)),
    )
    assert new.unserved == tuple(range(2, 22))
    assert (found.unruled_facts, found.idle_facts) == (("unhoused", "dog"), ("dog",))
    assert found.untaken_types == ("crime_report",)


def test_a_provider_gone_before_the_policy_begins_serves_nowhere(tmp_path: Path) -> None:
    """Its divisions are as unserved as if it were not named."""
    path = written(tmp_path, PROVIDER, f"{PROVIDER}serves_until = 2025-12-31\n")
    (umcr,) = coverage(path).programs
    assert umcr.unserved == tuple(sorted((*UNSERVED, 7, 20)))


def test_a_target_that_calls_wait_for_no_longer_than_is_named(tmp_path: Path) -> None:
    """Who takes the target out of the file finds it refused: the limit of a priority needs it."""
    limit = 'max_wait_s = 5400\ntarget = "LAPD_PATROL"'
    path = written(tmp_path, limit, limit.replace("LAPD_PATROL", "TAXI"))
    taxi = '\n[[targets]]\nid = "TAXI"\nname = "a taxi"\n'
    path.write_text(path.read_text(encoding="utf-8") + taxi, encoding="utf-8")
    assert coverage(path).unnamed_targets == ()


def test_a_target_that_nothing_names_is_listed(tmp_path: Path) -> None:
    """It may be a forgotten referral."""
    extra = '[[targets]]\nid = "TAXI"\nname = "a taxi"\n'
    assert coverage(written(tmp_path, "", extra)).unnamed_targets == ("TAXI",)


def test_an_outlined_area_is_looked_at_by_itself() -> None:
    """Its division stays unserved as a whole; the hours its own provider leaves are listed."""
    policy = load_policy(FOLDER / "policy.toml", divisions=DIVISIONS)
    (umcr,) = policy.programs
    own = Provider(
        provider_id="own",
        name="Own",
        divisions=frozenset(),
        outlined=frozenset({"skid-row"}),
        hours=parse_shifts("Mon-Sun 06:00-22:00"),
    )
    program = replace(umcr, providers=(*umcr.providers, own))
    (found,) = policy_coverage(replace(policy, programs=(program,)), DIVISIONS).programs
    assert (found.unserved, found.outlined) == (UNSERVED, ("skid-row",))
    assert found.gaps == (Gap((), "Mon-Sun 22:00-06:00", NEW_YEAR, None, "skid-row"),)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (range(0), ""),
        (range(MINUTES_A_WEEK), "24/7"),
        (range(480), "Mon 00:00-08:00"),
        (range(1440), "Mon 00:00-24:00"),
        (range(MINUTES_A_WEEK - 1, MINUTES_A_WEEK), "Sun 23:59-24:00"),
        ([*range(9960, MINUTES_A_WEEK), *range(60)], "Sun 22:00-01:00"),
        ([minute + day * 1440 for day in range(5) for minute in range(60)], "Mon-Fri 00:00-01:00"),
        (range(1, MINUTES_A_WEEK), "Mon 00:01-24:00; Tue-Sun 00:00-24:00"),
    ],
)
def test_hours_are_written_as_shifts(minutes: range | list[int], text: str) -> None:
    """Short, and readable by the parser of shifts."""
    assert hours_text(minutes) == text


@given(st.lists(st.tuples(st.integers(0, 10_079), st.integers(1, 10_079)), max_size=6))
def test_written_hours_read_back_as_the_same_minutes(runs: list[tuple[int, int]]) -> None:
    """Whatever the minutes: within a day, over midnight, over the end of the week."""
    minutes = {(start + step) % MINUTES_A_WEEK for start, length in runs for step in range(length)}
    text = hours_text(minutes)
    assert (minutes_of_week(parse_shifts(text)) if text else set()) == minutes
