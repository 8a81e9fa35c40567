"""The partition builder and its checker, on small drawings a reader can follow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from unarmed_router.errors import BoundaryError, InputError
from unarmed_router.geography.partition import PartitionDivision, ring_doubled_area
from unarmed_router.geography.partition_build import build_partition
from unarmed_router.geography.partition_check import verify_partition
from unarmed_router.geography.readers import SourceDivision, SourceDivisions, read_divisions

if TYPE_CHECKING:
    from pathlib import Path

# One unit of the drawings is 1e-5 degree: about 0.92 m east-west, 1.11 m north-south.
UNIT = 1e-5
WEST, SOUTH = -118.4, 34.0


def _source(*shapes: Any) -> SourceDivisions:
    """Make divisions 1, 2, ... of shapes drawn in units from the south-west corner."""
    divisions = tuple(
        SourceDivision(
            number,
            f"D{number}",
            "",
            shapely.transform(shape, lambda xy: xy * UNIT + (WEST, SOUTH)),
        )
        for number, shape in enumerate(shapes, start=1)
    )
    return SourceDivisions("drawing", divisions)


def _rings(*rings: list[tuple[int, int]], number: int = 1) -> PartitionDivision:
    return PartitionDivision(number, f"D{number}", "", tuple(np.array(r, np.int32) for r in rings))


def _area_units(division: PartitionDivision) -> float:
    """Area in square units of the drawings."""
    return sum(map(ring_doubled_area, division.rings)) / 2 / 100**2


def test_clean_neighbours_stay_as_they_are() -> None:
    """Two squares side by side need no repair and move nowhere."""
    built, report = build_partition(_source(shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)))
    assert [_area_units(each) for each in built] == [100, 100]
    assert report.defects == ()
    assert report.vertices_before == report.vertices_after == 8
    assert report.max_move_m < 1e-3


def test_vertex_of_one_neighbour_is_inserted_in_the_other() -> None:
    """Where two divisions meet a third, the third gains the vertex on its straight border."""
    built, report = build_partition(
        _source(shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(0, 10, 20, 20))
    )
    assert [len(each.rings[0]) for each in built] == [4, 4, 5]
    assert (report.vertices_before, report.vertices_after) == (12, 13)
    assert verify_partition(built).shared_edges == 3


def test_gap_goes_to_the_longest_border() -> None:
    """A wedge between two divisions goes to the one with more border along it."""
    # The gap is a triangle 0.4 units deep: its west side is straight, its east side has two legs.
    west = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)])
    east = shapely.Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10.4, 5)])
    built, report = build_partition(_source(west, east))
    assert [round(_area_units(each), 2) for each in built] == [100, 100]
    assert [defect.kind for defect in report.defects] == ["gap"]
    assert report.defects[0].divisions == (1, 2)
    assert report.defects[0].area_m2 == pytest.approx(2 * 0.923 * 1.109, rel=0.01)
    assert report.max_move_m == pytest.approx(0.4 * 0.923, rel=0.02)


def test_gap_along_several_divisions_makes_no_tongue() -> None:
    """A gap that runs on past its longest neighbour's corner is cut there and shared out."""
    # Uncut, the gap would go to the south-east, and give it a tongue of 150 units, 138 m.
    north_west, north_east = shapely.box(0, 100, 400, 200), shapely.box(400, 100, 600, 200)
    south_west = shapely.Polygon([(0, 0), (150, 0), (150, 98), (0, 100)])
    south_east = shapely.Polygon([(150, 0), (600, 0), (600, 100), (450, 98), (150, 98)])
    built, report = build_partition(
        _source(north_west, north_east, south_west, south_east), repair=True
    )
    assert [defect.divisions for defect in report.defects] == [(1, 2, 3, 4)]
    assert report.max_move_m < 5.0
    assert sum(map(_area_units, built)) == 600 * 200


def test_strip_that_opens_to_the_outside_is_a_gap() -> None:
    """Two divisions drawn apart along their whole border leave a gap, enclosed or not."""
    source = _source(shapely.box(0, 0, 60, 60), shapely.box(62, 0, 120, 60))
    with pytest.raises(BoundaryError, match="1 overlaps and gaps are larger than 50 m2") as caught:
        build_partition(source)
    assert "gap     1/2" in str(caught.value)
    built, report = build_partition(source, repair=True)
    assert sum(map(_area_units, built)) == 120 * 60
    assert report.defects[0].area_m2 == pytest.approx(120 * 0.923 * 1.109, rel=0.01)


