"""Queues by their definitions: sums of factorials, equations in fractions, M/D/c step by step."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

__all__ = [
    "hypercube_probabilities",
    "loss_share",
    "mdc_wait",
    "mh2c_wait",
    "mmc_wait",
    "wait_share",
]


def loss_share(servers: int, load: Fraction) -> Fraction:
    """Erlang's loss formula as he wrote it: one term over the sum of terms."""
    terms = [load**k / Fraction(math.factorial(k)) for k in range(servers + 1)]
    return terms[-1] / sum(terms)


def wait_share(servers: int, load: Fraction) -> Fraction:
    """Share of waiting calls from the probabilities of a birth and death process."""
    terms = [load**k / Fraction(math.factorial(k)) for k in range(servers)]
    waiting = load**servers / Fraction(math.factorial(servers)) * servers / (servers - load)
    return waiting / (sum(terms) + waiting)


def mmc_wait(servers: int, load: Fraction) -> Fraction:
    """Mean wait in service times, by Little's law from the mean number waiting."""
    return wait_share(servers, load) * load / (servers - load) / load


def mdc_wait(servers: int, load: float) -> float:
    """Mean wait of M/D/c in service times, to some six digits.

    Whoever is in service now is gone one service time later, and nobody else (Crommelin, 1932): the
    number present goes from n to max(n - c, 0) plus the arrivals of one service time. That chain is
    run until it is steady.
    """
    most = 60 * servers
    arrivals = [math.exp(-load + k * math.log(load) - math.lgamma(k + 1)) for k in range(most)]
    present = np.zeros(most)
    present[0] = 1.0
    for _ in range(20_000):
        left = np.zeros(most)
        left[0] = present[: servers + 1].sum()
        left[1 : most - servers] = present[servers + 1 :]
        following = np.convolve(left, arrivals)[:most]
        following /= following.sum()
        change = float(np.abs(following - present).max())
        present = following
        if change < 1e-14:
            break
    waiting = sum((n - servers) * present[n] for n in range(servers + 1, most))
    return float(waiting / load)


def mh2c_wait(
    servers: int, arrival_rate: float, short_share: float, rates: tuple[float, float], *, most: int
) -> tuple[float, float]:
    """Share of waiting calls and mean wait of M/H2/c with room for `most` calls.

    A state is how many services of either kind run and how many calls queue; every balance is
    written out and all are solved at once.
    """
    states = [
        (short, running - short, queue)
        for running in range(servers + 1)
        for short in range(running + 1)
        for queue in range(most - servers + 1 if running == servers else 1)
    ]
    place = {state: k for k, state in enumerate(states)}
    balance = np.zeros((len(states), len(states)))

    def flow(source: tuple[int, int, int], target: tuple[int, int, int], rate: float) -> None:
        balance[place[target], place[source]] += rate
        balance[place[source], place[source]] -= rate

    kinds = ((1, 0, short_share), (0, 1, 1.0 - short_share))
    for short, long, queue in states:
        here = (short, long, queue)
        if short + long < servers:
            for more, other, chance in kinds:
                flow(here, (short + more, long + other, 0), arrival_rate * chance)
        elif (short, long, queue + 1) in place:
            flow(here, (short, long, queue + 1), arrival_rate)
        for end_short, end_long, rate in ((1, 0, short * rates[0]), (0, 1, long * rates[1])):
            if rate and not queue:
                flow(here, (short - end_short, long - end_long, 0), rate)
            elif rate:
                for more, other, chance in kinds:
                    target = (short - end_short + more, long - end_long + other, queue - 1)
                    flow(here, target, rate * chance)
    balance[0] = 1.0  # probabilities add up to 1
    wanted = np.zeros(len(states))
    wanted[0] = 1.0
    found = np.linalg.solve(balance, wanted)
    share = sum(p for p, (a, b, _) in zip(found, states, strict=True) if a + b == servers)
    queued = sum(p * queue for p, (_, _, queue) in zip(found, states, strict=True))
    return float(share), float(queued / arrival_rate)


def hypercube_probabilities(
    rates: list[Fraction], preference: list[list[int]], speeds: list[Fraction], *, waits: bool
) -> tuple[list[Fraction], Fraction]:
    """States of the hypercube model, and the chance of a queue: Gauss's elimination in fractions.

    The twin of `solve_hypercube`: states are tuples, and one equation is written for each.
    """
    teams = len(speeds)
    states = [tuple(number >> n & 1 for n in range(teams)) for number in range(2**teams)]
    place = {state: k for k, state in enumerate(states)}
    count = len(states)
    matrix = [[Fraction(0)] * (count + 1) for _ in range(count)]

    def flow(source: tuple[int, ...], team: int, rate: Fraction) -> None:
        target = tuple(1 - bit if n == team else bit for n, bit in enumerate(source))
        matrix[place[target]][place[source]] += rate
        matrix[place[source]][place[source]] -= rate

    for state in states:
        for team in range(teams):
            if state[team]:
                flow(state, team, speeds[team])
        for rate, order in zip(rates, preference, strict=True):
            free = [team for team in order if not state[team]]
            if free:
                flow(state, free[0], rate)
    matrix[0] = [Fraction(1)] * (count + 1)  # probabilities add up to 1
    for k in range(count):
        pivot = next(row for row in range(k, count) if matrix[row][k])
        matrix[k], matrix[pivot] = matrix[pivot], matrix[k]
        matrix[k] = [value / matrix[k][k] for value in matrix[k]]
        for row in range(count):
            if row != k and matrix[row][k]:
                times = matrix[row][k]
                matrix[row] = [a - times * b for a, b in zip(matrix[row], matrix[k], strict=True)]
    found = [matrix[k][count] for k in range(count)]
    if not waits:
        return found, Fraction(0)
    ratio = sum(rates, Fraction(0)) / sum(speeds, Fraction(0))
    queued = found[-1] * ratio / (1 - ratio)
    return [value / (1 + queued) for value in found], queued / (1 + queued)
