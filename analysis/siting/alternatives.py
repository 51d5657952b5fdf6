"""Plans nearly as good and really different, and the sites that every one of them uses.

Each next plan is the best one that differs from all before in a given share of its sites
(modelling to generate alternatives, Brill, Chang and Hopkins 1982, Management Science 28:221–235).
Of walks (p-median) it is not the best one: the sites that serve fewest people are closed, as many
as must differ, and the rest is chosen anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.siting.answer import BEST, Effort, SitingAnswer, status_of
from analysis.siting.conditions import FREE, AtMost, SideConditions
from analysis.siting.cover_table import CoverTable, cover_table
from analysis.siting.joint import AtMostOf, JointAnswer, JointSites, joint_plan
from analysis.siting.mclp import mclp
from analysis.siting.p_median import p_median
from analysis.units import BoolArray, FloatArray, IntArray, freeze

_TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alternatives:
    """Different plans beside the one asked about.

    `plans` are the others, best first; `loss` float64 [n] is how many people fewer each newly
    covers than the first plan (below 0: more), of p-median how many people times metres more are
    walked, and `loss_share` the same as a share; `no_regret` int32, ascending, are the sites that
    the first plan and all others use.
    """

    plans: tuple[SitingAnswer, ...]
    loss: FloatArray
    loss_share: FloatArray
    no_regret: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.loss, self.loss_share, self.no_regret):
            freeze(array)


def alternatives(
    table: CoverTable,
    answer: SitingAnswer,
    k: int = 3,
    *,
    min_difference: float = 0.3,
    conditions: SideConditions = FREE,
    beyond_m: float | None = None,
    effort: Effort = BEST,
) -> Alternatives:
    """Return up to `k` plans with as many sites as `answer` at most that cover most people.

    Of a p-median (with its `beyond_m`; it knows no `conditions`), plans with short walks: `bound`
    of each is that of `answer`, which holds for any plan.

    Any two of them, and each and `answer`, differ in at least `min_difference` of their sites: they
    share no more than ``floor((1 - min_difference) × sites)``. Fewer than `k` come where candidates
    do not suffice for another that covers anybody. Forced sites of `conditions` are in all of them,
    and count as shared. Raises :class:`InvalidParameterError` for a share out of range, or an
    answer of another model.
    """
    if not 0 < min_difference <= 1:
        raise InvalidParameterError(message("siting.share"), value=min_difference)
    if answer.model == "p_median":
        return _other_medians(table, answer, k, min_difference, beyond_m, effort)
    if answer.model not in ("lscp", "mclp"):
        raise InvalidParameterError(message("siting.alternatives_model"), value=answer.model)
    n_sites = len(answer.sites)
    shared = int(np.floor((1 - min_difference) * n_sites + _TINY))
    known, plans = [np.sort(answer.sites)], list[SitingAnswer]()
    while len(plans) < k and n_sites > 0:
        apart = tuple(AtMost(sites=one, most=shared) for one in known)
        asked = replace(conditions, at_most=(*conditions.at_most, *apart))
        plan = mclp(table, n_sites, conditions=asked, effort=effort)
        # One with fewer sites would differ less than the number shared says.
        differs = all(_difference(plan.sites, one) >= min_difference - _TINY for one in known)
        if plan.status == "infeasible" or len(plan.sites) == 0 or not differs:
            break
        plans.append(plan)
        known.append(np.sort(plan.sites))
    first = float(answer.people.sum())
    loss = np.array([first - float(one.people.sum()) for one in plans])
    return _ranked(answer, plans, loss, first)


def _ranked(
    answer: SitingAnswer, plans: list[SitingAnswer], loss: FloatArray, first: float
) -> Alternatives:
    order = np.argsort(loss, kind="stable")
    no_regret = np.sort(answer.sites)
    for one in plans:
        no_regret = np.intersect1d(no_regret, one.sites)
    return Alternatives(
        plans=tuple(plans[int(at)] for at in order),
        loss=loss[order].astype(np.float64),
        loss_share=loss[order] / first if first > 0 else np.zeros(len(plans)),
        no_regret=no_regret.astype(np.int32),
    )


def _other_medians(
    table: CoverTable,
    answer: SitingAnswer,
    k: int,
    min_difference: float,
    beyond_m: float | None,
    effort: Effort,
) -> Alternatives:
    plans, n_sites = list[SitingAnswer](), len(answer.sites)
    others = int(np.ceil(min_difference * n_sites - _TINY))
    while len(plans) < k and n_sites > 0:
        closed = np.empty(0, dtype=np.int32)
        for one in (answer, *plans):
            more = others - len(np.intersect1d(one.sites, closed))
            # Its sites come with those first that serve most.
            kept = one.sites[~np.isin(one.sites, closed)]
            closed = np.append(closed, kept[len(kept) - max(more, 0) :])
        plan = p_median(_without(table, closed), n_sites, beyond_m=beyond_m, effort=effort)
        differs = all(
            _difference(plan.sites, one.sites) >= min_difference - _TINY for one in (answer, *plans)
        )
        if plan.status == "infeasible" or len(plan.sites) == 0 or not differs:
            break
        bound = min(answer.bound, plan.objective)
        plans.append(
            replace(
                plan,
                bound=bound,
                status=status_of(plan.objective, bound, effort, timed_out=False),
            )
        )
    loss = np.array([one.objective - answer.objective for one in plans])
    return _ranked(answer, plans, loss, answer.objective)


def _without(table: CoverTable, closed: IntArray) -> CoverTable:
    """Return the table without what leads to `closed` sites."""
    keep = ~np.isin(table.site, closed)
    return cover_table(
        first=np.concatenate([[0], np.cumsum(keep)])[table.first],
        site=table.site[keep],
        walk_m=table.walk_m[keep],
        people=table.people,
        n_sites=table.n_sites,
        covered=table.covered,
        existing_m=table.existing_m,
    )


def _difference(one: IntArray, other: IntArray) -> float:
    """Return the share of sites that two plans do not share."""
    larger = max(len(one), len(other))
    return 1 - len(np.intersect1d(one, other)) / larger if larger else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointAlternatives:
    """Different joint plans beside the one asked about.

    `plans` are the others, best first; `loss` float64 [n] how much less each counts than the first
    (weighted people), `loss_share` the same as a share; `no_regret` int32 [m, 2] the (site,
    element) that the first plan and all others open, ascending.
    """

    plans: tuple[JointAnswer, ...]
    loss: FloatArray
    loss_share: FloatArray
    no_regret: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.loss, self.loss_share, self.no_regret):
            freeze(array)


def joint_alternatives(
    tables: Sequence[CoverTable],
    sites: JointSites,
    budget: float,
    answer: JointAnswer,
    k: int = 3,
    *,
    min_difference: float = 0.3,
    effort: Effort = BEST,
) -> JointAlternatives:
    """Return up to `k` other plans for the same money that serve most weighted people.

    Any two of them, and each and `answer`, differ in at least `min_difference` of the (site,
    element) that the larger one opens. Fewer come where there is no other that serves anybody.
    Raises :class:`InvalidParameterError` for a share out of range, or inputs that do not fit.
    """
    if not 0 < min_difference <= 1:
        raise InvalidParameterError(message("siting.share"), value=min_difference)
    plans, known = list[JointAnswer](), list[AtMostOf]()
    no_regret, last = _opens(answer, sites), answer
    while len(plans) < k and len(last.site) > 0:
        shared = int(np.floor((1 - min_difference) * len(last.site) + _TINY))
        known.append(AtMostOf(decisions=_opens(last, sites), most=shared))
        last = joint_plan(tables, sites, budget, at_most=known, effort=effort)
        if len(last.site) > 0:
            plans.append(last)
            no_regret = no_regret & _opens(last, sites)
    loss = np.array([answer.objective - one.objective for one in plans])
    order = np.argsort(loss, kind="stable")
    share = loss / answer.objective if answer.objective > 0 else np.zeros(len(plans))
    return JointAlternatives(
        plans=tuple(plans[int(at)] for at in order),
        loss=loss[order].astype(np.float64),
        loss_share=share[order].astype(np.float64),
        no_regret=np.argwhere(no_regret).astype(np.int32),
    )


def _opens(answer: JointAnswer, sites: JointSites) -> BoolArray:
    opens = np.zeros(sites.cost.shape, dtype=bool)
    opens[answer.site, answer.element] = True
    return opens
