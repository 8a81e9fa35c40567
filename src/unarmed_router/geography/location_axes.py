"""The axes of the density of a circle or an ellipse of uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unarmed_router.model.uncertainty import Circle, Ellipse, contour_deviations

__all__ = ["Axes", "axes_of"]

FloatArray = NDArray[np.float64]

_TAIL = 1e-6
"""Probability beyond `Axes.reach_m`: `ShareIndex` leaves it out where no border is nearer."""

_TAIL_DEVIATIONS = contour_deviations(1.0 - _TAIL)


@dataclass(frozen=True, slots=True)
class Axes:
    """Axes of a density: in deviations when it is normal, in semi-axes when rectangular.

    Parameters
    ----------
    along_m, across_m : float
        Length of the unit along the major axis and across it, metres.
    sine, cosine : float
        Of the direction of the major axis, clockwise from north.
    normal : bool
        Whether it is normal.
    """

    along_m: float
    across_m: float
    sine: float
    cosine: float
    normal: bool

    @property
    def reach_m(self) -> float:
        """Distance from the middle within which all but `_TAIL` of the probability lies."""
        return max(self.along_m, self.across_m) * (_TAIL_DEVIATIONS if self.normal else 1.0)

    def half_box(self, deviations: float) -> FloatArray:
        """Half the width and the height of the box about so many deviations, metres."""
        units = deviations if self.normal else 1.0
        return np.array(
            [
                units * math.hypot(self.along_m * self.sine, self.across_m * self.cosine),
                units * math.hypot(self.along_m * self.cosine, self.across_m * self.sine),
            ]
        )


def axes_of(uncertainty: Circle | Ellipse) -> Axes:
    """Find the axes: normal below full confidence, else rectangular."""
    if isinstance(uncertainty, Circle):
        along = across = uncertainty.radius_m
        turn = 0.0
    else:
        along, across = uncertainty.semi_major_m, uncertainty.semi_minor_m
        turn = math.radians(uncertainty.orientation_deg)
    normal = uncertainty.confidence < 1.0
    deviations = contour_deviations(uncertainty.confidence) if normal else 1.0
    return Axes(along / deviations, across / deviations, math.sin(turn), math.cos(turn), normal)
