"""Minutes of the week as people write them: the reverse of `agency.shift_text`."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from unarmed_router.model.shift import DAYS, MINUTES_A_DAY, MINUTES_A_WEEK

__all__ = ["hours_text"]


def hours_text(minutes: Collection[int]) -> str:
    """Write minutes of the week as shifts are written.

    Parameters
    ----------
    minutes : collection of int
        Minutes of the week, 0 is Monday 00:00.

    Returns
    -------
    str
        Such as ``Mon-Fri 00:00-08:00; Sat,Sun 22:00-06:00``: what
        `unarmed_router.agency.shift_text.parse_shifts` reads as the same minutes. ``24/7`` for
        the whole week, empty for no minute.
    """
    covered = set(minutes)
    if len(covered) == MINUTES_A_WEEK:
        return "24/7"
    days_of: dict[tuple[int, int], list[int]] = {}
    for start in sorted(
        minute for minute in covered if (minute - 1) % MINUTES_A_WEEK not in covered
    ):
        end = start
        while end % MINUTES_A_WEEK in covered:
            end += 1
        for day, first, last in _shifts(start, end):
            days_of.setdefault((first, last), []).append(day)
    lines = sorted(days_of.items(), key=lambda item: (min(item[1]), item[0]))
    return "; ".join(
        f"{_days_text(sorted(days))} {_clock(first)}-{_clock(last)}"
        for (first, last), days in lines
    )


def _shifts(start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Cut a run of minutes into shifts: (day, first minute, last minute of the day)."""
    if end - start <= MINUTES_A_DAY:
        day, first = divmod(start, MINUTES_A_DAY)
        yield day, first, end % MINUTES_A_DAY or MINUTES_A_DAY
        return
    while start < end:  # longer than a shift can be: cut at midnight
        day, first = divmod(start, MINUTES_A_DAY)
        stop = min(end, (day + 1) * MINUTES_A_DAY)
        yield day % 7, first, stop % MINUTES_A_DAY or MINUTES_A_DAY
        start = stop


def _days_text(days: list[int]) -> str:
    """Write days, three or more in a row as ``Mon-Fri``."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        f"{DAYS[run[0]]}-{DAYS[run[-1]]}" if len(run) > 2 else ",".join(DAYS[d] for d in run)
        for run in runs
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
