"""The scale of one element in one scope: its figures, its verdict, and what leaves that open."""

from dataclasses import replace

import numpy as np

from analysis.capacity.loads import Load
from analysis.judgement.coverage import Measured
from analysis.judgement.coverage_verdict import is_known
from analysis.judgement.parking import own_spaces, own_unknown, with_own_spaces
from analysis.judgement.scale import count_holds, judge_scale
from analysis.judgement.scale_figures import ScaleFigures, scale_figures
from analysis.messages import Joined, message
from analysis.places.evidence import too_thin
from analysis.places.scope import Scope
from analysis.standard.profile import Element
from analysis.standard.rules import ScaleRule
from analysis.standard.verdicts import DimensionVerdict


def figures_of_scale(
    measured: Measured, element: Element, rule: ScaleRule, load: Load, scope: Scope
) -> ScaleFigures:
    """Return what a scope has and needs; of parking also what compounds have of their own."""
    shared = load.amounts if load.is_shared else None
    figures = scale_figures(
        rule, scope, load.supply, load.reach, load.amounts, shared, load.co_users.drawing
    )
    if element.treatment == "capacity_ratio":
        return with_own_spaces(figures, measured.demand, scope.here)
    return replace(
        figures,
        standing_in=_standing_in(measured, element, scope),
        estimated=figures.estimated or load.co_users.estimated,
    )


def _standing_in(measured: Measured, element: Element, scope: Scope) -> int:
    """Return how many facilities of other elements inside the scope count for reach alone."""
    others = {one.element_id for one in element.reach_rules} - {element.id}
    rows = [measured.facilities.of_element(one) for one in sorted(others)]
    counts = scope.inside & measured.counting
    return sum(int(np.count_nonzero(counts[one])) for one in rows)


def own_are_unknown(measured: Measured, element: Element) -> bool:
    """Return whether spaces of compounds would count, and no table holds them."""
    return element.treatment == "capacity_ratio" and own_spaces(measured.demand) is None


def judge_element_scale(
    measured: Measured,
    element: Element,
    load: Load | None,
    scope: Scope,
    coverage: DimensionVerdict,
) -> DimensionVerdict:
    """Judge the scale of a walked element.

    A lack stays open where the extract holds too little to prove it, or where facilities beyond the
    end of the data could make it good.
    """
    rule = element.scale
    if rule is None or load is None:
        return DimensionVerdict(
            dimension="scale", verdict="not_assessed", reason=message("scale.not_scaled")
        )
    figures = figures_of_scale(measured, element, rule, load, scope)
    rows = np.zeros(len(measured.facilities), dtype=bool)
    rows[load.supply.row] = True
    verdict = judge_scale(
        rule,
        figures,
        columns=Joined(rule.capacity.columns or ("capacity",)),
        count_holds=count_holds(rule, scope, rows),
    )
    if verdict.verdict == "not_assessed" and own_are_unknown(measured, element):
        return own_unknown(verdict, figures) if figures.need > 0 else verdict
    if verdict.verdict in ("weak", "short"):
        share = figures.least / figures.need if figures.need > 0 else 0.0
        return _unless_open(measured, element, verdict, share, coverage)
    return verdict


def _unless_open(
    measured: Measured,
    element: Element,
    verdict: DimensionVerdict,
    share: float,
    coverage: DimensionVerdict,
) -> DimensionVerdict:
    why_not = None
    if is_known(measured, element):
        why_not = too_thin(element, measured.standard, measured.evidence, min(share, 1.0))
    if coverage.reason.key == "verdict.edge_of_data":
        why_not = message("scale.edge_of_data")
    if why_not is None:
        return verdict
    return DimensionVerdict(
        dimension="scale", verdict="not_assessed", reason=why_not, figures=verdict.figures
    )
