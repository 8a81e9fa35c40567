"""Whether replication k of two scenarios would have the same calls, and what to change if not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from unarmed_router.research.prepared_scenario import PreparedScenario
from unarmed_router.simulation.call_replay import CallReplay
from unarmed_router.simulation.streams import CallStream

__all__ = ["other_confidence", "unpaired"]

_SAME_RUN = ("start", "days", "warm_up_days", "seed")

_STREAMED = {
    "tracts": "other tracts",
    "arrivals": "other arrivals by hour",
    "call_mix": "another call mix",
}
_REPLAYED = {
    "replay_file": "other files of calls",
    "replay_districts": "other points of districts",
    "call_mix": "another call mix, which draws how calls turn out",
}
_DRAWN = {"tracts": "other tracts, by which places are drawn"}
"""Files the calls depend on, by their name in `PreparedScenario.files`, in words."""


def unpaired(before: PreparedScenario, after: PreparedScenario) -> Iterator[str]:
    """List why replications of two scenarios would not have the same calls, with the remedy."""
    for name in _SAME_RUN:
        one, two = getattr(before.document.run, name), getattr(after.document.run, name)
        if one != two:
            yield f"run.{name}: {one} and {two}: give both the same, or their calls differ"
    for name, what in (
        ("boundaries", "other divisions"),
        ("network", "another road network"),
    ):
        if getattr(before.agency.world.digests, name) != getattr(after.agency.world.digests, name):
            yield f"agency: the two have {what}: name the same agency, or their calls differ"
    if before.agency.hours.zone.key != after.agency.hours.zone.key:
        yield (
            f"agency: the two have other time zones, {before.agency.hours.zone.key} and "
            f"{after.agency.hours.zone.key}: give both the same, or their days differ"
        )
    if (before.document.replay is None) != (after.document.replay is None):
        yield "replay: one replays real calls and the other makes some: let both do the same"
    elif before.document.replay is not None:
        yield from _other_files(before, after, "replay", _REPLAYED)
        yield from _other_readings(before, after)
        if before.document.replay.areas:
            yield from _other_files(before, after, "replay", _DRAWN)
            yield from _other_roads(before, after)
    else:
        yield from _other_streams(before, after)


def _other_roads(before: PreparedScenario, after: PreparedScenario) -> Iterator[str]:
    """List why places that are drawn would be moved to other roads."""
    ones, twos = before.agency.roads, after.agency.roads
    if (ones.limit_m, ones.exclude) != (twos.limit_m, twos.exclude):
        yield (
            "agency: the two snap places to roads in other ways: give both the same limit_m and "
            "exclude_classes under [snapping], or their calls differ"
        )


def other_confidence(before: PreparedScenario, after: PreparedScenario) -> Iterator[str]:
    """List why intervals of two scenarios could not stand side by side, with the remedy."""
    both = before.document.precision is not None and after.document.precision is not None
    if both and before.confidence != after.confidence:
        yield (
            f"precision.confidence: {before.confidence:g} and {after.confidence:g}: give both the "
            "same, so that their intervals can stand side by side"
        )


def _other_streams(before: PreparedScenario, after: PreparedScenario) -> Iterator[str]:
    """List why synthetic calls would differ."""
    faults = list(_other_files(before, after, "stream", _STREAMED))
    for name in ("calls_per_day", "weigh_by"):
        one, two = getattr(before.document.stream, name), getattr(after.document.stream, name)
        if one != two:
            faults.append(
                f"stream.{name}: {one} and {two}: give both the same, or their calls differ"
            )
    faults += _other_roads(before, after)
    yield from faults
    ones, twos = before.source, after.source
    assert isinstance(ones, CallStream)  # noqa: S101  # asked by the caller
    assert isinstance(twos, CallStream)  # noqa: S101  # the same
    if not faults and ones.rates != twos.rates:  # else a fault above is why
        yield (
            f"stream.calls_per_day: the policies make {ones.rates.per_day:g} and "
            f"{twos.rates.per_day:g} calls a day of the diverted ones: give both the same"
        )


def _other_files(
    before: PreparedScenario, after: PreparedScenario, table: str, kinds: Mapping[str, str]
) -> Iterator[str]:
    """List the files with other bytes."""
    for kind, what in kinds.items():
        if before.files.get(kind) != after.files.get(kind):
            yield f"{table}: the two have {what}: name the same file, or their calls differ"


def _other_readings(before: PreparedScenario, after: PreparedScenario) -> Iterator[str]:
    """List why the same file of calls would be read as other calls."""
    ones, twos = before.source, after.source
    assert isinstance(ones, CallReplay)  # noqa: S101  # asked by the caller
    assert isinstance(twos, CallReplay)  # noqa: S101  # the same
    if ones.layout != twos.layout:
        yield "replay.layout: the two read their files in other ways: give both the same layout"
    for name in ("areas", "area_drop_digits"):
        one, two = getattr(before.document.replay, name), getattr(after.document.replay, name)
        if one != two:
            yield f"replay.{name}: {one} and {two}: give both the same, or their calls differ"
    if ones.codes != twos.codes:
        yield (
            "agency: the policies read codes of calls by other tables, so that calls take other "
            "times: name the same table in both"
        )
