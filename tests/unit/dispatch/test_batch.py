"""Calls as columns: each kind of call is written once, each call in the order it came."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from tests.scenarios.city import NOON, draw_city
from unarmed_router.dispatch.batch import Batch, Minute
from unarmed_router.dispatch.desk import Desk
from unarmed_router.dispatch.team_table import TeamTable


def test_calls_of_one_kind_share_it_and_no_other_does() -> None:
    """Two calls are of one kind when the same programs take them and each team lacks the same."""
    city = draw_city("a--b", teams={"T1": "a"})
    ground = Desk(city.world).ground_at(NOON)
    teams = TeamTable.of(city.roster().snapshot().lineup, ground)
    taken, untaken, able, unable = (np.array([value], np.uint8) for value in (1, 0, 0, 128))
    kinds = [(taken, able), (taken, unable), (untaken, able), (taken, able)]
    batch = Batch()
    for row, kind in enumerate(kinds):
        minute = Minute(row, row, ground, 0, NOON + timedelta(minutes=row))
        batch.add(city.call("b"), (row, row, 0), minute, teams, kind)
    ((first, _, rows),) = batch.groups()
    points, moments, of_call, takes, lacks = batch.columns(rows)
    assert of_call.tolist() == [0, 1, 2, 0]
    assert (takes[of_call, 0].tolist(), lacks[of_call, 0].tolist()) == (
        [1, 1, 0, 1],
        [0, 128, 0, 0],
    )
    assert len(takes) == len(lacks) == 3
    assert [batch.kind(row) for row in range(4)] == kinds
    assert moments.tolist() == [[row, row, 0] for row in range(4)]
    assert points.tolist() == [list(city.places["b"])] * 4
    assert (first.number, rows.tolist()) == (0, [0, 1, 2, 3])
