"""One row of a file of calls, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from unarmed_router.errors import InputError
from unarmed_router.geography.projection import to_lonlat
from unarmed_router.model.call import Call, Facts
from unarmed_router.model.waiting import LOWEST_PRIORITY
from unarmed_router.simulation.call_mix import LONGEST_S, Service
from unarmed_router.simulation.replay_layout import ReplayLayout
from unarmed_router.simulation.replay_places import DistrictPlaces
from unarmed_router.simulation.replay_rows import POINT
from unarmed_router.simulation.streams import StreamedCall

__all__ = ["read_row"]

_BOOLEANS = {"true": True, "yes": True, "1": True, "1.0": True, "false": False, "no": False}
_BOOLEANS |= {"0": False, "0.0": False}  # a column of numbers with gaps is one of decimals

Row = Mapping[str, Any]


def read_row(
    row: Row,
    number: int,
    *,
    layout: ReplayLayout,
    drawn: Service | None,
    districts: DistrictPlaces | None,
    after: datetime | None = None,
) -> StreamedCall:
    """Read one call.

    Parameters
    ----------
    row : mapping
        Its cells.
    number : int
        Of the row.
    layout, districts
        As in `CallReplay`.
    drawn : Service or None
        What becomes of the call, as far as the row does not tell.
    after : datetime, optional
        When the call of the row above was received: it tells which of two hours that a clock change
        repeats is meant.

    Raises
    ------
    InputError
        Says which cell is broken, and how.
    """
    lon, lat = _place(row, number, layout, districts)
    call = Call(
        call_id=_word(row, layout.call_id),
        lon=lon,
        lat=lat,
        call_type=_word(row, layout.call_type),
        received_at=_received(row, layout, after),
        facts=_answers(row, layout),
        needs=tuple(_cell(row, layout.needs).split(";")) if _cell(row, layout.needs) else (),
    )
    return StreamedCall(call, _service(row, layout, drawn))


def _cell(row: Row, column: str | None) -> str:
    """Return a cell as text; empty for a column that is not named and a cell that is missing."""
    value = None if column is None else row[column]
    if isinstance(value, str):
        return value.strip()
    # What numpy and pandas put in place of a missing number, time or text.
    return "" if value is None or str(value) in ("nan", "NaT", "<NA>") else str(value)


def _word(row: Row, column: str) -> str:
    found = _cell(row, column)
    if not found:
        raise InputError(f"{column} is empty")
    return found


def _number(row: Row, column: str) -> float:
    word = _word(row, column)
    try:
        return float(word)
    except ValueError:
        raise InputError(f"{column} {row[column]!r} is not a number") from None


def _place(
    row: Row, number: int, layout: ReplayLayout, districts: DistrictPlaces | None
) -> tuple[float, float]:
    if layout.lon is not None and layout.lat is not None:
        return _number(row, layout.lon), _number(row, layout.lat)
    if layout.x is not None and layout.y is not None and layout.crs is not None:
        return to_lonlat(x=_number(row, layout.x), y=_number(row, layout.y), crs=layout.crs)
    if layout.district is not None and districts is not None:
        name = _word(row, layout.district)
        found = districts.place(name, number)
        if found is None:
            raise InputError(f"{layout.district} {name!r} is no district with a known place")
        return found
    if POINT in row:
        lon, lat = row[POINT]
        return float(lon), float(lat)
    raise InputError("has no place: name the columns lon and lat, x, y and crs, or district")


def _received(row: Row, layout: ReplayLayout, after: datetime | None) -> datetime:
    columns = layout.received_at
    _word(row, columns[0])  # pandas' missing time is a datetime too
    given = row[columns[0]]
    if isinstance(given, datetime) and len(columns) == 1:
        return _zoned(given, layout, after)
    text = " ".join(_word(row, column) for column in columns)
    try:
        if layout.received_format is None:
            moment = datetime.fromisoformat(text)
        else:
            moment = datetime.strptime(text, layout.received_format)  # noqa: DTZ007  # zoned below
    except ValueError as error:
        raise InputError(f"{' and '.join(columns)} {text!r} is no time: {error}") from None
    return _zoned(moment, layout, after)


def _zoned(moment: datetime, layout: ReplayLayout, after: datetime | None) -> datetime:
    """Give a wall-clock moment its zone; one that a clock change skips or repeats is taken as told.

    In the repeated hour the first is meant, unless the row above it is later than that: then the
    second. In the skipped one it is the offset before it, as Python's ``fold=0`` says.
    """
    if moment.utcoffset() is not None or layout.timezone is None:
        return moment  # a call refuses a naive one
    first = moment.replace(tzinfo=ZoneInfo(layout.timezone))
    second = first.replace(fold=1)
    # In UTC: moments of one zone are compared by their wall clock alone.
    late = after is not None and first.astimezone(UTC) < after <= second.astimezone(UTC)
    return second if late else first


def _answers(row: Row, layout: ReplayLayout) -> Facts:
    read = {fact: _cell(row, column) or "unknown" for fact, column in layout.facts.items()}
    return Facts({**layout.assume, **read})


def _service(row: Row, layout: ReplayLayout, drawn: Service | None) -> Service:
    waits = _whole(row, layout.gives_up_after_s, least=0)
    if layout.gives_up_after_s is None and drawn is not None:
        waits = drawn.gives_up_after_s
    on_scene = _whole(row, layout.on_scene_s, least=1)
    if on_scene is None:
        if drawn is None:
            raise InputError(
                "time on scene is neither in the file nor drawn: give on_scene_s or service"
            )
        on_scene = drawn.on_scene_s
    priority = _whole(row, layout.priority, least=1, most=LOWEST_PRIORITY)
    redirected = _cell(row, layout.redirected).casefold()
    if redirected and redirected not in _BOOLEANS:
        raise InputError(f"{layout.redirected} {redirected!r} must be true or false")
    return Service(
        on_scene_s=on_scene,
        priority=priority if priority is not None else drawn.priority if drawn else 3,
        gives_up_after_s=waits,
        redirected=_BOOLEANS[redirected] if redirected else bool(drawn and drawn.redirected),
    )


def _whole(row: Row, column: str | None, *, least: int, most: int = LONGEST_S) -> int | None:
    if column is None or not _cell(row, column):
        return None
    value = _number(row, column)
    if not least <= value <= most or value != int(value):
        told = f"must be a whole number of at least {least} and at most {most}"
        raise InputError(f"{column} {row[column]!r} {told}")
    return int(value)
