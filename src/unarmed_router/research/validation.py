"""The simulation beside theory: what queueing models know, played by the live dispatcher."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

from unarmed_router.model.whole_number import whole_number
from unarmed_router.research.expected_coverage import busy_fraction, expected_coverage
from unarmed_router.research.general_service import (
    Hyperexponential,
    mdc_waiting,
    mh2c_waiting,
)
from unarmed_router.research.hypercube import solve_hypercube
from unarmed_router.research.hypercube_demand import SpatialDemand
from unarmed_router.research.intervals import Interval, mean_interval
from unarmed_router.research.queueing import erlang_b, lee_longton_wait, mmc_waiting
from unarmed_router.research.theory_play import Model, Played, play
from unarmed_router.simulation.call_mix import OnSceneTime
from unarmed_router.simulation.draws import exponential, standard_normal

__all__ = ["Check", "validate"]

Floats = npt.NDArray[np.float64]

_MEAN_S = 1200.0
_VARIATION = 1.2
_LOAD = 2.1
"""Erlangs for three teams: seven tenths of their time."""

_MIXED = Hyperexponential(_MEAN_S, _VARIATION)

_MOST_MODELS = 1000
"""Seeds set aside for the models of one seed, so that the next seed shares none of them."""

_HOMES = (0, 1, 2)
_PLACES = (0.5, 0.3, 0.2)
_TRAVEL_S = ((1.0, 4.0, 9.0), (4.0, 1.0, 5.0), (9.0, 5.0, 1.0))
"""Too short to lengthen service by more than some thousandths, so that the order alone matters."""
_NEAR_S = 4.0


@dataclass(frozen=True, slots=True)
class Check:
    """One figure of a model, by theory and as played.

    Parameters
    ----------
    model, quantity, unit : str
        What.
    theory : float
        What the model says.
    played : Interval
        Mean over replications.
    exact : bool
        Whether theory is exact, or itself an approximation.
    """

    model: str
    quantity: str
    unit: str
    theory: float
    played: Interval
    exact: bool = True

    @property
    def agrees(self) -> bool:
        """Whether the interval holds what theory says."""
        return self.played.low <= self.theory <= self.played.high


def validate(
    *, replications: int = 10, calls: int = 3000, seed: int = 1, confidence: float = 0.99
) -> Iterator[Check]:
    """Play every model and hold it against theory.

    Parameters
    ----------
    replications : int
        Of each model; at least 2.
    calls : int
        In each replication, a tenth of them as warm-up; at least 10.
    seed : int
        Which numbers; every model takes its own ones from it, so that models are independent.
    confidence : float
        Of each interval; were some twenty at 0.99 independent, one in five runs would miss one by
        chance. Models are; figures of one model share its replications and go together.

    Yields
    ------
    Check

    Raises
    ------
    InputError
        Fewer replications or calls: one replication has no interval, and some calls no theory.
    """
    whole_number("replications", replications, least=2)
    whole_number("calls", calls, least=10)
    study = _Study(replications=replications, calls=calls, seed=seed, confidence=confidence)
    yield from _exponential_service(study)
    yield from _equal_and_log_normal_service(study)
    yield from _loss(study)
    for waits in (False, True):
        yield from _hypercube(study, waits=waits)
    yield from _many_teams(study)
    yield from _general_service(study)


class _Study:
    """Plays models, each with a seed of its own, and holds what came of them against theory."""

    def __init__(self, *, replications: int, calls: int, seed: int, confidence: float) -> None:
        self._replications, self._calls, self._confidence = replications, calls, confidence
        self._seeds = count(_MOST_MODELS * seed)

    def played(self, model: Model) -> list[Played]:
        """Play every replication of the next model."""
        seed, numbers = next(self._seeds), range(self._replications)
        return [play(model, calls=self._calls, seed=seed, replication=n) for n in numbers]

    def check(
        self,
        name: str,
        quantity: str,
        unit: str,
        theory: float,
        runs: list[Played],
        measure: Callable[[Played], float],
        *,
        exact: bool = True,
    ) -> Check:
        """Hold the mean of a figure over replications against what theory says."""
        interval = mean_interval([measure(run) for run in runs], confidence=self._confidence)
        assert interval is not None  # noqa: S101  # there are replications
        return Check(name, quantity, unit, theory, interval, exact)


def _exponential_service(study: _Study) -> Iterator[Check]:
    for teams, load in ((1, 0.6), (3, _LOAD)):
        runs = study.played(_one_place(teams, load, _exponential, waits=True))
        theory = mmc_waiting(teams, load / _MEAN_S, _MEAN_S)
        name = f"M/M/{teams}, {load} erlang"
        yield study.check(name, "calls that wait", "", theory.share, runs, _waiting)
        yield study.check(name, "mean wait", "s", theory.mean, runs, _mean_wait)


def _equal_and_log_normal_service(study: _Study) -> Iterator[Check]:
    runs = study.played(_one_place(1, 0.6, _constant, waits=True))
    half = lee_longton_wait(1, 0.6 / _MEAN_S, _MEAN_S, 0.0)
    yield study.check("M/D/1, 0.6 erlang", "mean wait", "s", half, runs, _mean_wait)
    runs = study.played(_one_place(3, _LOAD, _log_normal, waits=True))
    general = lee_longton_wait(3, _LOAD / _MEAN_S, _MEAN_S, _VARIATION)
    name = f"M/G/3, {_LOAD} erlang, log-normal"
    yield study.check(name, "mean wait", "s", general, runs, _mean_wait, exact=False)


def _loss(study: _Study) -> Iterator[Check]:
    blocked = erlang_b(3, _LOAD)
    for kind, service in (("exponential", _exponential), ("log-normal", _log_normal)):
        runs = study.played(_one_place(3, _LOAD, service, waits=False))
        yield study.check(f"Erlang loss, 3 teams, {kind}", "calls lost", "", blocked, runs, _lost)


def _many_teams(study: _Study) -> Iterator[Check]:
    runs = study.played(_one_place(60, 0.5, _exponential, waits=True))
    yield study.check("60 teams, half an erlang", "mean wait", "s", 0.0, runs, _mean_wait)


def _general_service(study: _Study) -> Iterator[Check]:
    for kind, exact, drawn in (
        ("M/D/3", mdc_waiting(3, _LOAD / _MEAN_S, _MEAN_S), _constant),
        ("M/H2/3", mh2c_waiting(3, _LOAD / _MEAN_S, _MIXED), _hyperexponential),
    ):
        runs = study.played(_one_place(3, _LOAD, drawn, waits=True))
        name = f"{kind}, {_LOAD} erlang"
        yield study.check(name, "calls that wait", "", exact.share, runs, _waiting)
        yield study.check(name, "mean wait", "s", exact.mean, runs, _mean_wait)


def _hypercube(study: _Study, *, waits: bool) -> Iterator[Check]:
    """Hold three teams at three places against Larson's model, solved exactly."""
    rates = np.array(_PLACES) * _LOAD / _MEAN_S
    demand = SpatialDemand.nearest_first(rates, np.array(_TRAVEL_S), np.full(3, 1 / _MEAN_S))
    solution = solve_hypercube(demand, waits=waits)
    runs = study.played(
        Model(
            rates=rates.tolist(),
            homes=_HOMES,
            travel_s=_TRAVEL_S,
            service_s=_exponential,
            waits=waits,
        )
    )
    name = f"hypercube, 3 teams, calls {'wait' if waits else 'are lost'}"
    for team in range(3):
        busy = float(solution.workloads[team])
        yield study.check(name, f"workload of team {team + 1}", "", busy, runs, _workload(team))
    travel = solution.mean_travel(np.array(_TRAVEL_S))
    yield study.check(name, "mean travel", "s", travel, runs, _mean_travel)
    if waits:
        wait = solution.mean_wait or 0.0
        yield study.check(name, "mean wait", "s", wait, runs, _mean_wait)
        within = np.array(_TRAVEL_S) <= _NEAR_S
        found = f"calls that find a free team within {_NEAR_S:g} s"
        yield study.check(name, found, "", solution.covered(within), runs, _near)
        busy = busy_fraction(_LOAD, len(_HOMES)) or 0.0
        for kind, load in (("MEXCLP", None), ("corrected MEXCLP", _LOAD)):
            share = expected_coverage(within, _PLACES, busy, load=load) or 0.0
            yield study.check(name, f"the same, by {kind}", "", share, runs, _near, exact=False)
    else:
        yield study.check(name, "calls lost", "", solution.all_busy, runs, _lost)


