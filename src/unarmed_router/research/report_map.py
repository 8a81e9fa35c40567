"""The map of a report: divisions by a shade, teams at home, and the land they reach."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from unarmed_router.geography.partition import SCALE
from unarmed_router.research.map_layers import (
    METRES_PER_UNIT,
    Frame,
    frame_over,
    label_place,
    ring_data,
)

if TYPE_CHECKING:
    import geopandas

    from unarmed_router.geography.partition import Partition, PartitionDivision
    from unarmed_router.model.team import Team

__all__ = ["Shade", "five_edges", "map_legend", "report_map", "shade_legend"]

_Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom."""

_MARGIN = 0.03
_MOST_DIGITS = 6
"""Of an edge in a legend; edges are round numbers."""

_CRUMB_DEGREES = 0.02
_LABEL_PX = 12.0
_WIDTH_PX = 480.0


@dataclass(frozen=True, slots=True)
class Shade:
    """How a division is drawn.

    Parameters
    ----------
    step : int or None
        Which of the five colours; None is no value.
    tip : str
        What the pointer shows.
    """

    step: int | None
    tip: str


def five_edges(
    values: Sequence[float], *, most: float = math.inf
) -> tuple[float, float, float, float]:
    """Choose four round edges that part values into five classes, the inner ones as wide as others.

    Parameters
    ----------
    values : sequence of float
        What is parted.
    most : float
        What no value can exceed, such as 100 of a percentage: every edge is below.
    """
    if not values:
        return (1.0, 2.0, 3.0, 4.0)
    low, high = min(values), max(values)
    if not high > low and math.isinf(most):  # one value: classes as wide as a tenth of it
        high = low + (abs(low) / 2 or 1.0)
    step = max((high - low) / 5, most / 100 if math.isfinite(most) else 1e-9)
    power = 10.0 ** math.floor(math.log10(step))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= step - 1e-12)
    first = math.floor(low / step) * step + step
    if first + 3 * step >= most:
        # Finer steps below the bound: what is lower than the first is one class.
        step = next(
            s
            for s in (step, power * 10, power * 5, power * 2.5, power * 2, power)
            if 4 * s <= most and (most - 4 * s >= low or s <= power)
        )
        first = most - 4 * step
    return (first, first + step, first + 2 * step, first + 3 * step)


def report_map(
    partition: Partition,
    shades: Mapping[int, Shade],
    teams: Sequence[Team],
    reached: geopandas.GeoDataFrame | None,
    *,
    around: Collection[int] = (),
) -> str:
    """Draw the city.

    Parameters
    ----------
    partition : Partition
        The divisions.
    shades : mapping of int to Shade
        By number of division; the others are drawn as land.
    teams : sequence of Team
        At home.
    reached : GeoDataFrame or None
        Isochrones, as `isochrones` gives them.
    around : collection of int
        Divisions that must be seen; those that are shaded when there are none.
    """
    frame = frame_over(partition)
    box = _view(partition, frame, around or shades)
    unit = box[2] / _WIDTH_PX  # map units in a pixel of the page
    parts = [
        (
            f'<svg viewBox="{" ".join(f"{each:.0f}" for each in box)}" role="img" '
            'aria-label="Map of the divisions, coloured by the value in the table">'
        )
    ]
    for division in partition.divisions:
        shade = shades.get(division.number)
        kind = "land" if shade is None else "qn" if shade.step is None else f"q{shade.step}"
        says = f"{division.number} {division.name}: " + (
            "not served" if shade is None else shade.tip
        )
        path = ring_data(division.rings, frame)
        parts.append(
            f'<path class="{kind} edge-of" fill-rule="evenodd" d="{path}">'
            f"<title>{escape(says)}</title></path>"
            f'<path class="edge" d="{path}"/>'
        )
    if reached is not None:
        parts += _isochrones(reached, frame)
    homes = frame.points([t.home_lon for t in teams], [t.home_lat for t in teams]).tolist()
    parts += _labels([d for d in partition.divisions if d.number in shades], frame, homes, unit)
    for team, (x, y) in zip(teams, homes, strict=True):
        parts.append(
            f'<circle class="team" cx="{x}" cy="{y}" r="{5.5 * unit:.0f}">'
            f"<title>{escape(team.team_id)}, at home</title></circle>"
        )
    parts += [_scale(box, unit), "</svg>"]
    return "".join(parts)


def shade_legend(edges: Sequence[float], unit: str, *, reverse: bool = False) -> str:
    """Write which colour stands for which values; reversed, the darkest stands for the least.

    With as many digits as it takes to tell one edge from the next.
    """
    digits = next(
        (d for d in range(_MOST_DIGITS) if all(abs(round(e, d) - e) < 1e-9 for e in edges)),
        _MOST_DIGITS,
    )
    texts = [f"below {edges[0]:.{digits}f} {unit}"]
    texts += [f"{a:.{digits}f} to {b:.{digits}f}" for a, b in itertools.pairwise(edges)]
    texts.append(f"{edges[-1]:.{digits}f} {unit} or more")
    steps = range(4, -1, -1) if reverse else range(5)
    return "".join(
        _swatch(f'<rect class="q{step}" width="22" height="14"/>', text)
        for step, text in zip(steps, texts, strict=True)
    )


