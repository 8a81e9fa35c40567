"""Who takes a call that no unarmed team takes."""

from __future__ import annotations

from unarmed_router.model.call import Answer
from unarmed_router.model.decision import Reading
from unarmed_router.model.policy import Policy
from unarmed_router.model.reasons import ReferralReason

__all__ = ["refer_to"]

_YES, _NO = Answer.YES, Answer.NO  # bound once: a long table asks for them often


def refer_to(reading: Reading, reason: ReferralReason, policy: Policy) -> str:
    """Find the referral target: the first line of the policy's table that fits.

    Parameters
    ----------
    reading : Reading
        Its type and facts are used; a fact a line requires must be answered.
    reason : ReferralReason
        Why the call is referred.
    policy : Policy
        Its table ends with a line that fits everything, which the loader checks.

    Returns
    -------
    str
        Id of the target.
    """
    return next(
        rule.target
        for rule in policy.referrals
        if (not rule.reasons or reason in rule.reasons)
        and (not rule.call_types or reading.call_type in rule.call_types)
        and all(reading.answer(fact) is _YES for fact in rule.requires_yes)
        and all(reading.answer(fact) is _NO for fact in rule.requires_no)
    )
