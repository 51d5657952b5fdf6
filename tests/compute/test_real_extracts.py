"""Small real extracts, a few seconds each: what may be said of them and what may not."""

from pathlib import Path

import numpy as np
import pytest

from analysis.sources.inspection import inspect_extract
from analysis.sources.osm.reader import read_osm
from analysis.sources.standards import read_standard
from analysis.study import Study
from tests.real_cities import (
    EDGE,
    NO_DATA,
    NO_DEMAND,
    assert_honest,
    codes,
    judged,
    real_study,
    street_km,
    whole,
)

pytestmark = pytest.mark.shared_data
QINGZU = "puyang_qingzu_2023_rural.osm.pbf"
GUIYANG = "guiyang_guanshanhu_2026.overpass.json"
SHANGHAI = "shanghai_tongji_2026.osm.pbf"


@pytest.fixture(scope="module")
def qingzu(shared_data: Path) -> Study:
    return real_study(shared_data / QINGZU)


@pytest.fixture(scope="module")
def guiyang(shared_data: Path) -> Study:
    return real_study(shared_data / GUIYANG)


@pytest.fixture(scope="module")
def shanghai(shared_data: Path) -> Study:
    return real_study(shared_data / SHANGHAI)


@pytest.mark.parametrize("city", ["qingzu", "guiyang", "shanghai"])
def test_nothing_is_short_that_the_data_cannot_tell(city: str, request) -> None:
    assert_honest(request.getfixturevalue(city))


def test_a_township_without_homes_has_streets_and_no_verdict(qingzu: Study) -> None:
    assert 280 < street_km(qingzu) < 320
    assert qingzu.inputs.demand.people.sum() == 0
    assert judged(qingzu) == set()
    assert qingzu.gaps == ()
    reasons = {r.coverage.reason.key for r in whole(qingzu).values() if r.figures is not None}
    assert reasons <= {*NO_DEMAND, *NO_DATA}
    assert "source.not_a_box" not in codes(qingzu)  # sparse lanes still fill their box


def test_guiyang_is_too_thin_to_judge_and_says_so(guiyang: Study) -> None:
    assert guiyang.inputs.evidence.streets_only(guiyang.inputs.standard)
    assert len(guiyang.inputs.facilities) >= 5
    assert judged(guiyang) == set()
    keys = {r.coverage.reason.key for r in whole(guiyang).values() if r.figures is not None}
    assert keys <= set(NO_DATA)
    assert {"verdict.at_least", "verdict.no_data_streets_only"} <= keys
    lengths_m = guiyang.inputs.network.component_length_m()
    assert 0.3 < lengths_m[0] / lengths_m.sum() < 0.5  # joints found by equal coordinates


def test_shanghai_is_all_edge(shanghai: Study) -> None:
    rows = [row for row in whole(shanghai).values() if row.figures is not None]
    assert all(row.edge_of_data for row in rows)
    assert 6 <= sum(row.coverage.reason.key == EDGE for row in rows) <= 12
    assert 6_000 < shanghai.inputs.demand.people.sum() < 12_000
    assert shanghai.inputs.demand.people_estimated.any()
    assert len(judged(shanghai)) <= 5


def test_a_verdict_that_rests_on_seeing_none_says_so(shanghai: Study) -> None:
    row = whole(shanghai)["kindergarten"]
    assert "kindergarten" not in shanghai.inputs.facilities.element_id
    assert row.verdict == "short"
    assert "seeing none" in row.coverage.reason.text("en")
    assert "未见" in row.coverage.reason.text("zh")


@pytest.mark.parametrize(
    ("name", "streets_only", "homes"),
    [(QINGZU, True, 0), (GUIYANG, True, 2), (SHANGHAI, False, 70)],
)
def test_inspect_tells_beforehand(
    shared_data: Path, name: str, streets_only: bool, homes: int
) -> None:
    found = inspect_extract(read_osm(shared_data / name), read_standard(None))
    assert found.streets_only is streets_only
    assert homes <= found.buildings <= homes * 1.2
    keys = {one.key for one in found.cannot}
    assert ("inspect.streets_only" in keys) is streets_only
    assert ("inspect.no_homes" in keys) is (homes == 0)
    assert "inspect.edge" in keys


def test_walks_are_never_shorter_than_the_crow_flies(shanghai: Study) -> None:
    reach, demand, facilities = (
        shanghai.reach, shanghai.inputs.demand, shanghai.inputs.facilities
    )  # fmt: skip
    column = reach.column("bus_stop")
    near = np.isfinite(reach.walk_m[:, column])
    assert near.sum() > 50
    for row in np.flatnonzero(near):
        first, last = facilities.entrance_first[reach.nearest[row, column] + np.array([0, 1])]
        legs_m = np.linalg.norm(facilities.entrance_xy_m[first:last] - demand.xy_m[row], axis=1)
        assert reach.walk_m[row, column] >= legs_m.min() - 0.01
