"""Missing links on towns where the best one is known by hand; what is claimed is what happens."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.documents.links import (
    BESIDE_COLUMNS,
    LINK_COLUMNS,
    beside_rows,
    link_rows,
)
from analysis.documents.plan import plan_document
from analysis.errors import InvalidParameterError
from analysis.gaps.kinds import inconvenient
from analysis.messages import Name
from analysis.places.ground import Ground
from analysis.places.site_layers import SiteLayers
from analysis.plan.link_parameters import LinkParameters
from analysis.plan.link_words import YuanRange
from analysis.plan.links import LinkProposal, find_links
from analysis.plan.path_or_building import path_or_building
from analysis.plan.plan import make_plan
from analysis.plan.plan_parameters import PlanParameters
from analysis.scenario.applied import applied
from analysis.scenario.evaluation import WhatIf
from analysis.scenario.modifications import AddPath
from analysis.scenario.scenario import Scenario
from analysis.standard.siting_rules import (
    MinBuild,
    PathCost,
    SitingProfile,
    UnitCost,
    WorksRules,
)
from analysis.streets.barriers import Barriers, no_barriers
from analysis.streets.dividers import DividerKind, Rank, build_dividers
from analysis.streets.network import WalkNetwork
from analysis.study import Study, StudyInputs, StudyParameters, analyse
from analysis.testing.cities import (
    grid_city,
    on_hills,
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    shops_at,
    square_circles,
    street_city,
)
from analysis.walking import ArcFlag
from tests.planned_towns import sites_at

WHOLE = square_circles((-500, -500, 5000, 1500))


def unit_cost(low: float, high: float, per: str, confidence: str = "default") -> UnitCost:
    return UnitCost(
        low=low, high=high, per=per, price_year=2025, source="DEFAULT", confidence=confidence
    )  # type: ignore[arg-type]


PATH_COSTS = {
    work: PathCost(work=work, name=Name(work, work), cost=unit_cost(low, high, per))  # type: ignore[arg-type]
    for work, low, high, per in (
        ("gate", 20_000, 80_000, "facility"), ("crossing", 50_000, 400_000, "facility"),
        ("footbridge", 60_000, 150_000, "m"), ("stair", 3_000, 10_000, "m"),
        ("lift", 500_000, 1_500_000, "facility"), ("path", 800, 3_000, "m"),
    )
}  # fmt: skip
SCHOOL = replace(
    plain_element("school"),
    siting=SitingProfile(
        min_build=MinBuild(
            building_m2=8_000.0, land_m2=15_000.0, source="DEFAULT", confidence="default"
        ),
        costs={"new": unit_cost(3_000, 4_500, "building_m2")},
    ),
)
CLINIC = plain_element("clinic", threshold_m=700.0)
STANDARD = replace(plain_standard(SCHOOL, CLINIC), works=WorksRules(path_costs=PATH_COSTS))


def two_streets(apart_m: float, **said: object) -> WalkNetwork:
    """Two streets of 1,000 m side by side, joined at their eastern ends alone."""
    xy_m = np.array([(0.0, 0.0), (1000.0, 0.0), (1000.0, apart_m), (0.0, apart_m)])
    return street_city(xy_m, [(0, 1), (1, 2), (2, 3)], **said)  # type: ignore[arg-type]


def line_between(kind: str, y_m: float) -> Barriers:
    return replace(
        no_barriers(),
        lines=np.array([shapely.LineString([(-300, y_m), (980, y_m)])]),
        kinds=(kind,),
    )


def town(
    network: WalkNetwork, *, home_y: float = 0.0, shop_y: float, **said: object
) -> StudyInputs:
    """Homes every 100 m along the southern street, school and clinic west beyond the northern."""
    homes = [(100.0 * i, home_y) for i in range(11)]
    return replace(
        plain_inputs(
            network=network,
            demand=people_at(homes),
            facilities=shops_at([("school", 0.0, shop_y), ("clinic", 0.0, shop_y)]),
            standard=STANDARD,
            circles=WHOLE,
        ),
        **said,
    )  # type: ignore[arg-type]


def links_of(
    inputs: StudyInputs,
    parameters: LinkParameters | None = None,
    *,
    element_id: str = "school",
    walker: str = "adult",
    criterion: str = "metres",
    footprints: object = None,
) -> tuple[Study, tuple[LinkProposal, ...]]:
    study = analyse(
        inputs,
        StudyParameters(min_gap_people=1.0, walker=walker, criterion=criterion),  # type: ignore[arg-type]
    )
    gaps = [gap for gap in study.gaps if gap.element_id == element_id]
    found = find_links(study, WhatIf(study), gaps, parameters, footprints=footprints)  # type: ignore[arg-type]
    for link in found:
        claims_hold(study, link)
    return study, found


def claims_hold(study: Study, link: LinkProposal) -> None:
    """Check all that a proposal says against a whole new study of the place with it."""
    after = analyse(
        applied(study.inputs, Scenario(title="", modifications=(link.path,))), study.parameters
    )
    people = study.inputs.demand.people
    for element in study.inputs.standard.walked:
        column = study.reach.column(element.id)
        fresh = after.reach.covered[:, column] & ~study.reach.covered[:, column]
        gain = link.gains[element.id]
        assert gain.people == people[fresh].sum()
        assert gain.points.tolist() == np.flatnonzero(fresh).tolist()
        assert np.array_equal(gain.walk, after.reach.walk[fresh, column])
        was_m, is_m = study.reach.walk_m[:, column], after.reach.walk_m[:, column]
        both = np.isfinite(was_m)
        assert gain.saved_person_m == pytest.approx(people[both] @ (was_m[both] - is_m[both]))
        was, is_ = (inconvenient(one.measured, element).chosen for one in (study, after))
        assert gain.straightened == people[was & ~is_].sum()
    column = study.reach.column(link.element_id)
    long_way = inconvenient(after.measured, study.inputs.standard.element(link.element_id)).chosen
    for gap in study.gaps:
        if gap.gap_id in link.gap_people:
            helped = after.reach.covered[gap.points, column]
            if gap.kind == "inconvenient":
                helped = helped & ~long_way[gap.points]
            assert link.gap_people[gap.gap_id] == people[gap.points[helped]].sum()


def test_a_gate_in_the_wall_that_has_one_far_away() -> None:
    inputs = town(two_streets(20.0), shop_y=20.0, barriers=line_between("wall", 10.0))
    study, (link,) = links_of(inputs)
    # Homes at 0, 100, … 400 m walk their x and 20 m; the one at 500 m is 20 m too far. The last, at
    # 1,000 m, walks 1,020 m either way.
    assert (link.kind, link.walls, link.length_m) == ("gate", 1, 20.0)
    assert link.line_m == ((0.0, 0.0), (0.0, 20.0))
    assert link.people == 0b11111
    assert link.gains["clinic"].people == 0b1111111  # 680 m from the seventh
    # One gate, and 20 m of path through it.
    assert (link.cost.low, link.cost.high) == (20_000 + 16_000, 80_000 + 60_000)
    assert link.cost.source == "default"
    assert {one.key for one in link.unseen} == {
        "link.unseen.buildings", "link.unseen.heights", "link.unseen.owners",
    }  # fmt: skip
    said = link.text.text("zh")
    assert "围墙上开一处步行门" in said
    assert "31 人步行 500 米内" in said
    assert "3.6–14 万元" in said
    assert "36,000–140,000 yuan" in link.text.text("en")
    assert "127 more coverings by 1 other element" in link.text.text("en")
    assert study.inputs.network.n_nodes == 4  # untouched


@pytest.mark.parametrize(
    ("kind", "apart_m", "begin_x"), [("water", 120.0, 25.0), ("railway", 80.0, 0.0)]
)
def test_a_footbridge_where_the_only_way_over_is_far(
    kind: str, apart_m: float, begin_x: float
) -> None:
    bridge = [0, int(ArcFlag.BRIDGE | ArcFlag.UNLINKABLE), 0]
    inputs = town(
        two_streets(apart_m, flags=bridge),
        shop_y=apart_m,
        barriers=line_between(kind, apart_m / 2.0),
    )
    _, (link,) = links_of(inputs)
    assert (link.kind, link.barred_by, link.walls) == ("footbridge", kind, 0)
    # From 400 m it is 480 m over the railway; straight over the river 520 m, and over a bridge that
    # begins at 25 m and runs aslant 375 + 122.6 m.
    assert link.line_m == ((begin_x, 0.0), (0.0, apart_m))
    assert link.people == 0b11111
    length_m = np.hypot(begin_x, apart_m)
    assert (link.cost.low, link.cost.high) == pytest.approx((60_000 * length_m, 150_000 * length_m))
    assert link.gains["school"].people == link.people


def test_no_footbridge_longer_than_allowed() -> None:
    inputs = town(two_streets(220.0), shop_y=220.0, barriers=line_between("water", 110.0))
    assert links_of(inputs)[1] == ()
    longer = LinkParameters(footbridge_m=220.0, min_people=1.0)
    assert [one.kind for one in links_of(inputs, longer)[1]] == ["footbridge"]


def arterial(on_map: bool) -> StudyInputs:
    """Two streets 58 m apart with an arterial road between; homes and school 40 m aside of them."""
    road = shapely.LineString([(-300, 29), (980, 29)])
    if on_map:
        kind = DividerKind(
            id="arterial",
            name=Name("主干路", "arterial"),
            rank=Rank.ARTERIAL,
            source="",
            confidence="",
        )
        lines = np.array([road])
        dividers = build_dividers(lines, ("中山路",), np.array([0], dtype=np.int32), (kind,))
        return town(two_streets(58.0), home_y=-40.0, shop_y=98.0, dividers=dividers)
    xy_m = np.array(
        [(0.0, 0.0), (1000.0, 0.0), (1000.0, 29.0), (1000.0, 58.0), (0.0, 58.0), (-300.0, 29.0)]
    )
    network = street_city(xy_m, [(0, 1), (1, 2), (2, 3), (3, 4), (2, 5)])
    road_arc = network.arc_length_m == 1300.0
    network = replace(
        network,
        class_names=("footway", "primary"),
        arc_class=road_arc.astype(np.uint8),
    )
    return town(network, home_y=-40.0, shop_y=98.0)


@pytest.mark.parametrize("on_map", [True, False])
def test_a_crossing_over_an_arterial_road(on_map: bool) -> None:
    _, (link,) = links_of(arterial(on_map))
    assert (link.kind, link.length_m) == ("crossing", 58.0)
    assert link.people == 0b1111  # 40 + x + 58 + 40 ≤ 500 m: up to 300 m
    assert (link.cost.low, link.cost.high) == (50_000, 400_000)
    assert ("中山路" if on_map else "干路") in link.text.text("zh")


def block() -> StudyInputs:
    return town(two_streets(100.0), home_y=-40.0, shop_y=140.0)


def test_a_path_through_a_block() -> None:
    _, (link,) = links_of(block())
    assert (link.kind, link.line_m) == ("path", ((0.0, 0.0), (0.0, 100.0)))
    assert link.people == 0b1111  # 40 + x + 100 + 40 ≤ 500 m: up to 300 m
    assert (link.cost.low, link.cost.high) == (80_000, 300_000)


def test_what_is_far_on_foot_is_the_planners_to_say() -> None:
    # From (0, 0) to (0, 100) it is 2,100 m on foot; from nowhere else is it farther.
    assert [one.kind for one in links_of(block(), LinkParameters(least_ratio=21.0))[1]] == ["path"]
    assert links_of(block(), LinkParameters(least_ratio=21.1))[1] == ()


def test_a_path_ends_at_the_first_street() -> None:
    xy_m = np.array(
        [(0, 0), (1000, 0), (1000, 55), (0, 55), (1000, 110), (0, 110)], dtype=np.float64
    )
    network = street_city(xy_m, [(0, 1), (1, 2), (2, 3), (2, 4), (4, 5)])
    inputs = town(network, home_y=-40.0, shop_y=150.0)
    assert links_of(inputs)[1] == ()
    without = town(two_streets(110.0), home_y=-40.0, shop_y=150.0)
    assert [one.kind for one in links_of(without)[1]] == ["path"]


def test_the_cheapest_of_those_that_are_nearly_as_good() -> None:
    inputs = town(two_streets(120.0), shop_y=120.0, barriers=line_between("water", 60.0))
    ((_, (best,)), (_, (cheapest,))) = (
        links_of(inputs, LinkParameters(nearly=share)) for share in (0.9, 0.45)
    )
    assert (best.people, cheapest.people) == (0b11111, 0b1111)
    assert cheapest.length_m == 120.0 < best.length_m
    assert cheapest.cost.high < best.cost.high


def test_a_path_does_not_run_through_a_home_nor_through_footprints() -> None:
    inputs = block()
    demand = inputs.demand
    homes = [*map(tuple, demand.xy_m.tolist()), (0.0, 60.0)]
    lived_in = replace(inputs, demand=people_at(homes))
    _, (link,) = links_of(lived_in)
    assert link.line_m != ((0.0, 0.0), (0.0, 100.0))
    middle = shapely.Point(0.0, 60.0)
    assert shapely.LineString(link.line_m).distance(middle) > 5.0
    house = shapely.box(-20.0, 40.0, 30.0, 60.0)
    _, (link,) = links_of(inputs, footprints=np.array([house]))
    assert not shapely.LineString(link.line_m).intersects(house)
    assert link.people == 0b1111
    assert "link.unseen.buildings" not in {one.key for one in link.unseen}
    # The same house, where the map calls it a dwelling, or draws a facility's ground there.
    for layers in (
        SiteLayers(shapes={"dwelling": np.array([house])}),
        SiteLayers(outline_id=("osm:way/1",), outlines=np.array([house])),
    ):
        _, (mapped,) = links_of(replace(inputs, site_layers=layers))
        assert mapped.line_m == link.line_m
    _, (open_ground,) = links_of(
        replace(inputs, site_layers=SiteLayers(shapes={"green_space": np.array([house])}))
    )
    assert open_ground.line_m == ((0.0, 0.0), (0.0, 100.0))


def on_slope(inputs: StudyInputs, grade: float) -> StudyInputs:
    """Return the town on ground that rises to the north, streets and raster alike."""
    heights_m = np.repeat(grade * 100.0 * np.arange(-2, 5)[:, None], 15, axis=1)
    ground = Ground(
        origin_m=np.array([-200.0, -200.0]), step_m=100.0, height_m=heights_m.astype(np.float32)
    )
    return replace(
        inputs,
        network=on_hills(inputs.network, lambda _x, y: grade * y),
        site_layers=SiteLayers(ground=ground),
    )


def test_stairs_where_it_is_steep_and_a_lift_for_a_wheelchair() -> None:
    inputs = block()
    steep = on_slope(inputs, 0.3)
    _, (link,) = links_of(steep)
    assert (link.kind, link.people) == ("stairs", 0b1111)
    assert (link.cost.low, link.cost.high) == (300_000, 1_000_000)
    assert "link.unseen.heights" not in {one.key for one in link.unseen}
    _, (link,) = links_of(steep, walker="wheelchair")
    assert (link.kind, link.people) == ("lift", 0b1111)
    assert [one.kind for one in links_of(on_slope(inputs, 0.05))[1]] == ["path"]


def test_under_minutes_a_link_is_counted_in_seconds() -> None:
    # 10 minutes at 1.2 m/s are 720 m: 40 + x + 100 + 40 ≤ 720 m up to 500 m.
    _, (link,) = links_of(block(), criterion="minutes")
    assert link.people == 0b111111


def test_nothing_is_proposed_where_the_walk_is_no_detour() -> None:
    inputs = replace(
        plain_inputs(
            network=grid_city(12, 2),
            demand=people_at([(100.0 * i, 0.0) for i in range(12)]),
            facilities=shops_at([("school", 0.0, 0.0)]),
            standard=STANDARD,
            circles=WHOLE,
        )
    )
    study, links = links_of(inputs)
    assert any(gap.element_id == "school" for gap in study.gaps)
    assert links == ()


def test_a_detour_is_straightened() -> None:
    """A hairpin of 250 m: covered, 1,050 m on foot; a path of 250 m is needed."""
    hairpin = street_city(
        np.array([(0.0, 0.0), (400.0, 0.0), (400.0, 250.0), (0.0, 250.0)]), [(0, 1), (1, 2), (2, 3)]
    )
    far = replace(SCHOOL, reach_rules=plain_element("school", threshold_m=1100.0).reach_rules)
    inputs = replace(
        town(hairpin, shop_y=250.0),
        standard=replace(STANDARD, elements=(far, CLINIC)),
        demand=people_at([(0.0, 0.0), (100.0, 0.0)], people=[600.0, 500.0]),
    )
    study, links = links_of(inputs)
    assert [gap.kind for gap in study.gaps if gap.element_id == "school"] == ["inconvenient"]
    assert links == ()
    _, (link,) = links_of(inputs, LinkParameters(path_m=250.0))
    assert link.people == link.gains["school"].straightened == 1100.0
    assert link.gains["school"].people == 0.0
    assert "不再绕行" in link.text.text("zh")
    _, (timed,) = links_of(inputs, LinkParameters(path_m=250.0), criterion="minutes")
    assert timed.people == 1100.0


def random_town(seed: int) -> StudyInputs:
    """A grid of 100 m with many streets missing, homes at its junctions, one school."""
    rng = np.random.default_rng(seed)
    whole = grid_city(7, 4)
    kept = rng.random(whole.n_arcs) < 0.6
    arcs = [
        (int(t), int(h)) for t, h in zip(whole.arc_tail[kept], whole.arc_head[kept], strict=True)
    ]
    network = street_city(whole.node_xy_m, arcs)
    # At junctions nobody is nearer to a new path than to where it begins.
    homes = [tuple(xy) for xy in network.node_xy_m[np.unique(arcs)].tolist()]
    return replace(
        plain_inputs(
            network=network,
            demand=people_at(homes, people=rng.integers(1, 200, len(homes)).astype(float).tolist()),
            facilities=shops_at([("school", 300.0, 200.0)]),
            standard=replace(STANDARD, elements=(SCHOOL,)),
            circles=WHOLE,
        )
    )


def walks_m(network: WalkNetwork) -> np.ndarray:
    """Return all walks between junctions by another engine."""
    links = csr_array(
        (network.arc_length_m, (network.arc_tail, network.arc_head)), shape=(network.n_nodes,) * 2
    )
    return dijkstra(links, directed=False)


@pytest.mark.parametrize("seed", [*range(8), 102, 122])
def test_no_single_path_between_junctions_serves_more(seed: int) -> None:
    """All pairs of junctions that are near by air and far on foot, each put in and measured."""
    inputs = random_town(seed)
    parameters = LinkParameters(spacing_m=1000.0, nearly=1.0, least_gain_m=0.0, min_people=1.0)
    study, links = links_of(inputs, parameters)
    what_if = WhatIf(study)
    column, people = study.reach.column("school"), study.inputs.demand.people
    gaps = [gap for gap in study.gaps if gap.kind == "missing"]
    best = dict.fromkeys((gap.gap_id for gap in gaps), 0.0)
    network = study.inputs.network
    xy_m = network.node_xy_m
    apart_m = walks_m(network)
    for a, b in product(np.unique([network.arc_tail, network.arc_head]).tolist(), repeat=2):
        straight_m = np.hypot(*(xy_m[a] - xy_m[b]))
        if a >= b or straight_m > parameters.path_m or apart_m[a, b] < 3.0 * straight_m:
            continue
        edit = AddPath(id="x", line_m=(tuple(xy_m[a]), tuple(xy_m[b])))
        reach = what_if.reach(Scenario(title="", modifications=(edit,))).reach
        for gap in gaps:
            helped = reach.covered[gap.points, column]
            best[gap.gap_id] = max(best[gap.gap_id], float(people[gap.points[helped]].sum()))
    found = {gap_id: n for link in links for gap_id, n in link.gap_people.items()}
    assert found == {gap_id: n for gap_id, n in best.items() if n > 0}


def test_the_order_of_gaps_does_not_matter() -> None:
    study = analyse(random_town(1), StudyParameters(min_gap_people=1.0))
    what_if, gaps = WhatIf(study), list(study.gaps)
    told: Callable[[list[object]], list[object]] = lambda given: [  # noqa: E731
        (one.link_id, one.gap_people, one.cost)
        for one in find_links(study, what_if, given)  # type: ignore[arg-type]
    ]
    assert told(gaps) == told(gaps[::-1])


def test_path_or_building_says_both_with_people_and_cost() -> None:
    inputs = town(two_streets(20.0), shop_y=20.0, barriers=line_between("wall", 10.0))
    study = analyse(inputs, StudyParameters(min_gap_people=1.0))
    what_if = WhatIf(study)
    (gap,) = (one for one in study.gaps if one.element_id == "school")
    answer = path_or_building(study, what_if, gap)
    assert answer is not None
    assert answer.link is not None
    assert answer.building is not None
    assert answer.link.people == 0b11111
    # At the home at 500 m it is within the walk of all eleven.
    assert answer.building.xy_m == (500.0, 0.0)
    assert answer.building.people == 2**11 - 1
    assert (answer.building.cost.low, answer.building.cost.high) == (24_000_000, 36_000_000)
    after = analyse(
        applied(inputs, Scenario(title="", modifications=(answer.building.facility,))),
        study.parameters,
    )
    column = after.reach.column("school")
    covered = after.reach.covered[gap.points, column]
    assert inputs.demand.people[gap.points[covered]].sum() == answer.building.people
    said = answer.text.text("zh")
    assert "对比：新建一处要素school" in said
    assert "2,400–3,600 万元" in said
    poor = replace(gap, kind="poor")
    assert path_or_building(study, what_if, poor) is None


def test_where_there_is_no_link_only_the_building_is_told() -> None:
    inputs = town(two_streets(400.0), shop_y=400.0)
    study = analyse(inputs, StudyParameters(min_gap_people=1.0))
    (gap,) = (one for one in study.gaps if one.element_id == "school")
    answer = path_or_building(study, WhatIf(study), gap)
    assert answer is not None
    assert answer.link is None
    assert "未找到可打通的断点" in answer.text.text("zh")
    (row,) = beside_rows(study, [answer])
    assert (row["link_id"], row["building_people"]) == (None, 2**11 - 1)


def test_tables_have_a_cell_for_every_column() -> None:
    inputs = town(two_streets(20.0), shop_y=20.0, barriers=line_between("wall", 10.0))
    study, links = links_of(inputs)
    (row,) = link_rows(study, links)
    assert tuple(row) == LINK_COLUMNS
    assert (row["people"], row["other_elements"], row["other_people"]) == (31.0, 1, 127.0)
    assert row["cost_low_yuan"] == 36_000
    answers = [
        path_or_building(study, WhatIf(study), gap, links=links)
        for gap in study.gaps
        if gap.element_id == "school"
    ]
    (beside,) = beside_rows(study, [one for one in answers if one is not None])
    assert tuple(beside) == BESIDE_COLUMNS
    assert beside["link_people"] == 31.0


def test_a_plan_sets_path_and_building_side_by_side() -> None:
    inputs = town(two_streets(20.0), shop_y=20.0, barriers=line_between("wall", 10.0))
    study = analyse(inputs, StudyParameters(min_gap_people=1.0))
    sites = sites_at({"a": 500.0}, "school")
    asked = PlanParameters(elements=("school",), links=True)
    (row,) = plan_document(study, make_plan(study, sites, asked))["path_or_building"]  # type: ignore[misc]
    assert (row["link_people"], row["building_people"]) == (31.0, 2.0**11 - 1)
    assert (row["link_cost_low_yuan"], row["building_cost_low_yuan"]) == (36_000, 24_000_000)
    alone = replace(asked, links=False)  # a missing gap, and nobody asked for links
    assert plan_document(study, make_plan(study, sites, alone))["path_or_building"] == []


def test_without_unit_costs_the_cost_is_unknown_and_links_are_told() -> None:
    inputs = replace(
        town(two_streets(20.0), shop_y=20.0, barriers=line_between("wall", 10.0)),
        standard=replace(STANDARD, works=WorksRules()),
    )
    study, (link,) = links_of(inputs)
    assert not link.cost.known
    assert "造价未知" in link.text.text("zh")
    assert link_rows(study, [link])[0]["cost_low_yuan"] is None


@pytest.mark.parametrize(
    "wrong",
    [{"gate_m": 0.0}, {"least_ratio": 0.5}, {"nearly": 0.0}, {"least_gain_m": -1.0}, {"tried": 0}],
)
def test_parameters_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidParameterError):
        LinkParameters(**wrong)  # type: ignore[arg-type]


def test_money_reads_as_people_say_it() -> None:
    assert YuanRange(36_000, 140_000).text("zh") == "3.6–14 万元"
    assert YuanRange(24e6, 36e6).text("zh") == "2,400–3,600 万元"
    assert YuanRange(50_000, 50_000).text("en") == "50,000 yuan"
