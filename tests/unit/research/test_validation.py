"""The simulation beside theory: every model has random numbers of its own."""

from __future__ import annotations

import pytest

from unarmed_router.research import validation
from unarmed_router.research.theory_play import Model, Played, play


def test_expected_coverage_stands_beside_what_was_played() -> None:
    """The hypercube's coverage is exact; MEXCLP promises more, its correction less of it."""
    model = "hypercube, 3 teams, calls wait"
    rows = {
        check.quantity: check
        for check in validation.validate(replications=2, calls=60, seed=1)
        if check.model == model
    }
    exact = rows["calls that find a free team within 4 s"]
    plain, better = rows["the same, by MEXCLP"], rows["the same, by corrected MEXCLP"]
    assert (exact.exact, plain.exact, better.exact) == (True, False, False)
    assert exact.theory < better.theory < plain.theory == pytest.approx(0.8 * 0.51 + 0.2 * 0.3)
    assert exact.played == plain.played == better.played


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
