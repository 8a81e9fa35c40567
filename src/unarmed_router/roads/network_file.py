"""The network file: checksummed, versioned, memory-mapped.

Layout, little-endian::

    0   magic (8 bytes), version (u32), header length (u32), file size (u64)
    24  SHA-256 of everything else in the file (32 bytes)
    56  8 zero bytes
    64  header: JSON (arrays, classes, names, metadata, report, digest), padded with spaces
    ..  the arrays, each at a multiple of 64 bytes

Version 1 holds the arrays every network has. Version 2 may hold optional ones as well; it is
written only where there are some, so that a network without them keeps the bytes it had. The same
network gives the same bytes. A loaded network reads the file through the page
cache: replace a file by renaming over it, as `save_network` does; never write into it.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import struct
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from unarmed_router.errors import ArtefactError, NetworkError
from unarmed_router.roads.building import BuildReport
from unarmed_router.roads.network import (
    ARRAY_TYPES,
    OPTIONAL_TYPES,
    RoadNetwork,
    array_types,
)
from unarmed_router.whole_file import whole_file

__all__ = ["FORMAT_VERSION", "format_version", "load_network", "save_network"]

FORMAT_VERSION = 2
"""The newest version this release reads and writes; it reads every older one."""

_MAGIC = b"\x89ROADS\r\n"
_PREAMBLE = struct.Struct("<8sIIQ")
_SHA_END = _PREAMBLE.size + 32
_ALIGN = 64
_REBUILD = "rebuild it with `unarmed-router network build`"


def format_version(network: RoadNetwork) -> int:
    """Return the version of the format a network is written in: the oldest that holds it."""
    return 2 if len(array_types(network)) > len(ARRAY_TYPES) else 1


def save_network(network: RoadNetwork, path: str | os.PathLike[str]) -> None:
    """Write a network to `path`, replacing a file there in one step.

    Parameters
    ----------
    network : RoadNetwork
        What to write.
    path : path-like
        Where to; its directory must exist.
    """
    types = array_types(network)
    offsets, size = _offsets(network, types)
    header = json.dumps(
        {
            "arrays": {
                name: {"dtype": dtype, "length": getattr(network, name).shape[0], "offset": at}
                for (name, dtype), at in zip(types.items(), offsets, strict=True)
            },
            "classes": network.classes,
            "names": network.names,
            "metadata": dict(network.metadata),
            "report": asdict(network.report),
            "digest": network.digest,
        },
        sort_keys=True,
    ).encode()
    start = _aligned(_ALIGN + len(header))
    body = bytearray(start - _ALIGN + size)
    body[:] = b" " * (start - _ALIGN) + bytes(size)
    body[: len(header)] = header
    for (name, dtype), at in zip(types.items(), offsets, strict=True):
        raw = getattr(network, name).astype(dtype).tobytes()
        body[start - _ALIGN + at : start - _ALIGN + at + len(raw)] = raw
    preamble = _PREAMBLE.pack(_MAGIC, format_version(network), start - _ALIGN, _ALIGN + len(body))
    tail = bytes(_ALIGN - _SHA_END) + bytes(body)
    with whole_file(path) as part:
        part.write_bytes(preamble + hashlib.sha256(preamble + tail).digest() + tail)


def load_network(path: str | os.PathLike[str], *, verify: bool = True) -> RoadNetwork:
    """Open a network file.

    Parameters
    ----------
    path : path-like
        A file written by `save_network`.
    verify : bool
        Check the checksum: reads the whole file once. Size and structure are checked always.

    Returns
    -------
    RoadNetwork
        Its arrays are views of the file.

    Raises
    ------
    ArtefactError
        No such file, not a network file, of another version, truncated, altered, or without one
        of its arrays. The message names the file.
    """
    file = Path(path)
    data = _mapped(file)
    header_size = _checked_preamble(file, data)
    if verify and _checksum(data) != data[_PREAMBLE.size : _SHA_END]:
        raise ArtefactError(f"{file}: altered, its checksum does not match; {_REBUILD}")
    try:
        header = json.loads(data[_ALIGN : _ALIGN + header_size])
        columns = _arrays(data, header["arrays"], _ALIGN + header_size)
        network = RoadNetwork(
            **columns,
            classes=tuple(header["classes"]),
            names=tuple(header["names"]),
            metadata=header["metadata"],
            report=BuildReport(**header["report"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        what = f"no {fault.args[0]!r} in it" if isinstance(fault, KeyError) else str(fault)
        raise ArtefactError(f"{file}: altered, {what}; {_REBUILD}") from fault
    if verify and network.digest != header["digest"]:
        raise ArtefactError(f"{file}: its content is not what its header says; {_REBUILD}")
    return network


def _mapped(file: Path) -> mmap.mmap | bytes:
    """Map a file into memory; an empty one cannot be mapped and reads as no bytes."""
    try:
        with file.open("rb") as handle:
            if not os.fstat(handle.fileno()).st_size:
                return b""
            return mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise ArtefactError(f"{file}: cannot be read ({reason}); check the path") from fault


def _checked_preamble(file: Path, data: mmap.mmap | bytes) -> int:
    """Check magic, version and size; return the length of the header."""
    if not data or data[: len(_MAGIC)] != _MAGIC[: len(data)]:
        raise ArtefactError(f"{file}: not a road network file; {_REBUILD}")
    if len(data) < _ALIGN:
        raise ArtefactError(f"{file}: truncated at {len(data)} bytes; {_REBUILD}")
    _, version, header_size, size = _PREAMBLE.unpack(data[: _PREAMBLE.size])
    if not 1 <= version <= FORMAT_VERSION:
        raise ArtefactError(
            f"{file}: version {version} of the format, this release reads 1 to {FORMAT_VERSION}; "
            f"{_REBUILD}"
        )
    if len(data) != size:
        word = "truncated" if len(data) < size else "altered"
        raise ArtefactError(f"{file}: {word}, {len(data)} bytes instead of {size}; {_REBUILD}")
    return int(header_size)


def _checksum(data: mmap.mmap | bytes) -> bytes:
    """Hash everything but the checksum itself."""
    view = memoryview(data)
    sha = hashlib.sha256(view[: _PREAMBLE.size])
    sha.update(view[_SHA_END:])
    return sha.digest()


def _arrays(
    data: mmap.mmap | bytes, listed: dict[str, dict[str, Any]], start: int
) -> dict[str, np.ndarray[Any, Any]]:
    """Return read-only views of all arrays; KeyError names one that is missing."""
    arrays = {}
    optional = {name: dtype for name, dtype in OPTIONAL_TYPES.items() if name in listed}
    for name, dtype in {**ARRAY_TYPES, **optional}.items():
        entry = listed[name]
        if entry["dtype"] != dtype:
            raise NetworkError(f"array {name} is of type {entry['dtype']}, not {dtype}")
        arrays[name] = np.frombuffer(data, dtype, entry["length"], start + entry["offset"])
    return arrays


def _offsets(network: RoadNetwork, types: dict[str, str]) -> tuple[list[int], int]:
    """Place the arrays one after another at aligned offsets; also return where they end."""
    offsets, end = [], 0
    for name, dtype in types.items():
        offsets.append(_aligned(end))
        end = offsets[-1] + getattr(network, name).shape[0] * np.dtype(dtype).itemsize
    return offsets, end


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGN) * _ALIGN
