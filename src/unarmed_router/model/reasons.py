"""Why: the closed lists of reasons a decision can give."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ExclusionReason", "Flag", "ProgramVerdict", "ReferralReason"]


class ReferralReason(StrEnum):
    """Why no unarmed team is recommended."""

    OUT_OF_JURISDICTION = "out_of_jurisdiction"
    """The point is outside every division."""
    NEEDS_TRIAGE = "needs_triage"
    """Facts or the call type are unknown; the decision carries the questions to ask."""
    INELIGIBLE = "ineligible"
    """A rule keeps the call from unarmed teams, or no program takes this call type."""
    NO_PROGRAM_HERE = "no_program_here"
    """Programs take this call type, but none of them serves this place now."""
    NO_ROAD_NEARBY = "no_road_nearby"
    """The nearest road is beyond the stated limit, so there is no honest travel time."""
    NO_TEAM_AVAILABLE = "no_team_available"
    """A program takes the call, but every one of its teams is excluded."""
    NO_TEAM_IN_TIME = "no_team_in_time"
    """Teams are available, but none can reach the call, or none within the policy's limit."""


class ExclusionReason(StrEnum):
    """Why a team is not the one recommended."""

    NOT_CONSIDERED = "not_considered"
    """The call was referred before teams were looked at."""
    OTHER_PROGRAM = "other_program"
    """Its program may not take this call."""
    OUTSIDE_AREA = "outside_area"
    """Its provider does not serve this place now."""
    STATUS_UNKNOWN = "status_unknown"
    """Nobody has said what it is doing; unknown is never available."""
    NOT_AVAILABLE = "not_available"
    """It is busy or out of service."""
    OFF_SHIFT = "off_shift"
    """No shift of its covers this hour."""
    SHIFT_ENDS = "shift_ends"
    """Its shift ends before it could finish a call."""
    MISSING_CAPABILITY = "missing_capability"
    """It lacks a capability the call needs."""
    EXCLUDED_BY_CALL = "excluded_by_call"
    """The call names it as a team that must not be sent, such as one that has given it back."""
    POSITION_STALE = "position_stale"
    """Its last AVL fix is older than the policy allows, or from the future."""
    NO_ROAD_NEARBY = "no_road_nearby"
    """No road is near enough to where it stands."""
    UNREACHABLE = "unreachable"
    """No road leads from it to the call."""
    BEYOND_LIMIT = "beyond_limit"
    """It would arrive later than the policy's limit."""
    KEPT_HOME = "kept_home"
    """It could help another provider, but its own area needs it."""
    RANKED_LOWER = "ranked_lower"
    """It could go, but another team ranks before it."""


class ProgramVerdict(StrEnum):
    """What triage says of one program."""

    ELIGIBLE = "eligible"
    CALL_TYPE_NOT_TAKEN = "call_type_not_taken"
    RULED_OUT = "ruled_out"
    NEEDS_TRIAGE = "needs_triage"
    NOT_HERE = "not_here"


class Flag(StrEnum):
    """What the reader of a decision should know beside its outcome."""

    NEAR_BORDER = "near_border"
    """The point is within the stated tolerance of a division border."""
    TEAM_AT_HOME = "team_at_home"
    """The team has no AVL fix; its home was taken for its position."""
    STALE_FIX_IGNORED = "stale_fix_ignored"
    """The team's fix is stale; its home was taken for its position."""
    LONG_ACCESS_LEG = "long_access_leg"
    """The call is far from the mapped road; the last part of the time is an estimate."""
    BEYOND_TARGET = "beyond_target"
    """The response time exceeds the program's target."""
    RECEIVED_IN_FUTURE = "received_in_future"
    """The call's receipt is later than the decision: a clock is wrong; no waiting time counted."""
    POLICY_NOT_IN_FORCE = "policy_not_in_force"
    """The policy's effective dates do not cover the day of the decision."""
    MUTUAL_AID = "mutual_aid"
    """The team is of a provider that serves another area; the decision has the price."""
    UNCERTAIN_LOCATION = "uncertain_location"
    """The provider or the eligibility would change within the area the call may be in."""
    DECIDED_BY_TIE_RULE = "decided_by_tie_rule"
    """Another team has the same response time; the tie rule chose."""
    NOT_LOGGED = "not_logged"
    """The ledger could not be written: the decision holds, but nothing remembers it."""
