"""How far ahead of the present a report may say it was made: one wrong clock must show."""

from __future__ import annotations

from datetime import datetime, timedelta

from unarmed_router.errors import InputError

__all__ = ["refuse_ahead"]

_MAX_AHEAD = timedelta(seconds=60)


def refuse_ahead(at: datetime, now: datetime, what: str) -> None:
    """Refuse an instant well in the future: it would shut out every right report until then.

    Parameters
    ----------
    at, now : datetime
        The instant and the present, in UTC.
    what : str
        What it is, for the message.

    Raises
    ------
    InputError
        It lies more than a minute ahead.
    """
    if at - now > _MAX_AHEAD:
        raise InputError(
            f"{what} {at.isoformat()} is in the future by more than "
            f"{_MAX_AHEAD.total_seconds():.0f} s; check the clock that sent it"
        )
