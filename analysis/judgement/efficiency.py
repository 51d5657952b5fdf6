"""Efficiency (效率性): how far people walk, how directly, and how loaded facilities are."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from analysis.messages import message
from analysis.places.facilities import Facilities
from analysis.standard.figures import Answer, Known, Unknown
from analysis.standard.rules import ScaleRule, Target
from analysis.standard.verdicts import Figure
from analysis.units import BoolArray, FloatArray, IntArray

MIN_STRAIGHT_M: Final = 50.0  # shorter pairs say nothing of detours (the profile's catalogue)
P95: Final = 0.95
_ROUNDING: Final = 1e-9


def straight_m(xy_m: FloatArray, nearest: IntArray, facilities: Facilities) -> FloatArray:
    """Return straight metres from each point to the nearest entrance of its facility.

    `nearest` int32 [p] are rows of `facilities`, -1 for none: nan there. float64 [p].
    """
    straight = np.full(len(xy_m), np.nan)
    rows = np.flatnonzero(nearest >= 0)
    first = facilities.entrance_first[nearest[rows]]
    count = facilities.entrance_first[nearest[rows] + 1] - first
    start = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64)
    entrance = np.repeat(first - start, count) + np.arange(count.sum())
    apart = xy_m[np.repeat(rows, count)] - facilities.entrance_xy_m[entrance]
    if len(rows):
        straight[rows] = np.minimum.reduceat(np.hypot(*apart.T), start)
    return straight


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walks:
    """The walks to an element in one scope, metres.

    `walk_m` float64 [p] is inf beyond the search, where people walk at least `beyond_m` (float64
    [p]); `people` float64 [p] are residents. Who is not linked to any street is beyond it: coverage
    counts them as not covered, too.
    """

    walk_m: FloatArray
    people: FloatArray
    here: BoolArray
    beyond_m: FloatArray

    @property
    def beyond(self) -> BoolArray:
        """Return who lives here and has none within the search, bool [p]."""
        beyond: BoolArray = self.here & (self.people > 0) & np.isinf(self.walk_m)
        return beyond

    @property
    def least_m(self) -> FloatArray:
        """Return the least that everybody may walk, metres, float64 [p]."""
        return np.where(np.isinf(self.walk_m), self.beyond_m, self.walk_m)


def walk_mean(walks: Walks, target: Target) -> Answer:
    """Return the mean walk of the residents whose walk is known, metres.

    Where some are beyond the search it is the least that the mean can be, with each of them at the
    end of the search, and is judged only where that misses the target already.
    """
    known = walks.here & (walks.people > 0) & np.isfinite(walks.walk_m)
    beyond = walks.beyond
    if not known.any() or not beyond.any():
        return _over_residents(walks.walk_m, walks.people, walks.here, np.isfinite(walks.walk_m))
    found = _over_residents(walks.least_m, walks.people, walks.here, known | beyond)
    if isinstance(found, Unknown):
        return found
    share = float(walks.people[known].sum()) / float(walks.people[walks.here].sum())
    return replace(_at_least(walks, target, found), known_share=share)


def walk_p95(walks: Walks, target: Target) -> Answer:
    """Return the walk that 95 of 100 residents stay within, metres.

    Where that is beyond the search, it is the least that it can be, and is judged only where that
    misses the target already.
    """
    value = within_m = quantile(walks.walk_m, walks.people, walks.here)
    if np.isnan(value):
        return Unknown(why_not=message("efficiency.nobody"))
    if np.isinf(value):
        value = quantile(walks.least_m, walks.people, walks.here)
    whole = float(walks.people[walks.here].sum())
    found = Known(
        value=value, known_share=1.0, basis=message("efficiency.residents", people=whole)
    )  # fmt: skip
    return found if np.isfinite(within_m) else _at_least(walks, target, found)


def quantile(walk: FloatArray, people: FloatArray, here: BoolArray, share: float = P95) -> float:
    """Return the walk that `share` of the residents stay within; inf beyond, nan without any."""
    lived = here & (people > 0)
    if not lived.any():
        return float("nan")
    order = np.argsort(walk[lived], kind="stable")
    upto = np.cumsum(people[lived][order])
    # A hair below, so that scaling all people by one factor never moves a quantile.
    at = np.searchsorted(upto, share * upto[-1] * (1 - 1e-12), side="left")
    return float(walk[lived][order][at])


def _at_least(walks: Walks, target: Target, found: Known) -> Known:
    """Return a figure as the least that it can be, in whole millimetres.

    It decides where nothing farther away could change the answer.
    """
    told = target.holds(found.value) is target.holds(float("inf"))
    people = float(walks.people[walks.beyond].sum())
    key = "efficiency.at_least" if told else "efficiency.beyond"
    least_m = np.floor(found.value * 1000.0) / 1000.0
    note = message(key, people=people)
    return replace(found, value=float(least_m), least=True, judged=told, note=note)


def detour(walk_m: FloatArray, apart_m: FloatArray, people: FloatArray, here: BoolArray) -> Answer:
    """Return the mean of walk over straight distance, residents of pairs over 50 m."""
    told = np.isfinite(walk_m) & (apart_m > MIN_STRAIGHT_M)
    ratio = np.divide(walk_m, apart_m, out=np.full(len(walk_m), np.nan), where=told)
    return _over_residents(ratio, people, here, told)


def utilisation(
    load: FloatArray, capacity: FloatArray, used: FloatArray, *, estimated: bool
) -> Answer:
    """Return what is drawn of the facilities' capacity, each weighed by the part `used`, 0…1."""
    offered = float((capacity * used).sum())
    if offered <= 0:
        return Unknown(why_not=message("efficiency.no_capacity"))
    return Known(
        value=float((load * used).sum()) / offered,
        known_share=1.0,
        basis=message("efficiency.facilities", facilities=int(np.count_nonzero(used))),
        estimated=estimated,
    )


