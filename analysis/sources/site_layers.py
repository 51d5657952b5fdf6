"""From an extract to the map layers that siting rules name, and to land that may be free."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.places.facilities import Facilities
from analysis.places.ground import Ground
from analysis.places.site_layers import LandKind, MappedLand, SiteLayers
from analysis.sources.extent import StudyArea
from analysis.sources.osm.data import OsmData, Tags
from analysis.sources.osm.objects import MapObject, read_objects
from analysis.sources.streets.areas import project_ways, relation_polygons_m, ways_near
from analysis.standard.checkable_layers import (
    ANY_VALUE,
    CHECKABLE_LAYERS,
    LAYERS,
    CheckableLayer,
)
from analysis.units import GeometryArray

LEAST_LAND_M2: Final = 30.0  # a smaller piece is a flower bed
LEAST_PARKING_M2: Final = 500.0
# Layers of lines: a closed way, such as a street round a block, is its line, not what lies inside.
_LINES: Final = frozenset(
    {"waterway", "railway", "motorway", "arterial_road", "motor_road", "power_line"}
)
_CLIFF: Final = ("natural", "cliff")
# Not landuse=construction: somebody builds there. Not village greens and parks: they are in use.
_VACANT: Final[Mapping[str, frozenset[str]]] = {
    "landuse": frozenset({"brownfield", "greenfield", "vacant"}),
}
_PUBLIC: Final[Mapping[str, frozenset[str]]] = {
    "leisure": frozenset({"common"}),
    "amenity": frozenset({"townhall", "community_centre", "public_building"}),
    "office": frozenset({"government"}),
}
_OPEN_PARKING: Final = ("", "surface")
_NOT_PUBLIC: Final = frozenset({"private", "customers", "permit", "residents", "no"})


@dataclass(frozen=True, slots=True)
class _Said:
    """The layers that an object belongs to, and what land it is: (kind, tag)."""

    layers: tuple[str, ...] = ()
    land: tuple[LandKind, str] | None = None

    def __bool__(self) -> bool:
        """Return whether it is anything that is looked for."""
        return bool(self.layers) or self.land is not None


_NOTHING: Final = _Said()


def read_site_layers(
    data: OsmData, area: StudyArea, facilities: Facilities, ground: Ground | None
) -> SiteLayers:
    """Return all layers of objects within `area.read`, outlines of facilities and mapped land.

    What the map shows is no survey: an empty layer proves nothing. Land that is built over (it
    carries ``building=*``) is none.
    """
    chooser = _Chooser(CHECKABLE_LAYERS)
    found, _ = read_objects(data, area, chooser.said)
    shapes: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for one in found:
        for layer in one.picked.layers:
            shapes[layer].append(_drawn(layer, one))
    outline_id, outlines = _outlines(data, area, facilities)
    return SiteLayers(
        shapes={
            one.id: _array(shapes[one.id]) for one in CHECKABLE_LAYERS if one.kind == "objects"
        },
        outline_id=outline_id,
        outlines=outlines,
        ground=ground,
        land=_land(found),
    )


class _Chooser:
    """Says of tags which layers and what land they describe."""

    def __init__(self, layers: Sequence[CheckableLayer]) -> None:
        self._layers: dict[tuple[str, str], list[str]] = defaultdict(list)
        for layer in layers:
            for key, values in layer.osm.items():
                for value in values:
                    self._layers[key, value].append(layer.id)
        self._keys = frozenset(key for key, _ in self._layers) | set(_VACANT) | set(_PUBLIC)

    def said(self, tags: Tags) -> _Said:
        """Return what `tags` describe; false where it is nothing."""
        keys = self._keys.intersection(tags)
        if not keys:
            return _NOTHING
        names = {
            name
            for key in keys
            for value in (tags[key], ANY_VALUE)
            for name in self._layers.get((key, value), ())
        }
        layers = tuple(sorted(one for one in names if not _is_excluded(LAYERS[one], tags)))
        return _Said(layers, _land_of(tags))


def _is_excluded(layer: CheckableLayer, tags: Tags) -> bool:
    return any(tags.get(key) in values for key, values in layer.excluding.items())


def _land_of(tags: Tags) -> tuple[LandKind, str] | None:
    if tags.get("building", "no") != "no" or tags.get("access") in _NOT_PUBLIC:
        return None
    for key, values in _VACANT.items():
        if tags.get(key) in values:
            return "vacant_land", f"{key}={tags[key]}"
    for key, values in _PUBLIC.items():
        if tags.get(key) in values:
            return "public_land", f"{key}={tags[key]}"
    if tags.get("amenity") == "parking" and tags.get("parking", "") in _OPEN_PARKING:
        return "public_land", "amenity=parking"
    return None


def _drawn(layer: str, one: MapObject[_Said]) -> shapely.Geometry:
    is_line = layer in _LINES or one.tags.get(_CLIFF[0]) == _CLIFF[1]
    if one.is_area and is_line and one.tags.get("area") != "yes":
        return shapely.boundary(one.geometry)
    return one.geometry


def _land(found: list[MapObject[_Said]]) -> MappedLand:
    kept = [one for one in found if one.picked.land is not None and _is_large(one)]
    lands = [one.picked.land for one in kept if one.picked.land is not None]
    return MappedLand(
        source_id=tuple(one.source_id for one in kept),
        kind=tuple(kind for kind, _ in lands),
        name=tuple(one.tags.get("name", "") for one in kept),
        use=tuple(use for _, use in lands),
        shapes=_array([one.geometry for one in kept]),
    )


def _is_large(one: MapObject[_Said]) -> bool:
    least_m2 = LEAST_PARKING_M2 if one.tags.get("amenity") == "parking" else LEAST_LAND_M2
    return one.is_area and one.area_m2 >= least_m2


def _outlines(
    data: OsmData, area: StudyArea, facilities: Facilities
) -> tuple[tuple[str, ...], GeometryArray]:
    """Return the areas that facilities of the map are drawn as, by source id, ascending."""
    wanted = {one for one in facilities.source_id if one.startswith("osm:")}
    ways = np.flatnonzero(data.is_closed() & _is_wanted("way", data.way_id, wanted))
    rows = ways.astype(np.int32)
    rows = rows[ways_near(data, rows, area)]
    relations = np.flatnonzero(_is_wanted("relation", data.relation_id, wanted)).astype(np.int32)
    shapes = np.concatenate(
        [
            data.way_polygons(rows, project_ways(data, rows, area)) if len(rows) else _array([]),
            relation_polygons_m(data, relations, area) if len(relations) else _array([]),
        ]
    )
    names = [f"osm:way/{one}" for one in data.way_id[rows].tolist()]
    names += [f"osm:relation/{one}" for one in data.relation_id[relations].tolist()]
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    found = {
        name: shape for name, shape in zip(names, shapes, strict=True) if shapely.area(shape) > 0
    }
    ids = tuple(sorted(found))
    return ids, _array([found[one] for one in ids])


def _is_wanted(
    kind: str, ids: np.ndarray[tuple[int], np.dtype[np.int64]], wanted: set[str]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    start = f"osm:{kind}/"
    numbers = [int(one[len(start) :]) for one in wanted if one.startswith(start)]
    return np.isin(ids, np.array(numbers, dtype=np.int64))


def _array(shapes: list[shapely.Geometry]) -> GeometryArray:
    array: GeometryArray = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array
