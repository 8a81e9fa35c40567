"""Random numbers: by the stated algorithm, and by name and place alone."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.philox import philox_words
from unarmed_router.errors import InputError
from unarmed_router.simulation.draws import Draws, exponential, standard_normal


def test_the_algorithm_gives_the_numbers_its_authors_published() -> None:
    """Known answers of Random123's kat_vectors for Philox 4x64-10: all zeros, all ones."""
    assert philox_words(0, 0) == [
        0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B,
    ]  # fmt: skip
    assert philox_words(2**128 - 1, 2**256 - 1) == [
        0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0,
    ]  # fmt: skip


@given(st.integers(0, 10), st.integers(0, 10**6), st.integers(1, 9))
def test_numbers_follow_from_seed_name_and_place(seed: int, call: int, width: int) -> None:
    """Written out in whole numbers: key by SHA-256, one block for four numbers, upper 53 bits."""
    found = Draws(seed, 3).uniform("place", call, 1, width)[0].tolist()
    key = int.from_bytes(hashlib.sha256(f"{seed}/3/place".encode()).digest()[:16], "little")
    blocks = -(-width // 4)
    words = []
    for block in range(call * blocks, (call + 1) * blocks):
        words += philox_words(key, block + 1)  # numpy counts before it computes
    assert found == [(word >> 11) / 2**53 for word in words[:width]]


def test_first_values_are_recorded() -> None:
    """A release or a platform that draws other numbers fails here."""
    assert Draws(1).uniform("arrival", 0, 3)[:, 0].tolist() == [
        0.5414274664634874,
        0.9724735154847706,
        0.4533760111241566,
    ]


@given(st.integers(0, 50), st.integers(1, 50))
def test_a_call_keeps_its_numbers_in_any_block(first: int, count: int) -> None:
    """Drawing calls one at a time or together is the same."""
    draws = Draws(5)
    together = draws.uniform("x", first, count, 3)
    alone = [draws.uniform("x", first + k, 1, 3)[0] for k in range(count)]
    assert np.array_equal(together, np.array(alone))


def test_names_seeds_and_replications_share_nothing() -> None:
    """Each makes another sequence."""
    rows = [
        Draws(seed, replication).uniform(name, 0, 4, 4).tobytes()
        for seed in (1, 2)
        for replication in (0, 1)
        for name in ("a", "b")
    ]
    assert len(set(rows)) == 8


def test_whole_numbers_of_numpy_are_seeds() -> None:
    """As a loop over an array gives them; the numbers are those of Python's."""
    assert Draws(np.int64(7), np.uint8(2)).key("place") == Draws(7, 2).key("place")


@pytest.mark.parametrize(("seed", "replication"), [(-1, 0), (1, -1), (1.5, 0), (True, 0)])
def test_a_seed_that_is_no_whole_number_is_refused(seed: int, replication: int) -> None:
    """Negative, broken and boolean ones alike."""
    with pytest.raises(InputError, match="whole number of at least 0"):
        Draws(seed, replication)


def test_transforms_have_their_moments() -> None:
    """Mean and standard deviation within four standard errors, from 40,000 numbers."""
    uniform = Draws(9).uniform("moments", 0, 40_000, 2)
    normal, waits = standard_normal(uniform), exponential(uniform[:, 0])
    error = 1 / math.sqrt(40_000)
    assert abs(normal.mean()) < 4 * error
    assert abs(normal.std() - 1) < 4 * error
    assert abs(waits.mean() - 1) < 4 * error
    assert abs(waits.std() - 1) < 4 * math.sqrt(2) * error
    assert exponential(np.array([0.0, 0.5])).tolist() == pytest.approx([0.0, math.log(2)])
