"""A call as the policy understands it: its codes read, and what they add to its answers."""

from __future__ import annotations

from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer, Call, Facts
from unarmed_router.model.decision import Reading
from unarmed_router.model.policy import Policy

__all__ = ["read_call"]


def read_call(call: Call, policy: Policy) -> Reading:
    """Read the type and the codes of a call.

    Parameters
    ----------
    call : Call
        Its type, codes and facts are used.
    policy : Policy
        Its vocabulary, and the table that maps codes onto it.

    Returns
    -------
    Reading
        A call type of the policy is itself; everything else must be read completely by the table,
        or the kind of call is unknown and named so. A code answers facts with yes, and its yes
        stands against a no of the caller: what made the code is not known to be undone.

    Raises
    ------
    InputError
        The call answers a fact, or names a capability, that the policy does not know: a typing
        error must not go unnoticed.
    """
    _refuse_unknown(call, policy)
    codes = (call.call_type, *call.codes)
    if policy.codes is None or (not call.codes and call.call_type in policy.call_types):
        unknown = next((code for code in codes if code not in policy.call_types), None)
        if unknown is not None:
            detail = f"call type {unknown} is not in policy {policy.policy_id}"
            return Reading(None, _facts(call), (), detail)
        other = next((code for code in codes if code != call.call_type), None)
        if other is not None:  # without a table nothing says which of two types is graver
            detail = (
                f"call types {call.call_type} and {other} differ, and policy "
                f"{policy.policy_id} has no table of codes that says which is graver"
            )
            return Reading(None, _facts(call), (), detail)
        return Reading(call.call_type, _facts(call), ())
    read, given = policy.codes.read_all(codes), _facts(call)
    facts = given.plus(read.facts)
    added = tuple([fact for fact in read.facts if given.answer(fact) is not Answer.YES])
    if read.call_type is None:
        detail = "; ".join(policy.codes.why_unknown(code) for code in read.unknown)
        return Reading(None, facts, added, detail)
    return Reading(read.call_type, facts, added)


def _facts(call: Call) -> Facts:
    facts: Facts = call.facts  # type: ignore[assignment]  # made so by the call
    return facts


def _refuse_unknown(call: Call, policy: Policy) -> None:
    known = policy.facts
    for fact in call.facts:
        if fact not in known:
            raise InputError(
                f"call {call.call_id}: unknown fact {fact!r}; policy {policy.policy_id} knows "
                + ", ".join(sorted(policy.facts))
            )
    if policy.capabilities is not None:
        for word in (*call.needs, *call.prefers):
            if word not in policy.capabilities:
                raise InputError(
                    f"call {call.call_id}: unknown capability {word!r}; policy {policy.policy_id} "
                    "knows " + (", ".join(sorted(policy.capabilities)) or "none")
                )
