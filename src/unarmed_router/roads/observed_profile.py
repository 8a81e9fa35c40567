"""The hour-of-week profile with observed speeds in the place of those it assumes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from unarmed_router.model.shift import HOURS_A_WEEK
from unarmed_router.roads.observed_speeds import FREE_FLOW, ObservedSpeeds
from unarmed_router.roads.speeds import HourOfWeekProfile

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Int32s = npt.NDArray[np.int32]

__all__ = ["ObservedProfile"]


@dataclass(frozen=True, eq=False)
class ObservedProfile(HourOfWeekProfile):
    """A profile with observed speeds put in their place; otherwise as the profile it is made of.

    Parameters
    ----------
    factors, groups, group_of, default
        As `HourOfWeekProfile`.
    observed : ObservedSpeeds
        What was observed.
    """

    observed: ObservedSpeeds = field(kw_only=True)

    @classmethod
    def of(cls, profile: HourOfWeekProfile, observed: ObservedSpeeds) -> ObservedProfile:
        """Put observed speeds into a profile."""
        given = {each.name: getattr(profile, each.name) for each in fields(HourOfWeekProfile)}
        return cls(**given, observed=observed)

    def arc_ms(self, *, free_flow_ms: Int32s, hour: int, **roads: Any) -> Int32s:
        """Return the time of every arc at an hour of the week; see `HourOfWeekProfile.arc_ms`."""
        free = self.observed.put(free_flow_ms, FREE_FLOW)
        return self.observed.put(super().arc_ms(free_flow_ms=free, hour=hour, **roads), hour)

    def measured(self, hour: int) -> Int32s:
        """Return the arcs whose time at an hour was observed in that hour."""
        return (
            self.observed.times[hour][0] if hour in self.observed.times else super().measured(hour)
        )

    def representative(self, hour: int) -> int:
        """Return the first hour of the same factors and the same observed speeds."""
        return self._first_same[hour]

    @cached_property
    def _first_same(self) -> tuple[int, ...]:
        first: dict[tuple[int, bytes], int] = {}
        return tuple(
            first.setdefault(
                (super(ObservedProfile, self).representative(h), self.observed.key(h)), h
            )
            for h in range(HOURS_A_WEEK)
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the profile and the observed speeds; the same on any machine."""
        both = super().digest + self.observed.digest
        return hashlib.sha256(both.encode()).hexdigest()
