"""Checks of given circles: people, area, what cuts them, how far their people walk to the middle.

Rules, each stated where its figure is shown:

* *People* stand where their home's inner point lies; one on a shared border, or in several circles,
  counts for the first circle by id, and is also told as living in several when it lies inside them.
* *Cut*: a stretch of arterial road, expressway, railway, river or coast more than
  :data:`BORDER_M` inside the border. Parallel carriageways and tracks of one line, up to
  :data:`PARALLEL_M` apart, are measured once.
* *Middle*: where the people are on average; walks start at the street node nearest to it, and go
  along streets in metres to every home, both access legs of the home included.
* *Compactness* is 4π · area / perimeter²: 1 for a disc, 0.79 for a square.
* *Gaps* are holes between circles, and slits up to twice :data:`SLIT_M` wide.
"""

from typing import Any, Final

import numpy as np
import shapely

from analysis.delineation.figures import (
    BarrierCut,
    CircleBands,
    CircleCheck,
    CircleChecks,
    Overlap,
    bands_of,
)
from analysis.delineation.findings import findings
from analysis.linking.linkable import LinkableArcs, LinkRules, linkable_arcs
from analysis.linking.linkage import Link, Linkage, link_points
from analysis.places.circles import Circles
from analysis.places.demand import Demand
from analysis.standard.profile import ServiceStandard
from analysis.streets.barriers import Barriers
from analysis.streets.dividers import Dividers, Rank
from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray
from analysis.walks.pairs import walks_between
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import WalkGraph, walk_graph

BORDER_M: Final = 50.0
PARALLEL_M: Final = 40.0
SLIT_M: Final = 50.0
LEAST_M2: Final = 1.0  # smaller overlaps and gaps are rounding


def check_on_streets(
    circles: Circles,
    demand: Demand,
    dividers: Dividers,
    *,
    network: WalkNetwork,
    barriers: Barriers,
    standard: ServiceStandard,
    bands: CircleBands | None = None,
    whole_area: bool,
) -> CircleChecks:
    """Check `circles` as :func:`check_circles` does, for adults walking on `network`."""
    profile = standard.profile("adult")
    rules = LinkRules(snap_limit_m=standard.snap_limit_m.value)
    linkable = linkable_arcs(network, profile, rules)
    return check_circles(
        circles,
        demand,
        dividers,
        graph=walk_graph(network, walk_costs(network, profile, "metres")),
        points=link_points(demand.xy_m, network, linkable, barriers, rules),
        linkable=linkable,
        bands=bands_of(standard.circle) if bands is None else bands,
        whole_area=whole_area,
    )


def check_circles(
    circles: Circles,
    demand: Demand,
    dividers: Dividers,
    *,
    graph: WalkGraph,
    points: Linkage,
    linkable: LinkableArcs,
    bands: CircleBands | None = None,
    whole_area: bool,
) -> CircleChecks:
    """Check `circles`.

    Parameters
    ----------
    demand, points
        Who lives where, and the same points linked to streets.
    dividers
        The lines that may cut a circle.
    graph, linkable
        The network in metres, and the arcs that may be walked to: the middle's node lies on one.
    bands
        What a circle should be; :class:`CircleBands` by default.
    whole_area
        Whether `demand` holds people outside the circles, too; without, the uncovered are unknown.
    """
    bands = bands or CircleBands()
    lived = demand.is_building | (demand.people > 0)
    where = shapely.points(demand.xy_m)
    tree = shapely.STRtree(circles.polygons)
    own = np.where(lived, circles.locate(demand.xy_m), -1).astype(np.int32)
    point, circle = tree.query(where, predicate="within")
    several = (np.bincount(point, minlength=len(demand)) > 1) & lived
    overlaps = _overlaps(circles, demand, point, circle)
    cuts = _cuts(circles, dividers)
    checks = tuple(
        _check(row, circles, demand, own == row, graph, points, linkable, bands.walk_m)
        | {"cuts": cuts[row], "overlaps": overlaps[row]}
        for row in range(len(circles))
    )
    outside = lived & (own < 0)
    gaps = _gaps(circles.polygons)
    found = CircleChecks(
        circles=tuple(CircleCheck(**one) for one in checks),
        bands=bands,
        people=float(demand.people[lived].sum()),
        uncovered_people=float(demand.people[outside].sum()) if whole_area else float("nan"),
        uncovered_homes=int(outside.sum()) if whole_area else -1,
        shared_people=float(demand.people[several].sum()),
        gap_m2=float(shapely.area(gaps).sum()),
        gaps=gaps,
    )
    return findings(found)


def _check(
    row: int,
    circles: Circles,
    demand: Demand,
    here: BoolArray,
    graph: WalkGraph,
    points: Linkage,
    linkable: LinkableArcs,
    walk_m: float,
) -> dict[str, Any]:
    polygon, people = circles.polygons[row], demand.people[here]
    held = float(people.sum())
    if held > 0:
        middle = np.average(demand.xy_m[here], axis=0, weights=people)
    else:
        middle = shapely.get_coordinates(shapely.centroid(polygon))[0]
    area_m2, around_m = float(shapely.area(polygon)), float(shapely.length(polygon))
    within = _within(middle, np.flatnonzero(here).astype(np.int32), graph, points, linkable, walk_m)
    return {
        "circle_id": circles.circle_id[row],
        "name": circles.name[row],
        "people": held,
        "people_estimated": float(people[demand.people_estimated[here]].sum()),
        "people_stated": float(circles.total_population[row]),
        "homes": int(demand.is_building[here].sum()),
        "area_m2": area_m2,
        "compactness": 4.0 * np.pi * area_m2 / around_m**2,
        "parts": len(shapely.get_parts(polygon)),
        "centre_xy_m": (float(middle[0]), float(middle[1])),
        "walk_share": float(people[within].sum()) / held if held > 0 else float("nan"),
        "unlinked_people": float(people[~points.linked[here]].sum()),
    }


