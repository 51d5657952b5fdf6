"""StudyWalks: how the walks of a study are measured, for whoever has to measure again."""

from dataclasses import dataclass, field

import numpy as np

from analysis.linking.linkable import LinkRules
from analysis.linking.linkage import Linkage, no_links
from analysis.linking.uncut import UncutStreets
from analysis.places.facilities import Facilities
from analysis.reach.serving import Criterion
from analysis.standard.profile import Element, ServiceStandard
from analysis.streets.barriers import Barriers
from analysis.units import IntArray
from analysis.walking import WalkProfile
from analysis.walks.hierarchy import Hierarchy
from analysis.walks.walk_graph import WalkGraph


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyWalks:
    """The network as the walker walks it, in the measure that decides, and who stands where.

    `points` link the demand, `beyond` that beyond all circles, which shares facilities, `entrances`
    all entrances of facilities; `rules` are how. `judges`:
    ids of the elements that are judged by these walks; None for all. `uncut`: the streets as people
    link to them, where those that are walked are cut.
    """

    hierarchy: Hierarchy
    barriers: Barriers
    profile: WalkProfile
    criterion: Criterion
    rules: LinkRules
    points: Linkage
    entrances: Linkage
    judges: frozenset[str] | None = None
    uncut: UncutStreets | None = None
    beyond: Linkage = field(default_factory=no_links)

    @property
    def graph(self) -> WalkGraph:
        """Return the network as the walker walks it."""
        return self.hierarchy.graph

    def judged(self, standard: ServiceStandard) -> tuple[Element, ...]:
        """Return the walked elements of `standard` that are judged by these walks, in its order."""
        if self.judges is None:
            return standard.walked
        return tuple(one for one in standard.walked if one.id in self.judges)


def facility_of_entrance(facilities: Facilities) -> IntArray:
    """Return the facility that each entrance belongs to, int32 [e]."""
    return np.repeat(np.arange(len(facilities), dtype=np.int32), np.diff(facilities.entrance_first))
