"""EditedStreets: the walking network with paths closed and added.

Nodes and arcs keep their numbers; what is new comes after them. A street that a new path joins
midway is cut there: its first piece keeps the number. The lengths of its pieces add up exactly,
since all are whole units, so nobody's walk along an old street changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from analysis.linking.uncut import UncutStreets
from analysis.scenario.barrier_edits import opened_barriers
from analysis.scenario.joints import JoinedPath, join_paths
from analysis.scenario.modifications import AddPath
from analysis.scenario.nodes import Nodes
from analysis.scenario.ways import cut_ways, with_paths
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray
from analysis.walking import ArcFlag

_CLOSED: Final = int(ArcFlag.NO_FORWARD | ArcFlag.NO_BACKWARD | ArcFlag.UNLINKABLE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EditedStreets:
    """The streets of a scenario: what is walked, what is linked to, the new paths as they lie."""

    network: WalkNetwork
    barriers: Barriers
    uncut: UncutStreets
    paths: tuple[JoinedPath, ...]


def edit_streets(
    network: WalkNetwork, barriers: Barriers, closing: BoolArray, additions: Iterable[AddPath]
) -> EditedStreets:
    """Return `network` with the arcs `closing` (bool [m]) closed and with `additions`."""
    flags = network.arc_flags.copy()
    flags[closing] |= _CLOSED
    closed = replace(network, arc_flags=flags)
    paths, joints = join_paths(network, closing, additions)
    nodes = Nodes(network, paths, joints)
    whole = with_paths(closed, paths, nodes)
    cut = cut_ways(whole, nodes)
    return EditedStreets(
        network=cut.network,
        barriers=opened_barriers(barriers, paths),
        uncut=UncutStreets(
            before=closed,
            barriers_before=barriers,
            # Components are those of what is walked: a path that is joined midway is no island.
            whole=replace(whole, arc_component=cut.network.arc_component[cut.piece_arc[cut.first]]),
            piece_first=np.append(cut.first, len(cut.piece_arc)).astype(np.int32),
            piece_arc=cut.piece_arc,
            piece_from_m=cut.piece_from_m,
        ),
        paths=paths,
    )
