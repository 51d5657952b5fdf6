"""The diagnosis as flat tables: figures, scorecard, flips, field checks, data and equity."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from analysis.capacity.sharing import Sharing
from analysis.certainty.variants import VARIANTS
from analysis.documents.field_checks import field_check_rows
from analysis.documents.plain import number, plain_text, texts
from analysis.documents.tables import Row, circle_names
from analysis.judgement.assessment import ElementVerdict
from analysis.judgement.equity import GroupReach
from analysis.judgement.scorecard import WEIGHTS, scorecard
from analysis.messages import message
from analysis.standard.figures import target_text, value_text
from analysis.standard.rules import Target
from analysis.standard.verdicts import DIMENSIONS, VERDICTS, Figure
from analysis.study import Study

FIGURE_COLUMNS: Final = (
    "circle_id", "circle_name", "element_id", "element_zh", "element_en", "dimension", "metric",
    "metric_zh", "metric_en", "value", "value_zh", "value_en", "unit", "target_zh", "target_en",
    "verdict", "decides", "known_share", "basis_zh", "basis_en", "estimated", "source",
    "confidence", "walker", "note_zh", "note_en",
)  # fmt: skip
SCORE_COLUMNS: Final = (
    "circle_id", "circle_name", "index", "assessed_share", "dimension_share",
    *VERDICTS, *(f"{name}_{one}" for name in DIMENSIONS for one in VERDICTS),
    "formula_zh", "formula_en",
)  # fmt: skip
FLIP_COLUMNS: Final = (
    "circle_id", "circle_name", "element_id", "element_zh", "element_en", "variant", "variant_zh",
    "variant_en", "people_gained", "people_lost", "buildings_gained", "buildings_lost", "share",
    "verdict", "verdict_then", "flips",
)  # fmt: skip
DATA_COLUMNS: Final = (
    "element_id", "element_zh", "element_en", "mapped", "listed", "ambiguous", "expected",
    "sized_share", "statement_zh", "statement_en",
)  # fmt: skip
EQUITY_COLUMNS: Final = (
    "circle_id", "circle_name", "element_id", "element_zh", "element_en", "group", "group_zh",
    "group_en", "walker", "walker_zh", "walker_en", "people", "covered_share", "walk_p95_m",
    "walk_p95_s", "palma", "by_fixed_share",
)  # fmt: skip

FIELD_CHECKS_SHOWN: Final = 20  # in the study document; all stand in field_checks.csv


def diagnosis_document(study: Study) -> dict[str, object]:
    """Return the study document's section on the four dimensions and their certainty."""
    flips = study.certainty.flips
    judged = [row for row in study.assessment.rows if row.coverage.verdict != "not_assessed"]
    fragile = [row for row in judged if flips.fragile(row.circle_id, row.element_id)]
    note, fixed = study.equity.note, study.equity.fixed_note
    return {
        "scorecard": score_rows(study),
        "variants": [{"id": one, **texts(message(f"variant.{one}"))} for one in flips.tried],
        "coverage_verdicts": len(judged),
        "fragile_verdicts": len(fragile),
        "field_checks": field_check_rows(study)[:FIELD_CHECKS_SHOWN],
        "field_checks_in_all": len(study.certainty.field_checks),
        "data": data_rows(study),
        "equity_note": None if note is None else texts(note),
        "equity_fixed_note": None if fixed is None else texts(fixed),
        "beyond_circles": _beyond(study),
    }


def _beyond(study: Study) -> dict[str, object]:
    """Return how many residents beyond the circles share facilities, in all and by element."""
    found = Sharing.of(study.measured.loads, study.inputs.beyond, study.walks.beyond)
    return {
        "residents": number(found.residents),
        "residents_estimated": found.estimated,
        "residents_sharing": number(found.sharing),
        "residents_unlinked": number(sum(found.unlinked.values())),
        "residents_sharing_by_element": {
            name: number(people) for name, people in found.by_element.items()
        },
    }


_RATES: Final = ("scale", "2sfca", "e2sfca")  # so many units for so much of the basis


def figure_rows(study: Study) -> list[Row]:
    """Return one row for each figure of every circle × element × dimension."""
    return [
        _figure(study, row, one.dimension, figure, names)
        for names in (_names(study),)
        for row in study.assessment.rows
        for one in row.dimensions
        for figure in one.figures
    ]


def score_rows(study: Study) -> list[Row]:
    """Return the scorecard, a row for each circle, all circles together last."""
    formula = texts(message("scorecard.formula", **dict(WEIGHTS)))
    names = circle_names(study)
    return [
        {
            "circle_id": plain_text(one.circle_id),
            "circle_name": names[one.circle_id].text("zh"),
            "index": number(one.index),
            "assessed_share": number(one.assessed_share),
            "dimension_share": number(one.dimension_share),
            **{verdict: one.counts[verdict] for verdict in VERDICTS},
            **{
                f"{name}_{verdict}": one.by_dimension[name][verdict]
                for name in DIMENSIONS
                for verdict in VERDICTS
            },
            "formula_zh": formula["zh"],
            "formula_en": formula["en"],
        }
        for one in scorecard(study.assessment)
    ]


