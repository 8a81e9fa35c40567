"""How values that acts return are written, for consoles and other processes."""

from __future__ import annotations

from typing import Any

from unarmed_router.model.canonical import to_json, to_plain

__all__ = ["Written"]


class Written:
    """Base of what an act returns: a frozen dataclass that writes itself."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as values JSON has, fields in order; instants in UTC, as text."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    def to_json(self) -> str:
        """Return canonical JSON: sorted keys, no spaces; a decision in it as its own `to_json`."""
        return to_json(self)
