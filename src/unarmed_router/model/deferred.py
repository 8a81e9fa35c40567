"""Values whose fields are written when they are first read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, Self

__all__ = ["Deferred", "Writer"]

_MAKE, _FOUND, _WRITER, _LEAD = range(4)
"""Places in what a value keeps until it is written; the last two are empty at first."""


class Writer(Protocol):
    """Writes the fields of a value when they are read."""

    def write(self, name: str) -> Any:
        """Return the value of a field, always the same one."""

    def leading(self) -> Any:
        """Return what most readers need, without writing all the fields it stands in."""


class Deferred:
    """Base of frozen dataclasses whose fields may be written late.

    A call is decided in microseconds, and the reasons of two hundred teams take far longer to put
    into words. `pending` makes a value of everything that was found, all of it immutable; a field
    that is read for the first time is asked of the writer and kept. Nothing can tell such a value
    from one made in full: two threads that read a field at once write the same.
    """

    __slots__ = ("_late",)

    @classmethod
    def pending(cls, make: Callable[..., Writer], *found: Any) -> Self:
        """Make a value whose fields ``make(*found)`` writes; called when the first is read."""
        value = object.__new__(cls)
        _set_late(value, [make, found, None, None])
        return value

    def _writer_of(self) -> Writer | None:
        """Return the writer; None for a value made in full."""
        try:
            late = _late_of(self)
        except AttributeError:
            return None
        writer: Writer | None = late[_WRITER]
        if writer is None:
            writer = late[_WRITER] = late[_MAKE](*late[_FOUND])
        return writer

    def _lead_of(self) -> Any:
        """Return what `Writer.leading` does, asked for once; None for a value made in full."""
        try:
            late = _late_of(self)
        except AttributeError:
            return None
        lead = late[_LEAD]
        if lead is None:
            writer = self._writer_of()
            lead = late[_LEAD] = None if writer is None else writer.leading()
        return lead

    if not TYPE_CHECKING:  # a checker must still refuse names that are no field

        def __getattr__(self, name: str) -> Any:
            """Write a field; Python comes here only for what is not there yet."""
            writer = self._writer_of() if name in self.__dataclass_fields__ else None
            if writer is None:
                kind = type(self).__name__
                raise AttributeError(f"{kind!r} object has no attribute {name!r}")
            value = writer.write(name)
            object.__setattr__(self, name, value)
            return value


_late_of: Any = vars(Deferred)["_late"].__get__
_set_late: Any = vars(Deferred)["_late"].__set__
