"""Predicted cities: small worlds whose answers are arithmetic, for tests, docs and notebooks."""

from collections.abc import Callable
from functools import partial

import numpy as np
import shapely

from analysis.crs import metric_crs
from analysis.messages import Name
from analysis.places.circles import Circles, Level
from analysis.places.demand import Demand
from analysis.places.evidence import Evidence
from analysis.places.facilities import Entrance, Facilities, FacilityRecord, build_facilities
from analysis.standard.profile import (
    WALKED,
    Category,
    Completeness,
    CoverageTarget,
    Element,
    EvidenceRule,
    OsmRule,
    ReachRule,
    ServiceStandard,
    TagRule,
    Treatment,
)
from analysis.standard.profile_rules import WalkingRules
from analysis.standard.rules import Sourced
from analysis.streets.barriers import Barriers, no_barriers
from analysis.streets.network import WalkNetwork, build_network
from analysis.streets.relief import lay_terrain, stations
from analysis.study import StudyInputs
from analysis.units import FloatArray
from analysis.walking import SlopeLaw

_SPEEDS_M_S = {"adult": 1.2, "older_adult": 0.9, "child": 1.0, "wheelchair": 0.8}
TEST_CRS = metric_crs(106.65, 26.70)


def grid_city(n_blocks_x: int, n_blocks_y: int, *, block_m: float = 100.0) -> WalkNetwork:
    """Return a grid of two-way streets with its south-west corner at (0, 0).

    Walks between crossings are ``block_m`` × the number of blocks (Manhattan).
    """
    nx, ny = n_blocks_x + 1, n_blocks_y + 1
    x, y = np.meshgrid(np.arange(nx), np.arange(ny), indexing="ij")
    xy_m = np.column_stack([x.ravel(), y.ravel()]) * block_m
    index = np.arange(nx * ny).reshape(nx, ny)
    tail = np.concatenate([index[:-1].ravel(), index[:, :-1].ravel()])
    head = np.concatenate([index[1:].ravel(), index[:, 1:].ravel()])
    return street_city(
        xy_m.astype(np.float64), list(zip(tail.tolist(), head.tolist(), strict=True))
    )


def street_city(
    node_xy_m: FloatArray,
    arcs: list[tuple[int, int]],
    *,
    flags: list[int] | None = None,
    length_m: list[float] | None = None,
) -> WalkNetwork:
    """Return a network of straight arcs between numbered nodes."""
    tail, head = np.array(arcs, dtype=np.int32).reshape(-1, 2).T
    return build_network(
        crs=TEST_CRS.definition,
        node_id=np.arange(1, len(node_xy_m) + 1, dtype=np.int64),
        node_xy_m=np.asarray(node_xy_m, dtype=np.float64),
        arc_tail=tail,
        arc_head=head,
        arc_length_m=None if length_m is None else np.array(length_m, dtype=np.float64),
        arc_flags=None if flags is None else np.array(flags, dtype=np.uint16),
    )


def on_hills(
    network: WalkNetwork,
    height_m: Callable[[FloatArray, FloatArray], FloatArray],
    *,
    wheelchair_max_grade: float | None = None,
) -> WalkNetwork:
    """Return `network` on ground whose height is a function of x and y, metres."""
    where = stations(network)
    heights = np.asarray(height_m(*where.xy_m.T), dtype=np.float64)
    return lay_terrain(network, where, heights, wheelchair_max_grade=wheelchair_max_grade)


def people_at(
    xy_m: list[tuple[float, float]],
    *,
    people: list[float] | None = None,
    circle: list[int] | None = None,
    land_m2: list[float] | None = None,
) -> Demand:
    """Return buildings with powers of two as people, so that a sum names the ones it holds.

    `land_m2` appends one cell of residential land for each entry at the first points' places.
    """
    n = len(xy_m)
    land = land_m2 or []
    weights = [float(2**i) for i in range(n)] if people is None else people
    cells = np.array(xy_m[: len(land)], dtype=np.float64).reshape(-1, 2)
    zeros = np.zeros(len(land))
    in_circle = [0] * n if circle is None else circle
    return Demand(
        point_id=(
            *(f"home/{i:04d}" for i in range(n)),
            *(f"land/{i:04d}" for i in range(len(land))),
        ),
        xy_m=np.concatenate([np.array(xy_m, dtype=np.float64).reshape(-1, 2), cells]),
        is_building=np.array([True] * n + [False] * len(land), dtype=bool),
        people=np.concatenate([weights, zeros]),
        people_estimated=np.zeros(n + len(land), dtype=bool),
        households=np.concatenate([np.array(weights) / 2.0, zeros]),
        groups={},
        land_m2=np.concatenate([np.zeros(n), np.array(land, dtype=np.float64)]),
        circle=np.array(in_circle + in_circle[: len(land)], dtype=np.int32),
    )


