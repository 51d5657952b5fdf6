"""ScaleFigures: what a scope has of an element and what it needs, before anything is judged.

What a facility offers is shared by all who reach it, in proportion to their number, wherever they
live: a circle has the parts that its own residents draw. Facilities whose size nobody states bound
the answer: from what one usually offers at least to at most.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.capacity.amounts import Amounts
from analysis.capacity.loads import Load
from analysis.capacity.supply import Supply
from analysis.capacity.within_reach import WithinReach
from analysis.places.scope import Scope
from analysis.standard.rules import ScaleRule
from analysis.units import BoolArray, FloatArray

_M2_PER_KM2: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScaleFigures:
    """What one circle has and needs of an element, in the unit of its scale.

    Attributes
    ----------
    basis_amount
        How much of the basis the circle holds: residents, households, km² …
    need
        The norm times that.
    supply
        What the circle draws of the facilities whose size is known.
    least, most
        The same with the others at the least and the most that one usually offers.
    facilities, unknown
        How many the circle draws on, and of how many the size is unknown.
    unused
        What the facilities inside the circle offer that nobody of the study reaches.
    estimated
        Whether any figure rests on defaults or on sizes that nobody stated.
    standing_in
        Facilities of another element inside the circle that stand in for reach: their size is held
        against the norm of their own element and is not counted here.
    """

    basis_amount: float
    need: float
    supply: float
    least: float
    most: float
    facilities: int
    unknown: int
    unused: float
    estimated: bool
    standing_in: int = 0


def drawn_of(load: Load, scope: Scope) -> FloatArray:
    """Return which part of each facility of a load the residents of a scope draw, float64 [f]."""
    shared = load.amounts if load.is_shared else None
    return drawn_shares(scope, load.supply, load.reach, shared, load.co_users.drawing)


def drawn_shares(
    scope: Scope,
    supply: Supply,
    reach: WithinReach,
    amounts: Amounts | None,
    beyond: FloatArray | None = None,
) -> FloatArray:
    """Return which part of each facility the residents of a scope draw, float64 [f], 0…1.

    In proportion to those within the walk, with `beyond` (float64 [f], as `amounts`) beyond all
    circles; a facility that nobody reaches is drawn by the circle it stands in. Without `amounts`
    (norms by ground) facilities belong where they stand.
    """
    inside = scope.inside[supply.row].astype(np.float64)
    if amounts is None:
        return inside
    weight = np.repeat(amounts.of_point, np.diff(reach.first))
    own = np.repeat(scope.here, np.diff(reach.first))
    n = len(supply.row)
    whole = np.bincount(reach.position, weight, n) + (0.0 if beyond is None else beyond)
    ours = np.bincount(reach.position[own], weight[own], n)
    return np.where(whole > 0, ours / np.where(whole > 0, whole, 1.0), inside)


def scale_figures(
    rule: ScaleRule,
    scope: Scope,
    supply: Supply,
    reach: WithinReach,
    amounts: Amounts | None,
    demand: Amounts | None,
    beyond: FloatArray | None = None,
) -> ScaleFigures:
    """Measure one scope.

    `amounts` is the basis of the norm; `demand` weighs who draws how much of a facility, the same
    or, where the norm is by ground, None; `beyond` float64 [f] is how much of it beyond all circles
    has each facility in reach.
    """
    basis_amount = 0.0  # what nobody counts asks for nothing that could be judged
    if rule.basis == "area":
        basis_amount = scope.area_m2 / _M2_PER_KM2
    elif amounts is not None:
        basis_amount = float(amounts.of_point[scope.here].sum())
    share = drawn_shares(scope, supply, reach, demand, beyond)
    drawn = share > 0
    parts = np.where(supply.known, supply.amount, 0.0) * share
    reached = _reached(reach, demand, beyond, len(supply.row))
    alone = drawn & ~reached & supply.known
    return ScaleFigures(
        basis_amount=basis_amount,
        need=basis_amount / rule.per * rule.norm.value,
        supply=float(parts.sum()),
        least=float((supply.least[drawn] * share[drawn]).sum()),
        most=float((supply.most[drawn] * share[drawn]).sum()),
        facilities=int(np.count_nonzero(drawn)),
        unknown=int(np.count_nonzero(drawn & ~supply.known)),
        unused=float(parts[alone].sum()) if demand is not None else 0.0,
        estimated=(amounts is not None and amounts.estimated)
        or bool((supply.estimated & drawn).any()),
    )


def _reached(
    reach: WithinReach, demand: Amounts | None, beyond: FloatArray | None, n: int
) -> BoolArray:
    """Return which facilities anybody who counts has in reach, bool [f]."""
    of_point = np.ones(reach.n_points) if demand is None else demand.of_point
    weight = np.repeat(of_point, np.diff(reach.first))
    reached: BoolArray = (
        np.bincount(reach.position, weight, n) + (0.0 if beyond is None else beyond) > 0
    )
    return reached
