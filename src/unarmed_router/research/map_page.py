"""The map page: one HTML file of a routed day that opens without a network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from unarmed_router.model.decision import Recommendation
from unarmed_router.research.map_layers import (
    METRES_PER_UNIT,
    Frame,
    frame_over,
    label_place,
    ring_data,
    road_data,
    road_rank,
)
from unarmed_router.research.map_marks import (
    OUTCOMES,
    ProviderTint,
    call_marks,
    call_records,
    drawn_calls,
    link_marks,
    outcome_key,
    provider_tints,
    team_marks,
    team_places,
)
from unarmed_router.research.map_tables import (
    division_tables,
    headline,
    outcome_legend,
    provenance,
    provider_legend,
    referral_table,
)
from unarmed_router.simulation.summary import DaySummary, summarize
from unarmed_router.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unarmed_router.agency.folder import Agency
    from unarmed_router.geography.partition import Partition, PartitionDivision
    from unarmed_router.model.call import Call
    from unarmed_router.model.decision import Decision
    from unarmed_router.roads.network import RoadNetwork

__all__ = ["write_map_page"]

_MARGIN = 0.03


def write_map_page(
    path: Path, *, agency: Agency, routed: Sequence[tuple[Call, Decision]], title: str
) -> None:
    """Write a map of a routed day as one HTML file.

    The file loads nothing: no tiles, no fonts, no libraries, and its content security policy lets
    nothing but its own script run. The same day gives the same bytes.

    Parameters
    ----------
    path : Path
        Where to write it; replaced if it exists.
    agency : Agency
        The agency the calls were routed for.
    routed : sequence of (Call, Decision)
        Synthetic calls in order of receipt, as `play_day` yields them.
    title : str
        Heading of the page.
    """
    with whole_file(path) as unfinished:
        unfinished.write_text(_page(agency, routed, title), encoding="utf-8", newline="\n")


def _page(agency: Agency, routed: Sequence[tuple[Call, Decision]], title: str) -> str:
    template = (resources.files("unarmed_router") / "data" / "map_page.html").read_text("utf-8")
    partition = agency.partition
    frame = frame_over(partition)
    parts = {
        "title": escape(title),
        "script_digest": _script_digest(template),
        **_ground(agency, partition, frame),
        **_marks(agency, routed, frame),
        **_words(agency, routed),
    }
    return Template(template).substitute(parts)


def _ground(agency: Agency, partition: Partition, frame: Frame) -> dict[str, str]:
    """Draw what does not change with the day."""
    margin = round(_MARGIN * max(frame.width, frame.height))
    box = (-margin, -margin, frame.width + 2 * margin, frame.height + 2 * margin)
    tints = provider_tints(agency.world.policy)
    return {
        "view_box": " ".join(map(str, box)),
        "metres_per_unit": str(METRES_PER_UNIT),
        "shapes": "\n".join(
            f'<path id="d{division.number}" fill-rule="evenodd" vector-effect="non-scaling-stroke" '
            f'd="{ring_data(division.rings, frame)}"/>'
            for division in partition.divisions
        ),
        "divisions": "\n".join(_tinted(division, tints) for division in partition.divisions),
        "borders": "\n".join(f'<use href="#d{each.number}"/>' for each in partition.divisions),
        "roads": _roads(agency.network, frame),
        "labels": _labels(partition, frame, tints),
    }


def _tinted(division: PartitionDivision, tints: Sequence[ProviderTint]) -> str:
    serving = [tint for tint in tints if division.number in tint.divisions]
    tint = f" p{serving[0].place}" if serving else ""
    by = "; ".join(f"{each.name}, {each.program}" for each in serving) or "no unarmed program"
    says = f"{division.name}, division {division.number}: {by}"
    return (
        f'<use href="#d{division.number}" class="d{tint}" data-n="{division.number}" '
        f'data-says="{escape(says)}"/>'
    )


def _roads(network: RoadNetwork, frame: Frame) -> str:
    return "\n".join(
        f'<path class="r r{road_rank(name)}" data-class="{escape(name)}" d="{data}"/>'
        for name, data in road_data(network, frame).items()
    )


def _labels(partition: Partition, frame: Frame, tints: Sequence[ProviderTint]) -> str:
    """Write the divisions' names, served and roomy first: of two that collide the first stays."""
    served = {number for tint in tints for number in tint.divisions}
    placed = [(label_place(each.rings, frame), each) for each in partition.divisions]
    placed.sort(key=lambda item: (item[1].number not in served, -item[0].room, item[1].number))
    return "\n".join(
        f'<g class="n" data-n="{division.number}" data-x="{place.x}" data-y="{place.y}" '
        f'transform="translate({place.x} {place.y})"><text class="k">'
        f"{_lines(division.name)}</text></g>"
        for place, division in placed
    )


def _lines(name: str) -> str:
    """Break a name into a line a word; short words stay with the next."""
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + len(word) < 9:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    first = 0.35 - 0.5 * (len(lines) - 1)
    return "".join(
        f'<tspan x="0" y="{first + place:.2f}em">{escape(line)}</tspan>'
        for place, line in enumerate(lines)
    )


def _marks(agency: Agency, routed: Sequence[tuple[Call, Decision]], frame: Frame) -> dict[str, str]:
    """Draw the day: calls, teams and the lines between them."""
    drawn = drawn_calls(routed, frame)
    sent = Counter(d.team_id for _, d in routed if isinstance(d, Recommendation))
    return {
        "links": link_marks(drawn, team_places(agency, frame)),
        "teams": team_marks(agency, frame, sent),
        "calls": call_marks(drawn),
        "drawn": str(len(drawn)),
        "data": _embedded({"outcomes": OUTCOMES, "calls": call_records(drawn, agency)}),
        "sample_note": _sample_note(len(drawn), len(routed)),
    }


def _sample_note(drawn: int, total: int) -> str:
    if drawn == total:
        return ""
    return (
        f'<p class="note">{drawn:,} of {total:,} calls are drawn, an even sample; '
        "all figures count every call.</p>"
    )


def _words(agency: Agency, routed: Sequence[tuple[Call, Decision]]) -> dict[str, str]:
    """Write the figures beside the map."""
    day: DaySummary = summarize(routed)
    tints = provider_tints(agency.world.policy)
    served = frozenset(number for tint in tints for number in tint.divisions)
    teams = Counter(state.team.provider for state in agency.roster.snapshot().teams)
    return {
        "agency": escape(agency.name),
        "headline": headline(day, served),
        "outcomes": outcome_legend(Counter(outcome_key(decision) for _, decision in routed)),
        "providers": provider_legend(tints, teams),
        "division_tables": division_tables(day),
        "referral_table": referral_table(day),
        "provenance": provenance(agency, (decision for _, decision in routed)),
    }


def _embedded(data: Mapping[str, Any]) -> str:
    """Write JSON that no HTML parser can mistake for markup."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _script_digest(template: str) -> str:
    """Digest of the page's own script, the only one its content security policy lets run."""
    script = template.rpartition("<script>")[2].partition("</script>")[0]
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
