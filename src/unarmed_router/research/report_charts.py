"""Charts of the report as inline SVG: drawn by hand, so that they follow the reader's colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from unarmed_router.research.figure_text import Unit
from unarmed_router.research.intervals import Interval

__all__ = ["bar_chart", "heat_map", "share_chart", "steps_of"]

Floats = npt.NDArray[np.float64]

_WIDTH = 1100
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 56, 16, 44
_END = "</svg></div>"
_LEAST = 0.8
"""Words of 12 pixels are shrunk to 9.6 at most."""
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def share_chart(
    bands: tuple[Floats, Floats, Floats],
    *,
    bars: Floats | None = None,
    guide: tuple[float, str] | None = None,
    across: str,
    says: str,
) -> str:
    """Draw a share that grows minute by minute with its band, over bars of how many come when.

    Parameters
    ----------
    bands : tuple of three float64 arrays, each of shape (m + 1,)
        Share by 0, 1 to m minutes: low, estimate, high.
    bars : float64 array, shape (m,), optional
        Share that comes within each minute, on a scale of its own at the left.
    guide : (float, str), optional
        A share to mark, and its words.
    across : str
        What the minutes are.
    says : str
        What the chart shows, for those who cannot see it.
    """
    low, share, high = bands
    most, height = len(share) - 1, 300
    inner_w, inner_h = _WIDTH - _LEFT - _RIGHT, height - _TOP - _BOTTOM

    def x(minute: float) -> float:
        return _LEFT + inner_w * minute / most

    def y(part: float) -> float:
        return _TOP + inner_h * (1 - part)

    def points(values: Floats) -> list[str]:
        return [f"{x(minute):.1f},{y(part):.1f}" for minute, part in enumerate(values.tolist())]

    parts = [_frame(_WIDTH, height, says)]
    if bars is not None:
        top = _nice(float(bars.max()))
        for minute, part in enumerate(bars.tolist()):
            parts.append(
                f'<rect class="bar" x="{x(minute) + 0.5:.1f}" y="{y(part / top):.1f}" '
                f'width="{inner_w / most - 1:.1f}" height="{inner_h * part / top:.1f}">'
                f"<title>{minute} to {minute + 1} min: {100 * part:.1f} %</title></rect>"
            )
        parts += [
            _text(_LEFT - 8, y(part) + 4, f"{100 * part * top:.3g} %", "end") for part in _QUARTERS
        ]
    parts += [
        f'<polygon class="band" points="{" ".join(points(high) + points(low)[::-1])}"/>',
        f'<polyline class="line" points="{" ".join(points(share))}"/>',
    ]
    parts += [
        _text(_WIDTH - _RIGHT + 8, y(part) + 4, f"{100 * part:.0f} %", "start")
        for part in _QUARTERS
    ]
    if guide is not None:
        level, words = guide
        parts.append(
            f'<path class="guide" d="M{_LEFT} {y(level):.1f}H{_WIDTH - _RIGHT}"/>'
            f'<text class="guided" x="{_LEFT + 6}" y="{y(level) - 5:.1f}">{escape(words)}</text>'
        )
    step = 5 if most <= 60 else 10
    parts += [
        _text(x(minute), height - 24, str(minute), "middle") for minute in range(0, most + 1, step)
    ]
    parts.append(_text(_WIDTH / 2, height - 6, across, "middle"))
    parts.append(f'<path class="axis" d="M{_LEFT} {y(0)}H{_WIDTH - _RIGHT}"/>{_END}')
    return "".join(parts)


def bar_chart(
    rows: Sequence[tuple[str, Interval | None]], *, unit: str, scale: float = 1.0, says: str
) -> str:
    """Draw bars with the whiskers of their intervals, largest value as long as the chart.

    Parameters
    ----------
    rows : sequence of (str, Interval or None)
        Words and value.
    unit : str
        After each number.
    scale : float
        What values are multiplied by.
    says : str
        What the chart shows, for those who cannot see it.
    """
    left, width, step = 190, 540, 26
    height = step * len(rows) + 8
    ends = [
        scale * (each.high if math.isfinite(each.high) else each.estimate)
        for _, each in rows
        if each is not None
    ]
    longest = max(ends, default=0.0) or 1.0
    room = width - left - 150
    parts = [_frame(width, height, says)]
    for place, (words, found) in enumerate(rows):
        middle = step * place + step / 2 + 2
        parts.append(_text(left - 10, middle + 4, words, "end", "strong"))
        if found is None:
            parts.append(_text(left, middle + 4, "-", "start"))
            continue
        value = scale * found.estimate
        parts.append(
            f'<rect class="bar" x="{left}" y="{middle - 8}" width="{room * value / longest:.1f}" '
            'height="16"/>'
        )
        end = room * value / longest
        number = Unit(unit, scale, 1)
        digits = number.digits_of(found)
        told = f"{value:.{digits}f}{unit}"
        if math.isfinite(found.half_width):
            low, high = max(0.0, scale * found.low), scale * found.high
            a, b = left + room * low / longest, left + room * high / longest
            parts.append(
                f'<path class="whisker" d="M{a:.1f} {middle}H{b:.1f}M{a:.1f} {middle - 4}v8'
                f'M{b:.1f} {middle - 4}v8"/>'
            )
            end = max(end, b - left)
            told += f" ({low:.{digits}f} to {high:.{digits}f})"
        parts.append(_text(left + end + 8, middle + 4, told, "start"))
    parts.append(_END)
    return "".join(parts)


def heat_map(
    values: Sequence[float | None],
    tips: Sequence[str],
    *,
    edges: Sequence[float],
    days: Sequence[str],
    says: str,
) -> str:
    """Draw a value for each hour of the week: a row a day, a column an hour.

    Parameters
    ----------
    values : sequence of float or None, 168 of them
        None is drawn as no value.
    tips : sequence of str, 168 of them
        What the pointer shows: the value and its uncertainty.
    edges : sequence of float
        The four between the five colours.
    days : sequence of str
        Names of the rows.
    says : str
        What the chart shows, for those who cannot see it.
    """
    cell_w, cell_h, left, top = 21.0, 24.0, 40, 4
    width, height = left + 24 * cell_w + 2, top + 7 * cell_h + 22
    parts = [_frame(width, height, says)]
    for hour, (value, tip) in enumerate(zip(values, tips, strict=True)):
        row, column = divmod(hour, 24)
        shade = "qn" if value is None else f"q{steps_of(value, edges)}"
        parts.append(
            f'<rect class="{shade}" x="{left + column * cell_w:.0f}" y="{top + row * cell_h:.0f}" '
            f'width="{cell_w - 1:.0f}" height="{cell_h - 1:.0f}">'
            f"<title>{escape(tip)}</title></rect>"
        )
    for row, day in enumerate(days):
        parts.append(_text(left - 8, top + row * cell_h + 16, day, "end"))
    parts += [
        _text(left + (hour + 0.5) * cell_w, height - 6, f"{hour:02d}", "middle")
        for hour in range(0, 24, 3)
    ]
    parts.append(_END)
    return "".join(parts)


def steps_of(value: float, edges: Sequence[float]) -> int:
    """Return which of the colours between the edges a value has."""
    return int(np.searchsorted(edges, value, side="right"))


def _frame(width: float, height: float, says: str) -> str:
    """Begin a chart: on a narrow screen it is moved aside, like a table, before words are lost."""
    return (
        f'<div class="scroll"><svg viewBox="0 0 {width:g} {height:g}" role="img" '
        f'style="min-width:{_LEAST * width:.0f}px" aria-label="{escape(says)}">'
    )


def _text(x: float, y: float, words: str, anchor: str, kind: str = "") -> str:
    which = f' class="{kind}"' if kind else ""
    return f'<text{which} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _nice(value: float) -> float:
    """Round up to a number whose quarters are easy to read."""
    if value <= 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= value - 1e-12)
