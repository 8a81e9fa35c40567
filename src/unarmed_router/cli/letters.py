"""Letters that the encoding of the output lacks, written by their numbers as JSON writes them."""

from __future__ import annotations

import codecs
import sys
from io import TextIOWrapper

__all__ = ["say_every_letter"]

_BY_NUMBER = "unarmed_router.by_number"


def say_every_letter() -> None:
    """Write a letter that standard output lacks by its number, rather than give no answer.

    An answer in JSON stays JSON (RFC 8259, section 7): numbers are of UTF-16 code units.
    """
    codecs.register_error(_BY_NUMBER, _by_number)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors=_BY_NUMBER)


def _by_number(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = zip(units[::2], units[1::2], strict=True)
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in pairs), error.end
