"""Waiting and loss where every team can take every call: the textbook models.

Calls arrive at random (Poisson) at a rate; each of `servers` teams serves one at a time. Travel
counts as a part of service. Rates and times are in any one unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from unarmed_router.errors import InputError
from unarmed_router.model.whole_number import whole_number

__all__ = [
    "WaitDistribution",
    "allen_cunneen_wait",
    "check_rates",
    "check_servers",
    "erlang_b",
    "erlang_c",
    "lee_longton_wait",
    "mmc_waiting",
]


def erlang_b(servers: int, load: float) -> float:
    """Share of calls that find every team busy, when those are lost (M/G/c/c).

    Holds for any distribution of service times. Erlang's recursion in the number of teams, which
    neither overflows nor cancels (Jagerman, 1974, doi 10.1002/j.1538-7305.1974.tb02756.x).

    Parameters
    ----------
    servers : int
        Teams; at least 0.
    load : float
        Arrival rate times mean service time, erlangs; at least 0.

    Raises
    ------
    InputError
        A value out of range.
    """
    check_servers(servers, least=0)
    _check_load(load)
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Share of calls that must wait, when they do wait (M/M/c); 1 where teams cannot keep up.

    Parameters
    ----------
    servers : int
        Teams; at least 1.
    load : float
        Arrival rate times mean service time, erlangs; at least 0.

    Raises
    ------
    InputError
        A value out of range.
    """
    check_servers(servers, least=1)
    _check_load(load)
    if load >= servers:
        return 1.0
    blocked = erlang_b(servers, load)
    return blocked / (1.0 - load / servers * (1.0 - blocked))


@dataclass(frozen=True, slots=True)
class WaitDistribution:
    """Waiting before service in the long run, first come first served.

    Parameters
    ----------
    share : float
        Of calls that wait at all.
    mean : float
        Mean wait over all calls, those that do not wait too; infinite where teams cannot keep up.
    decay : float
        The wait of those who wait is exponential with this rate; 0 where teams cannot keep up.
    """

    share: float
    mean: float
    decay: float

    def beyond(self, wait: float) -> float:
        """Share of calls that wait longer than `wait`.

        Raises
        ------
        InputError
            `wait` below 0, where the share would be above all.
        """
        if not wait >= 0.0:
            raise InputError(f"wait {wait} must be at least 0")
        return self.share * math.exp(-self.decay * wait)

    def quantile(self, share: float) -> float:
        """Return the wait that a share of calls, in [0, 1), do not exceed.

        Raises
        ------
        InputError
            `share` outside [0, 1).
        """
        if not 0.0 <= share < 1.0:
            raise InputError(f"share {share} must be in [0, 1)")
        if 1.0 - share >= self.share:
            return 0.0
        return math.inf if self.decay == 0.0 else math.log(self.share / (1.0 - share)) / self.decay


def mmc_waiting(servers: int, arrival_rate: float, service_mean: float) -> WaitDistribution:
    """Solve M/M/c: Poisson arrivals, exponential service.

    Parameters
    ----------
    servers : int
        Teams; at least 1.
    arrival_rate, service_mean : float
        Of one unit of time.

    Raises
    ------
    InputError
        A value out of range.
    """
    check_rates(arrival_rate, service_mean)
    load = arrival_rate * service_mean
    share = erlang_c(servers, load)
    if load >= servers:
        return WaitDistribution(1.0, math.inf, 0.0)
    decay = (servers - load) / service_mean
    return WaitDistribution(share, share / decay, decay)


def lee_longton_wait(
    servers: int, arrival_rate: float, service_mean: float, variation: float
) -> float:
    """Mean wait in M/G/c, approximately.

    The wait of M/M/c times ``(1 + variation**2) / 2`` (Lee and Longton, 1959,
    doi 10.1057/jors.1959.5). Exact for one team (Pollaczek and Khinchine) and for exponential
    service; elsewhere good to some per cent when teams are busy, worse when they are not.

    Parameters
    ----------
    servers : int
        Teams; at least 1.
    arrival_rate, service_mean : float
        Of one unit of time.
    variation : float
        Standard deviation of service times over their mean.

    Raises
    ------
    InputError
        A value out of range.
    """
    return allen_cunneen_wait(servers, arrival_rate, service_mean, 1.0, variation)


def allen_cunneen_wait(
    servers: int,
    arrival_rate: float,
    service_mean: float,
    arrival_variation: float,
    service_variation: float,
) -> float:
    """Mean wait in G/G/c, approximately.

    The wait of M/M/c times the mean of the two squared variations (Allen, Probability, Statistics
    and Queueing Theory, 2nd ed. 1990, section 5.3). With Poisson arrivals it is `lee_longton_wait`.

    Parameters
    ----------
    servers, arrival_rate, service_mean
        As in `lee_longton_wait`.
    arrival_variation, service_variation : float
        Standard deviation over mean, of the times between arrivals and of service times.

    Raises
    ------
    InputError
        A value out of range.
    """
    for value in (arrival_variation, service_variation):
        if not 0.0 <= value < math.inf:
            raise InputError(f"variation {value} must be at least 0")
    squares = arrival_variation**2 + service_variation**2
    waiting = mmc_waiting(servers, arrival_rate, service_mean)
    return waiting.mean * squares / 2.0 if math.isfinite(waiting.mean) else math.inf


def check_servers(servers: int, *, least: int = 1) -> None:
    """Refuse what is no number of teams, or one out of range."""
    whole_number("servers", servers, least=least)


def _check_load(load: float) -> None:
    if not 0.0 <= load < math.inf:
        raise InputError(f"load {load} erlangs must be at least 0")


def check_rates(arrival_rate: float, service_mean: float) -> None:
    """Refuse rates and times out of range."""
    if not 0.0 <= arrival_rate < math.inf:
        raise InputError(f"arrival rate {arrival_rate} must be at least 0")
    if not 0.0 < service_mean < math.inf:
        raise InputError(f"mean service time {service_mean} must be above 0")
