"""Arrays by address: a kernel sees what was packed, and wrong types never get that far."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from unarmed_router.kernels.jit import kernel
from unarmed_router.kernels.packed import Packed, f8, i4, i8, u1, u8

TYPES = "i4 i8 f8 u1 u8 i4"
ARRAYS: tuple[NDArray[Any], ...] = (
    np.array([-5, 2**31 - 1], np.int32),
    np.array([[-(2**63), 7], [8, 9]], np.int64),
    np.array([0.1, -0.0, np.inf]),
    np.array([0, 255], np.uint8),
    np.array([2**64 - 1], np.uint64),
    np.empty(0, np.int32),
)


@kernel
def copies(table: Any) -> Any:
    """Copy every view; a compiled function is the only one that may look at an address."""
    first = (i4(table, 0).copy(), i8(table, 1).copy(), f8(table, 2).copy())
    return (*first, u1(table, 3).copy(), u8(table, 4).copy(), i4(table, 5).copy())


def test_a_kernel_sees_what_was_packed() -> None:
    """Type by type, two dimensions as one, and nothing of an empty array."""
    packed = Packed(TYPES, *ARRAYS)
    for found, given in zip(copies(packed.table), ARRAYS, strict=True):
        assert found.dtype == given.dtype
        assert found.tobytes() == given.tobytes()


def test_what_is_packed_stays_alive() -> None:
    """The arrays live as long as the table that names their addresses."""
    packed = Packed("i4 i8 f8 u1 u8 i4", *(array.copy() for array in ARRAYS))
    rubbish = [np.full(1000, 7, np.int64) for _ in range(100)]
    assert copies(packed.table)[1].tobytes() == ARRAYS[1].tobytes()
    assert len(rubbish) == 100


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda packed: pickle.loads(pickle.dumps(packed))],  # noqa: S301  # our own
    ids=["deepcopy", "pickle"],
)
def test_a_copy_names_its_own_arrays(copied: Callable[[Packed], Packed]) -> None:
    """Whatever becomes of the first, as in another process, the copy's kernel sees the same."""
    packed = Packed(TYPES, *(array.copy() for array in ARRAYS))
    other = copied(packed)
    for array in packed.arrays:
        array[...] = 1
    for found, given in zip(copies(other.table), ARRAYS, strict=True):
        assert found.tobytes() == given.tobytes()


@pytest.mark.parametrize(
    ("types", "arrays", "message"),
    [
        ("i8", [ARRAYS[0]], "arrays are i4; the kernel takes i8"),
        ("i4 i4", [ARRAYS[0]], "arrays are i4; the kernel takes i4 i4"),
        ("i4", [np.arange(9, dtype=np.int32)[::2]], "must be C-contiguous"),
    ],
)
def test_other_arrays_are_refused(types: str, arrays: list[NDArray[Any]], message: str) -> None:
    """Another type, another number, gaps between the elements."""
    with pytest.raises(TypeError, match=message):
        Packed(types, *arrays)
