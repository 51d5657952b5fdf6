"""Delineation: circles proposed where none are given.

The settled ground is cut along streets, railways and water
(:mod:`analysis.delineation.street_blocks`), joined up to blocks between arterial roads
(:mod:`analysis.delineation.block_graph`), and these are shared out among circles that hold enough
people (:mod:`analysis.delineation.partition`). No circle crosses an expressway, a railway or a
river, unless it would stay too small; every such crossing is listed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.delineation.block_graph import BlockGraph, BlockLimits, block_graph
from analysis.delineation.crowded_blocks import cut_blocks
from analysis.delineation.joins import Join, Patch, join_small, told_joins
from analysis.delineation.partition import Band, partition
from analysis.delineation.redraw import patches_of, redraw_small
from analysis.delineation.settled_ground import settled_ground, with_whole_blocks
from analysis.delineation.street_blocks import StreetBlocks
from analysis.errors import InvalidCirclesError, InvalidParameterError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.circles import Circles, Level
from analysis.places.demand import Demand
from analysis.streets.components import smallest_in_component
from analysis.streets.dividers import Dividers
from analysis.units import BoolArray, FloatArray, IntArray, freeze

_BLOCK_SHARE: Final = 1.0 / 6.0
NOBODY: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRules:
    """What is asked of proposed circles: people, and metres to walk from the middle.

    Raises :class:`InvalidParameterError` unless 0 < `min_people` < `max_people` and
    `radius_m` > 0, all finite.
    """

    min_people: float = 50_000.0
    max_people: float = 100_000.0
    radius_m: float = 1000.0

    def __post_init__(self) -> None:
        """Check."""
        if not 0 < self.min_people < self.max_people < np.inf or not 0 < self.radius_m < np.inf:
            raise InvalidParameterError(
                message("delineation.rules"),
                remedy=message("delineation.rules.remedy"),
                value=(self.min_people, self.max_people, self.radius_m),
            )

    @property
    def band(self) -> Band:
        """Return the rules as the partition wants them."""
        return Band(low=self.min_people, high=self.max_people, radius_m=self.radius_m)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CircleProposal:
    """Proposed circles.

    Attributes
    ----------
    circles
        Valid polygons that do not overlap, C01, C02 … from north to south.
    of_point
        The circle of each demand point, int32 [p]; :data:`NOBODY` for land cells.
    people
        Residents of each circle, float64 [c].
    joins
        Parts that were joined across a barrier or a distance to reach the least people.
    notices
        What was joined, what stays below or above the band, what was left out.
    """

    circles: Circles
    of_point: IntArray
    people: FloatArray
    joins: tuple[Join, ...]
    notices: tuple[Notice, ...]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.of_point)
        freeze(self.people)


def propose_circles(
    demand: Demand,
    dividers: Dividers,
    ground: shapely.Geometry,
    *,
    rules: ProposalRules | None = None,
    data_area: shapely.Geometry | None = None,
    places: Sequence[tuple[str, float, float]] = (),
) -> CircleProposal:
    """Propose circles for everybody in `demand`.

    Parameters
    ----------
    demand
        Homes and people; cells of residential land are not looked at.
    dividers
        The lines to delineate along, metres.
    ground
        Where circles may lie, metres; homes outside it are counted to the nearest block.
    rules
        People and radius; GB 50180-2018 by default.
    data_area
        Where the extract is complete; all of the ground by default.
    places
        Quarters as (name, x, y), to name circles after.

    Raises
    ------
    InvalidCirclesError
        There are no homes, or nobody lives in them.
    """
    rules = rules or ProposalRules()
    homes = np.flatnonzero(demand.is_building | (demand.people > 0))
    if len(homes) == 0 or demand.people[homes].sum() <= 0:
        raise InvalidCirclesError(
            message("delineation.no_homes"), remedy=message("delineation.no_homes.remedy")
        )
    ids = np.array(demand.point_id, dtype=np.str_)[homes]
    homes = homes[np.lexsort((ids, *demand.xy_m[homes].T))]
    xy_m, people = demand.xy_m[homes], demand.people[homes]
    settled = with_whole_blocks(settled_ground(xy_m, ground), dividers, ground)
    blocks, polygon = cut_blocks(settled, dividers, xy_m, people, rules.max_people)
    graph = _graph(blocks, polygon, xy_m, people, rules)
    lived = np.zeros(len(graph), dtype=bool)
    lived[graph.of_polygon[polygon]] = True
    label = _shared_out(graph, lived, rules)
    joined, joins = join_small(patches_of(graph, blocks, label), dividers, rules.band)
    merged = _merged(label, joined)
    drawn, redrawn = redraw_small(graph, blocks, merged, dividers, rules.band)
    patches = patches_of(graph, blocks, drawn)
    order = _order(patches)
    circle_of = _ranked(drawn, order)
    of_point = np.full(len(demand), NOBODY, dtype=np.int32)
    of_point[homes] = circle_of[graph.of_polygon[polygon]]
    circles = _circles([patches[one] for one in order], data_area, places)
    held = np.bincount(of_point[homes], weights=people, minlength=len(circles)).astype(np.float64)
    named = _named(joins, label, graph, circle_of, circles)
    named += _named(redrawn, merged, graph, circle_of, circles)
    return CircleProposal(
        circles=circles,
        of_point=of_point,
        people=held,
        joins=named,
        notices=_notices(circles, held, named, rules, float(graph.area_m2[label < 0].sum())),
    )


def _graph(
    blocks: StreetBlocks,
    polygon: IntArray,
    xy_m: FloatArray,
    people: FloatArray,
    rules: ProposalRules,
) -> BlockGraph:
    n = len(blocks)
    held = np.bincount(polygon, weights=people, minlength=n).astype(np.float64)
    with np.errstate(invalid="ignore"):
        middle = np.column_stack(
            [np.bincount(polygon, weights=people * one, minlength=n) / held for one in xy_m.T]
        )
    limits = BlockLimits(people=_BLOCK_SHARE * rules.max_people, area_m2=rules.radius_m**2)
    return block_graph(blocks, held, middle, limits)


def _shared_out(graph: BlockGraph, lived: BoolArray, rules: ProposalRules) -> IntArray:
    """Return the part of each block, int32 [n]; −1 where a region cut off by barriers is empty."""
    joins = graph.joinable
    region = smallest_in_component(len(graph), graph.first[joins], graph.second[joins])
    label = np.full(len(graph), NOBODY, dtype=np.int32)
    for one in np.unique(region[lived]).tolist():
        own = np.flatnonzero(region == one).astype(np.int32)
        label[own] = partition(graph, own, rules.band) + label.max() + 1
    return _without_empty(label, lived)


def _without_empty(label: IntArray, lived: BoolArray) -> IntArray:
    """Leave out the parts where nobody lives and number the others from 0."""
    kept = np.unique(label[lived])
    number = np.full(int(label.max()) + 2, NOBODY, dtype=np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    renumbered: IntArray = number[label]
    return renumbered


def _merged(label: IntArray, patches: Sequence[Patch]) -> IntArray:
    """Return the patch of each block, int32 [n]; −1 where it has none."""
    number = np.full(int(label.max()) + 2, NOBODY, dtype=np.int32)
    for one, patch in enumerate(sorted(patches, key=lambda patch: patch.parts)):
        number[list(patch.parts)] = one
    merged: IntArray = number[label]
    return merged


def _order(patches: Sequence[Patch]) -> list[int]:
    """Return the patches from north to south, west first."""
    return sorted(
        range(len(patches)), key=lambda one: (-round(patches[one].xy_m[1]), patches[one].xy_m[0])
    )


def _ranked(label: IntArray, order: Sequence[int]) -> IntArray:
    number = np.full(len(order) + 1, NOBODY, dtype=np.int32)
    number[list(order)] = np.arange(len(order), dtype=np.int32)
    ranked: IntArray = number[label]
    return ranked


def _named(
    joins: Sequence[Join], label: IntArray, graph: BlockGraph, circle_of: IntArray, circles: Circles
) -> tuple[Join, ...]:
    """Give each join the circle where most of its people live, and the other of a redrawing."""
    named = []
    for one in joins:
        own = (label == one.part) & (circle_of >= 0)
        held = np.bincount(circle_of[own], weights=graph.people[own], minlength=len(circles))
        first = int(np.argmax(held))
        both = np.unique(circle_of[np.isin(label, (one.part, one.partner))]).tolist()
        other = [circles.circle_id[row] for row in both if row not in (first, NOBODY)]
        named.append(one.named(circles.circle_id[first], other[0] if one.why == "redrawn" else ""))
    return tuple(named)


def _circles(
    patches: Sequence[Patch],
    data_area: shapely.Geometry | None,
    places: Sequence[tuple[str, float, float]],
) -> Circles:
    polygons = np.empty(len(patches), dtype=object)
    polygons[:] = [one.polygon for one in patches]
    digits = max(2, len(str(len(patches))))
    ids = tuple(f"C{number:0{digits}d}" for number in range(1, len(patches) + 1))
    level: Level = "15min"
    inside = np.ones(len(patches))
    if data_area is not None:
        inside = shapely.area(shapely.intersection(polygons, data_area)) / shapely.area(polygons)
    return Circles(
        circle_id=ids,
        name=tuple(
            f"{one} {_place_in(patch, places)}".strip()
            for one, patch in zip(ids, patches, strict=True)
        ),
        level=(level,) * len(patches),
        polygons=polygons,
        total_population=np.full(len(patches), np.nan),
        inside_data=np.clip(inside, 0.0, 1.0),
    )


def _place_in(patch: Patch, places: Sequence[tuple[str, float, float]]) -> str:
    """Return the name of the quarter nearest to the middle, of those inside; empty for none."""
    inside = [
        (float(np.hypot(x - patch.xy_m[0], y - patch.xy_m[1])), name)
        for name, x, y in places
        if shapely.contains_xy(patch.polygon, x, y)
    ]
    return min(inside)[1] if inside else ""


def _notices(
    circles: Circles,
    people: FloatArray,
    joins: Sequence[Join],
    rules: ProposalRules,
    left_out_m2: float,
) -> tuple[Notice, ...]:
    told = told_joins(joins)
    band = {"low": f"{rules.min_people:,.0f}", "high": f"{rules.max_people:,.0f}"}
    if people.sum() < rules.min_people:
        text = message("delineation.few", people=f"{people.sum():,.0f}", low=band["low"])
        return (*told, notice("delineation.few", text, circles.circle_id, "warning"))
    for code, off in (
        ("delineation.below", people < rules.min_people),
        ("delineation.above", people > rules.max_people),
    ):
        if off.any():
            ids = [circles.circle_id[one] for one in np.flatnonzero(off)]
            text = message(code, count=len(ids), people=f"{people[off].sum():,.0f}", **band)
            told.append(notice(code, text, ids, "warning"))
    if left_out_m2 > 0:
        text = message("delineation.left_out", km2=f"{left_out_m2 / 1e6:.2f}")
        told.append(notice("delineation.left_out", text))
    return tuple(told)
