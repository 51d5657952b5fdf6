"""Old communities: households renewed of those eligible, counted by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.judgement.stock_renewal import read_stock, renewed
from analysis.messages import Name
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.standard.profile import ServiceStandard
from analysis.standard.rules import (
    Attribute,
    Metric,
    MetricRule,
    ScaleRule,
    Sourced,
    StockRule,
    Target,
)
from analysis.standard.verdicts import VERDICTS
from analysis.study import StudyParameters, analyse
from analysis.testing.cities import (
    grid_city,
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    square_circles,
)

CITY = grid_city(4, 4)
HALVES = square_circles((-50, -50, 200, 450), (200, -50, 450, 450))
ID = "old"
RULE = StockRule(
    amount=("households",),
    done=("renovated",),
    done_year=("renovated_year",),
    listed=("on_list",),
    built_year=("built_year",),
    built_before=Sourced(value=2001, source="DEFAULT", confidence="default"),
)
SAFETY = Attribute(
    id="safety", name=Name(zh="安全", en="safety"), kind="yes_no", unit="share",
    columns=("safety_done",),
)  # fmt: skip
WORST_FIRST = ("short", "weak", "met")


def element():
    number = Sourced(value=1.0, source="DEFAULT", confidence="default")
    metric = Metric(id="safety_share", name=SAFETY.name, measure="share", unit="share",
                    attribute="safety")  # fmt: skip
    all_done = Target(op="ge", low=1.0, source="DEFAULT", confidence="default")
    return replace(
        plain_element(ID, treatment="stock_renewal", target=0.9, acceptable=0.7),
        scale=ScaleRule(
            indicator="renewed", unit="household", basis="eligible_households", per=1.0, norm=number
        ),
        stock=RULE,
        quality=(MetricRule(metric=metric, target=all_done),),
    )


def compounds(*rows: dict[str, str], x: list[float] | None = None, status: str = "open"):
    """Return compounds 100 m apart, as a planner's table gives them."""
    return build_facilities(
        [
            FacilityRecord(
                element_id=ID, source_id=f"old.csv:{i:03d}", name="", origin="table",
                status=status, xy_m=(50.0 if x is None else x[i], 50.0), area_m2=float("nan"),
                ambiguous=False, entrances=((50.0, 50.0, Entrance.TABLE),), attributes=row,
            )
            for i, row in enumerate(rows)
        ]
    )  # fmt: skip


def one(households: object, done: str, year: object = 1990, **more: str) -> dict[str, str]:
    return {"households": str(households), "renovated": done, "built_year": str(year), **more}


def standard() -> ServiceStandard:
    return replace(plain_standard(element()), attributes={"safety": SAFETY})


def judged(facilities, circle: str = "A"):
    inputs = plain_inputs(
        network=CITY, demand=people_at([(0, 0)]), facilities=facilities, standard=standard(),
        circles=HALVES,
    )  # fmt: skip
    return analyse(inputs, StudyParameters()).assessment.of_circle(circle)[0]


def stock_of(*rows: dict[str, str]):
    facilities = compounds(*rows)
    return read_stock(RULE, facilities, facilities.of_element(ID))


def test_households_of_completed_compounds_over_eligible_ones() -> None:
    # 300 of 400 eligible households (the compound of 2005 is none): 75 %.
    row = judged(compounds(one(300, "yes"), one(100, "no"), one(999, "no", 2005)))
    coverage, scale = row.coverage, row.dimension("scale")
    assert coverage.figures[0].value == pytest.approx(0.75)
    assert scale.figures[0].value == pytest.approx(0.75)
    assert (coverage.verdict, scale.verdict, row.verdict) == ("weak", "weak", "weak")
    assert "75.0%" in row.sentence.text("zh")
    assert "300" in row.sentence.text("en")
    assert "400" in row.sentence.text("en")


@pytest.mark.parametrize(
    ("done", "coverage", "scale"),
    [(100, "met", "met"), (95, "met", "weak"), (90, "met", "weak"), (70, "weak", "weak"),
     (69, "short", "short"), (0, "short", "short")],
)  # fmt: skip
def test_targets_are_inclusive(done: int, coverage: str, scale: str) -> None:
    row = judged(compounds(one(done, "已改造"), one(100 - done, "待改造")))
    assert (row.coverage.verdict, row.dimension("scale").verdict) == (coverage, scale)


def test_the_list_makes_a_young_compound_eligible_and_2001_is_young() -> None:
    stock = stock_of(
        one(1, "no", 2000), one(1, "no", 2001), one(1, "no", 2010, on_list="是"),
        {"households": "1", "renovated": "no"},
    )  # fmt: skip
    np.testing.assert_array_equal(stock.eligible, [1, 0, 1, np.nan])
    # Where the table states neither year nor list, it is the list.
    assert stock_of({"households": "1", "renovated": "no"}).eligible.tolist() == [1]


