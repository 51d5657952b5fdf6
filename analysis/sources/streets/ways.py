"""Streets: the stretches between neighbouring nodes of every street, each with its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.sources.extent import ReadArea
from analysis.sources.osm.data import OsmData, Tags
from analysis.sources.streets.access import AccessRules, WayVerdict
from analysis.sources.streets.areas import CompoundAreas, relations_near, way_points, ways_near
from analysis.units import BoolArray, FloatArray, IdArray, IntArray

_OSM_UNITS_PER_DEG: Final = 1e7  # OpenStreetMap keeps coordinates as whole 1e-7 degrees
_LAT_SPAN: Final = 2**31  # more than all latitudes in those units


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Streets:
    """Every stretch of every street near the area read, walkable or not.

    Attributes
    ----------
    node_id, node_xy_m
        int64 [n], float64 [n, 2] metres (not-a-number where unused): the nodes of the extract,
        then the corners of areas that have no node of their own, with negative ids.
    tail, head
        int32 [s], positions among the nodes; never the same.
    way_id
        int64 [s], negative for a relation.
    verdict, verdicts
        int32 [s] positions in `verdicts`.
    in_area
        bool [s], whether the middle lies in the area read.
    incomplete
        Ids of the ways that make no stretch.
    """

    node_id: IdArray
    node_xy_m: FloatArray
    tail: IntArray
    head: IntArray
    way_id: IdArray
    verdict: IntArray
    verdicts: tuple[WayVerdict, ...]
    in_area: BoolArray
    incomplete: tuple[int, ...]

    @property
    def is_open(self) -> BoolArray:
        """Return which stretches may be walked, bool [s]."""
        return np.array([verdict.is_open for verdict in self.verdicts], np.bool_)[self.verdict]

    @property
    def way_ids_in_area(self) -> IdArray:
        """Return the ids of all streets in the area read, walkable or not, ascending."""
        return np.unique(self.way_id[self.in_area])

    @property
    def length_m(self) -> FloatArray:
        """Return the length of each stretch, metres, float64 [s]."""
        east, north = (self.node_xy_m[self.head] - self.node_xy_m[self.tail]).T
        length_m: FloatArray = np.hypot(east, north)
        return length_m


def read_streets(
    data: OsmData, area: ReadArea, rules: AccessRules, compounds: CompoundAreas
) -> Streets:
    """Return the stretches of all streets whose box meets that of `area.read`."""
    catalogue = _Catalogue(rules)
    outside, inside = catalogue.judge(data.way_tags)
    ways = np.flatnonzero(outside >= 0).astype(np.int32)
    ways = ways[ways_near(data, ways, area)]
    # The readers promise ascending ids; sums of metres would differ in their last digit without.
    ways = ways[np.argsort(data.way_id[ways], kind="stable")]
    lines = _way_stretches(data, ways, outside[ways], inside[ways])
    relations = np.flatnonzero(catalogue.judge(data.relation_tags)[0] >= 0).astype(np.int32)
    relations = relations[relations_near(data, relations, area)]
    relations = relations[np.argsort(data.relation_id[relations], kind="stable")]
    used = _distinct(lines.ends, len(data.node_id))
    known = np.union1d(used, _may_refuse(data, rules)).astype(np.int32)
    rings, new_lonlat = _ring_stretches(data, relations, catalogue, used, known)
    both = _Stretches(
        ends=np.vstack([lines.ends, rings.ends]),
        way_id=np.concatenate([lines.way_id, rings.way_id]),
        outside=np.concatenate([lines.outside, rings.outside]),
        inside=np.concatenate([lines.inside, rings.inside]),
    )
    node_xy_m = np.full((len(data.node_id) + len(new_lonlat), 2), np.nan)
    used = _distinct(both.ends, len(node_xy_m))
    lonlat = np.vstack([data.node_lonlat, new_lonlat])
    node_xy_m[used] = area.crs.project(lonlat[used])
    middle_m = node_xy_m[both.ends].mean(axis=1)
    shapely.prepare(area.read)
    return Streets(
        node_id=np.concatenate([data.node_id, -1 - np.arange(len(new_lonlat), dtype=np.int64)]),
        node_xy_m=node_xy_m,
        tail=both.ends[:, 0].astype(np.int32),
        head=both.ends[:, 1].astype(np.int32),
        way_id=both.way_id,
        verdict=_by_place(both, middle_m, compounds),
        verdicts=tuple(catalogue.verdicts),
        in_area=shapely.contains_xy(area.read, middle_m),
        incomplete=tuple(sorted(set(data.way_id[ways].tolist()) - set(lines.way_id.tolist()))),
    )


class _Catalogue:
    """Asks the rules once for each combination of tags that matters."""

    def __init__(self, rules: AccessRules) -> None:
        self._rules = rules
        self._seen: dict[tuple[str | None, ...], tuple[int, int]] = {}
        self._place: dict[WayVerdict, int] = {}
        self.verdicts: list[WayVerdict] = []

    def judge(self, all_tags: Sequence[Tags]) -> tuple[IntArray, IntArray]:
        """Return the verdicts outside and inside a compound, int32 like `all_tags`.

        −1 stands for what is no street at all.
        """
        scope, keys, none = self._rules.scope_keys, self._rules.way_keys, (-1, -1)
        pairs = np.array(
            [none if scope.isdisjoint(tags) else self._ask(tags, keys) for tags in all_tags],
            dtype=np.int32,
        ).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def _ask(self, tags: Tags, keys: tuple[str, ...]) -> tuple[int, int]:
        signature = tuple(map(tags.get, keys))
        pair = self._seen.get(signature)
        if pair is None:
            outside = self._rules.way(tags, inside_compound=False)
            inside = self._rules.way(tags, inside_compound=True)
            pair = self._seen[signature] = (self._number(outside), self._number(inside))
        return pair

    def _number(self, verdict: WayVerdict | None) -> int:
        if verdict is None:
            return -1
        if verdict not in self._place:
            self._place[verdict] = len(self.verdicts)
            self.verdicts.append(verdict)
        return self._place[verdict]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stretches:
    """Stretches with both verdicts: `ends` int32 [s, 2], the others [s]."""

    ends: IntArray
    way_id: IdArray
    outside: IntArray
    inside: IntArray


def _way_stretches(
    data: OsmData, ways: IntArray, outside: IntArray, inside: IntArray
) -> _Stretches:
    nodes, starts = way_points(data, ways)
    ends, row = _steps(nodes, np.diff(np.append(starts, len(nodes))))
    return _Stretches(
        ends=ends, way_id=data.way_id[ways][row], outside=outside[row], inside=inside[row]
    )


def _ring_stretches(
    data: OsmData, relations: IntArray, catalogue: _Catalogue, used: IntArray, known: IntArray
) -> tuple[_Stretches, FloatArray]:
    """Return the edges of walkable areas, and the degrees of the corners that are not `known`.

    `used` are the nodes of streets, `known` also those that may refuse walkers.
    """
    # An area walked along its edges is what `area=yes` says of a closed way.
    tags = [{**data.relation_tags[i], "area": "yes"} for i in relations]
    outside, inside = catalogue.judge(tags)
    parts, of_part = shapely.get_parts(data.relation_polygon[relations], return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    corners, new_lonlat = _match(data, shapely.get_coordinates(rings), used, known)
    ends, ring = _steps(corners, shapely.get_num_coordinates(rings))
    kept = _leads_on(ends, ring, of_ring, used)[ring]
    ends, ring = ends[kept], ring[kept]
    row = of_part[of_ring][ring]
    way_id = -data.relation_id[relations][row]
    stretches = _Stretches(ends=ends, way_id=way_id, outside=outside[row], inside=inside[row])
    return stretches, new_lonlat


def _leads_on(ends: IntArray, ring: IntArray, part: IntArray, used: IntArray) -> BoolArray:
    """Return which rings are walked: outer edges, and holes that another street leads to.

    The edge of a flower bed that no path touches would be an island of its own.
    """
    leads = np.append(True, part[1:] != part[:-1])[: len(part)]  # the outer ring comes first
    leads[ring[np.isin(ends, used).any(axis=1)]] = True
    return leads


def _steps(nodes: IntArray, counts: IntArray) -> tuple[IntArray, IntArray]:
    """Return the steps between neighbours of each line, int32 [s, 2], and the line of each."""
    row = np.repeat(np.arange(len(counts)), counts)
    ends = np.column_stack([nodes[:-1], nodes[1:]])
    keep = (row[:-1] == row[1:]) & (ends[:, 0] != ends[:, 1])
    return ends[keep].astype(np.int32), row[:-1][keep].astype(np.int32)


def _distinct(positions: IntArray, size: int) -> IntArray:
    """Return the distinct `positions`, all below `size`, ascending."""
    found = np.zeros(size, dtype=np.bool_)
    found[positions] = True
    return np.flatnonzero(found).astype(np.int32)


def _may_refuse(data: OsmData, rules: AccessRules) -> IntArray:
    """Return the nodes that a rule for nodes might hold for."""
    keys = frozenset(rule.condition.when[0][0] for rule in rules.nodes)
    rows = [row for row, tags in enumerate(data.node_tags) if not keys.isdisjoint(tags)]
    return data.tagged_node[np.array(rows, dtype=np.int64)]


def _match(
    data: OsmData, lonlat: FloatArray, used: IntArray, known: IntArray
) -> tuple[IntArray, FloatArray]:
    """Return the node of `known` at each corner, those of streets first, and the other corners.

    The positions of the latter follow those of the extract's nodes. What else the extract holds
    there, such as the corner of a building, makes no difference.
    """
    if len(lonlat) == 0:
        return np.empty(0, dtype=np.int32), np.empty((0, 2))
    wanted = _key(lonlat)
    known_key = _key(data.node_lonlat[known])
    near = np.flatnonzero(np.isin(known_key, wanted))
    near = near[np.lexsort((known[near], ~np.isin(known[near], used), known_key[near]))]
    by = known[near]
    keys, first = np.unique(known_key[near], return_index=True)
    place = np.searchsorted(keys, wanted).clip(max=max(len(keys) - 1, 0))
    found = keys[place] == wanted if len(keys) else np.zeros(len(wanted), np.bool_)
    _, first_new, new = np.unique(wanted[~found], return_index=True, return_inverse=True)
    corners = np.empty(len(wanted), dtype=np.int32)
    corners[found] = by[first][place[found]]
    corners[~found] = len(data.node_id) + new
    new_lonlat: FloatArray = lonlat[~found][first_new]
    return corners, new_lonlat


def _key(lonlat: FloatArray) -> IdArray:
    units = np.rint(lonlat * _OSM_UNITS_PER_DEG).astype(np.int64)
    key: IdArray = units[:, 0] * _LAT_SPAN + units[:, 1]
    return key


def _by_place(both: _Stretches, middle_m: FloatArray, compounds: CompoundAreas) -> IntArray:
    verdict = both.outside.copy()
    asked = np.flatnonzero(both.outside != both.inside)
    homes = shapely.STRtree(compounds.polygons[compounds.residential])
    hits = homes.query(shapely.points(middle_m[asked]), predicate="intersects")
    inside = asked[np.unique(hits[0])]
    verdict[inside] = both.inside[inside]
    return verdict
