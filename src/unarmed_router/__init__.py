"""Send a crisis call to the nearest eligible unarmed team.

Point in division, program rules, exact road travel time::

    from unarmed_router import Call, route

    decision = route(Call(call_id="1", lon=-118.2437, lat=34.0522, call_type="welfare_check",
                          received_at=datetime.now(UTC)))
    print(decision.explain())
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from unarmed_router.errors import (
    AlreadyAssignedError,
    ArtefactError,
    BoundaryError,
    ConfigurationError,
    CoordinateError,
    DataError,
    InputError,
    LedgerBrokenError,
    LedgerBusyError,
    LedgerError,
    LedgerFullError,
    LedgerLostError,
    LedgerVersionError,
    LifecycleError,
    NetworkError,
    OutOfOrderError,
    PluginError,
    PrivacyError,
    ProcessLostError,
    ServerRefusedError,
    UnarmedRouterError,
    UnknownCallError,
    UnknownTeamError,
)
from unarmed_router.model.call import Answer, Call, Facts
from unarmed_router.model.decision import Candidate, Decision, Exclusion, Recommendation, Referral
from unarmed_router.model.location import Division, DivisionMatch, RoadPosition
from unarmed_router.model.reasons import ExclusionReason, Flag, ReferralReason
from unarmed_router.model.shift import Shift
from unarmed_router.model.team import Fix, Team, TeamState, TeamStatus
from unarmed_router.model.uncertainty import Area, Circle, Ellipse

if TYPE_CHECKING:
    from unarmed_router.embedded import route
    from unarmed_router.fleet.preemption import PreemptionOffer
    from unarmed_router.fleet.roster_changes import RosterChanges
    from unarmed_router.geography.division_index import DivisionIndex
    from unarmed_router.geography.projection import call_from_projected
    from unarmed_router.ledger.opening import open_ledger
    from unarmed_router.model.counterfactual import Counterfactual
    from unarmed_router.model.outcome import (
        CancelReason,
        DeclineReason,
        Disposition,
        EscalationAct,
        EscalationReason,
        Outcome,
    )
    from unarmed_router.operations.clock import LedgerClock
    from unarmed_router.operations.dispatcher import Dispatcher
    from unarmed_router.operations.outcomes import (
        Conflict,
        ConflictReason,
        Reservation,
        Revision,
        ShiftChanges,
    )
    from unarmed_router.operations.recording import Keep
    from unarmed_router.roads.network import RoadNetwork
    from unarmed_router.router import Router

__all__ = [
    "AlreadyAssignedError",
    "Answer",
    "Area",
    "ArtefactError",
    "BoundaryError",
    "Call",
    "CancelReason",
    "Candidate",
    "Circle",
    "ConfigurationError",
    "Conflict",
    "ConflictReason",
    "CoordinateError",
    "Counterfactual",
    "DataError",
    "Decision",
    "DeclineReason",
    "Dispatcher",
    "Disposition",
    "Division",
    "DivisionIndex",
    "DivisionMatch",
    "Ellipse",
    "EscalationAct",
    "EscalationReason",
    "Exclusion",
    "ExclusionReason",
    "Facts",
    "Fix",
    "Flag",
    "InputError",
    "Keep",
    "LedgerBrokenError",
    "LedgerBusyError",
    "LedgerClock",
    "LedgerError",
    "LedgerFullError",
    "LedgerLostError",
    "LedgerVersionError",
    "LifecycleError",
    "NetworkError",
    "OutOfOrderError",
    "Outcome",
    "PluginError",
    "PreemptionOffer",
    "PrivacyError",
    "ProcessLostError",
    "Recommendation",
    "Referral",
    "ReferralReason",
    "Reservation",
    "Revision",
    "RoadNetwork",
    "RoadPosition",
    "RosterChanges",
    "Router",
    "ServerRefusedError",
    "Shift",
    "ShiftChanges",
    "Team",
    "TeamState",
    "TeamStatus",
    "UnarmedRouterError",
    "UnknownCallError",
    "UnknownTeamError",
    "call_from_projected",
    "open_ledger",
    "route",
]

__version__ = "0.1.0"

# Names that few programs need, or that need numpy or numba, load on first use, so that importing
# the package stays quick.
_LAZY = {
    "CancelReason": "unarmed_router.model.outcome",
    "Conflict": "unarmed_router.operations.outcomes",
    "ConflictReason": "unarmed_router.operations.outcomes",
    "Counterfactual": "unarmed_router.model.counterfactual",
    "DeclineReason": "unarmed_router.model.outcome",
    "Dispatcher": "unarmed_router.operations.dispatcher",
    "Disposition": "unarmed_router.model.outcome",
    "DivisionIndex": "unarmed_router.geography.division_index",
    "EscalationAct": "unarmed_router.model.outcome",
    "EscalationReason": "unarmed_router.model.outcome",
    "Keep": "unarmed_router.operations.recording",
    "LedgerClock": "unarmed_router.operations.clock",
    "Outcome": "unarmed_router.model.outcome",
    "PreemptionOffer": "unarmed_router.fleet.preemption",
    "Reservation": "unarmed_router.operations.outcomes",
    "Revision": "unarmed_router.operations.outcomes",
    "RoadNetwork": "unarmed_router.roads.network",
    "RosterChanges": "unarmed_router.fleet.roster_changes",
    "Router": "unarmed_router.router",
    "ShiftChanges": "unarmed_router.operations.outcomes",
    "call_from_projected": "unarmed_router.geography.projection",
    "open_ledger": "unarmed_router.ledger.opening",
    "route": "unarmed_router.embedded",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
