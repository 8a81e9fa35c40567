"""Policies prepared to decide by, as they are at an hour and at a place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unarmed_router.dispatch.ground import Ground
from unarmed_router.dispatch.uncertain import areas_taken, location_area

if TYPE_CHECKING:
    from unarmed_router.dispatch.ports import OutlinedAreas, World
    from unarmed_router.model.call import Call
    from unarmed_router.model.location import LocationArea
    from unarmed_router.model.policy import Policy

__all__ = ["NOWHERE", "Grounds"]

NOWHERE: frozenset[str] = frozenset()
"""Inside no outlined area."""


class Grounds:
    """The grounds of one world, each made when it is first wanted; safe to share between threads.

    Parameters
    ----------
    world : World
        Places and policies, which live as long as this does.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._grounds: dict[int, Ground] = {}
        self._areas: dict[int, OutlinedAreas] = {}

    def of(self, policy: Policy) -> Ground:
        """Return a policy, or a view of it, prepared."""
        ground = self._grounds.get(id(policy))
        if ground is None:
            ground = self._grounds[id(policy)] = Ground.of(self._world, policy)
        return ground

    def within(self, ground: Ground, areas: frozenset[str]) -> Ground:
        """Return a policy as it is inside some of its outlined areas."""
        return self.of(ground.policy.within(areas)) if areas else ground

    def at_place(self, ground: Ground, call: Call) -> tuple[Ground, LocationArea | None]:
        """Return a policy as it is where a call is, and where else the call may be.

        The second is None of a call whose position is certain.

        Raises
        ------
        CoordinateError
            The position of an uncertain call is swapped; a certain one is located by the kernel.
        """
        locations = self._world.locations
        if call.uncertainty is not None and locations is not None:
            # A polygon has a place of its own, so nothing else looks at the position beside it
            # before the decision is read, and the error would come then.
            self._world.divisions.locate(lon=call.lon, lat=call.lat)
            area = location_area(
                call, call.uncertainty, ground, locations, lambda areas: self.within(ground, areas)
            )
            return self.within(ground, areas_taken(area)), area
        areas = self._outlined(ground.policy)
        if areas is None:
            return ground, None
        return self.within(ground, areas.inside(lon=call.lon, lat=call.lat)), None

    def inside(self, calls: Sequence[Call]) -> Callable[[Policy], Sequence[frozenset[str]] | None]:
        """Return a function of a policy: the outlined areas of it that each of some calls is in.

        It returns None for a policy that has none. All calls are looked up together, when a policy
        is first asked for.
        """
        known: dict[int, Sequence[frozenset[str]]] = {}

        def of(policy: Policy) -> Sequence[frozenset[str]] | None:
            areas, key = self._outlined(policy), id(policy.outlines)
            if areas is not None and key not in known:
                points = np.array([(call.lon, call.lat) for call in calls], np.float64)
                known[key] = areas.inside_many(*points.T.copy())
            return known.get(key)

        return of

    def _outlined(self, policy: Policy) -> OutlinedAreas | None:
        """Return the outlined areas of a policy; its views of other hours have the same."""
        if not policy.outlines or self._world.outlined is None:
            return None
        areas = self._areas.get(id(policy.outlines))
        if areas is None:
            areas = self._areas[id(policy.outlines)] = self._world.outlined(policy)
        return areas
