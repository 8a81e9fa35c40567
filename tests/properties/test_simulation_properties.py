"""A simulated day equals the one its naive twin plays, call by call."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.decide_in_force import outlined
from tests.oracles.simulated_crews import Caller, CallPlayed, Crew
from tests.oracles.simulated_day import NaiveDay
from tests.oracles.taken_place import places
from tests.properties.drawn_day import KINDS, DrawnDay, a_day, boxes, hour_at
from tests.scenarios.shift import DrawnRouter
from unarmed_router.fleet.call_record import Assignment
from unarmed_router.model.decision import Candidate, Decision, Recommendation
from unarmed_router.model.reasons import ExclusionReason, Flag
from unarmed_router.model.shift import ALWAYS
from unarmed_router.model.waiting import Match
from unarmed_router.simulation.agenda import Agenda
from unarmed_router.simulation.call_mix import Service
from unarmed_router.simulation.crews import AfterCall, CrewRules
from unarmed_router.simulation.engine import Engine
from unarmed_router.simulation.finished import FinishedCall
from unarmed_router.simulation.strategies import Nearest
from unarmed_router.simulation.streams import StreamedCall

SEEN: Counter[str] = Counter()


@pytest.mark.parametrize("kind", KINDS)
@given(number=st.integers(0, 2**32))
@settings(max_examples=45)
def test_the_engine_plays_the_day_its_naive_twin_plays(kind: str, number: int) -> None:
    """Outcome, reason, target, and every time stamp of every team a call was given to.

    Days are numbered: of days drawn choice by choice five in six are a little changed copies. To
    shrink one, let hypothesis choose: ``a_day(lambda seq: data.draw(sampled_from(seq)), ...)``.
    """
    day = a_day(Random(f"{kind} {number}").choice, KINDS[kind])  # noqa: S311  # a day, not a secret
    assert by_engine(day) == by_twin(day)


def test_the_draws_were_no_desert() -> None:
    """Every rule of a day was at work; a comparison of referrals alone would prove little."""
    assert not {what for what in EXPECTED if SEEN[what] < 1}
    assert SEEN["assigned: resolved"] > 100


def by_engine(day: DrawnDay) -> dict[str, dict[str, Any]]:
    """Play a day with the engine."""
    work = day.work._replace(after=AfterCall(day.work.after))
    engine = Engine(
        DrawnRouter(day.city),
        [_streamed(caller) for caller in day.callers],
        agenda=Agenda(day.start),
        rules=CrewRules(**work._asdict()),
        strategy=Nearest() if day.soonest else None,
        redirect_to="POLICE",
    )
    found = list(engine.run())
    ends = [each.record.ended_at for each in found if each.record.ended_at is not None]
    assert ends == sorted(ends)
    told = {each.record.call.call_id: _told(each, day.start) for each in found}
    assert len(told) == len(found)
    return told


def by_twin(day: DrawnDay) -> dict[str, dict[str, Any]]:
    """Play a day naively."""
    teams = {state.team: state.idle_since for state in day.city.states}
    world = replace(day.city.world, travel_times=day.naive)
    unsure = any(caller.call.uncertainty for caller in day.callers) or world.policy.outlines
    twin = Watched(
        world,
        teams,
        day.work,
        start=day.start,
        soonest=day.soonest,
        divisions=boxes(day.city) if unsure else None,
    )
    told = {each.caller.call.call_id: _as_told(each) for each in twin.play(day.callers)}
    for each in told.values():
        SEEN[f"{each['outcome']}: {each['reason']}"] += 1
        endings = [part["ending"] for part in each["parts"]]
        SEEN.update(endings)
        SEEN["a loser waited too long"] += endings[-1:] == ["preempted"] and bool(each["target"])
    return told


class Watched(NaiveDay):
    """A naive day that counts what its rules were needed for."""

    def decide(self, played: CallPlayed, counted: Any = ()) -> Decision:
        """Count ties, and teams that nobody can time."""
        decision = super().decide(played, counted)
        reasons = {each.reason for each in decision.exclusions}
        SEEN["free beside no road"] += ExclusionReason.NO_ROAD_NEARBY in reasons
        SEEN["a tie"] += Flag.DECIDED_BY_TIE_RULE in decision.flags
        return decision

    def receive(self, played: CallPlayed) -> None:
        """Count calls that are taken to be where their position is not, or in an outlined area."""
        call, divisions = played.caller.call, self.rules.divisions
        if divisions:
            sure = replace(call, uncertainty=None)
            outlines = outlined(self.world.policy)
            at, taken = (places(each, divisions, outlines)[0][1] for each in (sure, call))
            SEEN["in another division than its position"] += at.number != taken.number
            SEEN["in other areas than its position"] += at.areas != taken.areas
            SEEN["in an outlined area"] += bool(taken.areas)
        super().receive(played)

    def chosen(self, decision: Recommendation) -> Candidate:
        """Count teams that go although the program's order has another one first."""
        chosen = super().chosen(decision)
        SEEN["the soonest, not the first"] += chosen is not decision.candidates[0]
        return chosen

    def send(self, played: CallPlayed, chosen: Candidate) -> None:
        """Count where teams come from, and when."""
        crew, waits = self.crews[chosen.team_id], self.waiting()
        SEEN[f"sent in hour {hour_at(self.moment)}"] += 1
        SEEN[f"{self.work.after}, sent after a call"] += crew.left > 0
        on_way = crew.left < self.now < crew.there
        SEEN["sent on its way home"] += crew.doing == "free" and on_way
        SEEN["taken in its turnout"] += crew.doing == "coming" and not on_way
        SEEN["taken on its way"] += crew.doing == "coming" and on_way
        SEEN["taken to help" if crew.doing == "coming" else "sent to help"] += self.helps(
            crew, played
        )
        SEEN["sent past the head of the queue"] += waits[0] is not played
        SEEN["sent to the nearest that waits"] += (
            self.policy.waiting is not None
            and self.policy.waiting.match is Match.NEAREST
            and waits[0] is not played
            and waits[0].caller.priority == played.caller.priority
        )
        super().send(played, chosen)

    def helps(self, crew: Crew, played: CallPlayed) -> bool:
        """Tell whether a crew is sent where its own provider does not serve."""
        call, team = played.caller.call, crew.team
        place = self.world.divisions.locate(lon=call.lon, lat=call.lat).division
        return place is not None and place.number not in self.policy.divisions_of(
            team.program, team.provider
        )

    def take_away_for(self, urgent: CallPlayed) -> bool:
        """Count urgent calls that had a free team, and calls that lost theirs."""
        free = isinstance(self.decide(urgent), Recommendation)
        taken = super().take_away_for(urgent)
        SEEN["taken although another was free"] += free and taken
        losers = [p for p in self.open if p.parts and p.parts[-1].ending == "preempted"]
        SEEN["the loser has another team at once"] += taken and not losers
        return taken

    def poll(self) -> None:
        """Count teams that came on duty for a call that waited."""
        before = self.waiting()
        super().poll()
        sent = [played for played in before if played.part is not None]
        shifts = any(crew.team.shifts != ALWAYS for crew in self.crews.values())
        SEEN["a shift began" if shifts else "hours began"] += bool(sent)

    def tick(self) -> None:
        """Count calls that nobody takes any more, and why."""
        before = self.waiting()
        super().tick()
        SEEN.update(f"by then {played.reason}" for played in before if played.target)

    def rest(self, crew: Crew) -> None:
        """Count breaks that had to wait."""
        SEEN["a break in time" if crew.doing == "free" else "a break due on a call"] += 1
        super().rest(crew)


