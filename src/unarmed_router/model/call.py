"""A call for service and what its caller has said."""

from __future__ import annotations

import re
from collections.abc import ItemsView, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from unarmed_router.errors import InputError
from unarmed_router.model.canonical import to_json
from unarmed_router.model.location import check_lonlat
from unarmed_router.model.uncertainty import Uncertainty

__all__ = [
    "CALL_ID",
    "CODE",
    "WORD",
    "Answer",
    "Call",
    "Facts",
    "as_text",
    "in_utc",
    "microseconds",
]

CALL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")
CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _.:/&()-]{0,62}[A-Za-z0-9_.:/&()-])?")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_A_DAY = 86_400
_FIRST_YEAR, _LAST_YEAR = 2, 9998


class Answer(StrEnum):
    """Three-valued answer to a triage question; unknown is never taken for no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Facts(Mapping[str, Answer]):
    """Immutable, hashable answers by the name of the fact, in name order.

    Parameters
    ----------
    answers : mapping of str to Answer or str
        ``"yes"``, ``"no"`` or ``"unknown"``; a fact that is absent is unknown.

    Raises
    ------
    InputError
        A name is not a word, or an answer is none of the three.
    """

    __slots__ = ("_answers", "_hash")

    def __init__(self, answers: Mapping[str, Answer | str] | None = None) -> None:
        given = {} if answers is None else answers
        if not isinstance(given, Mapping):
            raise InputError(f"facts must be a mapping of names to answers; got {given!r:.80}")
        names = list(given)
        if not all(isinstance(name, str) for name in names):
            raise InputError(f"fact names must be text; got {names!r:.80}")
        self._keep({as_text(name): _answer(name, given[name]) for name in sorted(given)})

    def _keep(self, answers: dict[str, Answer]) -> None:
        self._answers = answers
        self._hash = hash(tuple(answers.items()))  # calls are looked up by their facts

    def __getitem__(self, name: str) -> Answer:
        return self._answers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)

    def items(self) -> ItemsView[str, Answer]:
        """Return the answers with their facts; a mapping's own view would look each up again."""
        return self._answers.items()

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[Facts], tuple[dict[str, Answer]]]:
        return Facts, (self._answers,)  # a hash holds for one process only

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Facts):
            return self._answers == other._answers
        return isinstance(other, Mapping) and self._answers == dict(other)

    def __repr__(self) -> str:
        return f"Facts({ {name: str(answer) for name, answer in self.items()} })"

    def plus(self, others: Mapping[str, Answer]) -> Facts:
        """Return these answers, those of `others` taking their place."""
        if not others:
            return self
        if not isinstance(others, Facts):
            others = Facts(others)
        if not self._answers:
            return others
        merged = self._answers | dict(others.items())  # checked when they were made
        if len(merged) > len(self._answers):  # else the names are those in order already
            merged = dict(sorted(merged.items()))
        both = object.__new__(Facts)
        both._keep(merged)
        return both

    def answer(self, name: str) -> Answer:
        """Answer to a fact; unknown when nobody asked."""
        return self._answers.get(name, Answer.UNKNOWN)


def as_text(text: str) -> str:
    """Return text of any subclass, such as numpy's or an enumeration's, as text and no more.

    A subclass may write itself otherwise: what is decided of a call, and where it is kept, would
    then depend on it.
    """
    return text if type(text) is str else str.__str__(text)


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    """Tell whether a value, of whatever type it came, is a string of that form."""
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _answer(name: str, given: Answer | str) -> Answer:
    if not _matches(WORD, name):
        raise InputError(
            f"fact name {name!r:.80} is not a word of letters, digits, '_', '.' and '-'"
        )
    try:
        return Answer(given)
    except ValueError:
        raise InputError(
            f"fact {name} is {given!r:.80}; it must be one of 'yes', 'no', 'unknown'"
        ) from None


if TYPE_CHECKING:
    Answers = Mapping[str, Answer | str]
