"""Park tiers: whether residents have a small and a large park, and how many ways lead in."""

import numpy as np

from analysis.capacity.within_reach import WithinReach
from analysis.messages import Name, message
from analysis.places.attributes import read
from analysis.places.facilities import Entrance, Facilities
from analysis.reach.serving import is_sized
from analysis.standard.figures import Answer, Known, Unknown
from analysis.standard.profile import Element
from analysis.standard.rules import Attribute
from analysis.units import BoolArray, FloatArray, IntArray, quantised

# Entrances that say where one can go in; a bare point and the points all along a ring do not.
_REAL = (Entrance.GATE, Entrance.CROSSING, Entrance.TABLE)
_STATED = Attribute(
    id="entrances",
    name=Name(zh="出入口数", en="entrances"),
    kind="number",
    unit="count",
    columns=("entrances",),
)


def tiers_in_reach(
    element: Element, reach: WithinReach, area_m2: FloatArray, limit: float
) -> BoolArray:
    """Return for whom every reach rule of the element holds by itself, bool [p].

    `area_m2` float64 [f] are the areas of the facilities of `reach`, nan where unknown; `limit` is
    the element's largest walk in the measure of `reach`, to which its rules keep their proportion.
    Rules by which another element serves instead are no tiers of this one.
    """
    holds = np.ones(reach.n_points, dtype=bool)
    for rule in element.reach_rules:
        if rule.element_id != element.id:
            continue
        own = quantised(np.array(limit * (rule.threshold_m / element.threshold_m)))
        fits = is_sized(rule, area_m2)[reach.position] & (reach.cost <= own)
        found = np.zeros(reach.n_points, dtype=bool)
        found[reach.point[fits]] = True
        holds &= found
    return holds


def tiers_share(
    holds: BoolArray, people: FloatArray, here: BoolArray, area_m2: FloatArray
) -> Answer:
    """Return the share of residents of a scope with every tier in reach.

    `holds`, `people` and `here` [p]; `area_m2` [f] of the facilities asked about: where an area is
    not known, more residents may have every tier, and the known share says so.
    """
    whole = float(people[here].sum())
    if whole <= 0:
        return Unknown(why_not=message("efficiency.nobody"))
    return Known(
        value=float(people[here & holds].sum()) / whole,
        known_share=float(np.isfinite(area_m2).mean()) if len(area_m2) else 1.0,
        basis=message("efficiency.residents", people=whole),
    )


def entrance_counts(facilities: Facilities, rows: IntArray) -> FloatArray:
    """Return how many ways lead into each facility, float64 [r]; nan where nobody says.

    A column ``entrances`` goes before the gates, crossing streets and doors that are known. A park
    that is a bare point, or a ring without any of them, says nothing.
    """
    stated = read(_STATED, facilities, rows).value
    counts = stated.copy()
    for i in np.flatnonzero(np.isnan(stated)).tolist():
        row = int(rows[i])
        own = slice(int(facilities.entrance_first[row]), int(facilities.entrance_first[row + 1]))
        real = np.isin(facilities.entrance_kind[own], _REAL)
        apart = np.any(facilities.entrance_xy_m[own] != facilities.xy_m[row], axis=1)
        found = int(np.count_nonzero(real & apart))
        counts[i] = found or np.nan
    return counts


def entrances_per_facility(facilities: Facilities, rows: IntArray, min_known: float) -> Answer:
    """Return the mean number of entrances of the facilities `rows` of which it is known.

    Judged where at least the share `min_known` of them is known.
    """
    counts = entrance_counts(facilities, rows)
    known = np.isfinite(counts)
    if not known.any():
        return Unknown(why_not=message("park.entrances_unknown", facilities=len(rows)))
    share = float(known.mean())
    judged = share >= min_known
    return Known(
        value=float(counts[known].mean()),
        known_share=share,
        basis=message("park.known_entrances", known=int(known.sum()), facilities=len(rows)),
        judged=judged,
        note=None if judged else message("park.few_entrances", share=share, least=min_known),
    )
