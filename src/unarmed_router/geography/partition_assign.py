"""Give every face to one division, or leave it outside: the one rule that repairs a border.

A face claimed by exactly one division is that division's. A face claimed by none and wide enough is
a hole: another city, outside. Every other face is a sliver, and goes to the division it shares the
longest border with: among those that claim it when it is an overlap, among all beside it when it is
a gap. Equal borders (to the millimetre) go to the lowest number.

A face narrower than two grid steps (2 cm) is rounding, whatever seems to claim it: a gap.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unarmed_router.geography.partition_faces import Faces

__all__ = ["ROUNDING_WIDTH_M", "assign_faces", "find_holes"]

ROUNDING_WIDTH_M = 0.022
"""Two steps of 1e-7 degree of latitude, the longer of the two axes."""


def find_holes(faces: Faces, hole_width_m: float) -> dict[int, float]:
    """Find the faces nobody claims that are wide enough to be another place.

    Parameters
    ----------
    faces : Faces
        From `cut_into_faces`.
    hole_width_m : float
        Smallest diameter of a circle that fits in a hole; a narrower face is a gap.

    Returns
    -------
    dict of int to float
        Face, and the diameter of its largest circle in metres.
    """
    unclaimed = [face for face, claims in enumerate(faces.claims) if not claims]
    widths = {face: faces.inscribed_width_m(face, hole_width_m) for face in unclaimed}
    return {face: width for face, width in widths.items() if width >= hole_width_m}


def assign_faces(faces: Faces, holes: dict[int, float]) -> list[int | None]:
    """Give each face to the place of one input polygon.

    Parameters
    ----------
    faces : Faces
        Cut from polygons in order of division number, so the lowest place is the lowest number.
    holes : dict
        Faces to leave outside, from `find_holes`.

    Returns
    -------
    list of int or None, one a face
        None outside.
    """
    owners: list[int | None] = [
        claims[0] if len(claims) == 1 and faces.mean_width_m(face) >= ROUNDING_WIDTH_M else None
        for face, claims in enumerate(faces.claims)
    ]
    waiting = [face for face, owner in enumerate(owners) if owner is None and face not in holes]
    while waiting:
        # All of one round see the same owners, so the result does not depend on face order.
        given = {face: _longest_neighbour(faces, face, owners) for face in waiting}
        for face, owner in given.items():
            owners[face] = owner
        waiting = [face for face in waiting if owners[face] is None]
        if all(owner is None for owner in given.values()):
            break
    for face in waiting:
        # Beside nothing but other slivers or the outside: the lowest claimant, if any.
        owners[face] = min(faces.claims[face], default=None)
    return owners


def _longest_neighbour(faces: Faces, face: int, owners: list[int | None]) -> int | None:
    shared: dict[int, float] = defaultdict(float)
    for beside, length in faces.borders[face].items():
        owner = owners[beside]
        if owner is not None:
            shared[owner] += length
    claims = faces.claims[face]
    if len(claims) > 1:
        shared = {owner: shared[owner] for owner in claims if owner in shared} or shared
    if not shared:
        return None
    return min(shared, key=lambda owner: (-round(shared[owner], 3), owner))
