"""Who holds which team and call, as plainly as it can be said: a list, looked through each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Naive", "Row"]


@dataclass
class Row:
    """One reservation."""

    id: str
    key: str
    call: str
    team: str
    until: datetime
    state: str = "reserved"


class Naive:
    """Reservations in the order in which they were made."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def holder(self, row: Row) -> tuple[str, str] | None:
        """Say what of a new reservation is taken, and by which one."""
        open_rows = [each for each in self.rows if each.state != "ended"]
        for what, found in (
            ("reservation", [each for each in self.rows if each.id == row.id]),
            ("key", [each for each in self.rows if each.key == row.key]),
            ("team", [each for each in open_rows if each.team == row.team]),
            ("call", [each for each in open_rows if each.call == row.call]),
        ):
            if found:
                return what, found[0].id
        return None

    def can(self, act: str, row: Row, at: datetime) -> bool:
        """Tell whether an act fits a reservation."""
        if act == "accept":
            return row.state == "reserved" and at < row.until
        if act == "expire":
            return row.state == "reserved"
        if act == "decline":
            return row.state != "ended"
        return row.state == "accepted"
