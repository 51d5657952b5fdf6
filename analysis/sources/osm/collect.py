"""The working file of an extract → plain arrays of nodes, ways and assembled relations."""

from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from analysis.errors import SourceDataError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.osm.data import Tags
from analysis.sources.osm.normal import NEGATIVE_OFFSET
from analysis.sources.osm.object_lines import (
    NODE,
    RELATION,
    UNDEFINED,
    WAY,
    CoordinateArray,
    IdColumn,
    ObjectLines,
    TagKeys,
    TagReader,
)
from analysis.sources.osm.relation_areas import assembled, way_members
from analysis.units import BoolArray, FloatArray, GeometryArray, IdArray

PER_DEGREE: Final = 1e7  # OSM's own precision: all coordinates are whole 1e-7 degrees
_MAX_X, _MAX_Y = 1_800_000_000, 900_000_000
_AREA_TYPES: Final = frozenset({"multipolygon", "boundary"})


class NotInOrderError(Exception):
    """A file is not sorted by id, or holds an object twice, or has negative ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The file to collect from.

    Attributes
    ----------
    path, folder
        A sorted PBF, each object once, and a folder for what is needed meanwhile.
    source
        Its name in errors.
    strict
        Whether to raise :class:`NotInOrderError` where it is not so, or has negative ids.
    keys
        The objects to keep: those that carry one of these keys; None for all with tags.
    """

    path: Path
    folder: Path
    source: str
    strict: bool
    keys: TagKeys | None

    def read(self) -> ObjectLines:
        """Return the file's objects; raises :class:`NotInOrderError`."""
        lines = ObjectLines(self.path, self.folder, self.keys)
        if self.strict and not lines.in_order:
            raise NotInOrderError
        self.check_order(lines.way_ids)
        self.check_order(lines.relation_ids)
        return lines

    def check_order(self, ids: IdArray) -> None:
        """Raise :class:`NotInOrderError` for ids of one kind that are not as they should be."""
        if self.strict and len(ids) and (ids[0] < 0 or not (np.diff(ids) > 0).all()):
            raise NotInOrderError


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """All located nodes of a file.

    `ids` int64 [n] ascending; `x`, `y` int32 [n] in 1e-7 degrees; `picked` int64, ascending
    positions of the nodes that were asked for, and their `tags`.
    """

    ids: IdArray
    x: CoordinateArray
    y: CoordinateArray
    picked: IdArray
    tags: tuple[Tags, ...]
    notices: tuple[Notice, ...]

    def lonlat(self, rows: IdArray | BoolArray) -> FloatArray:
        """Return the places of `rows` in degrees, float64 [r, 2]."""
        return np.column_stack([self.x[rows], self.y[rows]]) / PER_DEGREE


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """The ways that were asked for.

    `ids` int64 [w] ascending; the node ids of way *i* are ``node_ids[first[i]:first[i + 1]]``.
    """

    ids: IdArray
    first: IdArray
    node_ids: IdArray
    tags: tuple[Tags, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Relations:
    """Multipolygon and boundary relations that could be assembled, ids ascending."""

    ids: IdArray
    polygons: GeometryArray
    tags: tuple[Tags, ...]
    notices: tuple[Notice, ...]


def collect_nodes(origin: Origin, lines: ObjectLines) -> Nodes:
    """Return the located nodes of a file, and the tags of those that were asked for.

    Raises
    ------
    NotInOrderError
        See :class:`Origin`.
    SourceDataError
        A coordinate lies beyond ±180° or ±90°.
    """
    ids, x, y = lines.places()
    origin.check_order(ids)
    reader, picked = TagReader(), array("q")
    tags: list[Tags] = []
    for node_id, field, _ in lines.objects(NODE):
        picked.append(node_id)
        tags.append(reader.tags(field))
    origin.check_order(_int64(picked))
    ids = _real_ids(ids)
    located = (x != UNDEFINED) & (y != UNDEFINED)
    _check_range(ids, x, y, located, origin.source)
    rows = np.flatnonzero(located)
    rows = rows[np.argsort(ids[rows], kind="stable")]
    ids = ids[rows]
    picked_id = _real_ids(_int64(picked))
    picked_at = _positions(picked_id, ids)
    order = np.argsort(picked_at, kind="stable")
    order = order[picked_at[order] >= 0]
    return Nodes(
        ids=ids,
        x=x[rows],
        y=y[rows],
        picked=picked_at[order],
        tags=tuple(tags[i] for i in order.tolist()),
        notices=_lost_nodes(picked_id[picked_at < 0]),
    )


def collect_ways(origin: Origin, lines: ObjectLines) -> Ways:
    """Return the ways that were asked for.

    Raises :class:`NotInOrderError`, see :class:`Origin`.
    """
    reader, nodes, ids = TagReader(), IdColumn(), array("q")
    tags: list[Tags] = []
    for way_id, field, rest in lines.objects(WAY):
        ids.append(way_id)
        tags.append(reader.tags(field))
        nodes.add(rest)
    first, node_ids = nodes.arrays()
    if origin.strict and len(node_ids) and node_ids.min() < 0:
        raise NotInOrderError
    order = np.argsort(_int64(ids), kind="stable")  # osmium puts negative ids in another order
    starts, counts = first[:-1][order], np.diff(first)[order]
    new_first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    taken = np.repeat(starts - new_first[:-1], counts) + np.arange(new_first[-1])
    return Ways(
        ids=_int64(ids)[order],
        first=new_first,
        node_ids=_real_ids(node_ids[taken]),
        tags=tuple(tags[i] for i in order.tolist()),
    )


def collect_relations(origin: Origin, lines: ObjectLines) -> Relations:
    """Return the areas asked for that libosmium assembles from relations.

    Notices tell of those that could not be assembled.
    """
    reader = TagReader()
    tags: dict[int, Tags] = {}
    members: dict[int, tuple[int, ...]] = {}
    texts: list[bytes] = []
    for one, field, rest in lines.objects(RELATION):
        found = reader.tags(field)
        if found.get("type") in _AREA_TYPES:
            tags[one], members[one] = found, way_members(rest)
            texts.append(b"r%d %b %b" % (one, field, rest))
    polygons = assembled(origin.path, lines.index, texts, tags.keys()) if tags else {}
    ids = sorted(polygons)
    missing = tags.keys() - polygons.keys()
    asked = np.array([way for one in missing for way in members[one]], np.int64)
    known = frozenset(np.intersect1d(asked, lines.way_ids).tolist())
    complete = {one for one in missing if known.issuperset(members[one])}
    return Relations(
        ids=np.array(ids, np.int64),
        polygons=np.array([polygons[i] for i in ids], np.object_),
        tags=tuple(tags[i] for i in ids),
        notices=(
            *_relation_notice("source.relation_incomplete", missing - complete),
            *_relation_notice("source.relation_broken", missing & complete),
        ),
    )


def _positions(ids: IdArray, among: IdArray) -> IdArray:
    """Return where each of `ids` stands in `among` (ascending), −1 where it does not."""
    at = np.searchsorted(among, ids)
    known = at < len(among)
    known[known] = among[at[known]] == ids[known]
    return np.where(known, at, -1)


def _real_ids(ids: IdArray) -> IdArray:
    """Return the ids as the file had them: working ids above the offset were negative."""
    return np.where(ids > NEGATIVE_OFFSET, NEGATIVE_OFFSET - ids, ids)


def _check_range(
    ids: IdArray, x: CoordinateArray, y: CoordinateArray, located: BoolArray, source: str
) -> None:
    bad = np.flatnonzero(located & ((np.abs(x) > _MAX_X) | (np.abs(y) > _MAX_Y)))
    if not len(bad):
        return
    first = bad[np.argmin(ids[bad])]
    raise SourceDataError(
        message("source.coordinates", count=len(bad), object=f"node/{ids[first]}"),
        remedy=message("source.coordinates.remedy"),
        source=source,
        value=f"{x[first] / PER_DEGREE}, {y[first] / PER_DEGREE}",
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
