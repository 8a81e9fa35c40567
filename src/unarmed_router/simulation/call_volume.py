"""How many calls a city has when a published number of them is diverted."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Protocol

from unarmed_router.dispatch.triage import assess
from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer, Call, Facts
from unarmed_router.model.policy import Policy
from unarmed_router.simulation.call_mix import CallMix, Volume

__all__ = [
    "DivisionShares",
    "calls_per_day",
    "diverted_share",
    "eligible_share",
    "first_taker_shares",
]

_MOST = 200_000
"""Sets of answers that are tried one by one."""


class DivisionShares(Protocol):
    """Where calls arise; `Neighbourhoods` is one."""

    def share_of(self, division: int) -> float:
        """Share of all calls that arise in a division."""


def eligible_share(mix: CallMix, policy: Policy, division: int) -> float:
    """Share of a division's calls that an unarmed program may take, exactly.

    Every call type and every set of answers is put through triage, and weighed by its probability.

    Parameters
    ----------
    mix : CallMix
        What callers report; answers are independent of each other and of the call type.
    policy : Policy
        Programs and rules. A rule that an agency wrote itself may look at every fact.
    division : int
        Which division's programs.

    Raises
    ------
    InputError
        More sets of answers than can be tried one by one.
    """
    share = 0.0
    for _, _, part in _taken(mix, policy, division):
        share += part
    return share


def first_taker_shares(
    mix: CallMix, policy: Policy, places: DivisionShares, divisions: Collection[int]
) -> dict[tuple[str, str], float]:
    """Share of all calls that arise in some divisions, by who is asked first and call type.

    Parameters
    ----------
    mix : CallMix
        What callers report.
    policy : Policy
        Programs and rules. Of several programs that may take a call, the one that comes first in
        the policy's order is asked first.
    places : DivisionShares
        Where calls arise.
    divisions : collection of int
        Division numbers.

    Returns
    -------
    dict of (str, str) to float
        By program id and call type, in no order; those with a share above 0.

    Raises
    ------
    InputError
        More sets of answers than can be tried one by one.
    """
    of_programs: dict[frozenset[str], list[tuple[str, str, float]]] = {}
    shares: dict[tuple[str, str], float] = {}
    for division in sorted(divisions):
        here = _programs_in(policy, division)
        if here not in of_programs:
            of_programs[here] = list(_taken(mix, policy, division))
        calls = places.share_of(division)
        for program, kind, part in of_programs[here]:
            shares[program, kind] = shares.get((program, kind), 0.0) + calls * part
    return {key: share for key, share in shares.items() if share > 0.0}


def diverted_share(
    mix: CallMix, policy: Policy, places: DivisionShares, divisions: Collection[int]
) -> float:
    """Share of all calls that arise in some divisions and that a program there may take."""
    of_programs: dict[frozenset[str], float] = {}
    share = 0.0
    for division in sorted(divisions):
        here = _programs_in(policy, division)
        if here not in of_programs:
            of_programs[here] = eligible_share(mix, policy, division)
        share += places.share_of(division) * of_programs[here]
    return share


def calls_per_day(volume: Volume, mix: CallMix, policy: Policy, places: DivisionShares) -> float:
    """Find how many calls a day the whole city has, all divisions and outcomes together.

    Raises
    ------
    InputError
        No call of those divisions would be diverted, whatever their number.
    """
    share = diverted_share(mix, policy, places, volume.divisions)
    if not share > 0.0:
        numbers = ", ".join(map(str, sorted(volume.divisions)))
        raise InputError(
            f"no call of divisions {numbers} would be diverted under policy {policy.policy_id}; "
            "name divisions that a program serves"
        )
    return volume.diverted_per_day / share


def _taken(mix: CallMix, policy: Policy, division: int) -> Iterator[tuple[str, str, float]]:
    """Yield each kind of call that is taken: by which program first, call type, probability."""
    facts = _facts_that_matter(mix, policy)
    if len(mix.call_types) * 3 ** len(facts) > _MOST:
        raise InputError(
            f"{len(facts)} facts make more than {_MOST} sets of answers; state calls a day instead "
            "of diverted calls a day"
        )
    whole = sum(mix.call_types.values())
    for answers in itertools.product(Answer, repeat=len(facts)):
        said = dict(zip(facts, answers, strict=True))
        chance = _probability(said, mix)
        if chance == 0.0:
            continue
        for kind, weight in mix.call_types.items():
            eligible = assess(_call(kind, said), division, policy).eligible
            if eligible:
                yield eligible[0].program_id, kind, chance * weight / whole


def _programs_in(policy: Policy, division: int) -> frozenset[str]:
    return frozenset(
        program.program_id
        for program in policy.programs
        if any(division in provider.divisions for provider in program.providers)
    )


def _facts_that_matter(mix: CallMix, policy: Policy) -> list[str]:
    if any(rule.plugin is not None for rule in policy.rules):
        return sorted(mix.yes)
    named = {fact for rule in policy.rules for fact in rule.when}
    return sorted(named & set(mix.yes))


def _probability(said: Mapping[str, Answer], mix: CallMix) -> float:
    chance = 1.0
    for fact, answer in said.items():
        yes = mix.yes[fact]
        chance *= {
            Answer.YES: yes,
            Answer.UNKNOWN: mix.unknown,
            Answer.NO: max(1.0 - yes - mix.unknown, 0.0),
        }[answer]
    return chance


def _call(kind: str, said: Mapping[str, Answer]) -> Call:
    moment = datetime(2026, 1, 1, tzinfo=UTC)  # triage looks at no clock
    return Call(
        call_id="1", lon=1.0, lat=1.0, call_type=kind, received_at=moment, facts=Facts(said)
    )
