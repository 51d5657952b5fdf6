"""A plan as JSON, tables, GeoJSON and GeoPackage; the sample district planned from end to end."""

import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest

from analysis.candidates.gathering import CandidateRules, gather, screen_study
from analysis.documents.plan import plan_document, proposal_collection
from analysis.documents.plan_tables import WORK_COLUMNS, work_rows
from analysis.errors import InvalidParameterError
from analysis.plan.plan import Plan, make_plan
from analysis.plan.plan_parameters import PlanParameters
from analysis.plan.sites import Sites, sites_of
from analysis.scenario.evaluation import WhatIf
from analysis.scenario.modifications import AddFacility, AnyModification, OpenFacility
from analysis.scenario.scenario import Scenario
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.sources.sample_district import write_sample_district
from analysis.sources.store.plans import PLAN_FILES, save_plan
from analysis.study import Study, StudyParameters, analyse
from service.reports.works_workbook import works_workbook
from tests.planned_towns import planned, sites_at, street, study_of

HOMES = [(100.0, 100.0), (800.0, 300.0), (1000.0, 200.0), (1800.0, 400.0)]


@pytest.fixture(scope="module")
def study() -> Study:
    return study_of(street(HOMES, [("market", 0.0)], planned("market")))


@pytest.fixture(scope="module")
def plan(study: Study) -> Plan:
    sites = sites_at({"a": 900.0, "b": 1800.0, "c": 500.0}, "market")
    return make_plan(study, sites, PlanParameters(alternatives=1), title="小城")


def test_the_document_holds_all_and_no_time(study: Study, plan: Plan) -> None:
    document = plan_document(study, plan)
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    assert "seconds" not in text
    works = document["works"]
    assert [row["work_id"] for row in works] == ["new:a:market", "new:b:market"]
    assert [row["covered_so_far"] for row in works] == [500.0, 900.0]
    assert [row["cost_so_far_low_yuan"] for row in works] == [100_000.0, 200_000.0]
    assert document["proof"]["agrees"] is True
    assert document["proof"]["claimed"] == document["proof"]["found"] == {"market": 900.0}
    assert document["solves"][0]["said_zh"].startswith("2处设施")
    assert document["curve"][0]["people_elements_share"] == 0.1
    assert document["digest"] == plan_document(study, plan)["digest"]


def test_rows_and_features_agree(study: Study, plan: Plan) -> None:
    rows = work_rows(study, plan)
    assert all(tuple(row) == WORK_COLUMNS for row in rows)
    features = proposal_collection(study, plan)["features"]
    assert [one["properties"] for one in features] == rows
    assert features[0]["geometry"]["type"] == "Point"
    lon, lat = features[0]["geometry"]["coordinates"]
    assert (lon, lat) == (rows[0]["lon"], rows[0]["lat"])


def test_saved_twice_the_bytes_are_the_same(study: Study, plan: Plan, tmp_path: Path) -> None:
    extras = {"works.xlsx": lambda path: works_workbook(study, plan, path)}
    one, other = (
        save_plan(study, plan, tmp_path / name, extras=extras) for name in ("one", "other")
    )
    assert {path.name for path in one} == {*PLAN_FILES, "works.xlsx"}
    for a, b in zip(one, other, strict=True):
        assert a.read_bytes() == b.read_bytes(), a.name
    layer = pyogrio.read_dataframe(tmp_path / "one" / "proposals.gpkg", layer="proposals")
    assert layer["people"].tolist() == [500.0, 400.0]
    save_plan(study, plan, tmp_path / "one", extras=extras)  # an earlier plan is replaced