def _within(
    middle: FloatArray,
    rows: IntArray,
    graph: WalkGraph,
    points: Linkage,
    linkable: LinkableArcs,
    walk_m: float,
) -> BoolArray:
    """Return which of the points `rows` are at most `walk_m` from the node nearest to `middle`."""
    network = graph.network
    open_arcs = np.flatnonzero(linkable.usable)
    if len(open_arcs) == 0 or len(rows) == 0:
        return np.zeros(len(rows), dtype=bool)
    ends = np.concatenate([network.arc_tail[open_arcs], network.arc_head[open_arcs]])
    apart_m = np.hypot(*(network.node_xy_m[ends] - middle).T)
    nearest = np.lexsort((network.node_id[ends], apart_m))[0]
    arc = open_arcs[nearest % len(open_arcs)]
    offset_m = 0.0 if nearest < len(open_arcs) else float(network.arc_length_m[arc])
    start = Linkage(
        point_first=np.array([0, 1], dtype=np.int32),
        arc=np.array([arc], dtype=np.int32),
        offset_m=np.array([offset_m]),
        access_m=np.zeros(1),
        how=np.array([Link.NEAR], dtype=np.uint8),
    )
    pairs = np.column_stack([np.zeros(len(rows)), rows]).astype(np.int32)
    return np.isfinite(walks_between(graph, start, points, pairs, walk_m))


def _overlaps(
    circles: Circles, demand: Demand, point: IntArray, circle: IntArray
) -> list[tuple[Overlap, ...]]:
    member = np.zeros((len(circles), len(demand)), dtype=bool)
    member[circle, point] = True
    first, second = shapely.STRtree(circles.polygons).query(circles.polygons, "intersects")
    found: list[list[Overlap]] = [[] for _ in circles.circle_id]
    for a, b in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if a == b:
            continue
        area_m2 = float(shapely.area(shapely.intersection(*circles.polygons[[a, b]])))
        if area_m2 > LEAST_M2:
            people = float(demand.people[member[a] & member[b]].sum())
            found[a].append(Overlap(other_id=circles.circle_id[b], area_m2=area_m2, people=people))
    return [tuple(one) for one in found]


def _cuts(circles: Circles, dividers: Dividers) -> list[tuple[BarrierCut, ...]]:
    wanted = dividers.picked(dividers.rank >= Rank.MINOR_ARTERIAL)
    interior = shapely.buffer(circles.polygons, -BORDER_M)
    return [_cuts_of(one, wanted) for one in interior]


def _cuts_of(interior: shapely.Geometry, dividers: Dividers) -> tuple[BarrierCut, ...]:
    meets = np.flatnonzero(shapely.intersects(interior, dividers.lines))
    lines: dict[tuple[int, str], list[shapely.Geometry]] = {}
    for row in meets.tolist():
        own = lines.setdefault((int(dividers.kind[row]), dividers.names[row]), [])
        own.append(shapely.intersection(dividers.lines[row], interior))
    found = []
    for (kind, name), parts in lines.items():
        length_m = _once_m(np.array(parts, dtype=object))
        if length_m > 0:
            one = dividers.kinds[kind]
            found.append(
                BarrierCut(
                    kind=one.id, kind_name=one.name, name=name, rank=one.rank, length_m=length_m
                )
            )
    return tuple(sorted(found, key=lambda cut: (-cut.rank, -cut.length_m, cut.kind, cut.name)))


def _once_m(lines: GeometryArray) -> float:
    """Return the length of lines of one name, parallel ones measured once."""
    parts = shapely.get_parts(shapely.line_merge(shapely.union_all(lines)))
    parts = parts[shapely.get_dimensions(parts) == 1]
    kept: list[shapely.Geometry] = []
    beside = shapely.Polygon()
    total_m = 0.0
    for row in np.argsort(-shapely.length(parts), kind="stable"):
        alone = shapely.difference(parts[row], beside) if kept else parts[row]
        # Of a line that goes on where the first ends only the flat side is taken away.
        total_m += float(shapely.length(alone))
        kept.append(parts[row])
        beside = shapely.buffer(shapely.union_all(kept), PARALLEL_M, cap_style="flat")
    return total_m


def _gaps(polygons: GeometryArray) -> GeometryArray:
    """Return holes in the circles together, and slits between them, as polygons."""
    together = shapely.union_all(polygons)
    parts = shapely.get_parts(together)
    rings = [ring for one in parts for ring in one.interiors]
    holes = shapely.polygons(rings) if rings else np.empty(0, dtype=object)
    grown = shapely.buffer(together, SLIT_M, join_style="mitre")
    closed = shapely.buffer(grown, -SLIT_M, join_style="mitre")
    slits = shapely.difference(closed, shapely.union_all([together, *holes]))
    # A slit lies between two circles; a notch in one of them is its own shape.
    pieces = np.concatenate([holes, shapely.get_parts(shapely.make_valid(slits))])
    pieces = pieces[shapely.area(pieces) > LEAST_M2]
    near = [one for one in pieces if int(shapely.dwithin(polygons, one, BORDER_M / 10).sum()) > 1]
    gaps = np.empty(len(near), dtype=object)
    gaps[:] = near
    return gaps
