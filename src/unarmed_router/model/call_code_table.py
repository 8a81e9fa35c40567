"""Tables of call-type codes: what a CAD's code says of a call, by data.

The longest base that begins the code decides the kind of call. The rest must split completely into
tokens. Whatever is left over makes the code unknown: a code is never guessed, not even by how it
begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer, Facts
from unarmed_router.model.call_code import (
    BaseCode,
    CodeKind,
    CodeList,
    CodeSuffix,
    ReadCode,
    ReadCodes,
    UnmappedCode,
    clean_code,
)
from unarmed_router.model.call_code_grammar import split_suffixes

__all__ = ["CodeTable"]

_NO_FACTS = Facts()

_SHOWN_CODE = 40

_REMEMBERED = 4096
"""Readings that are kept, of codes and of codes together; beyond them the table starts anew."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A code of the table, ready to be looked up."""

    list_id: str
    base: BaseCode | None
    because: str
    tokens: Mapping[str, CodeSuffix]


@dataclass(frozen=True, slots=True)
class CodeTable:
    """Every list of codes an agency reads; immutable.

    Parameters
    ----------
    table_id : str
        Name of this table and version.
    lists : tuple of CodeList
        A code that stands in several lists must mean the same in each.
    precedence : tuple of str
        The call types, gravest first: of several codes on one call the first one here wins.
    digest : str
        SHA-256 of the source file.

    Raises
    ------
    InputError
        Codes or tokens given twice, or a call type that precedence leaves out.
    """

    table_id: str
    lists: tuple[CodeList, ...]
    precedence: tuple[str, ...]
    digest: str = ""
    _known: Mapping[str, _Known] = field(init=False, compare=False, repr=False)
    _longest: int = field(init=False, compare=False, repr=False)
    _readings: dict[str, tuple[ReadCode | None]] = field(init=False, compare=False, repr=False)
    _together: dict[tuple[str, ...], ReadCodes] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        known: dict[str, _Known] = {}
        for each in self.lists:
            _check_once(each)
            entries: list[tuple[str, BaseCode | None, str]] = [
                *((base.code, base, "") for base in each.bases),
                *((left.code, None, left.because) for left in each.unmapped),
            ]
            for code, base, because in entries:
                if base is not None and base.call_type not in self.precedence:
                    raise InputError(
                        f"code {code}: precedence does not name its call type {base.call_type!r}"
                    )
                found = _Known(each.list_id, base, because, each.tokens_after(code))
                _check_same(code, known.setdefault(code, found), found)
        object.__setattr__(self, "_known", known)
        object.__setattr__(self, "_longest", max(map(len, known), default=0))
        object.__setattr__(self, "_readings", {})
        object.__setattr__(self, "_together", {})

    def read(self, code: str) -> ReadCode | None:
        """Read one code; what it says is remembered.

        Parameters
        ----------
        code : str
            As the CAD gives it; case and surrounding spaces do not matter.

        Returns
        -------
        ReadCode or None
            None when the code is unknown or left out on purpose, when something is left over after
            its longest base and tokens, or when a shorter base would read all of it as another
            kind of call.

        Raises
        ------
        InputError
            The code is no text.
        """
        text = clean_code(code)
        if text is None:
            return None
        remembered = self._readings.get(text)
        if remembered is None:
            if len(self._readings) >= _REMEMBERED:
                self._readings.clear()
            remembered = self._readings[text] = (self._read(text),)
        return remembered[0]

    def _read(self, text: str) -> ReadCode | None:
        """Read a code that is clean."""
        found = [self._split(text, base) for base in self._bases_of(text)]
        if not found or found[0] is None:
            return None
        base, tokens, _ = found[0]
        for each in found[1:]:
            if each and (each[0].call_type, each[0].kind) != (base.call_type, base.kind):
                return None
        facts = _yes(fact for each in found if each for fact in each[2])
        list_id = self._known[base.code].list_id
        return ReadCode(text, base.call_type, base.kind, facts, list_id, base.code, tokens)

    def read_all(self, codes: Iterable[str]) -> ReadCodes:
        """Read every code of one call; what they say together is remembered.

        Parameters
        ----------
        codes : iterable of str
            At least one; their order and repetitions do not matter.

        Returns
        -------
        ReadCodes
            One unknown code makes the kind of call unknown; the dangers of the others still count.

        Raises
        ------
        InputError
            No code is given, or one is no text.
        """
        given = (codes,) if isinstance(codes, str) else tuple(codes)
        if not given:
            raise InputError("a call needs at least one code to be read; got none")
        try:
            together = self._together.get(given)
        except TypeError:
            together = None  # one of them is no text, and reading it says so
        if together is None:
            together = self._read_all(given)
            if not together.unknown:  # what is unknown may be of any length
                if len(self._together) >= _REMEMBERED:
                    self._together.clear()
                self._together[given] = together
        return together

    def _read_all(self, given: tuple[str, ...]) -> ReadCodes:
        """Read codes that were not read together before."""
        readings: dict[str, ReadCode] = {}
        unknown: set[str] = set()
        for code in given:
            reading = self.read(code)
            if reading is None:
                unknown.add(_shown(code))
            else:
                readings[reading.code] = reading
        ordered = tuple(readings[code] for code in sorted(readings))
        facts = _NO_FACTS
        for reading in ordered:
            facts = facts.plus(reading.facts)
        decisive = None if unknown else min(ordered, key=self._rank)
        return ReadCodes(decisive, ordered, tuple(sorted(unknown)), facts)

    def why_unknown(self, code: str) -> str:
        """Say in one sentence why `read` returns None for a code, and name the code."""
        name = f"code {_shown(code)!r}"
        text = clean_code(code)
        bases = self._bases_of(text) if text else []
        if not text or not bases:
            return f"{name} is in no list of table {self.table_id}"
        known = self._known[bases[0]]
        if known.base is None:
            return f"{name} is left out of table {self.table_id} on purpose: {known.because}"
        if self._split(text, bases[0]) is None:
            rest = text[len(bases[0]) :]
            return f"{name}: after {bases[0]} table {self.table_id} cannot read all of {rest!r}"
        return f"{name} can be read as more than one kind of call"

    def _bases_of(self, text: str) -> list[str]:
        """List the codes of the table that begin a text, longest first."""
        lengths = range(min(len(text), self._longest), 0, -1)
        return [text[:length] for length in lengths if text[:length] in self._known]

    def _split(
        self, text: str, begin: str
    ) -> tuple[BaseCode, tuple[str, ...], frozenset[str]] | None:
        """Read a text with one of its bases, whichever else there are."""
        known = self._known[begin]
        split = split_suffixes(text[len(begin) :], known.tokens)
        if known.base is None or split is None:
            return None
        return known.base, split[0], known.base.facts | split[1]

    def _rank(self, reading: ReadCode) -> tuple[bool, int, str]:
        return (
            reading.kind is not CodeKind.CRIME,
            self.precedence.index(reading.call_type),
            reading.code,
        )


