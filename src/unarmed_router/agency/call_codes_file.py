"""Call-code files: read, cross-checked as a whole, turned into a `CodeTable`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from unarmed_router.agency.call_codes_schema import CallCodesDocument
from unarmed_router.agency.toml_file import read_toml, validated
from unarmed_router.errors import ConfigurationError
from unarmed_router.model.call_code import BaseCode, CodeKind, CodeList, CodeSuffix, UnmappedCode
from unarmed_router.model.call_code_grammar import split_suffixes
from unarmed_router.model.call_code_table import CodeTable

__all__ = ["load_call_codes"]


def load_call_codes(
    path: Path | str, *, call_types: Collection[str], facts: Collection[str]
) -> CodeTable:
    """Read a call-code file.

    Parameters
    ----------
    path : path-like
        A TOML file; ``docs/call-codes.md`` describes it.
    call_types : collection of str
        The policy's call types; a code must not name another.
    facts : collection of str
        Facts that a code may answer with yes. Leave out a fact whose no is the dangerous answer.

    Returns
    -------
    CodeTable

    Raises
    ------
    ConfigurationError
        Lists every fault: broken TOML, wrong types, unknown call types and facts, codes and tokens
        given twice, codes and tokens that can be read in two ways, a token that hides a danger.
    """
    document, digest = read_toml(Path(path))
    entry = validated(CallCodesDocument, document, str(path))
    lists = _lists(entry)
    faults = [*_names(entry, call_types, facts), *_twice(lists), *_ambiguous(lists)]
    if faults:
        raise ConfigurationError(str(path), faults)
    return CodeTable(entry.id, lists, tuple(each.id for each in entry.call_types), digest)


def _lists(entry: CallCodesDocument) -> tuple[CodeList, ...]:
    """Turn the lists into the model's; whatever is wrong with them is listed by the caller."""
    kinds = {each.id: CodeKind(each.kind) for each in entry.call_types}
    return tuple(
        CodeList(
            each.id,
            each.name,
            tuple(
                BaseCode(
                    code.upper(),
                    line.call_type,
                    kinds.get(line.call_type, CodeKind.SERVICE),
                    frozenset(line.facts),
                    line.means,
                )
                for line in each.codes
                for code in line.codes
            ),
            tuple(
                CodeSuffix(
                    line.token,
                    frozenset(line.facts),
                    frozenset(base.upper() for base in line.after or ()),
                    line.means,
                )
                for line in each.suffixes
            ),
            tuple(
                UnmappedCode(code.upper(), line.because)
                for line in each.unmapped
                for code in line.codes
            ),
        )
        for each in entry.lists
    )


def _names(
    entry: CallCodesDocument, call_types: Collection[str], facts: Collection[str]
) -> Iterator[str]:
    """List names that refer to nothing, and call types that stand in the wrong order."""
    own = [each.id for each in entry.call_types]
    yield from _repeated("call_types", own)
    yield from _repeated("lists", [each.id for each in entry.lists])
    service = False
    for kind in entry.call_types:
        if kind.id not in call_types:
            known = _all(call_types)
            yield f"call_types.{kind.id}: the policy has no such call type; it has {known}"
        if kind.kind == "crime" and service:
            yield (
                f"call_types.{kind.id}: a crime stands after a service; move it up, because of "
                "several codes the first call type wins"
            )
        service = service or kind.kind == "service"
    for each in entry.lists:
        for code in each.codes:
            path = f"lists.{each.id}.codes.{code.codes[0]}"
            if code.call_type not in own:
                yield (
                    f"{path}.call_type: {code.call_type!r} is not in call_types; add it there or "
                    f"use one of {_all(own)}"
                )
            yield from _unknown_facts(path, code.facts, facts)
        bases = {code.upper() for line in each.codes for code in line.codes}
        for suffix in each.suffixes:
            path = f"lists.{each.id}.suffixes.{suffix.token}"
            yield from _unknown_facts(path, suffix.facts, facts)
            for base in suffix.after or ():
                if base.upper() not in bases:
                    yield f"{path}.after: {base!r} is no code of this list; add it or leave it out"


