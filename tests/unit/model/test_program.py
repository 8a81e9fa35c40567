"""Programs and providers: who serves where."""

from __future__ import annotations

from dataclasses import replace

from tests.scenarios.city import default_policy
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider


def program(program_id: str, **divisions: set[int]) -> Program:
    """Make a program whose providers serve some divisions."""
    providers = tuple(Provider(p, p, frozenset(numbers)) for p, numbers in divisions.items())
    return Program(program_id, program_id, frozenset({"welfare_check"}), providers, 900)


def test_a_provider_serves_the_divisions_of_its_program() -> None:
    """One provider may serve two programs, each in other divisions; a stranger serves none."""
    policy = default_policy()
    policy = replace(policy, programs=(program("P", p={1, 2}, q={3}), program("Q", p={4})))
    asked = [("P", "p"), ("P", "q"), ("Q", "p"), ("Q", "q"), ("R", "p")]
    found = [policy.divisions_of(*each) for each in asked]
    assert found == [{1, 2}, {3}, {4}, frozenset(), frozenset()]