def _yes(facts: Iterable[str]) -> Facts:
    return Facts(dict.fromkeys(facts, Answer.YES))


def _shown(code: str) -> str:
    """Name a code in a message: a CAD may put anything into the field."""
    text = clean_code(code) or "".join(
        each if each.isprintable() else "?" for each in code.strip()[: _SHOWN_CODE + 1]
    )
    return text if len(text) <= _SHOWN_CODE else text[: _SHOWN_CODE - 3] + "..."


def _check_once(codes: CodeList) -> None:
    """Refuse a list in which a code, or a token after one base, has two meanings."""
    entries: list[BaseCode | UnmappedCode] = [*codes.bases, *codes.unmapped]
    seen = Counter(("code", each.code, "") for each in entries)
    seen.update(
        ("token", each.token, base) for each in codes.suffixes for base in each.after or {""}
    )
    for (what, name, _), times in seen.items():
        if times > 1:
            raise InputError(f"list {codes.list_id}: {what} {name} is given twice")


def _check_same(code: str, first: _Known, second: _Known) -> None:
    """Refuse a code that two lists read differently."""
    if first is second:
        return
    one, other = first.base, second.base
    same = (
        one is not None
        and other is not None
        and (one.call_type, one.kind, one.facts) == (other.call_type, other.kind, other.facts)
    )
    if not same or first.tokens or second.tokens:
        raise InputError(
            f"code {code} stands in the lists {first.list_id} and {second.list_id}; it must mean "
            "the same in both and take no suffixes"
        )
