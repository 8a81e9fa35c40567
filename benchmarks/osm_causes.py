"""Why two engines differ on a pair of places: worked out from recorded evidence, nothing else.

A cause is a kind and a sentence. Its kind is one of:

==================  ==============================================================================
not entered         the peer does not enter the street that the place is on (private, a driveway)
closed to us        the peer joins or drives a way that our rules close, or a one-way against us
private             the peer passes through a way that we only enter to reach somebody
another entrance    the place is in a private area of several entrances; the peer takes another
extract's edge      a way from which nothing leads back, or to which nothing leads, in the extract
counted two-way     we drive a one-way backward: it is of a private area with several entrances
joins elsewhere     both ways are open to both, and the peer joins the road at another one
barrier             a barrier on the peer's way that stops us
restriction         a turn on the peer's way that is forbidden
turns round         one engine turns round where the other does not
other streets       each can drive the other's way; ours is quicker by our times, and the peer's by
                    its own, or by what it weighs besides time
unexplained         none of these
==================  ==============================================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.osm_streets import AGAINST, CLOSED, ENDS_ONLY, OPEN, Street

__all__ = ["ALIKE", "APART_M", "Cause", "End", "Evidence", "Joint", "Trip", "alike", "causes"]

APART_M = 0.2
"""Two engines join the road elsewhere when farther apart than this: more than they round by."""
FAR_M = 10.0
"""Joints nearer than this count only where they explain the difference: a corner may decide."""
ALIKE = 0.03
"""Drives whose metres differ by no more than this share, or by `SHORT_M`, are alike."""
SHORT_M = 10.0
SLIP_S = 1.0
"""The fastest way may come out slower than another by this, since joints are rounded."""


@dataclass(frozen=True, slots=True)
class Joint:
    """Where an engine joins the road.

    Parameters
    ----------
    lon, lat : float
        Degrees.
    off_m : float
        From the place asked for, metres.
    street : Street
        What it joins.
    """

    lon: float
    lat: float
    off_m: float
    street: Street


@dataclass(frozen=True, slots=True)
class End:
    """One place of a pair.

    Parameters
    ----------
    lon, lat : float
        Degrees.
    ours, theirs : Joint or None
        Where each engine joins the road; None where it does not say.
    apart_m : float
        Between the two, metres; 0 where one is None.
    ours_there : bool
        A road of our network passes where the peer joins.
    """

    lon: float
    lat: float
    ours: Joint | None
    theirs: Joint | None
    apart_m: float
    ours_there: bool


class Trip(NamedTuple):
    """What a drive takes on the road."""

    metres: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one pair and one peer.

    Parameters
    ----------
    start, goal : End
        The two places.
    ours, theirs : Trip or None
        The two drives; None where there is no way.
    between_their_joints : Trip or None
        Ours again, between the places where the peer joins the road; only where those are apart
        from ours and on our network.
    only_ours, only_theirs : tuple of Street
        Where the lines part: ours (between their joints, where there is one) and theirs.
    ours_by_them, theirs_by_us : Trip or None
        Each engine sent along the other's line; None where it cannot follow.
    turned_by_us, turned_by_them : int
        How often each turns round in the middle of a street or at its end.
    stops : tuple of str
        Barriers on their line that are closed to us.
    forbidden : tuple of int
        Turn restrictions that their line breaks.
    """

    start: End
    goal: End
    ours: Trip | None
    theirs: Trip | None
    between_their_joints: Trip | None
    only_ours: tuple[Street, ...]
    only_theirs: tuple[Street, ...]
    ours_by_them: Trip | None
    theirs_by_us: Trip | None
    turned_by_us: int
    turned_by_them: int
    stops: tuple[str, ...]
    forbidden: tuple[int, ...]


class Cause(NamedTuple):
    """One reason why the two differ."""

    kind: str
    text: str


def alike(one: Trip, other: Trip) -> bool:
    """Tell whether two drives are as good as equally long."""
    least = min(one.metres, other.metres)
    return abs(one.metres - other.metres) <= max(ALIKE * least, SHORT_M)


def causes(evidence: Evidence) -> tuple[Cause, ...]:
    """Name every cause that the evidence bears out; ``unexplained`` where there is none.

    Ends joined elsewhere come first. Where our drive between the peer's own joints is as long as
    the peer's, they explain all of it, and the streets are not looked at.
    """
    ends = (("start", evidence.start), ("goal", evidence.goal))
    ours, theirs = evidence.between_their_joints, evidence.theirs
    if ours is not None and theirs is not None and alike(ours, theirs):
        settled = [cause for which, end in ends for cause in _of_end(which, end)]
        if settled:
            return tuple(settled)
    far = [(which, end) for which, end in ends if end.apart_m > FAR_M or not end.ours_there]
    found = [cause for which, end in far for cause in _of_end(which, end)]
    rest = "" if found else "no rule of the script explains it"
    if found and ours is not None:
        rest = f"between the peer's own joints we drive {ours.metres:.0f} m"
    of_streets = list(_of_streets(evidence))
    if rest and not of_streets:
        of_streets.append(Cause("unexplained", rest))
    return tuple(dict.fromkeys(found + of_streets))


