"""What must hold of a whole study, through `analyse()`, on random small towns."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.documents.study import assessment_rows
from analysis.places.circles import Circles
from analysis.places.demand import Demand, nobody
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.standard.profile_rules import TwoStepZones
from analysis.study import Study, StudyInputs, StudyParameters, analyse
from analysis.testing.cities import grid_city, plain_inputs, square_circles
from tests.diagnosis_city import scale_rule, school, standard_of

SEEDS = st.integers(0, 1_000_000)
SOME = settings(max_examples=25, deadline=None)
BLOCKS, BLOCK_M = 6, 100.0
ZONES = TwoStepZones(
    until_share=(0.5, 1.0), weight=(1.0, 0.3), source="DEFAULT", confidence="default"
)
RANK = {"not_assessed": -1, "short": 0, "weak": 1, "met": 2}


def demand_at(xy_m: np.ndarray, people: np.ndarray, circle: np.ndarray, ids: list[str]) -> Demand:
    order = sorted(range(len(ids)), key=ids.__getitem__)
    nothing = np.zeros(len(ids))
    return Demand(
        point_id=tuple(ids[i] for i in order), xy_m=xy_m[order],
        is_building=np.ones(len(ids), dtype=bool), people=people[order],
        people_estimated=np.zeros(len(ids), dtype=bool), households=people[order] / 2,
        groups={}, land_m2=nothing, circle=circle[order].astype(np.int32),
    )  # fmt: skip


class Town:
    """Homes in two circles and beyond them, with schools of known size anywhere."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        side = BLOCKS * BLOCK_M
        self.rng = rng
        self.xy_m = rng.uniform(0, side, (14, 2))
        self.people = rng.integers(1, 60, 14).astype(np.float64)
        self.bounds = [(-9.0, -9.0, 250.0, side + 9), (250.0, -9.0, 450.0, side + 9)]
        self.places = rng.uniform(0, side, (5, 2))
        self.seats = rng.integers(0, 90, 5)
        self.threshold_m = 220.0

    def inputs(
        self,
        *,
        home: str = "home/{}",
        source: str = "test:{}",
        places: np.ndarray | None = None,
        homes: np.ndarray | None = None,
        circles_swapped: bool = False,
    ) -> StudyInputs:
        """Return the town; `homes` and `places` are orders in which ids are given."""
        circles = square_circles(*(self.bounds[::-1] if circles_swapped else self.bounds))
        circle = circles.locate(self.xy_m)
        names = np.arange(14) if homes is None else homes
        ids = [home.format(f"{one:04d}") for one in names]
        inside, outside = (np.flatnonzero(one) for one in (circle >= 0, circle < 0))
        demand, beyond = (
            demand_at(self.xy_m[rows], self.people[rows], circle[rows], [ids[i] for i in rows])
            if len(rows)
            else nobody()
            for rows in (inside, outside)
        )
        order = np.arange(5) if places is None else places
        facilities = build_facilities(
            [
                FacilityRecord(
                    element_id="school", source_id=source.format(f"{order[i]:04d}"), name="",
                    origin="table", status="open", xy_m=(x, y), area_m2=float("nan"),
                    ambiguous=False, entrances=((x, y, Entrance.POINT),),
                    attributes={"capacity": str(self.seats[i])},
                )
                for i, (x, y) in enumerate(self.places.tolist())
            ]
        )  # fmt: skip
        element = school(scale=scale_rule(300.0), threshold_m=self.threshold_m)
        standard = replace(standard_of(element), two_step_zones=ZONES)
        inputs = plain_inputs(
            network=grid_city(BLOCKS, BLOCKS, block_m=BLOCK_M), demand=demand,
            facilities=facilities, standard=standard, circles=circles,
        )  # fmt: skip
        return replace(inputs, beyond=beyond)


def run(inputs: StudyInputs) -> Study:
    return analyse(inputs, StudyParameters(min_gap_people=0.0))


def by_circle(study: Study, names: Mapping[str, str]) -> dict[str, str]:
    """Return every row of the assessment as text, by the circle's name in the other study."""
    rows = {}
    for row in assessment_rows(study):
        name = names[str(row["circle_id"])]
        kept = {key: value for key, value in row.items() if not key.startswith("circle")}
        rows[name] = str(sorted((key, _rounded(value)) for key, value in kept.items()))
    return rows


def _rounded(value: object) -> object:
    return round(value, 6) if isinstance(value, float) else value


@given(seed=SEEDS)
@SOME
def test_names_and_order_say_nothing(seed: int) -> None:
    town = Town(seed)
    homes, places = town.rng.permutation(14), town.rng.permutation(5)
    one = run(town.inputs())
    other = run(
        town.inputs(
            home="w/{}", source="zz:{}", homes=homes, places=places, circles_swapped=True
        )
    )  # fmt: skip
    same = {"A": "A", "B": "B", "*": "*"}
    assert by_circle(one, same) == by_circle(other, {"A": "B", "B": "A", "*": "*"})
    assert sorted(round(gap.people, 6) for gap in one.gaps) == sorted(
        round(gap.people, 6) for gap in other.gaps
    )
    first, second = (study.measured.loads["school"] for study in (one, other))
    load = {round(float(x), 6) for x in first.assignment.load}  # type: ignore[union-attr]
    assert load == {round(float(x), 6) for x in second.assignment.load}  # type: ignore[union-attr]


