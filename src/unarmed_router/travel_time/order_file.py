"""The contraction order of one network, kept beside it so that it is computed once.

Layout, little-endian: magic (8 bytes), version (u32), number of nodes (u32), SHA-256 of the
network's shape (32 bytes), SHA-256 of everything else (32 bytes), then one int32 rank a node. The
topology is built anew from it, in a fifth of a second for a quarter of a million nodes.
"""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import ArtefactError
from unarmed_router.whole_file import whole_file

__all__ = ["load_order", "save_order", "shape_digest"]

_MAGIC = b"\x89ORDER\r\n"
_VERSION = 1
_HEAD = struct.Struct("<8sII32s")
_SUM_END = _HEAD.size + 32
_REBUILD = "build it again with `unarmed-router network order`"

Int32s = npt.NDArray[np.int32]


def shape_digest(nodes: int, tail: Int32s, head: Int32s) -> bytes:
    """SHA-256 of which nodes the arcs join; speeds and places do not count."""
    ends = np.stack([tail, head]).astype("<i4").tobytes()
    return hashlib.sha256(struct.pack("<I", nodes) + ends).digest()


def save_order(path: str | os.PathLike[str], rank: Int32s, *, shape: bytes) -> None:
    """Write an order, replacing a file there in one step.

    Parameters
    ----------
    path : path-like
        Where to; its directory must exist.
    rank : int32 array, shape (n,)
        Rank of each node.
    shape : bytes
        `shape_digest` of the network it belongs to.
    """
    start = _HEAD.pack(_MAGIC, _VERSION, len(rank), shape)
    body = rank.astype("<i4").tobytes()
    with whole_file(path) as part:
        part.write_bytes(start + hashlib.sha256(start + body).digest() + body)


def load_order(path: str | os.PathLike[str], *, shape: bytes) -> Int32s:
    """Read an order.

    Parameters
    ----------
    path : path-like
        A file written by `save_order`.
    shape : bytes
        `shape_digest` of the network it must belong to.

    Returns
    -------
    int32 array, shape (n,)

    Raises
    ------
    ArtefactError
        No such file, not an order, of another version, truncated, altered, or of another network.
        The message names the file.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ArtefactError(f"{file}: cannot be read ({error.strerror}); {_REBUILD}") from error
    if data[: len(_MAGIC)] != _MAGIC:
        raise ArtefactError(f"{file}: not a contraction order; {_REBUILD}")
    if len(data) < _SUM_END:
        raise ArtefactError(f"{file}: truncated at {len(data)} bytes; {_REBUILD}")
    _, version, nodes, built_for = _HEAD.unpack(data[: _HEAD.size])
    if version != _VERSION:
        raise ArtefactError(f"{file}: version {version}, this release reads {_VERSION}; {_REBUILD}")
    checksum = hashlib.sha256(data[: _HEAD.size] + data[_SUM_END:]).digest()
    if checksum != data[_HEAD.size : _SUM_END] or len(data) != _SUM_END + 4 * nodes:
        raise ArtefactError(f"{file}: truncated or altered, its checksum fails; {_REBUILD}")
    if built_for != shape:
        raise ArtefactError(f"{file}: belongs to another network; {_REBUILD}")
    return np.frombuffer(data, "<i4", offset=_SUM_END).astype(np.int32)