else:  # callers may write words; those who read a call, such as its JSON Schema, find answers
    Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call for service; holds no name, phone number or free text.

    Parameters
    ----------
    call_id : str
        The CAD's identifier: up to 64 letters, digits and ``. _ : / -``.
    lon, lat : float
        WGS 84 degrees.
    call_type : str
        A call type of the policy, such as ``"welfare_check"``, or a code that the policy's table
        reads, such as ``"918M"``: up to 64 letters, digits, spaces and ``_ . : / & ( ) -``.
    received_at : datetime
        When the call was received; timezone-aware, kept in UTC. The first and the last year of the
        calendar are refused: so a missing time looks.
    facts : mapping of str to Answer or str
        Answers to the policy's triage questions; a missing one is unknown.
    needs : tuple of str
        Capabilities the team must have, such as ``"spanish"``.
    prefers : tuple of str
        Capabilities it had better have; the policy says what one of them is worth.
    excludes : tuple of str
        Ids of teams that must not be sent, such as one that has given the call back.
    codes : tuple of str
        Further call-type codes on the same call, of the same form as `call_type`.
    uncertainty : Circle, Ellipse, Area or None
        How far off the position may be; None takes it for the place itself.

    Raises
    ------
    CoordinateError, InputError
        A value breaks the rule above.
    """

    call_id: str
    lon: float
    lat: float
    call_type: str
    received_at: datetime
    facts: Answers = field(default_factory=Facts)
    needs: tuple[str, ...] = ()
    prefers: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    uncertainty: Uncertainty | None = None

    def __post_init__(self) -> None:
        if not _matches(CALL_ID, self.call_id):
            hint = "; give it as text" if _matches(CALL_ID, str(self.call_id)) else ""
            raise InputError(
                f"call_id {self.call_id!r:.80} must be 1 to 64 letters, digits or '. _ : / -', "
                f"starting with a letter or digit{hint}"
            )
        object.__setattr__(self, "call_id", as_text(self.call_id))
        check_lonlat(lon=self.lon, lat=self.lat)
        # Equal calls are written alike, and so have one digest: there is one zero.
        object.__setattr__(self, "lon", float(self.lon) + 0.0)
        object.__setattr__(self, "lat", float(self.lat) + 0.0)
        _check_code("call_type", self.call_type)
        object.__setattr__(self, "call_type", as_text(self.call_type))
        # An empty list is no tuple: calls are looked up by what they hold, which a list cannot be.
        if type(self.codes) is not tuple or self.codes:
            if not isinstance(self.codes, tuple | list):
                raise InputError(
                    f"codes must be a sequence of call-type codes; got {self.codes!r:.80}"
                )
            for code in self.codes:
                _check_code("code", code)
            object.__setattr__(self, "codes", tuple(map(as_text, self.codes)))
        received_at = in_utc(self.received_at, "received_at")
        if not _FIRST_YEAR <= received_at.year <= _LAST_YEAR:
            raise InputError(
                f"received_at {received_at.isoformat()} is at the end of the calendar, which is "
                "how a missing time looks; give the time of receipt"
            )
        object.__setattr__(self, "received_at", received_at)
        if not isinstance(self.facts, Facts):
            object.__setattr__(self, "facts", Facts(self.facts))
        if type(self.needs) is not tuple or self.needs:
            object.__setattr__(self, "needs", _checked_needs("needs", self.needs))
        if type(self.prefers) is not tuple or self.prefers:
            object.__setattr__(self, "prefers", _checked_needs("prefers", self.prefers))
        if type(self.excludes) is not tuple or self.excludes:
            object.__setattr__(self, "excludes", _checked_teams(self.excludes))

        if self.uncertainty is not None and not isinstance(self.uncertainty, Uncertainty):
            raise InputError(
                f"uncertainty must be a Circle, an Ellipse or an Area; got {self.uncertainty!r:.80}"
            )

    def to_json(self) -> str:
        """Return canonical JSON; `unarmed_router.interop.json_codec.call_from_json` reads it."""
        return to_json(self)

    def answer(self, fact: str) -> Answer:
        """Answer to a fact; unknown when nobody asked."""
        facts: Facts = self.facts  # type: ignore[assignment]  # made so above
        return facts.answer(fact)


def in_utc(instant: datetime, what: str) -> datetime:
    """Return an instant in UTC, or refuse it when it has no time zone.

    Instants are kept in UTC because Python subtracts two times of one zone by their wall clocks,
    which is an hour wrong across a daylight-saving change.

    Parameters
    ----------
    instant : datetime
        Timezone-aware.
    what : str
        What it is, for the message.

    Raises
    ------
    InputError
        `instant` is no datetime, or a naive one.
    """
    if type(instant) is datetime and instant.tzinfo is UTC:
        return instant  # as clocks and calls give it
    if not isinstance(instant, datetime):
        raise InputError(f"{what} must be a datetime; got {instant!r:.80}")
    try:
        if instant.utcoffset() is None:
            raise InputError(
                f"{what} {instant.isoformat()} has no time zone; give an offset, as in "
                "2026-11-22T18:30:00-08:00"
            )
        utc = instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:  # pandas' NaT, or the ends of the calendar
        if isinstance(error, InputError):
            raise
        raise InputError(f"{what} {instant} is no instant: {error}") from None
    if type(utc) is datetime:
        return utc
    # A subclass may carry more than a datetime holds, such as pandas' nanoseconds.
    return datetime.combine(utc.date(), utc.time(), UTC)


def _check_code(what: str, code: Any) -> None:
    if not _matches(CODE, code):
        raise InputError(
            f"{what} {code!r:.80} must be 1 to 64 letters, digits, spaces or '_ . : / & ( ) -', "
            "starting with a letter or digit"
        )


def _checked_teams(excludes: Any) -> tuple[str, ...]:
    if not isinstance(excludes, tuple | list | set | frozenset):
        raise InputError(f"excludes must be a sequence of team ids; got {excludes!r:.80}")
    for team_id in excludes:
        if not _matches(CALL_ID, team_id):
            raise InputError(
                f"team id {team_id!r:.80} in excludes must be 1 to 64 letters, digits or "
                "'. _ : / -'"
            )
    return tuple(sorted(set(map(as_text, excludes))))


def _checked_needs(what: str, needs: Any) -> tuple[str, ...]:
    if not isinstance(needs, tuple | list | set | frozenset):
        raise InputError(f"{what} must be a sequence of capabilities; got {needs!r:.80}")
    for need in needs:
        if not _matches(WORD, need):
            raise InputError(
                f"capability {need!r:.80} is not a word of letters, digits, '_', '.', '-'"
            )
    return tuple(sorted(set(map(as_text, needs))))


def microseconds(at: datetime) -> int:
    """Return an instant in UTC as whole microseconds since 1970."""
    since = at - _EPOCH  # from its parts, which is quicker than a division
    return (since.days * _SECONDS_A_DAY + since.seconds) * 1_000_000 + since.microseconds
