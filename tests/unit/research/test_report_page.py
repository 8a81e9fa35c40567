"""A page that cannot be written whole leaves the one before it as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.research.map_page import write_map_page
from unarmed_router.research.report_page import write_page


def test_a_page_that_fails_on_the_way_leaves_the_old_one(tmp_path: Path, agency: Agency) -> None:
    """Half a surrogate is no text that UTF-8 has: it is found once the file is open."""
    path = tmp_path / "page.html"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_page(path, title="\ud800", lead=[], figures="", sections=[])
    with pytest.raises(UnicodeEncodeError):
        write_map_page(path, agency=agency, routed=[], title="\ud800")
    assert ([*tmp_path.iterdir()], path.read_text()) == ([path], "old")
