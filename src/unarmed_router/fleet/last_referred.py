"""The calls that were referred last, whole: whoever lost the answer asks for the target again."""

from __future__ import annotations

from unarmed_router.fleet.call_record import CallRecord

__all__ = ["keep_referred"]

_KEPT = 1000
"""Calls: those of some hours."""


def keep_referred(calls: dict[str, CallRecord], record: CallRecord) -> None:
    """Keep a referred call among the last thousand."""
    calls[record.call.call_id] = record
    if len(calls) > _KEPT:
        del calls[next(iter(calls))]
