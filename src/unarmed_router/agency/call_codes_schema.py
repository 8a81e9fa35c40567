"""What a call-code file may hold; `unarmed_router.agency.call_codes_file` makes it a table."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from unarmed_router.agency.toml_file import SchemaVersion, Strict, Word

__all__ = [
    "CallCodesDocument",
    "CodeEntry",
    "CodedCallTypeEntry",
    "ListEntry",
    "SuffixEntry",
    "UnmappedEntry",
]

Text = Annotated[str, Field(min_length=1, max_length=500)]
# Printable ASCII, no space at either end: what `clean_code` lets through.
Code = Annotated[str, Field(pattern=r"^[!-~]([ -~]{0,78}[!-~])?$")]
Token = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,8}$")]


class CodedCallTypeEntry(Strict):
    """A call type of the policy that codes may name."""

    id: Word
    kind: Literal["crime", "service"]


class CodeEntry(Strict):
    """Codes with one meaning; facts are answered with yes, never with no."""

    codes: Annotated[list[Code], Field(min_length=1)]
    means: Text
    call_type: Word
    facts: list[Word] = Field(default_factory=list)
    source: Text


class SuffixEntry(Strict):
    """A token that follows a base; with `after`, its meaning after those bases only."""

    token: Token
    means: Text
    facts: list[Word] = Field(default_factory=list)
    after: Annotated[list[Code], Field(min_length=1)] | None = None
    source: Text


class UnmappedEntry(Strict):
    """Codes that no call type fits; they stay unknown."""

    codes: Annotated[list[Code], Field(min_length=1)]
    because: Text
    source: Text


class ListEntry(Strict):
    """One vocabulary of codes."""

    id: Word
    name: Text
    codes: Annotated[list[CodeEntry], Field(min_length=1)]
    suffixes: list[SuffixEntry] = Field(default_factory=list)
    unmapped: list[UnmappedEntry] = Field(default_factory=list)


class CallCodesDocument(Strict):
    """A whole call-code file; call types stand in order of precedence, gravest first."""

    schema_version: SchemaVersion
    id: Word
    call_types: Annotated[list[CodedCallTypeEntry], Field(min_length=1)]
    lists: Annotated[list[ListEntry], Field(min_length=1)]
