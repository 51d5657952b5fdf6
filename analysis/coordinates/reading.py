"""CoordinateReading: what the two numbers of a place are declared, or suspected, to be.

Nothing is converted unless a planner declares it: ``--coordinates facilities.csv=gcj02``. Values
are ``wgs84`` or ``cgcs2000`` (nothing is moved), ``gcj02``, ``bd09``, a code such as ``EPSG:4545``,
and ``swapped``, alone or behind one of them with a plus (``gcj02+swapped``).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyproj

from analysis.coordinates.datum import DATUMS, from_wgs84, to_wgs84
from analysis.crs import WGS84
from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.units import FloatArray, freeze

OPTION: Final = "--coordinates"
_SWAPPED: Final = "swapped"
_SAME: Final = {"cgcs2000": "wgs84", "epsg:4326": "wgs84", "epsg:4490": "wgs84"}
_SHIFTED: Final = ("gcj02", "bd09")
_CODE: Final = re.compile(r"epsg:(\d{4,6})")


@dataclass(frozen=True, slots=True)
class CoordinateReading:
    """How a pair of numbers is read.

    Attributes
    ----------
    system
        ``wgs84`` (CGCS2000 is the same to within decimetres), ``gcj02``, ``bd09`` or the code of a
        reference system such as ``EPSG:4545``.
    swapped
        Whether latitude (northing) comes first.
    """

    system: str = "wgs84"
    swapped: bool = False

    @property
    def text(self) -> str:
        """Return the value of the option that declares this reading."""
        if self.system == "wgs84" and self.swapped:
            return _SWAPPED
        return f"{self.system}+{_SWAPPED}" if self.swapped else self.system

    @property
    def is_code(self) -> bool:
        """Return whether a reference system is named by its code."""
        return self.system not in DATUMS

    def lonlat(self, pairs: FloatArray) -> FloatArray:
        """Return WGS84 degrees (lon, lat) of pairs as written; float64 [n, 2] → [n, 2].

        nan stays nan; what cannot be projected becomes nan.
        """
        ordered = pairs[:, ::-1] if self.swapped else pairs
        for datum in DATUMS:
            if self.system == datum:
                return to_wgs84(ordered, datum)
        x, y = _transformer(self.system).transform(ordered[:, 0], ordered[:, 1])
        found = np.column_stack([x, y]).astype(np.float64)
        found[~np.isfinite(found).all(axis=1)] = np.nan
        return found

    def pairs(self, lonlat: FloatArray) -> FloatArray:
        """Return what would have been written for WGS84 degrees: the inverse of :meth:`lonlat`."""
        written = None
        for datum in DATUMS:
            if self.system == datum:
                written = from_wgs84(lonlat, datum)
        if written is None:
            back = pyproj.enums.TransformDirection.INVERSE
            x, y = _transformer(self.system).transform(lonlat[:, 0], lonlat[:, 1], direction=back)
            written = np.column_stack([x, y]).astype(np.float64)
        return written[:, ::-1] if self.swapped else written


AS_WRITTEN: Final = CoordinateReading()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StatedCoordinates:
    """The coordinates of one file as written, before any reading, kept as evidence.

    Attributes
    ----------
    role, source
        What the file was given as, and its name without its folder.
    declared
        How they are read: as the planner declares, else as written.
    pairs
        Two numbers a row, float64 [n, 2], nan where a row states none. Of a layer, a point inside
        each feature (or points along its outline), in degrees of its own reference system.
    outlines
        Whether the points lie along the outlines of areas.
    """

    role: str
    source: str
    declared: CoordinateReading
    pairs: FloatArray
    outlines: bool = False

    def __post_init__(self) -> None:
        """Freeze."""
        freeze(self.pairs)

    @property
    def lonlat(self) -> FloatArray:
        """Return WGS84 degrees (lon, lat), float64 [n, 2]."""
        return self.declared.lonlat(self.pairs)


def stated(
    role: str,
    source: str,
    declared: CoordinateReading,
    lonlat: FloatArray,
    *,
    outlines: bool = False,
) -> StatedCoordinates:
    """Return what must have been written for WGS84 degrees that were read as `declared`."""
    pairs = np.array(declared.pairs(lonlat), dtype=np.float64)
    return StatedCoordinates(
        role=role, source=source, declared=declared, pairs=pairs, outlines=outlines
    )


def parse_reading(text: str, source: str = OPTION) -> CoordinateReading:
    """Return the reading that `text` names.

    Raises :class:`InvalidParameterError`, naming `source`, for anything else than the values above,
    and for a code that is not known.
    """
    parts = [one.strip().casefold() for one in text.split("+")]
    swapped = _SWAPPED in parts
    systems = [_SAME.get(one, one) for one in parts if one != _SWAPPED]
    known = all(one in DATUMS or _CODE.fullmatch(one) for one in systems)
    if not known or len(systems) > 1 or parts.count(_SWAPPED) > 1:
        raise _refused("coordinates.unknown", source, text)
    reading = CoordinateReading((systems or ["wgs84"])[0], swapped)
    if not reading.is_code:
        return reading
    reading = CoordinateReading(reading.system.upper(), swapped)
    try:
        _transformer(reading.system)
    except pyproj.exceptions.ProjError as error:
        raise _refused("coordinates.unknown_code", source, text) from error
    return reading


def parse_declarations(values: Iterable[str], names: Iterable[str]) -> dict[str, CoordinateReading]:
    """Return what ``NAME=VALUE`` pairs declare: name → reading.

    Raises :class:`InvalidParameterError` for another form, a name that is none of `names` (files
    and roles), and a name that is declared twice differently.
    """
    known = tuple(dict.fromkeys(names))
    declared: dict[str, CoordinateReading] = {}
    for value in values:
        name, sign, text = value.replace("＝", "=").rpartition("=")
        name = name.strip()
        if not sign or not name:
            raise _refused("coordinates.form", OPTION, value)
        if name not in known:
            raise _refused("coordinates.no_file", OPTION, name, known=", ".join(known))
        reading = parse_reading(text)
        if declared.setdefault(name, reading) != reading:
            raise _refused("coordinates.twice", OPTION, name)
    return declared


def _refused(key: str, source: str, value: str, **args: object) -> InvalidParameterError:
    return InvalidParameterError(
        message(key, **args), remedy=message("coordinates.remedy"), source=source, value=value
    )


@lru_cache(maxsize=128)
def _transformer(code: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(code, WGS84, always_xy=True)
