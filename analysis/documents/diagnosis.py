"""The diagnosis as flat tables: figures, scorecard, flips, field checks, data and equity."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from analysis.certainty.field_checks import FieldCheck
from analysis.certainty.variants import VARIANTS
from analysis.documents.plain import number, plain_text, texts
from analysis.documents.tables import Row, circle_names
from analysis.judgement.assessment import ElementVerdict
from analysis.judgement.scorecard import WEIGHTS, scorecard
from analysis.messages import Message, message
from analysis.standard.figures import target_text, written
from analysis.standard.rules import Target
from analysis.standard.verdicts import DIMENSIONS, VERDICTS, Figure
from analysis.study import Study

FIGURE_COLUMNS: Final = (
    "circle_id", "circle_name", "element_id", "element_zh", "element_en", "dimension", "metric",
    "metric_zh", "metric_en", "value", "value_zh", "value_en", "unit", "target_zh", "target_en",
    "verdict", "known_share", "basis_zh", "basis_en", "estimated", "source", "confidence",
    "note_zh", "note_en",
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
FIELD_CHECK_COLUMNS: Final = (
    "rank", "circle_name", "element_id", "element_zh", "element_en", "source_id", "name",
    "lon", "lat", "people", "people_so_far", "people_open", "why_zh", "why_en",
)  # fmt: skip
DATA_COLUMNS: Final = (
    "element_id", "element_zh", "element_en", "mapped", "listed", "ambiguous", "expected",
    "sized_share", "statement_zh", "statement_en",
)  # fmt: skip
EQUITY_COLUMNS: Final = (
    "circle_id", "circle_name", "element_id", "element_zh", "element_en", "group", "group_zh",
    "group_en", "people", "covered_share", "walk_p95_m", "palma",
)  # fmt: skip

FIELD_CHECKS_SHOWN: Final = 20  # in the study document; all stand in field_checks.csv


def diagnosis_document(study: Study) -> dict[str, object]:
    """Return the study document's section on the four dimensions and their certainty."""
    flips = study.certainty.flips
    judged = [row for row in study.assessment.rows if row.coverage.verdict != "not_assessed"]
    fragile = [row for row in judged if flips.fragile(row.circle_id, row.element_id)]
    note = study.equity.note
    return {
        "scorecard": score_rows(study),
        "variants": [{"id": one, **texts(message(f"variant.{one}"))} for one in flips.tried],
        "coverage_verdicts": len(judged),
        "fragile_verdicts": len(fragile),
        "field_checks": field_check_rows(study)[:FIELD_CHECKS_SHOWN],
        "field_checks_in_all": len(study.certainty.field_checks),
        "data": data_rows(study),
        "equity_note": None if note is None else texts(note),
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


def field_check_rows(study: Study) -> list[Row]:
    """Return the visits that settle the most people, the most telling first."""
    facilities, names = study.inputs.facilities, _names(study)
    circles = circle_names(study)
    inside = study.inputs.circles.locate(facilities.xy_m)
    rows: list[Row] = []
    for one in study.certainty.field_checks:
        lon, lat = study.inputs.crs.unproject(facilities.xy_m[one.facility : one.facility + 1])[0]
        name = names("*", one.element_id)
        rows.append(
            {
                "rank": one.rank,
                "circle_name": ""
                if inside[one.facility] < 0
                else circles[study.inputs.circles.circle_id[inside[one.facility]]].text("zh"),
                **{key: name[key] for key in ("element_id", "element_zh", "element_en")},
                "source_id": plain_text(facilities.source_id[one.facility]),
                "name": plain_text(facilities.name[one.facility]),
                "lon": round(float(lon), 7),
                "lat": round(float(lat), 7),
                "people": number(one.people),
                "people_so_far": number(one.people_so_far),
                "people_open": number(one.people_open),
                **_both("why", texts(_why_check(study, one))),
            }
        )
    return rows


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
            "people": number(one.people),
            "covered_share": number(one.covered_share),
            "walk_p95_m": number(one.walk_p95_m),
            "palma": number(one.palma),
        }
        for one in study.equity.rows
    ]


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


def _why_check(study: Study, check: FieldCheck) -> Message:
    """Return what is to be found out on the spot."""
    element = study.inputs.standard.element(check.element_id)
    unclear = study.inputs.facilities.ambiguous[check.facility]
    return message("field_check.kind" if unclear else "field_check.there", element=element.name)


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
    told = texts(written(figure.value, unit, figure.target)) if known else {"zh": "", "en": ""}
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
        "known_share": number(figure.known_share),
        **_both("basis", texts(figure.basis)),
        "estimated": figure.estimated,
        "source": figure.source,
        "confidence": figure.confidence,
        **_both("note", note),
    }


def _target(target: Target | None, unit: str) -> dict[str, str]:
    return {"zh": "", "en": ""} if target is None else texts(target_text(target, unit))