def flip_rows(study: Study) -> list[Row]:
    """Return what each variant changes, a row for each circle × element × variant."""
    names, verdicts = _names(study), _verdicts(study)
    return [
        {
            **names(one.circle_id, one.element_id),
            "variant": one.variant,
            **_both("variant", texts(message(f"variant.{one.variant}"))),
            "people_gained": number(one.people_gained),
            "people_lost": number(one.people_lost),
            "buildings_gained": one.buildings_gained,
            "buildings_lost": one.buildings_lost,
            "share": number(one.share),
            "verdict": verdicts[one.circle_id, one.element_id].coverage.verdict,
            "verdict_then": one.verdict,
            "flips": one.flips,
        }
        for one in study.certainty.flips.rows
    ]


def data_rows(study: Study) -> list[Row]:
    """Return what the inputs hold of each element."""
    names = _names(study)
    rows: list[Row] = []
    for one in study.certainty.data:
        name = names("*", one.element_id)
        rows.append(
            {
                **{key: name[key] for key in ("element_id", "element_zh", "element_en")},
                "mapped": one.mapped,
                "listed": one.listed,
                "ambiguous": one.ambiguous,
                "expected": one.expected,
                "sized_share": number(one.sized),
                **_both("statement", texts(one.statement)),
            }
        )
    return rows


def equity_rows(study: Study) -> list[Row]:
    """Return coverage, walks and Palma ratio by group of residents."""
    names = _names(study)
    return [
        {
            **names(one.circle_id, one.element_id),
            "group": one.group,
            **_both("group", texts(message(f"basis.{one.group}"))),
            **_walker(study, one),
            "people": number(one.people),
            "covered_share": number(one.covered_share),
            "walk_p95_m": number(one.walk_p95_m),
            "walk_p95_s": number(one.walk_p95_s),
            "palma": number(one.palma),
            "by_fixed_share": one.by_fixed_share,
        }
        for one in study.equity.rows
    ]


def _walker(study: Study, row: GroupReach) -> Row:
    """Return who walks: the group's own walker, else who judges the element."""
    name = row.walker or study.walker_of(row.element_id).name
    return {"walker": name, **_both("walker", texts(message(f"cli.walker.{name}")))}


def flipped_points(study: Study) -> dict[str, np.ndarray]:
    """Return whose met or unmet changes: columns of point × element × variant, as arrays.

    `point` and `element` int32 are positions in the demand and in ``reach.element_ids``, `variant`
    uint8 in ``VARIANTS``; in that order.
    """
    bits = study.certainty.flips.points
    point, element = np.nonzero(bits)
    each = np.unpackbits(bits[point, element][:, None], axis=1, bitorder="little")
    row, variant = np.nonzero(each[:, : len(VARIANTS)])
    return {
        "point": point[row].astype(np.int32),
        "element": element[row].astype(np.int32),
        "variant": variant.astype(np.uint8),
    }


def _names(study: Study) -> Callable[[str, str], Row]:
    circles = circle_names(study)
    elements = {one.id: texts(one.name) for one in study.inputs.standard.elements}

    def names(circle_id: str, element_id: str) -> Row:
        return {
            "circle_id": plain_text(circle_id),
            "circle_name": circles[circle_id].text("zh"),
            "element_id": element_id,
            **_both("element", elements[element_id]),
        }

    return names


def _verdicts(study: Study) -> Mapping[tuple[str, str], ElementVerdict]:
    return {(row.circle_id, row.element_id): row for row in study.assessment.rows}


def _both(name: str, by_language: Mapping[str, str]) -> Row:
    return {f"{name}_{language}": text for language, text in by_language.items()}


def _figure(
    study: Study,
    row: ElementVerdict,
    dimension: str,
    figure: Figure,
    names: Callable[[str, str], Row],
) -> Row:
    metric = study.inputs.standard.metrics.get(figure.metric)
    name = message(f"metric.{figure.metric}") if metric is None else metric.name
    known = not np.isnan(figure.value)
    unit = "rate" if figure.metric in _RATES and figure.unit != "share" else figure.unit
    told = texts(value_text(replace(figure, unit=unit))) if known else {"zh": "", "en": ""}
    note = {"zh": "", "en": ""} if figure.why_not is None else texts(figure.why_not)
    return {
        **names(row.circle_id, row.element_id),
        "dimension": dimension,
        "metric": figure.metric,
        **_both("metric", texts(name)),
        "value": number(figure.value),
        **_both("value", told),
        "unit": figure.unit,
        **_both("target", _target(figure.target, unit)),
        "verdict": figure.verdict,
        "decides": _decides(figure),
        "known_share": number(figure.known_share),
        **_both("basis", texts(figure.basis)),
        "estimated": figure.estimated,
        "source": figure.source,
        "confidence": figure.confidence,
        "walker": study.walker_of(row.element_id).name if row.figures is not None else None,
        **_both("note", note),
    }


def _decides(figure: Figure) -> str:
    """Return whether a figure is part of its dimension's verdict, shown beside it, or open."""
    if figure.verdict != "not_assessed":
        return "yes"
    return "open" if np.isnan(figure.value) or figure.least else "shown"


def _target(target: Target | None, unit: str) -> dict[str, str]:
    return {"zh": "", "en": ""} if target is None else texts(target_text(target, unit))
