"""The read tables of a study as JSON: elements, verdicts with reasons, notices, phrases."""

from typing import Any, Final

from analysis.judgement.assessment import ElementVerdict
from analysis.messages import LANGUAGES, Spoken, phrase_table
from analysis.places.circles import ALL_CIRCLES
from analysis.standard.profile import Element
from analysis.standard.verdicts import DIMENSIONS, VERDICTS
from analysis.study import Study
from service.maps.numbers import figures_json, shown_search, shown_threshold, target_per_cent

Json = dict[str, Any]

MAX_SUBJECTS: Final = 200  # of one notice; study.json holds them all, and the page says so
_PHRASES: Final = ("map.", "verdict.met", "verdict.weak", "verdict.short", "verdict.not_assessed")


class Texts:
    """Texts in both languages, each pair held once; a row elsewhere holds its number."""

    def __init__(self) -> None:
        self.pairs: list[list[str]] = []
        self._number: dict[tuple[str, ...], int] = {}

    def add(self, spoken: Spoken) -> int:
        """Return the number of a text, adding it where it is new."""
        pair = both(spoken)
        number = self._number.setdefault(tuple(pair), len(self.pairs))
        if number == len(self.pairs):
            self.pairs.append(pair)
        return number


def both(spoken: Spoken) -> list[str]:
    """Return a text in every language, in the order of ``analysis.messages.LANGUAGES``."""
    return [spoken.text(language) for language in LANGUAGES]


def phrases_json() -> dict[str, list[str]]:
    """Return the phrases that the page fills in itself."""
    table = phrase_table()
    return {
        key: [table[key][language] for language in LANGUAGES]
        for key in sorted(table)
        if key.startswith(("map.", "dimension.")) or key in _PHRASES
    }


def elements_json(study: Study) -> list[Json]:
    """Return the elements in the standard's order with what the page says of each."""
    categories = [category.id for category in study.inputs.standard.categories]
    return [_element(study, element, categories) for element in study.inputs.standard.elements]


def _element(study: Study, element: Element, categories: list[str]) -> Json:
    threshold = shown_threshold(study, element.id) if element.is_walked else None
    return {
        "id": element.id,
        "name": both(element.name),
        "category": categories.index(element.category_id),
        "threshold": threshold,
        "limit": shown_search(study, element.id) if element.is_walked else None,
        "target": target_per_cent(element),
        "walker": study.walker_of(element.id).name if element.is_walked else None,
        "speed_m_s": study.walker_of(element.id).speed_m_s if element.is_walked else None,
        "rules": len(element.reach_rules),
        "served_by": sorted({rule.element_id for rule in element.reach_rules} | {element.id}),
    }


def verdicts_json(study: Study, texts: Texts) -> list[list[Json]]:
    """Return the verdicts: circle by circle, then all circles together; elements in order."""
    circle_ids = (*study.inputs.circles.circle_id, ALL_CIRCLES)
    elements = study.inputs.standard.elements
    row = {(one.circle_id, one.element_id): one for one in study.assessment.rows}
    return [
        [_verdict(row[circle, element.id], element, texts) for element in elements]
        for circle in circle_ids
    ]


def _verdict(row: ElementVerdict, element: Element, texts: Texts) -> Json:
    return {
        "verdict": VERDICTS.index(row.verdict),
        "assessed": row.assessed,
        "edge": int(row.edge_of_data),
        "dimensions": [
            [DIMENSIONS.index(one.dimension), VERDICTS.index(one.verdict), texts.add(one.reason)]
            for one in row.dimensions
        ],
        "sentence": texts.add(row.sentence),
        "figures": figures_json(row, element),
    }


def notices_json(study: Study, texts: Texts) -> list[Json]:
    """Return the notices, warnings first; of many subjects the first :data:`MAX_SUBJECTS`."""
    notices = sorted(study.notices, key=lambda one: (one.severity != "warning", one.code))
    return [
        {
            "text": texts.add(one.text),
            "severity": one.severity,
            "count": one.count,
            "subjects": list(one.subjects[:MAX_SUBJECTS]),
        }
        for one in notices
    ]
