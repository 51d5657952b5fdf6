"""Scope: the part of a study that one row of verdicts is about, a circle or all of them."""

from dataclasses import dataclass

import shapely

from analysis.units import BoolArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scope:
    """One circle, or all circles together.

    Attributes
    ----------
    circle_id
        ``*`` stands for all.
    here
        Its demand points, bool [p].
    inside
        The facilities inside it, counting or not, bool [k].
    polygon, area_m2
        Its ground, metres, and how much.
    inside_data
        Share of its area that lies inside the extract, 0…1.
    """

    circle_id: str
    here: BoolArray
    inside: BoolArray
    polygon: shapely.Geometry
    area_m2: float
    inside_data: float
