"""Policies and providers that change with the calendar and the agency's wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.embedded import CLEAR, call
from tests.unit.agency.policy_mutations import HOURS, PROVIDER, area, written
from unarmed_router import Answer, Call, Flag, Recommendation, Referral, ReferralReason, Router
from unarmed_router.agency.folder import Agency
from unarmed_router.model.decision import Decision

TICK = timedelta(microseconds=1)
BEVERLY_HILLS: dict[str, Any] = {"lon": -118.4004, "lat": 34.0736}


def utc(text: str) -> datetime:
    """Read an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def outcome(decision: Decision) -> str:
    """Say in a word what became of a call: the team's provider, or the reason."""
    if isinstance(decision, Recommendation):
        return decision.candidates[0].provider
    return decision.reason.value


def with_hours(agency: Agency, folder: Path, hours: str) -> Router:
    """Return a router under which Alcott (Wilshire, Olympic) serves at some hours only."""
    router = Router(agency)
    router.reload_policy(written(folder, PROVIDER, HOURS % hours))
    return router


@pytest.mark.parametrize(
    ("day", "midnight"),
    [
        ("2026-03-08", "2026-03-08T08:00"),  # clocks go forward two hours later
        ("2026-03-09", "2026-03-09T07:00"),
        ("2026-11-01", "2026-11-01T07:00"),  # clocks go back two hours later
        ("2026-11-02", "2026-11-02T08:00"),
        ("2027-01-01", "2027-01-01T08:00"),
    ],
)
def test_policies_switch_at_local_midnight(
    agency: Agency, tmp_path: Path, day: str, midnight: str
) -> None:
    """The last microsecond of the day before is the old policy's, in summer and in winter."""
    head = 'id = "la-default-2026"\neffective_from = 2026-01-01\n'
    old = written(tmp_path, head, f'id = "old"\neffective_until = {day}\n', "old.toml")
    new = written(tmp_path, head, f'id = "new"\neffective_from = {day}\n', "new.toml")
    router = Router(agency, clock=lambda: utc(midnight) - TICK)
    router.reload_policy(new, old)  # their order does not matter
    moments = [utc(midnight) + step for step in (-TICK, 0 * TICK, -TICK, TICK)]
    decisions = [router.route(call(received_at=at), at=at) for at in moments]
    assert [d.basis.policy_id for d in decisions] == ["old", "new", "old", "new"]
    assert len({d.basis.policy for d in decisions}) == 2
    assert all(Flag.POLICY_NOT_IN_FORCE not in d.flags for d in decisions)
    together = router.route_many([call(received_at=at) for at in moments])
    assert [d.to_json() for d in together] == [d.to_json() for d in decisions]


def test_between_policies_the_last_one_decides_and_says_so(agency: Agency, tmp_path: Path) -> None:
    """A day that no policy covers is decided by the one that began last, with a flag."""
    head = 'id = "la-default-2026"\neffective_from = 2026-01-01\n'
    first = "effective_from = 2026-01-01\neffective_until = 2026-06-01\n"
    old = written(tmp_path, head, f'id = "old"\n{first}', "old.toml")
    new = written(tmp_path, head, 'id = "new"\neffective_from = 2026-07-01\n', "new.toml")
    router = Router(agency)
    router.reload_policy(old, new)
    gap = router.route(call(), at=utc("2026-06-15T12:00"))
    assert (gap.basis.policy_id, Flag.POLICY_NOT_IN_FORCE in gap.flags) == ("old", True)
    before = router.route(call(), at=utc("2025-06-15T12:00"))
    assert (before.basis.policy_id, Flag.POLICY_NOT_IN_FORCE in before.flags) == ("old", True)


@pytest.mark.parametrize(
    ("hours", "moment", "expected"),
    [
        ("Mon-Fri 08:00-16:00", "2026-03-02T16:00", "alcott"),  # Monday, 08:00 PST
        ("Mon-Fri 08:00-16:00", "2026-03-02T15:59:59.999999", "no_program_here"),
        ("Mon-Fri 08:00-16:00", "2026-03-02T23:59:59.999999", "alcott"),
        ("Mon-Fri 08:00-16:00", "2026-03-03T00:00", "no_program_here"),
        ("Mon-Fri 08:00-16:00", "2026-03-09T15:00", "alcott"),  # a Monday, 08:00 PDT
        ("Mon-Fri 08:00-16:00", "2026-03-09T14:59", "no_program_here"),
        ("Mon-Fri 08:00-16:00", "2026-03-07T20:00", "no_program_here"),  # Saturday noon
        ("Sat 22:00-06:00", "2026-11-01T08:30", "alcott"),  # 01:30, the first time
        ("Sat 22:00-06:00", "2026-11-01T09:30", "alcott"),  # 01:30 again
        ("Sat 22:00-06:00", "2026-11-01T13:59", "alcott"),  # 05:59
        ("Sat 22:00-06:00", "2026-11-01T14:00", "no_program_here"),
        ("Sun 03:00-04:00", "2026-03-08T09:59", "no_program_here"),  # 01:59, the next is 03:00
        ("Sun 03:00-04:00", "2026-03-08T10:00", "alcott"),
        ("Sun 03:00-04:00", "2026-03-08T11:00", "no_program_here"),
        ("Sun 02:00-03:00", "2026-03-08T10:00", "no_program_here"),  # an hour that was left out
    ],
)
def test_a_provider_serves_by_the_minute_of_the_wall_clock(
    agency: Agency, tmp_path: Path, hours: str, moment: str, expected: str
) -> None:
    """From the first minute to the last, also where the clocks change; beside it nobody serves."""
    router = with_hours(agency, tmp_path, hours)
    at = utc(moment)
    asked = call(received_at=at)
    assert outcome(router.route(asked, at=at)) == expected
    assert outcome(router.route_many([asked])[0]) == expected


