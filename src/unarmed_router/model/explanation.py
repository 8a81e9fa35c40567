"""For the dispatcher: two sentences, and one more for whatever is flagged.

The first sentence says who goes, or who takes the call and why. The second says what comes next:
when the team arrives and who could go instead, what to ask, or why every team was left out. What a
policy says in several sentences is joined by semicolons.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from unarmed_router.model.reasons import ExclusionReason, Flag, ReferralReason

if TYPE_CHECKING:
    from unarmed_router.model.decision import Candidate, Recommendation, Referral

__all__ = [
    "FLAG_TEXT",
    "REFERRAL_TEXT",
    "distance",
    "explain_recommendation",
    "explain_referral",
    "minutes",
]

FLAG_TEXT = {
    Flag.NEAR_BORDER: "The call is within the stated tolerance of a division border: "
    "check the address.",
    Flag.TEAM_AT_HOME: "The team has sent no position; its home base was used.",
    Flag.STALE_FIX_IGNORED: "The team's last position is too old, or from the future; its home "
    "base was used.",
    Flag.LONG_ACCESS_LEG: "The call is far from the nearest mapped road, "
    "so the last part of the time is an estimate.",
    Flag.BEYOND_TARGET: "This is slower than the program's target.",
    Flag.RECEIVED_IN_FUTURE: "The call's time of receipt is in the future: check the clocks.",
    Flag.POLICY_NOT_IN_FORCE: "The policy's effective dates do not cover today.",
    Flag.MUTUAL_AID: "The team comes from another provider's area, as mutual aid.",
    Flag.UNCERTAIN_LOCATION: "Within the area the call may be in, another program or provider "
    "would take it: ask where the caller is.",
    Flag.DECIDED_BY_TIE_RULE: "Another team would arrive at the same moment; "
    "the longest idle, then the lower id, decided.",
    Flag.NOT_LOGGED: "The ledger could not be written: nothing remembers this decision.",
}

REFERRAL_TEXT = {
    ReferralReason.OUT_OF_JURISDICTION: "the location is outside every division",
    ReferralReason.NEEDS_TRIAGE: "it cannot be triaged yet",
    ReferralReason.INELIGIBLE: "it is not a call for an unarmed team",
    ReferralReason.NO_PROGRAM_HERE: "no unarmed program serves this place now",
    ReferralReason.NO_ROAD_NEARBY: "no mapped road is near enough to time a response",
    ReferralReason.NO_TEAM_AVAILABLE: "no eligible team is available",
    ReferralReason.NO_TEAM_IN_TIME: "no available team can arrive in time",
}

_NEXT_SENTENCE = re.compile(r"(?:[?!]+|(?<=[a-z0-9)]{3})\.+)\s+([A-Z][A-Z]?)")
"""Where one sentence ends and another begins; a short word before a stop is an abbreviation."""


def minutes(milliseconds: int) -> str:
    """Write a duration for people: seconds below one minute, else minutes to a tenth."""
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.0f} s"
    return f"{milliseconds / 60_000:.1f} min"


def distance(metres: float) -> str:
    """Write a length for people: metres below a kilometre, then kilometres, whole from 100 on."""
    if metres < 999.5:
        return f"{metres:.0f} m"
    return f"{metres / 1000:.1f} km" if metres < 99_950 else f"{metres / 1000:,.0f} km"


def explain_recommendation(decision: Recommendation) -> str:
    """Say who goes, how soon, and why not another."""
    best = decision.candidates[0]
    send = (
        f"Send {best.team_id} ({decision.provider_name}, {decision.program_name}) to call "
        f"{decision.call_id}, {_kind(decision)}, in {_division(decision)}."
    )
    soon = _sentence([_arrival(best), _others(decision, best)])
    return " ".join(filter(None, [send, soon, _flags(decision)]))


def explain_referral(decision: Referral) -> str:
    """Say why no unarmed team goes, who takes the call, and what to ask."""
    where = f", in {_division(decision)}" if decision.place.division else ""
    detail = f" ({_one_sentence(decision.detail)})" if decision.detail else ""
    if decision.place.division is None:
        # Across the street, and on the other side of the world, are different things to check.
        detail += f"; the nearest border is {distance(decision.place.border_m)} away"
    contact = f", {decision.contact}" if decision.contact else ""
    refer = (
        f"Refer call {decision.call_id}, {_kind(decision)}{where}, to "
        f"{decision.target_name}{contact}: {REFERRAL_TEXT[decision.reason]}{detail}."
    )
    then = ""
    if decision.questions:
        then = "Ask: " + _sentence(question.text for question in decision.questions)
    elif decision.reason in {ReferralReason.NO_TEAM_AVAILABLE, ReferralReason.NO_TEAM_IN_TIME}:
        then = _sentence([_counted_exclusions(decision)])
    return " ".join(filter(None, [refer, then, _flags(decision)]))


def _flags(decision: Recommendation | Referral) -> str:
    """Say everything that is flagged in one sentence; empty when nothing is."""
    return _sentence(FLAG_TEXT[flag] for flag in decision.flags)


def _sentence(texts: Iterable[str]) -> str:
    """Join texts into one sentence, which ends as the last of them does."""
    every = [_one_sentence(text) for text in texts]
    if not every:
        return ""
    first, *others = (text.rstrip(" .?!") for text in every)
    end = every[-1][-1:] if every[-1][-1:] in {".", "?", "!"} else "."
    return "; ".join([first, *map(_lowered, others)]) + end


def _one_sentence(text: str) -> str:
    """Put semicolons between the sentences of a text."""
    return _NEXT_SENTENCE.sub(lambda found: "; " + _lowered(found[1]), text)


def _lowered(text: str) -> str:
    """Let a text go on within a sentence; an abbreviation in capitals stays."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _kind(decision: Recommendation | Referral) -> str:
    """Name the kind of call: the CAD's code, and what the policy takes it for."""
    given = "+".join((decision.call_type, *decision.codes))
    read = decision.reading.call_type
    if read is None or (read == decision.call_type and not decision.codes):
        return _words(given)
    return f"{given} ({_words(read)})"


