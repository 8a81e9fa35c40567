"""What moves on the map page: teams at home, calls by outcome, the lines between them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from unarmed_router.counted import counted
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.explanation import minutes
from unarmed_router.model.reasons import ReferralReason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unarmed_router.agency.folder import Agency
    from unarmed_router.model.call import Call
    from unarmed_router.model.decision import Decision
    from unarmed_router.model.policy import Policy
    from unarmed_router.model.team import Team
    from unarmed_router.research.map_layers import Frame

__all__ = [
    "MOST_DRAWN",
    "OUTCOMES",
    "Drawn",
    "ProviderTint",
    "call_marks",
    "call_records",
    "drawn_calls",
    "link_marks",
    "outcome_key",
    "provider_tints",
    "team_marks",
    "team_places",
]

MOST_DRAWN = 1_500
"""More calls than this are drawn as an even sample, so that the page stays below 1.5 MB."""

_TINTS = 6
_LONGEST_LABEL = 16
_CHARACTER_PX = 6.7

OUTCOMES: dict[str, str] = {
    "sent": "Team sent",
    ReferralReason.NO_TEAM_AVAILABLE: "No team available",
    ReferralReason.NO_TEAM_IN_TIME: "No team in time",
    ReferralReason.NEEDS_TRIAGE: "Needs triage",
    ReferralReason.INELIGIBLE: "Not for an unarmed team",
    ReferralReason.NO_ROAD_NEARBY: "No road nearby",
    ReferralReason.NO_PROGRAM_HERE: "No program here",
    ReferralReason.OUT_OF_JURISDICTION: "Outside every division",
}
"""Every outcome a call can have, and its name on the page, in order of the legend."""


class ProviderTint(NamedTuple):
    """A provider, the program it fields teams for, and its place in the palette."""

    provider_id: str
    name: str
    program: str
    divisions: frozenset[int]
    place: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A call that is drawn: its place in the page's list, its decision, its place on the map."""

    place: int
    call: Call
    decision: Decision
    x: int
    y: int


def outcome_key(decision: Decision) -> str:
    """Return the key of `OUTCOMES`: each decision has exactly one."""
    return "sent" if isinstance(decision, Recommendation) else decision.reason.value


def provider_tints(policy: Policy) -> list[ProviderTint]:
    """Give each provider of the policy a place in the palette, in the order they are written."""
    pairs = [(program, provider) for program in policy.programs for provider in program.providers]
    places: dict[str, int] = {}
    for _, provider in pairs:
        places.setdefault(provider.provider_id, len(places) % _TINTS)
    return [
        ProviderTint(
            provider.provider_id,
            provider.name,
            program.name,
            provider.divisions,
            places[provider.provider_id],
        )
        for program, provider in pairs
    ]