def unserved(demand: FloatArray, served: FloatArray, here: BoolArray, *, estimated: bool) -> Answer:
    """Return the share of demand that no facility within the walk has room for."""
    wanted = float(demand[here].sum())
    if wanted <= 0:
        return Unknown(why_not=message("efficiency.nobody"))
    return Known(
        value=max(1.0 - float(served[here].sum()) / wanted, 0.0),
        known_share=1.0,
        basis=message("efficiency.demand", demand=wanted),
        estimated=estimated,
    )


def _over_residents(
    values: FloatArray, people: FloatArray, here: BoolArray, told: BoolArray
) -> Answer:
    lived = here & (people > 0)
    whole = float(people[lived].sum())
    if whole <= 0:
        return Unknown(why_not=message("efficiency.nobody"))
    rows = lived & told
    if not rows.any():
        return Unknown(why_not=message("efficiency.none_within"))
    known = float(people[rows].sum())
    return Known(
        value=float(np.average(values[rows], weights=people[rows])),
        known_share=known / whole,
        basis=message("efficiency.residents", people=known),
    )


def score_figure(
    name: str,
    score: FloatArray,
    amount: FloatArray,
    here: BoolArray,
    rule: ScaleRule,
    *,
    estimated: bool,
) -> Figure:
    """Return the mean of a floating-catchment score, in the terms of the norm, and who is below it.

    `score` is supply per unit of the basis, `amount` how much of the basis a point holds, float64
    [p]. Reported beside the metrics; it decides nothing.
    """
    whole = float(amount[here].sum())
    mean = float((score[here] * amount[here]).sum()) / whole * rule.per if whole > 0 else np.nan
    below = score * rule.per < rule.norm.value * (1 - _ROUNDING)
    share = float(amount[here & below].sum()) / whole if whole > 0 else np.nan
    return Figure(
        metric=name,
        value=mean,
        unit=rule.unit,
        target=None,
        verdict="not_assessed",
        known_share=1.0,
        basis=(
            message("efficiency.below_norm", share=share, norm=rule.norm.value)
            if whole > 0
            else message("efficiency.nobody")
        ),
        source=rule.norm.source,
        confidence=rule.norm.confidence,
        estimated=estimated,
        why_not=message("efficiency.only_shown"),
    )
