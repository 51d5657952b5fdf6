"""Storeys and widths of parcels, from what planners write in their cells."""

import re
from typing import Final

import numpy as np
import shapely

from analysis.sources.files.columns import parse_number, plain
from analysis.units import FloatArray, GeometryArray

GROUND_FLOOR: Final = 1.0
_BELOW: Final = re.compile(r"(?:b|地下|负|-)\s*(\d+|[一二三四五六七八九])\s*[层楼f]?")
_ABOVE: Final = re.compile(r"(?:地上|第)?\s*(\d+|[一二三四五六七八九])\s*[层楼f]?")
_GROUND: Final = ("首层", "底层", "底楼", "地面层", "ground", "ground floor", "gf")
_BASEMENT: Final = ("地下室", "地下", "basement")
_DIGITS: Final = "零一二三四五六七八九"


def storey(text: str) -> float:
    """Return the storey that a cell names: 1 the ground floor, −1 the first basement; nan: blank.

    Understood: ``1``, ``-1``, ``2F``, ``B1``, ``首层``, ``负一层``, ``地下2层``. Raises
    ``ValueError`` for anything else, and for 0: nobody can tell which floor that is.
    """
    said = plain(text)
    if not said:
        return float("nan")
    if said in _GROUND:
        return GROUND_FLOOR
    if said in _BASEMENT:
        return -1.0
    below, above = _BELOW.fullmatch(said), _ABOVE.fullmatch(said)
    if below:
        found = -_count(below[1])
    elif above:
        found = _count(above[1])
    else:
        found = parse_number(said) or 0.0
    if found == 0 or not float(found).is_integer():
        raise ValueError(text)
    return found


def width(text: str) -> float:
    """Return a stated width in metres; nan for a blank. Raises ``ValueError`` unless above 0."""
    number = parse_number(text)
    if number is None:
        return float("nan")
    if number <= 0:
        raise ValueError(text)
    return number


def drawn_widths_m(shapes: GeometryArray) -> FloatArray:
    """Return the shorter side of the smallest rectangle round each polygon, metres, float64 [n].

    nan for points, lines and what is missing.
    """
    found: FloatArray = np.full(len(shapes), np.nan)
    areas = np.flatnonzero(shapely.area(shapes) > 0)
    boxes = shapely.get_exterior_ring(shapely.minimum_rotated_rectangle(shapes[areas]))
    corners = shapely.get_coordinates(boxes).reshape(-1, 5, 2)
    sides_m = np.hypot(*np.moveaxis(np.diff(corners[:, :3], axis=1), 2, 0))
    found[areas] = sides_m.min(axis=1)
    return found


def _count(text: str) -> float:
    return float(_DIGITS.index(text)) if text in _DIGITS else float(text)
