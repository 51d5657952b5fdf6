"""Floating catchments: how much supply falls to each resident when all who reach it share it.

The two-step floating catchment area of Luo and Wang (2003): each facility divides its supply by the
demand that reaches it, R_j = c_j / Σ_i w(m_ij) d_i, and each point adds up what it reaches, A_i =
Σ_j w(m_ij) R_j. Weights *w* that fall with the walk make it the enhanced method (E2SFCA) of Luo and
Qi (2009), here by zones given as shares of the limit, or by the Gaussian that falls to zero at the
limit, of Dai (2010). Supply is neither made nor lost: Σ_i d_i A_i is the supply of all facilities
that anybody with demand reaches.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.capacity.within_reach import WithinReach
from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.units import FloatArray, IntArray, freeze


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneDecay:
    """Weights by zone: a walk of at most ``upto_share[z]`` of the limit weighs ``weight[z]``.

    The shares rise and the last is 1; weights are finite and ≥ 0. Raises
    :class:`InvalidParameterError` otherwise.
    """

    upto_share: tuple[float, ...] = (1.0,)
    weight: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        """Check the zones."""
        upto, weight = np.array(self.upto_share), np.array(self.weight)
        rises = len(upto) > 0 and upto[0] > 0 and bool((np.diff(upto) > 0).all()) and upto[-1] == 1
        fits = len(upto) == len(weight) and np.isfinite(weight).all() and bool((weight >= 0).all())
        if not rises or not fits:
            raise InvalidParameterError(message("floating_catchment.decay"))

    def weights(self, cost: FloatArray, limit: FloatArray) -> FloatArray:
        """Return the weight of walks, all within their limits, in the same measure."""
        weight = np.full(len(cost), self.weight[-1])
        for share, one in zip(self.upto_share[-2::-1], self.weight[-2::-1], strict=True):
            weight[cost <= share * limit] = one
        return weight


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianDecay:
    """Weights that fall from 1 on the spot to 0 at the limit, along the bell of Dai (2010)."""

    def weights(self, cost: FloatArray, limit: FloatArray) -> FloatArray:
        """Return the weight of walks, all within their limits, in the same measure."""
        end = np.exp(-0.5)
        share = np.divide(cost, limit, out=np.zeros(len(cost)), where=limit > 0)
        weight: FloatArray = np.maximum((np.exp(-0.5 * share**2) - end) / (1.0 - end), 0.0)
        return weight


EVEN: Final = ZoneDecay()  # 2SFCA


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FloatingCatchment:
    """Supply shared among all who reach it.

    Attributes
    ----------
    ratio
        Supply for each unit of weighted demand, R_j, float64 [f]; nan where nobody with demand
        reaches the facility.
    score
        Supply that falls to each unit of demand, A_i, float64 [p]; 0 where nothing is in reach.
    unreached
        Positions of facilities that nobody with demand reaches, int32: nobody has their supply.
    """

    ratio: FloatArray
    score: FloatArray
    unreached: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.ratio)
        freeze(self.score)
        freeze(self.unreached)


def floating_catchment(
    pairs: WithinReach,
    demand: FloatArray,
    supply: FloatArray,
    decay: ZoneDecay | GaussianDecay = EVEN,
) -> FloatingCatchment:
    """Share `supply` among all who reach it.

    Parameters
    ----------
    pairs
        Who reaches whom, with the limit of each facility.
    demand
        Of each point, such as residents, float64 [p], finite, ≥ 0.
    supply
        Of each facility of ``pairs.facility``, such as beds, float64 [f], finite, ≥ 0. Facilities
        without a known supply do not belong here: leave them out of the pairs.
    decay
        What a walk weighs; with the default everybody in reach counts alike.

    Raises :class:`InvalidParameterError` for amounts that are negative, not finite or of the wrong
    length.
    """
    for amount, n in ((demand, pairs.n_points), (supply, len(pairs.facility))):
        if len(amount) != n or not np.isfinite(amount).all() or (amount < 0).any():
            raise InvalidParameterError(message("floating_catchment.amounts"))
    point, position = pairs.point, pairs.position
    weight = decay.weights(pairs.cost, pairs.limit[position])
    asked = np.bincount(position, weights=weight * demand[point], minlength=len(supply))
    reached = asked > 0
    ratio = np.full(len(supply), np.nan)
    ratio[reached] = supply[reached] / asked[reached]
    share = np.where(reached, ratio, 0.0)[position] * weight
    score: FloatArray = np.bincount(point, share, minlength=pairs.n_points).astype(np.float64)
    return FloatingCatchment(
        ratio=ratio,
        score=score,
        unreached=np.flatnonzero(~reached).astype(np.int32),
    )
