"""Supply: what each facility of an element offers, stated, estimated from its size, or unknown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np

from analysis.places.facilities import Facilities
from analysis.standard.rules import CapacityRule
from analysis.units import BoolArray, FloatArray, IntArray, freeze

_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)
_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９．，", "0123456789.,")
_STOREYS: Final = ("levels", "building:levels")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Supply:
    """What the facilities `row` offer, in the unit of their element's scale.

    Attributes
    ----------
    row
        Positions in :class:`Facilities`, int32 [f], ascending.
    amount
        float64 [f], ≥ 0; nan where nothing tells.
    estimated
        Whether it was worked out from the size of a polygon, bool [f].
    least, most
        Bounds, float64 [f]: the amount where it is known, else what one facility usually offers,
        else 0 and inf.
    """

    row: IntArray
    amount: FloatArray
    estimated: BoolArray
    least: FloatArray
    most: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.row, self.amount, self.estimated, self.least, self.most):
            freeze(array)

    @property
    def known(self) -> BoolArray:
        """Return whose amount is known, stated or estimated, bool [f]."""
        known: BoolArray = np.isfinite(self.amount)
        return known


def supply_of(rule: CapacityRule, facilities: Facilities, row: IntArray) -> Supply:
    """Return what the facilities `row` offer by `rule`: columns, tags, each, then their size.

    A facility that states nothing is worth `each`, where the rule has one, before its polygon is
    looked at. A text without a number, or with a negative one, states nothing.
    """
    n = len(row)
    amount, estimated = np.full(n, np.nan), np.zeros(n, dtype=bool)
    for i, position in enumerate(row.tolist()):
        stated = stated_amount(rule, facilities.attributes[position])
        if stated is not None:
            amount[i] = stated
        elif rule.each is not None:
            amount[i] = rule.each
        else:
            amount[i] = _from_size(rule, facilities, position)
            estimated[i] = bool(np.isfinite(amount[i]))
    known = np.isfinite(amount)
    low, high = rule.typical if rule.typical is not None else (0.0, np.inf)
    return Supply(
        row=row.astype(np.int32),
        amount=amount,
        estimated=estimated,
        least=np.where(known, amount, low),
        most=np.where(known, amount, high),
    )


def stated_amount(rule: CapacityRule, attributes: Mapping[str, str]) -> float | None:
    """Return what columns or tags state of a capacity, ≥ 0; None where they state nothing."""
    return _first_number(attributes, (*rule.columns, *rule.osm_tags))


def _first_number(attributes: Mapping[str, str], names: Sequence[str]) -> float | None:
    """Return the number of the first of `names` that holds one ≥ 0, finite."""
    for name in names:
        text = attributes.get(name, "").translate(_FULL_WIDTH).replace(",", "")
        found = _NUMBER.search(text)
        if found is not None and 0 <= float(found.group()) < inf:
            return float(found.group())
    return None


def _from_size(rule: CapacityRule, facilities: Facilities, position: int) -> float:
    """Return what the size of its polygon says; nan without one."""
    area_m2 = float(facilities.area_m2[position])
    if not np.isfinite(area_m2) or area_m2 <= 0:
        return float("nan")
    if rule.per_land_m2 is not None:
        return area_m2 * rule.per_land_m2
    attributes = facilities.attributes[position]
    if rule.per_floor_m2 is None or "building" not in attributes:
        return float("nan")  # the ground of a campus tells nothing of its floors
    storeys = _first_number(attributes, _STOREYS) or 1.0
    return area_m2 * storeys * rule.per_floor_m2
