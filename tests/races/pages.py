"""The bytes of an SQLite file, each with what it is for: https://www.sqlite.org/fileformat2.html."""

from __future__ import annotations

import struct

__all__ = ["classes"]

_HEADER = {
    "magic": range(16),
    "page size": range(16, 18),
    "format versions": range(18, 20),
    "reserved bytes a page": range(20, 21),
    "payload fractions": range(21, 24),
    "change counter": range(24, 28),
    "page count": range(28, 32),
    "freelist": range(32, 40),
    "schema cookie": range(40, 44),
    "schema format": range(44, 48),
    "cache size": range(48, 52),
    "vacuum": range(52, 56),
    "encoding": range(56, 60),
    "user version": range(60, 64),
    "incremental vacuum": range(64, 68),
    "application id": range(68, 72),
    "reserved": range(72, 92),
    "version valid for": range(92, 96),
    "version of SQLite": range(96, 100),
}
_KINDS = {2: "index interior", 5: "table interior", 10: "index leaf", 13: "table leaf"}


def classes(data: bytes) -> list[str]:
    """Return what each byte is for: a field of the header, or a part of a kind of page."""
    size = struct.unpack_from(">H", data, 16)[0]
    names = ["overflow"] * len(data)
    for name, places in _HEADER.items():
        for place in places:
            names[place] = f"header: {name}"
    for start in range(0, len(data), size):
        at = start + (100 if start == 0 else 0)
        kind = _KINDS.get(data[at])
        if kind is None:
            continue
        head = 12 if "interior" in kind else 8
        cells, content = struct.unpack_from(">HH", data, at + 3)
        pointers = at + head + 2 * cells
        for place in range(at, start + size):
            if place < at + head:
                part = "page header"
            elif place < pointers:
                part = "cell pointers"
            else:
                part = "unused" if place < start + content else "cells"
            names[place] = f"{kind}: {part}"
    return names
