"""Straight pieces and boxes, in exact fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Number = int | Fraction


def meets(piece: Sequence[Number], box: Sequence[Number]) -> bool:
    """Cut a straight piece by the four sides of a box, and tell whether anything is left."""
    ax, ay, bx, by = map(Fraction, piece)
    west, south, east, north = box
    begin, end = Fraction(0), Fraction(1)
    for start, step, low, high in ((ax, bx - ax, west, east), (ay, by - ay, south, north)):
        if step == 0:
            if not low <= start <= high:
                return False
            continue
        enters, leaves = sorted([(low - start) / step, (high - start) / step])
        begin, end = max(begin, enters), min(end, leaves)
    return begin <= end