def _one_place(
    teams: int, load: float, service_s: Callable[[Floats], Floats], *, waits: bool
) -> Model:
    return Model(
        rates=[load / _MEAN_S],
        homes=[0] * teams,
        travel_s=[[0.0]],
        service_s=service_s,
        waits=waits,
    )


def _exponential(uniform: Floats) -> Floats:
    return _MEAN_S * exponential(uniform[:, 0])


def _constant(uniform: Floats) -> Floats:
    return np.full(len(uniform), _MEAN_S)


def _hyperexponential(uniform: Floats) -> Floats:
    rates = np.where(uniform[:, 0] < _MIXED.short_share, *_MIXED.rates)
    return exponential(uniform[:, 1]) / rates


def _log_normal(uniform: Floats) -> Floats:
    return OnSceneTime(_MEAN_S, _VARIATION, longest_s=1e9).seconds(standard_normal(uniform))


def _waiting(run: Played) -> float:
    return float((run.waits_s > 0).mean())


def _mean_wait(run: Played) -> float:
    return float(run.waits_s.mean())


def _mean_travel(run: Played) -> float:
    return float(run.travels_s.mean())


def _near(run: Played) -> float:
    return float(((run.waits_s <= 0.0) & (run.travels_s <= _NEAR_S)).mean())


def _lost(run: Played) -> float:
    return run.lost / run.received


def _workload(team: int) -> Callable[[Played], float]:
    return lambda run: float(run.busy[team])
