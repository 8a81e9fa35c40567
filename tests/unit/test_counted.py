"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from unarmed_router.counted import counted


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 teams"), (1, "1 team"), (2, "2 teams"), (12_000, "12,000 teams")],
)
def test_only_one_is_singular(number: int, said: str) -> None:
    """None are many, and thousands are set apart."""
    assert counted(number, "team") == said
