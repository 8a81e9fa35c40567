"""What triage and arbitration cost a call: remembered, at first sight, reading codes, asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.calls import AT, eligible
from unarmed_router import Answer, Call, Router
from unarmed_router.dispatch.eligibility import Eligibility
from unarmed_router.dispatch.reading import read_call
from unarmed_router.model.policy import Policy

DIVISION = 20
"""Where `eligible` has its call."""

Change = Callable[[Call], Call]

ASKED: Mapping[str, Change] = {
    "sent": lambda call: call,
    "armed": lambda call: replace(call, facts={**call.facts, "weapon": Answer.YES}),
    "coded": lambda call: replace(call, call_type="918VM", codes=("459I",)),
    "unasked": lambda call: replace(call, facts={}),
}
"""A team may go; a rule holds; two codes are read; every fact is unknown."""

CODES = ("918M", "415GP3", "Mental person non-violent", "918VQ")


@pytest.fixture(scope="module")
def policy(router: Router) -> Policy:
    """Take the embedded policy, with the providers that serve at the moment of the calls."""
    world = router.agency.world
    return world.policy.at(world.hours.local(AT))


@pytest.mark.benchmark(group="triage")
@pytest.mark.parametrize("asked", ASKED)
def test_triage_remembered(benchmark: Any, router: Router, policy: Policy, asked: str) -> None:
    """`Eligibility.takes` and `assess` of a combination that another, equal call had before."""
    table, call = Eligibility(policy), ASKED[asked](eligible(router))
    before = replace(call, facts=dict(call.facts))  # its facts are equal, and not the same object
    table.takes(before)
    table.assess(before, DIVISION)

    def run() -> Any:
        return table.takes(call), table.assess(call, DIVISION)

    taken, triage = benchmark(run)
    assert bool(taken[0]) == bool(triage.eligible) == (asked == "sent")


@pytest.mark.benchmark(group="triage")
@pytest.mark.parametrize("asked", ASKED)
def test_triage_first_sight(benchmark: Any, router: Router, policy: Policy, asked: str) -> None:
    """The verdict on a combination of answers never seen before; other calls had its codes."""
    call = ASKED[asked](eligible(router))
    others = [ASKED[other](eligible(router)) for other in ASKED if other != asked]

    def unseen() -> tuple[tuple[Eligibility], dict[str, Any]]:
        table = Eligibility(policy)
        for other in others:
            table.takes(other)
        return (table,), {}

    def run(table: Eligibility) -> Any:
        return table.takes(call), table.assess(call, DIVISION)

    _, triage = benchmark.pedantic(run, setup=unseen, rounds=3_000)
    assert bool(triage.questions) == (asked == "unasked")


@pytest.mark.benchmark(group="triage")
def test_triage_questions(benchmark: Any, router: Router, policy: Policy) -> None:
    """The fewest questions, in order, of a call of which nothing is known, when first read."""
    call = ASKED["unasked"](eligible(router))

    def assessed() -> tuple[tuple[Any], dict[str, Any]]:
        return (Eligibility(policy).assess(call, DIVISION),), {}

    found = benchmark.pedantic(lambda triage: triage.questions, setup=assessed, rounds=1_000)
    assert len(found) == 5


@pytest.mark.benchmark(group="triage")
@pytest.mark.parametrize("code", CODES)
def test_triage_reading(benchmark: Any, router: Router, policy: Policy, code: str) -> None:
    """`read_call` alone, of a code no call had before: split, its facts joined with the call's."""
    call = replace(eligible(router), call_type=code)
    assert policy.codes is not None
    codes = policy.codes

    def forgotten() -> tuple[tuple[Call, Policy], dict[str, Any]]:
        return (call, replace(policy, codes=replace(codes))), {}

    reading = benchmark.pedantic(read_call, setup=forgotten, rounds=500)
    assert (reading.call_type is None) == (code == "918VQ")


@pytest.mark.benchmark(group="triage")
def test_triage_arbitration(benchmark: Any, router: Router, call: Call) -> None:
    """The programs of a decision with place and reason, and what ranked them, when first read."""

    def decided() -> tuple[tuple[Any], dict[str, Any]]:
        return (router.route(call, at=AT),), {}

    found = benchmark.pedantic(
        lambda decision: (decision.programs, decision.ranking_rule), setup=decided, rounds=3_000
    )
    assert found[0][0].place == 1