@given(seed=SEEDS, more=st.integers(0, 200), which=st.integers(0, 4))
@SOME
def test_more_seats_lower_no_verdict_of_scale(seed: int, more: int, which: int) -> None:
    town = Town(seed)
    before = run(town.inputs())
    town.seats[which] += more
    after = run(town.inputs())
    for one, other in zip(before.assessment.rows, after.assessment.rows, strict=True):
        assert RANK[other.dimension("scale").verdict] >= RANK[one.dimension("scale").verdict]
        assert one.coverage.verdict == other.coverage.verdict
    served = [
        study.measured.loads["school"].assignment.served  # type: ignore[union-attr]
        for study in (before, after)
    ]
    assert (served[1] >= served[0] - 1e-5).all()


@given(seed=SEEDS, more_m=st.floats(0.0, 400.0))
@SOME
def test_a_wider_threshold_lowers_no_coverage(seed: int, more_m: float) -> None:
    town = Town(seed)
    before = run(town.inputs())
    town.threshold_m += more_m
    after = run(town.inputs())
    for one, other in zip(before.assessment.rows, after.assessment.rows, strict=True):
        assert one.figures is not None
        assert other.figures is not None
        if one.figures.people > 0:
            assert other.figures.share_people >= one.figures.share_people
    assert (after.reach.covered >= before.reach.covered).all()


@given(seed=SEEDS)
@SOME
def test_nobody_is_served_beyond_capacity_or_beyond_need(seed: int) -> None:
    load = run(Town(seed).inputs()).measured.loads["school"]
    found = load.assignment
    assert found is not None
    assert (found.load <= found.capacity).all()
    assert (found.served <= found.demand).all()
    np.testing.assert_allclose(found.served + found.unserved, found.demand)
    assert len(found.demand) == load.reach.n_points == len(load.wanted)
    inside = np.bincount(found.position, found.amount, len(found.capacity))
    assert (inside <= found.load + 1e-9).all()  # the rest is drawn from beyond the circles
    np.testing.assert_allclose(np.add.reduceat(np.append(found.amount, 0.0), found.first[:-1])[
        np.diff(found.first) > 0], found.served[np.diff(found.first) > 0])  # fmt: skip


@given(seed=SEEDS)
@SOME
def test_floating_catchments_make_and_lose_no_supply(seed: int) -> None:
    # Those beyond are taken in by a circle of their own, so that all scores are to be seen.
    town = Town(seed)
    town.bounds = [(-9.0, -9.0, 700.0, 700.0), (700.0, 0.0, 701.0, 1.0)]
    load = run(town.inputs()).measured.loads["school"]
    assert load.amounts is not None
    reached = np.unique(load.reach.position)
    supply = load.supply.amount[reached].sum()
    for score in load.scores.values():
        np.testing.assert_allclose((score * load.amounts.of_point).sum(), supply, rtol=1e-9)


@given(seed=SEEDS)
@SOME
def test_the_parts_that_circles_and_those_beyond_draw_are_the_whole(seed: int) -> None:
    study = run(Town(seed).inputs())
    load = study.measured.loads["school"]
    rows = {one.circle_id: one for one in study.assessment.rows}
    parts = sum(
        rows[name].dimension("scale").figures[0].value * people / 1000.0
        for name, people in (
            ("A", study.inputs.demand.people[study.inputs.demand.circle == 0].sum()),
            ("B", study.inputs.demand.people[study.inputs.demand.circle == 1].sum()),
        )
        if people > 0
    )
    assert load.amounts is not None
    weight = np.bincount(
        load.reach.position, load.amounts.of_point[load.reach.point], len(load.supply.row)
    )
    used, beyond = weight > 0, load.co_users.drawing
    drawn = np.where(used, weight / np.where(used, weight + beyond, 1.0), 0.0)
    unused = rows["*"].dimension("scale").figures[0]
    whole = float((drawn * load.supply.amount).sum())
    alone = ~used & (beyond == 0)
    inside = study.inputs.circles.locate(study.inputs.facilities.xy_m[load.supply.row]) >= 0
    whole += float(load.supply.amount[alone & inside].sum())
    assert parts <= whole + 1e-6
    if len(set(study.inputs.demand.circle.tolist())) == 2:
        np.testing.assert_allclose(parts, whole, rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(
            unused.value * study.inputs.demand.people.sum() / 1000.0, whole, rtol=1e-9, atol=1e-6
        )


def test_circles_are_in_one_order_whatever_their_names() -> None:
    # The swap above is a swap: A is the west in one town and the east in the other.
    one, other = Town(1).inputs(), Town(1).inputs(circles_swapped=True)
    assert isinstance(one.circles, Circles)
    assert one.circles.polygons[0].equals(other.circles.polygons[1])
