"""How travel times change with the hour of the week."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError, NetworkError
from unarmed_router.model.shift import HOURS_A_WEEK
from unarmed_router.roads.csv_table import CsvTable

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

__all__ = ["HourOfWeekProfile"]


# A factor outside this range is an error of the data, not traffic.
_LOWEST, _HIGHEST = 0.1, 10.0


@dataclass(frozen=True, eq=False)
class HourOfWeekProfile:
    """Factors on free-flow time, by hour of the week and group of road classes.

    Parameters
    ----------
    factors : float64 array, shape (168, groups)
        Row 0 is Monday 00 h local; each from 0.1 to 10.
    groups : tuple of str
        The name of each column.
    group_of : mapping of str to str
        The group of a road class.
    default : str
        The group of every class not in `group_of`.

    Raises
    ------
    NetworkError
        Another shape, a factor out of range, or an unknown group.
    """

    factors: npt.NDArray[np.float64]
    groups: tuple[str, ...]
    group_of: Mapping[str, str]
    default: str

    def __post_init__(self) -> None:
        fixed = np.array(self.factors, dtype=np.float64)
        fixed.flags.writeable = False
        object.__setattr__(self, "factors", fixed)
        object.__setattr__(self, "group_of", dict(self.group_of))
        if fixed.shape != (HOURS_A_WEEK, len(self.groups)):
            raise NetworkError(
                f"speed profile has shape {fixed.shape}; it needs {HOURS_A_WEEK} hours by "
                f"{len(self.groups)} groups"
            )
        unknown = {self.default, *self.group_of.values()} - set(self.groups)
        if unknown:
            raise NetworkError(
                f"speed profile has no group {', '.join(sorted(unknown))}; it has "
                f"{', '.join(self.groups)}"
            )
        # Negated, so that NaN is refused as well.
        wrong = np.argwhere(~((fixed >= _LOWEST) & (fixed <= _HIGHEST)))
        if wrong.size:
            hour, group = wrong[0]
            raise NetworkError(
                f"speed profile: hour {hour}, {self.groups[group]}: factor {fixed[hour, group]}; "
                f"it must lie in [{_LOWEST}, {_HIGHEST}]"
            )

    @classmethod
    def flat(cls) -> HourOfWeekProfile:
        """Return the profile of no congestion: every factor is 1."""
        return cls(np.ones((HOURS_A_WEEK, 1)), ("all",), {}, "all")

    @classmethod
    def read_csv(
        cls, path: str | os.PathLike[str], *, group_of: Mapping[str, str], default: str
    ) -> HourOfWeekProfile:
        """Read a profile with a column ``hour_of_week`` and one column a group.

        Parameters
        ----------
        path : path-like
            CSV, may be compressed (``.gz``); each hour 0 to 167 once, in any order.
        group_of : mapping of str to str
            The column of a road class.
        default : str
            The column of every other class.

        Raises
        ------
        NetworkError
            Naming the file, the row, the value and the rule.
        """
        groups = tuple(sorted({default, *group_of.values()}))
        table = CsvTable(path, ("hour_of_week", *groups))
        hours = table.numbers("hour_of_week")
        for row, hour in enumerate(hours):
            if hour not in range(HOURS_A_WEEK) or hour in hours[:row]:
                rule = f"must be 0 to {HOURS_A_WEEK - 1}, each hour once"
                table.refuse(row, "hour_of_week", rule)
        if len(table) != HOURS_A_WEEK:
            raise NetworkError(f"{table.name}: {len(table)} hours; a week has {HOURS_A_WEEK}")
        columns = np.stack([table.numbers(group) for group in groups], axis=1)
        for row, column in np.argwhere((columns < _LOWEST) | (columns > _HIGHEST)):
            rule = f"must lie in [{_LOWEST}, {_HIGHEST}]; it multiplies the free-flow time"
            table.refuse(int(row), groups[column], rule)
        return cls(columns[np.argsort(hours)], groups, group_of, default)

    def scaled(self, by_class: Mapping[str, float], classes: tuple[str, ...]) -> Self:
        """Return the profile with the factors of some classes multiplied at every hour.

        Parameters
        ----------
        by_class : mapping of str to float
            Such as a calibration finds; 1 where none is given.
        classes : tuple of str
            The network's.

        Raises
        ------
        NetworkError
            A class that the network does not have, or a product outside 0.1 to 10.
        """
        unknown = sorted(set(by_class) - set(classes))
        if unknown:
            raise NetworkError(
                f"road class {', '.join(unknown)} is not in the network; it has "
                + ", ".join(classes)
            )
        if not by_class:
            return self
        columns = [self.groups.index(self.group_of.get(name, self.default)) for name in classes]
        factors = self.factors[:, columns] * [float(by_class.get(name, 1.0)) for name in classes]
        own = {name: name for name in classes}
        return replace(self, factors=factors, groups=classes, group_of=own, default=classes[0])

    def measured(self, hour: int) -> npt.NDArray[np.int32]:  # noqa: ARG002  # a profile measures none
        """Return the arcs whose time at an hour no factor of the profile made; none here."""
        return np.empty(0, np.int32)

    def class_factors(self, classes: tuple[str, ...], hour: int) -> npt.NDArray[np.float64]:
        """Return the factor of each road class at an hour of the week."""
        if not 0 <= hour < HOURS_A_WEEK:
            raise InputError(f"hour of the week {hour} is outside 0 to {HOURS_A_WEEK - 1}")
        columns = [self.groups.index(self.group_of.get(name, self.default)) for name in classes]
        return self.factors[hour, columns]

    def arc_ms(
        self,
        *,
        free_flow_ms: npt.NDArray[np.int32],
        road_class: npt.NDArray[np.uint8],
        classes: tuple[str, ...],
        hour: int,
    ) -> npt.NDArray[np.int32]:
        """Return the time of every arc at an hour of the week, milliseconds, at least 1.

        Parameters
        ----------
        free_flow_ms, road_class, classes
            As in `RoadNetwork`; six hours times the highest factor fits int32.
        hour : int
            0 is Monday 00 h local.

        Returns
        -------
        int32 array, shape (m,)
            ``max(1, rint(free_flow_ms * factor))``, read-only.
        """
        factors = self.class_factors(classes, hour)[road_class]
        times = np.maximum(np.rint(free_flow_ms * factors), 1.0).astype(np.int32)
        times.flags.writeable = False
        return times

    def representative(self, hour: int) -> int:
        """Return the first hour whose factors equal those of `hour`: the two share all times."""
        return self._first_equal[hour]

    @cached_property
    def _first_equal(self) -> tuple[int, ...]:
        first: dict[bytes, int] = {}
        return tuple(first.setdefault(row.tobytes(), hour) for hour, row in enumerate(self.factors))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of factors, groups and mapping; the same on any machine."""
        head = json.dumps([self.groups, sorted(self.group_of.items()), self.default])
        factors = np.ascontiguousarray(self.factors, dtype="<f8")
        return hashlib.sha256(head.encode() + factors.tobytes()).hexdigest()
