"""``python -m tests.mutation.report docs/mutation.md [NOTE]``: write the page of a mutmut run.

The run lies in ``mutants/``, where ``make mutants`` puts it. Every survivor must fit a reason of
``survivors.toml``; the page is written all the same, and the exit code says whether one is missing,
the score of those tried is below `LEAST`, or some were not tried. A note says what the reader of
the figures must know of a run that `make mutants` did not make in one go.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

__all__ = ["LEAST", "Reason", "Survivor", "main", "page", "reasons", "unexplained"]

LEAST = 0.85
"""Share of the mutants that tests must kill."""

REASONS = Path(__file__).with_name("survivors.toml")
_KILLED, _TIMED_OUT = frozenset({1, 3}), frozenset({24, -24, 36, 152, 255, -9})

_HEAD = """\
# Mutation testing

[mutmut](https://mutmut.readthedocs.io) changes one thing of the code at a time, such as a
comparison, a number or an argument, and runs the tests that reach it. A mutant that no test notices
survives. This page is written by `make mutants`, which mutates `dispatch` and the table of rules it
asks. It is not part of `make test`: a run takes the better part of an hour.

The tests are those that say what a decision is (`[tool.mutmut]` in `pyproject.toml`), with 25
examples a property where a property does not ask for more. A mutant that hangs counts as killed.
Code outside functions, and functions with a decorator such as `property`, are not mutated. Kernels
are not either: they are compiled, and have naive twins instead.
"""

_COLUMNS = "| Module | Mutants | Tried | Killed | Timed out | Survived | Score |\n"
_RULER = "|---|---:|---:|---:|---:|---:|---:|\n"


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no test noticed: where, and the lines it takes away and puts in place."""

    function: str
    removed: str
    added: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some mutants may live.

    Parameters
    ----------
    because : str
        In words.
    functions : str
        Glob over ``module.function``.
    change : str
        Regular expression that the line put in place, or the line taken away, must match.
    """

    because: str
    functions: str
    change: str

    def fits(self, survivor: Survivor) -> bool:
        """Tell whether it explains a survivor."""
        return fnmatchcase(survivor.function, self.functions) and bool(
            re.search(self.change, survivor.added) or re.search(self.change, survivor.removed)
        )


def reasons(path: Path = REASONS) -> tuple[Reason, ...]:
    """Read the reasons; the first that fits a survivor is its own."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Reason(each["because"], where["functions"], where["change"])
        for each in document["reasons"]
        for where in each["where"]
    )


def unexplained(survivors: Sequence[Survivor], known: Sequence[Reason]) -> list[Survivor]:
    """List the survivors that no reason fits."""
    return [each for each in survivors if not any(reason.fits(each) for reason in known)]


def page(
    codes: Mapping[str, Sequence[int | None]],
    survivors: Sequence[Survivor],
    known: Sequence[Reason],
    note: str = "",
) -> str:
    """Compose the page.

    Parameters
    ----------
    codes : mapping of str to sequence of int or None
        Exit codes of the mutants of each module, as mutmut keeps them.
    survivors : sequence of Survivor
        Those that no test noticed.
    known : sequence of Reason
        As `reasons` returns them.
    note : str
        Said above the figures.
    """
    rows = [_row(module, found) for module, found in sorted(codes.items())]
    rows.append(_row("all", [code for found in codes.values() for code in found]))
    table = _COLUMNS + _RULER + "".join(rows)
    listed = _listed(survivors, known)
    said = [f"{note}\n"] if note else []
    return "\n".join([_HEAD, "## Result\n", *said, table, "## Survivors\n", *listed])


def _row(module: str, codes: Sequence[int | None]) -> str:
    tried = [code for code in codes if code is not None]
    killed = sum(code in _KILLED for code in tried)
    hung = sum(code in _TIMED_OUT for code in tried)
    share = f"{(killed + hung) / len(tried):.1%}" if tried else "-"
    figures = (len(codes), len(tried), killed, hung, len(tried) - killed - hung, share)
    return f"| {module} | {' | '.join(map(str, figures))} |\n"


def _listed(survivors: Sequence[Survivor], known: Sequence[Reason]) -> Iterator[str]:
    """List the survivors under their reasons."""
    of: dict[str, list[Survivor]] = {reason.because: [] for reason in known}
    for survivor in survivors:
        fitting = next(
            (reason.because for reason in known if reason.fits(survivor)), "No reason yet."
        )
        of.setdefault(fitting, []).append(survivor)
    for because, explained in of.items():
        if not explained:
            continue
        yield f"**{because}**\n"
        for each in explained:
            yield f"- `{each.function}`: `{_quoted(each.removed)}` becomes `{_quoted(each.added)}`"
        yield ""


def _quoted(line: str) -> str:
    """Keep a line of code on one line of the page."""
    return re.sub(r"\s+", " ", line).strip().replace("`", "'") or "(nothing)"


def _recorded(source: str) -> tuple[dict[str, list[int | None]], list[Survivor]]:
    """Read a run from ``mutants/`` beneath the working directory."""
    from mutmut.mutation.data import SourceFileMutationData  # noqa: PLC0415  # an extra of its own
    from mutmut.mutation.diff_apply import get_diff_for_mutant  # noqa: PLC0415

    codes: dict[str, list[int | None]] = {}
    survivors = []
    for meta in sorted(Path("mutants", source).rglob("*.py.meta")):
        path = meta.relative_to("mutants").with_suffix("")
        data = SourceFileMutationData(path=path)
        data.load()
        if not data.exit_code_by_key:
            continue
        module = path.relative_to(source).with_suffix("").as_posix().replace("/", ".")
        codes[module] = list(data.exit_code_by_key.values())
        for name, code in data.exit_code_by_key.items():
            if code is not None and code not in _KILLED | _TIMED_OUT:
                survivors.append(_survivor(module, name, get_diff_for_mutant(name, path=path)))
    return codes, survivors


def _survivor(module: str, name: str, diff: str) -> Survivor:
    """Read a survivor from its name and its diff."""
    function = name.rpartition(".")[2].partition("__mutmut_")[0]
    function = function.removeprefix("xǁ").removeprefix("x_").replace("ǁ", ".")
    lines = diff.splitlines()[2:]
    taken, put = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )
    return Survivor(f"{module.rpartition('.')[2]}.{function}", taken, put)


def main(arguments: Sequence[str]) -> int:
    """Write the page; 1 when the score is too low or a survivor has no reason."""
    if len(arguments) not in {1, 2}:
        sys.stderr.write("usage: python -m tests.mutation.report PAGE.md [NOTE]\n")
        return 2
    codes, survivors = _recorded("src/unarmed_router")
    known = reasons()
    Path(arguments[0]).write_text(page(codes, survivors, known, *arguments[1:]), encoding="utf-8")
    every: list[Any] = [code for found in codes.values() for code in found]
    tried = len(every) - every.count(None)
    score = 1 - len(survivors) / max(1, tried)
    missing = unexplained(survivors, known)
    for each in missing:
        sys.stderr.write(f"no reason: {each.function}\n  - {each.removed}\n  + {each.added}\n")
    sys.stderr.write(f"{tried} of {len(every)} mutants tried, score {score:.1%}\n")
    return int(score < LEAST or bool(missing) or tried < len(every))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
