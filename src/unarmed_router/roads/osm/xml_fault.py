"""Where an OpenStreetMap XML file is broken: the element, for a message that helps.

pyosmium says what is wrong, not always in which element. After it has failed, the file is read once
more, element by element, until the first that no reader could take.
"""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path
from typing import Any
from xml.parsers import expat

__all__ = ["faulty_element"]

_PIECE = 1 << 16
_LONGEST_TEXT = 1024
"""Bytes: OpenStreetMap stores texts of at most 255 characters."""


class _Scan:
    """Follows the elements of a file; `fault` names the first broken one."""

    def __init__(self) -> None:
        self.current = ""
        self.fault = ""

    def started(self, name: str, attributes: dict[str, str]) -> None:
        longest = max((len(value.encode()) for value in attributes.values()), default=0)
        if name == "tag" and longest > _LONGEST_TEXT and not self.fault:
            self.fault = f"{self.current} has a tag of {longest} bytes"
        if name not in {"node", "way", "relation"}:
            return
        self.current = f"{name} {attributes.get('id', 'without id')}"
        if self.fault:
            return
        numbers = {"id": int} | ({"lat": float, "lon": float} if name == "node" else {})
        for key, kind in numbers.items():
            try:
                kind(attributes[key])
            except KeyError:
                self.fault = f"{self.current} has no {key}"
            except ValueError:
                self.fault = f"{self.current} has {key} {attributes[key][:40]!r}"


def faulty_element(path: Path) -> str | None:
    """Name the first element of an XML file that cannot be read.

    Returns
    -------
    str or None
        For instance ``node 7 has lat 'abc'``, or ``after way 3`` where the text ends or is no XML;
        None where the file is no XML or nothing is found.
    """
    if path.name.endswith(".pbf"):
        return None
    scan = _Scan()
    parser = expat.ParserCreate()
    parser.StartElementHandler = scan.started
    parser.EntityDeclHandler = _refuse_entities
    try:
        with _opened(path) as file:
            while piece := file.read(_PIECE):
                parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, OSError, EOFError, ValueError):
        return scan.fault or (f"after {scan.current}" if scan.current else None)
    return scan.fault or None


def _opened(path: Path) -> Any:
    if path.suffix == ".gz":
        return gzip.open(path, "rb")
    return bz2.open(path, "rb") if path.suffix == ".bz2" else path.open("rb")


def _refuse_entities(*_: object) -> None:
    raise ValueError("entities are not read")
