"""StudyWalks: how the walks of a study are measured, for whoever has to measure again."""

from dataclasses import dataclass

import numpy as np

from analysis.linking.linkable import LinkRules
from analysis.linking.linkage import Linkage
from analysis.places.facilities import Facilities
from analysis.reach.serving import Criterion
from analysis.streets.barriers import Barriers
from analysis.units import IntArray
from analysis.walking import WalkProfile
from analysis.walks.hierarchy import Hierarchy
from analysis.walks.walk_graph import WalkGraph


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyWalks:
    """The network as the walker walks it, in the measure that decides, and who stands where.

    `points` link the demand, `entrances` all entrances of facilities; `rules` are how.
    """

    hierarchy: Hierarchy
    barriers: Barriers
    profile: WalkProfile
    criterion: Criterion
    rules: LinkRules
    points: Linkage
    entrances: Linkage

    @property
    def graph(self) -> WalkGraph:
        """Return the network as the walker walks it."""
        return self.hierarchy.graph


def facility_of_entrance(facilities: Facilities) -> IntArray:
    """Return the facility that each entrance belongs to, int32 [e]."""
    return np.repeat(np.arange(len(facilities), dtype=np.int32), np.diff(facilities.entrance_first))