def drawn_calls(routed: Sequence[tuple[Call, Decision]], frame: Frame) -> list[Drawn]:
    """Place the calls on the map; of very many, an even sample in order of receipt."""
    step = -(-len(routed) // MOST_DRAWN) or 1
    shown = routed[::step]
    points = frame.points([call.lon for call, _ in shown], [call.lat for call, _ in shown]).tolist()
    return [
        Drawn(place, call, decision, x, y)
        for place, ((call, decision), (x, y)) in enumerate(zip(shown, points, strict=True))
    ]


def call_marks(drawn: Sequence[Drawn]) -> str:
    """Draw the calls, the rarest kinds of outcome last so that they lie on top."""
    order = {outcome: place for place, outcome in enumerate(reversed(OUTCOMES))}
    top_last = sorted(drawn, key=lambda each: (order[outcome_key(each.decision)], each.place))
    return "\n".join(_call_mark(each) for each in top_last)


def _call_mark(each: Drawn) -> str:
    outcome = outcome_key(each.decision)
    return (
        f'<use href="#o-{outcome}" class="m" data-i="{each.place}" data-o="{outcome}" '
        f'transform="translate({each.x} {each.y})"/>'
    )


def link_marks(drawn: Sequence[Drawn], teams: Mapping[str, tuple[int, int, int]]) -> str:
    """Draw a straight line from the home of each recommended team to its call."""
    lines = []
    for each in drawn:
        if isinstance(each.decision, Recommendation) and each.decision.team_id in teams:
            x, y, tint = teams[each.decision.team_id]
            lines.append(
                f'<path class="l p{tint}" data-i="{each.place}" data-o="sent" '
                f'd="M{x} {y}L{each.x} {each.y}"/>'
            )
    return "\n".join(lines)


def team_places(agency: Agency, frame: Frame) -> dict[str, tuple[int, int, int]]:
    """Place every team's home on the map, with its provider's place in the palette."""
    tints = {tint.provider_id: tint.place for tint in provider_tints(agency.world.policy)}
    teams = _teams(agency)
    points = frame.points([t.home_lon for t in teams], [t.home_lat for t in teams]).tolist()
    return {
        team.team_id: (x, y, tints.get(team.provider, 0))
        for team, (x, y) in zip(teams, points, strict=True)
    }


def team_marks(agency: Agency, frame: Frame, sent: Mapping[str, int]) -> str:
    """Draw every team as a labelled marker at its home.

    Parameters
    ----------
    agency : Agency
        Its roster's teams.
    frame : Frame
        The projection.
    sent : mapping of str to int
        How many calls each team was sent to.
    """
    places = team_places(agency, frame)
    tints = {tint.provider_id: tint for tint in provider_tints(agency.world.policy)}
    marks = []
    for team in _teams(agency):
        x, y, place = places[team.team_id]
        tint = tints.get(team.provider)
        says = (
            f"Team {team.team_id}, {tint.name if tint else team.provider}, {team.program}: "
            f"sent to {counted(sent.get(team.team_id, 0), 'call')}"
        )
        marks.append(_team_mark(team.team_id, x, y, place, says))
    return "\n".join(marks)


def _team_mark(team_id: str, x: int, y: int, place: int, says: str) -> str:
    """Draw a flag whose foot stands on the team's home."""
    short = team_id if len(team_id) <= _LONGEST_LABEL else team_id[: _LONGEST_LABEL - 1] + "…"
    half = round(len(short) * _CHARACTER_PX / 2 + 6, 1)
    flag = f"M0 0l-4-6H-{half}v-17h{2 * half}v17H4z"
    return (
        f'<g class="t p{place}" data-team="{escape(team_id)}" data-says="{escape(says)}" '
        f'transform="translate({x} {y})"><g class="k"><path d="{flag}"/>'
        f'<text y="-10.7">{escape(short)}</text></g></g>'
    )


def _teams(agency: Agency) -> list[Team]:
    return [state.team for state in agency.roster.snapshot().teams]


def call_records(drawn: Sequence[Drawn], agency: Agency) -> list[dict[str, Any]]:
    """List what the page says of each call when it is chosen; plain text, never markup."""
    names = agency.world.policy.call_types
    return [_record(each, agency, names) for each in drawn]


def _record(each: Drawn, agency: Agency, names: Mapping[str, Any]) -> dict[str, Any]:
    call, decision = each.call, each.decision
    known = names.get(call.call_type)
    division = decision.place.division
    record: dict[str, Any] = {
        "id": call.call_id,
        "at": f"{agency.hours.local(call.received_at):%a %d %b, %H:%M}",
        "type": known.name if known else call.call_type.replace("_", " "),
        "o": outcome_key(decision),
        "where": f"{division.name} ({division.number})" if division else "Outside every division",
        "x": each.x,
        "y": each.y,
        "says": decision.explain(),
    }
    if isinstance(decision, Recommendation):
        record["team"] = decision.team_id
        record["in"] = minutes(decision.candidates[0].response_ms)
    else:
        record["to"] = decision.target_name
    return record
