"""The values a conditional tag may take.

Source: OSM wiki, Conditional restrictions: ``value @ condition``, several separated by semicolons,
a condition with semicolons of its own in brackets.
"""

from __future__ import annotations

__all__ = ["conditional_values"]


def conditional_values(text: str) -> list[str]:
    """Return the value of every clause, in lower case, whatever its condition.

    A part with "@" is a clause even within brackets that are never closed: of a slip of the
    keyboard too much is read rather than too little.
    """
    values, depth = [], 0
    for part in text.split(";"):
        word, at, _ = part.partition("@")
        value = word.strip().lower()
        if value and (at or not depth):
            values.append(value)
        depth = max(0, depth + part.count("(") - part.count(")"))
    return values
