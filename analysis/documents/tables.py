"""The verdicts as one flat table: a row for each circle × element, both languages in it."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from analysis.documents.plain import number, plain_text, texts
from analysis.judgement.assessment import ElementVerdict
from analysis.judgement.coverage import CoverageFigures
from analysis.messages import Joined, Name, Spoken, message
from analysis.places.circles import ALL_CIRCLES
from analysis.standard.profile import Element
from analysis.standard.verdicts import DIMENSIONS
from analysis.study import Study
from analysis.units import BoolArray, minutes

Cell = str | float | int | bool | None
Row = dict[str, Cell]

ASSESSMENT_COLUMNS: Final = (
    "circle_id", "circle_name", "category_id", "category_zh", "category_en",
    "element_id", "element_zh", "element_en", "treatment",
    "verdict", "verdict_zh", "verdict_en", "assessed_dimensions", "scale_verdict",
    "coverage_verdict", "efficiency_verdict", "quality_verdict", "fragile",
    "fragile_zh", "fragile_en",
    "sentence_zh", "sentence_en",
    "lacks_zh", "lacks_en", "scale_lacking", "scale_unit", "scale_unit_zh", "scale_unit_en",
    "deciding_basis", "stands_for_basis", "basis_amount", "basis_lacking", "share", "share_upper",
    "target", "target_source", "target_confidence",
    "acceptable", "acceptable_source", "acceptable_confidence",
    "share_people", "share_buildings", "share_land",
    "people", "buildings", "land_m2",
    "people_covered", "people_lacking", "people_beyond", "people_ambiguous", "people_edge",
    "people_unlinked",
    "walk_mean_m", "walk_median_m", "walk_p95_m", "walk_max_m",
    "walk_mean_s", "walk_median_s", "walk_p95_s", "walk_max_s", "walk_note_zh", "walk_note_en",
    "threshold_m", "threshold_s", "minutes", "walker", "walker_zh", "walker_en",
    "facilities_inside", "facilities_ambiguous",
    "edge_of_data",
    "reason_scale_zh", "reason_scale_en", "reason_coverage_zh", "reason_coverage_en",
    "reason_efficiency_zh", "reason_efficiency_en", "reason_quality_zh", "reason_quality_en",
    "statement_zh", "statement_en",
)  # fmt: skip
_WALKS: Final = ("mean", "median", "p95", "max")
_WALK_COLUMNS: Final = tuple(f"walk_{one}_{unit}" for unit in ("m", "s") for one in _WALKS)
_THRESHOLDS: Final = ("threshold_m", "threshold_s")
# What an element without a verdict on coverage says nothing of.
_LACKING: Final = ("basis_lacking", "people_lacking", "people_beyond", "people_edge")
_COVERED: Final = (
    "share", "share_upper", "share_people", "share_buildings", "share_land", "people_covered",
    "people_ambiguous", *_WALK_COLUMNS, "walk_note_zh", "walk_note_en",
)  # fmt: skip
_NO_WALKER: Final[Mapping[str, Cell]] = {"walker": None, "walker_zh": None, "walker_en": None}


def assessment_rows(study: Study) -> list[Row]:
    """Return the assessment as flat rows with the keys of :data:`ASSESSMENT_COLUMNS`.

    Circle by circle in the standard's order, then all circles together (id ``*``). Shares are
    0…1; a figure that is unknown or infinite is None, and `walk_note_*` says why in words.
    """
    names = circle_names(study)
    here = {one: circle_points(study, one) for one in names}
    return [_row(study, row, names[row.circle_id], here[row.circle_id])
            for row in study.assessment.rows]  # fmt: skip


def circle_names(study: Study) -> dict[str, Name]:
    """Return the display name of each circle by id, all circles together (``*``) last."""
    circles = study.inputs.circles
    names = {
        one: Name(plain_text(name) or one, plain_text(name) or one)
        for one, name in zip(circles.circle_id, circles.name, strict=True)
    }
    return names | {ALL_CIRCLES: Name(**texts(message("outputs.all_circles")))}


def circle_points(study: Study, circle_id: str) -> BoolArray:
    """Return which demand points lie in a circle, bool [p]; all of them for ``*``."""
    demand = study.inputs.demand
    if circle_id == ALL_CIRCLES:
        return np.ones(len(demand), dtype=bool)
    here: BoolArray = demand.circle == study.inputs.circles.circle_id.index(circle_id)
    return here


def _row(study: Study, verdict: ElementVerdict, name: Name, here: BoolArray) -> Row:
    standard = study.inputs.standard
    element = standard.element(verdict.element_id)
    category = next((one.name for one in standard.categories if one.id == element.category_id),
                    Name(element.category_id, ""))  # fmt: skip
    flips = study.certainty.flips.fragile(verdict.circle_id, element.id)
    row: Row = {
        "circle_id": plain_text(verdict.circle_id),
        "circle_name": name.text("zh") if name.zh == name.en else f"{name.zh} / {name.en}",
        "category_id": element.category_id,
        "category_zh": category.text("zh"),
        "category_en": category.text("en"),
        "element_id": element.id,
        "element_zh": element.name.text("zh"),
        "element_en": element.name.text("en"),
        "treatment": element.treatment,
        "verdict": verdict.verdict,
        "verdict_zh": message(f"verdict.{verdict.verdict}").text("zh"),
        "verdict_en": message(f"verdict.{verdict.verdict}").text("en"),
        "assessed_dimensions": f"{verdict.assessed}/{len(DIMENSIONS)}",
        **{f"{one.dimension}_verdict": one.verdict for one in verdict.dimensions},
        "fragile": ";".join(flips),
        **{
            f"fragile_{language}": text
            for language, text in texts(
                Joined(tuple(message(f"variant.{one}") for one in flips))
            ).items()
        },
        **{f"sentence_{key}": text for key, text in texts(verdict.sentence).items()},
    }
    row |= _target(element, walked=verdict.figures is not None)
    row |= _lacks(verdict, element)
    row |= _figures(verdict.figures)
    row |= _walks(study, element, verdict.figures)
    row |= dict.fromkeys(_untold(verdict))
    row |= walker_cells(study, element.id) if element.is_walked else _NO_WALKER
    land_m2 = float(study.inputs.demand.land_m2[here].sum())
    row |= {
        "land_m2": number(land_m2),
        "minutes": None if element.minutes is None else number(element.minutes),
        "edge_of_data": verdict.edge_of_data,
    }
    for one in verdict.dimensions:
        for language, text in texts(one.reason).items():
            row[f"reason_{one.dimension}_{language}"] = text
    row |= {f"statement_{k}": text for k, text in texts(standard.statement).items()}
    return {column: row[column] for column in ASSESSMENT_COLUMNS}


def walker_cells(study: Study, element_id: str) -> Row:
    """Return who walks to an element: the walker's name, and in words."""
    name = study.walker_of(element_id).name
    said = texts(message(f"cli.walker.{name}"))
    return {"walker": name, "walker_zh": said["zh"], "walker_en": said["en"]}


