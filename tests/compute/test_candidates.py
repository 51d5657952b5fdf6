"""Candidates: each rule on each kind of layer by hand, every reason with its figure."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.candidates.candidates import Candidate, build_candidates
from analysis.candidates.checks import BROKEN, KEPT, UNKNOWN, check
from analysis.candidates.gathering import CandidateRules, gather, screen_study
from analysis.candidates.land import mapped_land_candidates, parcel_candidates
from analysis.candidates.looked_at import LookedAt
from analysis.candidates.outlines import FacilityOutlines
from analysis.candidates.screening import screen
from analysis.candidates.standing import facility_candidates
from analysis.candidates.street_places import _thinned, street_candidates
from analysis.documents.candidates import (
    candidate_collection,
    candidates_summary,
    rejection_rows,
    rule_rows,
)
from analysis.documents.digest import array_digests
from analysis.documents.plain import leaves
from analysis.errors import InvalidParameterError
from analysis.messages import Name
from analysis.places.ground import Ground
from analysis.places.parcels import Parcels
from analysis.places.planner_tables import PlannerTables
from analysis.places.site_layers import MappedLand, SiteLayers
from analysis.sources.store.candidates import check_candidates_folder, save_candidates
from analysis.sources.store.inputs import open_inputs
from analysis.sources.store.studies import save_study
from analysis.standard.rules import Sourced
from analysis.standard.siting_rules import MinBuild, SitingProfile, SitingRule, UnitCost
from analysis.study import StudyParameters, analyse
from analysis.testing.cities import grid_city, plain_element, shops_at, square_circles
from analysis.testing.studies import small_inputs
from analysis.walking import ArcFlag

CIRCLES = square_circles((-1000, -1000, 1000, 1000))
NOBODY = shops_at([])


def shapes(*found):
    array = np.empty(len(found), dtype=object)
    array[:] = found
    return array


def rule(op=None, *, layer="", column="", low=-np.inf, high=np.inf, words=(), **given):
    return SitingRule(
        id=given.pop("id", f"{layer or column or 'person'}_{op}"), hard=given.pop("hard", True),
        text=Name("规则", "rule"), source="DEFAULT", confidence="default", layer=layer,
        column=column, op=op, low=low, high=high, words=words, **given,
    )  # fmt: skip


def element(element_id="pharmacy", *rules, land=None, floor=None, shared=None, costs=()):
    def least(land_m2, building_m2):
        return MinBuild(
            building_m2=building_m2, land_m2=land_m2, source="GYJG", confidence="secondary"
        )

    cost = UnitCost(
        low=1, high=2, per="facility", price_year=2025, source="DEFAULT", confidence="default"
    )
    siting = SitingProfile(
        min_build=None if land is floor is None else least(land, floor),
        shared_build=None if shared is None else least(None, shared),
        rules=rules,
        costs=dict.fromkeys(costs, cost),
    )
    return replace(plain_element(element_id), siting=siting)


def site(shape=None, candidate_id="parcel:a", **given):
    shape = shapely.Point(0, 0) if shape is None else shape
    at = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
    fields = {"kind": "parcel", "xy_m": (float(at[0]), float(at[1])), **given}
    return Candidate(candidate_id=candidate_id, shape=shape, **fields)


def screened(sites, *elements, layers=None, facilities=NOBODY, **given):
    return screen(
        build_candidates(sites, CIRCLES), elements, layers or SiteLayers(), facilities, **given
    )


def said(messages, language="zh"):
    return [one.text(language) for one in messages]


def on(layer, *found):
    return SiteLayers(shapes={layer: shapes(*found)})


POINT, LINE = shapely.Point(100, 0), shapely.LineString([(100, -500), (100, 500)])
AREA = shapely.box(100, -500, 300, 500)
PLOT = shapely.box(-10, -10, 10, 10)  # 90 m from each of the three


@pytest.mark.parametrize("thing", [POINT, LINE, AREA], ids=["point", "line", "area"])
@pytest.mark.parametrize(
    ("op", "limit", "shape", "reason"),
    [
        ("beyond_m", 90.0, PLOT, None),
        ("beyond_m", 100.0, PLOT, "离加油站 90 m，应不小于 100 m"),
        ("beyond_m", 90.4, PLOT, "离加油站 90.0 m，应不小于 90.4 m"),
        ("beyond_m", 100.0, shapely.Point(0, 0), None),
        ("within_m", 90.0, PLOT, None),
        ("within_m", 89.0, PLOT, "离加油站 90 m，应不超过 89 m"),
        ("beyond_m", 0.0, PLOT, None),
    ],
)
def test_distances_from_an_outline_to_each_kind_of_object(thing, op, limit, shape, reason) -> None:
    given = {"low": limit} if op == "beyond_m" else {"high": limit}
    one = element("pharmacy", rule(op, layer="fuel_station", **given))
    found = screened([site(shape)], one, layers=on("fuel_station", thing))
    assert said(found.reasons(0, 0)) == ([] if reason is None else [reason])
    assert found.allowed[0, 0] == (reason is None)


def test_a_site_in_an_area_or_under_a_line_is_on_it() -> None:
    one = element("pharmacy", rule("beyond_m", layer="flood_area", low=0.0))
    inside = screened([site(PLOT)], one, layers=on("flood_area", shapely.box(-99, -99, 99, 99)))
    across = screened(
        [site(PLOT)], one, layers=on("flood_area", shapely.LineString([(0, -9), (0, 9)]))
    )
    assert said(inside.reasons(0, 0)) == ["位于洪涝易发区内"]
    assert said(across.reasons(0, 0)) == ["压在洪涝易发区上"]
    assert said(inside.reasons(0, 0), "en") == ["lies within: flood-prone area"]


def plane(east=0.22, *, hole=False, window_m=30.0):
    """Ground that rises by `east` metres a metre eastwards; 100 m high at (0, 0)."""
    x_m = np.arange(-200.0, 201.0, 20.0)
    height_m = np.tile(100.0 + east * x_m, (len(x_m), 1)).astype(np.float32)
    if hole:
        height_m[10, 10] = np.nan
    return Ground(
        origin_m=np.array([-200.0, -200.0]), step_m=20.0, height_m=height_m, window_m=window_m
    )


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (rule("le", layer="slope", high=0.2), "地面坡度 0.22 超过 0.20"),
        (rule("le", layer="slope", high=0.22), None),
        (rule("le", layer="elevation", high=99.0), "地面高程 100 超过 99"),
        (rule("between", layer="elevation", low=101.0, high=200.0), "地面高程 100 低于 101"),
        (rule("ge", layer="elevation", low=100.0), None),
    ],
)
@pytest.mark.parametrize("shape", [PLOT, shapely.box(-90, -90, 90, 90)], ids=["small", "large"])
def test_slope_and_height_of_the_ground(one, reason, shape) -> None:
    found = screened([site(shape)], element("x", one), layers=SiteLayers(ground=plane()))
    assert said(found.reasons(0, 0)) == ([] if reason is None else [reason])


def test_the_mean_slope_of_a_ridge_is_that_of_both_sides() -> None:
    """Up 0.1 to x = 0 and down 0.3 beyond; lattice points on the ridge see half of both."""
    x_m = np.arange(-200.0, 201.0, 20.0)
    height_m = np.tile(np.where(x_m < 0, 0.1 * x_m, -0.3 * x_m), (len(x_m), 1))
    ridge = Ground(
        origin_m=np.array([-200.0, -200.0]), step_m=20.0, height_m=height_m.astype(np.float32)
    )
    # Columns at −60, −40, −20 (0.1), 0 (0.1: half of −0.3 + 0.1), 20, 40, 60 (0.3).
    slope = ridge.slopes(shapes(shapely.box(-70, -70, 70, 70)))
    assert slope == pytest.approx([(3 * 0.1 + 0.1 + 3 * 0.3) / 7], abs=1e-4)


def test_coarse_heights_make_estimates_and_holes_leave_unknown() -> None:
    one = element("x", rule("le", layer="slope", high=0.2))
    coarse = screened([site(PLOT)], one, layers=SiteLayers(ground=plane(window_m=90.0)))
    assert said(coarse.reasons(0, 0)) == ["地面坡度（高程较粗，按 90 m 范围估计） 0.22 超过 0.20"]
    for layers, told in (
        (SiteLayers(ground=plane(hole=True)), "该处没有高程数据，地面坡度未知"),
        (SiteLayers(), "没有高程数据，地面坡度未知"),
    ):
        found = screened([site(PLOT)], one, layers=layers)
        assert found.allowed.tolist() == [[True]]
        assert said(found.unknown(0, 0)) == [told]


@pytest.mark.parametrize(
    ("one", "given", "outcome", "text"),
    [
        (rule("ge", column="width_m", low=8.0), {"width_m": 8.0}, KEPT, ""),
        (rule("ge", column="width_m", low=8.0), {"width_m": 7.96}, BROKEN,
         "最窄处宽度 7.96 低于 8"),
        (rule("ge", column="width_m", low=8.0), {}, UNKNOWN, "未填写最窄处宽度"),
        (rule("eq", column="floor", low=1.0, high=1.0), {"floor": 2.0}, BROKEN,
         "所在楼层 2 超过 1"),
        (rule("eq", column="floor", low=1.0, high=1.0), {"floor": -1.0}, BROKEN,
         "所在楼层 -1 低于 1"),
        (rule("le", column="area_m2", high=500.0), {"area_m2": 501.0}, BROKEN,
         "用地面积 501 超过 500"),
        (rule("ge", column="floor_area_m2", low=600.0), {"area_m2": 9e9}, UNKNOWN,
         "未填写可用建筑面积"),
        (rule("in", column="tenure", words=("国有", "街道")), {"tenure": "街道办自有"}, KEPT, ""),
        (rule("in", column="tenure", words=("国有",)), {"tenure": "企业"}, BROKEN,
         "权属为“企业”，不在要求之列"),
        (rule("in", column="tenure", words=("国有",)), {"tenure": "  "}, UNKNOWN, "未填写权属"),
        (rule("not_in", column="land_use", words=("基本农田",)), {"land_use": "永久基本农田"},
         BROKEN, "用地性质为“永久基本农田”，不可用"),
        (rule("not_in", column="kind", words=("ground_floor",)), {"space": "ground_floor"}, BROKEN,
         "空间类型为“首层空间”，不可用"),
        (rule("in", column="kind", words=("idle",)), {"space": "idle"}, KEPT, ""),
        (rule("in", column="kind", words=("idle",)), {"space": "unknown"}, UNKNOWN,
         "未填写空间类型"),
        (rule("not_in", column="exclusion", words=("*",)), {"exclusion": ""}, KEPT, ""),
        (rule("not_in", column="exclusion", words=("*",)), {"exclusion": "高压走廊"}, BROKEN,
         "地块表注明不可用：高压走廊"),
    ],
)  # fmt: skip
def test_columns_of_a_parcel(one, given, outcome, text) -> None:
    hard, soft = element("a", one), element("b", replace(one, hard=False))
    found = screened([site(PLOT, **given)], hard, soft)
    assert found.by_element[0].checks[0].outcome.tolist() == [outcome]
    assert found.allowed.tolist() == [[outcome != BROKEN, True]]
    assert found.score.tolist() == [[1.0, float(outcome == KEPT)]]
    told = {KEPT: (), BROKEN: found.reasons(0, 0), UNKNOWN: found.unknown(0, 0)}[outcome]
    assert said(told) == ([text] if text else [])
    assert said(found.missed(0, 1)) == ([text] if outcome == BROKEN else [])


@settings(max_examples=60, deadline=None)
@given(
    found=st.lists(st.one_of(st.floats(-20, 20), st.just(float("nan"))), min_size=1, max_size=20),
    low=st.one_of(st.floats(-20, 20), st.just(-np.inf)),
    high=st.one_of(st.floats(-20, 20), st.just(np.inf)),
)
def test_numbers_are_held_as_the_rule_holds_one(found, low, high) -> None:
    one = rule("between", column="floor", low=low, high=high)
    sites = [site(candidate_id=f"p{i:02d}", floor=value) for i, value in enumerate(found)]
    candidates = build_candidates(sites, CIRCLES)
    at = LookedAt(candidates, FacilityOutlines(NOBODY, SiteLayers()), names={})
    expected = [{True: KEPT, False: BROKEN, None: UNKNOWN}[one.holds(value)] for value in found]
    assert check(one, at).outcome.tolist() == expected


def test_too_small_by_a_hundred_and_twenty_square_metres() -> None:
    one = element("station", land=300.0, floor=200.0, shared=50.0)
    sites = [
        site(candidate_id="a", area_m2=180.0),
        site(candidate_id="b", area_m2=300.0, floor_area_m2=199.4),
        site(candidate_id="c", area_m2=300.0),
        site(candidate_id="d"),
    ]
    found = screened(sites, one, floor_ratio=0.5)
    assert said(found.reasons(0, 0)) == [
        "用地不足：小 120 m²（有 180 m²，至少 300 m²）",
        "建筑面积不足：小 110 m²（按容积率 0.5 估计为 90 m²，至少 200 m²）",
    ]
    assert said(found.reasons(0, 0), "en")[0] == (
        "too small by 120 m² of ground (180 m² of at least 300 m²)"
    )
    assert said(found.reasons(1, 0)) == ["建筑面积不足：小 0.6 m²（有 199 m²，至少 200 m²）"]
    assert said(found.reasons(2, 0)) == [
        "建筑面积不足：小 50 m²（按容积率 0.5 估计为 150 m²，至少 200 m²）"
    ]
    assert said(found.unknown(3, 0)) == [
        "用地面积未知（至少 300 m²）",
        "建筑面积未知（至少 200 m²）",
    ]
    assert found.allowed[:, 0].tolist() == [False, False, False, True]
    assert found.allowed_shared[:, 0].tolist() == [True, True, True, True]
    assert [one.rule_id for one in found.findings(0, 0)] == ["min_build", "min_build"]
    assert found.findings(0, 0)[0].source == "GYJG"


def test_every_reason_is_told_not_only_the_first() -> None:
    rules = (
        rule("beyond_m", layer="flood_area", low=0.0),
        rule("beyond_m", layer="substation", low=30.0),
        rule("le", layer="slope", high=0.1),
        rule("within_m", layer="crossing", high=50.0, hard=False),
        rule(id="sunny"),
    )
    layers = SiteLayers(
        shapes={
            "flood_area": shapes(shapely.box(-50, -50, 50, 50)),
            "substation": shapes(shapely.Point(22, 0)),
            "crossing": shapes(shapely.Point(0, 80)),
        },
        ground=plane(),
    )
    found = screened([site(PLOT, area_m2=180.0)], element("x", *rules, land=300.0), layers=layers)
    assert said(found.reasons(0, 0)) == [
        "用地不足：小 120 m²（有 180 m²，至少 300 m²）",
        "位于洪涝易发区内",
        "离变电站 12 m，应不小于 30 m",
        "地面坡度 0.22 超过 0.10",
    ]
    assert said(found.missed(0, 0)) == ["离人行横道 70 m，应不超过 50 m"]
    assert [one.id for one in found.needs_person(0)] == ["sunny"]
    assert found.score[0, 0] == 0.0


def test_an_empty_layer_proves_nothing() -> None:
    rules = (
        rule("beyond_m", layer="flood_area", low=0.0),
        rule("within_m", layer="motor_road", high=15.0),
        rule("within_m", layer="element:school", high=15.0),
    )
    found = screened([site(PLOT)], element("x", *rules), plain_element("school"))
    assert found.allowed.all()
    assert said(found.unknown(0, 0)) == [
        "地图上没有洪涝易发区，不等于实际没有",
        "地图上没有机动车道路，不等于实际没有",
        "地图上没有最近的要素school，不等于实际没有",
    ]


def test_beyond_the_end_of_the_data_nothing_is_known() -> None:
    rules = (
        rule("beyond_m", layer="railway", low=300.0),
        rule("within_m", layer="crossing", high=100.0),
    )
    layers = SiteLayers(shapes={"railway": shapes(LINE), "crossing": shapes(shapely.Point(0, 400))})
    far = site(shapely.Point(-300, 0))
    data_area = shapely.box(-400, -500, 500, 500)  # ends 100 m west of the site
    found = screened([far], element("x", *rules), layers=layers, data_area=data_area)
    assert said(found.unknown(0, 0)) == ["离数据边界太近，看不全铁路、轨道（地面）"]
    assert said(found.reasons(0, 0)) == ["离人行横道 500 m，应不超过 100 m"]
    near = screened([site(PLOT)], element("x", *rules), layers=layers, data_area=data_area)
    assert said(near.reasons(0, 0))[0] == "离铁路、轨道（地面） 90 m，应不小于 300 m"


def test_of_a_loose_place_only_what_is_sure_is_said() -> None:
    def outcome(op, limit):
        given = {"low": limit} if op == "beyond_m" else {"high": limit}
        one = element("x", rule(op, layer="fuel_station", **given))
        found = screened([site(loose_m=30.0)], one, layers=on("fuel_station", POINT))
        return int(found.by_element[0].checks[0].outcome[0])

    # The fuel station is 70 to 130 m away.
    assert [outcome("beyond_m", limit) for limit in (70, 71, 130, 131)] == [
        KEPT, UNKNOWN, UNKNOWN, BROKEN,
    ]  # fmt: skip
    assert [outcome("within_m", limit) for limit in (69, 70, 129, 130)] == [
        BROKEN, UNKNOWN, UNKNOWN, KEPT,
    ]  # fmt: skip
    assert outcome("beyond_m", 0) == KEPT


def standing(kind, row, facilities, outlines=()):
    x_m, y_m = facilities.xy_m[row].tolist()
    return Candidate(
        candidate_id=f"{kind}:{facilities.source_id[row]}", kind=kind,
        shape=shapely.Point(x_m, y_m), xy_m=(x_m, y_m), source_id=facilities.source_id[row],
        element_id=facilities.element_id[row], facility=row, area_m2=10.0,
    )  # fmt: skip


def test_what_stands_already() -> None:
    """Two pharmacies 60 m apart: neither is near itself, an upgrade is not asked to move."""
    shops = shops_at([("pharmacy", 0.0, 0.0), ("pharmacy", 60.0, 0.0), ("school", 0.0, 0.0)])
    one = element(
        "pharmacy", rule("beyond_m", layer="element:pharmacy", low=100.0), land=1e6, floor=1e6
    )
    sites = [standing(kind, 0, shops) for kind in ("expansion", "opening", "upgrade")]
    found = screened(sites, one, element("school"), facilities=shops)
    assert found.candidates.kind == ("expansion", "opening", "upgrade")
    assert found.applies.tolist() == [[True, False]] * 3
    assert found.allowed.tolist() == [[False, False], [True, False], [True, False]]
    assert said(found.reasons(0, 0)) == ["离最近的要素pharmacy 60 m，应不小于 100 m"]
    assert said(found.reasons(0, 1)) == ["该设施属于另一要素。"]
    assert found.findings(0, 1) == ()
    alone = shops_at([("pharmacy", 0.0, 0.0)])
    only = screened([standing("expansion", 0, alone)], one, facilities=alone)
    assert only.allowed.tolist() == [[True]]


def test_only_what_surely_is_of_the_element_may_be_worked_on() -> None:
    places = [("pharmacy", 10.0 * one, 0.0) for one in range(4)]
    shops = shops_at(places, ambiguous=[False, True, False, False])
    shops = replace(shops, status=("open", "open", "closed", "construction"))
    outlines = FacilityOutlines(shops, SiteLayers())

    def found(one, *works):
        return [
            (candidate.kind, candidate.facility)
            for candidate in facility_candidates(one, shops, outlines, works)
        ]

    costed = element("pharmacy", costs=("expand",))
    assert found(costed, "expansion", "upgrade", "opening") == [("expansion", 0), ("opening", 3)]
    assert found(element("pharmacy", costs=("expand", "upgrade")), "upgrade") == [("upgrade", 0)]
    assert found(element("pharmacy"), "expansion", "upgrade") == []
    assert found(element("school", costs=("expand",)), "expansion") == []


def test_a_facility_is_as_large_as_it_is_drawn() -> None:
    shops = shops_at([("park", 0.0, 0.0)])
    layers = SiteLayers(
        outline_id=(shops.source_id[0],), outlines=shapes(shapely.box(-100, -100, 100, 100))
    )
    one = element("kiosk", rule("within_m", layer="element:park", high=20.0))
    at = site(shapely.Point(110, 0))
    assert screened([at], one, layers=layers, facilities=shops).allowed.tolist() == [[True]]
    assert screened([at], one, facilities=shops).allowed.tolist() == [[False]]


# --- where candidates come from -------------------------------------------------------------------


def parcels(*rows, circle=0):
    n = len(rows)
    nan = np.full(n, np.nan)
    known = {key: [row.get(key) for row in rows] for key in ("kind", "area_m2", "exclusion")}
    drawn = shapes(*(row["shape"] for row in rows))
    return Parcels(
        parcel_id=tuple(f"p.csv:{i}" for i in range(n)),
        name=tuple(row.get("name", "") for row in rows),
        kind=tuple(one or "unknown" for one in known["kind"]),
        shapes=drawn,
        xy_m=shapely.get_coordinates(shapely.point_on_surface(drawn)),
        area_m2=np.array([np.nan if one is None else one for one in known["area_m2"]]),
        floor_area_m2=nan.copy(), cost_yuan=nan.copy(), floor=nan.copy(), width_m=nan.copy(),
        land_use=("",) * n, tenure=("",) * n,
        exclusion=tuple(one or "" for one in known["exclusion"]),
        circle=np.full(n, circle, dtype=np.int32), attributes=tuple({} for _ in rows),
    )  # fmt: skip


def test_parcels_become_candidates() -> None:
    given = parcels(
        {"shape": shapely.Point(5, 5), "area_m2": 314.159265, "kind": "ground_floor"},
        {"shape": PLOT, "area_m2": 400.0, "kind": "idle"},
    )
    room, plot = parcel_candidates(given)
    assert (room.candidate_id, plot.candidate_id) == ("parcel:p.csv:0", "parcel:p.csv:1")
    assert room.loose_m == pytest.approx(10.0)  # a disc of 314 m²
    assert plot.loose_m == 0.0
    assert room.floor_area_m2 == room.area_m2
    assert np.isnan(plot.floor_area_m2)


def test_mapped_land_that_a_parcel_covers_is_the_planner_s() -> None:
    land = MappedLand(
        source_id=("osm:way/1", "osm:way/2"), kind=("vacant_land", "public_land"),
        name=("", "=1+1"), use=("landuse=brownfield", "amenity=parking"),
        shapes=shapes(shapely.box(0, 0, 20, 20), shapely.box(100, 0, 120, 20)),
    )  # fmt: skip
    # Two parcels over the same 45 % are one parcel over 45 %.
    twice = parcels({"shape": shapely.box(0, 0, 9, 20)}, {"shape": shapely.box(0, 0, 9, 20)})
    found, told = mapped_land_candidates(land, twice)
    assert (len(found), told) == (2, ())
    most = parcels({"shape": shapely.box(0, 0, 11, 20)})
    found, told = mapped_land_candidates(land, most)
    assert [one.candidate_id for one in found] == ["public_land:osm:way/2"]
    assert [one.subjects for one in told] == [("osm:way/1",)]
    assert found[0].area_m2 == 400.0
    assert mapped_land_candidates(land, None)[1] == ()


def test_street_nodes_keep_their_distance_and_the_worthiest_comes_first() -> None:
    inputs = small_inputs()
    study = analyse(inputs, StudyParameters())
    gaps = [one for one in study.gaps if one.element_id == "clinic"]
    usable = np.ones(inputs.network.n_arcs, dtype=bool)
    for spacing_m in (100.0, 150.0, 250.0):
        found = list(
            street_candidates(gaps, inputs.demand, inputs.network, usable, spacing_m=spacing_m)
        )
        at = np.array([one.xy_m for one in found])
        apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
        assert apart[np.triu_indices(len(at), 1)].min() >= spacing_m
        # The 500 people at (900, 500) and the 400 at (700, 500) lie 100 m from the node between
        # them, and 141 m from its northern and southern neighbours.
        assert found[0].xy_m == (800.0, 500.0)
        assert found[0].attributes["people_times_gaps"] == "900"
        homes = inputs.demand.xy_m[inputs.demand.people > 0]
        assert all(np.hypot(*(homes - one.xy_m).T).min() <= 150.0 for one in found)


def test_nobody_builds_on_stairs_bridges_or_in_a_courtyard() -> None:
    network, inputs = grid_city(10, 10), small_inputs()
    study = analyse(inputs, StudyParameters())
    for flag in (ArcFlag.STEPS, ArcFlag.UNLINKABLE, ArcFlag.PRIVATE):
        shut = replace(network, arc_flags=np.full_like(network.arc_flags, int(flag)))
        usable = np.ones(network.n_arcs, dtype=bool)
        assert not list(street_candidates(study.gaps, inputs.demand, shut, usable))
    assert not list(
        street_candidates(study.gaps, inputs.demand, network, np.zeros(network.n_arcs, dtype=bool))
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-400, 400), st.integers(-400, 400)), max_size=40))
def test_thinning_is_maximal(places) -> None:
    xy_m = np.array(places, dtype=np.float64).reshape(-1, 2)
    kept = _thinned(xy_m, 100.0)
    for row in range(len(xy_m)):
        nearest = min((float(np.hypot(*(xy_m[row] - xy_m[one]))) for one in kept if one < row),
                      default=np.inf)  # fmt: skip
        assert (row in kept) == (nearest >= 100.0)


def rich_inputs(**given):
    """The small city with every source of candidates."""
    inputs = small_inputs(**given)
    standard = inputs.standard
    market = replace(
        standard.elements[0],
        siting=element("market", land=300.0, costs=("expand", "upgrade")).siting,
    )
    common = (rule("not_in", column="exclusion", words=("*",)), rule(id="planning"))
    standard = replace(
        standard,
        elements=(market, *standard.elements[1:]),
        works=replace(standard.works, siting=common),
    )
    shops = inputs.facilities
    land = MappedLand(
        source_id=("osm:way/7",), kind=("vacant_land",), name=("=cmd()|x",),
        use=("landuse=brownfield",), shapes=shapes(shapely.box(700, 600, 730, 630)),
    )  # fmt: skip
    hostile = parcels(
        {"shape": shapely.box(300, 300, 320, 309), "area_m2": 180.0, "name": "=HYPERLINK(1)"},
        {"shape": shapely.box(600, 300, 640, 340), "area_m2": 1600.0, "name": "\ud800\x00<b>"},
        {"shape": shapely.box(800, 300, 840, 340), "area_m2": 1600.0, "exclusion": "高压走廊"},
    )
    return replace(
        inputs,
        standard=standard,
        facilities=replace(shops, status=("construction", *shops.status[1:])),
        planner=PlannerTables(parcels=hostile),
        site_layers=SiteLayers(land=land, shapes={"flood_area": shapes()}),
    )


def test_all_sources_are_mixed_and_independent_of_their_order() -> None:
    study = analyse(rich_inputs(), StudyParameters())
    found = gather(study)
    kinds = found.candidates.kind
    assert {one: kinds.count(one) for one in sorted(set(kinds))} == {
        "generated": kinds.count("generated"), "opening": 1, "parcel": 3, "vacant_land": 1,
    }  # fmt: skip
    assert kinds.count("generated") > 3
    assert [one.code for one in found.notices] == ["candidates.unseen"]
    assert found.notices[0].count == kinds.count("generated") + 1
    screening = screen_study(study, found.candidates)
    market = screening.column("market")
    rows = {one: found.candidates.row(f"parcel:p.csv:{i}") for i, one in enumerate("abc")}
    assert said(screening.reasons(rows["a"], market)) == [
        "用地不足：小 120 m²（有 180 m²，至少 300 m²）"
    ]
    assert screening.reasons(rows["b"], market) == ()
    assert said(screening.reasons(rows["c"], market)) == ["地块表注明不可用：高压走廊"]
    assert screening.allowed[found.candidates.row("opening:market:test:0000"), market]
    ours_alone = gather(study, CandidateRules(from_map=False)).candidates
    assert set(ours_alone.kind) == {"parcel", "opening"}


def test_without_parcels_or_gaps_there_is_nothing_and_it_is_said() -> None:
    inputs = replace(small_inputs(), planner=PlannerTables())
    study = analyse(inputs, StudyParameters())
    found = gather(study, CandidateRules(from_map=False))
    assert len(found.candidates) == 0
    assert [one.code for one in found.notices] == ["candidates.none"]
    screening = screen_study(study, found.candidates)
    assert screening.allowed.shape == (0, 3)
    assert candidate_collection(study, screening)["features"] == []
    assert list(rejection_rows(screening, inputs.circles)) == []


@pytest.mark.parametrize(
    "given",
    [{"spacing_m": 99.0}, {"spacing_m": float("nan")}, {"floor_ratio": 0.0},
     {"floor_ratio": float("inf")}],
)  # fmt: skip
def test_numbers_out_of_range_are_refused(given) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        CandidateRules(**given)
    assert caught.value.text("zh")


def test_elements_that_are_not_there_or_need_no_site_are_refused() -> None:
    study = analyse(small_inputs(), StudyParameters())
    for wrong in ("nosuch", "pipes"):
        with pytest.raises(InvalidParameterError) as caught:
            gather(study, CandidateRules(element_ids=(wrong,)))
        assert "market" in caught.value.text("en")
    assert [one.id for one in screen_study(
        study, gather(study).candidates, CandidateRules(element_ids=("clinic",))
    ).elements] == ["clinic"]  # fmt: skip


# --- documents ------------------------------------------------------------------------------------


def test_hostile_names_are_harmless_in_every_file(tmp_path) -> None:
    study = analyse(rich_inputs(), StudyParameters())
    screening = screen_study(study, gather(study).candidates)
    first = save_candidates(study, screening, tmp_path / "a")
    second = save_candidates(study, screening, tmp_path / "b")
    assert [one.name for one in first] == [
        "candidates.geojson", "candidates.gpkg", "rejections.csv", "siting_rules.csv",
    ]  # fmt: skip
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
    text = (tmp_path / "a" / "rejections.csv").read_text("utf-8-sig")
    assert ",'=HYPERLINK(1)," in text
    assert "小 120 m²" in text
    assert "too small by 120 m² of ground" in text
    save_candidates(study, screening, tmp_path / "a")  # over its own
    (tmp_path / "a" / "mine.txt").write_text("x")
    with pytest.raises(InvalidParameterError, match="mine"):
        check_candidates_folder(tmp_path / "a")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "candidates.geojson").write_text('{"type": "FeatureCollection"}')
    with pytest.raises(InvalidParameterError):
        check_candidates_folder(tmp_path / "c")


def test_tables_count_what_the_screening_says() -> None:
    study = analyse(rich_inputs(), StudyParameters())
    screening = screen_study(study, gather(study).candidates)
    rows = list(rejection_rows(screening, study.inputs.circles))
    market = screening.column("market")
    for column, one in enumerate(screening.elements):
        hard = {
            row["candidate_id"] for row in rows
            if row["element_id"] == one.id and row["finding"] == "rejected"
        }  # fmt: skip
        refused = screening.applies[:, column] & ~screening.allowed[:, column]
        assert len(hard) == refused.sum()
    (small,) = [row for row in rows if row["rule_id"] == "min_build"]
    assert (small["element_id"], small["fits_shared"], small["circle_id"]) == (
        "market", False, "c-1",
    )  # fmt: skip
    rules = rule_rows(screening)
    asked = [row for row in rules if row["element_id"] == "market"]
    assert [(row["checked_by"], row["kept"], row["broken"]) for row in asked] == [
        ("machine", int(screening.applies[:, market].sum()) - 1, 1), ("person", None, None),
    ]  # fmt: skip
    summary = candidates_summary(screening)
    assert summary["elements"][market]["needs_person"] == ["planning"]
    assert summary["elements"][market]["allowed"] == int(screening.allowed[:, market].sum())
    numbers = [one for one in leaves(candidate_collection(study, screening)) if one != one]
    assert numbers == []


def test_a_saved_study_brings_its_layers_with_it(tmp_path) -> None:
    inputs = rich_inputs()
    inputs = replace(
        inputs, site_layers=replace(inputs.site_layers, ground=plane(hole=True),
                                    outline_id=("osm:way/1",), outlines=shapes(AREA)),
    )  # fmt: skip
    study = analyse(inputs, StudyParameters())
    save_study(study, tmp_path / "s", run={})
    found = open_inputs(tmp_path / "s")
    again = analyse(found.inputs, found.parameters)
    layers = found.inputs.site_layers
    assert layers.ground is not None
    np.testing.assert_array_equal(layers.ground.height_m, plane(hole=True).height_m)
    assert list(layers.shapes) == ["flood_area"]
    for one in (study, again):
        save_candidates(
            one, screen_study(one, gather(one).candidates), tmp_path / f"c{one is study}"
        )
    for file in (tmp_path / "cTrue").iterdir():
        assert file.read_bytes() == (tmp_path / "cFalse" / file.name).read_bytes()


def test_layers_are_part_of_the_digest() -> None:
    inputs = rich_inputs()
    study = analyse(inputs, StudyParameters())
    first = array_digests(study)["site_layers"]
    for other in (
        replace(inputs.site_layers, land=MappedLand()),
        replace(inputs.site_layers, ground=plane()),
        replace(inputs.site_layers, shapes={"flood_area": shapes(AREA)}),
        replace(inputs.site_layers, shapes={"water": shapes()}),
    ):
        changed = replace(study, inputs=replace(inputs, site_layers=other))
        assert array_digests(changed)["site_layers"] != first


def test_costs_decide_which_facilities_may_be_enlarged() -> None:
    """A market that is too small in the west: enlarged, where the standard costs it."""
    inputs = rich_inputs()
    inputs = replace(inputs, facilities=small_inputs().facilities)
    study = analyse(inputs, StudyParameters())
    (missing,) = [one for one in study.gaps if one.element_id == "market"][:1]
    short = replace(study, gaps=(replace(missing, kind="insufficient", gap_id="x"),))
    poor = replace(study, gaps=(replace(missing, kind="poor", gap_id="y"),))
    alone = CandidateRules(from_map=False)
    assert "expansion:market:test:0000" in gather(short, alone).candidates.candidate_id
    assert "upgrade:market:test:0000" in gather(poor, alone).candidates.candidate_id
    assert set(gather(study, alone).candidates.kind) == {"parcel"}
    assert Sourced  # the ambiguous school is never a candidate
    assert not [one for one in gather(short, alone).candidates.candidate_id if "school" in one]
