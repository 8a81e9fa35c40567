"""Help between providers: who may help whom, and what it costs the helper's own area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["AidPrice", "MutualAid"]


@dataclass(frozen=True, slots=True)
class MutualAid:
    """When a provider's team may go outside its area.

    Parameters
    ----------
    helps : mapping of str to frozenset of str
        The providers each provider may help.
    max_response_s : int
        A helping team that would arrive later than this from now is not sent, seconds.
    keep_home : int
        Teams that could go in the helper's own area and must stay there.
    """

    helps: Mapping[str, frozenset[str]]
    max_response_s: int
    keep_home: int = 1


@dataclass(frozen=True, slots=True)
class AidPrice:
    """What the area of a helping team loses while it is away.

    Parameters
    ----------
    helper, helped : str
        Providers.
    target_s : int
        Response target of the program, seconds; turnout counts.
    demand : float
        Expected demand of the helper's own area, in the unit of the agency's table.
    covered_before, covered_after : float
        Share of it that a team of the helper could reach within the target, with the team that goes
        and without it, 0 to 1.
    table : str
        SHA-256 of the agency's table of demand, which no digest of the basis covers.
    """

    helper: str
    helped: str
    target_s: int
    demand: float
    covered_before: float
    covered_after: float
    table: str = ""
