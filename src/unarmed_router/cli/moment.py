"""Moments as the command line takes them: ISO 8601 with an offset."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, datetime

from unarmed_router.errors import InputError

__all__ = ["instant"]


def instant(text: str | None, option: str) -> datetime | None:
    """Read a moment; None stays None.

    Raises
    ------
    InputError
        Not ISO 8601, without an offset, or at an end of the calendar.
    """
    from unarmed_router.model.call import in_utc  # noqa: PLC0415  # keeps --help quick

    if text is None:
        return None
    try:
        moment = in_utc(datetime.fromisoformat(text), option)
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{option} {text!r} is not an ISO 8601 time; give one such as 2026-11-20T06:00:00-08:00"
        ) from None
    if not MINYEAR < moment.year < MAXYEAR:  # no wall clock is sure to show it
        raise InputError(
            f"{option} {text!r} is at the end of the calendar; give a time of the years "
            f"{MINYEAR + 1} to {MAXYEAR - 1}"
        )
    return moment
