"""JSON read strictly: what two readers could take for different things is refused."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from pydantic import ValidationError

from unarmed_router.errors import InputError
from unarmed_router.fault_words import fault_words

__all__ = ["listed_faults", "refuse_ambiguous"]

_SHOWN_FAULTS = 8


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
            raise InputError(f"{what} JSON: {number} is not a finite number")
        return float(number)

    if not isinstance(text, str | bytes):
        raise InputError(f"{what} JSON: must be text; got {type(text).__name__}")
    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=finite, parse_float=finite)
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"{what} JSON: is not JSON: {error}") from None


def listed_faults(error: ValidationError) -> str:
    """Put the first faults of a value into one line, each with its path."""
    faults = error.errors(include_url=False)
    shown = [
        f"{'.'.join(map(str, fault['loc'])) or 'the whole'}: {fault_words(fault)}"
        for fault in faults[:_SHOWN_FAULTS]
    ]
    more = len(faults) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")
