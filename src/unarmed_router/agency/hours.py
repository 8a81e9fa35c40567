"""The agency's wall clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from unarmed_router.errors import InputError
from unarmed_router.model.call import in_utc

__all__ = ["LocalHours"]


class LocalHours:
    """Instants on the wall clock of one time zone; daylight saving included.

    Parameters
    ----------
    timezone : str
        Name in the IANA time zone database, such as ``"America/Los_Angeles"``.

    Raises
    ------
    InputError
        No such time zone.
    """

    def __init__(self, timezone: str) -> None:
        # What was asked last: a decision asks several things of one moment. Replaced as a whole, so
        # that another thread reads the old one or the new.
        self._last: tuple[datetime, datetime] | None = None
        try:
            self.zone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InputError(
                f"timezone {timezone!r} is not in the IANA database; use a name such as "
                "'America/Los_Angeles'"
            ) from error

    def local(self, at: datetime) -> datetime:
        """Return the instant on the wall clock.

        Raises
        ------
        InputError
            No wall clock shows it: it is at the end of the calendar.
        """
        last = self._last
        if last is None or last[0] is not at:
            try:
                self._last = last = at, at.astimezone(self.zone)
            except OverflowError:
                raise InputError(
                    f"at {at.isoformat()} is at the end of the calendar, which no clock shows; "
                    "give the moment that is meant"
                ) from None
        return last[1]

    def hour_of_week(self, at: datetime) -> int:
        """Return the hour of the week on the wall clock, 0 is Monday 00:00 to 167.

        Raises
        ------
        InputError
            A naive datetime.
        """
        local = self.local(in_utc(at, "a moment"))
        return local.weekday() * 24 + local.hour