def shops_at(
    places: list[tuple[str, float, float]],
    *,
    area_m2: list[float] | None = None,
    ambiguous: list[bool] | None = None,
) -> Facilities:
    """Return open point facilities for (element id, x, y), named by their position."""
    n = len(places)
    return build_facilities(
        [
            FacilityRecord(
                element_id=element_id,
                source_id=f"test:{i:04d}",
                name=f"facility {i}",
                origin="table",
                status="open",
                xy_m=(x, y),
                area_m2=float("nan") if area_m2 is None else area_m2[i],
                ambiguous=False if ambiguous is None else ambiguous[i],
                entrances=((x, y, Entrance.POINT),),
                attributes={},
            )
            for i, (element_id, x, y) in zip(range(n), places, strict=True)
        ]
    )


def plain_element(
    element_id: str,
    *,
    threshold_m: float = 500.0,
    target: float = 0.9,
    acceptable: float = 0.8,
    basis: tuple[str, ...] = ("population",),
    rules: tuple[ReachRule, ...] | None = None,
    treatment: Treatment = "facility_access",
    completeness: Completeness = "high",
) -> Element:
    """Return an element with one reach rule and default targets."""
    number = partial(Sourced, source="DEFAULT", confidence="default")
    walked = treatment in WALKED
    own = (ReachRule(element_id=element_id, threshold_m=threshold_m),) if walked else ()
    return Element(
        id=element_id,
        name=Name(zh=f"要素{element_id}", en=element_id),
        category_id="food",
        tier="10min",
        treatment=treatment,
        minutes=10.0 if walked else None,
        threshold=number(value=threshold_m) if walked else None,
        reach_rules=own if rules is None else rules,
        coverage=CoverageTarget(
            basis=basis, target=number(value=target), acceptable=number(value=acceptable)
        ),
        osm=OsmRule(
            any_of=(TagRule(tags={"shop": (element_id,)}),),
            ambiguous=(),
            ambiguous_counts=True,
            exclude=(),
            name_patterns={},
            ambiguous_name_patterns={},
            exclude_patterns={},
            dedupe_m=50.0,
            expected_completeness=completeness,
        ),
        planner_columns=("id", "name", "capacity"),
        needs_columns={"scale": ("capacity",), "coverage": ("renewed",)},
        meaning="a test element",
    )


def plain_standard(*elements: Element) -> ServiceStandard:
    """Return a standard of these elements that trusts rich extracts."""
    return ServiceStandard(
        id="test",
        version="1",
        title=Name(zh="测试标准", en="test standard"),
        statement=Name(zh="测试用，非官方", en="for tests, not official"),
        official=False,
        categories=(Category(id="food", name=Name(zh="食", en="food")),),
        elements=elements,
        walking=WalkingRules(
            speeds_m_s={
                name: Sourced(value=value, source="DEFAULT", confidence="default")
                for name, value in _SPEEDS_M_S.items()
            },
            slope=SlopeLaw(k=3.5, offset=0.05),
        ),
        snap_limit_m=Sourced(value=200.0, source="DEFAULT", confidence="default"),
        range_keys=(),
        evidence=EvidenceRule(
            min_services=50, min_services_per_1000=1.0, untold_completeness=("low", "very_low")
        ),
        sources={"DEFAULT": "project default"},
        digest="0" * 64,
    )


def square_circles(*bounds_m: tuple[float, float, float, float]) -> Circles:
    """Return rectangular circles named A, B, … that lie wholly inside the data."""
    polygons = np.empty(len(bounds_m), dtype=object)
    polygons[:] = [shapely.box(*bounds) for bounds in bounds_m]
    ids = tuple(chr(ord("A") + i) for i in range(len(bounds_m)))
    levels: tuple[Level, ...] = tuple("15min" for _ in ids)
    return Circles(
        circle_id=ids,
        name=tuple(f"圈{one}" for one in ids),
        level=levels,
        polygons=polygons,
        total_population=np.full(len(ids), np.nan),
        inside_data=np.ones(len(ids)),
    )


def plain_inputs(
    *,
    network: WalkNetwork,
    demand: Demand,
    facilities: Facilities,
    standard: ServiceStandard,
    circles: Circles,
    data_area: shapely.Geometry | None = None,
    barriers: Barriers | None = None,
    services: int = 1000,
    table_elements: frozenset[str] = frozenset(),
) -> StudyInputs:
    """Return inputs for :func:`analysis.study.analyse`; the data reaches 100 km by default."""
    return StudyInputs(
        title="predicted city",
        crs=TEST_CRS,
        standard=standard,
        network=network,
        barriers=no_barriers() if barriers is None else barriers,
        facilities=facilities,
        demand=demand,
        circles=circles,
        evidence=Evidence(
            services=services, table_elements=table_elements, residents=float(demand.people.sum())
        ),
        data_area=shapely.box(-1e5, -1e5, 1e5, 1e5) if data_area is None else data_area,
        data_date="2026-01-01",
        access=(),
        files=(),
        notices=(),
    )
