"""Lane tags: what the map says of lighting and paving, lane by lane.

A listed lane whose column is silent takes what the ways along it are tagged with; without any list
the lanes of the map show how many metres are lit and paved. Planners' columns go first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely

from analysis.judgement.line_renewal import is_line, length_inside
from analysis.judgement.stock_renewal import Stock
from analysis.messages import Joined, message
from analysis.places.attributes import AttributeValues, tag_value
from analysis.places.facilities import Facilities
from analysis.places.mapped_lanes import MappedLanes
from analysis.places.scope import Scope
from analysis.standard.figures import Answer, Known, Unknown, judge_figures
from analysis.standard.rules import Attribute, MetricRule
from analysis.standard.verdicts import DimensionVerdict
from analysis.units import BoolArray, FloatArray, IntArray, freeze

ALONG_M: Final = 10.0  # how far a lane and its way may be drawn apart
_ACROSS_M: Final = 3.0 * ALONG_M  # a shorter piece near a lane is of a street that crosses it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaneTags:
    """The lanes of the map and what their tags say, read once for all circles.

    `value` by attribute: float64 [n], yes 1, no 0, nan where a lane is not tagged.
    """

    lanes: MappedLanes
    value: Mapping[str, FloatArray]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for one in self.value.values():
            freeze(one)


def lane_tags(
    rules: Sequence[MetricRule], attributes: Mapping[str, Attribute], lanes: MappedLanes
) -> LaneTags:
    """Read the yes-or-no attributes that the shares of `rules` ask for and that tags can tell."""
    found: dict[str, FloatArray] = {}
    for rule in rules:
        name = rule.metric.attribute or ""
        if rule.metric.measure == "share" and name in attributes:
            attribute = attributes[name]
            if attribute.kind == "yes_no" and attribute.osm:
                found[name] = np.array([tag_value(attribute, tags) for tags in lanes.tags])
    return LaneTags(lanes=lanes, value=found)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilledValues:
    """Attributes of listed lanes; `from_map` bool [r] tells which lanes took any from the map."""

    values: Mapping[str, AttributeValues]
    from_map: BoolArray

    def __post_init__(self) -> None:
        """Freeze the array."""
        freeze(self.from_map)


def filled(
    values: Mapping[str, AttributeValues],
    stock: Stock,
    facilities: Facilities,
    tags: LaneTags,
    min_known: float,
) -> FilledValues:
    """Return `values` (read of the rows of `stock`) with what the tags of ways along lanes add.

    A lane takes the share of tagged metres along it for which an attribute holds, where at least
    `min_known` of the metres along it are tagged. Only lanes drawn as lines have ways along them.
    """
    from_map = np.zeros(len(stock.rows), dtype=bool)
    told = dict(values)
    lane, way, metres = _along(stock, facilities, tags.lanes)
    for name in tags.value.keys() & values.keys():
        one = values[name]
        value = one.at(stock.rows)
        share = _shares(lane, metres, tags.value[name][way], len(value), min_known)
        takes = np.isnan(value) & np.isfinite(share)
        from_map |= takes
        told[name] = replace(
            one,
            value=np.where(takes, share, value),
            source=tuple(
                "osm" if taken else said for taken, said in zip(takes, one.source, strict=True)
            ),
        )
    return FilledValues(values=told, from_map=from_map)


def mapped_quality(
    rules: Sequence[MetricRule],
    attributes: Mapping[str, Attribute],
    tags: LaneTags,
    scope: Scope,
    min_known: float,
) -> DimensionVerdict:
    """Judge quality by the tags of the lanes of the map in a scope, where no list is given.

    Shares are of metres; judged where at least `min_known` of the metres are tagged.
    """
    inside_m = length_inside(tags.lanes.lines, scope.polygon)

    def answer(rule: MetricRule) -> Answer:
        name = rule.metric.attribute or ""
        columns = Joined(attributes[name].columns if name in attributes else ())
        if name not in tags.value:
            return Unknown(
                why_not=message("lane.needs_list", name=rule.metric.name, columns=columns)
            )
        keys = Joined(tuple(attributes[name].osm))
        return _share_tagged(rule, tags.value[name], inside_m, keys, columns, min_known)

    return judge_figures("quality", rules, answer)


def _share_tagged(
    rule: MetricRule,
    value: FloatArray,
    inside_m: FloatArray,
    keys: Joined,
    columns: Joined,
    min_known: float,
) -> Answer:
    """Return the share of tagged metres that hold; `keys` and `columns` would settle the rest."""
    known = np.isfinite(value)
    whole_m, known_m = float(inside_m.sum()), float(inside_m[known].sum())
    if known_m <= 0:
        return Unknown(
            why_not=message("lane.untagged", name=rule.metric.name, tags=keys, columns=columns)
        )
    share = known_m / whole_m
    note = None
    if share < min_known:
        note = message(
            "lane.mapped_few", name=rule.metric.name, share=share, least=min_known, tags=keys
        )
    return Known(
        value=float(inside_m[known] @ value[known]) / known_m,
        known_share=share,
        basis=message("lane.mapped_basis", known_km=known_m / 1e3, whole_km=whole_m / 1e3),
        estimated=True,
        judged=note is None,
        note=note,
    )


def _along(
    stock: Stock, facilities: Facilities, lanes: MappedLanes
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return listed lane, mapped lane and metres of each way that runs along a listed lane."""
    listed = np.flatnonzero(is_line(stock, facilities))
    shapes = facilities.shapes[stock.rows[listed]]
    beside = shapely.buffer(shapes, ALONG_M)
    lane, way = shapely.STRtree(lanes.lines).query(beside, predicate="intersects")
    metres = shapely.length(shapely.intersection(lanes.lines[way], beside[lane]))
    length_m = shapely.length(shapes)[lane]
    runs = (metres >= _ACROSS_M) | (metres >= 0.5 * length_m)
    return listed[lane[runs]], way[runs], metres[runs]


def _shares(
    lane: IntArray, metres: FloatArray, value: FloatArray, count: int, min_known: float
) -> FloatArray:
    """Return for each lane the share of its tagged metres that hold; nan where too few are."""
    known = np.isfinite(value)
    whole_m = np.bincount(lane, metres, count)
    known_m = np.bincount(lane[known], metres[known], count)
    yes_m = np.bincount(lane[known], metres[known] * value[known], count)
    enough = (known_m > 0) & (known_m >= min_known * whole_m)
    return np.where(enough, yes_m / np.where(enough, known_m, 1.0), np.nan)
