"""RawLayer: a vector layer as its file holds it, before anything is checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import orjson

from analysis.errors import SourceDataError
from analysis.messages import Joined, message
from analysis.notices import Notice
from analysis.units import GeometryArray

MAX_FEATURES: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawLayer:
    """A layer as its file holds it.

    Attributes
    ----------
    source, layer
        The file's name without its folder, and the layer's own name.
    geometries
        Any shapely geometry or None, in the layer's reference system, object array [f].
    attributes
        Every attribute as text; blank where missing [f].
    crs
        The declared reference system, as a name or WKT.
    notices
        What was guessed on reading.
    """

    source: str
    layer: str
    geometries: GeometryArray
    attributes: tuple[Mapping[str, str], ...]
    crs: str
    notices: tuple[Notice, ...] = ()


def raw_layer(
    source: str,
    layer: str,
    content: tuple[GeometryArray, tuple[Mapping[str, str], ...], str],
    notices: tuple[Notice, ...] = (),
) -> RawLayer:
    """Build a :class:`RawLayer` of `content`: geometries, attributes and reference system."""
    geometries, attributes, crs = content
    return RawLayer(
        source=source,
        layer=layer,
        geometries=geometries,
        attributes=attributes,
        crs=crs,
        notices=notices,
    )


def attribute_text(value: object) -> str:
    """Return an attribute as text: whole floats without a fraction, blank for a missing one."""
    if value is None or value != value or str(value) == "NaT":  # noqa: PLR0124 - NaN alone differs
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        number = float(value)
        exact = number.is_integer() and abs(number) < 2**53
        return str(int(number)) if exact else repr(number)
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else str(value)


def check_feature_count(source: str, count: int) -> None:
    """Raise :class:`SourceDataError` where a layer has more than a million features."""
    if count > MAX_FEATURES:
        raise SourceDataError(
            message("layer.too_many_features", limit=MAX_FEATURES),
            remedy=message("table.too_large.remedy"),
            source=source,
            value=count,
        )


def no_such_layer(source: str, layer: str, names: Sequence[str]) -> SourceDataError:
    """Return the error for a layer that the file does not hold; `names` are those it does."""
    return SourceDataError(
        message("layer.no_such", names=Joined(tuple(names))),
        remedy=message("layer.no_such.remedy"),
        source=source,
        value=layer,
    )


def unreadable(source: str, error: Exception) -> SourceDataError:
    """Return the error for a file that its engine could not read."""
    return SourceDataError(
        message("layer.unreadable"),
        remedy=message("table.not_an_archive.remedy"),
        source=source,
        value=str(error).replace("\n", " "),
    )