def test_a_folder_of_others_is_not_overwritten(study: Study, plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x")
    with pytest.raises(InvalidParameterError):
        save_plan(study, plan, tmp_path)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("district")
    write_sample_district(folder)
    request = InputRequest(
        source=folder / "district.osm.pbf",
        circles=folder / "circles.gpkg",
        facilities=(folder / "facilities.csv",),
        population=folder / "population.csv",
        elevation=(folder / "elevation.tif",),
        parcels=(folder / "parcels.gpkg",),
    )
    return analyse(read_inputs(request), StudyParameters())


def test_the_district_is_planned_as_its_scenario_proves(district: Study) -> None:
    sites = sites_of(screen_study(district, gather(district).candidates))
    plan = make_plan(district, sites)
    assert plan.proof.agrees is True
    assert {one.status for one in plan.records} == {"optimal"}
    for element_id, people in plan.proof.claimed.items():
        assert plan.proof.found[element_id] >= people
    # The only gate of a compound sends 1,218 people a long way round: a second gate is a work.
    (path,) = [one for one in plan.works if one.proposal.kind == "path"]
    assert path.proposal.edits[0].kind == "gate"
    assert plan.proof.with_paths
    assert not plan.proof.difference.gaps_opened
    assert len(plan.proof.difference.gaps_closed) >= 30
    reached = {(row.circle_id, row.element_id): row.coverage.verdict for row in plan.proof.after}
    for record in plan.records:  # what was asked for is what is there afterwards
        assert reached[record.circle_ids[0], record.element_ids[0]] == "met", record


def test_planted_parcels_answer_the_planted_gaps(district: Study) -> None:
    """Beside every planted gap lie parcels: with parcels alone a plan takes one of them."""
    rules = CandidateRules(from_map=False)
    sites = sites_of(screen_study(district, gather(district, rules).candidates, rules))
    plan = make_plan(district, sites, PlanParameters(remedies=False))
    market = [one for one in plan.works if one.proposal.element_ids == ("wet_market",)]
    assert market
    assert all(
        one.proposal.site_id.startswith("parcel:") for one in market if one.proposal.kind == "new"
    )
    after = {(row.circle_id, row.element_id): row.coverage.verdict for row in plan.proof.after}
    assert plan.proof.agrees is True
    for record in plan.records:
        if record.status == "optimal":
            assert after[record.circle_ids[0], record.element_ids[0]] == "met"


def test_the_best_single_parcel_is_the_best_of_all_when_each_is_tried(district: Study) -> None:
    rules = CandidateRules(from_map=False, element_ids=("wet_market",))
    sites = sites_of(screen_study(district, gather(district, rules).candidates, rules))
    asked = PlanParameters(elements=("wet_market",), n_sites=1, remedies=False)
    opened = frozenset(
        one.site_id
        for one in (work.proposal for work in make_plan(district, sites, asked).works)
        if one.kind == "open"
    )
    session, demand = WhatIf(district), district.inputs.demand
    wanted = [
        district.inputs.circles.circle_id.index(row.circle_id)
        for row in district.assessment.rows
        if row.element_id == "wet_market" and row.verdict in ("short", "weak")
        and row.circle_id != "*"
    ]  # fmt: skip
    before = session.reach(_scenario(sites, None, opened)).reach
    column = before.column("wet_market")
    here = np.isin(demand.circle, wanted)
    gains = {}
    for site in sites.allowed_for("wet_market").tolist():
        after = session.reach(_scenario(sites, site, opened)).reach
        fresh = after.covered[:, column] & ~before.covered[:, column] & here
        gains[sites.site_id[site]] = float(demand.people[fresh].sum())
    plan = make_plan(district, sites, asked)
    (record,) = plan.records
    assert record.objective == pytest.approx(max(gains.values()))
    new = [one.proposal.site_id for one in plan.works if one.proposal.kind == "new"]
    assert [gains[one] for one in new] == [max(gains.values())]


def _scenario(sites: Sites, site: int | None, opened: frozenset[str]) -> Scenario:
    edits: list[AnyModification] = [
        OpenFacility(id=one, element_id="wet_market", source_id=one) for one in sorted(opened)
    ]
    if site is not None:
        x, y = sites.xy_m[site].tolist()
        edits.append(AddFacility(id="n", element_id="wet_market", xy_m=(x, y)))
    return Scenario(title="", modifications=tuple(edits))
