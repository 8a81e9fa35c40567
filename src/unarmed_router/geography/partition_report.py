"""What a boundaries build found and did: defects, holes kept, how far the border moved."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Defect", "Hole", "PartitionReport", "defect_table"]


@dataclass(frozen=True, slots=True)
class Defect:
    """One place where neighbouring divisions do not meet in a common border.

    Parameters
    ----------
    kind : {"overlap", "gap"}
        Claimed by several divisions, or enclosed by them and claimed by none.
    divisions : tuple of int
        Numbers of those that claim it (overlap) or border it (gap).
    area_m2, width_m : float
        Its area, and its mean width (twice area by perimeter).
    lon, lat : float
        A point inside it, degrees.
    """

    kind: Literal["overlap", "gap"]
    divisions: tuple[int, ...]
    area_m2: float
    width_m: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Hole:
    """An area enclosed by divisions that belongs to none: another city, kept outside.

    Parameters
    ----------
    area_m2, width_m : float
        Its area, and the diameter of the largest circle inside it.
    lon, lat : float
        A point inside it, degrees.
    """

    area_m2: float
    width_m: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class PartitionReport:
    """What was found in the source and what was made of it.

    Parameters
    ----------
    divisions : int
        How many.
    vertices_before, vertices_after : int
        Of all rings, closing points not counted; a vertex of two divisions counts twice.
    area_m2 : float
        Of all divisions together, on the WGS 84 ellipsoid.
    max_move_m : float
        The farthest any vertex lies from the other version of its division's border: source
        vertices from the built border and built vertices from the source's.
    defects : tuple of Defect
        Found in the source as it was read, largest first; none is left.
    holes : tuple of Hole
        Kept outside, largest first.
    notes : tuple of str
        Divisions whose own geometry had to be repaired first.
    """

    divisions: int
    vertices_before: int
    vertices_after: int
    area_m2: float
    max_move_m: float
    defects: tuple[Defect, ...]
    holes: tuple[Hole, ...]
    notes: tuple[str, ...]

    def of_kind(self, kind: Literal["overlap", "gap"]) -> tuple[Defect, ...]:
        """Return the defects of one kind, largest first."""
        return tuple(defect for defect in self.defects if defect.kind == kind)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON, with totals of each kind.

        `groups` counts the different sets of divisions involved: two neighbours whose borders
        wind around each other make one group of many slivers.
        """
        totals = {
            f"{kind}s": {
                "count": len(found),
                "groups": len({defect.divisions for defect in found}),
                "area_m2": sum(defect.area_m2 for defect in found),
                "largest_m2": max((defect.area_m2 for defect in found), default=0.0),
            }
            for kind, found in (("overlap", self.of_kind("overlap")), ("gap", self.of_kind("gap")))
        }
        return totals | asdict(self)


def defect_table(defects: Sequence[Defect], *, most: int = 20) -> str:
    """Lay out defects as plain text, one a line.

    Parameters
    ----------
    defects : sequence of Defect
        In the order to show.
    most : int
        Lines shown; how many were left off is said.
    """
    lines = [f"  {'kind':<8}{'divisions':<12}{'area m2':>12}{'width m':>10}  lon, lat"]
    for defect in defects[:most]:
        numbers = "/".join(map(str, defect.divisions)) or "none"
        lines.append(
            f"  {defect.kind:<8}{numbers:<12}{defect.area_m2:>12,.2f}{defect.width_m:>10.2f}"
            f"  {defect.lon:.7f}, {defect.lat:.7f}"
        )
    if len(defects) > most:
        lines.append(f"  and {len(defects) - most} smaller")
    return "\n".join(lines)
