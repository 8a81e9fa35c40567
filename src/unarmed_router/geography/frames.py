"""Calls from a GeoDataFrame, and decisions back into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Decision, Recommendation

if TYPE_CHECKING:
    import geopandas

__all__ = ["calls_from_frame", "refuse_decided", "with_decisions"]

_REQUIRED = ("call_id", "call_type", "received_at")
_ANSWERS = frozenset(Answer)
_FACT_PREFIX = "fact_"


def calls_from_frame(frame: geopandas.GeoDataFrame) -> Iterator[Call]:
    """Read one call from each row.

    Parameters
    ----------
    frame : GeoDataFrame
        Point geometry in any CRS, reprojected to WGS 84; columns ``call_id``, ``call_type``,
        ``received_at`` (timezone-aware), and ``fact_weapon``, ``fact_violence``... holding yes, no
        or unknown; a missing value is unknown. A column ``needs`` holds capabilities separated by
        ``;``, or lists of them.

    Yields
    ------
    Call

    Raises
    ------
    InputError
        A column or the CRS is missing, a geometry is no point, or a value is broken; names the row.
    """
    missing = [name for name in _REQUIRED if name not in frame.columns]
    if missing:
        raise InputError(
            f"the GeoDataFrame lacks the columns {', '.join(missing)}; it has "
            + ", ".join(map(str, frame.columns))
        )
    if frame.crs is None:
        raise InputError("the GeoDataFrame has no CRS; set it with frame.set_crs(...)")
    points = frame.geometry.to_crs(4326)
    facts = [name for name in frame.columns if str(name).startswith(_FACT_PREFIX)]
    for row, point in enumerate(points):
        if point is None or point.geom_type != "Point" or point.is_empty:
            raise InputError(f"row {row}: the geometry is no point: {point}")
        values = frame.iloc[row]
        try:
            yield Call(
                call_id=str(values["call_id"]),
                lon=float(point.x),
                lat=float(point.y),
                call_type=values["call_type"],
                received_at=_instant(values["received_at"]),
                facts={name.removeprefix(_FACT_PREFIX): _answer(values[name]) for name in facts},
                needs=_needs(values.get("needs")),
            )
        except InputError as error:
            raise InputError(f"row {row}: {error}") from error


def with_decisions(
    frame: geopandas.GeoDataFrame, decisions: Sequence[Decision]
) -> geopandas.GeoDataFrame:
    """Return the frame with the columns of the decisions added.

    Parameters
    ----------
    frame : GeoDataFrame
        One row a call; index, columns and CRS are kept.
    decisions : sequence of Decision
        In the order of the rows.

    Returns
    -------
    GeoDataFrame
        With ``outcome``, ``division``, ``team_id``, ``travel_time_s``, ``response_time_s``,
        ``referral_reason``, ``referral_target`` and ``decision`` (canonical JSON); what an outcome
        does not have is None or NaN.

    Raises
    ------
    InputError
        The frame already has one of these columns.
    """
    refuse_decided(frame)
    rows = [_columns(decision) for decision in decisions]
    names = list(_columns_of_nothing())
    return frame.assign(**{name: [row[name] for row in rows] for name in names})


def refuse_decided(frame: geopandas.GeoDataFrame) -> None:
    """Refuse a frame whose own columns the decisions would replace."""
    taken = [name for name in _columns_of_nothing() if name in frame.columns]
    if taken:
        raise InputError(
            f"the GeoDataFrame already has the columns {', '.join(taken)}; rename or drop them, "
            "the decisions are written there"
        )


def _columns_of_nothing() -> dict[str, Any]:
    return {
        "outcome": None,
        "division": None,
        "team_id": None,
        "travel_time_s": float("nan"),
        "response_time_s": float("nan"),
        "referral_reason": None,
        "referral_target": None,
        "decision": None,
    }


def _columns(decision: Decision) -> dict[str, Any]:
    row = _columns_of_nothing()
    division = decision.place.division
    row.update(
        outcome=decision.kind,
        division=division.number if division else None,
        decision=decision.to_json(),
    )
    if isinstance(decision, Recommendation):
        row.update(
            team_id=decision.team_id,
            travel_time_s=decision.travel_time_s,
            response_time_s=decision.response_time_s,
        )
    else:
        row.update(referral_reason=decision.reason.value, referral_target=decision.target)
    return row


def _instant(value: Any) -> datetime:
    """Take a pandas Timestamp for the datetime it stands for; a broken one is refused by `Call`."""
    if hasattr(value, "to_pydatetime"):
        instant: datetime = value.to_pydatetime(warn=False)
        return instant
    return value  # type: ignore[no-any-return]  # Call refuses what is no datetime


def _needs(value: Any) -> tuple[str, ...]:
    """Take capabilities from ``a;b``, a list, or nothing."""
    if isinstance(value, list | tuple):
        return tuple(value)
    if value is None or value != value:  # noqa: PLR0124  # NaN is how pandas writes missing
        return ()
    return tuple(word.strip() for word in str(value).split(";") if word.strip())


def _answer(value: Any) -> Answer:
    """Take a missing value for unknown; anything else must be an answer."""
    if value is None or value != value:  # noqa: PLR0124  # NaN is how pandas writes missing
        return Answer.UNKNOWN
    if value not in _ANSWERS:
        raise InputError(f"answer {value!r} must be one of 'yes', 'no', 'unknown'")
    return Answer(value)
