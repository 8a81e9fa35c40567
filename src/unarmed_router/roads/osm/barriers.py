"""What stands on a node: may the team pass, and what does it cost.

Source: OSM wiki, Key:barrier (a barrier without access keys: gates may be opened, bollards and
blocks stop a car), Tag:barrier=bollard (``bollard=rising`` is lowered for those entitled),
Key:kerb (its height, from flush to raised; on a crossing it is the kerb of the sidewalk),
Key:locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from unarmed_router.roads.osm.access import tagged_access
from unarmed_router.roads.osm.profile import Access, DrivingProfile, Tags

__all__ = ["NodeUse", "node_use"]

Side = Literal["forward", "backward", "both"]
_SIGNAL = "highway=traffic_signals"


@dataclass(frozen=True, slots=True)
class NodeUse:
    """What a node does to those who pass.

    Parameters
    ----------
    access : Access
        OPEN lets pass; ENDS_ONLY lets in to reach a caller; CLOSED stops.
    delay_s : float
        Seconds it costs to pass.
    side : {"forward", "backward", "both"}
        The direction of the way in which it costs them.
    signal : bool
        A traffic signal stands here.
    """

    access: Access = Access.OPEN
    delay_s: float = 0.0
    side: Side = "both"
    signal: bool = False


def node_use(tags: Tags, profile: DrivingProfile) -> NodeUse | None:
    """Read the tags of a node; None where they mean nothing to the team."""
    access, delay = _barrier(tags, profile)
    side: Side = "both"
    signal = False
    for key in ("highway", "crossing", "traffic_calming", "railway"):
        what = f"{key}={tags.get(key)}"
        if what not in profile.node_delay_s:
            continue
        # A signalled crossing is tagged as a crossing twice: the dearer of the two counts.
        delay = max(delay, profile.node_delay_s[what])
        signal = signal or what == _SIGNAL
        side = _side(tags) if key == "highway" else side
    if access == Access.OPEN and delay == 0.0 and not signal:
        return None
    return NodeUse(access, delay, side, signal)


def _barrier(tags: Tags, profile: DrivingProfile) -> tuple[Access, float]:
    """Return what a barrier lets through, and its delay; an access key overrules its kind."""
    kind = tags.get("barrier")
    tagged = tagged_access(tags, profile)
    if kind is None:
        # Access keys stand on other nodes too (a ford, a pole); those are not read.
        return Access.OPEN, 0.0
    access = profile.barriers.get(kind, Access.CLOSED)
    # A kind may be told apart by the key of its own name: ``kerb=lowered``.
    access = profile.barriers.get(f"{kind}={tags.get(kind)}", access)
    if kind == "kerb" and tags.get("highway") == "crossing":
        access = Access.OPEN
    if kind == "bollard" and tags.get("bollard") == "rising":
        access = Access.ENDS_ONLY
    if tagged is not None:
        access = tagged
    if tags.get("locked") == "yes" and access == Access.OPEN:
        access = Access.CLOSED if tagged is None else Access.ENDS_ONLY
    return access, profile.barrier_delay_s.get(kind, 0.0) if access != Access.CLOSED else 0.0


def _side(tags: Tags) -> Side:
    """Return the direction a signal or sign faces; both where it is not said."""
    for key in ("traffic_signals:direction", "direction"):
        value = tags.get(key)
        if value == "forward":
            return "forward"
        if value == "backward":
            return "backward"
    return "both"
