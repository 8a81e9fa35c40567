"""How many teams: the same calls with one more, and one more, until enough are reached in time.

Every further team goes where `further_teams` places it for the same standard of response: a share
of the calls a program would take must be reached within so long of their receipt. A call that
nobody came to is not reached, so that neither waiting nor referral makes the figure better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from unarmed_router.counted import counted
from unarmed_router.errors import InputError
from unarmed_router.model.team import Team
from unarmed_router.model.whole_number import whole_number
from unarmed_router.research.intervals import Interval, known_difference
from unarmed_router.research.placement import Placement
from unarmed_router.research.prepared_scenario import PreparedScenario
from unarmed_router.research.run_result import RUN_FIGURES, RunResult
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.research.scenario_run import run_scenario
from unarmed_router.research.scenario_schema import MOST_FURTHER
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.service_figures import interval_record
from unarmed_router.simulation.parallel_runs import Players, Progress, continued

__all__ = ["Staffing", "StaffingStep", "reached_share", "staff_scenario"]

_FEWEST = 2
"""Replications that an interval needs."""


def reached_share(run: RunResult, within_s: float) -> float:
    """Return the share of the calls a program would take that a team reached in time.

    Parameters
    ----------
    run : RunResult
        One replication.
    within_s : float
        From receipt to arrival, seconds, inclusive.

    Returns
    -------
    float
        NaN of no call.
    """
    calls = run.outcomes
    if not len(calls):
        return math.nan
    return float((calls.response_s <= within_s).mean())  # NaN where nobody came


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StaffingStep:
    """One number of teams.

    Parameters
    ----------
    further : int
        How many more than the scenario has.
    results : ScenarioResults
        Its replications.
    reached : Interval or None
        Share of calls reached in time, as `ScenarioResults.share` bounds it; None where no
        replication had a call.
    gained : Interval or None
        By how much that is more than with a team less, over pairs of replications with the same
        calls; without bounds where all pairs differ by as much. None of the first step.
    """

    further: int
    results: ScenarioResults
    reached: Interval | None
    gained: Interval | None

    @property
    def team_count(self) -> int:
        """How many teams there are in all."""
        return len(self.results.prepared.states)

    @property
    def busy(self) -> Interval | None:
        """Share of time a team is bound by calls, over all teams."""
        return self.results.amount(
            lambda run: sum(run.busy.values()) / max(len(run.busy), 1), most=1.0
        )


@dataclass(frozen=True, eq=False)
class Staffing:
    """A scenario with more and more teams, on the same calls.

    Parameters
    ----------
    steps : sequence of StaffingStep
        From no further team on, each with one more.
    within_s : float
        What counts as in time, seconds from receipt to arrival.
    share : float
        Of the calls that are to be reached in time.
    """

    steps: Sequence[StaffingStep]
    within_s: float
    share: float

    @property
    def enough(self) -> StaffingStep | None:
        """The fewest teams whose whole interval lies at the share or above; None of those tried."""
        return next((step for step in self.steps if _reaches(step.reached, self.share)), None)

    @property
    def placed(self) -> list[Team]:
        """The further teams of the last step, in the order in which they were placed.

        The file's own are among them where teams are placed together, since those wait elsewhere.
        """
        last, placement = self.steps[-1], self.placement
        if last.further and placement is not None and placement.together:
            return list(placement.teams)
        states = last.results.prepared.states
        return [state.team for state in states[len(states) - last.further :]]

    @property
    def placement(self) -> Placement | None:
        """How the further teams of the last step were placed, the file's own with them."""
        return self.steps[-1].results.prepared.placement

    @property
    def sentence(self) -> str:
        """Say how many teams are enough, or that none of those tried are."""
        aim = f"{100 * self.share:g} % of calls within {self.within_s / 60:g} minutes"
        found, last = self.enough, self.steps[-1]
        sure = f"{100 * last.results.confidence:g} % interval"
        if found is None:
            tried = counted(last.team_count, "team")
            were = "was" if last.team_count == 1 else "were"
            return f"Up to {tried} {were} tried: none is shown to reach {aim} ({sure})."
        teams = counted(found.team_count, "team")
        more = f", {found.further} more than there are," if found.further else ""
        reach = "reaches" if found.team_count == 1 else "reach"
        return f"{teams}{more} {reach} {aim} ({sure}, of each number by itself)."

    def to_dict(self) -> dict[str, Any]:
        """Return everything as values JSON has."""
        found, first = self.enough, self.steps[0].results
        prepared = first.prepared
        return {
            "within_s": self.within_s,
            "share": self.share,
            "enough_teams": None if found is None else found.team_count,
            "sentence": self.sentence,
            "name": prepared.document.name,
            "run": prepared.document.run.model_dump(mode="json"),
            "divisions_served": list(prepared.divisions),
            "inputs": first.inputs,
            "replications": len(first.runs),
            "confidence": first.confidence,
            "steps": [
                {
                    "teams": step.team_count,
                    "further": step.further,
                    "roster": step.results.inputs["roster"],
                    "reached_share": interval_record(step.reached),
                    "gained_share": interval_record(step.gained),
                    "busy_share": interval_record(step.busy),
                    "figures": {n: interval_record(step.results.figure(n)) for n in RUN_FIGURES},
                }
                for step in self.steps
            ],
            "placement": None if self.placement is None else self.placement.to_dict(),
            "placed": [
                {
                    "team_id": team.team_id,
                    "provider": team.provider,
                    "lon": team.home_lon,
                    "lat": team.home_lat,
                }
                for team in self.placed
            ],
        }