def _of_end(which: str, end: End) -> Iterator[Cause]:
    """Say why the two join the road at different places."""
    ours, theirs = end.ours, end.theirs
    if theirs is None:
        if ours is not None:
            yield Cause("not entered", f"{which}: the peer finds no road near {said(ours.street)}")
        return
    if ours is None:
        yield Cause("closed to us", f"{which}: we find no road near {said(theirs.street)}")
        return
    if end.apart_m > APART_M:
        joined = f"{said(theirs.street)}, {end.apart_m:.0f} m apart from ours"
        if theirs.street.rule == CLOSED:
            yield Cause("closed to us", f"{which}: the peer joins {joined}")
        elif ours.off_m + FAR_M < theirs.off_m and ours.street.rule == ENDS_ONLY:
            text = f"{which}: the peer does not enter {said(ours.street)} and joins {joined}"
            yield Cause("not entered", text)
        elif end.ours_there:
            text = f"{which}: the peer joins {joined}, we join {said(ours.street)}"
            yield Cause("joins elsewhere", text)
    if not end.ours_there and theirs.street.rule in {OPEN, ENDS_ONLY}:
        text = f"{which}: {said(theirs.street)} cannot be driven to and back within the extract"
        yield Cause("extract's edge", text)


def _of_streets(evidence: Evidence) -> Iterator[Cause]:
    """Say why the two ways differ."""
    for street in evidence.only_theirs:
        if street.rule in {CLOSED, AGAINST}:
            yield Cause("closed to us", f"the peer drives {said(street)}, which we do not")
    for street in evidence.only_ours:
        if street.rule == AGAINST:
            text = (
                f"we drive {said(street)} backward: its private area has several entrances and is "
                "cut between them"
            )
            yield Cause("counted two-way", text)
    for stop in evidence.stops:
        yield Cause("barrier", f"the peer passes {stop}, which stops us")
    for relation in evidence.forbidden:
        yield Cause("restriction", f"the peer's way breaks restriction {relation}")
    yield from _of_private(evidence)
    yield from _of_choice(evidence)


def _of_private(evidence: Evidence) -> Iterator[Cause]:
    """Name the streets that one engine passes through and the other only enters, or not even.

    A street on which a drive begins or ends is not passed through.
    """
    ends = (evidence.start, evidence.goal)
    if evidence.theirs is not None and evidence.theirs_by_us is None:
        own = {end.theirs.street.way for end in ends if end.theirs and end.apart_m > FAR_M}
        shared = {
            end.ours.street.way
            for end in ends
            if end.ours and end.theirs and end.ours.street.way == end.theirs.street.way
        }
        for street in evidence.only_theirs:
            if street.rule == ENDS_ONLY and street.way in shared:
                text = f"the peer takes {said(street)} by an entrance that is not the nearest"
                yield Cause("another entrance", text)
            elif street.rule == ENDS_ONLY and street.way not in own:
                yield Cause("private", f"the peer passes through {said(street)}; we only enter")
    if evidence.ours is not None and evidence.ours_by_them is None:
        own = {end.ours.street.way for end in ends if end.ours}
        for street in evidence.only_ours:
            if street.rule == ENDS_ONLY and street.way not in own:
                yield Cause("not entered", f"the peer does not drive {said(street)}")


def _of_choice(evidence: Evidence) -> Iterator[Cause]:
    """Compare the two ways by the times of each engine, where both can drive both."""
    ours = evidence.between_their_joints or evidence.ours
    theirs = evidence.theirs
    if ours is None or theirs is None:
        return
    if evidence.turned_by_us != evidence.turned_by_them:
        text = (
            f"we turn round {evidence.turned_by_us} times, the peer {evidence.turned_by_them} times"
        )
        yield Cause("turns round", text)
    if evidence.theirs_by_us and evidence.ours_by_them:
        by_us, by_them = evidence.theirs_by_us.seconds, evidence.ours_by_them.seconds
        if by_us < ours.seconds - SLIP_S:
            quicker = ours.seconds - by_us
            text = f"we ourselves drive the peer's way {quicker:.0f} s quicker than the one we take"
            yield Cause("unexplained", text)
            return
        text = (
            f"both can drive both ways. Ours, over {named(evidence.only_ours)}: "
            f"{ours.seconds:.0f} s by our times, {by_them:.0f} s by the peer's. Theirs, over "
            f"{named(evidence.only_theirs)}: {by_us:.0f} s and {theirs.seconds:.0f} s"
        )
        weighed = by_them < theirs.seconds - SLIP_S
        yield Cause("other streets", text + ("; the peer weighs more than time" if weighed else ""))


def said(street: Street) -> str:
    """Write a street with its way and the tags that decide."""
    tags = ", ".join(f"{key}={value}" for key, value in sorted(street.tags.items()))
    name = f"{street.name}, " if street.name else ""
    return f"{name}way {street.way} ({tags})" if street.way else "a road of no way near"


def named(streets: tuple[Street, ...]) -> str:
    """List streets by name, or way where they have none, the longest first, at most three."""
    ordered = sorted(streets, key=lambda street: -street.metres)
    names = dict.fromkeys(street.name or f"way {street.way}" for street in ordered)
    return ", ".join(list(names)[:3]) or "the same streets"
