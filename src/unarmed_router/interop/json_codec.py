"""Calls, decisions and rosters from JSON, strictly; their schema as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from unarmed_router.errors import InputError
from unarmed_router.interop.schema_rules import with_rules
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision, Recommendation, Referral
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.team import TeamState
from unarmed_router.strict_json import read_as

__all__ = [
    "call_from_json",
    "decision_from_json",
    "json_schema",
    "roster_from_json",
    "team_from_json",
]

Unknown = Literal["refuse", "ignore"]

_SCHEMAS = ("call", "decision", "roster", "team")

_TIMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "call": ("received_at",),
        "decision": ("received_at", "decided_at"),
        **dict.fromkeys(("team", "roster"), ("status_at", "idle_since", "at")),
    }
)

_DATES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"decision": ("policy_from", "policy_until")}
)


def call_from_json(text: str | bytes, *, unknown: Unknown = "refuse") -> Call:
    """Read a call.

    Parameters
    ----------
    text : str or bytes
        A JSON object with the fields of `Call`; `json_schema` documents it.
    unknown : {"refuse", "ignore"}
        What to do with a field that is none of them.

    Returns
    -------
    Call

    Raises
    ------
    InputError
        Not JSON, a duplicate key, a number that is not finite, a time that is naive or a number, an
        answer that is none of yes, no, unknown, or a field that breaks a rule of `Call`; lists the
        faults.
    """
    call: Call = _parsed("call", text, unknown)
    return call


def decision_from_json(text: str | bytes, *, unknown: Unknown = "refuse") -> Decision:
    """Read a decision; ``decision_from_json(d.to_json()) == d``.

    Parameters
    ----------
    text : str or bytes
        What `Decision.to_json` wrote.
    unknown : {"refuse", "ignore"}
        What to do with a field that is not known.

    Returns
    -------
    Recommendation or Referral

    Raises
    ------
    InputError
        As `call_from_json`.
    """
    decision: Decision = _parsed("decision", text, unknown)
    return decision


def team_from_json(text: str | bytes, *, unknown: Unknown = "refuse") -> TeamState:
    """Read a team and its state; the parameters and errors are those of `call_from_json`."""
    team: TeamState = _parsed("team", text, unknown)
    return team


def roster_from_json(text: str | bytes, *, unknown: Unknown = "refuse") -> RosterSnapshot:
    """Read a roster snapshot; the parameters and errors are those of `call_from_json`."""
    roster: RosterSnapshot = _parsed("roster", text, unknown)
    return roster


def json_schema(what: Literal["call", "decision", "roster", "team"]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a call, a decision, a team or a roster.

    The schema gives names, types, enumerations, ranges and patterns, and allows no other names, as
    reading does. The few rules that it has no word for stand in the docstrings of the constructors.

    Parameters
    ----------
    what : {"call", "decision", "roster", "team"}
        Of which.

    Returns
    -------
    dict
        As `json.dumps` writes it.

    Raises
    ------
    InputError
        There is no schema of that name.
    """
    if what not in _SCHEMAS:
        raise InputError(f"schema {what!r:.80} is none of: {', '.join(_SCHEMAS)}")
    schema = with_rules(_adapter(what).json_schema())
    for each in (schema, *schema.get("$defs", {}).values()):
        if "properties" in each:
            each["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


@cache
def _adapter(what: str) -> TypeAdapter[Any]:
    types: dict[str, Any] = {
        "call": Call,
        "decision": Annotated[Recommendation | Referral, Field(discriminator="kind")],
        "team": TeamState,
        "roster": RosterSnapshot,
    }
    return TypeAdapter(types[what])


def _parsed(what: str, text: str | bytes, unknown: Unknown) -> Any:
    if unknown not in ("refuse", "ignore"):
        raise InputError(f"unknown={unknown!r:.80} must be 'refuse' or 'ignore'")
    return read_as(
        _adapter(what),
        what,
        text,
        ignore_unknown=unknown == "ignore",
        times=_TIMES[what],
        dates=_DATES.get(what, ()),
    )
