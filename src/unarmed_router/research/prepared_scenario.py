"""A scenario made ready: the agency it changes, its calls, and how often to run it.

Nothing here simulates. An engine takes `PreparedScenario.agency_at` for a replication's own router,
`calls` for its stream, and the three instants `starts`, `counts_from` and `ends`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from unarmed_router.agency.folder import Agency
from unarmed_router.counted import counted
from unarmed_router.fleet.roster import Roster
from unarmed_router.model.policy import Policy
from unarmed_router.model.proportion import DEFAULT_CONFIDENCE
from unarmed_router.model.shift import HOURS_A_WEEK
from unarmed_router.model.team import TeamState
from unarmed_router.research.placement import Placement
from unarmed_router.research.scenario_schema import ScenarioDocument
from unarmed_router.roads.snapping import EdgeSnapper
from unarmed_router.simulation.call_replay import CallReplay
from unarmed_router.simulation.draws import Draws
from unarmed_router.simulation.streams import CallStream, StreamedCall

__all__ = ["PreparedScenario", "run_window"]


def run_window(document: ScenarioDocument, agency: Agency) -> tuple[datetime, datetime]:
    """Return when a run begins, warm-up first, and when it ends, exclusive; in UTC."""
    run = document.run
    return _midnight(document, agency, 0), _midnight(document, agency, run.warm_up_days + run.days)


def _midnight(document: ScenarioDocument, agency: Agency, day: int) -> datetime:
    """Return when a day of the run begins on the agency's wall clock, in UTC; 0 is the first."""
    date = document.run.start + timedelta(days=day)
    return datetime.combine(date, time(), tzinfo=agency.hours.zone).astimezone(UTC)


@dataclass(frozen=True, eq=False)
class PreparedScenario:
    """Everything a run needs.

    Parameters
    ----------
    document : ScenarioDocument
        The file.
    digest : str
        SHA-256 of the file.
    files : mapping of str to str
        SHA-256 of the files its calls come from; see `input_files.file_digests`.
    agency : Agency
        With the scenario's policies; its roster is not to be changed, see `agency_at`.
    unchanged : Agency
        As its own files have it. It shares with `agency` whatever no policy changes, travel times
        among it: scenarios of one agency prepare them once between them.
    agency_file : Path
        The ``agency.toml`` that the scenario names.
    states : tuple of TeamState
        The scenario's teams, available at the start.
    divisions : tuple of int
        Where the program serves.
    added : tuple of int
        Those among them that the policy did not have, most expected demand first where chosen so.
    source : CallStream or unarmed_router.simulation.call_replay.CallReplay
        The calls of replication 0.
    fix_roads : EdgeSnapper
        Finds the road of a moving team: any class, where homes and calls leave some out.
    placement : Placement or None
        How the further teams were placed; None of no further team.
    left_out : int
        Calls of a replayed file that were received outside the days of the run.
    """

    document: ScenarioDocument
    digest: str
    files: Mapping[str, str]
    agency: Agency
    unchanged: Agency
    agency_file: Path
    states: tuple[TeamState, ...]
    divisions: tuple[int, ...]
    added: tuple[int, ...]
    source: CallStream | CallReplay
    fix_roads: EdgeSnapper
    placement: Placement | None = None
    left_out: int = 0

    @property
    def policy(self) -> Policy:
        """The policy in force on the first day, with every provider of it."""
        return self.agency.world.policy_on(self.document.run.start)

    @property
    def confidence(self) -> float:
        """Of the interval that may stop a run early, and so of every interval that is told."""
        rule = self.document.precision
        return DEFAULT_CONFIDENCE if rule is None else rule.confidence

    @property
    def starts(self) -> datetime:
        """When a run starts, warm-up first, UTC."""
        return run_window(self.document, self.agency)[0]

    @property
    def counts_from(self) -> datetime:
        """When the warm-up is over, UTC."""
        return _midnight(self.document, self.agency, self.document.run.warm_up_days)

    @property
    def ends(self) -> datetime:
        """When a run ends, exclusive, UTC."""
        return run_window(self.document, self.agency)[1]

    @property
    def counted_hours(self) -> list[float]:
        """How many hours of each hour of the week are counted, on the agency's wall clock.

        Where clocks change an hour may be missing, or be there twice. 168 of them, Monday 00:00
        first; quarter by quarter, since offsets of time zones are multiples of it.
        """
        hours, quarter = [0.0] * HOURS_A_WEEK, timedelta(minutes=15)
        for place in range((self.ends - self.counts_from) // quarter):
            at = self.counts_from + place * quarter
            hours[self.agency.hours.hour_of_week(at)] += 0.25
        return hours

    @property
    def days_told(self) -> str:
        """Say how many days are counted, from which on, and how many are played before."""
        run = self.document.run
        first = run.start + timedelta(days=run.warm_up_days)
        told = f"{counted(run.days, 'day')} from {first}"
        if not run.warm_up_days:
            return told
        return f"{told}, after {counted(run.warm_up_days, 'day')} of warm-up"

    @property
    def added_names(self) -> str:
        """Number and name of each added division, by commas; empty where none is."""
        names = self.agency.divisions.names
        return ", ".join(f"{number} {names[number]}" for number in self.added)

    def calls(self, replication: int) -> Iterable[StreamedCall]:
        """Return the calls of a replication, in order; the same ones whatever the strategy.

        A replayed file is the same in every replication, save what is drawn of its calls. Calls
        outside the days of the run are left out.
        """
        if isinstance(self.source, CallStream):
            return replace(self.source, replication=replication)
        every = replace(self.source, draws=Draws(self.document.run.seed, replication))
        first, last = self.starts, self.ends
        return (each for each in every if first <= each.call.received_at < last)

    def agency_at(self, clock: Callable[[], datetime]) -> Agency:
        """Return the agency with a roster of its own, under a clock of its own.

        Parameters
        ----------
        clock : callable
            Returns the run's present.
        """
        roster = Roster(self.states, roads=self.agency.roads, fix_roads=self.fix_roads, clock=clock)
        return replace(self.agency, roster=roster)
