"""The table of ``living-circle standard show`` on building: sizes, costs, siting rules."""

from typing import TYPE_CHECKING, Final

from analysis.messages import Clauses, Language, Message, Spoken, message
from analysis.standard.profile import Element, ServiceStandard
from analysis.standard.siting_rules import (
    MinBuild,
    SitingProfile,
    SitingRule,
    UnitCost,
    WorksRules,
)
from service.commands.standard_tables import coded, heading_table

if TYPE_CHECKING:  # slow to import
    from rich.table import Table

_HEADS: Final = ("cli.element", "cli.min_build", "cli.cost_new", "cli.cost_confidence",
                 "cli.siting_rules", "cli.shares_with")  # fmt: skip


def works_table(elements: tuple[Element, ...], language: Language) -> "Table":
    """Return one line for each element: smallest new one, cost, and its rules by kind."""
    table = heading_table(_HEADS, language)
    for element in elements:
        siting = element.siting
        cost = _first_cost(siting)
        table.add_row(
            element.name.text(language),
            _size(siting.min_build).text(language) or "-",
            "-" if cost is None else cost_text(cost).text(language),
            "-" if cost is None else coded("confidence", cost.confidence).text(language),
            "/".join(str(one) for one in rule_counts(siting)),
            str(len(siting.compatible_with)),
        )
    return table


def person_lines(standard: ServiceStandard) -> tuple[Message, ...]:
    """Return the rules that only a person can check: those of all elements, then by element."""
    found: list[tuple[Spoken, tuple[SitingRule, ...]]] = [
        (message("cli.every_element"), standard.works.siting),
        *((one.name, one.siting.rules) for one in standard.elements),
    ]
    texts = [(name, tuple(r.text for r in rules if r.needs_person)) for name, rules in found]
    return tuple(
        message("cli.person_rules", name=name, rules=Clauses(rules))
        for name, rules in texts
        if rules
    )


def path_lines(works: WorksRules) -> tuple[Message, ...]:
    """Return one line for each path work: what it costs."""
    return tuple(
        message("cli.path_cost", name=one.name, cost=cost_text(one.cost))
        for one in works.path_costs.values()
    )


def rule_counts(siting: SitingProfile) -> tuple[int, int, int]:
    """Return how many rules a machine holds hard, how many it scores, how many need a person."""
    person = sum(one.needs_person for one in siting.rules)
    hard = sum(one.hard and not one.needs_person for one in siting.rules)
    return hard, len(siting.rules) - person - hard, person


def cost_text(cost: UnitCost) -> Message:
    """Return a cost in words, such as *¥4,000–6,000 per m² of floor*."""
    per = message(f"cost.per.{cost.per}")
    return message("cost.range", low=f"{cost.low:,.0f}", high=f"{cost.high:,.0f}", per=per)


def _first_cost(siting: SitingProfile) -> UnitCost | None:
    """Return the cost of a new one, else of mending what is there."""
    costs = [siting.costs[kind] for kind in ("new", "upgrade") if kind in siting.costs]
    return costs[0] if costs else None


def _size(one: MinBuild | None) -> Clauses:
    if one is None:
        return Clauses(())
    sizes = {"building": one.building_m2, "land": one.land_m2}
    return Clauses(
        tuple(
            message(f"cli.min_build.{key}", area=f"{area_m2:,.0f}")
            for key, area_m2 in sizes.items()
            if area_m2 is not None
        )
    )