def test_notch_that_opens_to_a_hole_is_a_gap() -> None:
    """A strip that opens to an enclosed city is closed; the city stays outside."""
    city = shapely.box(100, 100, 200, 200)
    west = shapely.box(0, 0, 150, 300) - city
    east = shapely.box(150, 0, 300, 300) - city - shapely.box(150, 200, 152, 250)
    built, report = build_partition(_source(west, east), repair=True)
    assert [(each.kind, each.divisions) for each in report.defects] == [("gap", (1, 2))]
    assert len(report.holes) == 1
    assert sum(map(_area_units, built)) == 300 * 300 - 100 * 100


def test_wide_inlet_stays_outside() -> None:
    """A strip wider than a gap is another place: it stays open and is no defect."""
    source = _source(shapely.box(0, 0, 60, 60), shapely.box(70, 0, 120, 60))
    built, report = build_partition(source)
    assert sum(map(_area_units, built)) == 110 * 60
    assert report.defects == ()


def test_overlap_goes_to_a_claimant() -> None:
    """An overlap goes to the claimant with more border along it, never to a bystander."""
    west = shapely.Polygon([(0, 0), (10, 0), (10.4, 5), (10, 10), (0, 10)])
    east = shapely.box(10, 0, 20, 10)
    built, report = build_partition(_source(west, east))
    # The overlap borders the west along its straight side and the east along its two legs.
    assert [round(_area_units(each), 2) for each in built] == [100, 100]
    assert [(defect.kind, defect.divisions) for defect in report.defects] == [("overlap", (1, 2))]


def test_equal_borders_go_to_the_lowest_number() -> None:
    """A gap with the same border on both sides goes to the lower number, whichever side it is."""
    low = shapely.Polygon([(0, 0), (10, 0), (9.8, 5), (10, 10), (0, 10)])
    high = shapely.Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10.2, 5)])
    for shapes in ((low, high), (high, low)):
        built, _ = build_partition(_source(*shapes))
        assert _area_units(built[0]) > _area_units(built[1])


def test_other_city_stays_outside() -> None:
    """An enclosed area a circle of the given width fits in is a hole; a narrower one is filled."""
    outer = shapely.Polygon(
        shapely.box(0, 0, 300, 300).exterior, [shapely.box(100, 100, 200, 160).exterior]
    )
    built, report = build_partition(_source(outer))
    assert len(built[0].rings) == 2
    assert [round(hole.width_m) for hole in report.holes] == [67]
    assert report.defects == ()
    filled, report = build_partition(_source(outer), hole_width_m=70.0, repair=True)
    assert len(filled[0].rings) == 1
    assert [defect.kind for defect in report.defects] == ["gap"]


def test_large_overlap_is_refused_with_a_table() -> None:
    """An overlap above the threshold is refused with where it is, unless told to repair it."""
    source = _source(shapely.box(0, 0, 60, 60), shapely.box(58, 0, 120, 60))
    with pytest.raises(BoundaryError, match=r"larger than 50 m2.*accept a repair") as caught:
        build_partition(source)
    assert "overlap 1/2" in str(caught.value)
    assert "-118.39941" in str(caught.value)
    built, report = build_partition(source, repair=True)
    assert sum(map(_area_units, built)) == 120 * 60
    assert report.defects[0].width_m == pytest.approx(2 * 0.923, rel=0.05)


def test_threshold_is_at_most() -> None:
    """A defect of exactly the threshold is repaired; the rule is: refuse what is larger."""
    source = _source(shapely.box(0, 0, 60, 60), shapely.box(58, 0, 120, 60))
    area = build_partition(source, repair=True)[1].defects[0].area_m2
    build_partition(source, threshold_m2=area, max_move_m=5.0)
    with pytest.raises(BoundaryError, match="1 overlaps and gaps are larger"):
        build_partition(source, threshold_m2=math.nextafter(area, 0), max_move_m=5.0)


def test_far_move_is_refused() -> None:
    """A small defect whose repair moves a border too far is refused with the distance."""
    source = _source(shapely.box(0, 0, 10, 10), shapely.box(8, 0, 20, 10))
    with pytest.raises(BoundaryError, match=r"would move a border by 1\.85 m, more than 1 m"):
        build_partition(source)
    assert build_partition(source, repair=True)[1].max_move_m == pytest.approx(1.85, abs=0.01)


