"""From the mapping of a standard file to :class:`~analysis.standard.profile.ServiceStandard`.

Pure: the mapping has passed the JSON Schema and :mod:`analysis.standard.checks` before.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.errors import InvalidParameterError, one_of
from analysis.messages import Name, message
from analysis.standard.element_parsing import Shared, parse_element
from analysis.standard.profile import (
    Category,
    Element,
    EvidenceRule,
    ServiceStandard,
)
from analysis.standard.profile_rules import StepSpeeds, WalkingRules
from analysis.standard.rule_parsing import (
    attributes,
    circle_rules,
    cohorts,
    gap_rules,
    metrics,
    sourced,
    two_step_zones,
    verdict_rules,
)
from analysis.standard.siting_parsing import (
    COMPATIBLE,
    INCOMPATIBLE,
    partners_of,
    price_year,
    works_rules,
)
from analysis.walking import slope_law

Fields = Mapping[str, Any]


def parse_standard(document: Fields, extensions: Sequence[str] = ()) -> ServiceStandard:
    """Build the typed standard from the checked plain `document` (the whole file).

    `extensions` are the ids of its optional elements that are switched on, in any order; raises
    :class:`~analysis.errors.InvalidParameterError` for one that the document does not have.
    """
    profile = document["profile"]
    matching = profile["osm_matching"]
    assessment = profile.get("assessment", {})
    shared = _shared(document)
    optional = [
        parse_element(one, shared, optional=True) for one in document.get("optional_extensions", ())
    ]
    _check_extensions(extensions, optional, profile["id"])
    return ServiceStandard(
        id=profile["id"],
        version=profile["version"],
        title=Name(profile["title_zh"], profile.get("title_en", "")),
        statement=Name(profile["statement_zh"], profile["statement_en"]),
        official=profile["official"],
        categories=tuple(
            Category(id=one["id"], name=Name(one["zh"], one.get("en", "")))
            for one in profile["categories"]
        ),
        elements=(
            *(parse_element(one, shared, optional=False) for one in document["elements"]),
            *(one for one in optional if one.id in extensions),
        ),
        walking=_walking(profile["walking"]),
        snap_limit_m=sourced(profile["walking"]["max_snap_m"]),
        range_keys=tuple(matching["range_keys"]),
        evidence=_evidence(profile["evidence"]),
        sources={one["id"]: one["title"] for one in document["sources"]},
        digest=standard_digest(document, extensions),
        generic_suffixes=tuple(matching.get("generic_suffixes", ())),
        available=tuple(one for one in optional if one.id not in extensions),
        metrics=shared.metrics,
        attributes=shared.attributes,
        cohorts=cohorts(profile.get("cohorts")),
        circle=circle_rules(profile.get("circle")),
        two_step_zones=two_step_zones(profile.get("two_step_zones")),
        old_area_factor=(
            sourced(assessment["old_area_factor"]) if "old_area_factor" in assessment else None
        ),
        verdict_rules=shared.verdict_rules,
        gap_rules=gap_rules(profile.get("gaps", {})),
        works=works_rules(profile),
    )


def _shared(document: Fields) -> Shared:
    profile = document["profile"]
    entries = (*document["elements"], *document.get("optional_extensions", ()))
    return Shared(
        category_ids={
            key: one["id"] for one in profile["categories"] for key in (one["zh"], one["id"])
        },
        default_dedupe_m=float(profile["osm_matching"]["dedupe_m"]["value"]),
        metrics=metrics(profile.get("metric_catalogue", ())),
        attributes=attributes(profile.get("attributes", ())),
        verdict_rules=verdict_rules(profile.get("assessment", {})),
        partners={key: partners_of(entries, key) for key in (COMPATIBLE, INCOMPATIBLE)},
        price_year=price_year(profile),
    )


def _check_extensions(
    extensions: Sequence[str], optional: Sequence[Element], standard_id: str
) -> None:
    known = tuple(one.id for one in optional)
    for wanted in extensions:
        if wanted not in known:
            key = "standard.extension.remedy" if known else "standard.extension.none.remedy"
            raise InvalidParameterError(
                message("standard.extension", standard=standard_id),
                remedy=message(key, allowed=one_of(known)),
                source="--with",
                value=wanted,
            )


def standard_digest(document: Fields, extensions: Sequence[str] = ()) -> str:
    """Return the SHA-256 of `document` as canonical JSON; comments and layout do not count.

    With `extensions` switched on it covers their ids too, in whatever order they are named.
    """
    whole = [document, sorted(set(extensions))] if extensions else document
    text = json.dumps(_canonical(whole), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """Return `value` with whole numbers as integers: 1.0 is 1, as a workbook has it too."""
    if isinstance(value, Mapping):
        return {key: _canonical(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_canonical(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _walking(fields: Fields) -> WalkingRules:
    slope, grade = fields.get("slope_model"), fields.get("wheelchair_max_grade")
    return WalkingRules(
        speeds_m_s={one["group"]: sourced(one) for one in fields["speeds_m_per_s"]},
        steps_m_s={
            one["group"]: StepSpeeds(
                up=sourced({**one, "value": one["up"]}),
                down=sourced({**one, "value": one["down"]}),
            )
            for one in fields.get("steps_m_per_s", ())
        },
        slope=None if slope is None else slope_law(slope["value"]),
        wheelchair_max_grade=None if grade is None else sourced(grade),
    )


def _evidence(fields: Fields) -> EvidenceRule:
    return EvidenceRule(
        min_services=int(fields["min_services"]["value"]),
        min_services_per_1000=float(fields["min_services_per_1000"]["value"]),
        untold_completeness=tuple(fields["untold_completeness"]),
        service_keys=tuple(fields["service_keys"]),
        trivial_values={key: tuple(v) for key, v in fields.get("trivial_values", {}).items()},
    )
