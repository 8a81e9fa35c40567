"""Divisions as an exact partition: integer rings on the 1e-7 degree grid, and their digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "GRID",
    "SCALE",
    "Partition",
    "PartitionDivision",
    "Ring",
    "partition_digest",
    "ring_doubled_area",
]

GRID = 1e-7
SCALE = 10_000_000

Ring = npt.NDArray[np.int32]
"""Vertices of a closed ring, (n, 2) of (lon, lat) in 1e-7 degree; the last is not repeated."""


# eq=False: two divisions are compared by `partition_digest`, arrays have no single truth value.
@dataclass(frozen=True, slots=True, eq=False)
class PartitionDivision:
    """One division of an exact partition, on the integer grid.

    Parameters
    ----------
    number : int
        The agency's own number; positive and unique in the partition.
    name : str
        As the agency writes it.
    bureau : str
        The bureau it belongs to; empty when not known.
    rings : tuple of ndarray of int32, shape (n, 2)
        (lon, lat) in 1e-7 degree, last vertex not repeated, read-only. An exterior runs
        counter-clockwise and is followed by its holes, which run clockwise.
    """

    number: int
    name: str
    bureau: str
    rings: tuple[Ring, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """Every division of an agency, and the digest that names this exact content.

    Parameters
    ----------
    divisions : tuple of PartitionDivision
        In order of number.
    digest : str
        `partition_digest` of the divisions.
    """

    divisions: tuple[PartitionDivision, ...]
    digest: str


def ring_doubled_area(ring: Ring) -> int:
    """Twice the signed area in squared grid steps, exact; positive when counter-clockwise.

    int64 cannot overflow: taken from the first vertex, each product is at most 3.6e9 * 1.8e9 =
    6.5e18 < 2**63, and sums that wrap on the way come back as long as the result fits.
    """
    xy = ring.astype(np.int64) - ring[0].astype(np.int64)
    x, y = xy[:, 0], xy[:, 1]
    return int(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def partition_digest(divisions: Iterable[PartitionDivision]) -> str:
    """SHA-256 of numbers, names, bureaus and integer coordinates, in order of number.

    Parameters
    ----------
    divisions : iterable of PartitionDivision
        In any order.

    Returns
    -------
    str
        64 hexadecimal digits; the same on every platform.
    """
    digest = hashlib.sha256()
    for division in sorted(divisions, key=lambda each: each.number):
        sizes = [len(ring) for ring in division.rings]
        head = json.dumps([division.number, division.name, division.bureau, sizes])
        digest.update(head.encode("ascii") + b"\n")
        for ring in division.rings:
            digest.update(np.ascontiguousarray(ring, dtype="<i4").tobytes())
    return digest.hexdigest()