def test_corner_beside_a_long_side_makes_no_sliver() -> None:
    """A corner rounded off a neighbour's long side is led into it, not left a sliver."""
    # Four divisions along one slanted line, their corners on it at places no grid point has.
    # Left alone, rounding makes a sliver that gives one of them a tongue of 3.7 km.
    corner, below = (5331.2531, 0.26 * 5331.2531), (4073.1652, 0.26 * 4073.1652)
    built, report = build_partition(
        _source(
            shapely.Polygon([(0, -500), (below[0], -500), below, (0, 0)]),
            shapely.Polygon([(below[0], -500), (10000, -500), (10000, 2600), below]),
            shapely.Polygon([(0, 0), corner, (corner[0], 9000), (0, 9000)]),
            shapely.Polygon([corner, (10000, 2600), (10000, 9000), (corner[0], 9000)]),
        )
    )
    assert [len(each.rings[0]) for each in built] == [4, 5, 5, 4]
    assert report.max_move_m < 0.02


@pytest.mark.parametrize("name", ["threshold_m2", "hole_width_m", "max_move_m"])
@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_broken_option(name: str, value: float) -> None:
    """A threshold that is no length or area would let everything pass: it is refused."""
    options: dict[str, Any] = {name: value}
    with pytest.raises(InputError, match=f"{name} {value} must be a number of at least 0"):
        build_partition(_source(shapely.box(0, 0, 10, 10)), **options)


def test_division_under_others_is_refused() -> None:
    """A division that others cover wholly would vanish: that is refused even with repair."""
    with pytest.raises(BoundaryError, match=r"divisions \[2\] have no area of their own"):
        build_partition(_source(shapely.box(0, 0, 10, 10), shapely.box(2, 2, 4, 4)), repair=True)


@pytest.mark.parametrize("alone", [True, False])
def test_a_division_smaller_than_the_grid_is_refused(alone: bool) -> None:
    """Rounded to the grid nothing is left of it, with or without a neighbour that has an area."""
    speck = shapely.box(0, 0, 1e-4, 1e-4)
    shapes = [speck] if alone else [speck, shapely.box(50, 50, 60, 60)]
    with pytest.raises(BoundaryError, match=r"divisions \[1\] .* smaller than the grid"):
        build_partition(_source(*shapes))


def test_report_totals() -> None:
    """The totals in the JSON report are those of its defects."""
    west = shapely.Polygon([(0, 0), (10, 0), (10.4, 5), (10, 10), (0, 10)])
    _, report = build_partition(_source(west, shapely.box(10, 0, 20, 10)))
    totals = report.as_dict()
    assert totals["overlaps"]["count"] == totals["overlaps"]["groups"] == 1
    assert totals["overlaps"]["area_m2"] == report.defects[0].area_m2
    assert totals["gaps"] == {"count": 0, "groups": 0, "area_m2": 0, "largest_m2": 0.0}


def test_over_simplified_city_is_refused_then_repaired(shared: Path) -> None:
    """Hectares of overlap and gap are refused by default, and gone after an explicit repair."""
    source = read_divisions(
        shared / "fixtures" / "lapd_divisions_bad_topology.geojson",
        number_field="external_id",
        name_field="name",
    )
    with pytest.raises(BoundaryError, match="overlaps and gaps are larger than 50 m2") as caught:
        build_partition(source)
    assert "overlap 3/20" in str(caught.value)
    built, report = build_partition(source, repair=True)
    assert verify_partition(built).divisions == 21
    assert len(report.holes) == 10
    # Gaps are up to 10 m wide; cut across, none becomes a tongue hundreds of metres long.
    assert report.max_move_m < 15.0
    assert sum(each.area_m2 for each in report.of_kind("overlap")) == pytest.approx(7.4e4, rel=0.05)
    # 6.1 ha enclosed, 0.27 ha in strips that open to the outside.
    assert sum(each.area_m2 for each in report.of_kind("gap")) == pytest.approx(6.4e4, rel=0.02)


SQUARE = [(0, 0), (9, 0), (9, 9), (0, 9)]
EAST = [(9, 0), (18, 0), (18, 9), (9, 9)]


def test_checker_counts() -> None:
    """Two squares side by side have one edge in common and six on the outside."""
    found = verify_partition([_rings(SQUARE), _rings(EAST, number=2)])
    assert (found.divisions, found.rings, found.vertices) == (2, 2, 8)
    assert (found.shared_edges, found.outer_edges) == (1, 6)


