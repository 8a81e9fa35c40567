"""The table of import cost and network size is made of what the benchmark recorded."""

from __future__ import annotations

from benchmarks.results import Result
from benchmarks.tables import building

FACTS = {
    "ways": 20,
    "nodes": 25,
    "arcs": 1234,
    "read_s": 0.01,
    "import_s": 0.02,
    "write_s": 0.003,
    "contract_s": 0.004,
    "grown_mb": 1.4,
    "bytes": 21_000,
}


def test_a_build_has_its_row() -> None:
    """Sizes, the four steps, the whole, the memory and the files, and nothing of other groups."""
    built = Result("test_network_build[town]", 0.04, 0.03, 0.05, 5, "network build", FACTS)
    other = Result("test_one", 1.0, 1.0, 1.0, 1, "locate one point")
    text = building({built.name: built, other.name: other})
    (row,) = text.splitlines()[2:]
    sizes, steps = "20 | 25 | 1,234", "10.0 ms | 20.0 ms | 3.00 ms | 4.00 ms | 40.0 ms"
    assert row == f"| `town` | {sizes} | {steps} | 1 MB | 21 kB |"
