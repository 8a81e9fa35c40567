"""A path on the road network: the arcs that are driven, and which part of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from unarmed_router.model.location import RoadPosition

__all__ = ["PathLeg", "RoadPath"]


class PathLeg(NamedTuple):
    """What is driven of one arc.

    Parameters
    ----------
    arc : int
        The arc, in the direction it is driven.
    begin, end : float
        From where to where, as parts of its length from its tail; 0 and 1 for all of it.
    ms : int
        Time taken, milliseconds.
    """

    arc: int
    begin: float
    end: float
    ms: int


@dataclass(frozen=True, slots=True)
class RoadPath:
    """A shortest path between two positions under one metric.

    Parameters
    ----------
    origin, destination : RoadPosition
        Where it begins and ends; their access legs belong to the travel time.
    legs : tuple of PathLeg
        In the order they are driven; each arc but the first begins where the one before ends.
        Empty where both ends are one point of the road.
    """

    origin: RoadPosition
    destination: RoadPosition
    legs: tuple[PathLeg, ...]

    @property
    def drive_ms(self) -> int:
        """Time on the road, milliseconds."""
        return sum(leg.ms for leg in self.legs)

    @property
    def travel_ms(self) -> int:
        """Travel time: the drive and both access legs, milliseconds."""
        return self.origin.access_ms + self.drive_ms + self.destination.access_ms
