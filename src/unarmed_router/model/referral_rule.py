"""Who takes a call that no unarmed team takes, and which calls go to whom."""

from __future__ import annotations

from dataclasses import dataclass

from unarmed_router.model.reasons import ReferralReason

__all__ = ["ReferralRule", "ReferralTarget"]


@dataclass(frozen=True, slots=True)
class ReferralTarget:
    """Who can take a call that no unarmed team takes.

    Parameters
    ----------
    target_id, name : str
        Id and name.
    contact : str
        How the dispatcher reaches it; empty when the CAD knows.
    """

    target_id: str
    name: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class ReferralRule:
    """One line of the referral table; the first that fits names the target.

    Parameters
    ----------
    reasons : frozenset of ReferralReason
        Why the call is referred; empty fits every reason.
    call_types : frozenset of str
        Call types it fits; empty fits every one.
    requires_yes, requires_no : frozenset of str
        Facts that must be answered so, never merely unknown.
    target : str
        Referral target id.
    """

    reasons: frozenset[ReferralReason]
    call_types: frozenset[str]
    requires_yes: frozenset[str]
    requires_no: frozenset[str]
    target: str
