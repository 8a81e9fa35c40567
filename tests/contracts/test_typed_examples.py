"""Examples that a consumer copies pass the type checker that the package invites to."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from pathlib import Path

from mypy import api

from tests.contracts.test_readme import README, ROOT, fences


def test_examples_pass_the_strictest_type_check(tmp_path: Path) -> None:
    """Each page's Python, put together as a consumer would, passes mypy --strict."""
    pages = {}
    for page in (README, *sorted((ROOT / "docs").rglob("*.md"))):
        run = [fence.body for fence in fences(page) if fence.mark == "run"]
        if run:
            name = re.sub(r"\W", "_", str(page.relative_to(ROOT).with_suffix("")))
            pages[name] = tmp_path / f"{name}.py"
            pages[name].write_text("\n".join(run), encoding="utf-8")
    assert {"README", "docs_how_to_embed", "docs_how_to_cad"} <= set(pages)
    told, failed, _ = _checked(pages.values())
    assert told.startswith("Success"), told + failed


def test_a_wrong_example_would_be_told(tmp_path: Path) -> None:
    """The check sees the package's own types: what may be a referral has no team."""
    page = tmp_path / "wrong.py"
    page.write_text(
        textwrap.dedent("""
            from unarmed_router import Call, Router

            def sent(router: Router, call: Call) -> str:
                return router.route(call).team_id
        """),
        encoding="utf-8",
    )
    told, _, code = _checked([page])
    assert code == 1
    assert '"Referral" of "Recommendation | Referral" has no attribute "team_id"' in told


def _checked(pages: Iterable[Path]) -> tuple[str, str, int]:
    """Check files under the project's settings, beside what `make types` has found already."""
    settings = ["--strict", f"--config-file={ROOT / 'pyproject.toml'}"]
    cache = f"--cache-dir={ROOT / '.mypy_cache'}"
    return api.run([*settings, cache, *map(str, pages)])
