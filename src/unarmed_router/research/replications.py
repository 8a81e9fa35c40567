"""Figures over independent replications, with honest intervals.

Calls of one simulated run share teams and queues, so they are not independent: an interval from the
calls of one run is too narrow. A figure of each whole run is one value; runs are independent.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.research.call_outcomes import CallOutcomes, group_places
from unarmed_router.research.inequality import gini
from unarmed_router.research.intervals import Interval, mean_interval
from unarmed_router.simulation.summary import percentile

__all__ = ["FIGURES", "figure_of", "replicated", "replicated_groups", "served_and_not"]

G = TypeVar("G", bound=Hashable)

Ints = npt.NDArray[np.int64]


def _quantile(rows: CallOutcomes, share: float) -> float | None:
    times: list[float] = rows.response_s[rows.served].tolist()
    return percentile(times, share)


def _mean(rows: CallOutcomes) -> float | None:
    times = rows.response_s[rows.served]
    return float(times.mean()) if len(times) else None


def _unserved(rows: CallOutcomes) -> float | None:
    return float(1.0 - rows.served.mean()) if len(rows) else None


FIGURES: Mapping[str, Callable[[CallOutcomes], float | None]] = MappingProxyType(
    {
        "mean_response_s": _mean,
        "median_response_s": lambda rows: _quantile(rows, 0.5),
        "p90_response_s": lambda rows: _quantile(rows, 0.9),
        "unserved_share": _unserved,
        "gini_response": lambda rows: gini(rows.response_s[rows.served]),
    }
)
"""What may be reckoned of a run; each is None of a run that has nothing to reckon it from."""


def figure_of(rows: CallOutcomes, figure: str) -> float | None:
    """Reckon a figure of one run.

    Parameters
    ----------
    rows : CallOutcomes
        Its calls, warm-up left out.
    figure : str
        One of `FIGURES`.

    Raises
    ------
    InputError
        An unknown figure.
    """
    if figure not in FIGURES:
        raise InputError(f"figure {figure!r} is none of {', '.join(FIGURES)}")
    return FIGURES[figure](rows)


def replicated(
    runs: Sequence[CallOutcomes], figure: str, *, confidence: float = 0.95
) -> Interval | None:
    """Mean of a figure over runs, with Student's interval.

    Parameters
    ----------
    runs : sequence of CallOutcomes
        One a replication. A run in which the figure is undefined counts for nothing; `count` of the
        interval tells how many did.
    figure : str
        One of `FIGURES`.
    confidence : float
        In (0, 1).

    Returns
    -------
    Interval or None
        None where the figure is undefined in every run.

    Raises
    ------
    InputError
        An unknown figure, or a confidence out of range.
    """
    found = [figure_of(rows, figure) for rows in runs]
    return mean_interval([value for value in found if value is not None], confidence=confidence)


def replicated_groups(
    runs: Sequence[CallOutcomes],
    group_of: Callable[[CallOutcomes], Ints],
    groups: Sequence[G],
    figure: str,
    *,
    confidence: float = 0.95,
) -> dict[G, Interval | None]:
    """Do `replicated` for each group of calls.

    Parameters
    ----------
    runs : sequence of CallOutcomes
        One a replication.
    group_of : callable
        Gives each call of a run the place of its group in `groups`; -1 for none.
    groups : sequence of hashable
        Names.
    figure, confidence
        As in `replicated`.

    Raises
    ------
    InputError
        As `replicated`, or a place that is no group, see `call_outcomes.group_places`.

    Notes
    -----
    Each interval holds by itself. That all of them hold at once is less likely: with n groups, give
    ``1 - (1 - confidence) / n`` for that (Bonferroni).
    """
    places = [group_places(group_of(rows), len(rows), len(groups)) for rows in runs]
    return {
        group: replicated(
            [rows.where(place == k) for rows, place in zip(runs, places, strict=True)],
            figure,
            confidence=confidence,
        )
        for k, group in enumerate(groups)
    }


def served_and_not(
    runs: Sequence[CallOutcomes], group_of: Callable[[CallOutcomes], Ints], groups: int
) -> list[tuple[list[int], list[int]]]:
    """Count the calls of each group that a team came to, and the others, by replication.

    Parameters
    ----------
    runs, group_of
        As in `replicated_groups`.
    groups : int
        How many there are.
    """
    counts = []
    for rows in runs:
        place = group_places(group_of(rows), len(rows), groups)
        counts.append(
            [
                np.bincount(place[(place >= 0) & came], minlength=groups)
                for came in (rows.served, ~rows.served)
            ]
        )
    return [
        ([int(run[0][k]) for run in counts], [int(run[1][k]) for run in counts])
        for k in range(groups)
    ]
