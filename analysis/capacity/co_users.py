"""Co-users: residents beyond all circles who share what serves the residents inside.

They draw capacity like everybody else who reaches a facility, and are judged nowhere: no share, no
gap and no total of a circle holds them.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from analysis.capacity.amounts import Amounts
from analysis.capacity.within_reach import WithinReach
from analysis.units import FloatArray, IntArray, freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoUsers:
    """Who beyond the circles has a facility in reach that also serves somebody inside.

    Attributes
    ----------
    point
        Positions in the demand beyond the circles, int32 [u], ascending.
    amount
        How much of the basis each of them holds, float64 [u], > 0.
    drawing
        How much of the basis beyond the circles has each facility in reach, float64 [f]: all of it,
        so that a facility which serves nobody inside is still theirs.
    estimated
        Whether `amount` stands for a count.
    """

    point: IntArray
    amount: FloatArray
    drawing: FloatArray
    estimated: bool

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.point)
        freeze(self.amount)
        freeze(self.drawing)

    @classmethod
    def none(cls, n_facilities: int) -> Self:
        """Return that nobody beyond the circles shares any of the facilities."""
        return cls(
            point=np.empty(0, dtype=np.int32), amount=np.empty(0),
            drawing=np.zeros(n_facilities), estimated=False,
        )  # fmt: skip


def co_users(reach: WithinReach, inside: Amounts, beyond: Amounts | None) -> CoUsers:
    """Return who shares facilities with the points `inside`.

    `reach` holds the pairs of the points inside, then of those beyond, in the order of the two.
    """
    n_facilities, n_inside = len(reach.facility), len(inside.of_point)
    if beyond is None or not len(beyond.of_point):
        return CoUsers.none(n_facilities)
    amount = np.concatenate([inside.of_point, beyond.of_point])
    point, weight = reach.point, amount[reach.point]
    own = point < n_inside
    serves = np.bincount(reach.position[own], weight[own], n_facilities) > 0
    sharing = ~own & (weight > 0) & serves[reach.position]
    found = np.unique(point[sharing])
    return CoUsers(
        point=(found - n_inside).astype(np.int32),
        amount=amount[found],
        drawing=np.bincount(reach.position[~own], weight[~own], n_facilities).astype(np.float64),
        estimated=beyond.estimated and len(found) > 0,
    )
