"""Which decisions change when one policy takes the place of another: a log of calls under both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from unarmed_router.agency.folder import Agency
from unarmed_router.errors import InputError
from unarmed_router.interop.json_codec import call_from_json
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision, Exclusion, Recommendation
from unarmed_router.model.reasons import ProgramVerdict
from unarmed_router.router import Router

__all__ = ["Change", "Outcome", "PolicyDiff"]

_LONGEST_LINE = 1 << 20
_SHOWN_FAULTS = 10
_SHOWN_TEAMS = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call, as far as two policies can differ in it.

    Parameters
    ----------
    outcome : str
        ``recommendation``, the reason of a referral, or ``refused`` where the policy does not
        know a word of the call.
    goes_to : str
        The team, the referral target, or empty.
    asked : tuple of str
        Facts to ask, in order.
    """

    outcome: str
    goes_to: str
    asked: tuple[str, ...] = ()

    def __str__(self) -> str:
        asks = f" asking {', '.join(self.asked)}" if self.asked else ""
        return " ".join(part for part in (self.outcome, self.goes_to) if part) + asks


@dataclass(frozen=True, slots=True)
class Change:
    """A call that the two policies decide differently.

    Parameters
    ----------
    line : int
        Its line in the log, from 1.
    call_id : str
        The call.
    old, new : Outcome
        What became of it.
    why : str
        What made the difference, in words.
    """

    line: int
    call_id: str
    old: Outcome
    new: Outcome
    why: str


class PolicyDiff:
    """Routes a log of calls under two policies; the agency and its roster are the same for both.

    Parameters
    ----------
    agency : Agency
        A loaded agency. Its own policies take no part.
    old, new : path-like
        Policy files. Each decides every call, whatever its effective dates.

    Attributes
    ----------
    calls : int
        Calls read so far.
    counts : Counter of (str, str)
        How many of the changes so far led from which outcome to which.

    Raises
    ------
    ConfigurationError
        A file is broken, or leaves a team of the roster without program or provider.
    """

    def __init__(self, agency: Agency, old: Path | str, new: Path | str) -> None:
        self._routers = Router(agency), Router(agency)
        for router, path in zip(self._routers, (old, new), strict=True):
            router.reload_policy(path)
        self.calls = 0
        self.counts: Counter[tuple[str, str]] = Counter()

    def changes(self, log: BinaryIO, source: str) -> Iterator[Change]:
        """Read a log of calls and yield those whose decision changes.

        Parameters
        ----------
        log : binary file
            JSON Lines: a call on each line, as `call_from_json` reads it; each is decided at the
            moment it was received. Empty lines are passed over.
        source : str
            What to call the log in an error.

        Yields
        ------
        Change
            In the order of the log; memory does not grow with it.

        Raises
        ------
        InputError
            After the last line, when some line is not a call, or neither policy can decide it;
            names the lines. What was yielded before then is of no use.
        """
        faults, bad = [], 0
        for number, line in _lines(log):
            try:
                change = self._compared(number, _call(line))
            except InputError as error:
                bad += 1
                if bad <= _SHOWN_FAULTS:
                    faults.append(f"line {number}: {error}")
                continue
            if change is not None:
                yield change
        if bad:
            more = f"; and {bad - len(faults)} more" if bad > len(faults) else ""
            count = f"{bad} bad line{'s' if bad > 1 else ''}, so no line is compared"
            raise InputError(f"{source}: {count}; {'; '.join(faults)}{more}")

    def _compared(self, number: int, call: Call) -> Change | None:
        old, new = (_decided(router, call) for router in self._routers)
        if isinstance(old, InputError) and isinstance(new, InputError):
            raise new
        self.calls += 1
        before, after = _outcome(old), _outcome(new)
        if before == after:
            return None
        self.counts[before.outcome, after.outcome] += 1
        return Change(number, call.call_id, before, after, _why(old, new))


def _lines(log: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a log with their numbers; one that is too long is cut, to be refused."""
    number = 0
    while line := log.readline(_LONGEST_LINE + 1):
        number += 1
        if line.strip():
            yield number, line.rstrip()
        while line and not line.endswith(b"\n"):
            line = log.readline(_LONGEST_LINE)


def _call(line: bytes) -> Call:
    if len(line) > _LONGEST_LINE:
        raise InputError(f"is longer than {_LONGEST_LINE:,} bytes; give one call a line")
    return call_from_json(line)


def _decided(router: Router, call: Call) -> Decision | InputError:
    try:
        return router.route(call, at=call.received_at)
    except InputError as error:
        return error


def _outcome(decision: Decision | InputError) -> Outcome:
    if isinstance(decision, InputError):
        return Outcome("refused", "")
    if isinstance(decision, Recommendation):
        return Outcome("recommendation", decision.team_id)
    asked = tuple(question.fact for question in decision.questions)
    return Outcome(decision.reason.value, decision.target, asked)


def _why(old: Decision | InputError, new: Decision | InputError) -> str:
    """Say what made the difference: the reading, the programs, the team, or the referral table."""
    if isinstance(new, InputError):
        return f"the new policy refuses it: {new}"
    if isinstance(old, InputError):
        return f"the old policy refused it: {old}"
    found = [*_readings(old, new), *_verdicts(old, new)] or [*_teams(old, new)][:_SHOWN_TEAMS]
    if found:
        return "; ".join(found)
    if isinstance(old, Recommendation) or isinstance(new, Recommendation):
        return "the programs stand in another order"
    if old.target != new.target:
        return "another rule or line of the referral table names the target"
    return "the questions stand in another order"


def _readings(old: Decision, new: Decision) -> Iterator[str]:
    before, after = old.reading.call_type, new.reading.call_type
    if before != after:
        yield f"read as {after or 'unknown'}, was {before or 'unknown'}"


def _verdicts(old: Decision, new: Decision) -> Iterator[str]:
    """Name the programs that triage now judges differently, with the rules."""
    before = {each.program: each for each in old.programs}
    after = {each.program: each for each in new.programs}
    for program in dict.fromkeys([*before, *after]):
        was, now = before.get(program), after.get(program)
        if was is None or now is None:
            yield f"{program} {'is new' if was is None else 'is gone'}"
        elif (was.verdict, set(was.rules)) != (now.verdict, set(now.rules)):
            before_it, after_it = _judged(was.verdict, was.rules), _judged(now.verdict, now.rules)
            yield f"{program}: {after_it}, was {before_it}"


def _teams(old: Decision, new: Decision) -> Iterator[str]:
    """Say of the teams left out differently how; of the two that are sent, when any is."""
    sent = {d.team_id for d in (old, new) if isinstance(d, Recommendation)}
    before = {each.team_id: each for each in old.exclusions}
    after = {each.team_id: each for each in new.exclusions}
    for team_id in sorted(sent or before):
        was, now = before.get(team_id), after.get(team_id)
        if was is None and now is not None:
            yield f"{team_id} is now {_left_out(now)}"
        elif was is not None and (now is None or now.reason is not was.reason):
            yield f"{team_id} was {_left_out(was)}" + (f", is {_left_out(now)}" if now else "")


def _left_out(team: Exclusion) -> str:
    return _words(team.reason) + (f" ({team.detail})" if team.detail else "")


def _judged(verdict: ProgramVerdict, rules: tuple[str, ...]) -> str:
    by = {ProgramVerdict.RULED_OUT: "by", ProgramVerdict.NEEDS_TRIAGE: "for"}.get(verdict)
    return _words(verdict) + (f" {by} {', '.join(rules)}" if by and rules else "")


def _words(name: str) -> str:
    return str(name).replace("_", " ")
