"""Playing what queueing theory models: streams, measures and replications of a theory city."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from unarmed_router.model.call import Call, Facts
from unarmed_router.model.outcome import Outcome
from unarmed_router.research.theory_city import CALL_TYPE, TheoryCity, place_of
from unarmed_router.simulation.agenda import Agenda
from unarmed_router.simulation.call_mix import Service
from unarmed_router.simulation.crews import AfterCall, CrewRules
from unarmed_router.simulation.draws import Draws, exponential
from unarmed_router.simulation.engine import Engine
from unarmed_router.simulation.finished import FinishedCall
from unarmed_router.simulation.streams import StreamedCall

__all__ = ["Model", "Played", "play"]

Floats = npt.NDArray[np.float64]

_START = datetime(2026, 1, 1, tzinfo=UTC)
_WARM_UP = 0.1
"""Share of the calls that are played before anything is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What is played.

    Parameters
    ----------
    rates : sequence of float
        Calls per second from each place.
    homes : sequence of int
        Place where each team waits.
    travel_s : sequence of sequence of float
        Time from each place to each, seconds.
    service_s : callable
        Turns pairs of uniform numbers, shape (n, 2), into times on scene, seconds.
    waits : bool
        Whether calls wait; else they are lost.
    """

    rates: Sequence[float]
    homes: Sequence[int]
    travel_s: Sequence[Sequence[float]]
    service_s: Callable[[Floats], Floats]
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What one replication came to, after its warm-up.

    Parameters
    ----------
    received, lost : int
        Calls, and those no team took.
    waits_s, travels_s : float64 array
        Wait and travel of each call that was served, seconds.
    busy : float64 array, shape (teams,)
        Share of time each team was bound.
    """

    received: int
    lost: int
    waits_s: Floats
    travels_s: Floats
    busy: Floats


def play(model: Model, *, calls: int, seed: int, replication: int) -> Played:
    """Play one replication with the live dispatcher.

    Parameters
    ----------
    model : Model
        What.
    calls : int
        How many, the first tenth as warm-up.
    seed, replication : int
        Which numbers; see `simulation.draws`.
    """
    draws = Draws(seed, replication)
    travel_ms = [[round(1000 * each) for each in row] for row in model.travel_s]
    city = TheoryCity(model.homes, travel_ms, model.waits)
    rules = CrewRules(after=AfterCall.AT_HOME)
    stream = list(_stream(model, draws, calls))
    finished = list(Engine(city, stream, agenda=Agenda(_START), rules=rules).run())
    since = stream[round(calls * _WARM_UP)].call.received_at
    until = stream[-1].call.received_at
    counted = [row for row in finished if since <= row.record.call.received_at]
    served = [row for row in counted if row.served]
    return Played(
        received=len(counted),
        lost=sum(row.record.outcome is Outcome.REFERRED for row in counted),
        waits_s=np.array([row.wait_s for row in served], np.float64),
        travels_s=np.array([_travel_s(row) for row in served], np.float64),
        busy=_busy(
            finished, [state.team.team_id for state in city.roster.snapshot().teams], since, until
        ),
    )


def _stream(model: Model, draws: Draws, calls: int) -> Iterator[StreamedCall]:
    rates = np.asarray(model.rates, np.float64)
    gaps = exponential(draws.uniform("arrival", 0, calls)[:, 0]) / rates.sum()
    steps = np.cumsum(rates)
    places = np.searchsorted(steps, draws.uniform("place", 0, calls)[:, 0] * steps[-1], "right")
    times, services = np.cumsum(gaps), model.service_s(draws.uniform("service", 0, calls, 2))
    facts = Facts()
    for number, (after, place, stay) in enumerate(
        zip(times.tolist(), places.tolist(), services.tolist(), strict=True)
    ):
        lon, lat = place_of(min(place, len(rates) - 1))
        call = Call(
            call_id=f"call-{number}",
            lon=lon,
            lat=lat,
            call_type=CALL_TYPE,
            received_at=_START + timedelta(seconds=after),
            facts=facts,
        )
        # Whole seconds would round what theory has exact.
        yield StreamedCall(call, Service(stay, 3, None, redirected=False))


def _travel_s(row: FinishedCall) -> float:
    assignment = row.record.assignments[-1]
    if assignment.en_route_at is None or assignment.on_scene_at is None:
        return 0.0
    return (assignment.on_scene_at - assignment.en_route_at).total_seconds()


def _busy(
    finished: Sequence[FinishedCall], teams: Sequence[str], since: datetime, until: datetime
) -> Floats:
    """Measure the share of a window in which each team was bound."""
    place = {team_id: number for number, team_id in enumerate(teams)}
    busy = np.zeros(len(teams))
    for row in finished:
        for each in row.record.assignments:
            busy[place[each.team_id]] += each.bound_s(since, until, clearing_s=row.clearing_s)
    return busy / (until - since).total_seconds()