def _twice(lists: Iterable[CodeList]) -> Iterator[str]:
    """List codes and tokens that are given two meanings."""
    first: dict[str, tuple[CodeList, BaseCode | UnmappedCode]] = {}
    for each in lists:
        path = f"lists.{each.list_id}"
        entries: list[BaseCode | UnmappedCode] = [*each.bases, *each.unmapped]
        yield from _repeated(f"{path}.codes", [entry.code for entry in entries], "code")
        general = [suffix.token for suffix in each.suffixes if not suffix.after]
        yield from _repeated(f"{path}.suffixes", general, "token")
        special = [
            f"{suffix.token} after {base}" for suffix in each.suffixes for base in suffix.after
        ]
        yield from _repeated(f"{path}.suffixes", special, "token")
        for entry in entries:
            other, there = first.setdefault(entry.code, (each, entry))
            if other is not each and (
                other.suffixes or each.suffixes or _meaning(there) != _meaning(entry)
            ):
                yield (
                    f"{path}.codes.{entry.code}: list {other.list_id} has it too; the two must "
                    "mean the same and take no suffixes, so leave one of them out"
                )


def _ambiguous(lists: Iterable[CodeList]) -> Iterator[str]:
    """List what could be read in two ways, and tokens that hide a danger."""
    tokens = {
        (each.list_id, base.code): each.tokens_after(base.code)
        for each in lists
        for base in each.bases
    }
    for each in lists:
        general = {suffix.token: suffix.facts for suffix in each.suffixes if not suffix.after}
        for suffix in each.suffixes:
            hidden = general.get(suffix.token, frozenset())
            if suffix.after and hidden and not suffix.facts:
                yield (
                    f"lists.{each.list_id}.suffixes.{suffix.token}: after {_all(suffix.after)} it "
                    f"has no fact, but elsewhere it means {_all(hidden)}; it may mean another "
                    "danger there, never none"
                )
        composed: dict[str, str] = {}
        for base in each.bases:
            after = tokens[each.list_id, base.code]
            for token, meaning in after.items():
                others = {key: value for key, value in after.items() if key != token}
                split = split_suffixes(token, others)
                if split and split[1] != meaning.facts:
                    composed.setdefault(token, f"after {base.code} it is also {_plus(split[0])}")
        for token, also in composed.items():
            yield (
                f"lists.{each.list_id}.suffixes.{token}: {also}, which means other facts; give "
                "both the same facts, or leave one of them out"
            )
        for base in each.bases:
            yield from _shorter(each, base, tokens)


def _shorter(
    own: CodeList, base: BaseCode, tokens: dict[tuple[str, str], dict[str, CodeSuffix]]
) -> Iterator[str]:
    """List the shorter codes that could read a whole code with their suffixes."""
    for (list_id, code), after in tokens.items():
        if base.code == code or not base.code.startswith(code):
            continue
        split = split_suffixes(base.code[len(code) :], after)
        if split:
            yield (
                f"lists.{own.list_id}.codes.{base.code}: it is also {code} with "
                f"{_plus(split[0])} of list {list_id}; leave it out, or give the token its own "
                f'meaning with after = ["{code}"]'
            )


def _meaning(entry: BaseCode | UnmappedCode) -> tuple[str, frozenset[str]] | None:
    return (entry.call_type, entry.facts) if isinstance(entry, BaseCode) else None


def _unknown_facts(path: str, given: Iterable[str], known: Collection[str]) -> Iterator[str]:
    for fact in given:
        if fact not in known:
            yield f"{path}.facts: {fact!r} is no fact a code may answer; known: {_all(known)}"


def _repeated(path: str, names: Iterable[str], what: str = "id") -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{path}: {what} {name!r} is given twice; keep one"


def _all(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _plus(tokens: Iterable[str]) -> str:
    return " + ".join(tokens)
