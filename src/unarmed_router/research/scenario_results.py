"""All replications of a scenario together: every figure with its interval over replications."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.model.proportion import check_confidence
from unarmed_router.operations.suppression import SMALLEST_SHOWN
from unarmed_router.research.division_frame import division_frame
from unarmed_router.research.figure_text import REPLAYED, SYNTHETIC
from unarmed_router.research.intervals import Interval, mean_interval
from unarmed_router.research.real_calls import by_tens, few
from unarmed_router.research.replications import replicated, replicated_groups, served_and_not
from unarmed_router.research.run_result import RUN_FIGURES, RunResult
from unarmed_router.research.service_figures import DivisionService, OutcomeRate, interval_record
from unarmed_router.research.telling import Telling, possible
from unarmed_router.simulation.streams import CallStream

if TYPE_CHECKING:
    import geopandas

    from unarmed_router.research.call_outcomes import CallOutcomes
    from unarmed_router.research.prepared_scenario import PreparedScenario

__all__ = ["ScenarioResults"]

G = TypeVar("G", bound=Hashable)


@dataclass(frozen=True, eq=False)
class ScenarioResults:
    """The replications of a scenario.

    Every interval is Student's, of the mean over replications, cut to what the figure can be; that
    of a share is never narrower than Wilson's, see `share`, and that of calls a day never than a
    Poisson number's. Calls of one replication share teams and are not independent of each other;
    replications are. One replication alone has no bounds.

    Parameters
    ----------
    prepared : PreparedScenario
        What was played.
    runs : sequence of RunResult
        In order of number, at least one.
    stated_confidence : float, optional
        In place of the scenario's own, see `confidence`.

    Raises
    ------
    InputError
        No replication, or a confidence out of range.
    """

    prepared: PreparedScenario
    runs: Sequence[RunResult]
    stated_confidence: float | None = None

    def __post_init__(self) -> None:
        if not self.runs:
            raise InputError("there are no replications to describe; run at least one")
        check_confidence(self.confidence)

    @property
    def confidence(self) -> float:
        """Of each interval by itself: that of the file's ``[precision]`` when not stated."""
        stated = self.stated_confidence
        return self.prepared.confidence if stated is None else stated

    @property
    def of_real_calls(self) -> bool:
        """Whether calls were replayed: then somebody made them, and small groups are hidden."""
        return not isinstance(self.prepared.source, CallStream)

    @property
    def left_out(self) -> str:
        """Say by tens how many calls of a replayed file the run leaves out; empty of none."""
        count = self.prepared.left_out
        outside = "calls of the file were received outside the days of the run and are left out."
        return f"{by_tens(count)} {outside}" if count else ""

    def few_served(self, least: int = SMALLEST_SHOWN) -> bool:
        """Tell whether some replication served so few real calls that their times say who it was.

        Parameters
        ----------
        least : int
            Fewer are few; none is not.
        """
        served = [int(each.served.sum()) for each in self.outcomes]
        return self.of_real_calls and min(filter(None, served), default=least) < least

    def over_runs(self, figure: Callable[[RunResult], float | None]) -> Interval | None:
        """Mean of any figure over replications; those without it (None or NaN) are left out."""
        found = [figure(run) for run in self.runs]
        known = [value for value in found if value is not None and math.isfinite(value)]
        return mean_interval(known, confidence=self.confidence)

    def amount(
        self, figure: Callable[[RunResult], float | None], *, most: float = math.inf
    ) -> Interval | None:
        """Mean of a figure that lies between 0 and `most`, as `over_runs`; so do its bounds."""
        return possible(self.over_runs(figure), most=most)

    def grouped(
        self,
        group_of: Callable[[CallOutcomes], npt.NDArray[np.int64]],
        groups: Sequence[G],
        figure: str,
    ) -> dict[G, Interval | None]:
        """Mean of a figure of `replications.FIGURES` over replications, by group of calls.

        A share is bounded as `share` has it. Of real calls, groups of few and those they follow
        from are None; see `real_calls`.
        """
        found = replicated_groups(
            self.outcomes, group_of, groups, figure, confidence=self.confidence
        )
        counts = served_and_not(self.outcomes, group_of, len(groups))
        hidden = self._telling.hidden(counts)
        told: dict[G, Interval | None] = {}
        for (group, each), (served, unserved), hide in zip(
            found.items(), counts, hidden, strict=True
        ):
            calls = [one + other for one, other in zip(served, unserved, strict=True)]
            if figure == "unserved_share":
                told[group] = None if any(hide) else self._telling.share(each, unserved, calls)
            else:
                alone = self.of_real_calls and few(min(filter(None, served), default=0))
                told[group] = None if hide[-1] or alone else self.told(possible(each))
        return told

    def service(
        self, group_of: Callable[[CallOutcomes], npt.NDArray[np.int64]], groups: Sequence[G]
    ) -> list[dict[str, Interval | None]]:
        """Return the fields of `ServiceFigures` for each group of calls, in the order of groups."""
        counts = served_and_not(self.outcomes, group_of, len(groups))
        hidden = self._telling.hidden(counts)
        calls = [[sum(run) for run in zip(*each, strict=True)] for each in counts]
        rates = [
            None if hide[-1] else self._telling.rate(each, [run.days for run in self.runs])
            for each, hide in zip(calls, hidden, strict=True)
        ]
        median = self.grouped(group_of, groups, "median_response_s")
        p90 = self.grouped(group_of, groups, "p90_response_s")
        unserved = self.grouped(group_of, groups, "unserved_share")
        return [
            {
                "calls_per_day": rate,
                "median_s": median[group],
                "p90_s": p90[group],
                "unserved": unserved[group],
            }
            for group, rate in zip(groups, rates, strict=True)
        ]

    def rates_of(
        self, counts: Sequence[Sequence[int]], per: Sequence[float]
    ) -> list[Interval | None]:
        """Return groups of calls as rates; None of real ones that are few, or that tell of few.

        Parameters
        ----------
        counts : sequence of sequence of int
            Calls of each group, by replication; the groups part some calls.
        per : sequence of float
            What the calls of each group are divided by, such as the days they came in; above 0.
        """
        hidden = self._telling.hidden([[each] for each in counts])
        return [
            None if hide[-1] else self._telling.rate(each, [one] * len(each))
            for each, one, hide in zip(counts, per, hidden, strict=True)
        ]

    @property
    def _telling(self) -> Telling:
        return Telling(self.confidence, real=self.of_real_calls)

    def figure(self, name: str) -> Interval | None:
        """Mean of `RunResult.figure` over replications; None where real calls are few."""
        of = partial(RunResult.figure, name=name)
        if name == "gini_response":
            return self.gini
        if name == "unserved_share":
            return self.share(of)
        if name == "served_per_day":
            served = [int(each.served.sum()) for each in self.outcomes]
            return self._telling.rate(served, [run.days for run in self.runs])
        return None if self.few_served() else self.told(self.amount(of))

    def told(self, found: Interval | None) -> Interval | None:
        """Return an interval of what is no count: of real calls by `real_calls.told_figure`."""
        return self._telling.figure(found)

    def share(self, figure: Callable[[RunResult], float | None]) -> Interval | None:
        """Mean of a share of the calls a program would take, as `over_runs`; at most 1.

        The wider of Student's bounds and Wilson's, of the calls of all replications, on either
        side: where few calls count, replications that are alike by chance make Student's too sure.
        Real calls are the same in every replication. So of them only a share of 0 or 1 throughout
        is bounded by Wilson's, of those of one; and it is told as `real_calls.told_share` has it.
        """
        calls, share = list(map(len, self.outcomes)), self.over_runs(figure)
        known = [
            count and (figure(run) or 0.0) for run, count in zip(self.runs, calls, strict=True)
        ]
        hits = [round(one * count) for one, count in zip(known, calls, strict=True)]
        return self._telling.share(share, hits, calls)

    @property
    def outcomes(self) -> list[CallOutcomes]:
        """Calls a program would take, by replication."""
        return [run.outcomes for run in self.runs]

    @property
    def gini(self) -> Interval | None:
        """Gini's coefficient of response times; None where few real calls were served."""
        if self.few_served():
            return None
        found = replicated(self.outcomes, "gini_response", confidence=self.confidence)
        return self.told(possible(found, most=1.0))

    @property
    def rates(self) -> tuple[OutcomeRate, ...]:
        """Calls a day by outcome and reason, in the alphabetical order of both."""
        kinds = sorted({kind for run in self.runs for kind in run.tally})
        counts = [[run.tally.get(kind, 0) for run in self.runs] for kind in kinds]
        rates = self.rates_of(counts, [self.runs[0].days] * len(kinds))
        return tuple(
            OutcomeRate(*kind, per_day) for kind, per_day in zip(kinds, rates, strict=True)
        )

    @property
    def divisions(self) -> tuple[DivisionService, ...]:
        """Service to each division the program serves, in order of number."""
        names = self.prepared.agency.divisions.names
        numbers = list(self.prepared.divisions)
        place = {number: k for k, number in enumerate(numbers)}

        def rows(outcomes: CallOutcomes) -> npt.NDArray[np.int64]:
            return np.array([place.get(n, -1) for n in outcomes.division.tolist()], np.int64)

        return tuple(
            DivisionService(number=n, name=names[n], **figures)
            for n, figures in zip(numbers, self.service(rows, numbers), strict=True)
        )

    def by_division(self) -> geopandas.GeoDataFrame:
        """Return service by division with its shapes; see `division_frame`."""
        partition = self.prepared.agency.partition
        return division_frame(partition, self.divisions, self.prepared.added)

    @property
    def workloads(self) -> dict[str, Interval | None]:
        """Share of time each team is bound by calls, by team id."""
        teams = sorted({team for run in self.runs for team in run.busy})
        return {team: self.told(self.amount(partial(_busy, team=team), most=1.0)) for team in teams}

    @property
    def inputs(self) -> dict[str, str]:
        """Digests of everything the results stand on, with the version and the seed."""
        world = self.prepared.agency.world
        run = self.prepared.document.run
        stream = isinstance(self.prepared.source, CallStream)
        return {
            "version": world.digests.version,
            "scenario": self.prepared.digest,
            "policy": world.policy.digest,
            **{f"policy_{n}": each.digest for n, each in enumerate(world.policies, start=2)},
            "agency": world.digests.agency,
            "boundaries": world.digests.boundaries,
            "network": world.digests.network,
            "profile": world.digests.profile,
            "roster": self.prepared.agency_at(lambda: self.prepared.starts)
            .roster.snapshot()
            .digest,
            "calls": "synthetic" if stream else "replayed",
            **self.prepared.files,
            "seed": str(run.seed),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything as values JSON has; undefined figures and open bounds are null."""
        run = self.prepared.document.run
        return {
            "name": self.prepared.document.name,
            "inputs": self.inputs,
            "run": run.model_dump(mode="json"),
            "replications": len(self.runs),
            "confidence": self.confidence,
            "left_out": self.left_out or None,
            "small_counts": REPLAYED if self.of_real_calls else SYNTHETIC,
            "divisions_served": list(self.prepared.divisions),
            "divisions_added": list(self.prepared.added),
            "teams": len(self.prepared.states),
            "figures": {name: interval_record(self.figure(name)) for name in RUN_FIGURES},
            "gini_response": interval_record(self.gini),
            "outcomes": [
                {
                    "outcome": each.outcome,
                    "reason": each.reason,
                    "per_day": interval_record(each.per_day),
                }
                for each in self.rates
            ],
            "by_division": [each.to_dict() for each in self.divisions],
            "workloads": {team: interval_record(busy) for team, busy in self.workloads.items()},
        }


def _busy(run: RunResult, team: str) -> float | None:
    return run.busy.get(team)
