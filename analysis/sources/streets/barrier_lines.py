"""The lines that nobody walks straight across, whole, before gates and streets cut them open."""

from dataclasses import dataclass

import numpy as np
import shapely

from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.extent import ReadArea
from analysis.sources.osm.data import OsmData, Tags
from analysis.sources.streets.access import AccessRules, LineRule, Opener
from analysis.sources.streets.areas import (
    project_ways,
    relation_polygons_m,
    relations_near,
    ways_near,
)
from analysis.sources.streets.compounds import Compounds
from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray

_RING_KIND = "compound"
_RING_OPENERS: frozenset[Opener] = frozenset({"gates", "streets"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarrierLines:
    """Barrier lines in metres.

    `geometry` object [b] of LineString; `kind` and `source_id` (such as ``way/12``) [b];
    `opened_by` [b]; `compound` int32 [b], whose ring it is, −1 for none.
    First the ways by id, then the relations, then the rings of compounds.
    """

    geometry: GeometryArray
    kind: tuple[str, ...]
    source_id: tuple[str, ...]
    opened_by: tuple[frozenset[Opener], ...]
    compound: IntArray

    def opened_by_any(self, *openers: Opener) -> IntArray:
        """Return the positions of the lines that one of `openers` cuts open."""
        wanted = frozenset(openers)
        return np.flatnonzero([bool(wanted & own) for own in self.opened_by]).astype(np.int32)


def read_lines(
    data: OsmData, area: ReadArea, rules: AccessRules, compounds: Compounds
) -> tuple[BarrierLines, tuple[Notice, ...]]:
    """Return the barrier lines of `rules.lines` inside `area.read`, and the rings of `compounds`.

    A wall that is a compound's own ring stands there once, as the ring. Waters too small to matter
    are named in the notice.
    """
    way_rule = _rules_of(data.way_tags, rules)
    ways = np.flatnonzero(way_rule >= 0).astype(np.int32)
    ways = ways[ways_near(data, ways, area)]
    ways = ways[np.argsort(data.way_id[ways], kind="stable")]
    relation_rule = _rules_of(data.relation_tags, rules)
    relations = np.flatnonzero(relation_rule >= 0).astype(np.int32)
    relations = relations[relations_near(data, relations, area)]
    relations = relations[np.argsort(data.relation_id[relations], kind="stable")]

    polygons = relation_polygons_m(data, relations, area)
    lines, size_m2 = _way_lines(data, ways, area)
    geometry = np.concatenate([lines, shapely.boundary(polygons)])
    size_m2 = np.concatenate([size_m2, shapely.area(polygons)])
    rule = np.concatenate([way_rule[ways], relation_rule[relations]])
    source_id = [f"way/{i}" for i in data.way_id[ways].tolist()]
    source_id += [f"relation/{i}" for i in data.relation_id[relations].tolist()]

    small = _is_small(rules.lines, rule, size_m2)
    left_out = small | _is_ring(rules.lines, rule, source_id, compounds)
    parts, row = _inside(geometry, ~left_out, area)
    rings, of_compound = _rings(compounds)
    kept = [rules.lines[i] for i in rule[row]]
    found = BarrierLines(
        geometry=np.concatenate([parts, rings]),
        kind=(*(entry.kind for entry in kept), *(_RING_KIND for _ in rings)),
        source_id=(*(source_id[i] for i in row), *(compounds.source_id[i] for i in of_compound)),
        opened_by=(*(entry.opened_by for entry in kept), *(_RING_OPENERS for _ in rings)),
        compound=np.concatenate([np.full(len(row), -1), of_compound]).astype(np.int32),
    )
    subjects = [source_id[i] for i in np.flatnonzero(small & _meets(geometry, area))]
    notices = (notice("barrier.small_water", message("barrier.small_water"), subjects),)
    return found, tuple(entry for entry in notices if entry.subjects)


def _rules_of(all_tags: tuple[Tags, ...], rules: AccessRules) -> IntArray:
    """Return the barrier rule that holds for each object, −1 for none."""
    starts = _first_values(rules.lines)
    known: dict[tuple[str | None, ...], int] = {}  # tags that look alike to the rules
    found = np.full(len(all_tags), -1, dtype=np.int32)
    for row, tags in enumerate(all_tags):
        for key, allowed in starts:
            value = tags.get(key)
            if value is not None and (not allowed or value in allowed or ";" in value):
                signature = tuple(map(tags.get, rules.line_keys))
                if signature not in known:
                    known[signature] = _rule_of(tags, rules)
                found[row] = known[signature]
                break
    return found


def _first_values(lines: tuple[LineRule, ...]) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return the key that each rule asks for first with its values; no values stand for any."""
    values: dict[str, frozenset[str]] = {}
    for line in lines:
        key, allowed = line.condition.when[0]
        any_value = allowed is None or (key in values and not values[key])
        values[key] = (
            frozenset() if any_value else values.get(key, frozenset()) | (allowed or frozenset())
        )
    return tuple(values.items())


def _rule_of(tags: Tags, rules: AccessRules) -> int:
    position = rules.line(tags)
    if position is None or (rules.lines[position].only_closed and _may_be_walked(tags, rules)):
        return -1
    return position


def _may_be_walked(tags: Tags, rules: AccessRules) -> bool:
    verdict = rules.way(tags)
    return verdict is not None and verdict.is_open


def _way_lines(data: OsmData, ways: IntArray, area: ReadArea) -> tuple[GeometryArray, FloatArray]:
    """Return ways as lines and the size of the closed ones, m²; not-a-number for open ones."""
    xy_m = project_ways(data, ways, area)
    size_m2 = np.full(len(ways), np.nan)
    closed = data.is_closed()[ways]
    size_m2[closed] = shapely.area(data.way_polygons(ways[closed], xy_m))
    return data.way_lines(ways, xy_m), size_m2


def _is_small(lines: tuple[LineRule, ...], rule: IntArray, size_m2: FloatArray) -> BoolArray:
    least_m2 = np.array([entry.min_area_m2 for entry in lines], dtype=np.float64)
    is_area = np.array([entry.shape == "area" for entry in lines], dtype=np.bool_)
    # An open piece of a shore has no size and stays.
    return np.asarray(is_area[rule] & (size_m2 < least_m2[rule]), dtype=np.bool_)


def _is_ring(
    lines: tuple[LineRule, ...], rule: IntArray, source_id: list[str], compounds: Compounds
) -> BoolArray:
    own = frozenset(compounds.source_id)
    return np.array(
        [
            source in own and "gates" in lines[position].opened_by
            for source, position in zip(source_id, rule.tolist(), strict=True)
        ],
        dtype=np.bool_,
    )


def _meets(geometry: GeometryArray, area: ReadArea) -> BoolArray:
    shapely.prepare(area.read)
    return np.asarray(shapely.intersects(area.read, geometry), dtype=np.bool_)


def _inside(
    geometry: GeometryArray, wanted: BoolArray, area: ReadArea
) -> tuple[GeometryArray, IntArray]:
    """Return the wanted lines cut to the area read, as single lines, and the row of each."""
    rows = np.flatnonzero(wanted & _meets(geometry, area))
    whole = shapely.covers(area.read, geometry[rows])
    clipped = geometry[rows].copy()
    clipped[~whole] = shapely.intersection(geometry[rows[~whole]], area.read)
    parts, of_row = shapely.get_parts(clipped, return_index=True)
    # Where a line only touches the area's edge, a point is left of it.
    lines = shapely.length(parts) > 0
    return parts[lines], rows[of_row[lines]].astype(np.int32)


def _rings(compounds: Compounds) -> tuple[GeometryArray, IntArray]:
    parts, row = shapely.get_parts(compounds.polygons, return_index=True)
    rings = shapely.get_exterior_ring(parts)
    lines = shapely.linestrings(
        shapely.get_coordinates(rings),
        indices=np.repeat(np.arange(len(rings)), shapely.get_num_coordinates(rings)),
    )
    return lines, row.astype(np.int32)
