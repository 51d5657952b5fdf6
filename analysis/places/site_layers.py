"""SiteLayers: what the map shows of the things that siting rules name, and free land."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.places.ground import Ground
from analysis.units import GeometryArray, freeze

LandKind = Literal["vacant_land", "public_land"]


def _none() -> GeometryArray:
    return np.empty(0, dtype=object)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class MappedLand:
    """Land that the map calls vacant or public, sorted by source id; nobody has looked at it.

    Attributes
    ----------
    source_id
        Such as ``osm:way/12`` [l]; unique.
    kind
        ``vacant_land`` or ``public_land`` [l].
    name
        As mapped, often empty [l].
    use
        The tag that says so, such as ``landuse=brownfield`` [l].
    shapes
        Polygons or MultiPolygons in metres, object array [l].
    """

    source_id: tuple[str, ...] = ()
    kind: tuple[LandKind, ...] = ()
    name: tuple[str, ...] = ()
    use: tuple[str, ...] = ()
    shapes: GeometryArray = field(default_factory=_none)

    def __post_init__(self) -> None:
        """Check and freeze."""
        if list(self.source_id) != sorted(set(self.source_id)):
            raise InvalidParameterError(message("candidates.land_order"))
        freeze(self.shapes)

    def __len__(self) -> int:
        """Return the number of pieces of land."""
        return len(self.source_id)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SiteLayers:
    """The map as siting rules look at it.

    Attributes
    ----------
    shapes
        By layer of objects (:mod:`analysis.standard.checkable_layers`): points, lines and polygons
        in metres, object array; empty where the map shows none, which is no proof that there are
        none. A layer that was not read is missing.
    outline_id, outlines
        Source ids of facilities that the map draws as an area, ascending, and their outlines in
        metres, object array.
    ground
        Heights; None where no raster was given.
    land
        What may be free.
    """

    shapes: Mapping[str, GeometryArray] = field(default_factory=dict)
    outline_id: tuple[str, ...] = ()
    outlines: GeometryArray = field(default_factory=_none)
    ground: Ground | None = None
    land: MappedLand = field(default_factory=MappedLand)

    def __post_init__(self) -> None:
        """Freeze."""
        for array in (self.outlines, *self.shapes.values()):
            freeze(array)

    def __repr__(self) -> str:
        """Summarise the layers."""
        objects = sum(len(one) for one in self.shapes.values())
        return f"SiteLayers({objects} objects in {len(self.shapes)} layers, {len(self.land)} plots)"

    def of_layer(self, layer_id: str) -> GeometryArray:
        """Return the objects of one layer; none where it was not read."""
        return self.shapes.get(layer_id, _none())
