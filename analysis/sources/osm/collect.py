"""The working file of an extract → plain arrays of nodes, ways and assembled relations."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar, cast

import numpy as np
import numpy.typing as npt
import osmium
import shapely

from analysis.errors import SourceDataError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.osm.data import Tags
from analysis.sources.osm.normal import NEGATIVE_OFFSET
from analysis.units import FloatArray, GeometryArray, IdArray, IntArray

_UNDEFINED: Final = 2**31 - 1  # libosmium's coordinate of a node without one
_PER_DEGREE: Final = 1e7  # OSM's own precision: all coordinates are whole 1e-7 degrees
_MAX_X, _MAX_Y = 1_800_000_000, 900_000_000
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_ENTITIES: Final = {
    osmium.osm.Node: osmium.osm.NODE,
    osmium.osm.Way: osmium.osm.WAY,
    osmium.osm.Relation: osmium.osm.RELATION,
}
_Object = TypeVar("_Object", osmium.osm.Node, osmium.osm.Way, osmium.osm.Relation)
_AREA_TYPES: Final = frozenset({"multipolygon", "boundary"})


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """All located nodes of a file: ids int64 [n] ascending, degrees [n, 2], tags by position."""

    ids: IdArray
    lonlat: FloatArray
    tagged: IntArray
    tags: tuple[Tags, ...]
    newest: datetime
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """All tagged ways: ids int64 [w] ascending, node ids of way i at ``first[i]:first[i + 1]``.

    `all_ids` also has the ways without tags, which only relations use.
    """

    ids: IdArray
    first: IdArray
    node_ids: IdArray
    tags: tuple[Tags, ...]
    all_ids: frozenset[int]
    newest: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Relations:
    """Multipolygon and boundary relations that could be assembled, ids ascending."""

    ids: IdArray
    polygons: GeometryArray
    tags: tuple[Tags, ...]
    count: int
    newest: datetime
    notices: tuple[Notice, ...]


def collect_nodes(path: Path, source: str) -> Nodes:
    """Return the located nodes of a working file.

    Raises
    ------
    SourceDataError
        A coordinate lies beyond ±180° or ±90°.
    """
    ids, xs, ys = array("q"), array("i"), array("i")
    tagged, tags, newest = array("q"), [], _EPOCH
    for row, node in enumerate(_objects(path, osmium.osm.Node)):
        location = node.location
        ids.append(node.id)
        xs.append(location.x)
        ys.append(location.y)
        newest = max(newest, node.timestamp)
        if node.tags:
            tagged.append(row)
            tags.append(dict(node.tags))
    node_id = _real_ids(_int64(ids))
    x, y = np.frombuffer(xs, np.int32), np.frombuffer(ys, np.int32)
    located = (x != _UNDEFINED) & (y != _UNDEFINED)
    _check_range(node_id, x, y, located, source)
    rows = np.flatnonzero(located)
    rows = rows[np.argsort(node_id[rows], kind="stable")]
    position = np.full(len(node_id), -1, np.int64)
    position[rows] = np.arange(len(rows))
    tagged_at = position[_int64(tagged)]
    order = np.argsort(tagged_at, kind="stable")
    order = order[tagged_at[order] >= 0]
    return Nodes(
        ids=node_id[rows],
        lonlat=np.column_stack([x[rows], y[rows]]).astype(np.float64) / _PER_DEGREE,
        tagged=tagged_at[order].astype(np.int32),
        tags=tuple(tags[i] for i in order.tolist()),
        newest=newest,
        notices=_lost_nodes(node_id[_int64(tagged)[tagged_at < 0]]),
    )


def collect_ways(path: Path) -> Ways:
    """Return the tagged ways of a working file."""
    ids, first, refs = array("q"), array("q", [0]), array("q")
    tags: list[Tags] = []
    all_ids: set[int] = set()
    newest = _EPOCH
    for way in _objects(path, osmium.osm.Way):
        all_ids.add(way.id)
        newest = max(newest, way.timestamp)
        if not way.tags:
            continue
        ids.append(way.id)
        refs.extend([node.ref for node in way.nodes])
        first.append(len(refs))
        tags.append(dict(way.tags))
    order = np.argsort(_int64(ids), kind="stable")  # osmium puts negative ids in another order
    starts, counts = _int64(first)[order], np.diff(_int64(first))[order]
    new_first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    picked = np.repeat(starts - new_first[:-1], counts) + np.arange(new_first[-1])
    return Ways(
        ids=_int64(ids)[order],
        first=new_first,
        node_ids=_real_ids(_int64(refs)[picked]),
        tags=tuple(tags[i] for i in order.tolist()),
        all_ids=frozenset(all_ids),
        newest=newest,
    )


def collect_relations(path: Path, way_ids: frozenset[int]) -> Relations:
    """Return the areas that libosmium assembles from relations, and notices of the others."""
    tags: dict[int, Tags] = {}
    complete: set[int] = set()
    count, newest = 0, _EPOCH
    for relation in _objects(path, osmium.osm.Relation):
        count += 1
        newest = max(newest, relation.timestamp)
        if relation.tags.get("type") in _AREA_TYPES:
            tags[relation.id] = dict(relation.tags)
            if all(m.ref in way_ids for m in relation.members if m.type == "w"):
                complete.add(relation.id)
    polygons = _assembled(path) if tags else {}
    ids = sorted(polygons)
    missing = tags.keys() - polygons.keys()
    return Relations(
        ids=np.array(ids, np.int64),
        polygons=np.array([polygons[i] for i in ids], np.object_),
        tags=tuple(tags[i] for i in ids),
        count=count,
        newest=newest,
        notices=(
            *_relation_notice("source.relation_incomplete", missing - complete),
            *_relation_notice("source.relation_broken", missing & complete),
        ),
    )


def _objects(path: Path, kind: type[_Object]) -> Iterable[_Object]:
    """Read the nodes, ways or relations of a file; osmium's own type is a union of all."""
    return cast("Iterable[_Object]", osmium.FileProcessor(str(path), _ENTITIES[kind]))


