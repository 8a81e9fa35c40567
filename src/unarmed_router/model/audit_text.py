"""For the auditor: everything a decision holds, in lines under headings.

It is written from the decision alone, so one read back from JSON gives the same text. Names, codes
and digests stand as the files have them, times as instants in UTC and whole milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from unarmed_router.errors import InputError
from unarmed_router.model.canonical import to_plain
from unarmed_router.model.explanation import FLAG_TEXT, REFERRAL_TEXT
from unarmed_router.model.reasons import ReferralReason

if TYPE_CHECKING:
    from unarmed_router.model.decision import Decision, Recommendation, Referral
    from unarmed_router.model.location import LocationArea
    from unarmed_router.model.mutual_aid import AidPrice

__all__ = ["Audience", "audit_text", "explained"]

Audience: TypeAlias = Literal["dispatcher", "auditor"]
"""For whom a decision is explained."""

AnyDecision = TypeVar("AnyDecision", "Recommendation", "Referral")


def explained(
    decision: AnyDecision, audience: Audience, brief: Callable[[AnyDecision], str]
) -> str:
    """Explain a decision to somebody.

    Parameters
    ----------
    decision : Recommendation or Referral
        The decision.
    audience : {"dispatcher", "auditor"}
        For whom.
    brief : callable
        Writes the dispatcher's text.

    Raises
    ------
    InputError
        The audience is another.
    """
    if audience == "dispatcher":
        return brief(decision)
    if audience == "auditor":
        return audit_text(decision)
    raise InputError(f"audience {audience!r:.80} is not known; it is 'dispatcher' or 'auditor'")


def audit_text(decision: Decision) -> str:
    """Write everything a decision holds.

    Parameters
    ----------
    decision : Recommendation or Referral
        Made just now, or read back from JSON.

    Returns
    -------
    str
        Lines under headings; what is empty says so.
    """
    sections: list[tuple[str, Iterable[str]]] = [
        ("Outcome", _outcome(decision)),
        ("Call", _call(decision)),
        ("Moment", _moment(decision)),
        ("Place", _place(decision)),
        ("Area it may be in", _area(decision.area)),
        ("Programs", _programs(decision)),
        ("Candidates", _candidates(decision)),
        ("Mutual aid", _aid(decision.aid)),
        ("Exclusions", _exclusions(decision)),
        ("Flags", (f"{flag}: {FLAG_TEXT[flag]}" for flag in decision.flags)),
        ("Ranking rule, the first that differs decides", [decision.ranking_rule]),
        ("Basis", (f"{f.name} {_shown(f.name, decision)}" for f in fields(decision.basis))),
    ]
    lines = [f"Call {decision.call_id}: {decision.kind}"]
    for heading, body in sections:
        lines += ["", heading, *(f"  {line}" for line in list(body) or ["none"])]
    return "\n".join(lines)


def _outcome(decision: Decision) -> Iterator[str]:
    if decision.kind == "recommendation":
        best = decision.candidates[0]
        yield f"team {best.team_id}"
        yield f"program {best.program}: {decision.program_name}"
        yield f"provider {best.provider}: {decision.provider_name}"
        yield f"arrives {_instant(decision.eta)}"
        return
    yield f"reason {decision.reason}: {REFERRAL_TEXT[decision.reason]}"
    yield f"detail {decision.detail or 'none'}"
    yield f"target {decision.target}: {decision.target_name}" + (
        f", {decision.contact}" if decision.contact else ""
    )
    for question in decision.questions:
        yield f"ask {question.fact}: {question.text}"


def _call(decision: Decision) -> Iterator[str]:
    """Tell what the call said, what the policy read in it, and where the two differ."""
    reading = decision.reading
    yield f"type {decision.call_type}; further codes {_list(decision.codes)}"
    yield f"read as {reading.call_type or 'unknown'}"
    if reading.detail:
        yield f"could not be read: {reading.detail}"
    for fact, answer in reading.facts.items():
        said = decision.facts.get(fact)
        by_code = f" (by a code; the caller's answer: {said or 'none'})"
        yield f"fact {fact} {answer}" + (by_code if fact in reading.added else "")
    yield "every other fact unknown" if reading.facts else "every fact unknown"
    yield f"needs {_list(decision.needs)}; prefers {_list(decision.prefers)}"


def _moment(decision: Decision) -> Iterator[str]:
    yield f"received {_instant(decision.received_at)}"
    yield f"decided {_instant(decision.decided_at)}"


def _place(decision: Decision) -> Iterator[str]:
    place, snap_m = decision.place, decision.snap_m
    division = place.division
    if division is None:
        yield "outside every division"
    else:
        bureau = f", {division.bureau} bureau" if division.bureau else ""
        yield f"division {division.number}, {division.name}{bureau}"
    within = "within" if place.near_border else "beyond"
    yield f"border {place.border_m:.2f} m away, {within} the tolerance"
    if decision.kind == "referral" and decision.reason is ReferralReason.NO_ROAD_NEARBY:
        yield "no road near enough"
    else:
        yield "road not asked for" if snap_m is None else f"road {snap_m:.2f} m away"


def _area(area: LocationArea | None) -> Iterator[str]:
    if area is None:
        yield "the place is taken as certain"
        return
    for each in area.shares:
        where = f"division {each.division}" if each.division else "outside every division"
        yield f"{each.share:.2%} {where}: {_list(each.programs)}"
    for inside in area.areas:
        yield f"{inside.share:.2%} area {inside.area}: {_list(inside.programs)}"
    for part in area.parts:
        where = f"division {part.division}" if part.division else "outside every division"
        within = f"in {', '.join(part.areas)}" if part.areas else "in no outlined area"
        yield f"{part.share:.2%} {where}, {within}: {_list(part.programs)}"
    yield f"{area.unplaced:.2%} without a place"
    if area.expected_travel_ms is not None:
        yield f"expected travel {area.expected_travel_ms} ms over {area.sampled} points"


def _programs(decision: Decision) -> Iterator[str]:
    for each in decision.programs:
        parts = [f"{each.program}: {each.verdict}"]
        if each.rules:
            parts.append(f"rules {_list(each.rules)}")
        if each.place:
            parts.append(f"place {each.place}")
        if each.because:
            parts.append(each.because)
        yield "; ".join(parts)


def _candidates(decision: Decision) -> Iterator[str]:
    for place, each in enumerate(decision.candidates, start=1):
        yield (
            f"{place}. {each.team_id} ({each.program}/{each.provider}): travel {each.travel_ms} ms,"
            f" turnout {each.turnout_ms} ms, response {each.response_ms} ms; "
            f"position {each.position}; preferred and missing {_list(each.missing)}"
        )


def _aid(aid: AidPrice | None) -> Iterator[str]:
    if aid is not None:
        yield f"{aid.helper} helps {aid.helped}; its own area has a demand of {aid.demand:g}"
        yield f"{aid.covered_before:.2%} of it within the target of {aid.target_s} s before"
        yield f"{aid.covered_after:.2%} while the team is away"
        if aid.table:
            yield f"table of demand {aid.table}"


def _exclusions(decision: Decision) -> Iterator[str]:
    for each in decision.exclusions:
        yield f"{each.team_id}: {each.reason}" + (f"; {each.detail}" if each.detail else "")


def _shown(name: str, decision: Decision) -> str:
    value = getattr(decision.basis, name)
    return "none" if value in {None, ""} else str(value)


def _list(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"


def _instant(value: object) -> str:
    """Write an instant as the JSON does."""
    return str(to_plain(value))
