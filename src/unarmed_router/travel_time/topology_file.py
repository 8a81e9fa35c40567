"""The topology of a network, kept whole: checksummed, versioned, mapped into memory.

A city builds its topology anew from the stored order in milliseconds. For a network of a quarter of
a million nodes that takes a fifth of a second, and a continent's takes minutes: those store it.

Layout, little-endian: magic (8 bytes), version (u32), header length (u32), file size (u64), SHA-256
of the network's shape (32 bytes), SHA-256 of everything else (32 bytes), zeros up to 128; then a
header in JSON (type, shape and place of each array), padded with spaces, and the arrays, each at a
multiple of 64 bytes.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import struct
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from unarmed_router.errors import ArtefactError
from unarmed_router.travel_time.topology import Topology
from unarmed_router.whole_file import whole_file

__all__ = ["load_topology_file", "save_topology"]

_MAGIC = b"\x89TOPOL\r\n"
_VERSION = 1
_HEAD = struct.Struct("<8sIIQ32s")
_SUM_END = _HEAD.size + 32
_START, _ALIGN = 128, 64
_REBUILD = "build it again with `unarmed-router network order --topology`"


def save_topology(path: str | os.PathLike[str], topology: Topology, *, shape: bytes) -> None:
    """Write a topology, replacing a file there in one step.

    Parameters
    ----------
    path : path-like
        Where to; its directory must exist.
    topology : Topology
        What to write.
    shape : bytes
        `travel_time.order_file.shape_digest` of the network it belongs to.
    """
    body, listed = bytearray(), {}
    for field in fields(Topology):
        array = np.ascontiguousarray(getattr(topology, field.name))
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        body += bytes(-len(body) % _ALIGN)
        listed[field.name] = [little.dtype.str, list(little.shape), len(body)]
        body += little.tobytes()
    header = json.dumps(listed, sort_keys=True).encode()
    header += b" " * (-(_START + len(header)) % _ALIGN)
    size = _START + len(header) + len(body)
    head = _HEAD.pack(_MAGIC, _VERSION, len(header), size, shape)
    rest = bytes(_START - _SUM_END) + header + body
    with whole_file(path) as part:
        part.write_bytes(head + hashlib.sha256(head + rest).digest() + rest)


def load_topology_file(path: str | os.PathLike[str], *, shape: bytes) -> Topology:
    """Map a topology into memory.

    Parameters
    ----------
    path : path-like
        A file written by `save_topology`.
    shape : bytes
        `travel_time.order_file.shape_digest` of the network it must belong to.

    Returns
    -------
    Topology
        Its arrays are private views of the file: changing one never changes the file.

    Raises
    ------
    ArtefactError
        No such file, not a topology, of another version, truncated, altered, or of another network.
        The message names the file.
    """
    file = Path(path)
    try:
        with file.open("rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            # Copied on write: kernels are compiled for arrays that may be written.
            data = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_COPY) if size else b""
    except OSError as error:
        raise ArtefactError(f"{file}: cannot be read ({error.strerror}); {_REBUILD}") from error
    if data[: len(_MAGIC)] != _MAGIC:
        raise ArtefactError(f"{file}: not a topology; {_REBUILD}")
    if len(data) < _START:
        raise ArtefactError(f"{file}: truncated at {len(data)} bytes; {_REBUILD}")
    _, version, header_size, stated, built_for = _HEAD.unpack(data[: _HEAD.size])
    if version != _VERSION:
        raise ArtefactError(f"{file}: version {version}, this release reads {_VERSION}; {_REBUILD}")
    if stated != len(data) or _checksum(data) != data[_HEAD.size : _SUM_END]:
        raise ArtefactError(f"{file}: truncated or altered, its checksum fails; {_REBUILD}")
    if built_for != shape:
        raise ArtefactError(f"{file}: belongs to another network; {_REBUILD}")
    start = _START + header_size
    listed = json.loads(data[_START:start])
    return Topology(**{field.name: _array(data, listed, field.name, start) for field in _FIELDS})


_FIELDS = fields(Topology)


def _checksum(data: mmap.mmap | bytes) -> bytes:
    """Hash everything but the checksum itself."""
    view = memoryview(data)
    sha = hashlib.sha256(view[: _HEAD.size])
    sha.update(view[_SUM_END:])
    return sha.digest()


def _array(data: mmap.mmap | bytes, listed: dict[str, Any], name: str, start: int) -> Any:
    dtype, shape, at = listed[name]
    count = int(np.prod(shape))
    return np.frombuffer(data, dtype, count, start + at).reshape(shape)
