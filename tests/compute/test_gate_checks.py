"""Inferred gates on the field-check list: which compound's gate settles whom, predicted."""

import numpy as np
import pytest
import shapely

from analysis.certainty.gate_checks import gate_visits, open_by_gates
from analysis.certainty.variants import VARIANTS
from analysis.documents.field_checks import FIELD_CHECK_COLUMNS, field_check_rows
from analysis.places.facilities import build_facilities
from analysis.streets.barriers import Barriers
from analysis.study import Study, StudyParameters, analyse
from analysis.testing.cities import (
    grid_city,
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    square_circles,
)
from tests.diagnosis_city import facility

CITY = grid_city(12, 3)  # 1,200 × 300 m
CIRCLES = square_circles((-50, -50, 650, 350), (650, -50, 1250, 350))
WEST, EAST = shapely.box(405, 10, 495, 90), shapely.box(805, 10, 895, 90)


def town(
    homes: list[tuple[float, float]],
    shops: list[tuple[str, float, float]],
    *,
    inferred: tuple[bool, bool] = (True, True),
    ambiguous: tuple[int, ...] = (),
) -> Study:
    """Two compounds, each in a block of its own, whose only gates lead north, to y = 100."""
    gates = [(450.0, 90.0), (850.0, 90.0)]
    rings = np.empty(2, dtype=object)
    rings[:] = [
        shapely.difference(shapely.boundary(area), shapely.buffer(shapely.Point(gate), 3.0))
        for area, gate in zip((WEST, EAST), gates, strict=True)
    ]
    # A cut ring is a line that passes its own start; merged it is one.
    rings[:] = [shapely.line_merge(one) for one in rings]
    compounds = np.empty(2, dtype=object)
    compounds[:] = [WEST, EAST]
    barriers = Barriers(
        lines=rings, kinds=("wall", "wall"), compounds=compounds,
        compound_id=("way/1", "way/2"), compound_name=("西苑", ""),
        gate_compound=np.array([0, 1], dtype=np.int32), gate_xy_m=np.array(gates),
        gate_inferred=np.array(inferred),
    )  # fmt: skip
    elements = [plain_element(one, threshold_m=60.0) for one in ("market", "clinic")]
    inputs = plain_inputs(
        network=CITY,
        demand=people_at(homes, circle=[int(x > 650) for x, _ in homes]),
        facilities=build_facilities(
            [
                facility(x, element_id=one, number=i, y_m=y, ambiguous=i in ambiguous)
                for i, (one, x, y) in enumerate(shops)
            ]
        ),
        standard=plain_standard(*elements),
        circles=CIRCLES,
        barriers=barriers,
    )
    return analyse(inputs, StudyParameters())


def told(study: Study) -> list[tuple[object, ...]]:
    return [
        (one.kind, one.facility, one.compound, one.element_ids, one.people, one.people_so_far,
         one.people_open)
        for one in study.certainty.field_checks
    ]  # fmt: skip


# Behind the south walls, 30 m from the street y = 0 and 70 m from y = 100.
HOMES = [(440.0, 30.0), (460.0, 30.0), (840.0, 30.0), (100.0, 0.0)]  # 1, 2, 4 and 8 people
MARKET = ("market", 450.0, 0.0)


def test_of_two_compounds_the_gate_that_matters_is_listed() -> None:
    """The market lies south of the west compound, 40 m from its homes through the wall."""
    study = town(HOMES, [MARKET])
    assert not study.reach.covered.any()
    assert told(study) == [("gate", -1, 0, ("market",), 3.0, 3.0, 3.0)]
    (row,) = field_check_rows(study)
    assert tuple(row) == FIELD_CHECK_COLUMNS
    assert (row["kind"], row["source_id"], row["name"]) == ("gate", "way/1", "西苑")
    assert (row["circle_name"], row["element_id"], row["people"]) == ("圈A", "market", 3.0)
    assert (row["visit_zh"], row["visit_en"]) == ("小区出入口", "gate of a compound")
    gate_m = study.inputs.crs.project(np.array([[row["lon"], row["lat"]]], dtype=float))
    assert gate_m[0] == pytest.approx([450.0, 90.0], abs=0.05)
    assert "坐标为推定" in str(row["why_zh"])


def test_a_known_gate_is_not_visited() -> None:
    assert told(town(HOMES, [MARKET], inferred=(False, True))) == []


def test_one_visit_settles_all_elements_and_gates_are_ranked_with_facilities() -> None:
    """West, two elements of 3 residents; east, one of 4; the clinic at 100 m, where 8 live."""
    shops = [MARKET, ("clinic", 450.0, 0.0), ("clinic", 100.0, 0.0), ("market", 850.0, 0.0)]
    study = town(HOMES, shops, ambiguous=(2,))
    assert told(study) == [
        ("facility", 1, -1, ("clinic",), 8.0, 8.0, 18.0),
        ("gate", -1, 0, ("market", "clinic"), 6.0, 14.0, 18.0),
        ("gate", -1, 1, ("market",), 4.0, 18.0, 18.0),
    ]
    rows = field_check_rows(study)
    assert [row["kind"] for row in rows] == ["facility", "gate", "gate"]
    assert rows[1]["element_id"] == "market;clinic"
    # Three residents, whatever the number of elements; the ranks count each answer.
    assert [row["people"] for row in rows] == [8.0, 3.0, 4.0]
    assert [row["resident_elements"] for row in rows] == [8.0, 6.0, 4.0]
    assert rows[1]["element_zh"] == "要素market、要素clinic"


def test_a_facility_behind_a_guessed_gate_asks_for_its_own_compound() -> None:
    """Who lives at (450, 0) reaches the market behind the wall of the west compound if it opens."""
    study = town([(450.0, 0.0), (850.0, 0.0)], [("market", 450.0, 30.0)])
    assert told(study) == [("gate", -1, 0, ("market",), 1.0, 1.0, 1.0)]


def test_where_nobody_is_open_there_is_no_visit() -> None:
    study = town(HOMES, [MARKET])
    flips = study.certainty.flips
    open_ = open_by_gates(flips)
    assert open_[:, 0].tolist() == [True, True, False, False]
    assert (flips.points & (1 << VARIANTS.index("gate")) != 0).tolist() == open_.tolist()
    none = np.zeros_like(open_)
    assert gate_visits(study.measured, study.inputs.barriers, flips, none) == []
