"""Plans of small towns, worked out by hand, and held against the judged scenario."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.errors import InvalidParameterError
from analysis.messages import Name
from analysis.places.opinions import Opinions
from analysis.places.planner_tables import PlannerTables
from analysis.plan.plan import Plan, make_plan
from analysis.plan.plan_parameters import Override, PlanParameters
from analysis.standard.rules import Attribute, Metric, MetricRule, Target
from analysis.standard.siting_rules import PriorityRule, WorksRules
from tests.planned_towns import planned, sites_at, street, study_of, unit_cost

MARKET = planned("market")
# Who lives where on the street: x → people; all within 300 m of 0 have the market at 0.
HOMES = [(100.0, 100.0), (800.0, 300.0), (1000.0, 200.0), (1800.0, 400.0)]


def town(*elements, **more):
    return study_of(street(HOMES, [("market", 0.0)], *(elements or (MARKET,)), **more))


def ids(plan: Plan) -> list[str]:
    return [one.work_id for one in plan.works]


def holds(plan: Plan) -> None:
    """What the works claim is what the judged scenario shows, home by home."""
    assert plan.proof.agrees is True
    assert plan.proof.claimed == plan.proof.found
    assert sum(plan.proof.found.values()) == plan.people


def test_of_two_candidates_the_one_that_reaches_both_homes_is_built() -> None:
    study = study_of(street(HOMES[:3], [("market", 0.0)], MARKET))
    plan = make_plan(study, sites_at({"a": 600.0, "b": 900.0}, "market"))
    assert ids(plan) == ["new:b:market"]
    (work,) = plan.works
    assert work.people == 500.0
    assert work.proposal.cost.low == 100_000.0
    assert work.proposal.cost.high == 200_000.0
    assert work.proposal.cost.source == "default"
    assert work.yuan_per_person == 150_000.0 / 500.0
    # Both walked farther than the search goes (600 m), and walk 100 m now.
    assert work.walk_saved == 500.0 * (600.0 - 100.0)
    assert len(work.closes) == 2
    assert [one.status for one in plan.records] == ["optimal"]
    (record,) = plan.records
    assert (record.objective, record.bound, record.gap) == (1.0, 1.0, 0.0)
    assert [one.verdict for one in plan.proof.before] == ["short", "short"]
    assert [one.verdict for one in plan.proof.after] == ["met", "met"]
    assert len(plan.proof.difference.gaps_closed) == 2
    holds(plan)


def test_fewest_sites_stop_at_the_target() -> None:
    market = planned("market", target=0.5)  # 500 of 1000; 100 have one
    plan = make_plan(town(market), sites_at({"a": 900.0, "b": 1800.0}, "market"))
    assert ids(plan) == ["new:a:market"] or ids(plan) == ["new:b:market"]
    assert plan.works[0].people in (400.0, 500.0)
    assert plan.records[0].target_share == 0.5
    holds(plan)
    whole = make_plan(
        town(market),
        sites_at({"a": 900.0, "b": 1800.0}, "market"),
        PlanParameters(target_share=1.0),
    )
    assert sorted(ids(whole)) == ["new:a:market", "new:b:market"]


def test_a_budget_buys_most_people_and_the_curve_tells() -> None:
    sites = sites_at({"a": 900.0, "b": 1800.0}, "market")
    plan = make_plan(town(), sites, PlanParameters(budget_yuan=160_000.0))
    assert ids(plan) == ["new:a:market"]
    assert plan.records[0].model == "joint"
    assert plan.records[0].objective == 500.0
    assert plan.records[0].status == "optimal"
    assert [one.cost_high for one in plan.curve] == [0.0, 200_000.0]
    assert [one.people for one in plan.curve] == [0.0, 500.0]
    assert [one.share for one in plan.curve] == [0.1, 0.6]
    holds(plan)
    both = make_plan(town(), sites, PlanParameters(budget_yuan=300_000.0))
    assert ids(both) == ["new:a:market", "new:b:market"]
    none = make_plan(town(), sites, PlanParameters(budget_yuan=149_000.0))
    assert ids(none) == []


def test_so_many_sites_cover_most_people() -> None:
    plan = make_plan(
        town(), sites_at({"a": 900.0, "b": 1800.0}, "market"), PlanParameters(n_sites=1)
    )
    assert ids(plan) == ["new:a:market"]
    assert plan.records[0].model == "mclp"
    assert plan.records[0].objective == plan.records[0].bound == 500.0


@pytest.mark.parametrize("model", ["p_median", "p_centre"])
def test_shortest_walks(model) -> None:
    sites = sites_at({"a": 900.0, "b": 1000.0, "c": 1800.0}, "market")
    plan = make_plan(town(), sites, PlanParameters(n_sites=2, model={"market": model}))
    # 900 m lies between both homes; 300 people at 800, 200 at 1000.
    assert sorted(ids(plan)) == ["new:a:market", "new:c:market"]
    if model == "p_median":
        # 100·100 to the market at 0, 300·100 + 200·100 to a, nothing to c.
        assert plan.records[0].objective == 10_000.0 + 50_000.0
        assert plan.records[0].unit == "person_m"
    else:
        assert plan.records[0].objective == 100.0
    holds(plan)


def test_capacity_asks_for_a_second_site() -> None:
    # 100 m² for 1000 × 0.25 residents: 400 people fit one market of 100 m².
    market = planned("market", norm=250.0)
    sites = sites_at({"a": 850.0, "b": 900.0, "c": 950.0, "d": 1800.0}, "market")
    plain = make_plan(town(market), sites, PlanParameters(remedies=False))
    assert len(plain.works) == 2
    held = make_plan(
        town(market), sites, PlanParameters(model={"market": "capacitated"}, remedies=False)
    )
    # 500 around 900 need two of 400 each.
    assert held.records[0].model == "capacitated_lscp"
    assert held.records[0].objective == 3.0


def test_what_no_candidate_reaches_is_said_in_words() -> None:
    sites = sites_at({"a": 900.0, "b": 1800.0}, "market", forbidden={"market": ("b",)})
    plan = make_plan(town(), sites)
    assert plan.records[0].status == "infeasible"
    assert ids(plan) == ["new:a:market"]
    (lost,) = plan.unreachable
    assert (lost.element_id, lost.circle_id, lost.people, lost.groups) == ("market", "A", 400.0, 1)
    assert lost.xy_m == (1800.0, 0.0)
    assert lost.rejected == 1
    assert lost.best_share == 0.6
    assert "400" in lost.why.text("zh")
    assert "太小" in lost.why.text("zh")
    assert "60.0%" in lost.why.text("en")
    holds(plan)


def test_expanding_beats_building_where_it_costs_less() -> None:
    # 1000 residents want 400 m²; 250 are there and everybody reaches it.
    market = planned("market", threshold_m=2000.0, norm=400.0)
    inputs = street(HOMES, [("market", 0.0)], market, attributes=[{"building_m2": "250"}])
    study = study_of(inputs)
    plan = make_plan(study, sites_at({"a": 900.0}, "market"))
    assert ids(plan) == ["expand:test:0000:market"]
    (work,) = plan.works
    assert work.proposal.scale[0].amount == pytest.approx(150.0)
    assert work.proposal.cost.low == pytest.approx(150.0 * 500.0)
    assert work.people == 0.0
    assert work.proposal.helped == pytest.approx(1000.0 * 150.0 / 400.0)
    assert work.proposal.helped_by == ("A/market/insufficient",)
    assert [one.gap_id for one in plan.proof.difference.gaps_closed] == ["A/market/insufficient"]
    assert plan.proof.after[0].verdict == "met"


def test_building_beats_expanding_where_it_costs_less() -> None:
    market = planned("market", threshold_m=2000.0, norm=400.0, new=(100.0, 200.0))
    inputs = street(HOMES, [("market", 0.0)], market, attributes=[{"building_m2": "250"}])
    plan = make_plan(study_of(inputs), sites_at({"a": 900.0}, "market"))
    assert ids(plan) == ["new:a:market"]
    assert plan.works[0].proposal.scale[0].amount == pytest.approx(150.0)
    assert plan.proof.after[0].verdict == "met"
    holds(plan)


def test_what_cannot_be_enlarged_enough_is_told() -> None:
    market = planned("market", threshold_m=2000.0, norm=400.0)
    inputs = street(HOMES, [("market", 0.0)], market, attributes=[{"building_m2": "100"}])
    plan = make_plan(study_of(inputs), sites_at({}, "market"))
    # Doubled: 200 of 400 m².
    assert plan.works[0].proposal.scale[0].amount == pytest.approx(100.0)
    assert [one.key for one in plan.left_out] == ["plan.scale_left"]
    assert "200" in plan.left_out[0].text("zh")


def test_what_is_under_construction_opens_first() -> None:
    inputs = street(
        HOMES, [("market", 0.0), ("market", 1800.0)], MARKET, status=["open", "construction"]
    )
    plan = make_plan(study_of(inputs), sites_at({"a": 900.0, "b": 1800.0}, "market"))
    assert ids(plan) == ["open:test:0001:market", "new:a:market"]
    assert plan.works[0].people == 400.0
    assert plan.works[0].proposal.cost.high == 0.0
    holds(plan)


CLINIC = planned("clinic")
GATES = WorksRules(
    priorities=(
        PriorityRule(rank=1, id="safety", name=Name("安全", "safety"), source="D",
                     confidence="default", elements=("clinic",)),
        PriorityRule(rank=3, id="resident_demand", name=Name("所盼", "demand"), source="D",
                     confidence="default", any_opinion=True),
    )
)  # fmt: skip


def test_gates_come_before_people_for_the_money() -> None:
    study = town(MARKET, CLINIC, works=GATES)
    sites = sites_at({"a": 900.0, "b": 1800.0, "c": 100.0}, "market", "clinic")
    plan = make_plan(study, sites, PlanParameters(joint=False))
    order = [one.proposal.element_ids[0] for one in plan.works]
    assert order == sorted(order)  # clinics first
    assert [one.priority_id for one in plan.works] == ["safety"] * order.count("clinic") + [""] * (
        order.count("market")
    )
    clinics = [one for one in plan.works if one.proposal.element_ids == ("clinic",)]
    rates = [one.people / one.proposal.cost.middle for one in clinics]
    assert rates == sorted(rates, reverse=True)
    holds(plan)


def opinion(element_id: str, circle: int) -> PlannerTables:
    return PlannerTables(
        opinions=Opinions(
            opinion_id=("o:1", "o:2"), xy_m=np.array([[900.0, 0.0], [910.0, 0.0]]),
            address=("", ""), category=("", ""), date=("", ""), text=("要", "要"),
            element_ids=((element_id,), (element_id,)), person=("p", "p"),
            persons=np.array([1.0, 3.0]), circle=np.array([circle, circle], dtype=np.int32),
        )
    )  # fmt: skip


def test_opinions_stand_beside_and_open_their_gate_only() -> None:
    inputs = street(HOMES, [("market", 0.0)], MARKET, works=GATES)
    sites = sites_at({"a": 900.0, "b": 1800.0}, "market")
    quiet = make_plan(study_of(inputs), sites)
    asked = make_plan(study_of(replace(inputs, planner=opinion("market", 0))), sites)
    assert [one.people_asking for one in asked.works] == [3.0, 3.0]
    assert [one.priority_id for one in asked.works] == ["resident_demand"] * 2
    assert [one.people for one in asked.works] == [one.people for one in quiet.works]
    assert ids(asked) == ids(quiet)


def test_elements_share_a_site_where_they_may() -> None:
    market = planned("market", compatible=("clinic",))
    clinic = planned("clinic", compatible=("market",))
    study = study_of(street(HOMES[:3], [("market", 0.0)], market, clinic))
    sites = sites_at({"a": 900.0, "b": 0.0}, "market", "clinic")
    plan = make_plan(study, sites, PlanParameters(budget_yuan=300_000.0))
    assert ids(plan) == ["new:a:market+clinic"]
    assert plan.works[0].people == 500.0 + 500.0
    holds(plan)
    apart = make_plan(study, sites, PlanParameters(budget_yuan=300_000.0, joint=False))
    assert all(len(one.proposal.element_ids) == 1 for one in apart.works)
    # 100 m² each on 150 m² of ground: one only.
    tight = make_plan(
        study, sites_at({"a": 900.0}, "market", "clinic", land_m2=150.0),
        PlanParameters(budget_yuan=300_000.0),
    )  # fmt: skip
    assert len(tight.works[0].proposal.element_ids) == 1


def test_an_override_is_logged_with_its_reason() -> None:
    sites = sites_at({"a": 900.0, "b": 1800.0}, "market")
    first = make_plan(town(), sites)
    assert ids(first) == ["new:a:market", "new:b:market"]
    moved = make_plan(
        town(), sites,
        overrides=[Override(work_id="new:b:market", action="up", reason="土地已交付", by="李")],
    )  # fmt: skip
    assert ids(moved) == ["new:b:market", "new:a:market"]
    assert moved.overrides[0].reason == "土地已交付"
    assert [one.people for one in moved.works] == [400.0, 500.0]
    dropped = make_plan(
        town(), sites, overrides=[Override(work_id="new:b:market", action="drop", reason="x")]
    )
    assert ids(dropped) == ["new:a:market"]
    assert [one.work_id for one in dropped.dropped] == ["new:b:market"]
    holds(dropped)


def test_an_override_without_a_reason_is_refused() -> None:
    with pytest.raises(InvalidParameterError) as refused:
        Override(work_id="new:b:market", action="up", reason="  ")
    assert "理由" in refused.value.text("zh")
    with pytest.raises(InvalidParameterError):
        make_plan(
            town(), sites_at({"a": 900.0}, "market"),
            overrides=[Override(work_id="nothing", action="up", reason="x")],
        )  # fmt: skip


def test_a_planners_cost_is_told_from_a_default() -> None:
    plan = make_plan(town(), sites_at({"a": 900.0, "b": 1800.0}, "market", cost_yuan=50_000.0))
    cost = plan.works[0].proposal.cost
    # 100 of 1000 m² of the site: a tenth of its own cost.
    assert (cost.low, cost.high) == (105_000.0, 205_000.0)
    assert cost.source == "both"


def test_circles_are_planned_one_by_one_and_serve_each_other() -> None:
    bounds = ((-1.0, 900.0), (900.0, 2001.0))
    inputs = street(HOMES, [("market", 0.0)], MARKET, bounds=bounds)
    sites = sites_at({"a": 900.0, "b": 1800.0}, "market", bounds=bounds)
    plan = make_plan(study_of(inputs), sites)
    # B lacks 600 (200 at 1000, 400 at 1800) and takes both; a then serves A's 300 as well.
    assert sorted(ids(plan)) == ["new:a:market", "new:b:market"]
    assert [(one.circle_ids, one.n_sites) for one in plan.records] == [(("B",), 2)]
    holds(plan)
    only = make_plan(study_of(inputs), sites, PlanParameters(circles=("A",)))
    assert ids(only) == ["new:a:market"]


def test_alternatives_differ_and_name_what_all_use() -> None:
    sites = sites_at({"a": 800.0, "b": 900.0, "c": 1700.0, "d": 1800.0}, "market")
    plan = make_plan(town(), sites, PlanParameters(alternatives=2))
    (one,) = plan.alternatives
    assert len(one.plans) >= 1
    chosen = {
        position
        for position, site in enumerate(sites.site_id)
        if any(work.proposal.site_id == site for work in plan.works)
    }
    for other in one.plans:
        assert len(chosen - set(other)) >= 1
    assert set(one.no_regret) <= chosen


def test_the_same_inputs_give_the_same_plan() -> None:
    sites = sites_at({"a": 900.0, "b": 1800.0, "c": 1000.0}, "market")
    one, other = make_plan(town(), sites), make_plan(town(), sites)
    assert ids(one) == ids(other)
    assert one.records == other.records
    assert one.scenario().scenario_id == other.scenario().scenario_id


def test_what_nobody_needs_is_not_planned() -> None:
    near = study_of(street([(100.0, 100.0)], [("market", 0.0)], MARKET))
    plan = make_plan(near, sites_at({"a": 900.0}, "market"))
    assert plan.works == ()
    assert plan.scenario().modifications == ()
    with pytest.raises(InvalidParameterError):
        make_plan(near, sites_at({}, "market"), PlanParameters(elements=("nothing",)))


def test_a_site_that_a_planner_named_is_preferred_where_it_does_as_well() -> None:
    # a at 850 covers 800 and 1000 as b does at 900.
    sites = sites_at({"a": 850.0, "b": 900.0, "c": 1800.0}, "market")
    drawn = replace(sites, kind=("generated", "parcel", "generated"))
    assert sorted(ids(make_plan(town(), drawn))) == ["new:b:market", "new:c:market"]
    turned = replace(sites, kind=("parcel", "generated", "parcel"))
    assert sorted(ids(make_plan(town(), turned))) == ["new:a:market", "new:c:market"]


STEPS_FREE = Attribute(
    id="barrier_free", name=Name("无障碍", "barrier-free"), kind="yes_no", unit="",
    columns=("barrier_free",),
)  # fmt: skip


def test_the_fewest_facilities_are_mended_so_that_nobody_has_poor_ones_alone() -> None:
    metric = Metric(id="barrier_free_share", name=Name("", ""), measure="share", unit="share",
                    attribute="barrier_free")  # fmt: skip
    target = Target(op="ge", low=0.9, source="D", confidence="default")
    market = planned("market", threshold_m=500.0, norm=1.0)
    market = replace(
        market,
        quality=(MetricRule(metric=metric, target=target),),
        siting=replace(market.siting, costs={"upgrade": unit_cost(10.0, 20.0, "facility")}),
    )
    inputs = street(
        [(0.0, 100.0), (400.0, 200.0), (900.0, 300.0)],
        [("market", 0.0), ("market", 400.0), ("market", 800.0)], market,
        attributes=[{"barrier_free": "no", "building_m2": "900"}] * 3,
    )  # fmt: skip
    standard = replace(
        inputs.standard,
        attributes={"barrier_free": STEPS_FREE},
        gap_rules=replace(inputs.standard.gap_rules, poor_attributes=("barrier_free",)),
    )
    study = study_of(replace(inputs, standard=standard))
    assert {one.kind for one in study.gaps} == {"poor"}
    # The market at 400 serves the homes at 0, 400 and 900 (500 m): one is enough.
    plan = make_plan(study, sites_at({}, "market"))
    assert ids(plan) == ["upgrade:test:0001:market"]
    assert plan.works[0].proposal.helped == 600.0
    assert (plan.works[0].proposal.cost.low, plan.works[0].proposal.cost.high) == (10.0, 20.0)
    assert {one.kind for one in plan.proof.result.gaps} == set()
    holds(plan)