def _target(element: Element, *, walked: bool) -> Row:
    row: Row = {}
    for name, sourced in (
        ("target", element.coverage.target), ("acceptable", element.coverage.acceptable),
    ):  # fmt: skip
        row[name] = number(sourced.value) if walked else None
        row[f"{name}_source"] = sourced.source if walked else None
        row[f"{name}_confidence"] = sourced.confidence if walked else None
    return row


def _lacks(verdict: ElementVerdict, element: Element) -> Row:
    """Return what is lacking in words, and of scale in numbers, where an element is short."""
    row: Row = dict.fromkeys(
        ("lacks_zh", "lacks_en", "scale_lacking", "scale_unit", "scale_unit_zh", "scale_unit_en")
    )
    if verdict.verdict == "short":
        row |= {f"lacks_{key}": text for key, text in texts(lacking_text(verdict)).items()}
    scale = verdict.dimension("scale")
    if scale.verdict == "short" and scale.lacking is not None and element.scale is not None:
        unit = element.scale.unit
        row |= {"scale_lacking": number(scale.lacking), "scale_unit": unit}
        row |= {f"scale_unit_{key}": text for key, text in texts(message(f"unit.{unit}")).items()}
    return row


def lacking_text(verdict: ElementVerdict) -> Spoken:
    """Return what is lacking in a few words: who is out of reach, and capacity."""
    parts: list[Spoken] = []
    figures = verdict.figures
    if verdict.coverage.verdict == "short" and figures is not None:
        parts.append(
            message("cli.lacks.people", people=max(figures.people - figures.people_covered, 0.0))
            if figures.by_residents
            else message(f"lacking.{figures.basis}", amount=figures.basis_lacking)
        )
    parts += [
        one.brief or one.reason
        for one in verdict.dimensions
        if one.verdict == "short" and (one.dimension != "coverage" or figures is None)
    ]
    return Joined(tuple(parts))


