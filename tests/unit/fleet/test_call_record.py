"""An assignment on the board: how long it binds its team."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.fleet.call_record import Assignment

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTES = st.integers(0, 20)


def after(minutes: int) -> datetime:
    """Return a moment some minutes after noon."""
    return NOON + timedelta(minutes=minutes)


@given(MINUTES, MINUTES, st.none() | MINUTES, MINUTES, MINUTES, st.booleans())
def test_a_team_is_bound_for_the_minutes_it_shares_with_a_window(
    reserved: int, lasts: int, ended_after: int | None, since: int, clears: int, arrived: bool
) -> None:
    """Minute by minute: reserved by then, not ended and cleared yet, and within the window."""
    until, ended = since + lasts, None if ended_after is None else reserved + ended_after
    assignment = Assignment(
        reservation_id="r-1",
        idempotency_key="key",
        call_id="A-17",
        team_id="T1",
        reserved_at=after(reserved),
        expires_at=after(reserved + 1),
        on_scene_at=after(reserved) if arrived else None,
        ended_at=None if ended is None else after(ended),
    )
    free = ended if ended is None or not arrived else ended + clears
    naive = sum(
        reserved <= minute and (free is None or minute < free) for minute in range(since, until)
    )
    assert assignment.free_at(clearing_s=60 * clears) == (None if free is None else after(free))
    assert assignment.bound_s(after(since), after(until), clearing_s=60 * clears) == 60 * naive
