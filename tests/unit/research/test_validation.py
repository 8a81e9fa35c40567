"""The simulation beside theory: every model has random numbers of its own."""

from __future__ import annotations

import pytest

from unarmed_router.research import validation
from unarmed_router.research.theory_play import Model, Played, play


def test_models_share_no_random_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each model has one seed for its replications, no other model's, nor one of the next seed."""
    used: dict[int, list[tuple[int, int]]] = {1: [], 2: []}
    for seed, seen in used.items():

        def watched(
            model: Model,
            *,
            calls: int,
            seed: int,
            replication: int,
            seen: list[tuple[int, int]] = seen,
        ) -> Played:
            seen.append((seed, replication))
            return play(model, calls=calls, seed=seed, replication=replication)

        monkeypatch.setattr(validation, "play", watched)
        checks = list(validation.validate(replications=2, calls=60, seed=seed))
        assert len(checks) > 15
    for seen in used.values():
        seeds = [seed for seed, _ in seen]
        assert [replication for _, replication in seen] == [0, 1] * (len(seen) // 2)
        assert len(set(seeds)) == len({check.model for check in checks}) == len(seen) // 2
    assert not {seed for seed, _ in used[1]} & {seed for seed, _ in used[2]}
