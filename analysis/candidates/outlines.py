"""FacilityOutlines: what a distance to a facility is measured to."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import shapely

from analysis.places.facilities import Facilities
from analysis.places.site_layers import SiteLayers
from analysis.units import GeometryArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class FacilityOutlines:
    """The shapes of facilities: the outline where one is known, else its point and entrances."""

    facilities: Facilities
    layers: SiteLayers

    def outline(self, row: int) -> shapely.Geometry | None:
        """Return the area that a facility takes, planner's before the map's; None: not known."""
        drawn = self.facilities.shapes[row]
        if drawn is not None and shapely.area(drawn) > 0:
            return drawn
        source_id = self.facilities.source_id[row]
        at = bisect_left(self.layers.outline_id, source_id)
        found = self.layers.outline_id[at : at + 1] == (source_id,)
        return self.layers.outlines[at] if found else None

    def of_element(self, element_id: str) -> tuple[GeometryArray, IntArray]:
        """Return shapes of all facilities of an element, and the row of each, open or not."""
        rows = self.facilities.of_element(element_id)
        shapes: GeometryArray = np.empty(len(rows), dtype=object)
        shapes[:] = [self._shape(row) for row in rows.tolist()]
        return shapes, rows

    def _shape(self, row: int) -> shapely.Geometry:
        found = self.outline(row)
        if found is not None:
            return found
        first, last = self.facilities.entrance_first[row : row + 2].tolist()
        entrances = self.facilities.entrance_xy_m[first:last]
        drawn = self.facilities.shapes[row]
        places = shapely.MultiPoint(np.vstack([self.facilities.xy_m[row : row + 1], entrances]))
        return places if drawn is None else shapely.union(places, drawn)
