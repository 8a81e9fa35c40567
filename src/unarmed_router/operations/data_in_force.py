"""The data a decision was made on, found again: this agency's, or what of it is another now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from unarmed_router.agency.folder import Agency
from unarmed_router.dispatch.desk import Desk
from unarmed_router.dispatch.ports import TravelTimes
from unarmed_router.errors import InputError
from unarmed_router.model.call import Call
from unarmed_router.model.policy import Policy
from unarmed_router.operations.data_changes import live_traffic
from unarmed_router.operations.walking import Standing
from unarmed_router.operations.wording import in_words_of

__all__ = ["DataInForce", "short"]

_SHOWN = 12


class DataInForce:
    """Makes the desk at which a decision of a ledger was made.

    Parameters
    ----------
    agency : Agency
        Boundaries, network, profile and policies as they are loaded now.
    policies : iterable of Policy
        Further ones that were in force at some time; found by their digest.
    """

    def __init__(self, agency: Agency, policies: Iterable[Policy] = ()) -> None:
        self._agency = agency
        world = agency.world
        self._policies = {each.digest: each for each in (world.policy, *world.policies, *policies)}
        self._desks: dict[tuple[object, ...], Desk] = {}
        # Beside the base only the last live traffic is kept: a day may have hundreds of them.
        self._live: tuple[str, TravelTimes | None] = ("", None)

    def other_data(self, standing: Standing) -> tuple[str, ...]:
        """Say which data are other than those the decision was made on.

        Returns
        -------
        tuple of str
            One sentence for each, with both digests; empty when the decision can be made again.
            The version of the library is not among them: it is a label, see `desk`.
        """
        then, now = standing.agency, self._agency.world.digests
        pairs = [
            ("agency settings", then.agency, now.agency),
            ("boundaries", then.boundaries, now.boundaries),
            ("network", then.network, now.network),
        ]
        found = [
            f"{what}: {short(was)} then, {short(here)} here"
            for what, was, here in pairs
            if was != here
        ]
        found += self._other_speeds(standing)
        if not then.policies:
            found.append("policies: none is named")
        for each in then.policies:
            if each.digest not in self._policies:
                found.append(f"policy {each.policy_id}: {short(each.digest)} is not given here")
        return tuple(found)

    def desk(self, standing: Standing, policies: tuple[Policy, ...] | None = None) -> Desk:
        """Return the desk of a decision, under the version it was made with.

        Parameters
        ----------
        standing : Standing
            One for which `other_data` finds nothing.
        policies : tuple of Policy, optional
            In place of those that were in force.
        """
        given = policies or tuple(self._policies[p.digest] for p in standing.agency.policies)
        version, profile = standing.agency.version, standing.profile
        key = (version, profile, *(policy.digest for policy in given))
        if key not in self._desks:
            world = self._agency.world
            times = self._times_of(standing)
            digests = replace(world.digests, version=version, profile=profile)
            self._desks[key] = Desk(
                replace(
                    world,
                    policy=given[0],
                    policies=given[1:],
                    travel_times=world.travel_times if times is None else times,
                    digests=digests,
                )
            )
        return self._desks[key]

    def said(self, standing: Standing) -> Call:
        """Return the call of a decision in the words of the policy by which it was made."""
        policy = self.desk(standing).ground_at(standing.event.decided_at).policy
        return in_words_of(policy, standing.call, standing.roster.lineup.teams)

    def _other_speeds(self, standing: Standing) -> list[str]:
        profile = standing.profile
        if self._times_of(standing) is not None:
            return []
        here = self._agency.world.digests.profile
        return [f"speeds: {short(profile)} then, {short(here)} here"]

    def _times_of(self, standing: Standing) -> TravelTimes | None:
        """Return the travel times of the speeds in force; None where they cannot be made here."""
        base = self._agency.world
        if standing.profile == base.digests.profile:
            return base.travel_times
        if standing.profile != self._live[0]:
            kept = base.digests.profile
            self._desks = {key: desk for key, desk in self._desks.items() if key[1] == kept}
            self._live = standing.profile, self._live_times(standing)
        return self._live[1]

    def _live_times(self, standing: Standing) -> TravelTimes | None:
        if standing.speeds is None:
            return None
        try:
            speeds = self._agency.speeds.with_live(**live_traffic(standing.speeds))
        except InputError:  # a network of other arcs
            return None
        return speeds.travel_times() if speeds.digest == standing.profile else None


def short(digest: str) -> str:
    """Write the beginning of a digest, which is enough to tell two apart."""
    return digest[:_SHOWN] or "none"
