"""Findings: what the figures of circles mean, in words."""

from dataclasses import replace
from math import isnan

from analysis.delineation.figures import CircleCheck, CircleChecks
from analysis.messages import Joined, message
from analysis.notices import Notice, Severity, notice
from analysis.streets.dividers import Rank, line_text
from analysis.units import M2_PER_KM2


def findings(checks: CircleChecks) -> CircleChecks:
    """Return `checks` with its findings, circle by circle and then for all together."""
    told = [entry for one in checks.circles for entry in _of_circle(one, checks)]
    return replace(checks, notices=(*told, *_of_all(checks)))


def counted_people(check: CircleCheck) -> float:
    """Return what the bands are held against: the planner's figure, else the people found."""
    return check.people if isnan(check.people_stated) else check.people_stated


def _of_circle(one: CircleCheck, checks: CircleChecks) -> list[Notice]:
    told: list[Notice] = []

    def tell(code: str, severity: Severity, **args: object) -> None:
        text = message(f"circle_checks.{code}", circle=one.circle_id, **args)
        told.append(notice(f"circle_checks.{code}", text, (one.circle_id,), severity))

    people, bands = counted_people(one), checks.bands
    low, high = bands.people
    if not low <= people <= high:
        mild = bands.tolerated[0] <= people <= bands.tolerated[1]
        tell(
            "people", "info" if mild else "warning",
            people=f"{people:,.0f}", low=f"{low:,.0f}", high=f"{high:,.0f}",
        )  # fmt: skip
    km2 = one.area_m2 / M2_PER_KM2
    if not bands.area_km2[0] <= km2 <= bands.area_km2[1]:
        tell("area", "info", km2=f"{km2:.2f}", low=bands.area_km2[0], high=bands.area_km2[1])
    hard = [cut for cut in one.cuts if cut.rank >= Rank.NEVER]
    soft = [cut for cut in one.cuts if cut.rank < Rank.NEVER]
    for code, severity, cuts in (("cut", "warning", hard), ("arterials", "info", soft)):
        if cuts:
            named = tuple(
                message(
                    "circle_checks.cut_line",
                    line=line_text(cut.kind_name, cut.name),
                    metres=f"{cut.length_m:,.0f}",
                )
                for cut in cuts
            )
            tell(code, severity, lines=Joined(named))  # type: ignore[arg-type]
    for other in one.overlaps:
        if one.circle_id < other.other_id:
            tell(
                "overlap", "warning", other=other.other_id, m2=f"{other.area_m2:,.0f}",
                people=f"{other.people:,.0f}",
            )  # fmt: skip
    if one.people <= 0:
        tell("nobody", "warning")
    if one.parts > 1:
        tell("parts", "info", parts=one.parts)
    return told


def _of_all(checks: CircleChecks) -> list[Notice]:
    told: list[Notice] = []
    if isnan(checks.uncovered_people):
        text = message("circle_checks.uncovered_unknown")
        told.append(notice("circle_checks.uncovered_unknown", text))
    elif checks.uncovered_homes:
        share = checks.uncovered_people / checks.people if checks.people else 0.0
        text = message(
            "circle_checks.uncovered",
            people=f"{checks.uncovered_people:,.0f}",
            homes=f"{checks.uncovered_homes:,}",
            share=f"{100 * share:.1f}",
        )
        told.append(notice("circle_checks.uncovered", text, (), "warning"))
    if checks.shared_people > 0:
        text = message("circle_checks.shared", people=f"{checks.shared_people:,.0f}")
        told.append(notice("circle_checks.shared", text, (), "warning"))
    if len(checks.gaps):
        text = message("circle_checks.gaps", count=len(checks.gaps), m2=f"{checks.gap_m2:,.0f}")
        told.append(notice("circle_checks.gaps", text))
    estimated = sum(one.people_estimated for one in checks.circles)
    if estimated > 0:
        held = sum(one.people for one in checks.circles)
        text = message("circle_checks.estimated", share=f"{100 * estimated / held:.0f}")
        told.append(notice("circle_checks.estimated", text, (), "warning"))
    return told
