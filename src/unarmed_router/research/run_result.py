"""What one replication of a scenario came to: small enough to send between processes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.model.outcome import Disposition, Outcome
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.research.call_outcomes import NOBODY_CAME, CallOutcomes
from unarmed_router.research.replications import FIGURES, figure_of

if TYPE_CHECKING:
    from unarmed_router.dispatch.ports import Hours
    from unarmed_router.fleet.call_record import CallRecord
    from unarmed_router.simulation.finished import FinishedCall

__all__ = ["RUN_FIGURES", "RunResult", "collected"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RunResult:
    """One replication, after its warm-up.

    Parameters
    ----------
    replication : int
        Its number.
    days : float
        Days that were counted.
    tally : mapping of (str, str) to int
        Calls received by outcome and reason; each call once.
    outcomes : CallOutcomes
        Calls an unarmed program would take.
    wait_s : float64 array
        From receipt to the reservation of the team that came, of each call one came to, seconds.
    redirected : int
        Calls handed over from the scene.
    team_hours : float
        Hours teams were bound by calls that one of them reached, reserved to free.
    busy : mapping of str to float
        Share of the counted time each team was bound by calls, reserved to free: with turnout and
        clearing, without breaks and the way home.
    """

    replication: int
    days: float
    tally: Mapping[tuple[str, str], int]
    outcomes: CallOutcomes
    wait_s: npt.NDArray[np.float64]
    redirected: int
    team_hours: float
    busy: Mapping[str, float]

    @property
    def received(self) -> int:
        """Calls received."""
        return sum(self.tally.values())

    @property
    def mean_response_s(self) -> float:
        """Mean response time, seconds; NaN where no team came to any call."""
        return self._reckoned("mean_response_s")

    @property
    def median_response_s(self) -> float:
        """Response time that half of the calls did not exceed, seconds; NaN as above."""
        return self._reckoned("median_response_s")

    @property
    def p90_response_s(self) -> float:
        """Response time that nine in ten calls did not exceed, seconds; NaN as above."""
        return self._reckoned("p90_response_s")

    @property
    def unserved_share(self) -> float:
        """Share of calls a program would take that no team came to; NaN of no call."""
        return self._reckoned("unserved_share")

    @property
    def mean_wait_s(self) -> float:
        """Mean wait for a team, seconds; NaN where no team came to any call."""
        return float(self.wait_s.mean()) if len(self.wait_s) else math.nan

    @property
    def served_per_day(self) -> float:
        """Calls a day that a team came to."""
        return float(self.outcomes.served.sum()) / self.days

    def figure(self, name: str) -> float:
        """Return a figure by its name; NaN where nothing is there to reckon it from.

        Parameters
        ----------
        name : str
            One of `RUN_FIGURES` or of `replications.FIGURES`.

        Raises
        ------
        InputError
            An unknown figure.
        """
        known = dict.fromkeys((*RUN_FIGURES, *FIGURES))
        if name not in known:
            raise InputError(f"figure {name!r} is none of {', '.join(known)}")
        return float(getattr(self, name)) if name in RUN_FIGURES else self._reckoned(name)

    def per_day(self, kind: tuple[str, str]) -> float:
        """Return the calls a day that ended one way, for one reason."""
        return self.tally.get(kind, 0) / self.days

    def _reckoned(self, figure: str) -> float:
        """Return a figure of `replications.FIGURES`, the one table of what is reckoned of calls."""
        found = figure_of(self.outcomes, figure)
        return math.nan if found is None else found


RUN_FIGURES = (
    "mean_response_s",
    "p90_response_s",
    "unserved_share",
    "mean_wait_s",
    "served_per_day",
)
"""Figures of a result that are told, by the name of their property; `figure_text` has the words."""


def collected(
    finished: Iterable[FinishedCall],
    *,
    replication: int,
    counts_from: datetime,
    ends: datetime,
    teams: Iterable[str],
    hours: Hours,
) -> RunResult:
    """Reduce the calls of a run to what is reported.

    Parameters
    ----------
    finished : iterable of FinishedCall
        As the engine yields them.
    replication : int
        Its number.
    counts_from, ends : datetime
        Calls received from the one to the other are counted.
    teams : iterable of str
        Every team, so that an idle one is not forgotten.
    hours : Hours
        The agency's wall clock.
    """
    tally: Counter[tuple[str, str]] = Counter()
    rows: list[tuple[float, int, int, float, float]] = []
    waits: list[float] = []
    bound: dict[str, float] = dict.fromkeys(sorted(teams), 0.0)
    redirected, team_s = 0, 0.0
    for each in finished:
        record = each.record
        for part in record.assignments:
            bound[part.team_id] += part.bound_s(counts_from, ends, clearing_s=each.clearing_s)
        if not counts_from <= record.call.received_at < ends:
            continue
        tally[str(record.outcome), record.reason] += 1
        redirected += record.reason == Disposition.HANDED_OVER
        response = each.response_s
        if response is not None:
            waits.append(each.wait_s or 0.0)
            team_s += each.busy_s
        elif not _wanted_a_team(record):
            continue
        call = record.call
        hour = hours.hour_of_week(call.received_at)
        seconds = math.nan if response is None else response
        rows.append((seconds, each.division or 0, hour, call.lon, call.lat))
    counted_s = (ends - counts_from).total_seconds()
    return RunResult(
        replication=replication,
        days=counted_s / 86_400,
        tally=dict(sorted(tally.items())),
        outcomes=CallOutcomes.of_rows(rows),
        wait_s=np.array(waits, np.float64),
        redirected=redirected,
        team_hours=team_s / 3600,
        busy={team_id: seconds / counted_s for team_id, seconds in bound.items()},
    )


def _wanted_a_team(record: CallRecord) -> bool:
    """Tell whether a call that no team came to is one a program would have taken.

    One that was assigned was given up on while its team was on the way. One that no program serves
    is referred as it is received; later, it has waited until nobody served it any more.
    """
    open_or_given_up = {Outcome.CANCELLED, Outcome.WAITING, Outcome.ASSIGNED}
    if record.outcome in open_or_given_up or record.reason in NOBODY_CAME:
        return True
    waited = record.ended_at is not None and record.ended_at > record.call.received_at
    return waited and record.reason == ReferralReason.NO_PROGRAM_HERE
