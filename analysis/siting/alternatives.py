"""Plans nearly as good and really different, and the sites that every one of them uses.

Each next plan is the best one that differs from all before in a given share of its sites
(modelling to generate alternatives, Brill, Chang and Hopkins 1982, Management Science 28:221–235).
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.siting.answer import BEST, Effort, SitingAnswer
from analysis.siting.conditions import FREE, AtMost, SideConditions
from analysis.siting.cover_table import CoverTable
from analysis.siting.mclp import mclp
from analysis.units import FloatArray, IntArray, freeze

_TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alternatives:
    """Different plans beside the one asked about.

    `plans` are the others, best first; `loss` float64 [n] is how many people fewer each newly
    covers than the first plan (below 0: more), and `loss_share` the same as a share; `no_regret`
    int32, ascending, are the sites that the first plan and all others use.
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
    effort: Effort = BEST,
) -> Alternatives:
    """Return up to `k` plans with as many sites as `answer` at most that cover most people.

    Any two of them, and each and `answer`, differ in at least `min_difference` of their sites: they
    share no more than ``floor((1 - min_difference) × sites)``. Fewer than `k` come where candidates
    do not suffice for another that covers anybody. Forced sites of `conditions` are in all of them,
    and count as shared. Raises :class:`InvalidParameterError` for a share out of range, or an
    answer of a model that does not count people.
    """
    if not 0 < min_difference <= 1:
        raise InvalidParameterError(message("siting.share"), value=min_difference)
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
    order = np.argsort(loss, kind="stable")
    no_regret = known[0]
    for one in known[1:]:
        no_regret = np.intersect1d(no_regret, one)
    return Alternatives(
        plans=tuple(plans[int(at)] for at in order),
        loss=loss[order],
        loss_share=loss[order] / first if first > 0 else np.zeros(len(plans)),
        no_regret=no_regret.astype(np.int32),
    )


def _difference(one: IntArray, other: IntArray) -> float:
    """Return the share of sites that two plans do not share."""
    larger = max(len(one), len(other))
    return 1 - len(np.intersect1d(one, other)) / larger if larger else 0.0
