"""What the map page says in numbers: headline, legend, tables and the note on the data."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from unarmed_router.counted import counted
from unarmed_router.model.decision import Basis
from unarmed_router.model.explanation import minutes
from unarmed_router.research.map_marks import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from unarmed_router.agency.folder import Agency
    from unarmed_router.model.decision import Decision
    from unarmed_router.research.map_marks import ProviderTint
    from unarmed_router.simulation.summary import DaySummary, DivisionSummary

__all__ = [
    "division_tables",
    "headline",
    "outcome_legend",
    "provenance",
    "provider_legend",
    "referral_table",
]

_SHORT_DIGEST = 12
_NONE = "\N{EN DASH}"


def headline(day: DaySummary, served: frozenset[int]) -> str:
    """Write the day's figures as a description list."""
    within = [row for row in day.divisions if row.division.number in served]
    calls, sent = sum(row.calls for row in within), sum(row.sent for row in within)
    figures = [
        ("Calls", f"{day.calls:,}", ""),
        ("Unarmed team sent", f"{day.sent:,}", _share(day.sent, day.calls)),
        ("Referred", f"{day.referred:,}", _share(day.referred, day.calls)),
        ("Sent where a program serves", f"{sent:,} of {calls:,}", _share(sent, calls)),
        ("Response time, median", _time(day.median_ms), ""),
        ("Response time, 9 in 10 within", _time(day.p90_ms), ""),
    ]
    return "\n".join(
        f"<div><dt>{name}</dt><dd>{value}{f' <small>{share}</small>' if share else ''}</dd></div>"
        for name, value, share in figures
    )


def outcome_legend(counts: Mapping[str, int]) -> str:
    """List the outcomes that occur, each with its symbol, a switch and its count."""
    rows = [
        f'<label class="row"><input type="checkbox" data-outcome="{outcome}" checked>{key(outcome)}'
        f'<span>{name}</span><b data-count="{counts[outcome]}">{counts[outcome]:,}</b></label>'
        for outcome, name in OUTCOMES.items()
        if counts.get(outcome)
    ]
    total = sum(counts.values())
    rows.append(f'<div class="row total"><span>All calls</span><b id="total">{total:,}</b></div>')
    return "\n".join(rows)


def provider_legend(tints: Sequence[ProviderTint], teams: Mapping[str, int]) -> str:
    """List providers with their tint, program and number of teams, then the neutral ground."""
    rows = [
        f'<div class="row"><i class="swatch p{tint.place}"></i><span>{escape(tint.name)} '
        f"<small>{escape(tint.program)}</small></span>"
        f"<b>{counted(teams.get(tint.provider_id, 0), 'team')}</b></div>"
        for tint in tints
    ]
    return "\n".join(
        [*rows, '<div class="row"><i class="swatch"></i><span>No unarmed program</span></div>']
    )


def division_tables(day: DaySummary) -> str:
    """Tabulate response times where a team was sent; fold the other divisions away."""
    sent = [row for row in day.divisions if row.sent]
    other = [row for row in day.divisions if not row.sent]
    slowest = max((row.p90_ms or 0 for row in sent), default=0) or 1
    body = "".join(_division_row(row, slowest) for row in sent)
    if not sent:
        body = '<tr><td colspan="6">No team was sent.</td></tr>'
    table = (
        '<table><thead><tr><th scope="col">Division</th><th scope="col">Calls</th>'
        '<th scope="col">Sent</th><th scope="col">Median</th><th scope="col">9 in 10</th>'
        '<th scope="col"><span class="hidden">Chart</span></th></tr></thead>'
        f"<tbody>{body}</tbody>{_division_foot(day)}</table>"
    )
    return table + (_folded(other) if other else "")


def _division_row(row: DivisionSummary, slowest: int) -> str:
    median, ninth = row.median_ms or 0, row.p90_ms or 0
    bar = (
        f'<span class="bar" style="--a:{100 * median / slowest:.1f}%;'
        f'--b:{100 * ninth / slowest:.1f}%"></span>'
    )
    return (
        f'<tr><th scope="row">{_division_name(row)}</th><td>{row.calls:,}</td><td>{row.sent:,}</td>'
        f"<td>{_figure(row.median_ms)}</td><td>{_figure(row.p90_ms)}</td>"
        f'<td aria-hidden="true">{bar}</td></tr>\n'
    )