def test_checker_accepts_a_division_in_a_hole() -> None:
    """A division that fills the hole of another shares every edge with it."""
    hole = [(3, 3), (3, 6), (6, 6), (6, 3)]
    assert verify_partition([_rings(SQUARE, hole), _rings(hole[::-1], number=2)]).shared_edges == 4


BROKEN = [
    ("none", [], "at least one division"),
    ("number", [_rings(SQUARE, number=0)], "positive and unique; got .0."),
    ("twice", [_rings(SQUARE), _rings(EAST)], r"positive and unique; got \[1, 1\]"),
    ("no rings", [_rings()], "has no rings"),
    ("two vertices", [_rings([(0, 0), (9, 0)])], "shape .3 or more, 2."),
    ("repeat", [_rings([(0, 0), (9, 0), (9, 0), (9, 9)])], "repeats a vertex"),
    ("flat", [_rings([(0, 0), (5, 0), (9, 0)])], "must enclose an area"),
    ("clockwise", [_rings(SQUARE[::-1])], "must run counter-clockwise"),
    ("range", [_rings([(0, 0), (9, 0), (0, 900_000_001)])], "leaves"),
    ("same ring", [_rings(SQUARE), _rings(SQUARE, number=2)], "same side of an edge"),
    (
        "T-junction",
        [_rings(SQUARE), _rings([(9, 0), (18, 0), (18, 9), (9, 9), (9, 5)], number=2)],
        "a vertex lies inside another edge: division",
    ),
    (
        "one step off a T",
        [_rings(SQUARE), _rings([(9, 0), (18, 0), (18, 9), (9, 9), (8, 5)], number=2)],
        r"division 2 claim the same corner at 0\.0000009, 0\.0000000, and 5 more",
    ),
    (
        "partly along",
        [_rings(SQUARE), _rings([(9, 3), (18, 3), (18, 12), (9, 12)], number=2)],
        "a vertex lies inside another edge",
    ),
    (
        "crossing",
        [_rings(SQUARE), _rings([(5, 5), (14, 5), (14, 14), (5, 14)], number=2)],
        "two edges cross: division . at",
    ),
    ("knot", [_rings([(0, 0), (9, 0), (2, 5), (9, 9), (0, 9), (7, 4)])], "two edges cross"),
    (
        "nested",
        [_rings(SQUARE), _rings([(3, 3), (6, 3), (6, 6), (3, 6)], number=2)],
        r"divisions (1 and 2|2 and 1) overlap at 0\.0000004",
    ),
    (
        "both sides",
        [_rings(SQUARE, EAST)],
        "a division lies on both sides of its own edge",
    ),
    (
        "hole outside",
        [_rings(SQUARE, [(20, 20), (20, 25), (25, 25), (25, 20)])],
        "not a valid polygon",
    ),
    (
        "three on an edge",
        [_rings(SQUARE), _rings(EAST, number=2), _rings([(9, 0), (15, 4), (9, 9)], number=3)],
        "more than two rings",
    ),
]


@pytest.mark.parametrize(
    ("divisions", "match"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_checker_refuses(divisions: list[PartitionDivision], match: str) -> None:
    """Each broken rule of a partition is refused, naming the rule and the place."""
    with pytest.raises(BoundaryError, match=match):
        verify_partition(divisions)


CORNER, OPPOSITE = (-1_800_000_000, -900_000_000), (1_799_999_999, 899_999_999)


@pytest.mark.parametrize(
    ("vertex", "refused"),
    [((-1_799_999_998, -899_999_999), False), ((1_799_999_997, 899_999_998), True)],
    ids=["left", "right"],
)
def test_checker_is_exact_across_the_earth(vertex: tuple[int, int], refused: bool) -> None:
    """A vertex less than a millionth of a step off an edge of 360 degrees is told which side."""
    # The turns are +1 and -1 squared step, of products of 6e18: a float cannot tell them from 0.
    below = _rings([CORNER, (OPPOSITE[0], CORNER[1]), OPPOSITE])
    above = _rings([CORNER, vertex, OPPOSITE, (CORNER[0], OPPOSITE[1])], number=2)
    if refused:
        with pytest.raises(BoundaryError, match="claim the same corner"):
            verify_partition([below, above])
    else:
        assert verify_partition([below, above]).shared_edges == 0
