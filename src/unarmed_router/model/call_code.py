"""Call-type codes: the parts of a table of them, and what reading one says.

A code is a base and the suffix tokens of its list: 415M3 is the base 415, M and 3. A code can only
add danger. A base or token names facts it answers with yes; there is no way to write a no.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from unarmed_router.errors import InputError
from unarmed_router.model.call import Facts

__all__ = [
    "BaseCode",
    "CodeKind",
    "CodeList",
    "CodeSuffix",
    "ReadCode",
    "ReadCodes",
    "UnmappedCode",
    "clean_code",
]

_LONGEST_CODE = 80


class CodeKind(StrEnum):
    """Whether a code reports a crime; a crime takes precedence over everything else."""

    CRIME = "crime"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class BaseCode:
    """A code that means something by itself.

    Parameters
    ----------
    code : str
        Upper case, without spaces around it.
    call_type : str
        Call type of the policy.
    kind : CodeKind
        Whether it reports a crime.
    facts : frozenset of str
        Facts it answers with yes.
    name : str
        What it means, for people.

    Raises
    ------
    InputError
        The code is not as `clean_code` returns it.
    """

    code: str
    call_type: str
    kind: CodeKind
    facts: frozenset[str] = frozenset()
    name: str = ""

    def __post_init__(self) -> None:
        _check_clean(self.code)


@dataclass(frozen=True, slots=True)
class CodeSuffix:
    """A token that may follow the bases of its list.

    Parameters
    ----------
    token : str
        Upper case.
    facts : frozenset of str
        Facts it answers with yes.
    after : frozenset of str
        Bases after which it has this meaning, in place of its general one; empty is after all.
    name : str
        What it means, for people.

    Raises
    ------
    InputError
        The token is not as `clean_code` returns it.
    """

    token: str
    facts: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    name: str = ""

    def __post_init__(self) -> None:
        _check_clean(self.token)


@dataclass(frozen=True, slots=True)
class UnmappedCode:
    """A code left out on purpose: it stays unknown, and says why.

    Parameters
    ----------
    code : str
        Upper case; what follows it is unknown too, unless a longer base reads it.
    because : str
        Why no call type fits.

    Raises
    ------
    InputError
        The code is not as `clean_code` returns it.
    """

    code: str
    because: str

    def __post_init__(self) -> None:
        _check_clean(self.code)


@dataclass(frozen=True, slots=True)
class CodeList:
    """One vocabulary of codes; suffixes follow the bases of their own list only.

    Parameters
    ----------
    list_id, name : str
        Id, and name for people.
    bases : tuple of BaseCode
        Each code once.
    suffixes : tuple of CodeSuffix
        Empty where codes are whole words.
    unmapped : tuple of UnmappedCode
        Codes left out on purpose.
    """

    list_id: str
    name: str
    bases: tuple[BaseCode, ...]
    suffixes: tuple[CodeSuffix, ...] = ()
    unmapped: tuple[UnmappedCode, ...] = ()

    def tokens_after(self, code: str) -> dict[str, CodeSuffix]:
        """Return the meaning of each token after a base, longest token first."""
        tokens = {each.token: each for each in self.suffixes if not each.after}
        tokens |= {each.token: each for each in self.suffixes if code in each.after}
        return dict(sorted(tokens.items(), key=lambda item: (-len(item[0]), item[0])))


@dataclass(frozen=True, slots=True)
class ReadCode:
    """What one code says.

    Parameters
    ----------
    code : str
        As `clean_code` returns it.
    call_type : str
        Call type of the policy.
    kind : CodeKind
        Whether it reports a crime.
    facts : Facts
        Facts it answers, each with yes.
    list_id, base : str
        The list and the base that read it.
    tokens : tuple of str
        Its suffix tokens in order, the longest at each place.
    """

    code: str
    call_type: str
    kind: CodeKind
    facts: Facts
    list_id: str
    base: str
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadCodes:
    """What all codes of one call say together; the order they were given in does not matter.

    Parameters
    ----------
    decisive : ReadCode or None
        The code that names the call type: a crime before anything else, then the table's
        precedence. None when some code is unknown.
    readings : tuple of ReadCode
        Every code that could be read, in order of code.
    unknown : tuple of str
        Every code that could not, cut to 40 characters.
    facts : Facts
        Facts that some reading answers with yes, also when another code is unknown.
    """

    decisive: ReadCode | None
    readings: tuple[ReadCode, ...]
    unknown: tuple[str, ...]
    facts: Facts

    @property
    def call_type(self) -> str | None:
        """Call type of the policy; None when some code is unknown."""
        return None if self.decisive is None else self.decisive.call_type


def clean_code(code: str) -> str | None:
    """Return a code in upper case without spaces around it, or None when it cannot be a code.

    A code is 1 to 80 printable ASCII characters. Other letters are not folded: some of them turn
    into ASCII ones in upper case, and that would be a guess.

    Raises
    ------
    InputError
        It is no text.
    """
    if not isinstance(code, str):
        raise InputError(f"a call-type code must be text; got {code!r}")
    text = code.strip()
    if 0 < len(text) <= _LONGEST_CODE and text.isascii() and text.isprintable():
        return text.upper()
    return None


def _check_clean(code: str) -> None:
    if clean_code(code) != code:
        raise InputError(
            f"code or token {code!r} must be 1 to {_LONGEST_CODE} printable ASCII characters in "
            "upper case, without spaces around it"
        )
