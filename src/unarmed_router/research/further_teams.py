"""Where further teams help the most: each where it raises expected coverage the most.

Teams are placed one after the other, so that the first two of five are the two of two. Every one
is the best by itself; all together add at least ``1 - 1/e`` of what the best set could (Nemhauser,
Wolsey and Fisher, 1978, doi 10.1007/BF01588971). `siting` finds that set, or bounds it.
"""

from __future__ import annotations

import numpy as np

from unarmed_router.errors import InputError
from unarmed_router.research.site_choice import SiteChoice

__all__ = ["most_helpful"]

_SAME = 1e-9
"""Gains that differ by less, of the greatest, differ by rounding alone."""


def most_helpful(choice: SiteChoice, count: int) -> list[int]:
    """Choose sites one after the other, each where it raises expected coverage the most.

    Parameters
    ----------
    choice : SiteChoice
        What from.
    count : int
        How many to choose; a site may be chosen again.

    Returns
    -------
    list of int
        Rows of `SiteChoice.travel_ms`. Of sites that add as much, that from which the way to what
        it adds is shortest on average; of equal ones the first.

    Raises
    ------
    InputError
        No site adds anything.
    """
    cover = choice.cover
    way = np.where(cover.near, choice.travel_ms, 0.0)
    further = np.zeros(len(cover.demand), np.int64)
    chosen = []
    for _ in range(count):
        worth = cover.worth(further)
        gained = cover.near @ worth
        most = float(gained.max())
        if not most > 0.0:
            raise InputError(
                "no place where a further team adds cover within "
                f"{choice.limit_ms / 60_000:.1f} minutes of travel; allow more time, or fewer teams"
            )
        equal = np.flatnonzero(gained >= most * (1.0 - _SAME))
        site = int(equal[(way[equal] @ worth).argmin()])
        further += cover.near[site]
        chosen.append(site)
    return chosen
