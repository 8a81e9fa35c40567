"""What is known of one pair of places: drives, joints, streets, and each sent along the other's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from benchmarks.osm_causes import APART_M, End, Evidence, Joint, Trip
from benchmarks.osm_drives import Drive, OurRoads, Place
from benchmarks.osm_streets import ExtractStreets, Step, apart_m

__all__ = ["gather", "inner_ends", "parting", "turned", "vias"]

Ask = Callable[[Sequence[Place]], Drive]

FOLLOWED = 0.03
"""An engine has followed a line when it drove as many metres, but for this share and `SLIP_M`."""
SLIP_M = 5.0
SHORTEST_M = 10.0
"""On a line shorter than this no via point is set."""
INSIDE_M = 0.5
SPACING_M = 60.0
"""Via points are no farther apart: half a block, so that nothing quicker lies between them."""


def gather(
    pair: tuple[Place, Place],
    roads: OurRoads,
    streets: ExtractStreets,
    ask: Ask,
    drives: tuple[Drive, Drive] | None = None,
) -> Evidence:
    """Gather the evidence of one pair and one peer.

    Parameters
    ----------
    pair : (Place, Place)
        From where to where.
    roads : OurRoads
        Our network.
    streets : ExtractStreets
        Ways and tags.
    ask : callable
        The peer.
    drives : (Drive, Drive), optional
        Ours and theirs, where they are driven already.
    """
    ours, theirs = drives or (roads.drive(pair), ask(pair))
    steps = streets.steps(ours.line), streets.steps(theirs.line)
    start, goal = (
        _end(pair[at], ours.ends[at], theirs.ends[at], steps, at, roads, streets) for at in (0, -1)
    )
    again = None
    first, last = theirs.ends
    elsewhere = max(start.apart_m, goal.apart_m) > APART_M
    if first and last and elsewhere and start.ours_there and goal.ours_there:
        again = roads.drive(inner_ends(steps[1]) or (first, last))
    base = again if again is not None and again.found else ours
    mine = streets.steps(base.line)
    both = base.found and theirs.found
    return Evidence(
        start=start,
        goal=goal,
        ours=_trip(ours),
        theirs=_trip(theirs),
        between_their_joints=None if again is None else _trip(again),
        only_ours=streets.streets(parting(mine, steps[1])),
        only_theirs=streets.streets(parting(steps[1], mine)),
        ours_by_them=_following(base, mine, ask) if both else None,
        theirs_by_us=_following(theirs, steps[1], roads.drive) if both else None,
        turned_by_us=turned(mine),
        turned_by_them=turned(steps[1]),
        stops=tuple(dict.fromkeys(streets.stops(steps[1]))),
        forbidden=tuple(dict.fromkeys(streets.forbidden(steps[1]))),
    )


def parting(steps: Sequence[Step], others: Sequence[Step]) -> list[Step]:
    """Return the steps on segments that the others do not drive in that direction."""
    driven = {(step.segment, step.ahead) for step in others}
    return [step for step in steps if (step.segment, step.ahead) not in driven]


def vias(steps: Sequence[Step]) -> list[Place]:
    """Choose places along a line, evenly spaced, so that an engine sent through them follows it.

    Parameters
    ----------
    steps : sequence of Step
        All steps of the line.

    Returns
    -------
    list of Place
        In the order driven, no farther apart than `SPACING_M`; none on a line shorter than
        `SHORTEST_M`.
    """
    length = sum(step.metres for step in steps)
    count = math.ceil(length / SPACING_M) if length >= SHORTEST_M else 0
    return [_along(steps, (at + 0.5) * length / count) for at in range(count)]


def inner_ends(steps: Sequence[Step]) -> tuple[Place, Place] | None:
    """Return places a little inside the two ends of a line; None where it is too short.

    An end on a corner belongs to several streets, and an engine may join the one that leads away.
    """
    length = sum(step.metres for step in steps)
    if length < SHORTEST_M:
        return None
    return _along(steps, INSIDE_M), _along(steps, length - INSIDE_M)


def _along(pieces: Sequence[Step], metres: float) -> Place:
    """Return the place so many metres along some steps."""
    for step in pieces[:-1]:
        if metres <= step.metres:
            break
        metres -= step.metres
    else:
        step = pieces[-1]
    share = min(metres / step.metres, 1.0)
    (lon, lat), (to_lon, to_lat) = step.begin, step.end
    return (lon + (to_lon - lon) * share, lat + (to_lat - lat) * share)


def turned(steps: Sequence[Step]) -> int:
    """Count how often a line goes back on the segment it came by."""
    return sum(
        before.segment == after.segment >= 0 and before.ahead != after.ahead
        for before, after in pairwise(steps)
    )


def _following(drive: Drive, steps: Sequence[Step], ask: Ask) -> Trip | None:
    """Send an engine along a drive of the other; None where it does not follow."""
    if drive.metres is None or not drive.line:
        return None
    first, last = inner_ends(steps) or (drive.line[0], drive.line[-1])
    found = _trip(ask([first, *vias(steps), last]))
    if found is None:
        return None
    slip = abs(found.metres - drive.metres)
    return found if slip <= FOLLOWED * drive.metres + SLIP_M else None


def _end(
    place: Place,
    ours: Place | None,
    theirs: Place | None,
    steps: tuple[list[Step], list[Step]],
    at: int,
    roads: OurRoads,
    streets: ExtractStreets,
) -> End:
    one, other = (
        None if joint is None else _joint(place, joint, own, at, streets)
        for joint, own in zip((ours, theirs), steps, strict=True)
    )
    return End(
        lon=place[0],
        lat=place[1],
        ours=one,
        theirs=other,
        apart_m=apart_m(ours, theirs) if ours and theirs else 0.0,
        ours_there=theirs is not None and roads.holds(theirs),
    )


def _joint(
    place: Place, joint: Place, steps: Sequence[Step], at: int, streets: ExtractStreets
) -> Joint:
    """Describe a joint: by the first or last step driven, or else by what is nearest."""
    street = streets.street(steps[at].segment, steps[at].ahead) if steps else streets.at(joint)
    return Joint(joint[0], joint[1], round(apart_m(place, joint), 1), street)


def _trip(drive: Drive) -> Trip | None:
    if drive.metres is None or drive.seconds is None:
        return None
    return Trip(drive.metres, drive.seconds)
