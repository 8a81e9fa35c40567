"""Philox 4x64-10 in Python's whole numbers, from the paper's own definition.

Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3 (2011), section 4.
"""

from __future__ import annotations

__all__ = ["philox_words"]

_WORD = 2**64
_MULTIPLY = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)


def philox_words(key: int, counter: int) -> list[int]:
    """Return the four numbers of one block: ten rounds, the key bumped between them."""
    k = [key % _WORD, key // _WORD]
    c = [counter // _WORD**place % _WORD for place in range(4)]
    for _ in range(10):
        first, second = _MULTIPLY[0] * c[0], _MULTIPLY[1] * c[2]
        c = [
            second // _WORD ^ c[1] ^ k[0],
            second % _WORD,
            first // _WORD ^ c[3] ^ k[1],
            first % _WORD,
        ]
        k = [(k[0] + _WEYL[0]) % _WORD, (k[1] + _WEYL[1]) % _WORD]
    return c
