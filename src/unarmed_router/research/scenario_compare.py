"""Two scenarios on the same calls: differences, replication by replication."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import numpy as np

from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.research.call_table import check_parquet, labelled_tables
from unarmed_router.research.figure_text import UNIT_OF, Unit
from unarmed_router.research.intervals import Interval, known_difference
from unarmed_router.research.plan_names import plan_names
from unarmed_router.research.real_calls import told_count, told_share
from unarmed_router.research.run_result import RUN_FIGURES, RunResult
from unarmed_router.research.scenario_pairing import other_confidence, unpaired
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.research.scenario_run import run_scenario
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.service_figures import interval_record
from unarmed_router.simulation.parallel_runs import Players, Progress, continued

__all__ = ["ScenarioComparison", "compare_scenarios"]

ComparedRates: TypeAlias = tuple[Interval | None, Interval | None, Interval | None]
"""Before, after, and the difference."""


@dataclass(frozen=True, eq=False)
class ScenarioComparison:
    """Two scenarios whose replications are pairs: replication k of both has the same calls.

    Parameters
    ----------
    before, after : ScenarioResults
        As many replications of each.

    Raises
    ------
    InputError
        Not as many of one as of the other, a pair that did not receive as many calls, or intervals
        of different confidence.
    """

    before: ScenarioResults
    after: ScenarioResults

    def __post_init__(self) -> None:
        ones, twos = self.before.runs, self.after.runs
        if len(ones) != len(twos):
            raise InputError(f"{len(ones)} replications before and {len(twos)} after make no pairs")
        for one, two in zip(ones, twos, strict=True):
            if (one.replication, one.received) != (two.replication, two.received):
                raise InputError(
                    f"replication {one.replication} received {one.received} calls before and "
                    f"replication {two.replication} {two.received} after: they are no pair"
                )
        if self.before.confidence != self.after.confidence:
            raise InputError(
                f"intervals of {self.before.confidence:g} before and {self.after.confidence:g} "
                "after cannot stand side by side; state one confidence for both"
            )

    def difference(self, figure: Callable[[RunResult], float]) -> Interval | None:
        """Mean of after less before over pairs in which both have the figure."""
        return known_difference(
            [figure(run) for run in self.before.runs],
            [figure(run) for run in self.after.runs],
            confidence=self.before.confidence,
        )

    @property
    def differences(self) -> dict[str, Interval | None]:
        """Difference of each figure of `RUN_FIGURES`; None where a plan does not tell the figure.

        Of replayed calls differences of counts and shares are told as `real_calls` has it.
        """
        found = {}
        for name in RUN_FIGURES:
            told = self.before.figure(name), self.after.figure(name)
            exact = self.difference(partial(RunResult.figure, name=name))
            calls = [len(each) for each in self.before.outcomes]
            found[name] = None if None in told else self.told(name, exact, calls)
        return found

    def told(self, name: str, exact: Interval | None, calls: Sequence[int]) -> Interval | None:
        """Return the difference of a figure of so many calls, by pair, as it may be told."""
        if not self.before.of_real_calls:
            return exact
        if name == "unserved_share":
            return told_share(exact, float(np.mean(calls)), of_difference=True)
        if name == "served_per_day":
            return told_count(exact, per=self.before.runs[0].days)
        return self.before.told(exact)

    @property
    def outcome_rates(self) -> dict[tuple[str, str], ComparedRates]:
        """Calls a day of both plans by outcome and reason, and the difference.

        Both rates and the difference are None where either plan hides its rate; the difference
        alone where it is one of few real calls.
        """
        sides = [
            {(e.outcome, e.reason): e.per_day for e in s.rates} for s in (self.before, self.after)
        ]
        # Calls that end in a way that a plan never saw.
        (none,) = self.before.rates_of([[0] * len(self.before.runs)], [self.before.runs[0].days])
        found: dict[tuple[str, str], ComparedRates] = {}
        for kind in sorted(sides[0].keys() | sides[1].keys()):
            was, is_now = (side.get(kind, none) for side in sides)
            if was is None or is_now is None:
                found[kind] = (None, None, None)
                continue
            exact = self.difference(partial(RunResult.per_day, kind=kind))
            if self.before.of_real_calls:
                exact = told_count(exact, per=self.before.runs[0].days)
            found[kind] = (was, is_now, exact)
        return found

    @property
    def outcome_differences(self) -> dict[tuple[str, str], Interval | None]:
        """Difference of calls a day by outcome and reason; None where `outcome_rates` has none."""
        return {kind: rates[-1] for kind, rates in self.outcome_rates.items()}

    @property
    def sentence(self) -> str:
        """Say what differs, and what cannot be told apart."""
        names = plan_names(self.before.prepared, self.after.prepared)
        sure, unsure = [], []
        for name, found in self.differences.items():
            words, unit = UNIT_OF[name]
            words = words[0].lower() + words[1:]
            if found is None:
                continue
            # Pairs that are all alike leave no width, which proves nothing (`intervals.precise`).
            open_or_none = not math.isfinite(found.half_width) or found.is_point
            if open_or_none or found.low <= 0.0 <= found.high:
                unsure.append(words)
            else:
                sure.append(f"{words} is {_change(found, unit)}")
        told = "; ".join(sure) or "no figure is shown to differ"
        if len(self.before.runs) == 1:
            return (
                f"With {names[1]} in place of {names[0]}: one pair of replications cannot tell a "
                "difference from chance."
            )
        percent = f"{100 * self.before.confidence:g} %"
        text = f"With {names[1]} in place of {names[0]}: {told} ({percent} intervals)."
        if unsure and sure:
            text += f" Not told apart: {', '.join(unsure)}."
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return everything as values JSON has."""
        return {
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "pairs": len(self.before.runs),
            "confidence": self.before.confidence,
            "differences": {n: interval_record(each) for n, each in self.differences.items()},
            "outcome_differences": [
                {"outcome": outcome, "reason": reason, "per_day": interval_record(each)}
                for (outcome, reason), each in self.outcome_differences.items()
            ],
            "sentence": self.sentence,
        }