@pytest.mark.parametrize(
    ("text", "year", "done"),
    [("yes", "", 1), ("已完成", "", 1), ("未完成", "", 0), ("在建", "", 0), ("", "2023", 1),
     ("no", "2027", 0), ("", "", np.nan), ("部分", "", 0)],
)  # fmt: skip
def test_words_of_works(text: str, year: str, done: float) -> None:
    stock = stock_of(one(1, text, renovated_year=year))
    np.testing.assert_array_equal(stock.done, [done])


def test_an_unknown_state_leaves_open_only_what_it_could_change() -> None:
    # 95 done, 5 unknown: at least 95 % covered whatever it is; all may be renewed or not: scale
    # is weak at 95 % and met at 100 %.
    row = judged(compounds(one(95, "yes"), one(5, "")))
    assert row.coverage.verdict == "met"
    assert row.dimension("scale").verdict == "not_assessed"
    assert "renovated" in row.dimension("scale").reason.text("en")
    # 60 done, 15 unknown of 100: short at 60 %, weak at 75 %.
    open_ = judged(compounds(one(60, "yes"), one(15, ""), one(25, "no")))
    assert open_.verdict == "not_assessed"
    assert "60.0%" in open_.coverage.reason.text("zh")
    assert "75.0%" in open_.coverage.reason.text("zh")


def test_rows_without_their_size_are_left_out_and_told() -> None:
    row = judged(compounds(one(90, "yes"), one(10, "no"), one("", "no")))
    figure = row.coverage.figures[0]
    assert figure.value == pytest.approx(0.9)
    assert figure.known_share == pytest.approx(2 / 3)
    assert "2" in row.coverage.reason.text("en")
    few = judged(compounds(one(90, "yes"), one("", "no"), one("", "no")))
    assert few.verdict == "not_assessed"
    assert "households" in few.coverage.reason.text("en")


def test_a_compound_belongs_to_the_circle_it_stands_in() -> None:
    facilities = compounds(one(10, "yes"), one(10, "no"), x=[50.0, 300.0])
    assert judged(facilities, "A").verdict == "met"
    assert judged(facilities, "B").verdict == "short"
    assert judged(facilities, "*").coverage.figures[0].value == pytest.approx(0.5)
    only_a = compounds(one(10, "yes"), x=[50.0])
    assert judged(only_a, "B").coverage.reason.key == "stock.none_here"


def test_without_a_list_nothing_is_assessed_and_its_columns_are_named() -> None:
    row = judged(build_facilities([]))
    assert {one.verdict for one in row.dimensions} == {"not_assessed"}
    for column in ("households", "renovated", "built_year"):
        assert column in row.coverage.reason.text("zh")
    pulled_down = judged(compounds(one(10, "no"), status="closed"))
    assert pulled_down.verdict == "not_assessed"


def test_quality_is_read_from_eligible_compounds_only() -> None:
    row = judged(
        compounds(
            one(1, "yes", safety_done="yes"), one(1, "yes", safety_done="no"),
            one(1, "yes", 2010, safety_done="no"),
        )
    )  # fmt: skip
    quality = row.dimension("quality")
    assert quality.figures[0].value == pytest.approx(0.5)
    assert quality.verdict == "weak"


ROWS = st.lists(
    st.tuples(st.integers(1, 500), st.sampled_from(["yes", "no", ""])), min_size=1, max_size=6
)


@given(rows=ROWS, more=st.integers(1, 500))
@settings(max_examples=150, deadline=None)
def test_another_renewed_compound_never_lowers_either_end(
    rows: list[tuple[int, str]], more: int
) -> None:
    def ends(given_: list[tuple[int, str]]) -> tuple[float, float]:
        stock = stock_of(*(one(n, state) for n, state in given_))
        found = renewed(stock, np.ones(len(given_), dtype=bool))
        return found.low, found.high

    before, after = ends(rows), ends([*rows, (more, "yes")])
    assert after[0] >= before[0] - 1e-12
    assert after[1] >= before[1] - 1e-12
    finished = ends([(n, "yes") for n, _ in rows])
    assert finished == (1.0, 1.0)


@given(rows=ROWS, shuffled=st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_relabelling_changes_nothing_and_a_renewal_never_lowers_a_verdict(
    rows: list[tuple[int, str]], shuffled
) -> None:
    other = list(rows)
    shuffled.shuffle(other)
    first = judged(compounds(*(one(n, state) for n, state in rows)))
    second = judged(compounds(*(one(n, state) for n, state in other)))
    assert [d.verdict for d in first.dimensions] == [d.verdict for d in second.dimensions]
    assert first.coverage.figures[0].value == pytest.approx(second.coverage.figures[0].value)
    better = judged(compounds(*(one(n, state) for n, state in rows), one(100, "yes")))
    if first.verdict != "not_assessed" and better.verdict != "not_assessed":
        assert first.verdict in VERDICTS
        assert WORST_FIRST.index(better.verdict) >= WORST_FIRST.index(first.verdict)
