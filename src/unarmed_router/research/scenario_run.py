"""Playing a scenario: one replication after the other, on one process or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from unarmed_router.agency.folder import Agency, load_agency
from unarmed_router.ledger.store import Ledger
from unarmed_router.operations.recording import Keep
from unarmed_router.research.call_table import CallTable, check_parquet, joined_tables, table_part
from unarmed_router.research.free_teams import FreeTeamReach
from unarmed_router.research.intervals import precise
from unarmed_router.research.own_strategy import own_strategy
from unarmed_router.research.prepared_scenario import PreparedScenario
from unarmed_router.research.replications import replicated
from unarmed_router.research.run_result import RunResult, collected
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.weighed_places import tract_places
from unarmed_router.router import Router
from unarmed_router.simulation.agenda import Agenda
from unarmed_router.simulation.crews import AfterCall, CrewRules
from unarmed_router.simulation.engine import Engine
from unarmed_router.simulation.finished import FinishedCall
from unarmed_router.simulation.parallel_runs import Players, Progress
from unarmed_router.simulation.simulated_city import simulated
from unarmed_router.simulation.strategies import (
    LeastCoverageLoss,
    Nearest,
    ProgramOrder,
    Strategy,
)

__all__ = ["ScenarioPlay", "play_scenario", "run_scenario", "strategy_named"]


@dataclass
class ScenarioPlay:
    """Plays replications of a scenario file; can be sent to another process.

    Parameters
    ----------
    path : Path
        The scenario file.
    run, teams : mapping of str to object
        Entries of its tables ``[run]`` and ``[teams]`` in place of the file's.
    calls_to : Path or None
        Folder that gets a table of calls of each replication.
    agency_file : Path or None
        The ``agency.toml`` that the scenario names; needed where another process plays it.
    """

    path: Path
    run: Mapping[str, object] = field(default_factory=dict)
    teams: Mapping[str, object] = field(default_factory=dict)
    calls_to: Path | None = None
    agency_file: Path | None = None
    _prepared: PreparedScenario | None = field(default=None, init=False)

    def __call__(self, replication: int) -> RunResult:
        """Play one replication."""
        if self._prepared is None:  # another process reads it once
            self._prepared = load_scenario(
                self.path, agency=_kept(self.agency_file), run=self.run, teams=self.teams
            )
        prepared = self._prepared
        if self.calls_to is None:
            return play_scenario(prepared, replication)
        with CallTable(
            table_part(self.calls_to, replication),
            replication=replication,
            counts_from=prepared.counts_from,
            ends=prepared.ends,
        ) as table:
            return play_scenario(prepared, replication, watch=table.add)

    def take(self, prepared: PreparedScenario) -> None:
        """Use a scenario that is loaded already, in this process."""
        self._prepared = prepared

    def __getstate__(self) -> dict[str, Any]:
        plain = {"run": dict(self.run), "teams": dict(self.teams), "_prepared": None}
        return {**vars(self), **plain}


@lru_cache(maxsize=1)
def _kept(agency_file: Path | None) -> Agency:
    """Load an agency once in a process that plays one scenario of it after the other.

    Only in such a process, which ends with its question: elsewhere the files may be edited between
    one question and the next.
    """
    return load_agency(agency_file)


def run_scenario(
    path: Path | str,
    *,
    processes: int = 1,
    progress: Progress | None = None,
    run: Mapping[str, object] | None = None,
    teams: Mapping[str, object] | None = None,
    calls_to: Path | str | None = None,
    all_replications: bool = False,
    beside: PreparedScenario | None = None,
    players: Players | None = None,
) -> tuple[PreparedScenario, list[RunResult]]:
    """Play a scenario until all replications are done, or the figure asked for is precise enough.

    Parameters
    ----------
    path : path-like
        A scenario file.
    processes : int
        At least 1; results do not depend on it. Each reads the script that asks anew: a script that
        gives more than 1 must ask under ``if __name__ == "__main__":``.
    progress : callable, optional
        Told the replications done and the most there can be.
    run, teams : mapping of str to object, optional
        Entries of the tables ``[run]`` and ``[teams]`` in place of the file's, such as
        ``run={"days": 2}``.
    calls_to : path-like, optional
        Parquet file that gets every call of every replication; see `call_table.CallTable`.
    all_replications : bool
        Do not stop early, whatever the file says of precision.
    beside : PreparedScenario, optional
        As `load_scenario`: runs that share an agency prepare each hour's travel times once.
    players : Players, optional
        Processes that are there already, in place of `processes`; they keep the agency too.

    Returns
    -------
    tuple of (PreparedScenario, list of RunResult)

    Raises
    ------
    ConfigurationError
        The file is broken; lists every fault with its remedy.
    ProcessLostError
        A process ended by itself.
    """
    prepared = load_scenario(path, run=run, teams=teams, beside=beside)
    with ExitStack() as stack:
        folder = None
        if calls_to is not None:
            check_parquet()
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="unarmed-router-")))
        # After the folder, so that it ends before it: processes may still write there.
        players = players or stack.enter_context(Players(processes))
        play = ScenarioPlay(
            Path(path),
            run=run or {},
            teams=teams or {},
            calls_to=folder,
            agency_file=prepared.agency_file,
        )
        if players.processes == 1:
            play.take(prepared)
        results = players.replicate(
            play,
            most=prepared.document.run.replications,
            enough=None if all_replications else _enough(prepared),
            progress=progress,
        )
        if folder is not None and calls_to is not None:
            parts = (table_part(folder, each.replication) for each in results)
            joined_tables(parts, Path(calls_to), real=prepared.document.replay is not None)
    return prepared, results


def play_scenario(
    prepared: PreparedScenario,
    replication: int,
    *,
    watch: Callable[[FinishedCall], None] | None = None,
    strategy: Callable[[PreparedScenario, Router], Strategy] | None = None,
    ledger: Ledger | None = None,
    keep: Keep = Keep.OUTCOME,
) -> RunResult:
    """Play one replication.

    Parameters
    ----------
    prepared : PreparedScenario
        What.
    replication : int
        Which random numbers.
    watch : callable, optional
        Given each call when it has ended, whole.
    strategy : callable, optional
        Makes a strategy of one's own for the scenario and the replication's router, in place of the
        one that the scenario names.
    ledger : Ledger, optional
        An empty one that gets every act of the run, as a shift's does.
    keep : Keep
        What it keeps of each decision.

    Raises
    ------
    InputError
        The ledger has events already.
    """
    clock = Agenda(prepared.starts)
    router = simulated(prepared.agency_at(clock.present), clock=clock.present)
    engine = Engine(
        router,
        prepared.calls(replication),
        agenda=clock,
        rules=_crew_rules(prepared),
        strategy=(strategy or strategy_named)(prepared, router),
        redirect_to=partial(_last_resort, router),
        ledger=ledger,
        keep=keep,
    )
    return collected(
        _watched(engine.run(), watch),
        replication=replication,
        counts_from=prepared.counts_from,
        ends=prepared.ends,
        teams=[state.team.team_id for state in prepared.states],
        hours=prepared.agency.hours,
    )


def _watched(
    finished: Iterator[FinishedCall], watch: Callable[[FinishedCall], None] | None
) -> Iterator[FinishedCall]:
    """Show each call to who wants to see it, and keep none."""
    for each in finished:
        if watch is not None:
            watch(each)
        yield each


def _last_resort(router: Router, at: datetime) -> str:
    """Return who takes what nobody else does, by the policy in force."""
    return router.desk.ground_at(at).policy.referrals[-1].target


def _crew_rules(prepared: PreparedScenario) -> CrewRules:
    asked = prepared.document.crews
    return CrewRules(
        clearing_s=asked.clearing_s,
        after=AfterCall(asked.after_call),
        redirect_after_s=asked.redirect_after_s,
        break_s=asked.break_s,
        break_every_s=asked.break_every_s,
    )


def strategy_named(prepared: PreparedScenario, router: Router) -> Strategy:
    """Make the strategy a scenario names.

    Parameters
    ----------
    prepared : PreparedScenario
        Whose ``run.strategy`` it is.
    router : Router
        The replication's own.

    Raises
    ------
    InputError
        There is none of that name, or an own one has no ``choose``.
    """
    document = prepared.document
    name = document.run.strategy
    if name == Nearest.name:
        return Nearest()
    if name == ProgramOrder.name:
        return ProgramOrder()
    if name == LeastCoverageLoss.name:
        policy = prepared.policy
        program = policy.programs[policy.order[document.service.program]]
        target_s = program.response_target_s
        reach = FreeTeamReach(
            router,
            lambda: router.roster,
            tract_places(prepared.agency, demand=document.stream.weigh_by),
            target_s=target_s - policy.screening.turnout_s,
        )
        return LeastCoverageLoss(reach, busy=document.run.busy, target_s=target_s)
    return own_strategy(name)


def _enough(prepared: PreparedScenario) -> Callable[[list[RunResult]], bool] | None:
    rule = prepared.document.precision
    if rule is None:
        return None

    def enough(done: list[RunResult]) -> bool:
        if len(done) < rule.at_least:
            return False
        outcomes = [each.outcomes for each in done]
        interval = replicated(outcomes, rule.figure, confidence=rule.confidence)
        # A run without the figure, such as one with no served call, is no evidence for it.
        known = 0 if interval is None else interval.count or 0
        return known >= rule.at_least and precise(interval, within=rule.within)

    return enough
