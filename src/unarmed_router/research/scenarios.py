"""Loading a scenario: the file beside the agency it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from os import PathLike
from pathlib import Path
from typing import TypeVar

from unarmed_router.agency.folder import Agency, embedded_agency, load_agency
from unarmed_router.agency.roster_file import load_roster, roster_faults
from unarmed_router.errors import ConfigurationError, DataError, InputError
from unarmed_router.model.policy import Policy
from unarmed_router.model.team import Team, TeamState, TeamStatus
from unarmed_router.research.expansion import busiest_uncovered, median_homes, serving
from unarmed_router.research.expected_work import Work, expected_work
from unarmed_router.research.input_files import file_digests
from unarmed_router.research.own_strategy import own_strategy
from unarmed_router.research.placement import Placement, placed_teams
from unarmed_router.research.prepared_scenario import PreparedScenario
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.scenario_calls import replayed_calls, synthetic_calls
from unarmed_router.research.scenario_file import read_scenario, sound_part
from unarmed_router.research.scenario_schema import ScenarioDocument
from unarmed_router.research.weighed_places import tract_places
from unarmed_router.roads.snapping import EdgeSnapper
from unarmed_router.simulation.call_replay import CallReplay
from unarmed_router.simulation.neighbourhoods import Neighbourhoods
from unarmed_router.simulation.streams import CallStream

__all__ = ["load_scenario"]

T = TypeVar("T")


def load_scenario(
    path: Path | str,
    *,
    agency: Agency | None = None,
    run: Mapping[str, object] | None = None,
    teams: Mapping[str, object] | None = None,
    beside: PreparedScenario | None = None,
) -> PreparedScenario:
    """Read a scenario and make it ready.

    Parameters
    ----------
    path : path-like
        The TOML file.
    agency : Agency, optional
        In place of the one the file names, such as one loaded already.
    run, teams : mapping of str to object, optional
        Entries of the tables ``[run]`` and ``[teams]`` in place of the file's, such as
        ``run={"days": 2}`` for a look.
    beside : PreparedScenario, optional
        One that is loaded already: where both files name one agency, they share it.

    Raises
    ------
    ConfigurationError
        Lists every fault, each with its remedy.
    InputError
        What is given is no path.
    """
    if not isinstance(path, str | PathLike):
        raise InputError(
            f"a scenario is named by the path of its file; got {path!r:.80}: play_scenario plays "
            "one that is loaded"
        )
    path = Path(path)
    try:
        document, digest = read_scenario(path, run=run, teams=teams)
    except ConfigurationError as error:
        raise ConfigurationError(error.source, [*error.faults, *_others(path, agency)]) from None
    if agency is None and beside is not None:
        named = _named(path, document)
        agency = beside.unchanged if beside.agency_file.resolve() == named.resolve() else None
    return _Preparation(path, document, digest, agency).prepared()


def _named(path: Path, document: ScenarioDocument) -> Path:
    """Return the ``agency.toml`` that a scenario file names."""
    named = document.agency
    return embedded_agency() if named is None else path.parent / named


def _others(path: Path, agency: Agency | None) -> tuple[str, ...]:
    """List further faults of a broken file: its sound tables may still not fit the agency."""
    try:
        document = sound_part(path)
    except ConfigurationError:  # missing or no TOML: told already
        return ()
    try:
        if document is not None:
            _Preparation(path, document, "", agency).prepared()
    except ConfigurationError as error:
        return error.faults if error.source == str(path) else ()
    return ()


class _Preparation:
    """Puts a scenario together, and collects the faults that only the agency's files show.

    A step that fails leaves None and its faults; later steps go on with what there is, so that one
    run names every fault. The order of the steps matters: each uses what the earlier ones made.
    """

    def __init__(
        self, path: Path, document: ScenarioDocument, digest: str, agency: Agency | None
    ) -> None:
        self._path, self._document, self._digest = path, document, digest
        self._agency_file = _named(path, document)
        self._agency = load_agency(self._agency_file) if agency is None else agency
        self._faults: list[str] = []

    def prepared(self) -> PreparedScenario:
        """Return the scenario, or raise with every fault."""
        replayed = self._document.replay is not None
        stream = None
        if not replayed or self._document.service.add_busiest:
            stream = self._attempt("stream", lambda: synthetic_calls(self._document, self._agency))
        served = self._attempt("service.divisions", self._served) or frozenset()
        chosen = self._attempt("service.add_busiest", lambda: self._chosen(served, stream)) or ()
        added = self._added(served, chosen)
        served = served.union(chosen)
        policies = self._attempt("service", lambda: self._policies(served, added))
        states = self._attempt("teams", lambda: self._states(policies)) or []
        if added and policies:
            states += self._attempt("teams.per_added_division", lambda: self._new(added)) or []
        placement = None
        if policies and self._document.teams.further:
            placement = self._attempt(
                "teams.further", lambda: self._further(policies, states, stream)
            )
        if placement is not None:
            status = TeamStatus.AVAILABLE
            states += [TeamState(team=team, status=status) for team in placement.teams]
        source: CallStream | CallReplay | None = stream
        left_out = 0
        if replayed:
            source, left_out = self._attempt("replay", self._replay) or (None, 0)
        strategy = self._document.run.strategy
        if ":" in strategy:  # before anything is played
            self._attempt("run.strategy", lambda: own_strategy(strategy))
        files = {} if self._faults else self._attempt("files", self._files) or {}
        if policies:
            self._faults += roster_faults([state.team for state in states], policies)
        self._faults += self._off_road([state.team for state in states])
        if self._faults or policies is None or source is None:
            raise ConfigurationError(str(self._path), self._faults)
        world = replace(self._agency.world, policy=policies[0], policies=policies[1:])
        return PreparedScenario(
            document=self._document,
            digest=self._digest,
            files=files,
            agency=replace(self._agency, world=world),
            unchanged=self._agency,
            agency_file=self._agency_file,
            states=tuple(states),
            divisions=tuple(sorted(served)),
            added=added,
            source=source,
            placement=placement,
            left_out=left_out,
            fix_roads=EdgeSnapper(
                self._agency.network,
                limit_m=self._agency.roads.limit_m,
                access_kph=self._agency.roads.access_kph,
            ),
        )

    def _attempt(self, entry: str, do: Callable[[], T]) -> T | None:
        """Return what `do` returns, or note its faults under an entry of the file."""
        try:
            return do()
        except ConfigurationError as error:
            self._faults += [f"{entry}: {error.source}: {fault}" for fault in error.faults]
        except (InputError, DataError) as error:
            self._faults.append(f"{entry}: {error}")
        return None

    def _replay(self) -> tuple[CallReplay, int]:
        return replayed_calls(self._document, self._path.parent, self._agency)

    def _files(self) -> dict[str, str]:
        return file_digests(self._document, self._path.parent, self._agency)

    def _now_served(self) -> frozenset[int]:
        """Return the divisions that a policy in force in the run has the program serve."""
        run, world = self._document.run, self._agency.world
        days = (run.start + timedelta(days=k) for k in range(run.warm_up_days + run.days))
        policies = {policy.digest: policy for policy in map(world.policy_on, days)}
        return frozenset().union(*map(self._served_under, policies.values()))

    def _served_under(self, policy: Policy) -> frozenset[int]:
        """Return the divisions that a policy has the program serve."""
        place = policy.order.get(self._document.service.program)
        return frozenset(() if place is None else policy.programs[place].provider_of)

    def _served(self) -> frozenset[int]:
        asked = self._document.service.divisions
        every = frozenset(each.number for each in self._agency.divisions.divisions)
        if asked == "all":
            return every
        if asked == "policy":
            return self._now_served()
        unknown = sorted(set(asked) - every)
        if unknown:
            raise InputError(
                f"{unknown} are no divisions of {self._agency.agency_id}: choose among "
                f"{sorted(every)}"
            )
        return frozenset(asked)

    def _chosen(self, served: frozenset[int], stream: CallStream | None) -> tuple[int, ...]:
        """List the divisions that are chosen by demand among those that are not served."""
        every = [each.number for each in self._agency.divisions.divisions]
        count = self._document.service.add_busiest
        if not count or stream is None or not isinstance(stream.places, Neighbourhoods):
            return ()
        return busiest_uncovered(stream.places, every, served, count=count)

    def _added(self, served: frozenset[int], chosen: tuple[int, ...]) -> tuple[int, ...]:
        """List what the policy does not serve, that chosen by demand last."""
        now = self._now_served()
        return (*sorted(served - now), *(number for number in chosen if number not in now))

    def _policies(self, served: frozenset[int], added: tuple[int, ...]) -> tuple[Policy, ...]:
        """Return the policies with the program where it is to serve.

        Divisions that are named are those of every policy; else each keeps its own.
        """
        service, world = self._document.service, self._agency.world
        named = service.divisions != "policy"
        return tuple(
            serving(
                policy,
                service.program,
                (served if named else self._served_under(policy)) | set(added),
                provider=service.provider,
            )
            for policy in (world.policy, *world.policies)
        )

    def _states(self, policies: tuple[Policy, ...] | None) -> list[TeamState]:
        """Return the teams there are, all of them available.

        Those of a roster file may be of the provider that serves added divisions.
        """
        named, agency = self._document.teams.roster, self._agency
        if named is None:
            found = list(agency.roster.snapshot().teams)
        else:
            world = agency.world
            known = policies or (world.policy, *world.policies)
            found = load_roster(self._path.parent / named, policies=known)
        return [TeamState(team=state.team, status=TeamStatus.AVAILABLE) for state in found]

    def _off_road(self, teams: Sequence[Team]) -> list[str]:
        """List teams that no call could ever get: nothing else says where they wait."""
        roads = self._agency.roads
        return [
            f"teams: {team.team_id} waits at {team.home_lon:g}, {team.home_lat:g}, farther than "
            f"{roads.limit_m:g} m from every road, and could never be sent; move its home"
            for team in teams
            if roads.snap(lon=team.home_lon, lat=team.home_lat) is None
        ]

    def _new(self, added: tuple[int, ...]) -> list[TeamState]:
        """Place the teams of added divisions where they help the most."""
        agency, service = self._agency, self._document.service
        count = self._document.teams.per_added_division
        places = tract_places(agency, demand=self._document.stream.weigh_by)
        reach = RoadReach(agency.speeds)
        return [
            TeamState(
                team=Team(
                    team_id=f"added-{division}-{number}",
                    provider=service.provider,
                    program=service.program,
                    home_lon=lon,
                    home_lat=lat,
                ),
                status=TeamStatus.AVAILABLE,
            )
            for division in added
            for number, (lon, lat) in enumerate(
                median_homes(reach, places, division, count=count), start=1
            )
        ]

    def _further(
        self, policies: tuple[Policy, ...], states: Sequence[TeamState], stream: CallStream | None
    ) -> Placement:
        """Place teams beside those there are, as the policy is at noon of the first Monday."""
        document, world = self._document, self._agency.world
        start = document.run.start
        monday = start + timedelta(days=-start.weekday() % 7)
        noon = datetime.combine(monday, time(12), tzinfo=self._agency.hours.zone)
        changed = replace(world, policy=policies[0], policies=policies[1:])
        policy = changed.policy_on(monday).at(noon)
        busy: float | Mapping[str, Work] = document.run.busy
        if document.run.busy_share is None and stream is not None and document.replay is None:
            busy = expected_work(stream, policy, document.service.program, document.crews)
        return placed_teams(
            self._agency,
            policy,
            [state.team for state in states],
            program=document.service.program,
            count=document.teams.further,
            busy=busy,
            demand=document.stream.weigh_by,
            within_s=document.teams.further_within_s,
            together=document.teams.further_placed == "together",
        )
