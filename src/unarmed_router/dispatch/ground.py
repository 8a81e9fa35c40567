"""What a decision stands on that no call, team or speed changes: policy, places, digests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import ref

import numpy as np

from unarmed_router.dispatch.eligibility import Eligibility
from unarmed_router.kernels.packed import Packed
from unarmed_router.kernels.routing import PROGRAMS_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unarmed_router.dispatch.ports import (
        Divisions,
        Hours,
        Roads,
        Streets,
        TravelTimes,
        World,
        WorldDigests,
    )
    from unarmed_router.model.policy import Policy

__all__ = ["Ground"]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The world without its travel times, so that an old decision keeps no old metric alive.

    Parameters
    ----------
    divisions, roads, hours, policy, digests, long_access_m
        As in `dispatch.ports.World`.
    eligibility : Eligibility
        The policy's rules, remembered.
    area_of : mapping of int to int
        Place of each division some provider serves, from 1; 0 stands for every other.
    label_of : mapping of int to int
        Label of each division in the index; empty where the index has none.
    programs : Packed
        Who serves which area, as `kernels.routing` takes it.
    streets : Streets or None
        As in `dispatch.ports.World`.
    times : callable
        Returns the world's travel times while anything else keeps them, else None.
    """

    divisions: Divisions
    roads: Roads
    hours: Hours
    policy: Policy
    digests: WorldDigests
    long_access_m: float
    eligibility: Eligibility
    area_of: Mapping[int, int]
    label_of: Mapping[int, int]
    programs: Packed
    streets: Streets | None
    times: Callable[[], TravelTimes | None]

    @classmethod
    def of(cls, world: World, policy: Policy) -> Ground:
        """Prepare a world for a policy as it is at some moment; see `Policy.at`."""
        programs = policy.programs
        served = sorted({number for program in programs for number in program.provider_of})
        area_of = {number: area for area, number in enumerate(served, start=1)}
        serves = np.zeros((len(served) + 1, len(programs)), np.uint8)
        for place, program in enumerate(programs):
            for number in program.provider_of:
                serves[area_of[number], place] = 1
        # A division index numbers its labels; other implementations never get that far.
        numbers: Sequence[int] = getattr(world.divisions, "numbers", (0,))
        labels = np.array([area_of.get(int(number), 0) for number in numbers], np.int32)
        return cls(
            divisions=world.divisions,
            roads=world.roads,
            hours=world.hours,
            policy=policy,
            digests=world.digests,
            long_access_m=world.long_access_m,
            eligibility=Eligibility(policy),
            area_of=area_of,
            label_of={int(number): label for label, number in enumerate(numbers)},
            programs=Packed(PROGRAMS_TYPES, serves, labels),
            streets=world.streets,
            times=_weakly(world.travel_times),
        )


def _weakly(times: TravelTimes) -> Callable[[], TravelTimes | None]:
    """Refer to travel times without keeping them; a class that forbids it keeps its own."""
    try:
        return ref(times)
    except TypeError:
        return lambda: times