def map_legend(shade: str, minutes: Sequence[float], hour: str) -> str:
    """Write the legend of the whole map; `shade` is that of `shade_legend`."""
    lines = "".join(
        _swatch(
            f'<path class="iso iso{min(place, 2)}" d="M0 7H22"/>',
            f"a free team within {limit:g} min, {hour}",
        )
        for place, limit in enumerate(sorted(minutes))
    )
    team = _swatch('<circle class="team" cx="11" cy="7" r="5.5"/>', "team at home")
    land = _swatch(
        '<rect class="land" width="22" height="14"/><rect class="edge" width="22" height="14"/>',
        "not served",
    )
    return f'<ul class="legend">{shade}{land}{team}{lines}</ul>'


def _swatch(mark: str, words: str) -> str:
    return f'<li><svg viewBox="0 0 22 14" aria-hidden="true">{mark}</svg>{escape(words)}</li>'


def _view(
    partition: Partition, frame: Frame, shown: Collection[int]
) -> tuple[float, float, float, float]:
    """Look at some divisions with some margin, or at the whole city where none is."""
    rings = [ring for d in partition.divisions if d.number in shown for ring in d.rings]
    if not rings:
        return (0.0, 0.0, float(frame.width), float(frame.height))
    every = np.concatenate(rings)
    points = frame.exact(every[:, 0] / SCALE, every[:, 1] / SCALE)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = _MARGIN * float((high - low).max())
    return (
        float(low[0]) - margin,
        float(low[1]) - margin,
        float(high[0] - low[0]) + 2 * margin,
        float(high[1] - low[1]) + 2 * margin,
    )


def _isochrones(reached: geopandas.GeoDataFrame, frame: Frame) -> list[str]:
    """Draw the edge of what is reached; crumbs of a few squares are left out."""
    parts = []
    for place, row in enumerate(reached.sort_values("minutes").itertuples()):
        rings: list[Any] = []
        for polygon in row.geometry.geoms:
            rings += [polygon.exterior, *polygon.interiors]
        lines = [np.asarray(ring.coords) for ring in rings]
        wide = [line for line in lines if np.ptp(line, axis=0).max() > _CRUMB_DEGREES]
        path = "".join(
            "M" + "L".join(f"{x} {y}" for x, y in frame.points(a[:, 0], a[:, 1]).tolist()) + "z"
            for a in wide
        )
        parts.append(f'<path class="iso halo" d="{path}"/>')
        parts.append(f'<path class="iso iso{min(place, 2)}" d="{path}"/>')
    return parts


def _labels(
    divisions: Iterable[PartitionDivision],
    frame: Frame,
    homes: Sequence[Sequence[float]],
    unit: float,
) -> list[str]:
    """Write the divisions' names, roomy ones first.

    One that would cover another is left out; the table beside the map and a pointer tell it.
    """
    placed = [(label_place(each.rings, frame), each) for each in divisions]
    placed.sort(key=lambda item: (-item[0].room, item[1].number))
    parts: list[str] = []
    taken: list[_Box] = []
    for place, division in placed:
        x, y = _beside(place.x, place.y, homes, division.name, unit)
        box = _label_box(x, y, division.name, unit)
        if not any(_overlap(box, other) for other in taken):
            taken.append(box)
            parts += _label(x, y, division.name, unit)
    return parts


def _label_box(x: float, y: float, name: str, unit: float) -> _Box:
    """Return about what a label covers: left, top, right, bottom."""
    words, size = name.split(), _LABEL_PX * unit
    wide, tall = 0.3 * size * max(map(len, words)), 0.55 * size * len(words)
    return x - wide, y - tall, x + wide, y + tall


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _beside(
    x: float, y: float, homes: Sequence[Sequence[float]], name: str, unit: float
) -> tuple[float, float]:
    """Move a label below a team that would hide it."""
    tall = 0.55 * _LABEL_PX * len(name.split()) * unit
    for home_x, home_y in homes:
        if abs(home_x - x) < 40 * unit and abs(home_y - y) < tall + 8 * unit:
            return x, home_y + tall + 9 * unit
    return x, y


def _label(x: float, y: float, name: str, unit: float) -> list[str]:
    size = _LABEL_PX * unit
    words = name.split()
    first = y + size * (0.35 - 0.55 * (len(words) - 1))
    return [
        f'<text class="label" style="font-size:{size:.0f}px;stroke-width:{3 * unit:.0f}px" '
        f'x="{x}" y="{first + 1.1 * size * line:.0f}">{escape(word)}</text>'
        for line, word in enumerate(words)
    ]


def _scale(box: tuple[float, float, float, float], unit: float) -> str:
    """Draw a bar of 5 km at the lower left."""
    length = 5_000 / METRES_PER_UNIT
    x, y = box[0] + 10 * unit, box[1] + box[3] - 12 * unit
    return (
        f'<path class="edge" d="M{x:.0f} {y - 4 * unit:.0f}v{4 * unit:.0f}h{length:.0f}'
        f'v{-4 * unit:.0f}"/><text style="font-size:{11 * unit:.0f}px" x="{x:.0f}" '
        f'y="{y - 8 * unit:.0f}">5 km</text>'
    )
