"""Eight processes race for teams: no team goes to two calls, and no act is lost."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.ledgers import schema_address
from tests.oracles.linearizability import Operation, by_object, linearizable
from tests.races.racing import race
from tests.races.thorough import THOROUGH
from tests.races.together import told_by
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.verify import verify
from unarmed_router.model.events import ReservationDeclined, Reserved

CLIENTS = 8
PAIRS = 1000 if THOROUGH else 125
"""Each process asks for each of them: a thousand reservations, or eight thousand."""

Seen = tuple[int, tuple[str, str], int, int, str]


def team(holder: str, what: tuple[str, str]) -> tuple[str, str]:
    """Be one team and its call: ``reserve`` answers who has it instead, ``decline`` frees it."""
    kind, who = what
    if kind == "decline":
        return ("", "") if holder == who else (holder, "refused")
    return (holder, holder) if holder else (who, "")


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_eight_processes_race_for_the_same_teams(
    database: str, quick_path: Path, request: pytest.FixtureRequest
) -> None:
    """What each process saw is explained by one order of acts, and the log holds just those acts.

    0 double assignments: no team is won twice without having been given back. 0 lost: every win and
    every return that a process was told of is in the log, and nothing else is.
    """
    where = (
        str(quick_path / "ledger.sqlite")
        if database == "sqlite"
        else schema_address(request.getfixturevalue("postgres"))
    )
    with closing(open_ledger(where)) as ledger:
        histories: list[list[Seen]] = told_by(race, range(1, CLIENTS + 1), where, PAIRS)
        recorded = Counter(_acts(ledger))
        assert verify(ledger).whole
    seen = [act for history in histories for act in history]
    told = Counter(what for _, what, _, _, result in seen if result == "")
    assert max(recorded.values()) == 1
    assert recorded == told
    operations = [
        Operation(client, called, returned, (pair, what), result)
        for client, history in enumerate(histories)
        for pair, what, called, returned, result in history
    ]
    parts = by_object(operations, lambda what: what[0])
    assert len(parts) == PAIRS
    bad = [
        pair
        for pair, part in parts.items()
        if not linearizable(part, "", lambda holder, what: team(holder, what[1]))
    ]
    assert bad == []


def _acts(ledger: Any) -> list[tuple[str, str]]:
    acts = []
    for each in ledger.read():
        if isinstance(each.event, Reserved):
            acts.append(("reserve", each.event.reservation_id))
        elif isinstance(each.event, ReservationDeclined):
            acts.append(("decline", each.event.reservation_id))
    return acts
