"""A small log-log plot as SVG, by the standard library: the page must not need more."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

__all__ = ["exponent", "loglog"]

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 660, 360, 70, 46, 14
_RIGHT = 36
"""Room for half of the last number under the axis."""
_COLOURS = ("#1f5fa8", "#b5471b", "#2f7d4f", "#7a4fa3")


def exponent(points: Points) -> float:
    """Fit time = c * size ** b over the larger half of the sizes, and return b."""
    logs = [(math.log(x), math.log(y)) for x, y in sorted(points)[len(points) // 2 :]]
    mean_x, mean_y = (sum(column) / len(logs) for column in zip(*logs, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    together = sum((x - mean_x) * (y - mean_y) for x, y in logs)
    return float(together / spread)


def loglog(title: str, across: str, lines: Mapping[str, Points]) -> str:
    """Draw seconds over sizes, one line a name.

    Parameters
    ----------
    title, across : str
        What the picture shows, and what its horizontal axis counts.
    lines : mapping of str to sequence of (size, seconds)
        All above 0.

    Returns
    -------
    str
        An SVG document.
    """
    spots = [spot for points in lines.values() for spot in points]
    (low_x, high_x), (low_y, high_y) = (_decades([spot[axis] for spot in spots]) for axis in (0, 1))
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _BOTTOM - _TOP

    def at(x: float, y: float) -> tuple[float, float]:
        right = (math.log10(x) - low_x) / (high_x - low_x) * wide
        up = (math.log10(y) - low_y) / (high_y - low_y) * high
        return round(_LEFT + right, 1), round(_HEIGHT - _BOTTOM - up, 1)

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
            f'font-family="sans-serif" font-size="12"><title>{title}</title>'
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>'
        )
    ]
    for power in range(low_x, high_x + 1):
        x, floor = at(10.0**power, 10.0**low_y)
        parts.append(f'<path d="M{x} {floor}V{_TOP}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{floor + 16}" text-anchor="middle">{10**power:,}</text>')
    for power in range(low_y, high_y + 1):
        left, y = at(10.0**low_x, 10.0**power)
        parts.append(f'<path d="M{left} {y}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{_seconds(power)}</text>')
    parts.append(
        f'<text x="{_LEFT + wide / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{across}</text>'
    )
    for (name, points), colour in zip(lines.items(), _COLOURS, strict=False):
        marks = [at(*spot) for spot in sorted(points)]
        line = " ".join(f"{x},{y}" for x, y in marks)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>' for x, y in marks]
        row = _TOP + 16 + 16 * list(lines).index(name)
        parts.append(f'<text x="{_LEFT + 10}" y="{row}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _seconds(power: int) -> str:
    for unit, step in (("s", 0), ("ms", -3), ("µs", -6), ("ns", -9)):
        if power >= step:
            return f"{10 ** (power - step):,} {unit}"
    return f"1e{power} s"
