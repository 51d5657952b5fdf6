"""What a plan must keep to beyond its number of sites: forced sites, groups, money."""

from dataclasses import dataclass, field

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.units import FloatArray, IntArray, freeze


def _no_sites() -> IntArray:
    return np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtMost:
    """Of `sites` int32 at most `most` may be chosen: one, where they exclude each other."""

    sites: IntArray
    most: int = 1

    def __post_init__(self) -> None:
        """Check the number and freeze the array."""
        if self.most < 0:
            raise InvalidParameterError(message("siting.at_most"), value=self.most)
        freeze(self.sites)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideConditions:
    """What every plan must keep to.

    `forced` int32 are chosen in any case, `forbidden` int32 never; of each group in `at_most` no
    more than it says. `cost` float64 [n_sites] is what each site costs and `budget` what there is;
    both or neither.
    """

    forced: IntArray = field(default_factory=_no_sites)
    forbidden: IntArray = field(default_factory=_no_sites)
    at_most: tuple[AtMost, ...] = ()
    cost: FloatArray | None = None
    budget: float | None = None

    def __post_init__(self) -> None:
        """Check what needs no table and freeze the arrays."""
        if np.intersect1d(self.forced, self.forbidden).size:
            raise InvalidParameterError(message("siting.forced_and_forbidden"))
        if (self.cost is None) != (self.budget is None):
            raise InvalidParameterError(message("siting.costs"))
        if self.cost is not None and self.budget is not None:
            if not (np.isfinite(self.cost).all() and (self.cost >= 0).all() and self.budget >= 0):
                raise InvalidParameterError(message("siting.costs"), value=self.budget)
            freeze(self.cost)
        freeze(self.forced)
        freeze(self.forbidden)

    def check(self, n_sites: int) -> None:
        """Refuse sites that do not exist or are named twice in one place."""
        for sites in (self.forced, self.forbidden, *(one.sites for one in self.at_most)):
            outside = len(sites) and (sites.min() < 0 or sites.max() >= n_sites)
            if outside or len(np.unique(sites)) != len(sites):
                raise InvalidParameterError(message("siting.site_numbers"), value=sites.tolist())
        if self.cost is not None and len(self.cost) != n_sites:
            raise InvalidParameterError(message("siting.costs"), value=len(self.cost))


FREE = SideConditions()
