"""The page on the method keeps its promises: its figure and its numbers are the package's own."""

from __future__ import annotations

import re

import numpy as np
import pytest
from docs.figures import measured, method
from docs.figures.city import Question, question
from docs.figures.tree_figure import drawn

from unarmed_router.agency.travel import METRICS_BUDGET
from unarmed_router.kernels.customization import LONGEST
from unarmed_router.model.location import RoadPosition
from unarmed_router.travel_time.dijkstra import DijkstraTravelTimes
from unarmed_router.travel_time.hierarchy import DEFAULT_LABEL_BUDGET


@pytest.fixture(scope="module")
def asked() -> Question:
    """Ask the question of the figure."""
    return question()


def numbers(name: str) -> list[int]:
    """Read the numbers of one class from the figure in the documentation, in order."""
    svg = method.FIGURE.read_text(encoding="utf-8")
    return [int(number) for number in re.findall(rf'class="{name}"[^>]*>(\d+)<', svg)]


CLOSED_MS = 10_000_000
"""Longer than any way through the drawn city."""


def dijkstra_s(
    asked: Question, origins: list[int], destination: int, *, highest: int | None = None
) -> list[int | None]:
    """Seconds between crossings by the package's oracle, passing none above `highest`."""
    network, arc_ms = asked.network, asked.network.free_flow_ms
    if highest is not None:
        rank = np.asarray(asked.topology.rank)
        above = np.maximum(rank[network.tail], rank[network.head]) > rank[highest]
        arc_ms = np.where(above, CLOSED_MS, arc_ms).astype(np.int32)
    oracle = DijkstraTravelTimes(
        nodes=network.nodes,
        tail=network.tail,
        head=network.head,
        twin=network.twin,
        arc_ms=arc_ms,
    )

    def at(node: int) -> RoadPosition:
        arc = int(network.first_out[node])
        return RoadPosition(arc, int(network.twin[arc]), 0.0, 0.0, 0)

    times = oracle.from_positions([at(node) for node in origins], at(destination))
    return [None if ms is None else ms // 1000 for ms in times]


def test_the_figure_is_what_the_script_draws(asked: Question) -> None:
    """The figure in the documentation is the one the script writes now, byte for byte."""
    assert method.FIGURE.read_bytes() == drawn(asked).encode()


def test_the_least_sum_drawn_is_the_time_by_dijkstra(asked: Question) -> None:
    """The sums are those of the labels, and the least is the shortest time, as are the roads."""
    to, back, sums = (numbers(name) for name in ("to", "back", "sum"))
    assert sums == [there + on for there, on in zip(to, back, strict=False)][: asked.shared]
    assert dijkstra_s(asked, [asked.path[0]], asked.path[-1]) == [min(sums)]
    assert sum(numbers("road")) == min(sums)


def test_the_labels_drawn_are_times_by_dijkstra(asked: Question) -> None:
    """Each number beside the tree is the time to that ancestor, or from it, by lower crossings."""
    team, call = asked.path[0], asked.path[-1]
    ups, downs = asked.ancestors(team), asked.ancestors(call)
    assert numbers("to") == [dijkstra_s(asked, [team], up, highest=up)[0] for up in ups]
    assert numbers("back") == [dijkstra_s(asked, [up], call, highest=up)[0] for up in downs]
    assert ups[: asked.shared] == downs[: asked.shared]
    assert not set(ups[asked.shared :]) & set(downs)


def test_the_routes_meet_at_the_highest_rank_of_the_path(asked: Question) -> None:
    """The shortest path drawn is as the proof has it, and the caption says so."""
    highest = max(asked.path, key=lambda node: int(asked.topology.rank[node]))
    assert asked.ancestors(asked.path[0])[int(np.argmin(asked.sums))] == highest
    caption = method.PAGE.read_text(encoding="utf-8").partition("```{figure}")[2]
    assert f"{min(numbers('sum'))} s, stands at crossing {asked.topology.rank[highest]}" in caption
    assert "share four\nancestors" in caption
    assert asked.shared == 4
    assert highest != asked.ancestors(asked.path[0])[asked.shared - 1]


def test_the_cuts_drawn_cut(asked: Question) -> None:
    """No road joins two sides of a cut: one end of every road is an ancestor of the other."""
    for tail, head in zip(asked.network.tail.tolist(), asked.network.head.tolist(), strict=True):
        assert tail in asked.ancestors(head) or head in asked.ancestors(tail)


def test_the_numbers_of_the_embedded_network_are_as_measured() -> None:
    """The table's column of the embedded network is what the script counts now."""
    page = method.PAGE.read_text(encoding="utf-8")
    assert measured.recorded(page)["embedded"] == measured.embedded()
    assert list(measured.recorded(page)) == ["embedded", "dimacs_ny"]
    assert measured.table(measured.recorded(page)) in page


def test_the_page_states_the_limits_of_the_code() -> None:
    """The budget, the number of metrics kept and the longest time are those of the code."""
    text = method.PAGE.read_text(encoding="utf-8")
    assert f"{DEFAULT_LABEL_BUDGET // 2**20} MiB unless told otherwise" in text
    assert f"as many as fit {METRICS_BUDGET // 2**30} GiB" in text
    assert "2²⁸ ms, three days" in text
    assert (LONGEST, LONGEST // 86_400_000) == (2**28, 3)


def test_without_new_york_its_numbers_are_kept(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Where the road graph is absent, refreshing keeps its recorded column and says so."""
    folder = tmp_path_factory.mktemp("docs")
    page = folder / "method.md"
    page.write_bytes(method.PAGE.read_bytes())
    monkeypatch.setattr(measured, "NEW_YORK", folder)
    monkeypatch.setattr(method, "PAGE", page)
    before = page.read_bytes()
    assert method.main(["--tables"]) == 0
    assert page.read_bytes() == before
    assert "dimacs_ny" in capsys.readouterr().err