def _arrival(best: Candidate) -> str:
    """Say when the team arrives, and what the caller has waited by then when that is more."""
    ahead = best.turnout_ms + best.travel_ms
    text = (
        f"It arrives in {minutes(ahead)}: {minutes(best.turnout_ms)} turnout and "
        f"{minutes(best.travel_ms)} on the road"
    )
    waited = best.response_ms - ahead
    if waited:
        text += (
            f"; with the {minutes(waited)} already waited that makes {minutes(best.response_ms)}"
        )
    return text


def _division(decision: Recommendation | Referral) -> str:
    division = decision.place.division
    return f"{division.name} (division {division.number})" if division else "no division"


def _others(decision: Recommendation, best: Candidate) -> str:
    if len(decision.candidates) > 1:
        second = decision.candidates[1]
        later = second.response_ms - best.response_ms
        when = f"{minutes(later)} later" if later > 0 else "ranked after it"
        return f"Next is {second.team_id}, {when}"
    return "No other team could be sent. " + _counted_exclusions(decision)


def _counted_exclusions(decision: Recommendation | Referral) -> str:
    """Count the teams left out by reason, most frequent first."""
    counts: dict[ExclusionReason, int] = {}
    for exclusion in decision.exclusions:
        counts[exclusion.reason] = counts.get(exclusion.reason, 0) + 1
    if not counts:
        # A referral leaves out every team there is.
        return "The roster has no other team" if decision.candidates else "The roster has no team"
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    listed = ", ".join(f"{count} {_words(reason)}" for reason, count in ordered)
    return f"Teams left out: {listed}"


def _words(name: str) -> str:
    return str(name).replace("_", " ")
