"""The frame of a report: one HTML file without scripts that loads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from string import Template

from unarmed_router.whole_file import whole_file

__all__ = ["Section", "digest_section", "figure_cards", "html_table", "write_page"]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report.

    Parameters
    ----------
    heading : str
        Plain text.
    body : str
        HTML.
    note : str
        Plain text under the body: what the reader must know to read it.
    """

    heading: str
    body: str
    note: str = ""

    def html(self) -> str:
        """Write the section."""
        note = f'<p class="note">{escape(self.note)}</p>' if self.note else ""
        return f"<section>\n<h2>{escape(self.heading)}</h2>\n{self.body}\n{note}</section>"


def write_page(
    path: Path | str,
    *,
    title: str,
    lead: Iterable[str],
    figures: str,
    sections: Iterable[Section],
) -> None:
    """Write a report.

    The file holds no script and its content security policy allows none; it loads no font, no tile
    and no picture. The same results give the same bytes.

    Parameters
    ----------
    path : path-like
        Replaced if it exists.
    title : str
        Heading, plain text.
    lead : iterable of str
        Paragraphs under it, plain text.
    figures : str
        HTML of the cards at the top.
    sections : iterable of Section
        In order.
    """
    template = (resources.files("unarmed_router") / "data" / "report.html").read_text("utf-8")
    text = Template(template).substitute(
        title=escape(title),
        lead="\n".join(f'<p class="lead">{escape(line)}</p>' for line in lead),
        figures=figures,
        sections="\n".join(section.html() for section in sections),
    )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")


def figure_cards(cards: Iterable[tuple[str, str, str]]) -> str:
    """Write the figures at the top: words, value and what is uncertain about it."""
    return (
        '<dl class="figures">'
        + "".join(
            f"<div><dt>{escape(words)}</dt><dd>{escape(value)}<small>{escape(more)}</small></dd>"
            "</div>"
            for words, value, more in cards
        )
        + "</dl>"
    )


def html_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of plain texts; what stands in brackets goes on a line of its own."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in headings)
    body = "".join(
        "<tr>"
        f'<th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{_cell(each)}</td>" for each in row[1:])
        + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        "</div>"
    )


def digest_section(inputs: Mapping[str, str], limits: str) -> Section:
    """List the digests of everything the results stand on."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td><code>{escape(value)}</code></td></tr>\n'
        for name, value in inputs.items()
    )
    return Section(
        "What this stands on",
        f'<div class="scroll"><table><tbody>{rows}</tbody></table></div>',
        f"Digests are SHA-256. The same inputs and seed give the same results. {limits}",
    )


def _cell(text: str) -> str:
    value, bracket, rest = text.partition(" (")
    return escape(value) + (f"<small>({escape(rest)}</small>" if bracket else "")
