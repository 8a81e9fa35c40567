"""A naive shift: plain dictionaries and whole seconds; shares no code with the real one.

Teams stand still, every call is at one place, so `travel` (seconds, by team) is all there is to
know of the city. A call is ``plain`` (any team may go), ``armed`` (none may) or ``unasked``.
"""

from __future__ import annotations

from typing import Any

__all__ = ["NaiveShift", "RefusedError"]

STEPS = {
    "unknown": "available en_route on_scene transporting clearing off_duty out_of_service",
    "off_duty": "available out_of_service",
    "available": "off_duty out_of_service",
    "reserved": "en_route on_scene out_of_service",
    "en_route": "on_scene clearing available out_of_service",
    "on_scene": "transporting clearing available out_of_service",
    "transporting": "clearing available out_of_service",
    "clearing": "available off_duty out_of_service",
    "out_of_service": "available off_duty",
}
WORDS = {"armed": "ineligible", "unasked": "needs_triage"}


class RefusedError(Exception):
    """An act that does not fit; its text is the name of the error."""


class NaiveShift:
    """What must be true after each act.

    Parameters
    ----------
    travel : dict of str to int
        Seconds from each team to the place of every call.
    limits : dict of int to int
        Longest wait by priority, seconds.
    matrix : dict of (int, int) to int
        Least gain of a pre-emption, seconds.
    call_back_s : int
        How often a caller who waits is called back.
    """

    def __init__(
        self,
        travel: dict[str, int],
        limits: dict[int, int],
        matrix: dict[tuple[int, int], int],
        call_back_s: int,
    ) -> None:
        self.travel, self.limits, self.matrix = travel, limits, matrix
        self.call_back_s = call_back_s
        self.status = dict.fromkeys(travel, "available")
        self.since: dict[str, int | None] = dict.fromkeys(travel)
        self.held: dict[str, dict[str, Any]] = {}  # open reservations by id
        self.keys: dict[str, tuple[str, str, str]] = {}
        self.calls: dict[str, dict[str, Any]] = {}
        self.ended: dict[str, str] = {}
        self.past: dict[str, dict[str, Any]] = {}
        self.redirects: dict[tuple[str, str], int] = {}
        self.why: dict[str, str] = {}  # a reservation was declined
        self.story: dict[str, list[tuple[str, ...]]] = {team: [] for team in travel}
        self.last = 0
        self.clocks: dict[int, tuple[int, int]] = {}

    # --- Time

    def now(self, who: int, wall: int, steady: int) -> int:
        """Read the ledger time of a dispatcher, and end what has lapsed by then."""
        at = max(wall, self.last)
        if who in self.clocks:
            latest, then = self.clocks[who]
            at = max(at, latest + steady - then)
        self.clocks[who] = at, steady
        return at

    def lapse(self, at: int) -> set[str]:
        """End reservations whose time is up; return them."""
        over = {rid for rid, r in self.held.items() if not r["accepted"] and r["expires"] <= at}
        for rid in over:
            self._let_go(rid, at)
        if over:
            self.last = at
        return over

    # --- What is asked

    def free(self, call: dict[str, Any]) -> list[str]:
        """Return the teams that could go now, nearest first."""
        fit = [t for t, s in self.status.items() if s == "available" and t not in call["declined"]]
        return sorted(fit, key=lambda t: self.travel[t]) if call["kind"] == "plain" else []

    def on_the_way(self) -> list[str]:
        """Return the reservations whose team has accepted and has not arrived."""
        return [
            rid
            for rid, r in self.held.items()
            if r["accepted"] and self.status[r["team"]] in ("reserved", "en_route")
        ]

    def queue(self) -> list[str]:
        """Return the calls that wait for a team, in order."""
        waits = [c for c, x in self.calls.items() if x["stage"] in ("queued", "recommended")]
        return sorted(
            waits, key=lambda c: (self.calls[c]["priority"], self.calls[c]["received"], c)
        )

    def offer(self) -> tuple[str, str] | None:
        """Return the call and the team that should be offered now."""
        for call_id in self.queue():
            teams = self.free(self.calls[call_id])
            if teams:
                return call_id, teams[0]
        return None

    def taking(self, call_id: str) -> str | None:
        """Return the team en route that the call may have."""
        call = self._call(call_id)
        if call["held"] or call["kind"] != "plain":
            return None
        may: dict[str, int] = {}
        for r in self.held.values():
            pair = call["priority"], self.calls[r["call"]]["priority"]
            on_way = self.status[r["team"]] in ("reserved", "en_route")
            if r["accepted"] and on_way and pair in self.matrix:
                may[r["team"]] = self.matrix[pair]
        free = self.free(call)
        both: list[str] = [t for t in {*free, *may} if t not in call["declined"]]
        for team in sorted(both, key=lambda t: self.travel[t]):
            if team in free:
                return None
            if not free or self.travel[free[0]] - self.travel[team] >= may[team]:
                return team
        return None

    def tally(self) -> dict[tuple[str, str], int]:
        """Count the calls by outcome and reason."""
        counts: dict[tuple[str, str], int] = {}
        for call in self.calls.values():
            stage = call["stage"]
            if stage == "triage":
                key = "waiting", WORDS.get(call["kind"], "triage")
            else:
                key = ("assigned", "open") if stage == "assigned" else ("waiting", stage)
            counts[key] = counts.get(key, 0) + 1
        for text in self.ended.values():
            outcome, reason = text.split(": ")
            counts[outcome, reason] = counts.get((outcome, reason), 0) + 1
        return counts

    # --- What is done

    def receive(self, call_id: str, kind: str, priority: int, received: int) -> None:
        """Take a call in; the very same once more changes nothing."""
        if self.known(call_id, kind, priority, received):
            return
        self.calls[call_id] = {
            "kind": kind, "priority": priority, "received": received, "declined": set(),
            "held": None, "stage": "triage", "asked": None,
        }  # fmt: skip
        self._follow(call_id)

    def known(self, call_id: str, kind: str, priority: int, received: int) -> bool:
        """Tell whether a call is known and the same; one that is known otherwise is refused."""
        if call_id not in self.calls and call_id not in self.ended:
            return False
        call = self.calls.get(call_id) or self.past[call_id]
        same = (kind, priority, received) == (call["kind"], call["priority"], call["received"])
        if not same or self.ended.get(call_id, "referred: ineligible") != "referred: ineligible":
            raise RefusedError("LifecycleError")
        return True

    def send_again(
        self, call_id: str, kind: str, priority: int, received: int, key: str, accepted: bool
    ) -> str:
        """Send a call once more under its key; return ``repeated``, or ``nobody``."""
        self.known(call_id, kind, priority, received)
        if key not in self.keys:
            return "nobody"
        held = self.held.get(self.keys[key][0])
        if accepted and held is not None and not held["accepted"]:
            raise RefusedError("LifecycleError")
        return "repeated"

    def revise(self, call_id: str, kind: str, at: int) -> bool:
        """Take in what is known now; tell whether a team must be recalled."""
        call = self._call(call_id)
        call["kind"] = kind
        rid = call["held"]
        if rid is None:
            self._follow(call_id)
        elif not self.held[rid]["accepted"] and kind != "plain":
            self._let_go(rid, at)
            self._follow(call_id)
        elif self.held[rid]["accepted"]:
            return kind != "plain"
        return False

    def reserve(self, call_id: str, team: str, key: str, at: int, ttl: int, rid: str) -> str:
        """Hold a team; return ``made``, ``repeated`` or the reason of the conflict."""
        if key in self.keys:
            if self.keys[key][1:] != (call_id, team):
                raise RefusedError("InputError")
            return "repeated"
        if call_id in self.ended:
            return "call_ended"
        call = self._call(call_id)
        if call["held"]:
            return "call_taken"
        if team not in self.free(call):
            self._follow(call_id)
            busy = any(r["team"] == team for r in self.held.values())
            return "team_taken" if busy else "team_not_eligible"
        self._hold(call_id, team, key, at + ttl, rid, at)
        return "made"

    def preempt(self, call_id: str, team: str, key: str, at: int, ttl: int, rid: str) -> str:
        """Take a team for a call; as `reserve`."""
        if key in self.keys:
            return "repeated"
        if call_id in self.ended:
            return "call_ended"
        if self._call(call_id)["held"]:
            return "call_taken"
        if self.taking(call_id) != team:
            self._follow(call_id)
            return "team_not_eligible"
        ((old, was),) = [(r, x["call"]) for r, x in self.held.items() if x["team"] == team]
        self._let_go(old, at)
        if self.calls[was]["kind"] == "armed":  # no team may take it any more
            self._end(was, "referred: ineligible")
        self._hold(call_id, team, key, at + ttl, rid, at)
        return "made"

    def accept(self, rid: str) -> None:
        """Let a team take its call."""
        r = self._reservation(rid)
        r["accepted"] = True
        self.calls[r["call"]]["stage"] = "assigned"

    def decline(self, rid: str, at: int, reason: str = "unsafe") -> None:
        """Let a team give its call back."""
        if self.why.get(rid) == reason:
            return
        r = self._reservation(rid)
        if self.status[r["team"]] not in ("reserved", "en_route"):
            raise RefusedError("LifecycleError")
        self._give_back(rid, at, reason)

    def report(
        self, team: str, status: str, since: int, at: int, skew: int, how: str | None = None
    ) -> None:
        """Take a team's report."""
        if since > at + 60:
            raise RefusedError("InputError")
        old, rid = self.status[team], self._rid(team)
        on_way = rid is not None and old in ("reserved", "en_route")
        if on_way and status == "available":
            raise RefusedError("LifecycleError")
        if on_way and rid is not None and status == "clearing" and self._recalled(rid):
            raise RefusedError("LifecycleError")
        since = self._in_order(team, min(since, at), skew)
        leaving = status in ("clearing", "available", "off_duty")
        told = how is None or (leaving and self.story[team][-1:] == [("over", how)])
        if told and status == old and status not in ("reserved", "unknown"):
            return
        if status not in STEPS[old].split() or (how and not (rid and leaving)):
            raise RefusedError("LifecycleError")
        if how is not None and rid is not None:
            self.status[team], self.since[team] = status, since
            self._end(self._free(rid, at, how), f"assigned: {how}")
            return
        if on_way and rid is not None and status != "out_of_service":
            self.accept(rid)
        self.status[team], self.since[team] = status, since
        self.story[team].append(("reported", status))
        if rid is None or (on_way and status != "out_of_service"):
            return
        if status in ("available", "off_duty") or old == "clearing":
            self._end(self._free(rid, at, "not_recorded"), "assigned: not_recorded")
        elif status == "out_of_service":
            self._give_back(rid, at, "vehicle")

    def close(self, call_id: str, disposition: str, at: int) -> None:
        """Close an assigned call."""
        if self.ended.get(call_id) == f"assigned: {disposition}":
            return
        call = self._call(call_id)
        if call["stage"] != "assigned" or self._recalled(call["held"]):
            raise RefusedError("LifecycleError")
        self._end(self._free(call["held"], at, disposition), f"assigned: {disposition}")

    def finish(self, call_id: str, how: str, at: int) -> None:
        """Cancel or refer a call that nobody has accepted."""
        if self.ended.get(call_id) == how:
            return
        call = self._call(call_id)
        if call["stage"] == "assigned":
            raise RefusedError("LifecycleError")
        if call["held"]:
            self._free(call["held"], at)
        self._end(call_id, how)

    def escalate(
        self, team: str, act: str, target: str, reason: str, nth: int | None, at: int
    ) -> None:
        """Let a team on scene ask for somebody."""
        rid = self._rid(team)
        at_work, asked = self.status[team] in ("on_scene", "transporting"), 0
        for what, *said in self.story[team]:  # at the scene of its last call
            asked = 0 if what == "held" else asked + (said == [act, reason, target])
        if nth is None:
            nth = 1 if act == "hand_over" else asked + 1
        left = rid is None and self.story[team][-1:] and self.story[team][-1][0] == "reported"
        if at_work and asked >= nth and not left:
            return
        if rid is None or not at_work or nth > asked + 1:
            raise RefusedError("LifecycleError")
        self.redirects[act, target] = self.redirects.get((act, target), 0) + 1
        self.story[team].append(("asked", act, reason, target))
        if act == "hand_over":
            self._end(self._free(rid, at, "handed_over"), "assigned: handed_over")

    def called_back(self, call_id: str, at: int) -> None:
        """Note a call-back."""
        self._call(call_id)["asked"] = at

    def tick(self, at: int) -> tuple[set[str], list[str]]:
        """Refer what waited too long; return it, and who should be called back."""
        late = {
            c
            for c, x in self.calls.items()
            if not x["held"]
            and x["priority"] in self.limits
            and x["received"] + self.limits[x["priority"]] <= at
        }
        due = []
        for call_id, call in self.calls.items():
            since = call["received"] if call["asked"] is None else call["asked"]
            if call["stage"] != "assigned" and since + self.call_back_s <= at:
                due.append((since, call_id))
        for call_id in late:
            self._end(call_id, "referred: waited_too_long")
        return late, [c for _, c in sorted(due) if c not in late]

    # --- Inside

    def _call(self, call_id: str) -> dict[str, Any]:
        if call_id not in self.calls:
            raise RefusedError("UnknownCallError")
        return self.calls[call_id]

    def _recalled(self, rid: str) -> bool:
        """Tell whether a team is on its way to a call that it may not take any more."""
        return rid in self.on_the_way() and self.calls[self.held[rid]["call"]]["kind"] != "plain"

    def _rid(self, team: str) -> str | None:
        return next((r for r, x in self.held.items() if x["team"] == team), None)

    def _in_order(self, team: str, since: int, skew: int) -> int:
        known = self.since[team]
        if known is not None and since < known - skew:
            raise RefusedError("OutOfOrderError")
        return since if known is None else max(since, known)

    def _reservation(self, rid: str) -> dict[str, Any]:
        if rid not in self.held:
            raise RefusedError("UnknownCallError")
        return self.held[rid]

    def _follow(self, call_id: str) -> None:
        """Let follow what a new decision means."""
        call = self.calls[call_id]
        if call["kind"] == "armed":
            self._end(call_id, "referred: ineligible")
        elif call["kind"] == "unasked":
            call["stage"] = "triage"
        elif not self.free(call):
            call["stage"] = "queued"
        elif call["stage"] != "queued":
            call["stage"] = "recommended"

    def _hold(self, call_id: str, team: str, key: str, expires: int, rid: str, at: int) -> None:
        self.held[rid] = {"call": call_id, "team": team, "expires": expires, "accepted": False}
        self.keys[key] = rid, call_id, team
        self.calls[call_id].update(held=rid, stage="reserved")
        self.story[team].append(("held", call_id))
        self._set(team, "reserved", at)

    def _free(self, rid: str, at: int, how: str = "") -> str:
        r = self.held.pop(rid)
        self.story[r["team"]].append(("over", how))
        self.calls[r["call"]]["held"] = None
        if self.status[r["team"]] in ("reserved", "en_route"):
            self._set(r["team"], "available", at)
        call_id: str = r["call"]
        return call_id

    def _let_go(self, rid: str, at: int) -> None:
        call = self.calls[self._free(rid, at)]
        call["stage"] = "triage" if call["kind"] == "unasked" else "queued"

    def _give_back(self, rid: str, at: int, reason: str) -> None:
        r = self.held[rid]
        self.why[rid] = reason
        call = self.calls[r["call"]]
        call["declined"].add(r["team"])
        self._let_go(rid, at)
        if call["kind"] == "armed":
            self._end(r["call"], "referred: ineligible")

    def _set(self, team: str, status: str, at: int) -> None:
        known = self.since[team]
        self.status[team], self.since[team] = status, at if known is None else max(known, at)

    def _end(self, call_id: str, how: str) -> None:
        self.past[call_id] = self.calls.pop(call_id)
        self.ended[call_id] = how
