"""Random numbers by name and place: number k of call n depends on the seed, its name and n alone.

The generator is Philox 4x64-10 (Salmon, Moraes, Dror and Shaw, 2011, doi 10.1145/2063384.2063405):
a block of four numbers is a function of a key and a counter. The key is taken from the seed, the
replication and the name of the sub-stream; the counter from the number of the call. So a call keeps
its attributes whatever other calls do and however many numbers another attribute takes, which is
what common random numbers need. Doubles are the upper 53 bits of each number.
"""

from __future__ import annotations

import hashlib
from typing import SupportsIndex

import numpy as np
import numpy.typing as npt

from unarmed_router.model.whole_number import whole_number

__all__ = ["BLOCK", "Draws", "exponential", "standard_normal"]

BLOCK = 4096
"""Calls drawn at once: bounds memory; results do not depend on it."""

_WORDS = 4
_DOUBLE = 2.0**-53


class Draws:
    """Uniform random numbers of one replication; immutable.

    Parameters
    ----------
    seed : int
        At least 0; numpy's whole numbers, too. Same seed, same numbers, on every platform and
        release: the algorithm is fixed here, and a test holds numpy's to an implementation in whole
        numbers.
    replication : int
        At least 0. Replications of one seed share no numbers.

    Raises
    ------
    InputError
        A negative seed or replication.
    """

    def __init__(self, seed: SupportsIndex, replication: SupportsIndex = 0) -> None:
        self.seed = whole_number("seed", seed)
        self.replication = whole_number("replication", replication)

    def uniform(
        self, stream: str, first: int, count: int, width: int = 1
    ) -> npt.NDArray[np.float64]:
        """Draw the numbers of some calls.

        Parameters
        ----------
        stream : str
            Name of the sub-stream, such as ``"place"``.
        first, count : int
            Calls ``first`` to ``first + count - 1``.
        width : int
            Numbers a call.

        Returns
        -------
        float64 array, shape (count, width)
            In [0, 1), multiples of 2**-53.
        """
        blocks = -(-width // _WORDS)
        generator = np.random.Philox(key=self.key(stream), counter=first * blocks)
        words = generator.random_raw(count * blocks * _WORDS)
        doubles: npt.NDArray[np.float64] = (words >> np.uint64(11)).astype(np.float64) * _DOUBLE
        return doubles.reshape(count, blocks * _WORDS)[:, :width]

    def key(self, stream: str) -> int:
        """Key of a sub-stream: the first 128 bits of SHA-256 of ``seed/replication/stream``."""
        text = f"{self.seed}/{self.replication}/{stream}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")


def exponential(uniform: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn uniform numbers into exponential ones of mean 1, by inversion."""
    return -np.log1p(-uniform)


def standard_normal(uniform: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn pairs of uniform numbers into normal ones: Box and Muller (doi 10.1214/aoms/1177706645).

    Parameters
    ----------
    uniform : float64 array, shape (n, 2)
        In [0, 1).

    Returns
    -------
    float64 array, shape (n,)
    """
    radius = np.sqrt(2.0 * exponential(uniform[:, 0]))
    normal: npt.NDArray[np.float64] = radius * np.cos(2.0 * np.pi * uniform[:, 1])
    return normal
