"""Triage remembered: a kind of call is judged once, and as if nothing were remembered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.scenarios.city import default_policy, draw_city
from unarmed_router.dispatch import eligibility, triage
from unarmed_router.dispatch.eligibility import Eligibility
from unarmed_router.dispatch.reading import read_call
from unarmed_router.model.call import Answer


def test_a_kind_of_call_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked of it first, and wherever else it comes from."""
    judged: list[object] = []

    def judge(*asked: object) -> triage.Judged:
        judged.append(asked)
        return triage.judge(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(eligibility, "judge", judge)
    city, policy = draw_city("a--b", teams={"T1": "a"}), default_policy()
    first, second = city.call("a"), city.call("b", call_id="c-2")
    for ask in (Eligibility.takes, Eligibility.reading, lambda e, call: e.assess(call, 1)):
        known = Eligibility(policy)
        ask(known, first)
        assert known.takes(second).tolist() == [1, 0]
        assert known.takes(second) is known.takes(first)
        assert known.reading(second) is known.reading(first)
        assert known.assess(second, 1) is known.assess(first, 1)
        assert len(judged) == 1
        judged.clear()


def test_what_is_remembered_is_of_its_own_kind_and_place() -> None:
    """Another answer, or another division, is another question."""
    city, policy = draw_city("a--b", teams={"T1": "a"}), default_policy()
    clear, known = city.call("a"), Eligibility(policy)
    armed = replace(clear, facts={"weapon": Answer.YES})
    for call, taken in ((clear, 1), (armed, 0), (clear, 1)):
        assert known.takes(call).tolist() == [taken, 0]
        assert known.reading(call) == read_call(call, policy)
        for division in (1, 99):  # outside the policy's divisions, too
            assert known.assess(call, division) == triage.assess(call, division, policy)


def test_kinds_that_the_same_programs_take_share_one_column() -> None:
    """There are few different ones, and a batch tells kinds of calls apart by them."""
    city, known = draw_city("a--b", teams={"T1": "a"}), Eligibility(default_policy())
    armed, hurt = (city.call("a", facts={fact: Answer.YES}) for fact in ("weapon", "medical"))
    assert known.takes(armed) is known.takes(hurt)
    assert known.takes(city.call("a")) is not known.takes(hurt)
