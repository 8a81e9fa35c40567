"""Letters that an output lacks: JSON stays JSON, and says the same."""

from __future__ import annotations

import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.cli.letters import say_every_letter


@given(
    text=st.text(st.characters(exclude_categories=())),
    encoding=st.sampled_from(["ascii", "latin-1", "cp1252", "utf-8"]),
)
def test_json_is_read_as_it_was_written(text: str, encoding: str) -> None:
    """Whatever the letters, halves of pairs among them, and whatever the output has."""
    raw = io.BytesIO()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding, newline="\n"))
        say_every_letter()
        sys.stdout.write(json.dumps(text, ensure_ascii=False))
        sys.stdout.flush()
        written = raw.getvalue().decode(encoding)
    assert json.loads(written) == text