def compare_scenarios(
    before: Path | str,
    after: Path | str,
    *,
    processes: int = 1,
    progress: Progress | None = None,
    run: Mapping[str, object] | None = None,
    confidence: float | None = None,
    calls_to: Path | str | None = None,
) -> ScenarioComparison:
    """Play two scenarios on the same calls.

    Parameters
    ----------
    before, after : path-like
        Scenario files.
    processes, progress, run
        As in `run_scenario`; progress counts the replications of both.
    confidence : float, optional
        Of each interval by itself; that of the files' ``[precision]``, else 0.95, when not given.
    calls_to : path-like, optional
        Parquet file that gets every call of both, with a column ``plan``: before or after.

    Notes
    -----
    As many replications of both are played as the smaller number their files give: stopping early
    for the precision of one would break pairs.

    Raises
    ------
    ConfigurationError
        A file is broken, or the two cannot be paired; lists every reason and its remedy.
    """
    one = load_scenario(before, run=run)
    two = load_scenario(after, run=run, beside=one)
    faults = list(unpaired(one, two))
    if confidence is None:
        confidence = two.confidence if one.document.precision is None else one.confidence
        faults += other_confidence(one, two)
    if faults:
        raise ConfigurationError(f"{before} against {after}", faults)
    most = min(one.document.run.replications, two.document.run.replications)
    played = {**(run or {}), "replications": most}
    results, tables = [], {}
    with ExitStack() as stack:
        folder = None
        if calls_to is not None:
            check_parquet()
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="unarmed-router-")))
        players = stack.enter_context(Players(processes))
        plans = (("before", before, one), ("after", after, two))
        for number, (plan, path, loaded) in enumerate(plans):
            if folder is not None:
                tables[plan] = folder / f"{plan}.parquet"
            prepared, runs = run_scenario(
                path,
                players=players,
                progress=continued(progress, done=number * most, most=2 * most),
                run=played,
                calls_to=tables.get(plan),
                all_replications=True,
                beside=loaded,
            )
            results.append(ScenarioResults(prepared, runs, confidence))
        if calls_to is not None:
            labelled_tables(tables, Path(calls_to))
    return ScenarioComparison(*results)


def _change(found: Interval, unit: Unit) -> str:
    """Write how much more or less, with bounds in order of size."""
    direction = "lower" if found.estimate < 0 else "higher"
    name = f" {unit.name}" if unit.name else ""
    if unit.name == "%":
        name = " percentage points"
    digits = unit.digits_of(found)
    size, *bounds = (
        unit.number(each, digits=digits)
        for each in (abs(found.estimate), *sorted((abs(found.low), abs(found.high))))
    )
    return f"{size}{name} {direction} ({bounds[0]} to {bounds[1]})"
