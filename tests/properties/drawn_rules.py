"""Policies of drawn days: programs, hours, how calls wait and take teams from each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

from tests.scenarios.city import NOON, default_policy
from unarmed_router.model.call import Answer
from unarmed_router.model.mutual_aid import MutualAid
from unarmed_router.model.policy import Arbitration, Policy, TriageFact
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.rule import Rule
from unarmed_router.model.screening import Screening, StaleFix
from unarmed_router.model.shift import ALWAYS, Shift
from unarmed_router.model.waiting import Match, Preemption, Waiting, WaitLimit

__all__ = ["EMPLOYERS", "LATE", "Kind", "Pick", "hours_from", "policies"]

LATE = NOON + timedelta(hours=11, minutes=57)
"""A start from which a day of some minutes sees midnight."""
WELFARE = frozenset({"welfare_check"})
EMPLOYERS = (("UNARMED", "p"), ("OUTREACH", "r"), ("UNARMED", "q"), ("OUTREACH", "q"))
"""The first two of every day; the third of days with a second provider; the last where it helps."""
HELPS = (
    {"q": frozenset({"p"})},
    {"q": frozenset({"p", "r"}), "p": frozenset({"q"})},
    {"q": frozenset({"p"}), "p": frozenset({"q"}), "r": frozenset({"p", "q"})},
)


T = TypeVar("T")


class Pick(Protocol):
    """Chooses one of some options, as `random.Random.choice` does."""

    def __call__(self, seq: Sequence[T], /) -> T:
        """Return one of them."""


class Kind(NamedTuple):
    """What happens on a day besides calls and hang-ups."""

    urgent: bool = False
    """Urgent calls take teams from others."""
    shifts: bool = False
    """Teams come and go by shifts."""
    rests: bool = False
    """Crews have breaks."""
    hours: bool = False
    """Providers come and go by hours."""
    aid: bool = False
    """Providers of different divisions help each other."""
    changes: bool = False
    """Another policy comes at midnight."""
    far: bool = False
    """Places may be far from every road."""
    unsure: bool = False
    """Nobody knows quite where some calls are, and providers serve outlined areas."""

    @property
    def endless(self) -> bool:
        """Whether calls may wait for ever: where breaks go on, that is watched for a week."""
        return not (self.shifts or self.rests or self.hours or self.changes)


def hours_from(start: datetime, *spans: tuple[int, int]) -> tuple[Shift, ...]:
    """Return hours from and until so many minutes after a start."""
    made = []
    for first, last in spans:
        begins, ends = (start + timedelta(minutes=minutes) for minutes in (first, last))
        made.append(Shift((begins.weekday(),), begins.time(), ends.time()))
    return tuple(made)


def _providers(pick: Pick, kind: Kind, start: datetime) -> tuple[tuple[Provider, ...], ...]:
    """Draw who fields the teams of both programs, where and when."""
    own = Provider("p", "Provider", frozenset({1, 2}))
    after = Provider("q", "Quarter", frozenset({1, 2}))
    reach = Provider("r", "Reach", frozenset({1}))
    if kind.aid:
        own, after = (
            replace(own, divisions=frozenset({1})),
            replace(after, divisions=frozenset({2})),
        )
    if kind.unsure:
        after = replace(after, outlined=frozenset(pick((("park",), ("park", "east")))))
        reach = replace(reach, outlined=frozenset(pick(((), ("east",)))))
        if reach.outlined:
            return (own, after), (reach, replace(after, outlined=frozenset()))
    if not kind.hours:
        return ((own, after), (reach, after)) if kind.aid else ((own,), (reach,))
    minute = pick((1, 3, 5))
    first, second = pick(
        (
            (hours_from(start, (-240, minute)), hours_from(start, (minute, 240))),
            (hours_from(start, (minute, 240)), hours_from(start, (-240, minute))),
            (hours_from(start, (-9, minute), (minute + 2, 90)), ()),
            (hours_from(start, (-90, 1)), hours_from(start, (minute + 1, 90))),
        )
    )
    others = ALWAYS, hours_from(start, (minute - 1, 30)), hours_from(start, (-30, minute))
    reach = replace(reach, hours=pick(others))
    if pick(range(4)) == 0:  # dates in place of hours
        day = (start + timedelta(minutes=3)).date()
        next_day = day + timedelta(days=pick(range(2)))
        return (replace(own, serves_until=day), replace(after, serves_from=next_day)), (reach,)
    return (replace(own, hours=first), replace(after, hours=second)), (reach,)


def policies(pick: Pick, kind: Kind, start: datetime) -> tuple[Policy, ...]:
    """Draw the policies of a day: one, or two of which the second mostly begins at midnight."""
    if not kind.changes:
        return (a_policy(pick, kind, start),)
    first, second = a_policy(pick, kind, start), a_policy(pick, kind, start)
    day = (start + timedelta(minutes=3)).date()
    minor = Rule("minor", frozenset({"UNARMED"}), {"minor": Answer.YES}, "POLICE", "a minor")
    asked = TriageFact("minor", "Is it a minor?")
    words: Sequence[dict[str, Any]] = (
        {},
        {"capabilities": {"nurse": "a nurse"}},
        {"capabilities": {"boat": "a boat"}},
        {"facts": {**second.facts, "minor": asked}, "rules": (*second.rules, minor)},
        {"facts": {"weapon": second.facts["weapon"]}, "rules": second.rules[1:]},
        {"call_types": {"welfare_check": second.call_types["welfare_check"]}},
    )
    gap = timedelta(days=pick((0, 0, 0, 1)))
    changed = replace(second, policy_id="next", effective_from=day + gap, **pick(words))
    return replace(first, effective_until=day), changed


def a_policy(pick: Pick, kind: Kind, start: datetime) -> Policy:
    """Draw programs, limits, and how calls wait and take teams from each other."""
    of_first, of_other = _providers(pick, kind, start)
    first = Program("UNARMED", "Unarmed", WELFARE, of_first, pick((600, 150)))
    other = Program(
        "OUTREACH",
        "Outreach",
        WELFARE | {"burglary"},
        of_other,
        600,
        max_response_s=pick((600, 180)),
    )
    seconds = pick(((900, 180, 45), (400, 400, 90), (40, 90, 900)))
    limits = {number: WaitLimit(limit, "LINE") for number, limit in enumerate(seconds, start=1)}
    if not kind.endless:
        limits[9] = WaitLimit(600, "LINE")
    elif pick((False, True)):
        del limits[3]
    gains = pick(({(1, 2): 0, (1, 3): 0, (2, 3): 40}, {(1, 3): 60, (1, 9): 0}))
    waiting = Waiting(limits, match=pick(tuple(Match)))
    return replace(
        default_policy(),
        programs=pick(((first, other), (first,), (other, first))),
        screening=Screening(
            pick((45, 0, 90)),
            86_400,
            StaleFix.EXCLUDE,
            pick((3600, 3600, 3600, 160)),
            handover_s=pick((0, 0, 120)),
        ),
        arbitration=pick(
            (Arbitration(), Arbitration(late_programs_yield=False, preference_s=9)),
        ),
        waiting=pick((*[waiting] * (2 if kind.changes else 5), None)),
        preemption=Preemption(gains) if kind.urgent else None,
        mutual_aid=MutualAid(pick(HELPS), pick((600, 600, 150, 60)), keep_home=pick((0, 1, 1, 2)))
        if kind.aid
        else None,
    )
