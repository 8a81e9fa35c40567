"""How figures over replications are bounded, and told where somebody made the calls.

Every interval is Student's, of the mean over replications, cut to what the figure can be. That of a
share is never narrower than Wilson's, and that of a rate never than a Poisson number's: where few
calls count, replications that are alike by chance make Student's too sure. Figures of real calls
are told as `real_calls` has it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from unarmed_router.research.intervals import Interval, mean_interval, rate_interval, share_interval
from unarmed_router.research.real_calls import told_count, told_figure, told_share, withheld

__all__ = ["Telling", "possible"]


@dataclass(frozen=True, slots=True)
class Telling:
    """Bounds figures, and coarsens those of real calls.

    Parameters
    ----------
    confidence : float
        Of each interval by itself.
    real : bool
        Whether somebody made the calls.
    """

    confidence: float
    real: bool

    def figure(self, found: Interval | None) -> Interval | None:
        """Tell an interval of what is no count."""
        return told_figure(found) if self.real else found

    def rate(self, counts: Sequence[int], per: Sequence[float]) -> Interval | None:
        """Tell a number of calls by replication as a rate.

        Parameters
        ----------
        counts : sequence of int
            Calls of each replication.
        per : sequence of float
            What they are divided by, such as the days they came in; above 0.
        """
        found = mean_interval(np.divide(counts, per), confidence=self.confidence)
        if self.real:
            return possible(told_count(found, per=per[0]))
        return possible(found and rate_interval(found, sum(counts), sum(per)))

    def share(
        self, share: Interval | None, hits: Sequence[int], calls: Sequence[int]
    ) -> Interval | None:
        """Tell a share, so many of so many calls by replication.

        Real calls are the same in every replication: of them only a share of 0 or 1 throughout is
        bounded by Wilson's, of those of one.
        """
        found = possible(share, most=1.0)
        if found is None or not self.real:
            return found and share_interval(found, sum(hits), sum(calls))
        if found.low == found.high in {0.0, 1.0}:
            trials = max(calls, default=0)
            found = share_interval(found, trials * int(found.low), trials)
        return told_share(found, float(np.mean(calls)))

    def hidden(self, counts: Sequence[Sequence[Sequence[int]]]) -> list[list[bool]]:
        """Return `real_calls.withheld` of a table; of synthetic calls nothing is left out."""
        if self.real:
            return withheld(counts)
        return [[False] * (len(row) + 1) for row in counts]


def possible(interval: Interval | None, *, most: float = math.inf) -> Interval | None:
    """Cut an interval to what its figure can be: none here is negative."""
    if interval is None or not math.isfinite(interval.half_width):
        return interval
    return replace(interval, low=max(0.0, interval.low), high=min(most, interval.high))
