"""Policies of drawn days: programs, hours, how calls wait and take teams from each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from tests.scenarios.city import NOON, default_policy
from unarmed_router.model.program import Arbitration, Policy, Program, Provider, Screening, StaleFix
from unarmed_router.model.shift import ALWAYS, Shift
from unarmed_router.model.waiting import Match, Preemption, Waiting, WaitLimit

__all__ = ["EMPLOYERS", "LATE", "Kind", "hours_from", "policies"]

LATE = NOON + timedelta(hours=11, minutes=57)
"""A start from which a day of some minutes sees midnight."""
WELFARE = frozenset({"welfare_check"})
EMPLOYERS = (("UNARMED", "p"), ("OUTREACH", "r"), ("UNARMED", "q"))


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

    @property
    def endless(self) -> bool:
        """Whether calls may wait for ever: where breaks go on, that is watched for a week."""
        return not self.shifts and not self.rests and not self.hours


def hours_from(start: datetime, *spans: tuple[int, int]) -> tuple[Shift, ...]:
    """Return hours from and until so many minutes after a start."""
    made = []
    for first, last in spans:
        begins, ends = (start + timedelta(minutes=minutes) for minutes in (first, last))
        made.append(Shift((begins.weekday(),), begins.time(), ends.time()))
    return tuple(made)


def _providers(draw: st.DrawFn, kind: Kind, start: datetime) -> tuple[tuple[Provider, ...], ...]:
    """Draw who fields the teams of both programs; with hours, one may follow another."""
    own = Provider("p", "Provider", frozenset({1, 2}))
    reach = Provider("r", "Reach", frozenset({1}))
    if not kind.hours:
        return (own,), (reach,)
    after = Provider("q", "Quarter", frozenset({1, 2}))
    minute = draw(st.sampled_from((1, 3, 5)))
    first, second = draw(
        st.sampled_from(
            (
                (hours_from(start, (-240, minute)), hours_from(start, (minute, 240))),
                (hours_from(start, (minute, 240)), hours_from(start, (-240, minute))),
                (hours_from(start, (-9, minute), (minute + 2, 90)), ()),
                (hours_from(start, (-90, 1)), hours_from(start, (minute + 1, 90))),
            )
        )
    )
    others = ALWAYS, hours_from(start, (minute - 1, 30)), hours_from(start, (-30, minute))
    reach = replace(reach, hours=draw(st.sampled_from(others)))
    if draw(st.integers(0, 3)) == 0:  # dates in place of hours
        day = (start + timedelta(minutes=3)).date()
        next_day = day + timedelta(days=draw(st.integers(0, 1)))
        return (replace(own, serves_until=day), replace(after, serves_from=next_day)), (reach,)
    return (replace(own, hours=first), replace(after, hours=second)), (reach,)


@st.composite
def policies(draw: st.DrawFn, kind: Kind, start: datetime) -> Policy:
    """Draw programs, limits, and how calls wait and take teams from each other."""
    of_first, of_other = _providers(draw, kind, start)
    first = Program("UNARMED", "Unarmed", WELFARE, of_first, draw(st.sampled_from((600, 150))))
    other = Program(
        "OUTREACH",
        "Outreach",
        WELFARE | {"burglary"},
        of_other,
        600,
        max_response_s=draw(st.sampled_from((600, 180))),
    )
    seconds = draw(st.sampled_from(((900, 180, 45), (400, 400, 90), (40, 90, 900))))
    limits = {number: WaitLimit(limit, "LINE") for number, limit in enumerate(seconds, start=1)}
    if not kind.endless:
        limits[9] = WaitLimit(600, "LINE")
    elif draw(st.booleans()):
        del limits[3]
    gains = draw(st.sampled_from(({(1, 2): 0, (1, 3): 0, (2, 3): 40}, {(1, 3): 60, (1, 9): 0})))
    waiting = Waiting(limits, match=draw(st.sampled_from(Match)))
    return replace(
        default_policy(),
        programs=draw(st.sampled_from(((first, other), (first,), (other, first)))),
        screening=Screening(
            draw(st.sampled_from((45, 0, 90))),
            86_400,
            StaleFix.EXCLUDE,
            draw(st.sampled_from((3600, 3600, 3600, 160))),
            handover_s=draw(st.sampled_from((0, 0, 120))),
        ),
        arbitration=draw(
            st.sampled_from((Arbitration(), Arbitration(late_programs_yield=False, preference_s=9)))
        ),
        waiting=draw(st.sampled_from((*[waiting] * 5, None))),
        preemption=Preemption(gains) if kind.urgent else None,
    )