EXPECTED = {
    "waiting: queued",
    "assigned: resolved",
    "assigned: handed_over",
    "assigned: caller_hung_up",
    "cancelled: caller_hung_up",
    "referred: waited_too_long",
    "referred: no_team_available",
    "referred: no_program_here",
    "referred: needs_triage",
    "referred: ineligible",
    "referred: out_of_jurisdiction",
    "referred: no_road_nearby",
    "free beside no road",
    "closed",
    "preempted",
    "a tie",
    "the soonest, not the first",
    "return, sent after a call",
    "stay, sent after a call",
    "at_home, sent after a call",
    "sent on its way home",
    "taken in its turnout",
    "taken on its way",
    "taken although another was free",
    "the loser has another team at once",
    "a loser waited too long",
    "sent past the head of the queue",
    "sent to the nearest that waits",
    "a shift began",
    "hours began",
    "sent to help",
    "taken to help",
    "by then no_program_here",
    "by then needs_triage",
    "by then waited_too_long",
    "in another division than its position",
    "in other areas than its position",
    "in an outlined area",
    "a break in time",
    "a break due on a call",
    *(f"sent in hour {hour}" for hour in range(3)),
}


def _streamed(caller: Caller) -> StreamedCall:
    service = Service(
        on_scene_s=caller.on_scene_s,
        priority=caller.priority,
        gives_up_after_s=caller.gives_up_after_s,
        redirected=caller.redirected,
    )
    return StreamedCall(caller.call, service)


def _told(found: FinishedCall, start: datetime) -> dict[str, Any]:
    record = found.record
    return {
        "outcome": record.outcome.value,
        "reason": record.reason,
        "target": record.target,
        "ended": _ms(record.ended_at, start),
        "parts": [_part(each, start) for each in record.assignments],
    }


def _part(one: Assignment, start: datetime) -> dict[str, Any]:
    assert one.accepted_at == one.reserved_at
    return {
        "team_id": one.team_id,
        "reserved": _ms(one.reserved_at, start),
        "en_route": _ms(one.en_route_at, start),
        "on_scene": _ms(one.on_scene_at, start),
        "clearing": _ms(one.clearing_at, start),
        "ended": _ms(one.ended_at, start),
        "ending": "" if one.ending is None else one.ending.value,
    }


def _ms(at: datetime | None, start: datetime) -> float | None:
    return None if at is None else (at - start) / timedelta(milliseconds=1)


def _as_told(played: CallPlayed) -> dict[str, Any]:
    return {
        "outcome": played.outcome,
        "reason": played.reason,
        "target": played.target,
        "ended": played.ended,
        "parts": [vars(part) for part in played.parts],
    }
