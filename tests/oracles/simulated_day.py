"""A day of a simulation played naively: calls, crews, and a list of what is still to come.

Shares no code with `unarmed_router.simulation`, `operations` or `fleet`. Who may go, and how soon,
is asked of `RulesInForce`; where a crew stands is known at every moment: nothing is reported.
A call is received after all else of its moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby

from tests.oracles.decide_in_force import RulesInForce
from tests.oracles.simulated_crews import Caller, CallPlayed, Crew, Part, Point, Work, home
from tests.oracles.simulated_time import NaiveTime
from tests.oracles.taken_place import Box
from unarmed_router.dispatch.ports import World
from unarmed_router.model.decision import Candidate, Decision, Recommendation, Referral
from unarmed_router.model.policy import Policy
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.shift import ALWAYS
from unarmed_router.model.team import Fix, Team, TeamState, TeamStatus

__all__ = ["NaiveDay"]

WEEK_MS = 7 * 86_400_000


class NaiveDay(NaiveTime):
    """Crews in a city on a day.

    Parameters
    ----------
    world : World
        With travel times of its own, if those of the package are not to be trusted.
    teams : mapping of Team to (datetime or None)
        Every team, and since when it is idle; all are free and at home.
    work : Work
        How they work.
    start : datetime
        The beginning of time.
    soonest : bool
        Whether the team that arrives first goes, whatever the order of programs.
    divisions : mapping of int to Box
        As `RulesInForce` takes them.
    """

    def __init__(
        self,
        world: World,
        teams: Mapping[Team, datetime | None],
        work: Work,
        *,
        start: datetime,
        soonest: bool = False,
        divisions: Mapping[int, Box] | None = None,
    ) -> None:
        super().__init__(start)
        self.world, self.work, self.soonest = world, work, soonest
        self.crews = {
            team.team_id: Crew(team, teams[team], home(team), home(team))
            for team in sorted(teams, key=lambda team: team.team_id)
        }
        self.open: list[CallPlayed] = []
        self.polling = False
        self.rules = RulesInForce(world, divisions)
        self.limited_by = world.policy
        self.restless = self.rules.changes or any(team.shifts != ALWAYS for team in teams)
        if work.break_s:
            for crew in self.crews.values():
                self.later(1000 * work.break_every_s, self.rest, crew, idle=True)

    def play(self, callers: Iterable[Caller]) -> list[CallPlayed]:
        """Play calls to their end; those that wait when nothing can happen any more, wait."""
        played = []
        for caller in callers:
            self.until((caller.call.received_at - self.start) // timedelta(milliseconds=1))
            played.append(CallPlayed(caller))
            self.receive(played[-1])
        last = self.now + WEEK_MS
        # Breaks and looks at the queue go on for ever: by themselves they are watched for a week.
        while self.open and self.busy(last):
            self.step()
        return played

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.rules.policy(self.moment)

    # --- The dispatcher

    def receive(self, played: CallPlayed) -> None:
        """Send a team, let the call wait, or refer it."""
        decision, caller = self.decide(played), played.caller
        self.open.append(played)
        if isinstance(decision, Recommendation):
            if not self.take_away_for(played):
                self.send(played, self.chosen(decision))
        elif self.waits_for_a_team(decision):
            if not self.take_away_for(played):
                self.watch(played)
        else:  # nobody asks the questions that triage may have
            self.end(played, "referred", decision.reason.value, decision.target)
            return
        if caller.gives_up_after_s is not None:
            self.later(1000 * caller.gives_up_after_s, self.hang_up, played)

    def waits_for_a_team(self, decision: Referral) -> bool:
        """Tell whether a call that nobody goes to now is kept: another team may."""
        kept = ("no_team_available", "no_team_in_time")
        return self.policy.waiting is not None and decision.reason in kept

    def decide(self, played: CallPlayed, counted: Iterable[str] = ()) -> Decision:
        """Decide a call now, with every crew where it is, and some counted as free."""
        states = []
        for team_id, crew in self.crews.items():
            free = crew.doing == "free" or team_id in counted
            lon, lat = crew.place(self.now)
            states.append(
                TeamState(
                    team=crew.team,
                    status=TeamStatus.AVAILABLE if free else TeamStatus.OUT_OF_SERVICE,
                    idle_since=crew.idle_since,
                    fix=Fix(lon, lat, self.moment),
                    fix_road=self.world.roads.snap(lon=lon, lat=lat),
                )
            )
        roster = RosterSnapshot(tuple(states))
        return self.rules.decide(played.caller.call, self.moment, roster)

    def chosen(self, decision: Recommendation) -> Candidate:
        """Choose the team that goes."""
        if self.soonest:
            return min(decision.candidates, key=lambda each: (each.response_ms, each.team_id))
        return decision.candidates[0]

    def send(self, played: CallPlayed, chosen: Candidate) -> None:
        """Give a call to a team, which rolls after its turnout."""
        crew, part = self.crews[chosen.team_id], Part(chosen.team_id, self.now)
        crew.doing, crew.has = "coming", played
        played.parts.append(part)
        self.later(chosen.turnout_ms, self.roll, crew, part, chosen.travel_ms)

    def waiting(self) -> list[CallPlayed]:
        """List the calls that wait: by priority, receipt, id."""
        queue = [played for played in self.open if played.part is None]
        return sorted(
            queue,
            key=lambda p: (p.caller.priority, p.caller.call.received_at, p.caller.call.call_id),
        )

    def offer(self) -> None:
        """Give teams that are free the calls that suit them best, until no team suits any."""
        while (found := self.best()) is not None:
            self.send(found[0], self.chosen(found[1]))

    def best(self) -> tuple[CallPlayed, Recommendation] | None:
        """Find the call of the most urgent priority that some team can take."""
        match = "longest_wait" if self.policy.waiting is None else self.policy.waiting.match
        for _, level in groupby(self.waiting(), key=lambda played: played.caller.priority):
            decided = [(played, self.decide(played)) for played in level]
            able = [(p, d) for p, d in decided if isinstance(d, Recommendation)]
            if able and match == "nearest":
                return min(able, key=lambda both: (both[1].eta, both[0].caller.call.received_at))
            if able:
                return able[0]
        return None

    def take_away_for(self, urgent: CallPlayed) -> bool:
        """Take a team that is on its way, where it gains enough and no free team is preferred."""
        gains = {} if self.policy.preemption is None else self.policy.preemption.min_gain_s
        may = {
            crew.team.team_id: gains[urgent.caller.priority, crew.has.caller.priority]
            for crew in self.crews.values()
            if crew.doing == "coming" and crew.has is not None
            if (urgent.caller.priority, crew.has.caller.priority) in gains
        }
        candidates = self.decide(urgent, may).candidates if may else ()
        free = {each.team_id: each.response_ms for each in self.decide(urgent).candidates}
        for each in candidates:
            if each.team_id in free:
                break
            if each.team_id not in may:
                continue  # it may help only because the others count
            if not free or min(free.values()) - each.response_ms >= 1000 * may[each.team_id]:
                loser = self.crews[each.team_id].has
                assert loser is not None
                self.stop(loser, "preempted").idle_since = self.moment
                self.send(urgent, each)
                self.offer()
                if loser in self.open:
                    self.watch(loser)
                return True
        return False

    def watch(self, played: CallPlayed) -> None:
        """See to it that a call waits no longer than it may, and is seen by who comes on duty."""
        self.limit(played)
        if self.restless and not self.polling:
            self.polling = True
            self.later(1000 * self.work.poll_s, self.poll, idle=True)

    def limit(self, played: CallPlayed) -> None:
        """Plan the end of a wait, by the policy in force."""
        self.limited_by = self.policy
        rules = self.policy.waiting
        limit = None if rules is None else rules.limits.get(played.caller.priority)
        if limit is not None:
            self.later(max(0, 1000 * limit.max_wait_s - self.waited(played)), self.tick)
        elif rules is None:
            self.later(0, self.tick)

    def poll(self) -> None:
        """Look at the queue, and again as long as calls wait."""
        if self.policy is not self.limited_by:
            for played in self.waiting():
                self.limit(played)
        self.tick()
        self.offer()
        self.polling = bool(self.waiting())
        if self.polling:
            self.later(1000 * self.work.poll_s, self.poll, idle=True)

    def tick(self) -> None:
        """Refer what no program takes any more, what waited too long, and what must be asked."""
        asks = []
        for played in self.waiting():
            decision = self.decide(played)
            if isinstance(decision, Recommendation) or self.waits_for_a_team(decision):
                continue
            if decision.reason == "needs_triage":
                asks.append((played, decision))
            else:
                self.end(played, "referred", decision.reason.value, decision.target)
        for played in self.waiting():
            limits = {} if self.policy.waiting is None else self.policy.waiting.limits
            limit = limits.get(played.caller.priority)
            if limit is not None and self.waited(played) >= 1000 * limit.max_wait_s:
                self.end(played, "referred", "waited_too_long", limit.target)
        for played, decision in asks:
            if played in self.open:
                self.end(played, "referred", "needs_triage", decision.target)

    def waited(self, played: CallPlayed) -> int:
        """Say for how long a call is known, milliseconds."""
        return (self.moment - played.caller.call.received_at) // timedelta(milliseconds=1)

    def end(self, played: CallPlayed, outcome: str, reason: str, target: str | None = None) -> None:
        """Write down what became of a call."""
        played.outcome, played.reason, played.target = outcome, reason, target
        played.ended = self.now
        self.open = [other for other in self.open if other is not played]

    def stop(self, played: CallPlayed, ending: str) -> Crew:
        """End the part a team has in a call; return its crew."""
        part = played.part
        assert part is not None
        part.ended, part.ending = self.now, ending
        crew = self.crews[part.team_id]
        crew.has = None
        return crew

    def hang_up(self, played: CallPlayed) -> None:
        """Let a caller go whom no team has reached; a team on its way is free where it is."""
        part = played.part
        if played.ended is not None or (part is not None and part.on_scene is not None):
            return
        if part is None:
            self.end(played, "cancelled", "caller_hung_up")
            return
        crew = self.stop(played, "closed")
        self.end(played, "assigned", "caller_hung_up")
        crew.drive(crew.place(self.now), self.now, 0)
        self.free(crew)

    # --- A crew

    def roll(self, crew: Crew, part: Part, travel_ms: int) -> None:
        """Set out for the caller."""
        if part.ended is None and crew.has is not None:
            part.en_route = self.now
            call = crew.has.caller.call
            crew.drive((call.lon, call.lat), self.now, travel_ms)
            self.later(travel_ms, self.arrive, crew, part)

    def arrive(self, crew: Crew, part: Part) -> None:
        """Begin to help."""
        if part.ended is None and crew.has is not None:
            part.on_scene, crew.doing = self.now, "there"
            caller, stay_s = crew.has.caller, crew.has.caller.on_scene_s
            if caller.redirected:
                stay_s = min(stay_s, self.work.redirect_after_s)
            self.later(1000 * stay_s, self.leave, crew)

    def leave(self, crew: Crew) -> None:
        """Close the call, and clear."""
        played = crew.has
        assert played is not None
        redirected = played.caller.redirected
        part = played.parts[-1]
        self.stop(played, "closed")
        self.end(played, "assigned", "handed_over" if redirected else "resolved")
        if not self.work.clearing_s:
            self.free(crew)
            return
        crew.doing = "clearing"
        if not redirected:  # nobody's part any more
            part.clearing = self.now
        self.later(1000 * self.work.clearing_s, self.free, crew)

    def free(self, crew: Crew) -> None:
        """Rest if it is time, else set out for home and take what waits."""
        crew.doing, crew.idle_since = "free", self.moment
        if crew.break_due:
            self.rest(crew)
            return
        here = crew.place(self.now)
        if self.work.after != "stay" and here != home(crew.team):
            crew.drive(home(crew.team), self.now, self.way_home_ms(crew.team, here))
        self.offer()

    def way_home_ms(self, team: Team, here: Point) -> int:
        """Time the way home."""
        if self.work.after == "at_home":
            return 0
        here_road, home_road = (self.world.roads.snap(lon=x, lat=y) for x, y in (here, home(team)))
        if here_road is None or home_road is None:
            return 0  # nobody knows: it is taken to be there
        (travel_ms,) = self.world.travel_times.to_call([here_road], home_road, self.moment)
        assert travel_ms is not None  # every part of a network leads to every other
        return travel_ms

    def rest(self, crew: Crew) -> None:
        """Have a break now, or as soon as it is free."""
        crew.break_due = crew.doing != "free"
        if not crew.break_due:
            crew.doing = "resting"
            self.later(1000 * self.work.break_s, self.rested, crew)

    def rested(self, crew: Crew) -> None:
        """Be free again, until the next break."""
        again_s = self.work.break_every_s - self.work.break_s
        self.later(1000 * again_s, self.rest, crew, idle=True)
        self.free(crew)
