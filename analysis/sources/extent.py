"""StudyArea: the polygon that is judged, what is read around it, and where the data ends."""

from dataclasses import dataclass

import shapely

from analysis.crs import MetricCRS


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyArea:
    """Where a study looks.

    Attributes
    ----------
    crs
        The study's metric CRS.
    judged
        Union of the circles, metres.
    read
        `judged` buffered by the search limit: streets, facilities and barriers are read here.
    data
        Where the extract is complete, metres: its box, or what it fills of it.
    """

    crs: MetricCRS
    judged: shapely.Geometry
    read: shapely.Geometry
    data: shapely.Geometry
