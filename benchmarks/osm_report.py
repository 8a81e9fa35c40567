"""What the comparison with one peer comes to: ratios, speeds by class, causes; as text and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from benchmarks.osm_causes import Cause, End, Evidence, Joint, Trip, said
from benchmarks.osm_drives import Drive, Place
from benchmarks.osm_streets import Street

__all__ = ["Compared", "Explained", "Spread", "class_speeds", "document", "printed", "spread"]

Pair = tuple[Place, Place]

SAME = 0.02
"""Pairs whose metres differ by less are taken to be the same way, for the speeds by class."""
LISTED = 8
MOST = 0.6
"""A drive counts for a class that makes up this share of it."""


class Spread(NamedTuple):
    """Three percentiles of a ratio, ours to theirs."""

    p10: float
    median: float
    p90: float


class Explained(NamedTuple):
    """A pair that differs, and why."""

    pair: Pair
    evidence: Evidence
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One peer beside us.

    Parameters
    ----------
    engine, version : str
        Which.
    both : sequence of (Trip, Trip)
        Ours and theirs of each pair that both drive.
    joined_alike : sequence of (Trip, Trip)
        Those of them that both join at the same places.
    public : sequence of (Trip, Trip)
        Those of these on whose way, ours, every street is open to all.
    speeds : mapping of str to (int, float, float)
        By road class: pairs, our median speed and theirs, km/h.
    explained : sequence of Explained
        Every pair that differs; those driven by one only, then by how far the metres differ.
    """

    engine: str
    version: str
    both: Sequence[tuple[Trip, Trip]]
    joined_alike: Sequence[tuple[Trip, Trip]]
    public: Sequence[tuple[Trip, Trip]]
    speeds: Mapping[str, tuple[int, float, float]]
    explained: Sequence[Explained]


def spread(pairs: Sequence[tuple[Trip, Trip]], field: str) -> Spread | None:
    """Return the percentiles of a ratio, ours to theirs; None without pairs.

    Drives of less than a metre or a second count as one: their ratio would mean nothing.
    """
    if not pairs:
        return None
    ratios = [
        max(getattr(one, field), 1.0) / max(getattr(other, field), 1.0) for one, other in pairs
    ]
    return Spread(*(round(float(value), 3) for value in np.percentile(ratios, (10, 50, 90))))


def class_speeds(
    drives: Sequence[tuple[Drive, Drive, Sequence[Street]]],
) -> dict[str, tuple[int, float, float]]:
    """Return the speeds of both on each class, from pairs that drive the same way.

    Parameters
    ----------
    drives : sequence of (Drive, Drive, sequence of Street)
        Ours, theirs, and the streets of ours.
    """
    kph: dict[str, list[tuple[float, float]]] = {}
    for ours, theirs, streets in drives:
        if not (ours.metres and theirs.metres and ours.seconds and theirs.seconds):
            continue
        if abs(ours.metres - theirs.metres) > SAME * theirs.metres:
            continue
        metres: dict[str, float] = {}
        for street in streets:
            kind = street.tags.get("highway", "")
            metres[kind] = metres.get(kind, 0.0) + street.metres
        kind, most = max(metres.items(), key=lambda item: item[1])
        if most >= MOST * sum(metres.values()):
            speeds = (ours.metres / ours.seconds * 3.6, theirs.metres / theirs.seconds * 3.6)
            kph.setdefault(kind, []).append(speeds)
    speeds_of = {}
    for kind, found in sorted(kph.items()):
        mine, other = (round(float(value), 1) for value in np.median(found, axis=0))
        speeds_of[kind] = (len(found), mine, other)
    return speeds_of


def kinds(explained: Sequence[Explained]) -> dict[str, int]:
    """Count the pairs by the kinds of their causes."""
    return dict(
        Counter(
            " + ".join(dict.fromkeys(cause.kind for cause in each.causes)) for each in explained
        ).most_common()
    )


def document(compared: Compared, shown: int) -> dict[str, Any]:
    """Return the comparison as JSON has it, with the evidence of the worst pairs."""
    one_sided, differing = _parted(compared)
    ratios = {"distance": "metres", "time": "seconds"}
    return {
        "version": compared.version,
        "both": len(compared.both),
        "only_we": sum(each.evidence.theirs is None for each in one_sided),
        "only_the_peer": sum(each.evidence.ours is None for each in one_sided),
        "ratios": {name: _plain(spread(compared.both, field)) for name, field in ratios.items()},
        "joined_alike": len(compared.joined_alike),
        "ratios_joined_alike": {
            name: _plain(spread(compared.joined_alike, field)) for name, field in ratios.items()
        },
        "public": len(compared.public),
        "ratios_public": {
            name: _plain(spread(compared.public, field)) for name, field in ratios.items()
        },
        "speeds_kph": compared.speeds,
        "causes": {"one_sided": kinds(one_sided), "differing": kinds(differing)},
        "worst": [_as_json(each) for each in differing[:shown]],
        "one_sided": [_as_json(each) for each in one_sided[:shown]],
    }


