"""Providers: who fields a program's teams, where and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from unarmed_router.model.shift import ALWAYS, Shift, minutes_of_week

__all__ = ["Outline", "Provider"]

Outline: TypeAlias = tuple[tuple[tuple[int, int], ...], ...]
"""Rings of (lon, lat) in 1e-7 degree, the interior on their left, the last vertex not repeated."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An organisation that fields a program's teams in some divisions.

    Parameters
    ----------
    provider_id, name : str
        Id used by the roster, name used for people.
    divisions : frozenset of int
        Division numbers it serves.
    outlined : frozenset of str
        Outlined areas it serves, by id; see `Policy.within`.
    hours : tuple of Shift
        When it serves them, on the agency's wall clock.
    serves_from, serves_until : date or None
        Local dates between which it does, `until` exclusive; None is open.
    """

    provider_id: str
    name: str
    divisions: frozenset[int]
    outlined: frozenset[str] = frozenset()
    hours: tuple[Shift, ...] = ALWAYS
    serves_from: date | None = None
    serves_until: date | None = None

    @property
    def always(self) -> bool:
        """Whether it serves at every hour of every date."""
        return (self.hours, self.serves_from, self.serves_until) == (ALWAYS, None, None)

    def serves_on(self, day: date) -> bool:
        """Tell whether a local day is one of its dates; it need not serve at every hour of it."""
        return (self.serves_from is None or self.serves_from <= day) and (
            self.serves_until is None or day < self.serves_until
        )

    def serves_at(self, local: datetime) -> bool:
        """Tell whether it serves at the agency's wall clock `local`."""
        return self.serves_on(local.date()) and any(shift.covers(local) for shift in self.hours)

    def meets(self, other: Provider) -> bool:
        """Tell whether two providers serve some division at one and the same moment."""
        return bool(self.divisions & other.divisions) and self.serves_beside(other)

    def serves_beside(self, other: Provider) -> bool:
        """Tell whether two providers serve at one and the same moment, wherever that is."""
        return (
            _before(self.serves_from, other.serves_until)
            and _before(other.serves_from, self.serves_until)
            and bool(minutes_of_week(self.hours) & minutes_of_week(other.hours))
        )


def _before(start: date | None, end: date | None) -> bool:
    return start is None or end is None or start < end
