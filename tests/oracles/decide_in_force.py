"""What is in force, naively: a policy, who serves when and where, who helps; else `decide_naively`.

Shares nothing with `dispatch.desk`, which prepares each view of a policy once and compiles it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.oracles.decide import decide_naively
from tests.oracles.help import decide_with_help
from tests.oracles.taken_place import Box, Place, box_of, places
from unarmed_router.dispatch.ports import World
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.location import Division, DivisionMatch
from unarmed_router.model.policy import Policy
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.shift import Shift

__all__ = ["RulesInForce", "outlined"]


class RulesInForce:
    """A world whose rules change with the moment.

    Parameters
    ----------
    world : World
        With every provider, whenever it serves.
    divisions : mapping of int to Box
        Where calls may be whose place is uncertain; empty where none is.
    """

    def __init__(self, world: World, divisions: Mapping[int, Box] | None = None) -> None:
        self.world, self.divisions = world, divisions or {}
        self.policies = (world.policy, *world.policies)
        self.made: dict[tuple[str, ...], Policy] = {}
        self.taken: dict[tuple[str, str], Place] = {}

    @property
    def changes(self) -> bool:
        """Whether what is in force is another at another moment."""
        every = [provider for policy in self.policies for provider in _providers(policy)]
        return len(self.policies) > 1 or any(not provider.always for provider in every)

    def decide(self, call: Call, at: datetime, roster: RosterSnapshot) -> Decision:
        """Decide a call by what is in force; where nobody goes, by who may help."""
        world = replace(self.world, policy=self.served(at), policies=())
        call = _in_words(call, world.policy, roster)
        if self.divisions:
            place = self.place(call, world.policy)
            world = replace(world, divisions=_Known(place.number), policy=self.inside(at, place))
            call = replace(call, uncertainty=None)
        decision = decide_naively(call, at, roster, world)
        unserved = {ReferralReason.NO_TEAM_AVAILABLE, ReferralReason.NO_TEAM_IN_TIME}
        if isinstance(decision, Recommendation) or decision.reason not in unserved:
            return decision
        helped = decide_with_help(call, at, roster, world)
        return helped if isinstance(helped, Recommendation) else decision

    def place(self, call: Call, policy: Policy) -> Place:
        """Return where a call is taken to be; reckoned once for each policy."""
        name = call.call_id, policy.policy_id
        if name not in self.taken:
            _, self.taken[name], _ = places(call, self.divisions, outlined(policy))[0]
        return self.taken[name]

    def inside(self, at: datetime, place: Place) -> Policy:
        """Return the policy of a moment where the providers of outlined areas serve their own."""
        policy = self.served(at)
        programs = []
        for program in policy.programs:
            here = [p for p in program.providers if p.outlined & {*place.areas}]
            if here and place.number is not None:
                # Nobody else serves there; elsewhere they still do, and so may help.
                mine = replace(here[0], divisions=here[0].divisions | {place.number})
                others = [
                    replace(p, divisions=p.divisions - {place.number})
                    for p in program.providers
                    if p is not here[0]
                ]
                program = replace(program, providers=(mine, *others))  # noqa: PLW2901
            programs.append(program)
        return replace(policy, programs=tuple(programs))

    def policy(self, at: datetime) -> Policy:
        """Return the policy of a day; where it has none, the last that began, or else the first."""
        day, found = self.world.hours.local(at).date(), self.policies[0]
        for policy in self.policies:
            first, last = policy.effective_from, policy.effective_until
            begun = first is not None and first <= day
            if (begun or first is None) and (last is None or day < last):
                return policy
            found = policy if begun else found
        return found

    def served(self, at: datetime) -> Policy:
        """Return the policy with the providers that serve at a moment, and no other."""
        clock = self.world.hours.local(at).replace(tzinfo=None)
        policy = self.policy(at)
        here = [p for p in _providers(policy) if _in_dates(p, clock) and _in_hours(p.hours, clock)]
        name = (str(self.policies.index(policy)), *(repr(provider) for provider in here))
        if name not in self.made:
            self.made[name] = replace(
                policy,
                programs=tuple(
                    replace(program, providers=tuple(p for p in program.providers if p in here))
                    for program in policy.programs
                ),
            )
        return self.made[name]


class _Known(NamedTuple):
    """Divisions of which one is known to be the place of the call."""

    number: int | None

    @property
    def divisions(self) -> Sequence[Division]:
        """No list."""
        return ()

    def locate(self, *, lon: float, lat: float) -> DivisionMatch:  # noqa: ARG002  # it is known
        """Return the known one."""
        found = None if self.number is None else Division(self.number, "known")
        return DivisionMatch(found, 0.0, False)


def outlined(policy: Policy) -> dict[str, Box]:
    """Return the outlined areas of a policy, all of them boxes, degrees."""
    return {
        name: box_of((x / 1e7, y / 1e7) for x, y in rings[0])
        for name, rings in policy.outlines.items()
    }


def _in_words(call: Call, policy: Policy, roster: RosterSnapshot) -> Call:
    """Leave out of a call what a policy has no word for; who lacks such a need may not go."""
    words = policy.capabilities
    if words is None:
        words = dict.fromkeys((*call.needs, *call.prefers), "")
    lacking = [
        state.team.team_id
        for state in roster.teams
        for need in call.needs
        if need not in words and need not in state.team.capabilities
    ]
    return replace(
        call,
        facts={fact: answer for fact, answer in call.facts.items() if fact in policy.facts},
        needs=tuple(need for need in call.needs if need in words),
        prefers=tuple(wish for wish in call.prefers if wish in words),
        excludes=(*call.excludes, *lacking),
    )


def _providers(policy: Policy) -> list[Provider]:
    return [provider for program in policy.programs for provider in program.providers]


def _in_dates(provider: Provider, clock: datetime) -> bool:
    """Tell whether a provider has begun to serve and has not ended, by its dates."""
    day = clock.date()
    begun = provider.serves_from is None or provider.serves_from <= day
    return begun and not (provider.serves_until is not None and provider.serves_until <= day)


def _in_hours(hours: tuple[Shift, ...], clock: datetime) -> bool:
    """Tell whether hours that began today or yesterday go on at a wall clock."""
    for shift in hours:
        for day in (clock.date(), clock.date() - timedelta(days=1)):
            begins = datetime.combine(day, shift.start)
            ends = datetime.combine(day, shift.end)
            if ends <= begins:
                ends += timedelta(days=1)
            if day.weekday() in shift.days and begins <= clock < ends:
                return True
    return False
