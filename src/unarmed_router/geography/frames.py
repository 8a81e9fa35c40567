"""Calls from a GeoDataFrame, and decisions back into one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from unarmed_router.errors import InputError
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision, Recommendation

if TYPE_CHECKING:
    import geopandas

__all__ = ["calls_from_frame", "decided", "with_decisions"]

_REQUIRED = ("call_id", "call_type", "received_at")
_FACT_PREFIX = "fact_"
_LISTS = ("codes", "needs", "prefers", "excludes")


def calls_from_frame(frame: geopandas.GeoDataFrame, *, facts: Collection[str]) -> Iterator[Call]:
    """Read one call from each row.

    Parameters
    ----------
    frame : GeoDataFrame
        Point geometry in any CRS, reprojected to WGS 84; columns ``call_id``, ``call_type``,
        ``received_at`` (timezone-aware), and ``fact_weapon``, ``fact_violence``... holding yes, no
        or unknown; a missing value is unknown, as of a fact that the policy of its day does not
        know. Columns ``codes``, ``needs``, ``prefers`` and ``excludes`` hold words separated by
        ``;``, or lists of them, and ``uncertainty`` regions, as `Call` takes them; each may be
        missing, whole or in some rows.
    facts : collection of str
        Facts that some policy knows.

    Yields
    ------
    Call

    Raises
    ------
    InputError
        A column or the CRS is missing, a column is named like a fact but is none, a geometry is no
        point, or a value is broken; names the row.
    """
    _check_columns(frame, facts)
    points = frame.geometry.to_crs(4326)
    given = {name: frame[name].tolist() for name in _REQUIRED}
    answers = {
        name.removeprefix(_FACT_PREFIX): frame[name].tolist()
        for name in frame.columns
        if name.startswith(_FACT_PREFIX)
    }
    lists = {name: frame[name].tolist() for name in _LISTS if name in frame.columns}
    regions = frame["uncertainty"].tolist() if "uncertainty" in frame.columns else None
    for row, point in enumerate(points):
        try:
            lon, lat = _place(point)
            yield Call(
                call_id=_call_id(given["call_id"][row]),
                lon=lon,
                lat=lat,
                call_type=given["call_type"][row],
                received_at=given["received_at"][row],
                # Left out, not unknown in so many words: columns are those of every policy.
                facts={
                    fact: column[row]
                    for fact, column in answers.items()
                    if not _is_missing(column[row])
                },
                uncertainty=None if regions is None else _region(regions[row]),
                **{name: _words(column[row]) for name, column in lists.items()},
            )
        except InputError as error:
            raise InputError(f"row {row}: {error}") from error


def _check_columns(frame: geopandas.GeoDataFrame, facts: Collection[str]) -> None:
    """Refuse a frame whose columns are missing, doubtful or given twice."""
    names = list(frame.columns)
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise InputError(f"the GeoDataFrame's columns must be distinct texts; they are {names}")
    missing = [name for name in _REQUIRED if name not in names]
    if missing:
        raise InputError(
            f"the GeoDataFrame lacks the columns {', '.join(missing)}; it has {', '.join(names)}"
        )
    if frame.active_geometry_name is None:
        raise InputError("the GeoDataFrame has no geometry; set it with frame.set_geometry(...)")
    if frame.crs is None:
        raise InputError("the GeoDataFrame has no CRS; set it with frame.set_crs(...)")
    for name in names:
        fact = name.strip().lower().removeprefix(_FACT_PREFIX)
        if fact in facts and name != _FACT_PREFIX + fact:
            raise InputError(f"column {name!r} looks like a fact; name it {_FACT_PREFIX + fact!r}")
        if name.startswith(_FACT_PREFIX) and fact not in facts:
            known = ", ".join(sorted(facts))
            raise InputError(f"column {name!r}: unknown fact {fact!r}; the policy knows {known}")


def _place(point: Any) -> tuple[float, float]:
    if point is None or point.geom_type != "Point" or point.is_empty:
        raise InputError(f"the geometry is no point: {point}")
    return float(point.x), float(point.y)


def _call_id(value: Any) -> str:
    """Take text, or a whole number; a missing or broken one is refused by name."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise InputError(f"call_id {value!r} must be text or a whole number")
    return value


def decided(
    frame: geopandas.GeoDataFrame,
    facts: Collection[str],
    decide: Callable[[Iterable[Call]], Iterable[Decision]],
    alone: Callable[[Call], Decision],
) -> geopandas.GeoDataFrame:
    """Decide each row, all together; where that fails, one `alone` after the other names the row.

    The other parameters and errors are those of the two functions beside this one.
    """
    if not hasattr(frame, "crs"):
        raise InputError("route_many takes a GeoDataFrame; this frame has no geometry or CRS")
    _refuse_decided(frame)  # before the work, not after it
    calls = list(calls_from_frame(frame, facts=facts))
    try:
        decisions = list(decide(calls))
    except InputError:
        for row, call in enumerate(calls):
            try:
                alone(call)
            except InputError as error:
                raise InputError(f"row {row}: {error}") from error
        raise
    return with_decisions(frame, decisions)


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
    from pandas import array  # noqa: PLC0415  # as below

    _refuse_decided(frame)
    rows = [_columns(decision) for decision in decisions]
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in _columns_of_nothing()}
    # Whole numbers with gaps: plain pandas would turn 7 into 7.0 when a call lies outside.
    columns["division"] = array(columns["division"], dtype="Int64")
    return frame.assign(**columns)


def _refuse_decided(frame: geopandas.GeoDataFrame) -> None:
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


def _is_missing(value: Any) -> bool:
    """Tell pandas' ways of writing nothing: None, NaN, NaT and NA."""
    from pandas import isna  # noqa: PLC0415  # slow to import; loaded with the frame anyway

    return bool(not isinstance(value, list | tuple | str) and isna(value) is True)


def _region(value: Any) -> Any:
    """Take a missing value for a certain position; anything else must be a region."""
    return None if _is_missing(value) else value


def _words(value: Any) -> tuple[str, ...]:
    """Take words from ``a;b``, a list, or nothing."""
    if hasattr(value, "tolist"):  # a numpy array
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(value)
    if _is_missing(value):
        return ()
    return tuple(word.strip() for word in str(value).split(";") if word.strip())
