"""JSON read strictly: what two readers could take for different things is refused."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, get_args

from pydantic import ValidationError

from unarmed_router.errors import InputError
from unarmed_router.fault_words import fault_words
from unarmed_router.model.uncertainty import Uncertainty

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

__all__ = ["listed_faults", "read_as", "refuse_ambiguous"]

_SHOWN_FAULTS = 8

_FIELD = "uncertainty"
_REGIONS = frozenset(kind.__name__ for kind in get_args(Uncertainty))


def refuse_ambiguous(what: str, text: str | bytes) -> Any:
    """Refuse what JSON readers disagree on: duplicate keys, NaN and Infinity.

    Parameters
    ----------
    what : str
        What the text should be, for the message.
    text : str or bytes
        JSON.

    Returns
    -------
    object
        What it says, as plain dicts, lists, strings and numbers.

    Raises
    ------
    InputError
        Not text, not JSON, a key given twice, or a number that is not finite.
    """

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        seen = dict(items)
        if len(seen) != len(items):
            uses = Counter(name for name, _ in items)
            twice = sorted(name for name, count in uses.items() if count > 1)
            raise InputError(f"{what} JSON: key {', '.join(twice)} is given twice")
        return seen

    def finite(number: str) -> float:
        if not math.isfinite(float(number)):
            raise InputError(f"{what} JSON: {number:.80} is not a finite number")
        return float(number)

    def whole(number: str) -> int:
        finite(number)  # beyond all floats, and infinite where one is read
        return int(number)

    if not isinstance(text, str | bytes):
        raise InputError(f"{what} JSON: must be text; got {type(text).__name__}")
    try:
        return json.loads(
            text,
            object_pairs_hook=pairs,
            parse_constant=finite,
            parse_float=finite,
            parse_int=whole,
        )
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"{what} JSON: is not JSON: {error}") from None


def read_as(
    adapter: TypeAdapter[Any],
    what: str,
    text: str | bytes,
    *,
    ignore_unknown: bool = False,
    times: Collection[str] = (),
    dates: Collection[str] = (),
) -> Any:
    """Read a value of the model, strictly.

    Parameters
    ----------
    adapter : TypeAdapter
        Of its type.
    what : str
        What the text should be, for the message.
    text : str or bytes
        JSON.
    ignore_unknown : bool
        Whether fields that are none of its own are left out, and not refused.
    times : collection of str
        Fields, at whatever depth, whose text must be a date and time: pydantic also takes seconds
        since 1970 for one, which have no offset.
    dates : collection of str
        Fields whose text must be a date, likewise.

    Raises
    ------
    InputError
        As `refuse_ambiguous`, or it is no such value; the message lists the faults.
    """
    plain = refuse_ambiguous(what, text)
    try:
        value = adapter.validate_json(
            text, strict=True, extra="ignore" if ignore_unknown else "forbid"
        )
    except ValidationError as error:
        raise InputError(f"{what} JSON: {listed_faults(error)}") from None
    for name in _stamps(plain, {*times, *dates}) if times else ():
        must = "a date and time with an offset" if name in times else "a date such as 2026-01-05"
        raise InputError(f"{what} JSON: {name}: must be {must}")
    return value


def _stamps(plain: Any, times: Collection[str]) -> Iterator[str]:
    """Yield the fields that hold a number of seconds as text; facts have names of their own."""
    if isinstance(plain, list):
        for each in plain:
            yield from _stamps(each, times)
    elif isinstance(plain, dict):
        for name, each in plain.items():
            if name == "facts":
                continue
            if isinstance(each, dict | list):
                yield from _stamps(each, times)
            elif name in times and isinstance(each, str) and "-" not in each[1:]:
                yield name


def listed_faults(error: ValidationError) -> str:
    """Put the first faults of a value into one line, each with its path."""
    faults = _of_nearest_regions(error.errors(include_url=False))
    shown = [
        f"{'.'.join(map(str, fault['loc'])) or 'the whole'}: {fault_words(fault)}"
        for fault in faults[:_SHOWN_FAULTS]
    ]
    more = len(faults) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _of_nearest_regions(faults: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out why a region is none of the other kinds, which it was never meant to be.

    A region says by its fields which kind it is; the one with the fewest faults is meant.
    """
    faults_of: dict[tuple[int | str, ...], dict[int | str, int]] = {}
    for fault in faults:
        where, kind = _region(fault)
        if kind is not None:
            kinds = faults_of.setdefault(where, {})
            kinds[kind] = kinds.get(kind, 0) + 1
    meant = {where: min(kinds, key=kinds.__getitem__) for where, kinds in faults_of.items()}
    return [fault for fault in faults if (at := _region(fault))[1] == meant.get(at[0])]


def _region(fault: ErrorDetails) -> tuple[tuple[int | str, ...], int | str | None]:
    """Return where a fault's region is and as which kind it was read; None for other faults."""
    path = fault["loc"]
    for place, part in enumerate(path[:-1]):
        if part == _FIELD and path[place + 1] in _REGIONS:
            return path[: place + 1], path[place + 1]
    return (), None
