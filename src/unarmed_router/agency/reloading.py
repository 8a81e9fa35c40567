"""Policies read anew while a router is at work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from unarmed_router.agency.policy_file import load_policies
from unarmed_router.agency.roster_file import roster_faults
from unarmed_router.errors import ConfigurationError
from unarmed_router.geography.partition import Partition
from unarmed_router.model.program import Policy
from unarmed_router.model.team import Lineup

__all__ = ["reloaded_policies"]


def reloaded_policies(
    paths: Sequence[Path | str], partition: Partition, lineup: Lineup
) -> tuple[Policy, ...]:
    """Load policies for the divisions and the teams there are.

    Parameters
    ----------
    paths : sequence of path-like
        Policy files, each for its own effective dates.
    partition : Partition
        The divisions.
    lineup : Lineup
        The teams.

    Raises
    ------
    ConfigurationError
        A file is broken, two cover one day, or a team would belong to no program or provider;
        lists every fault.
    """
    numbers = {division.number for division in partition.divisions}
    policies = load_policies(paths, divisions=numbers, partition=partition)
    faults = list(roster_faults(lineup.teams, policies))
    if faults:
        raise ConfigurationError(str(paths[0]), faults)
    return tuple(policies)
