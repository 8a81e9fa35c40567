"""Calls in the embedded city that its teams may take."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from unarmed_router.model.call import Answer, Call

__all__ = ["AT", "CLEAR", "DANGERS", "PLACES", "call"]

AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
"""A Friday, ten in the morning in Los Angeles."""

DANGERS = ("weapon", "violence", "medical_emergency", "crime_in_progress", "minor_alone")
"""The facts that keep a call from unarmed teams unless they are answered no."""

CLEAR = dict.fromkeys(DANGERS, Answer.NO)

PLACES = {
    "Koreatown": (-118.3090, 34.0606, 20),
    "Watts": (-118.2468, 33.9397, 18),
    "Sawtelle": (-118.4440, 34.0400, 8),
    "Northridge": (-118.5350, 34.2350, 17),
    "Reseda": (-118.5360, 34.2000, 10),
    "Mid-City": (-118.3500, 34.0480, 7),
}
"""A place in each division that is served: longitude, latitude and the division's number."""


def call(place: str = "Koreatown", **fields: Any) -> Call:
    """Make an eligible call at a place in Los Angeles."""
    lon, lat, _ = PLACES[place]
    given: dict[str, Any] = {
        "call_id": place.replace(" ", "-"),
        "lon": lon,
        "lat": lat,
        "call_type": "welfare_check",
        "received_at": AT,
        "facts": CLEAR,
    }
    return Call(**(given | fields))
