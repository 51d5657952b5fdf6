"""From plain mappings to what may be built where: siting rules, costs, shared sites, priorities.

Pure, like :mod:`analysis.standard.parsing`; the mappings have passed the schema and
:mod:`analysis.standard.siting_checks` before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from analysis.messages import Name
from analysis.standard.checkable_layers import WORD_OPS, unit_of
from analysis.standard.rule_parsing import sourced, span
from analysis.standard.siting_rules import (
    MinBuild,
    PathCost,
    PriorityRule,
    SitingProfile,
    SitingRule,
    UnitCost,
    WorksRules,
)

Fields = Mapping[str, Any]
Partners = Mapping[str, tuple[str, ...]]
COMPATIBLE: Final = "compatible_with"
INCOMPATIBLE: Final = "incompatible_with"


def siting_profile(
    fields: Fields, partners: Mapping[str, Partners], year: int | None
) -> SitingProfile:
    """Return what building the element of these `fields` asks for.

    `partners` holds what :func:`partners_of` says under :data:`COMPATIBLE` and
    :data:`INCOMPATIBLE`; `year` is the profile's :func:`price_year`.
    """
    lead = fields.get("lead_time_months")
    return SitingProfile(
        min_build=_min_build(fields.get("min_build")),
        shared_build=_min_build(fields.get("shared_build")),
        costs={kind: _unit_cost(one, year) for kind, one in fields.get("unit_cost", {}).items()},
        rules=siting_rules(fields.get("siting", ())),
        compatible_with=partners[COMPATIBLE].get(fields["id"], ()),
        incompatible_with=partners[INCOMPATIBLE].get(fields["id"], ()),
        lead_time_months=None if lead is None else span(lead),
    )


def works_rules(profile: Fields) -> WorksRules:
    """Return what a profile says of the works of all elements."""
    year = price_year(profile)
    paths = [_path_cost(one, year) for one in profile.get("path_costs", ())]
    given = enumerate(profile.get("priority_rule", ()), start=1)
    priorities = [_priority(one, number) for number, one in given]
    return WorksRules(
        siting=siting_rules(profile.get("common_siting", ())),
        path_costs={one.work: one for one in paths},
        priorities=tuple(sorted(priorities, key=lambda one: one.rank)),
        price_year=year,
    )


def price_year(profile: Fields) -> int | None:
    """Return the year of the prices of costs that state none; None where the profile has none."""
    basis = profile.get("cost_basis")
    return None if basis is None else int(basis["price_year"])


def partners_of(elements: Iterable[Fields], key: str) -> Partners:
    """Return by element all that it shares `key` with: stated by itself or by the other one."""
    found: dict[str, set[str]] = defaultdict(set)
    for fields in elements:
        for other in fields.get(key, {}).get("elements", ()):
            found[fields["id"]].add(other)
            found[other].add(fields["id"])
    return {one: tuple(sorted(others)) for one, others in found.items()}


def siting_rules(given: Sequence[Fields]) -> tuple[SitingRule, ...]:
    """Return siting rules in the file's order; one without an id is called by its number."""
    return tuple(_rule(fields, number) for number, fields in enumerate(given, start=1))


def _rule(fields: Fields, number: int) -> SitingRule:
    op = fields.get("op")
    low, high, words = float("-inf"), float("inf"), ()
    if op in WORD_OPS:
        words = tuple(fields["value"])
    elif op == "between":
        low, high = (float(one) for one in fields["value"])
    elif op is not None:
        low = low if op in ("le", "within_m") else float(fields["value"])
        high = high if op in ("ge", "beyond_m") else float(fields["value"])
    layer, column = fields.get("layer", ""), fields.get("column", "")
    english = fields["rule"]
    return SitingRule(
        id=fields.get("id", f"rule_{number}"),
        hard=fields["kind"] == "hard",
        text=Name(fields.get("rule_zh", english), english),
        source=fields["source"],
        confidence=fields["confidence"],
        layer=layer,
        column=column,
        op=op,
        low=low,
        high=high,
        words=words,
        unit=unit_of(layer, column),
    )


def _min_build(fields: Fields | None) -> MinBuild | None:
    if fields is None:
        return None

    def area_m2(key: str) -> float | None:
        return None if fields.get(key) is None else float(fields[key])

    return MinBuild(
        building_m2=area_m2("building_m2"),
        land_m2=area_m2("land_m2"),
        source=fields["source"],
        confidence=fields["confidence"],
        capacity=sourced(fields["capacity"]) if "capacity" in fields else None,
    )


def _unit_cost(fields: Fields, year: int | None) -> UnitCost:
    low, high = fields["value"]
    return UnitCost(
        low=float(low),
        high=float(high),
        per=fields["per"],
        price_year=int(fields.get("price_year", year)),
        source=fields["source"],
        confidence=fields["confidence"],
    )


def _path_cost(fields: Fields, year: int | None) -> PathCost:
    lead = fields.get("lead_time_months")
    return PathCost(
        work=fields["id"],
        name=Name(fields["zh"], fields.get("en", "")),
        cost=_unit_cost(fields, year),
        lead_time_months=None if lead is None else span(lead),
    )


def _priority(fields: Fields, number: int) -> PriorityRule:
    return PriorityRule(
        rank=fields["rank"],
        id=fields.get("id", f"rank_{number}"),
        name=Name(fields["zh"], fields.get("en", "")),
        source=fields.get("source", ""),
        confidence=fields.get("confidence", "default"),
        elements=tuple(fields.get("elements", ())),
        path_works=tuple(fields.get("path_works", ())),
        metrics=tuple(fields.get("metrics", ())),
        opinion_words=tuple(fields.get("opinion_words", ())),
        any_opinion=fields.get("any_opinion", False),
    )