def _untold(verdict: ElementVerdict) -> tuple[str, ...]:
    """Return the columns that stay empty because the data cannot tell who has one.

    Where some are known and more may be, shares and the covered hold as the least that they are.
    """
    key = verdict.coverage.reason.key
    if (
        verdict.figures is None
        or verdict.coverage.verdict != "not_assessed"
        or key == "verdict.edge_of_data"
    ):
        return ()
    return _LACKING if key == "verdict.at_least" else (*_LACKING, *_COVERED)


def _figures(figures: CoverageFigures | None) -> Row:
    if figures is None:
        return dict.fromkeys(
            ("deciding_basis", "stands_for_basis", "basis_amount", "basis_lacking", "share",
             "share_upper", "share_people",
             "share_buildings", "share_land", "people", "buildings", "people_covered",
             "people_lacking", "people_beyond", "people_ambiguous", "people_edge",
             "people_unlinked", "facilities_inside", "facilities_ambiguous")
        )  # fmt: skip
    stands_for = figures.basis_stands_for
    return {
        "deciding_basis": figures.basis,
        "stands_for_basis": None if stands_for == figures.basis else stands_for,
        "basis_amount": number(figures.basis_amount),
        "basis_lacking": number(figures.basis_lacking),
        "share": number(figures.share),
        "share_upper": number(figures.share_upper),
        "share_people": number(figures.share_people),
        "share_buildings": number(figures.share_buildings),
        "share_land": number(figures.share_land),
        "people": number(figures.people),
        "buildings": figures.buildings,
        "people_covered": number(figures.people_covered),
        "people_lacking": number(max(figures.people - figures.people_covered, 0.0)),
        "people_ambiguous": number(figures.people_ambiguous),
        "people_edge": number(figures.people_edge),
        "people_unlinked": number(figures.people_unlinked),
        "people_beyond": number(figures.people_beyond),
        "facilities_inside": figures.facilities_inside,
        "facilities_ambiguous": figures.facilities_ambiguous,
    }


def _walks(study: Study, element: Element, figures: CoverageFigures | None) -> Row:
    if figures is None:
        return dict.fromkeys((*_WALK_COLUMNS, "walk_note_zh", "walk_note_en", *_THRESHOLDS))
    walks = {one: float(getattr(figures, one)) for one in _WALK_COLUMNS}
    column = study.reach.column(element.id)
    # Both measures of a walk are known or neither, so one of them tells which are beyond.
    beyond = tuple(
        message(f"outputs.walk.{one}") for one in _WALKS if np.isinf(walks[f"walk_{one}_m"])
    )
    note = {"zh": "", "en": ""}
    if beyond:
        note = beyond_search(study, Joined(beyond), element.id)
    elif np.isnan(walks["walk_mean_m"]):
        note = texts(message("outputs.no_residents"))
    return {
        **{name: number(value) for name, value in walks.items()},
        "walk_note_zh": note["zh"],
        "walk_note_en": note["en"],
        "threshold_m": number(float(study.reach.threshold_m[column])),
        "threshold_s": number(float(study.reach.threshold_s[column])),
    }


def beyond_search(study: Study, figures: Spoken, element_id: str) -> dict[str, str]:
    """Return by language that `figures` of an element lie beyond the search."""
    limit = float(study.reach.search[study.reach.column(element_id)])
    if study.reach.criterion == "metres":
        return texts(message("outputs.beyond_search", figures=figures, limit_m=limit))
    told = message("outputs.beyond_search_minutes", figures=figures, minutes=minutes(limit))
    return texts(told)
