"""A decision beside the one recorded: the first field that differs, and what it stood on."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from typing import Any

from unarmed_router.errors import LedgerBrokenError
from unarmed_router.model.decision import Decision
from unarmed_router.operations.data_in_force import short
from unarmed_router.operations.recording import Keep, decided, decision_text
from unarmed_router.operations.walking import Standing

__all__ = ["first_difference", "other_basis", "other_table"]

_NOTHING = "(nothing)"
_OUTCOME = ("team_id", "reason", "target", "response_ms")
_BASIS = ("version", "agency", "boundaries", "network", "profile", "policy")


def first_difference(standing: Standing, made: Decision) -> tuple[str, str, str] | None:
    """Return the first field that differs with both values as JSON; None where nothing does.

    Raises
    ------
    LedgerBrokenError
        The text of the decision cannot be read.
    """
    event = standing.event
    if event.text is not None:
        text = _text(standing)
        told = hashlib.sha256(text.encode()).hexdigest()
        if told != event.digest:
            return "digest", f'"{event.digest}"', f'"{told}"'
        if text != made.to_json():
            return next(_fields(_plain(standing, text), made.to_dict()), ("(bytes)", text, ""))
    # The text, where there is one, has been compared: its digest need not be made again.
    by_digest = event.digest != "" and event.text is None
    again = decided(made, Keep.DIGEST if by_digest else Keep.OUTCOME)
    for name in (*_OUTCOME, *(["digest"] if by_digest else [])):
        was, now = getattr(event, name), getattr(again, name)
        if was != now:
            return name, json.dumps(was), json.dumps(now)
    return None


def _text(standing: Standing) -> str:
    try:
        return decision_text(standing.event)
    except (ValueError, zlib.error) as error:
        raise LedgerBrokenError(
            f"event {standing.seq}: the text of the decision cannot be read: {error}",
            seq=standing.seq,
        ) from None


def _plain(standing: Standing, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise LedgerBrokenError(
            f"event {standing.seq}: the text of the decision is no JSON: {error}", seq=standing.seq
        ) from None


def _fields(was: Any, now: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield the fields that differ, in the order in which a decision has them."""
    if isinstance(was, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*now, *was]):
            inner = f"{path}.{name}" if path else name
            yield from _fields(was.get(name, _NOTHING), now.get(name, _NOTHING), inner)
    elif isinstance(was, list) and isinstance(now, list):
        for place in range(max(len(was), len(now))):
            here = was[place] if place < len(was) else _NOTHING
            there = now[place] if place < len(now) else _NOTHING
            yield from _fields(here, there, f"{path}.{place}")
    elif type(was) is not type(now) or was != now:
        yield path, _json(was), _json(now)


def _json(value: Any) -> str:
    return value if value is _NOTHING else json.dumps(value, ensure_ascii=False)


def other_basis(standing: Standing, made: Decision) -> tuple[str, ...]:
    """Say which data a decision was made on that are not those in force by the ledger.

    Parameters
    ----------
    standing : Standing
        The decision; one whose text was not kept, or names none, says nothing of its data.
    made : Decision
        Made again on the data in force by the ledger.
    """
    was, now = _part(standing, "basis"), made.to_dict()["basis"]
    return tuple(
        f"{name}: {short(str(was.get(name)))} in the decision, {short(str(now[name]))} in force"
        for name in _BASIS
        if was and was.get(name) != now[name]
    )


def other_table(standing: Standing, made: Decision) -> tuple[str, ...]:
    """Say which table of demand a price of mutual aid was reckoned by, where it is another here.

    Parameters
    ----------
    standing : Standing
        The decision; one whose text was not kept, or whose price names no table, says nothing.
    made : Decision
        Made again on the data there are.
    """
    was, now = _part(standing, "aid").get("table"), made.aid and made.aid.table
    if not was or not now or was == now:
        return ()
    return (f"table of demand: {short(str(was))} in the decision, {short(now)} here",)


def _part(standing: Standing, name: str) -> dict[str, Any]:
    """Return an object that a decision holds; nothing of what is none, whatever its digest says."""
    plain = None if standing.event.text is None else _plain(standing, _text(standing))
    part = plain.get(name) if isinstance(plain, dict) else None
    return part if isinstance(part, dict) else {}
