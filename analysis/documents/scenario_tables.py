"""What a scenario changes as flat tables: circles × elements, who, gaps, days."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from analysis.documents.plain import number, plain_text, texts
from analysis.documents.scenario_words import row_sentence
from analysis.documents.tables import Row, circle_names
from analysis.gaps.listing import Gap
from analysis.judgement.coverage import deciding
from analysis.messages import Spoken, message
from analysis.places.circles import ALL_CIRCLES
from analysis.scenario.difference import CircleChange, ScenarioDifference
from analysis.scenario.evaluation import ScenarioReach
from analysis.scenario.reach_difference import CircleReach, ReachChange
from analysis.scenario.years import ScenarioDay
from analysis.standard.verdicts import DIMENSIONS
from analysis.study import Study
from analysis.units import IntArray

_PER_CENT: Final = 100.0
CHANGE_COLUMNS: Final = (
    "circle_id", "circle_name", "element_id", "element_zh", "element_en", "people",
    "people_covered", "people_covered_after", "people_gained", "people_lost", "people_nearer",
    "people_farther", "people_compared", "saved_mean_m", "saved_mean_s", "people_new",
    "people_new_covered",
    "basis", "share_before", "share_after", "share_points", "verdict_before", "verdict_after",
    *(f"{name}_{when}" for name in DIMENSIONS for when in ("before", "after")),
    "sentence_zh", "sentence_en",
)  # fmt: skip
POINT_COLUMNS: Final = (
    "element_id", "element_zh", "element_en", "change", "point_id", "circle_id", "people",
    "walk_before_m", "walk_after_m", "walk_before_s", "walk_after_s", "lon", "lat",
)  # fmt: skip
GAP_COLUMNS: Final = (
    "change", "gap_id", "kind", "kind_zh", "kind_en", "circle_id", "circle_name", "element_id",
    "element_zh", "element_en", "people", "buildings", "walk_median_m",
)  # fmt: skip
DAY_COLUMNS: Final = (
    "day", "element_id", "element_zh", "element_en", "people", "people_covered", "share",
    "verdict", "gaps", "people_in_gaps",
)  # fmt: skip
_POINT_PROPERTIES: Final = (
    "element_id", "change", "point_id", "people", "walk_before_m", "walk_after_m",
)  # fmt: skip
_LONLAT_DECIMALS: Final = 6  # a tenth of a metre


def bases_of(study: Study) -> dict[str, str]:
    """Return by element who or what its coverage counts."""
    demand = study.inputs.demand
    return {one.id: deciding(one, demand)[0] for one in study.inputs.standard.walked}


def change_rows(
    study: Study, rows: Iterable[CircleReach], gaps: Mapping[tuple[str, str], tuple[int, int]]
) -> list[Row]:
    """Return one row for each circle × element that changes, keys :data:`CHANGE_COLUMNS`.

    `gaps` closed and opened by circle and element; empty where gaps are not known.
    """
    names, bases = circle_names(study), bases_of(study)
    return [
        _change(study, one, names[one.circle_id], bases, gaps.get((one.circle_id, one.element_id)))
        for one in rows
    ]


def gap_counts(change: ScenarioDifference) -> dict[tuple[str, str], tuple[int, int]]:
    """Return how many gaps close and open, by circle (``*``: all of them) and element."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for which, gaps in enumerate((change.gaps_closed, change.gaps_opened)):
        for gap in gaps:
            for circle in (gap.circle_id, ALL_CIRCLES):
                key = (circle, gap.element_id)
                held = counts.get(key, (0, 0))
                counts[key] = (held[0] + (which == 0), held[1] + (which == 1))
    return counts


def point_rows(study: Study, found: ScenarioReach, changes: Sequence[ReachChange]) -> list[Row]:
    """Return who gains and who loses an element, point by point, keys :data:`POINT_COLUMNS`."""
    return [
        row
        for one in changes
        for change, points in (("gained", one.gained), ("lost", one.lost))
        for row in _points(study, found, one.element_id, change, points)
    ]


def point_collection(rows: Iterable[Row]) -> dict[str, object]:
    """Return :func:`point_rows` as GeoJSON points, WGS84."""
    return {
        "type": "FeatureCollection",
        "attribution": message("outputs.attribution").text("en"),
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
                "properties": {name: row[name] for name in _POINT_PROPERTIES},
            }
            for row in rows
        ],
    }


def gap_rows(study: Study, change: ScenarioDifference) -> list[Row]:
    """Return the gaps that close and those that open, keys :data:`GAP_COLUMNS`."""
    return [
        _gap(study, gap, what)
        for what, gaps in (("closed", change.gaps_closed), ("opened", change.gaps_opened))
        for gap in gaps
    ]


def day_rows(study: Study, days: Iterable[ScenarioDay]) -> list[Row]:
    """Return the coverage of all circles day by day, keys :data:`DAY_COLUMNS`.

    Only elements that some day finds otherwise; `day` is empty for what holds from the start.
    """
    held = list(days)
    touched = {name for one in held for name in one.result.of.touched}
    rows: list[Row] = []
    for element in study.inputs.standard.walked:
        if element.id in touched:
            found = [_day(study, one, element.id) for one in held]
            rows += found if any(_but_day(one) != _but_day(found[0]) for one in found) else []
    return rows