def test_no_program_here_is_neither_outside_nor_ineligible(agency: Agency, tmp_path: Path) -> None:
    """At one closed hour: a place nobody serves now, a place outside, and calls of another kind."""
    router = with_hours(agency, tmp_path, "Mon-Fri 08:00-16:00")
    night = utc("2026-03-03T06:00")  # Monday 22:00

    def reason(asked: Call) -> ReferralReason:
        decision = router.route(asked, at=night)
        assert isinstance(decision, Referral)
        return decision.reason

    assert reason(call()) is ReferralReason.NO_PROGRAM_HERE
    assert reason(call(**BEVERLY_HILLS)) is ReferralReason.OUT_OF_JURISDICTION
    assert reason(call(call_type="medical")) is ReferralReason.INELIGIBLE
    assert reason(call(facts={**CLEAR, "weapon": Answer.YES})) is ReferralReason.INELIGIBLE
    assert isinstance(router.route(call("Watts"), at=night), Recommendation)


def test_nothing_is_asked_where_nobody_serves_now(agency: Agency, tmp_path: Path) -> None:
    """Questions could change nothing at a closed hour; at an open one they are asked."""
    router = with_hours(agency, tmp_path, "Mon-Fri 08:00-16:00")
    closed = router.route(call(facts={}), at=utc("2026-03-03T06:00"))
    assert isinstance(closed, Referral)
    assert (closed.reason, closed.questions) == (ReferralReason.NO_PROGRAM_HERE, ())
    opened = router.route(call(facts={}), at=utc("2026-03-02T18:00"))
    assert isinstance(opened, Referral)
    assert opened.reason is ReferralReason.NEEDS_TRIAGE


def test_providers_follow_each_other_by_the_hour(agency: Agency, tmp_path: Path) -> None:
    """By day Alcott, by night Exodus: one place, one of them at each minute."""
    path = written(tmp_path, PROVIDER, HOURS % "Mon-Sun 08:00-20:00")
    text = path.read_text(encoding="utf-8")
    first = "divisions = [8, 18] # West Los Angeles, Southeast\n"
    assert first in text
    night = (
        f'{first}source = "test"\n\n[[programs.providers]]\nid = "exodus-night"\n'
        'name = "Exodus by night"\ndivisions = [7, 20]\nhours = "Mon-Sun 20:00-08:00"\n'
    )
    path.write_text(text.replace(first, night), encoding="utf-8")
    router = Router(agency)
    router.reload_policy(path)
    programs = router._desk.ground_at(utc("2026-03-03T03:59")).policy.programs
    assert programs[0].provider_of[20] == "alcott"
    programs = router._desk.ground_at(utc("2026-03-03T04:00")).policy.programs
    assert programs[0].provider_of[20] == "exodus-night"


@pytest.mark.parametrize(
    ("line", "moment", "expected"),
    [
        ("serves_from = 2026-03-08", "2026-03-08T07:59:59", "no_program_here"),
        ("serves_from = 2026-03-08", "2026-03-08T08:00", "alcott"),
        ("serves_until = 2026-11-01", "2026-11-01T06:59:59", "alcott"),
        ("serves_until = 2026-11-01", "2026-11-01T07:00", "no_program_here"),
    ],
)
def test_a_provider_comes_and_goes_at_local_midnight(
    agency: Agency, tmp_path: Path, line: str, moment: str, expected: str
) -> None:
    """`serves_from` is its first day and `serves_until` the first without it."""
    router = Router(agency)
    router.reload_policy(written(tmp_path, PROVIDER, f"{PROVIDER}{line}\n"))
    assert outcome(router.route(call(received_at=utc(moment)), at=utc(moment))) == expected


def test_an_area_stands_for_its_divisions(agency: Agency, tmp_path: Path) -> None:
    """A provider of an area serves each of its divisions, and its own beside them."""
    path = written(tmp_path, PROVIDER, 'areas = ["valley"]\ndivisions = [7]\n')
    path.write_text(path.read_text(encoding="utf-8") + area("[20, 19]"), encoding="utf-8")
    router = Router(agency)
    router.reload_policy(path)
    assert router._desk.world.policy.programs[0].providers[1].divisions == {7, 19, 20}
    at = utc("2026-03-02T18:00")
    assert outcome(router.route(call("Koreatown"), at=at)) == "alcott"
    assert outcome(router.route(call("Mid-City"), at=at)) == "alcott"
