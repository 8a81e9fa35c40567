"""Many arrays handed to a kernel as one: a table of their addresses.

Calling a compiled function costs a tenth of a microsecond for every array it is given, and a call
is routed with sixty of them. They are therefore listed once, in an int64 array of addresses and
lengths, and the kernel makes its views from that. The layout of each list is stated where the
kernel reads it.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba.core import cgutils
from numpy.typing import NDArray

from unarmed_router.kernels.jit import kernel

__all__ = ["Packed", "f8", "i4", "i8", "u1", "u8"]

Int64s = NDArray[np.int64]

# numba's own typing of these varies by version.
_intrinsic: Any = getattr(numba, "extending").intrinsic  # noqa: B009
_types: Any = numba.types
_pointer: Any = cgutils.voidptr_t


class Packed:
    """Arrays kept alive together with the table of their addresses; immutable.

    Parameters
    ----------
    types : str
        What the kernel takes each array for, such as ``"i4 f8"``.
    *arrays : ndarray
        C-contiguous; a kernel sees each as one-dimensional.

    Attributes
    ----------
    table : ndarray of int64, shape (2 * arrays,)
        Address and number of elements of each.
    """

    __slots__ = ("__weakref__", "arrays", "table")

    def __init__(self, types: str, *arrays: NDArray[Any]) -> None:
        found = [array.dtype.str[1:] for array in arrays]
        if found != types.split():  # a kernel would read nonsense, and nobody would know
            raise TypeError(f"arrays are {' '.join(found)}; the kernel takes {types}")
        if not all(array.flags.c_contiguous for array in arrays):
            raise TypeError("a packed array must be C-contiguous")
        self.arrays = arrays
        self.table: Int64s = np.array([(a.ctypes.data, a.size) for a in arrays], np.int64).ravel()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the arrays, not their addresses, which are others in the copy."""
        return Packed, (" ".join(array.dtype.str[1:] for array in self.arrays), *self.arrays)


@_intrinsic  # type: ignore[untyped-decorator]
def _at_address(_context: Any, _address: Any) -> Any:
    """Take an integer for a pointer."""

    def generate(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], _pointer)

    return _types.voidptr(_types.int64), generate


@kernel
def i4(table: Int64s, place: int) -> Any:
    """View an array of int32."""
    return numba.carray(_at_address(table[2 * place]), table[2 * place + 1], np.int32)


@kernel
def i8(table: Int64s, place: int) -> Any:
    """View an array of int64."""
    return numba.carray(_at_address(table[2 * place]), table[2 * place + 1], np.int64)


@kernel
def f8(table: Int64s, place: int) -> Any:
    """View an array of float64."""
    return numba.carray(_at_address(table[2 * place]), table[2 * place + 1], np.float64)


@kernel
def u1(table: Int64s, place: int) -> Any:
    """View an array of uint8."""
    return numba.carray(_at_address(table[2 * place]), table[2 * place + 1], np.uint8)


@kernel
def u8(table: Int64s, place: int) -> Any:
    """View an array of uint64."""
    return numba.carray(_at_address(table[2 * place]), table[2 * place + 1], np.uint64)
