"""Line renewal: listed lanes and how many metres of them meet the lane standard (背街小巷改造).

The planner's list is the stock; the map only lends geometry. The unit is the lane: it belongs to
the circle in which its point lies, and no metre of it is counted twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.judgement.coverage_verdict import share_verdict
from analysis.judgement.stock_renewal import (
    Renewed,
    Stock,
    coverage_target,
    judge_bounds,
    notes,
    renewed,
    stock_columns,
)
from analysis.messages import Joined, Message, message
from analysis.places.attributes import AttributeValues
from analysis.places.demand import Demand
from analysis.places.facilities import Facilities
from analysis.places.scope import Scope
from analysis.standard.profile import Element
from analysis.standard.rules import MetricRule, Sourced, Target
from analysis.standard.verdicts import DimensionVerdict, Figure
from analysis.streets.network import WalkNetwork
from analysis.units import M2_PER_KM2, BoolArray, FloatArray, GeometryArray, freeze
from analysis.walking import ArcFlag

NEAR_M: Final = 200.0  # a lane farther off than a home is linked from is nobody's lane
_LINES: Final = (1, 5)  # shapely type ids: LineString, MultiLineString
_M_PER_KM: Final = 1000.0
# Streets of GB 50180-2018 6.0.2; footways, steps and ways inside compounds are none.
_STREETS: Final = frozenset(
    f"{name}{end}"
    for name in ("trunk", "primary", "secondary", "tertiary", "unclassified", "residential",
                 "living_street", "pedestrian", "road")
    for end in ("", "_link")
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaneStandard:
    """Which listed lanes meet the lane standard.

    `meets` float64 [r]: 1, 0, or nan where it cannot be told; `rules` are the metrics that were
    checked, those of which the table states anything; none: completed works stand for them.
    """

    meets: FloatArray
    rules: tuple[MetricRule, ...]

    def __post_init__(self) -> None:
        """Freeze the array."""
        freeze(self.meets)


def with_lengths(stock: Stock, facilities: Facilities) -> Stock:
    """Give lanes whose length nobody states that of their line."""
    drawn_m = np.where(is_line(stock, facilities), shapely.length(facilities.shapes[stock.rows]), 0)
    lacking = np.isnan(stock.amount) & (drawn_m > 0)
    return Stock(
        rows=stock.rows.copy(),
        amount=np.where(lacking, drawn_m, stock.amount),
        eligible=stock.eligible.copy(),
        done=stock.done.copy(),
        is_list=stock.is_list,
    )


def is_line(stock: Stock, facilities: Facilities) -> BoolArray:
    """Return which objects are drawn as lines, bool [r]."""
    drawn: BoolArray = np.isin(shapely.get_type_id(facilities.shapes[stock.rows]), _LINES)
    return drawn


def lane_standard(
    rules: Sequence[MetricRule], values: Mapping[str, AttributeValues], stock: Stock
) -> LaneStandard:
    """Check each lane against what the profile asks of the quality of lanes with yes or no.

    One that fails is enough to fail; what the table states of no lane at all is not checked. Widths
    are shown as quality and not checked here: works do not widen a lane.
    """
    checked: list[MetricRule] = []
    fails, unknown = np.zeros(len(stock.rows), bool), np.zeros(len(stock.rows), bool)
    for rule in rules:
        name = rule.metric.attribute
        if rule.metric.measure != "share" or name is None or name not in values:
            continue
        value = values[name].at(stock.rows)
        if np.isnan(value).all():
            continue
        checked.append(rule)
        fails |= value < (1.0 if rule.metric.at_least is None else rule.metric.at_least)
        unknown |= np.isnan(value)
    if not checked:
        return LaneStandard(meets=stock.done.copy(), rules=())
    meets = np.where(fails, 0.0, np.where(unknown, np.nan, 1.0))
    return LaneStandard(meets=meets, rules=tuple(checked))


def judge_lane_coverage(
    element: Element,
    stock: Stock,
    standard: LaneStandard,
    here: BoolArray,
    min_known: float,
    *,
    from_map: BoolArray,
) -> DimensionVerdict:
    """Judge the share of listed length that meets the lane standard, as coverage.

    `from_map` bool [r] tells which lanes took attributes from the tags of the map.
    """
    found: Renewed = renewed(stock, here, standard.meets)
    wanted = element.coverage.target.value
    checklist = Joined(tuple(one.metric.name for one in standard.rules))
    by_works = not standard.rules
    said: list[Message] = [
        message(
            "lane.coverage" if standard.rules else "stock.scale",
            share=found.low, target=wanted, whole=found.whole, checklist=checklist,
            done=found.done, unit=message("unit.m"),
        )
    ]  # fmt: skip
    if by_works:
        said.append(message("lane.by_works"))
    if (from_map & here).any():
        said.append(message("lane.from_map", lanes=int(np.count_nonzero(from_map & here))))
    columns = tuple(one.metric.attribute or "" for one in standard.rules)
    return judge_bounds(
        "coverage", element, found, coverage_target(element),
        lambda share: share_verdict(share, element.coverage),
        min_known=min_known,
        said=[*said, *notes(stock, found)],
        brief=message("lane.brief", share=found.low, target=wanted),
        columns=tuple(dict.fromkeys((*stock_columns(element), *columns))),
        estimated=by_works or bool((from_map & here).any()),
    )  # fmt: skip


def nearest_lane(stock: Stock, facilities: Facilities, xy_m: FloatArray) -> FloatArray:
    """Return the position in `stock` of the nearest lane to each point, straight; nan for none.

    Of equally near lanes the first; farther than :data:`NEAR_M` is none. float64 [p].
    """
    found = np.full(len(xy_m), np.nan)
    lines = np.flatnonzero(is_line(stock, facilities))
    if len(lines):
        tree = shapely.STRtree(facilities.shapes[stock.rows[lines]])
        point, lane = tree.query_nearest(
            shapely.points(xy_m), max_distance=NEAR_M, all_matches=True
        )
        np.fmin.at(found, point, lines[lane].astype(np.float64))
    return found


def nearest_lane_figure(
    element: Element, standard: LaneStandard, nearest: FloatArray, demand: Demand, scope: Scope
) -> Figure | None:
    """Return the share of residents whose nearest lane meets the standard; None without any lane.

    Reported beside the share of length, which decides. Residents whose lane cannot be told count
    as unknown, not as lacking.
    """
    near = scope.here & np.isfinite(nearest)
    whole = float(demand.people[near].sum())
    if whole <= 0:
        return None
    meets = np.full(len(nearest), np.nan)
    meets[near] = standard.meets[nearest[near].astype(np.int64)]
    told = near & np.isfinite(meets)
    known = float(demand.people[told].sum())
    target = coverage_target(element)
    return Figure(
        metric="nearest_lane_share",
        value=float(demand.people[told & (meets == 1)].sum()) / known if known else float("nan"),
        unit="share",
        target=target,
        verdict="not_assessed",
        known_share=known / whole,
        basis=message("lane.nearest", people=whole, limit_m=NEAR_M),
        source=target.source,
        confidence=target.confidence,
        estimated=bool(demand.people_estimated[near].any()) or not standard.rules,
        why_not=message("lane.nearest_note"),
    )


def street_lines(network: WalkNetwork) -> GeometryArray:
    """Return the drawings of all streets, metres, object array; footways and the like are none."""
    of_street = np.array([one in _STREETS for one in network.class_names], dtype=bool)
    left_out = int(ArcFlag.PLAZA | ArcFlag.INFERRED | ArcFlag.PRIVATE)
    chosen = of_street[network.arc_class] & ((network.arc_flags & left_out) == 0)
    points = np.diff(network.arc_first)
    number = np.cumsum(chosen) - 1
    of_point = np.repeat(np.where(chosen, number, -1), points)
    kept = of_point >= 0
    lines: GeometryArray = shapely.linestrings(
        network.arc_xy_m[kept], indices=of_point[kept].astype(np.int64)
    )
    return lines


def density_figure(norm: Sourced, streets: GeometryArray, scope: Scope) -> Figure:
    """Return the density of streets in a scope, km per km², as a figure that is only reported."""
    length_km = float(length_inside(streets, scope.polygon).sum()) / _M_PER_KM
    area_km2 = scope.area_m2 / M2_PER_KM2
    return Figure(
        metric="street_density",
        value=length_km / area_km2 if area_km2 > 0 else float("nan"),
        unit="km_per_km2",
        target=Target(op="ge", low=norm.value, source=norm.source, confidence=norm.confidence),
        verdict="not_assessed",
        known_share=scope.inside_data,
        basis=message("lane.density_basis", length_km=length_km, area_km2=area_km2),
        source=norm.source,
        confidence=norm.confidence,
        estimated=True,
        why_not=message("lane.density_note"),
    )


def length_inside(lines: GeometryArray, polygon: shapely.Geometry) -> FloatArray:
    """Return how many metres of each line lie inside a polygon, float64 [n]."""
    length_m = np.zeros(len(lines))
    shapely.prepare(polygon)
    inside = shapely.covers(polygon, lines)
    crossing = ~inside & shapely.intersects(polygon, lines)
    length_m[inside] = shapely.length(lines[inside])
    length_m[crossing] = shapely.length(shapely.intersection(lines[crossing], polygon))
    return length_m
