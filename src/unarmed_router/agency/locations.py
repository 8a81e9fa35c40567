"""Uncertain positions over an agency's divisions, prepared when the first one comes."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unarmed_router.geography.area_parts import AreaParts, PartShare
    from unarmed_router.geography.division_index import DivisionIndex
    from unarmed_router.geography.partition import Partition
    from unarmed_router.geography.share_index import ShareIndex, Shares
    from unarmed_router.model.provider import Outline
    from unarmed_router.model.uncertainty import Uncertainty

__all__ = ["DivisionLocations"]


class DivisionLocations:
    """Shares and samples of positions that are not certain; safe to share between threads.

    Parameters
    ----------
    partition : Partition
        The divisions.
    index : DivisionIndex
        Of the same divisions.
    """

    def __init__(self, partition: Partition, index: DivisionIndex) -> None:
        self._partition, self._divisions = partition, index
        self._index: ShareIndex[int] | None = None
        self._parts: tuple[Mapping[str, Outline], AreaParts] | None = None
        self._making = Lock()

    def shares(self, *, lon: float, lat: float, uncertainty: Uncertainty) -> Shares[int]:
        """Spread the probability of a position over the divisions, exact to 0.001."""
        with self._making:
            if self._index is None:  # importing shapely costs more than a call may take at load
                from unarmed_router.geography.share_index import ShareIndex  # noqa: PLC0415

                self._index = ShareIndex.of_divisions(self._partition, self._divisions)
        return self._index.shares(lon=lon, lat=lat, uncertainty=uncertainty)

    def parts(
        self,
        *,
        lon: float,
        lat: float,
        uncertainty: Uncertainty,
        outlines: Mapping[str, Outline],
    ) -> Sequence[PartShare]:
        """Spread the probability of a position over divisions and outlined areas at once."""
        with self._making:
            made = self._parts
            if made is None or made[0] is not outlines:  # those of one policy, until it changes
                from unarmed_router.geography.area_parts import AreaParts  # noqa: PLC0415  # as above

                self._parts = made = outlines, AreaParts(self._partition, outlines)
        return made[1].shares(lon=lon, lat=lat, uncertainty=uncertainty)

    def samples(
        self, *, lon: float, lat: float, uncertainty: Uncertainty, count: int
    ) -> Sequence[tuple[float, float]]:
        """Return points of equal weight that stand for the position."""
        from unarmed_router.geography.sample_points import sample_points  # noqa: PLC0415  # as above

        lons, lats = sample_points(lon=lon, lat=lat, uncertainty=uncertainty, count=count)
        return list(zip(lons.tolist(), lats.tolist(), strict=True))
