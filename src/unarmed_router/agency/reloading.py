"""Policies, speeds and teams replaced while a router is at work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from unarmed_router.agency.plugin_times import refuse_factors
from unarmed_router.agency.policy_file import load_policies
from unarmed_router.agency.roster_file import (
    load_roster,
    refuse_homes_off_road,
    roster_faults,
)
from unarmed_router.dispatch.desk import Desk
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.model.call import in_utc

if TYPE_CHECKING:
    from datetime import datetime

    from unarmed_router.agency.folder import Agency
    from unarmed_router.agency.travel import RoadSpeeds
    from unarmed_router.fleet.roster import Roster
    from unarmed_router.fleet.roster_changes import RosterChanges
    from unarmed_router.geography.partition import Partition
    from unarmed_router.model.policy import Policy
    from unarmed_router.model.team import TeamState
    from unarmed_router.roads.network import RoadNetwork
    from unarmed_router.roads.reweighting import ArcTimes, Factors

__all__ = ["HoldsDesk"]


class HoldsDesk:
    """Base of a router: the desk in force, and how other policies, speeds and teams come.

    Parameters
    ----------
    agency : Agency
        What it begins with.
    clock : callable
        Returns the present as a timezone-aware datetime.

    Raises
    ------
    InputError
        `agency` is no loaded one, or `clock` cannot be called.

    Attributes
    ----------
    roster : Roster
        The live teams; its subclass sets them.
    """

    roster: Roster

    def __init__(self, agency: Agency, clock: Callable[[], datetime]) -> None:
        if not hasattr(agency, "world"):
            raise InputError(
                f"agency must be a loaded one; got {agency!r:.80}: Router.load(...) loads a folder"
            )
        if not callable(clock):
            raise InputError(
                f"clock must be called for the present; got {clock!r:.80}: leave it out for the "
                "system's"
            )
        self.agency = agency
        self._desk, self._speeds = Desk(agency.world), agency.speeds
        self._clock = clock
        self._updating = Lock()

    @property
    def desk(self) -> Desk:
        """What is in force now, made ready: never changed, only replaced."""
        return self._desk

    @property
    def speeds(self) -> RoadSpeeds:
        """The times of all arcs as they are in force."""
        return self._speeds

    def update_speeds(
        self,
        factors: Factors | None = None,
        *,
        arc_times_s: ArcTimes | None = None,
        network: RoadNetwork | None = None,
    ) -> str:
        """Put other speeds in force; calls decided meanwhile see the old ones or the new, whole.

        Parameters
        ----------
        factors, arc_times_s
            Live traffic, as `RoadNetwork.with_speeds` takes it: factors on the times of the
            profile, or times in seconds in place of them, whatever the hour. It replaces live
            traffic as it was; with neither, that ends.
        network : RoadNetwork, optional
            Other free-flow times, as `RoadNetwork.with_speeds` makes them, in force until another.

        Returns
        -------
        str
            Digest of the speeds in force, as decisions name it in ``basis.profile``; they name the
            network's in ``basis.network``.

        Raises
        ------
        InputError
            As `RoadNetwork.with_speeds`, a network of other roads, or travel times that a plugin
            makes; the old speeds stay in force.
        NetworkError
            Some way of the present hour takes three days or longer; the old speeds stay in force.
        """
        refuse_factors(self.agency.world.travel_times)
        with self._updating:
            speeds = self._speeds if network is None else self._speeds.with_network(network)
            speeds = speeds.with_live(factors, arc_times_s=arc_times_s)
            self._desk = Desk(speeds.put_in(self._desk.world, self._clock()))
            self._speeds = speeds
        return speeds.digest

    def reload_policy(self, *paths: Path | str) -> str:
        """Put other policies in force; decisions in flight finish under those they began with.

        Parameters
        ----------
        *paths : path-like
            Policy files, each for its own effective dates; at least one.

        Returns
        -------
        str
            Digest of the policy that is in force now, as decisions name it in ``basis.policy``.

        Raises
        ------
        ConfigurationError
            A file is broken, two cover one day, or a team of the roster would belong to no program
            or provider; the message lists every fault, and the old policies stay in force.
        InputError
            What is given is no path, such as a list of them.
        """
        policies = _reloaded_policies(paths, self.agency.partition)
        with self._updating:  # nor do other teams come between
            faults = list(roster_faults(self.roster.snapshot().lineup.teams, policies))
            if faults:
                raise ConfigurationError(str(paths[0]), faults)
            world = replace(self._desk.world, policy=policies[0], policies=policies[1:])
            self._desk = desk = Desk(world)
        return desk.ground_at(in_utc(self._clock(), "clock")).policy.digest

    def reload_roster(self, path: Path | str) -> RosterChanges:
        """Put the teams of another roster file in force; decisions in flight finish as they began.

        Teams that stay keep what they are doing, since when, and where they are, whatever status
        the file gives. New ones begin as the file says, and those that it leaves out are gone, busy
        or not: a router knows of no calls. `roster` is the same object as before, so that reports
        of other threads reach the teams that are in force, whenever they come; routers that were
        made of one `Agency` share it.

        Parameters
        ----------
        path : path-like
            A roster file, TOML or CSV.

        Returns
        -------
        RosterChanges
            Who was added, changed or removed.

        Raises
        ------
        ConfigurationError
            As `read_roster`; the teams are as before.
        InputError
            What is given is no path. Or the router is that of a shift, whose teams are those of
            its ledger: `Dispatcher.reload_roster` changes them there.
        """
        with self._updating:  # no other policy comes between
            return self.roster.replace_teams(self.read_roster(path))

    def read_roster(self, path: Path | str) -> tuple[TeamState, ...]:
        """Read a roster file for the policies in force, and change nothing.

        Parameters
        ----------
        path : path-like
            A roster file, TOML or CSV.

        Returns
        -------
        tuple of TeamState
            In order of team id, with their homes on the road.

        Raises
        ------
        ConfigurationError
            It is broken, gives an id twice, has a team of no program or provider of any policy, or
            one whose home no road reaches; the message lists the faults.
        InputError
            What is given is no path.
        """
        if not isinstance(path, str | PathLike):
            raise InputError(f"a roster is named by its path; got {path!r:.80}")
        world = self._desk.world
        states = load_roster(path, policies=(world.policy, *world.policies))
        teams = self.roster.with_states(states).snapshot().teams
        refuse_homes_off_road(Path(path), teams)
        return teams


def _reloaded_policies(paths: Sequence[Path | str], partition: Partition) -> tuple[Policy, ...]:
    """Load policies for the divisions there are."""
    for path in paths:
        if not isinstance(path, str | PathLike):
            raise InputError(f"a policy is named by its path; got {path!r:.80}")
    numbers = {division.number for division in partition.divisions}
    return load_policies(paths, divisions=numbers, partition=partition)