def printed(compared: Compared, shown: int) -> Iterator[str]:
    """Write the comparison line by line."""
    one_sided, differing = _parted(compared)
    yield f"{compared.engine} {compared.version}:"
    lost = sum(each.evidence.ours is None for each in one_sided)
    yield (
        f"  {len(compared.both)} pairs driven by both; {lost} only by the peer, "
        f"{len(one_sided) - lost} only by us"
    )
    alike, public = compared.joined_alike, compared.public
    for title, pairs in (
        ("all", compared.both),
        (f"{len(alike)} joined at the same places", alike),
        (f"{len(public)} of these on open streets only", public),
    ):
        for name, field in (("distance", "metres"), ("time", "seconds")):
            found = spread(pairs, field)
            if found:
                yield (
                    f"  {name}, ours to theirs, {title}: p10 {found.p10:.3f}, "
                    f"median {found.median:.3f}, p90 {found.p90:.3f}"
                )
    for kind, (count, mine, other) in compared.speeds.items():
        yield f"  the same way, mostly {kind}: {count} pairs, ours {mine} km/h, theirs {other} km/h"
    for title, explained in (("driven by one only", one_sided), ("that differ", differing)):
        for kind, count in kinds(explained).items():
            yield f"  pairs {title}: {count} {kind}"
    for title, explained in (("farthest from one", differing), ("driven by one only", one_sided)):
        yield f"  {title}:" if explained else f"  {title}: none"
        for number, each in enumerate(explained[:shown], 1):
            yield from _pair(number, each)


def _parted(compared: Compared) -> tuple[list[Explained], list[Explained]]:
    one_sided = [
        e for e in compared.explained if e.evidence.ours is None or e.evidence.theirs is None
    ]
    differing = [e for e in compared.explained if e.evidence.ours and e.evidence.theirs]
    return one_sided, differing


def _pair(number: int, each: Explained) -> Iterator[str]:
    evidence = each.evidence
    start, goal = (f"({end.lon:.5f}, {end.lat:.5f})" for end in (evidence.start, evidence.goal))
    ours, theirs = _trip(evidence.ours), _trip(evidence.theirs)
    yield f"  {number:3}. {start} to {goal}: ours {ours}, theirs {theirs}"
    for which, end in (("start", evidence.start), ("goal", evidence.goal)):
        yield f"       {which}: {_end(end)}"
    if evidence.between_their_joints:
        yield f"       between their joints we drive {_trip(evidence.between_their_joints)}"
    yield f"       only ours: {_streets(evidence.only_ours)}"
    yield f"       only theirs: {_streets(evidence.only_theirs)}"
    if evidence.ours and evidence.theirs:
        yield (
            f"       their way driven by us: {_trip(evidence.theirs_by_us, 'cannot follow')}; "
            f"ours by them: {_trip(evidence.ours_by_them, 'cannot follow')}"
        )
    for cause in each.causes:
        yield f"       = {cause.kind}: {cause.text}"


def _trip(trip: Trip | None, none: str = "no way") -> str:
    return none if trip is None else f"{trip.metres:.0f} m {trip.seconds:.0f} s"


def _end(end: End) -> str:
    ours = _joint(end.ours)
    if end.ours and end.theirs and end.ours.street.way == end.theirs.street.way and end.apart_m < 1:
        return f"both join {ours}"
    return f"ours joins {ours}; theirs {_joint(end.theirs)}; {end.apart_m:.0f} m apart"


def _joint(joint: Joint | None) -> str:
    return "nothing" if joint is None else f"{said(joint.street)} {joint.off_m:.0f} m off"


def _streets(streets: Sequence[Street]) -> str:
    """List streets in the order driven, at most `LISTED`: JSON has all."""
    if not streets:
        return "nothing"
    listed = [
        f"{street.metres:.0f} m of {street.name or 'no name'} (way {street.way}, "
        f"{street.tags.get('highway', '?')}, {street.rule})"
        for street in streets[:LISTED]
    ]
    more = [f"{len(streets) - LISTED} more"] if len(streets) > LISTED else []
    return "; ".join(listed + more)


def _plain(found: Spread | None) -> dict[str, float] | None:
    return None if found is None else found._asdict()


def _as_json(each: Explained) -> dict[str, Any]:
    evidence = asdict(each.evidence)
    for name in ("ours", "theirs", "between_their_joints", "ours_by_them", "theirs_by_us"):
        trip = getattr(each.evidence, name)
        evidence[name] = None if trip is None else trip._asdict()
    return {"evidence": evidence, "causes": [cause._asdict() for cause in each.causes]}
