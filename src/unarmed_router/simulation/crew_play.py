"""Crews at work: they roll, arrive, stay, hand over, clear, drive home, rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from unarmed_router.errors import InputError
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.outcome import Disposition, EscalationAct, EscalationReason
from unarmed_router.model.team import TeamStatus
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.outcomes import Reservation
from unarmed_router.operations.ports import Decides
from unarmed_router.simulation.agenda import Agenda
from unarmed_router.simulation.call_mix import Service
from unarmed_router.simulation.crews import AfterCall, Crew, CrewRules

__all__ = ["CrewPlay"]

# Bound once: Python 3.11 takes longer to look up a member of an enum than to call a function.
_EN_ROUTE, _ON_SCENE = TeamStatus.EN_ROUTE, TeamStatus.ON_SCENE
_CLEARING, _AVAILABLE = TeamStatus.CLEARING, TeamStatus.AVAILABLE
_STAY, _AT_HOME, _RESOLVED = AfterCall.STAY, AfterCall.AT_HOME, Disposition.RESOLVED


class CrewPlay:
    """Every crew of a simulation.

    Parameters
    ----------
    router : Router or another that decides
        For the way home.
    dispatcher : Dispatcher
        Told what crews report.
    agenda : Agenda
        When.
    rules : CrewRules
        How they work.
    service_of : callable
        What a call turns out to be, by its id.
    redirect_to : callable or None
        Who takes calls that turn out to be for somebody else, by the moment.
    when_free : callable
        Called with the id of each team that becomes available.
    """

    def __init__(
        self,
        router: Decides,
        dispatcher: Dispatcher,
        agenda: Agenda,
        rules: CrewRules,
        *,
        service_of: Callable[[str], Service],
        redirect_to: Callable[[datetime], str] | None,
        when_free: Callable[[str], None],
    ) -> None:
        self._router, self._dispatcher, self._agenda = router, dispatcher, agenda
        self._rules, self._service_of = rules, service_of
        self._redirect_to, self._when_free = redirect_to, when_free
        lineup = dispatcher.live.roster.snapshot().lineup
        self.crews = {team.team_id: Crew.at_home(team, agenda.now) for team in lineup.teams}
        self._homes = dict(
            zip((team.team_id for team in lineup.teams), lineup.home_roads, strict=True)
        )
        self._moved: set[str] = set()
        self._resting: set[str] = set()
        if rules.break_s:
            for team_id in self.crews:
                agenda.idle(rules.break_every_s, partial(self._rest, team_id))

    def show_moving(self, *, busy: bool = False) -> None:
        """Send a fix of every crew that moved and could be sent: a decision is about to be made.

        Parameters
        ----------
        busy : bool
            Of those on the way to a call, too; no other decision looks where they are.
        """
        now, taken = self._agenda.now, self._dispatcher.live.open_of_team
        for team_id in sorted(self._moved):
            if team_id in taken and not busy:
                continue
            crew = self.crews[team_id]
            lon, lat = crew.place(now)
            shown = self._dispatcher.record_fix(team_id, lon=lon, lat=lat, at=now)
            # Of one moment the first fix stands. A crew that is elsewhere by now, such as one that
            # is home at once, is shown again later.
            if shown and not crew.moving(now):
                self._moved.discard(team_id)

    def go(self, decision: Recommendation, made: Reservation) -> None:
        """Let a team roll to the call it has accepted, after its turnout."""
        turnout_s, travel_s = _times(decision, made.team_id)
        self._agenda.after(turnout_s, lambda: self._roll(made, travel_s))

    def let_go(self, team_id: str) -> None:
        """Leave a team that lost its call on the way free where it is."""
        crew, now = self.crews[team_id], self._agenda.now
        crew.stand(*crew.place(now), now)
        self._free(team_id)

    def _on_it(self, made: Reservation) -> bool:
        """Tell whether the team still has the call it was reserved for."""
        held = self._dispatcher.live.open_of_team.get(made.team_id)
        return held is not None and held.reservation_id == made.reservation_id

    def _roll(self, made: Reservation, travel_s: float) -> None:
        if not self._on_it(made):
            return
        self._dispatcher.report(made.team_id, _EN_ROUTE)
        call = self._dispatcher.live.calls[made.call_id].call
        crew, now = self.crews[made.team_id], self._agenda.now
        crew.drive(call.lon, call.lat, now, timedelta(0, travel_s))
        self._moved.add(made.team_id)
        self._agenda.at(crew.there_at, lambda: self._arrive(made))

    def _arrive(self, made: Reservation) -> None:
        if not self._on_it(made):
            return
        now, call = self._agenda.now, self._dispatcher.live.calls[made.call_id].call
        self._dispatcher.report(made.team_id, _ON_SCENE)
        self.crews[made.team_id].stand(call.lon, call.lat, now)
        self._moved.add(made.team_id)
        service = self._service_of(made.call_id)
        if service.redirected:
            stay_s = min(service.on_scene_s, self._rules.redirect_after_s)
            self._agenda.after(stay_s, lambda: self._hand_over(made))
        else:
            self._agenda.after(service.on_scene_s, lambda: self._finish(made))

    def _hand_over(self, made: Reservation) -> None:
        if self._redirect_to is None:
            raise InputError(
                f"call {made.call_id} is redirected and nobody takes it; give redirect_to"
            )
        self._dispatcher.escalate(
            made.team_id,
            EscalationAct.HAND_OVER,
            reason=EscalationReason.OUT_OF_SCOPE,
            target=self._redirect_to(self._agenda.now),
        )
        if self._rules.clearing_s:
            self._dispatcher.report(made.team_id, _CLEARING)
        self._clear(made.team_id)

    def _finish(self, made: Reservation) -> None:
        leaves = _CLEARING if self._rules.clearing_s else _AVAILABLE
        self._dispatcher.report(made.team_id, leaves, disposition=_RESOLVED)
        if leaves is _CLEARING:
            self._clear(made.team_id)
        else:
            self._free(made.team_id)

    def _clear(self, team_id: str) -> None:
        if self._rules.clearing_s:
            self._agenda.after(self._rules.clearing_s, lambda: self._become_available(team_id))
        else:
            self._become_available(team_id)

    def _become_available(self, team_id: str) -> None:
        self._dispatcher.report(team_id, _AVAILABLE)
        self._free(team_id)

    def _free(self, team_id: str) -> None:
        """Rest when a break is due, drive home, and say that the team can be sent."""
        if team_id in self._resting:
            self._rest(team_id)
            return
        if self._rules.after is not _STAY:
            self._head_home(team_id)
        self._when_free(team_id)

    def _head_home(self, team_id: str) -> None:
        crew, now = self.crews[team_id], self._agenda.now
        home = self._homes[team_id]
        lon, lat = crew.place(now)
        if home is None or (lon, lat) == (crew.team.home_lon, crew.team.home_lat):
            return
        travel_ms = 0 if self._rules.after is _AT_HOME else self._travel_ms(lon, lat, home)
        crew.drive(crew.team.home_lon, crew.team.home_lat, now, timedelta(milliseconds=travel_ms))
        self._moved.add(team_id)

    def _travel_ms(self, lon: float, lat: float, home: RoadPosition) -> int:
        world = self._router.desk.world
        here = world.roads.snap(lon=lon, lat=lat)
        if here is None:
            return 0
        (found,) = world.travel_times.to_call([here], home, self._agenda.now)
        return found or 0

    def _rest(self, team_id: str) -> None:
        """Begin a break; one that is on a call has it when it is free."""
        if self._dispatcher.live.roster.status_of(team_id) is not _AVAILABLE:
            self._resting.add(team_id)
            return
        self._resting.discard(team_id)
        self._dispatcher.report(team_id, TeamStatus.OUT_OF_SERVICE)
        self._agenda.after(self._rules.break_s, lambda: self._rested(team_id))

    def _rested(self, team_id: str) -> None:
        between_s = self._rules.break_every_s - self._rules.break_s
        self._agenda.idle(between_s, lambda: self._rest(team_id))
        self._become_available(team_id)


def _times(decision: Recommendation, team_id: str) -> tuple[float, float]:
    """Return turnout and travel time of a candidate, seconds."""
    first = decision.leading
    if team_id == first.team_id:  # known without writing the candidates
        return first.turnout_ms / 1000, first.travel_ms / 1000
    chosen = next(each for each in decision.candidates if each.team_id == team_id)
    return chosen.turnout_ms / 1000, chosen.travel_ms / 1000