def _but_day(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "day"}


def _change(
    study: Study,
    one: CircleReach,
    circle: Spoken,
    bases: Mapping[str, str],
    gaps: tuple[int, int] | None,
) -> Row:
    element = study.inputs.standard.element(one.element_id)
    judged = one if isinstance(one, CircleChange) else None
    sentence = texts(row_sentence(one, circle, element, bases, gaps))
    seconds = one.measure == "seconds"
    row: Row = {
        "circle_id": plain_text(one.circle_id),
        "circle_name": plain_text(circle.text("zh")),
        "element_id": one.element_id,
        "element_zh": element.name.text("zh"),
        "element_en": element.name.text("en"),
        "people": number(one.people),
        "people_covered": number(one.people_covered),
        "people_covered_after": number(one.people_covered + one.people_gained - one.people_lost),
        "people_gained": number(one.people_gained),
        "people_lost": number(one.people_lost),
        "people_nearer": number(one.people_nearer),
        "people_farther": number(one.people_farther),
        "people_compared": number(one.people_compared),
        "saved_mean_m": None if seconds else number(one.saved_mean),
        "saved_mean_s": number(one.saved_mean) if seconds else None,
        "people_new": number(one.people_new),
        "people_new_covered": number(one.people_new_covered),
        "basis": bases.get(one.element_id),
        "share_before": number(one.share_before),
        "share_after": number(one.share_after),
        "share_points": number((one.share_after - one.share_before) * _PER_CENT),
        "verdict_before": None if judged is None else judged.before,
        "verdict_after": None if judged is None else judged.after,
        "sentence_zh": sentence["zh"],
        "sentence_en": sentence["en"],
    }
    for name in DIMENSIONS:
        pair = (None, None) if judged is None else judged.dimensions[name]
        row[f"{name}_before"], row[f"{name}_after"] = pair
    return {column: row[column] for column in CHANGE_COLUMNS}


def _points(
    study: Study, found: ScenarioReach, element_id: str, change: str, points: IntArray
) -> list[Row]:
    if not len(points):
        return []
    demand, element = study.inputs.demand, study.inputs.standard.element(element_id)
    was, is_ = study.reach.column(element_id), found.reach.column(element_id)
    lonlat = np.round(study.inputs.crs.unproject(demand.xy_m[points]), _LONLAT_DECIMALS).tolist()
    circles = study.inputs.circles.circle_id
    zh, en = element.name.text("zh"), element.name.text("en")
    return [
        {
            "element_id": element_id, "element_zh": zh, "element_en": en, "change": change,
            "point_id": plain_text(demand.point_id[point]),
            "circle_id": plain_text(circles[circle]),
            "people": number(people),
            "walk_before_m": number(before_m), "walk_after_m": number(after_m),
            "walk_before_s": number(before_s), "walk_after_s": number(after_s),
            "lon": lon, "lat": lat,
        }
        for point, circle, people, before_m, after_m, before_s, after_s, (lon, lat) in zip(
            points.tolist(), demand.circle[points].tolist(), demand.people[points].tolist(),
            study.reach.walk_m[points, was].tolist(), found.reach.walk_m[points, is_].tolist(),
            study.reach.walk_s[points, was].tolist(), found.reach.walk_s[points, is_].tolist(),
            lonlat, strict=True,
        )
    ]  # fmt: skip


def _gap(study: Study, gap: Gap, change: str) -> Row:
    element = study.inputs.standard.element(gap.element_id)
    kind = texts(message(f"gap.kind.{gap.kind}"))
    return {
        "change": change,
        "gap_id": plain_text(gap.gap_id),
        "kind": gap.kind,
        "kind_zh": kind["zh"],
        "kind_en": kind["en"],
        "circle_id": plain_text(gap.circle_id),
        "circle_name": plain_text(circle_names(study)[gap.circle_id].text("zh")),
        "element_id": gap.element_id,
        "element_zh": element.name.text("zh"),
        "element_en": element.name.text("en"),
        "people": number(gap.people),
        "buildings": gap.buildings,
        "walk_median_m": number(gap.walk_median_m),
    }


def _day(study: Study, one: ScenarioDay, element_id: str) -> Row:
    element = study.inputs.standard.element(element_id)
    row = next(
        row for row in one.result.assessment.of_circle(ALL_CIRCLES) if row.element_id == element_id
    )
    gaps = [gap for gap in one.result.gaps if gap.element_id == element_id]
    figures = row.figures
    return {
        "day": one.day,
        "element_id": element_id,
        "element_zh": element.name.text("zh"),
        "element_en": element.name.text("en"),
        "people": None if figures is None else number(figures.people),
        "people_covered": None if figures is None else number(figures.people_covered),
        "share": None if figures is None else number(figures.share),
        "verdict": row.verdict,
        "gaps": len(gaps),
        "people_in_gaps": number(sum(gap.people for gap in gaps)),
    }
