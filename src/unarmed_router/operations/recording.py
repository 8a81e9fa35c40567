"""What the ledger holds of a decision: the data, the positions, and what was decided."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from unarmed_router.errors import InputError
from unarmed_router.model.decision import Decision, Recommendation, Referral
from unarmed_router.model.events import AgencySet, Decided, Fixes, PolicyNamed
from unarmed_router.operations.ports import Decides
from unarmed_router.strict_json import read_as

__all__ = ["Keep", "agency_set", "decided", "decision_of", "decision_text", "fixes_of"]


class Keep(StrEnum):
    """What the ledger keeps of a decision beside its outcome."""

    TEXT = "text"
    """Its canonical JSON, compressed, and its digest: readable and replayable."""
    DIGEST = "digest"
    """Its digest: replayable."""
    OUTCOME = "outcome"
    """Neither: replayable as far as who was sent, and when they would arrive."""


def decided(decision: Decision, keep: Keep, *, counted: tuple[str, ...] = ()) -> Decided:
    """Make the event of a decision.

    Parameters
    ----------
    decision : Decision
        What `route` said.
    keep : Keep
        What to keep of it.
    counted : tuple of str
        Teams that were counted as available.
    """
    digest, text = "", None
    if keep is not Keep.OUTCOME:
        plain = decision.to_json().encode()
        digest = hashlib.sha256(plain).hexdigest()
        if keep is Keep.TEXT:
            text = base64.b64encode(zlib.compress(plain)).decode()
    team_id = reason = target = response_ms = None
    if isinstance(decision, Recommendation):
        team_id, _, _, response_ms, decided_at, call_id = decision.leading
    else:
        reason, target = decision.reason.value, decision.target
        decided_at, call_id = decision.decided_at, decision.call_id
    return Decided(
        call_id=call_id,
        decided_at=decided_at,
        team_id=team_id,
        reason=reason,
        target=target,
        response_ms=response_ms,
        digest=digest,
        text=text,
        counted_available=counted,
    )


def decision_text(event: Decided) -> str:
    """Return the canonical JSON of a decision that was kept whole.

    Raises
    ------
    InputError
        The ledger kept its digest only.
    """
    if event.text is None:
        raise InputError(f"the ledger keeps only the digest of the decision on {event.call_id}")
    return zlib.decompress(base64.b64decode(event.text)).decode()


def decision_of(event: Decided) -> Decision:
    """Read a decision that was kept whole.

    Raises
    ------
    InputError
        The ledger kept its digest only, or another version of the library writes decisions
        otherwise.
    """
    decision: Decision = read_as(_decisions(), "decision", decision_text(event))
    return decision


@cache
def _decisions() -> TypeAdapter[Any]:
    kinds: Any = Annotated[Recommendation | Referral, Field(discriminator="kind")]
    return TypeAdapter(kinds)


def fixes_of(moved: Mapping[str, tuple[float, float, datetime]]) -> Sequence[Fixes]:
    """Return longitude, latitude and time by team as one event; none where none has moved."""
    if not moved:
        return ()
    lon, lat, measured = zip(*moved.values(), strict=True)
    return (Fixes(team_ids=tuple(moved), lon=lon, lat=lat, measured=measured),)


def agency_set(router: Decides) -> AgencySet:
    """Describe what a router decides on."""
    world = router.desk.world
    return AgencySet(
        agency_id=router.agency.agency_id,
        version=world.digests.version,
        agency=world.digests.agency,
        boundaries=world.digests.boundaries,
        network=world.digests.network,
        profile=world.digests.profile,
        policies=tuple(
            PolicyNamed(each.policy_id, each.digest, each.effective_from, each.effective_until)
            for each in (world.policy, *world.policies)
        ),
    )