def _division_foot(day: DaySummary) -> str:
    return (
        f'<tfoot><tr><th scope="row">All divisions</th><td>{day.calls:,}</td>'
        f"<td>{day.sent:,}</td><td>{_figure(day.median_ms)}</td><td>{_figure(day.p90_ms)}</td>"
        "<td></td></tr></tfoot>"
    )


def _folded(rows: Sequence[DivisionSummary]) -> str:
    calls = sum(row.calls for row in rows)
    body = "".join(
        f'<tr><th scope="row">{_division_name(row)}</th><td>{row.calls:,}</td></tr>\n'
        for row in sorted(rows, key=lambda row: (-row.calls, row.division.number))
    )
    return (
        f"<details><summary>{counted(calls, 'call')} where no team was sent at all"
        '</summary><table><thead><tr><th scope="col">Division</th><th scope="col">Calls</th></tr>'
        f"</thead><tbody>{body}</tbody></table></details>"
    )


def _division_name(row: DivisionSummary) -> str:
    number, name = row.division.number, escape(row.division.name)
    if not number:
        return name
    return f'<button type="button" class="link" data-go="{number}">{name}</button>'


def referral_table(day: DaySummary) -> str:
    """Tabulate who takes the referred calls, and why."""
    rows = "".join(
        f"<tr><td>{key(line.reason.value)}</td><td>{OUTCOMES[line.reason]}</td>"
        f"<td>{escape(line.target_name)}</td><td>{line.calls:,}</td></tr>\n"
        for line in sorted(day.referrals, key=lambda line: list(OUTCOMES).index(line.reason))
    )
    if not rows:
        rows = '<tr><td colspan="4">No call was referred.</td></tr>'
    return (
        '<table class="referrals"><thead><tr><th scope="col"><span class="hidden">Symbol</span>'
        '</th><th scope="col">Why</th><th scope="col">Goes to</th><th scope="col">Calls</th></tr>'
        f'</thead><tbody>{rows}</tbody><tfoot><tr><td></td><th scope="row" colspan="2">All referred'
        f"</th><td>{day.referred:,}</td></tr></tfoot></table>"
    )


def provenance(agency: Agency, decisions: Iterable[Decision]) -> str:
    """Say what the page is drawn from and what it cannot say."""
    basis = next((decision.basis for decision in decisions), None) or _basis_now(agency)
    publisher = agency.network.metadata.get("publisher", "")
    roads = " ".join(
        part
        for part in (_sentence(basis.network_title), basis.network_limits, _sentence(publisher))
        if part
    )
    items = "".join(
        f'<li>{escape(name)} <code title="{escape(value)}">{escape(value[:_SHORT_DIGEST])}</code>'
        "</li>"
        for name, value in (
            ("Boundaries", basis.boundaries),
            ("Roads", basis.network),
            ("Speed profile", basis.profile),
            (f"Policy {basis.policy_id}", basis.policy),
            ("Roster, at the first call", basis.roster),
        )
    )
    return (
        "<p>The calls are synthetic: drawn by population and by hour of the week, with made-up "
        "facts. No person called. Teams stand at the homes the roster gives them, and a team that "
        "is sent is busy until it has served the call.</p>"
        f"<p>Roads: {escape(roads)}</p><ul>{items}</ul>"
    )


def _basis_now(agency: Agency) -> Basis:
    """Return what a decision would stand on, for a day without one."""
    digests, policy = agency.world.digests, agency.world.policy
    return Basis(
        version=digests.version,
        inputs="",
        agency=digests.agency,
        boundaries=digests.boundaries,
        network=digests.network,
        profile=digests.profile,
        roster=agency.roster.snapshot().digest,
        policy_id=policy.policy_id,
        policy=policy.digest,
        hour_of_week=None,
        network_title=digests.network_title,
        network_limits=digests.network_limits,
    )


def key(outcome: str) -> str:
    """Draw an outcome's symbol for the text beside the map."""
    return (
        '<svg class="key" viewBox="-8 -8 16 16" aria-hidden="true">'
        f'<use href="#o-{outcome}"/></svg>'
    )


def _sentence(text: str) -> str:
    return f"{text.rstrip('. ')}." if text.strip() else ""


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""


def _figure(milliseconds: int | None) -> str:
    """Write a duration under a heading that says minutes."""
    return _NONE if milliseconds is None else f"{milliseconds / 60_000:.1f}"


def _time(milliseconds: int | None) -> str:
    return _NONE if milliseconds is None else minutes(milliseconds)
