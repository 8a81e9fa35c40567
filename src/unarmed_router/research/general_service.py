"""Waiting where service is neither exponential nor alone: M/G/c that can be solved exactly.

Two kinds of service bracket what teams do. Equal times (M/D/c) vary less than real ones,
hyperexponential times (M/H2/c) as much as one likes. Both are exact for any number of teams, where
`queueing.lee_longton_wait` is an approximation by two moments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.research.queueing import check_rates, check_servers

__all__ = ["GeneralWaiting", "Hyperexponential", "mdc_waiting", "mh2c_waiting"]

Floats = npt.NDArray[np.float64]

_SMALLEST = 1e-16
_MOST_TERMS = 10_000_000


@dataclass(frozen=True, slots=True)
class GeneralWaiting:
    """Waiting before service in the long run, first come first served.

    Parameters
    ----------
    share : float
        Of calls that wait at all.
    mean : float
        Mean wait over all calls; infinite where teams cannot keep up.
    """

    share: float
    mean: float


def mdc_waiting(servers: int, arrival_rate: float, service_time: float) -> GeneralWaiting:
    """Solve M/D/c: every service takes equally long.

    Each server takes every c-th call (Crommelin, 1932; Franx, 2001,
    doi 10.1016/S0167-6377(01)00108-0), so a call waits as in a queue with one server and the times
    between c arrivals. Spitzer's identity (1956, doi 10.1090/S0002-9947-1956-0079851-X) gives its
    wait from sums of those times, which are gamma distributed.

    Parameters
    ----------
    servers : int
        Teams; at least 1.
    arrival_rate, service_time : float
        Of one unit of time.

    Raises
    ------
    InputError
        A value out of range, or teams so nearly overloaded that the sum has no end.
    """
    from scipy.special import gammainc  # noqa: PLC0415  # importing scipy costs 0.35 s

    check_servers(servers)
    check_rates(arrival_rate, service_time)
    load = arrival_rate * service_time
    if load >= servers:
        return GeneralWaiting(1.0, math.inf)
    if load == 0.0:
        return GeneralWaiting(0.0, 0.0)
    # Terms fall off at least as fast as Chernoff's bound of the tail of a gamma sum.
    fall = load - servers - servers * math.log(load / servers)
    terms = math.ceil(-math.log(_SMALLEST) / fall)
    if terms > _MOST_TERMS:
        raise InputError(f"load {load} is too near to {servers} teams to be solved")
    n = np.arange(1.0, terms + 1.0)
    ahead = gammainc(n * servers, n * load)  # the chance that n services outlast n * c arrivals
    share = -math.expm1(-float((ahead / n).sum()))
    late = ahead - servers / load * gammainc(n * servers + 1.0, n * load)
    return GeneralWaiting(share, service_time * float(late.sum()))


@dataclass(frozen=True, slots=True)
class Hyperexponential:
    """A mixture of two exponential times with balanced means.

    Each of the two kinds contributes half of the mean, which leaves one such mixture for each mean
    and variation.

    Parameters
    ----------
    mean : float
        Of all times; above 0.
    variation : float
        Standard deviation over mean; at least 1.

    Raises
    ------
    InputError
        A value out of range.
    """

    mean: float
    variation: float

    def __post_init__(self) -> None:
        check_rates(0.0, self.mean)
        if not 1.0 <= self.variation < math.inf:
            raise InputError(f"variation {self.variation} must be at least 1")

    @property
    def short_share(self) -> float:
        """Chance of the shorter kind."""
        square = self.variation**2
        return (1.0 + math.sqrt((square - 1.0) / (square + 1.0))) / 2.0

    @property
    def rates(self) -> tuple[float, float]:
        """One over the mean of the shorter kind, and of the longer."""
        return 2.0 * self.short_share / self.mean, 2.0 * (1.0 - self.short_share) / self.mean


def mh2c_waiting(servers: int, arrival_rate: float, service: Hyperexponential) -> GeneralWaiting:
    """Solve M/H2/c: service times vary more than exponential ones.

    The calls present and the servers busy with the shorter kind are a quasi-birth-death process,
    solved by logarithmic reduction (Latouche and Ramaswami, 1993, doi 10.2307/3214773).

    Parameters
    ----------
    servers : int
        Teams; at least 1.
    arrival_rate : float
        In the unit of time of the service.
    service : Hyperexponential
        How long calls take.

    Raises
    ------
    InputError
        A value out of range.
    """
    check_servers(servers)
    check_rates(arrival_rate, service.mean)
    if arrival_rate * service.mean >= servers:
        return GeneralWaiting(1.0, math.inf)
    if arrival_rate == 0.0:
        return GeneralWaiting(0.0, 0.0)
    up, stay, down = _levels(servers, arrival_rate, service)
    back = _first_passage_down(up, stay, down)
    more = -up @ np.linalg.inv(stay + up @ back)  # how often one more call than now, per stay
    start = _boundary(servers, arrival_rate, service, stay + more @ down)
    sizes = np.arange(servers + 1)  # level n has n + 1 states
    full = start[sizes[:-1].sum() + servers :]
    rest = np.linalg.inv(np.eye(servers + 1) - more)
    waiting = float((full @ rest).sum())
    whole = float(start[: -(servers + 1)].sum()) + waiting
    queued = float((full @ more @ rest @ rest).sum()) / whole
    return GeneralWaiting(waiting / whole, queued / arrival_rate)


def _levels(
    servers: int, arrival_rate: float, service: Hyperexponential
) -> tuple[Floats, Floats, Floats]:
    """Rates up, within and down a level at which every server is busy, by servers on short ones."""
    share, (fast, slow) = service.short_share, service.rates
    short = np.arange(servers + 1.0)
    ends, others = fast * short, slow * (servers - short)
    up = arrival_rate * np.eye(servers + 1)
    # Who ends makes room for the next in the queue, which may be of the other kind.
    down = np.diag(ends * share + others * (1.0 - share))
    down += np.diag(ends[1:] * (1.0 - share), -1) + np.diag(others[:-1] * share, 1)
    stay = -np.diag(arrival_rate + ends + others)
    return up, stay, down


def _first_passage_down(up: Floats, stay: Floats, down: Floats) -> Floats:
    """Return in which state a level is left downwards for the first time (the matrix G)."""
    one = np.eye(len(stay))
    high, low = np.linalg.solve(-stay, up), np.linalg.solve(-stay, down)
    found, reach = low, high
    while np.abs(reach).max() > _SMALLEST:
        both = one - high @ low - low @ high
        high, low = np.linalg.solve(both, high @ high), np.linalg.solve(both, low @ low)
        found, reach = found + reach @ low, reach @ high
    return np.asarray(found, np.float64)


def _boundary(servers: int, arrival_rate: float, service: Hyperexponential, top: Floats) -> Floats:
    """Return weights of the states with up to so many calls as servers, by calls, then short ones.

    Parameters
    ----------
    top : float array
        Rates within the last level, all that happens above it included.
    """
    share, (fast, slow) = service.short_share, service.rates
    first = [n * (n + 1) // 2 for n in range(servers + 2)]
    rates = np.zeros((first[-1], first[-1]))
    for n in range(servers + 1):
        for short in range(n + 1):
            here = first[n] + short
            if n < servers:
                rates[here, first[n + 1] + short + 1] += arrival_rate * share
                rates[here, first[n + 1] + short] += arrival_rate * (1.0 - share)
                rates[here, here] -= arrival_rate + fast * short + slow * (n - short)
            if short:
                rates[here, first[n - 1] + short - 1] += fast * short
            if n > short:
                rates[here, first[n - 1] + short] += slow * (n - short)
    rates[first[servers] :, first[servers] :] = top
    # Any one balance follows from the others: fix the empty city instead.
    rates[:, 0] = 0.0
    rates[0, 0] = 1.0
    wanted = np.zeros(len(rates))
    wanted[0] = 1.0
    return np.asarray(np.linalg.solve(rates.T, wanted), np.float64)
