"""The scorecard: counts beside the index, and never one without the other."""

import math
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.judgement.assessment import Assessment, ElementVerdict
from analysis.judgement.scorecard import WEIGHTS, scorecard
from analysis.messages import message
from analysis.standard.verdicts import DIMENSIONS, VERDICTS, DimensionVerdict, Verdict
from analysis.testing.studies import small_study


def row(
    circle: str, verdict: Verdict, dimensions: tuple[Verdict, ...], number: int = 0
) -> ElementVerdict:
    return ElementVerdict(
        circle_id=circle,
        element_id=f"e{number}",
        verdict=verdict,
        assessed=sum(one != "not_assessed" for one in dimensions),
        dimensions=tuple(
            DimensionVerdict(dimension=name, verdict=one, reason=message("figures.nothing"))
            for name, one in zip(DIMENSIONS, dimensions, strict=True)
        ),
        figures=None,
        sentence=message("figures.nothing"),
        edge_of_data=False,
    )


OPEN: tuple[Verdict, ...] = ("not_assessed",) * 4


def test_the_index_by_hand() -> None:
    rows = (
        row("A", "met", ("met", "met", "not_assessed", "met"), 0),
        row("A", "weak", ("weak", "met", "weak", "not_assessed"), 1),
        row("A", "short", ("short", "weak", "not_assessed", "not_assessed"), 2),
        row("A", "not_assessed", ("met", "not_assessed", "not_assessed", "not_assessed"), 3),
        row("B", "not_assessed", OPEN, 0),
        row("B", "not_assessed", OPEN, 1),
    )
    a, b = scorecard(Assessment(rows=rows))
    assert a.index == pytest.approx((1 + 0.5) / 3)
    assert a.counts == {"met": 1, "weak": 1, "short": 1, "not_assessed": 1}
    assert a.assessed_share == pytest.approx(3 / 4)
    assert a.dimension_share == pytest.approx(9 / 16)
    assert a.by_dimension["scale"] == {"met": 2, "weak": 1, "short": 1, "not_assessed": 0}
    assert a.by_dimension["efficiency"] == {"met": 0, "weak": 1, "short": 0, "not_assessed": 3}
    assert math.isnan(b.index)  # nothing is known: neither 0 nor 1
    assert b.assessed_share == 0.0
    assert (a.circle_id, b.circle_id) == ("A", "B")


@given(st.lists(st.sampled_from(VERDICTS), min_size=1, max_size=12), st.randoms())
def test_what_is_not_assessed_neither_adds_nor_takes_away(verdicts: list[Verdict], random) -> None:  # noqa: ANN001
    rows = [row("A", one, (one,) * 4, i) for i, one in enumerate(verdicts)]
    (score,) = scorecard(Assessment(rows=tuple(rows)))
    judged = [WEIGHTS[one] for one in verdicts if one != "not_assessed"]
    if judged:
        assert score.index == pytest.approx(sum(judged) / len(judged))
        assert 0.0 <= score.index <= 1.0
    assert sum(score.counts.values()) == len(verdicts)
    more = Assessment(rows=(*rows, row("A", "not_assessed", OPEN, 99)))
    (longer,) = scorecard(more)
    assert longer.index == pytest.approx(score.index, nan_ok=True)
    assert longer.assessed_share < score.assessed_share or not judged
    mixed = rows.copy()
    random.shuffle(mixed)
    (again,) = scorecard(Assessment(rows=tuple(mixed)))
    assert again.index == pytest.approx(score.index, nan_ok=True)
    assert again.counts == score.counts


@pytest.mark.parametrize(
    ("worse", "better"), [("short", "weak"), ("weak", "met"), ("short", "met")]
)
def test_a_better_verdict_raises_the_index(worse: Verdict, better: Verdict) -> None:
    for others in product(("met", "weak", "short"), repeat=2):
        low, high = (
            scorecard(
                Assessment(
                    rows=tuple(row("A", v, (v,) * 4, i) for i, v in enumerate((one, *others)))
                )  # type: ignore[arg-type]
            )[0].index
            for one in (worse, better)
        )
        assert high > low


def test_a_study_is_scored_circle_by_circle_and_then_together() -> None:
    study = small_study()
    scores = scorecard(study.assessment)
    assert [one.circle_id for one in scores] == ["c-1", "c-2", "*"]
    for score in scores:
        rows = study.assessment.of_circle(score.circle_id)
        assert sum(score.counts.values()) == len(rows) == 4
        for number, name in enumerate(DIMENSIONS):
            for verdict in VERDICTS:
                expected = sum(one.dimensions[number].verdict == verdict for one in rows)
                assert score.by_dimension[name][verdict] == expected
    without = replace(study.assessment, rows=study.assessment.of_circle("c-1"))
    assert scorecard(without) == scores[:1]