def staff_scenario(
    path: Path | str,
    *,
    most: int,
    share: float = 0.9,
    within_s: float | None = None,
    processes: int = 1,
    progress: Progress | None = None,
    run: Mapping[str, object] | None = None,
    confidence: float | None = None,
) -> Staffing:
    """Play a scenario with 0, 1, 2 and more further teams until enough calls are reached in time.

    Parameters
    ----------
    path : path-like
        A scenario file. The further teams it asks for itself are there from the first step on.
    most : int
        No more further teams than this, 0 to 500.
    share : float
        Of the calls that are to be reached in time, in (0, 1).
    within_s : float, optional
        What counts as in time, seconds; the response target of the scenario's program when not
        given.
    processes, progress, run
        As in `run_scenario`; progress counts the replications of all steps.
    confidence : float, optional
        Of each interval by itself; that of the file's ``[precision]``, else 0.95, when not given.

    Raises
    ------
    InputError
        A number out of range, one replication alone, or replayed calls: replications share them, so
        that no interval would tell of other calls.
    ConfigurationError
        The file is broken, or a further team would add nothing; lists every fault with its remedy.
    """
    _refuse_numbers(most, share, within_s)
    most = whole_number("most", most)
    prepared = load_scenario(path, run=run)
    _refuse_scenario(path, prepared, most)  # before anything is played
    asked, own = prepared.document.run, prepared.document.teams.further
    if within_s is None:
        policy = prepared.policy
        program = policy.programs[policy.order[prepared.document.service.program]]
        within_s = float(program.response_target_s)
    steps: list[StaffingStep] = []
    with Players(processes) as players:
        for further in range(most + 1):
            played = run_scenario(
                path,
                players=players,
                progress=continued(
                    progress,
                    done=further * asked.replications,
                    most=(most + 1) * asked.replications,
                ),
                run=run,
                # Every further team is placed for the standard that is asked about.
                teams={"further": own + further, "further_within_s": within_s},
                all_replications=True,
                beside=prepared,
            )
            results = ScenarioResults(*played, confidence)
            steps.append(_step(further, results, steps, within_s))
            if _reaches(steps[-1].reached, share):
                break
    return Staffing(tuple(steps), within_s, share)


def _refuse_numbers(most: int, share: float, within_s: float | None) -> None:
    if not 0 <= most <= MOST_FURTHER:
        raise InputError(f"most {most} must be 0 to {MOST_FURTHER} further teams")
    if not 0.0 < share < 1.0:
        raise InputError(f"share {share} must lie between 0 and 1, such as 0.9 for nine in ten")
    if within_s is not None and not 0.0 < within_s < math.inf:
        raise InputError(f"within_s {within_s} must be a time above 0")


def _refuse_scenario(path: Path | str, prepared: PreparedScenario, most: int) -> None:
    """Refuse a scenario that shows nothing however many teams it has."""
    own = prepared.document.teams.further
    if own + most > MOST_FURTHER:
        raise InputError(
            f"most {most} beside the scenario's own {own} are more than {MOST_FURTHER}"
        )
    if prepared.document.run.replications < _FEWEST:
        raise InputError("one replication alone shows nothing: give 2 or more, better 10")
    if prepared.document.replay is not None:
        raise InputError(
            f"{path} replays calls, which are the same in every replication: no interval would "
            "tell of other calls; make calls with [stream], or play teams.further by simulate"
        )


def _step(
    further: int, results: ScenarioResults, before: Sequence[StaffingStep], within_s: float
) -> StaffingStep:
    gained = None
    if before:
        gained = known_difference(
            [reached_share(run, within_s) for run in before[-1].results.runs],
            [reached_share(run, within_s) for run in results.runs],
            confidence=results.confidence,
        )
        if gained is not None and gained.is_point:  # equal pairs are no proof
            gained = replace(gained, low=-math.inf, high=math.inf)
    return StaffingStep(
        further=further,
        results=results,
        reached=results.share(lambda run: reached_share(run, within_s)),
        gained=gained,
    )


def _reaches(reached: Interval | None, share: float) -> bool:
    return reached is not None and reached.low >= share