def _assembled(path: Path) -> dict[int, shapely.Geometry]:
    factory = osmium.geom.WKBFactory()
    only_areas = osmium.filter.EntityFilter(osmium.osm.AREA)
    areas = osmium.FileProcessor(str(path)).with_areas().with_filter(only_areas)
    found: dict[int, str] = {}
    for area in cast("Iterable[osmium.osm.Area]", areas):
        # Closed ways come as areas too; they are ways already. No ring: could not be assembled.
        if not area.from_way() and area.num_rings()[0]:
            found[area.orig_id()] = factory.create_multipolygon(area)
    polygons: GeometryArray = shapely.from_wkb(np.array(list(found.values()), np.object_))
    single = shapely.get_num_geometries(polygons) == 1
    polygons[single] = shapely.get_geometry(polygons[single], 0)
    return dict(zip(found, polygons, strict=True))


def _real_ids(ids: IdArray) -> IdArray:
    """Return the ids as the file had them: working ids above the offset were negative."""
    return np.where(ids > NEGATIVE_OFFSET, NEGATIVE_OFFSET - ids, ids)


def _check_range(
    ids: IdArray,
    x: npt.NDArray[np.int32],
    y: npt.NDArray[np.int32],
    located: npt.NDArray[np.bool_],
    source: str,
) -> None:
    bad = np.flatnonzero(located & ((np.abs(x) > _MAX_X) | (np.abs(y) > _MAX_Y)))
    if not len(bad):
        return
    first = bad[np.argmin(ids[bad])]
    raise SourceDataError(
        message("source.coordinates", count=len(bad), object=f"node/{ids[first]}"),
        remedy=message("source.coordinates.remedy"),
        source=source,
        value=f"{x[first] / _PER_DEGREE}, {y[first] / _PER_DEGREE}",
    )


def _lost_nodes(ids: IdArray) -> tuple[Notice, ...]:
    subjects = [f"node/{i}" for i in ids.tolist()]
    code = "source.node_lost"
    return (notice(code, message(code), subjects, "warning"),) if subjects else ()


def _relation_notice(code: str, ids: set[int]) -> tuple[Notice, ...]:
    subjects = [f"relation/{i}" for i in ids]
    return (notice(code, message(code), subjects, "warning"),) if ids else ()


def _int64(values: "array[int]") -> IdArray:
    return np.frombuffer(values, np.int64) if len(values) else np.zeros(0, np.int64)
