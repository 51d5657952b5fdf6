"""OsmPlaces: where the mapped objects are that rows of tables name by their ``osm_id``."""

from typing import Final

import numpy as np
import shapely

from analysis.crs import MetricCRS
from analysis.sources.files.columns import plain
from analysis.sources.osm.data import OsmData
from analysis.units import FloatArray

_KINDS: Final = {"n": "node", "w": "way", "r": "relation"}


def stated_objects(text: str) -> tuple[str, ...]:
    """Return the objects that a cell may mean, such as ``way/12``; empty where it names none.

    Understood: ``way/12``, ``osm:way/12``, ``way 12``, ``w12``; a bare number may be a node, a way
    or a relation.
    """
    cleaned = plain(text).removeprefix("osm:").replace(" ", "/")
    kind, _, number = cleaned.rpartition("/")
    if not kind and cleaned[:1] in _KINDS:
        kind, number = cleaned[:1], cleaned[1:]
    if not number.isdigit():
        return ()
    if kind:
        return (f"{_KINDS[kind[0]]}/{number}",) if kind[0] in _KINDS else ()
    return tuple(f"{one}/{number}" for one in _KINDS.values())


class OsmPlaces:
    """Geometries of an extract's objects in metres, looked up one by one."""

    def __init__(self, data: OsmData, crs: MetricCRS) -> None:
        """Index the ids; geometries are built when they are asked for."""
        self._data, self._crs = data, crs
        self._xy_m: FloatArray | None = None
        self._ways = {int(one): row for row, one in enumerate(data.way_id.tolist())}
        self._relations = {int(one): row for row, one in enumerate(data.relation_id.tolist())}

    def shape(self, text: str) -> shapely.Geometry | None:
        """Return the object that a cell names; None where it names none, or several."""
        found = [self._shape(one) for one in stated_objects(text)]
        there = [one for one in found if one is not None and not one.is_empty]
        return there[0] if len(there) == 1 else None

    def _shape(self, name: str) -> shapely.Geometry | None:
        kind, _, number = name.partition("/")
        if kind == "node":
            at = np.searchsorted(self._data.node_id, int(number))
            known = at < len(self._data.node_id) and int(self._data.node_id[at]) == int(number)
            return shapely.Point(self._nodes()[at]) if known else None
        if kind == "way" and int(number) in self._ways:
            row = np.array([self._ways[int(number)]], dtype=np.int32)
            closed = bool(self._data.is_closed()[row[0]])
            build = self._data.way_polygons if closed else self._data.way_lines
            return build(row, self._nodes())[0]
        if kind == "relation" and int(number) in self._relations:
            polygon = self._data.relation_polygon[self._relations[int(number)]]
            return shapely.transform(polygon, self._crs.project)
        return None

    def _nodes(self) -> FloatArray:
        if self._xy_m is None:
            self._xy_m = self._data.node_xy_m(self._crs)
        return self._xy_m
