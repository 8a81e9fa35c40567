"""A ledger with one event of every kind, written out as a release leaves it.

    python -m tests.unit.ledger.released > tests/data/ledger_v1.sql

Once a version is released its file is never written anew: every later release must open it.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.ledgers import NOON, accepted, closed, declined, expired, put, received, reserved
from tests.unit.ledger.test_codec import EVENTS
from unarmed_router.ledger.assignments import MOVING
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.retention import purge
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.model.events import Preempted, Purged

__all__ = ["fill"]

LATER = NOON + timedelta(hours=1)


def fill(ledger: SqlLedger) -> None:
    """Remove one call, append every kind of event, and leave a reservation open."""
    one, two, three, four, five = (reserved(number, seconds=7200) for number in range(11, 16))
    put(ledger, received(11), one, accepted(one), closed(one))
    purge(ledger, before=LATER, at=LATER)
    others = [e for e in EVENTS if type(e) not in MOVING and not isinstance(e, Purged)]
    taken = Preempted(
        reservation_id="R14", call_id="C14", team_id="T14", for_call_id="C15", gain_ms=90_000
    )
    put(ledger, *others, two, declined(two), three, expired(three), four, accepted(four), at=LATER)
    put(ledger, taken, received(15), five, accepted(five), closed(five), at=LATER)
    put(ledger, reserved(16, team="T15", seconds=7200), at=LATER)


def main() -> None:
    """Write the statements that make such a ledger."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        with closing(open_ledger(path)) as ledger:
            fill(ledger)
        with closing(sqlite3.connect(path)) as connection:
            for name in ("application_id", "user_version"):
                (value,) = connection.execute(f"PRAGMA {name}").fetchone()
                sys.stdout.write(f"PRAGMA {name} = {value};\n")
            sys.stdout.writelines(f"{line}\n" for line in connection.iterdump())


if __name__ == "__main__":
    main()
