"""KnownLinks: points that were linked already, found again by where they lie."""

from dataclasses import dataclass

import numpy as np

from analysis.linking.linkage import Linkage
from analysis.units import FloatArray, IdArray, freeze


@dataclass(frozen=True, slots=True, eq=False)
class KnownLinks:
    """Places in the order of `place` (complex128, x + iy metres, ascending) and their links.

    `row` int64 [n] is the point of `links` at each place.
    """

    place: IdArray
    row: IdArray
    links: Linkage

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.place)
        freeze(self.row)

    def rows(self, xy_m: FloatArray) -> IdArray:
        """Return the point of `links` at each of `xy_m` (float64 [p, 2]), int64 [p]; -1: none."""
        asked = _places(xy_m)
        at = np.minimum(np.searchsorted(self.place, asked), max(len(self.place) - 1, 0))
        found = np.full(len(asked), -1, dtype=np.int64)
        if len(self.place):
            same = self.place[at] == asked
            found[same] = self.row[at[same]]
        return found


def known_links(xy_m: FloatArray, links: Linkage) -> KnownLinks:
    """Return the points at `xy_m` (float64 [p, 2]) with their links; of twins either serves."""
    places = _places(xy_m)
    row = np.argsort(places, kind="stable")
    return KnownLinks(places[row], row, links)


def _places(xy_m: FloatArray) -> IdArray:
    places: IdArray = xy_m[:, 0] + 1j * xy_m[:, 1]
    return places
