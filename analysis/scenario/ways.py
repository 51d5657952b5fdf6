"""Ways: the streets with new paths after them, whole and cut at their joints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from analysis.scenario.joints import JoinedPath
from analysis.scenario.modifications import PathKind
from analysis.scenario.nodes import Nodes
from analysis.scenario.pieces import cut_drawing, cut_runs
from analysis.streets.network import WalkNetwork, arc_components
from analysis.streets.terrain import Terrain
from analysis.units import FloatArray, IntArray
from analysis.walking import ArcFlag, Crossing

_FLAGS: Final[Mapping[PathKind, int]] = {
    "path": 0,
    "gate": 0,
    "crossing": 0,
    "footbridge": int(ArcFlag.BRIDGE | ArcFlag.UNLINKABLE),
    "stairs": int(ArcFlag.STEPS),
    "lift": 0,
}
_CLASS: Final[Mapping[PathKind, str]] = {"stairs": "steps"}
_FOOTWAY: Final = "footway"


@dataclass(frozen=True, slots=True, eq=False)
class CutWays:
    """The network whose ways are cut, and the pieces of each, see :class:`EditedStreets`.

    `first` int32 [w]: the first row of each way in `piece_arc` and `piece_from_m`.
    """

    network: WalkNetwork
    first: IntArray
    piece_arc: IntArray
    piece_from_m: FloatArray


def with_paths(network: WalkNetwork, paths: Sequence[JoinedPath], nodes: Nodes) -> WalkNetwork:
    """Return `network` with whole paths after its arcs, and all new nodes after its nodes.

    New paths count as level: nobody has measured them.
    """
    crossing = np.append(network.crossing, np.zeros(len(nodes.xy_m), dtype=np.uint8))
    crossing[nodes.crossed] = Crossing.SIGNAL
    last_id, least_way = int(network.node_id.max(initial=0)), int(network.arc_way_id.min(initial=0))
    kinds = [one.edit.kind for one in paths]
    classes = [_CLASS.get(kind, _FOOTWAY) for kind in kinds]
    names = (*network.class_names, *sorted(set(classes) - set(network.class_names)))
    ends = [
        [nodes.at(network.n_arcs + row, at_m) for at_m in (0.0, path.length_m)]
        for row, path in enumerate(paths)
    ]
    tail, head = np.array(ends, dtype=np.int32).reshape(-1, 2).T
    terrain = network.terrain
    level = [(np.array([one.length_m]), np.zeros(1)) for one in paths]
    added_xy_m = np.array(nodes.xy_m, dtype=np.float64).reshape(-1, 2)
    new_ids = np.arange(last_id + 1, last_id + 1 + len(nodes.xy_m), dtype=np.int64)
    return replace(
        network,
        node_id=np.append(network.node_id, new_ids),
        node_xy_m=np.vstack([network.node_xy_m, added_xy_m]),
        node_crossing=crossing,
        arc_tail=np.append(network.arc_tail, tail),
        arc_head=np.append(network.arc_head, head),
        arc_length_m=np.append(network.arc_length_m, [one.length_m for one in paths]),
        arc_first=_firsts(network.arc_first, [len(one.line_m) for one in paths]),
        arc_xy_m=np.vstack([network.arc_xy_m, *(one.line_m for one in paths)]),
        arc_way_id=np.append(
            network.arc_way_id, least_way - 1 - np.arange(len(paths), dtype=np.int64)
        ),
        arc_class=np.append(
            network.arc_class, np.array([names.index(one) for one in classes], dtype=np.uint8)
        ),
        arc_flags=np.append(
            network.arc_flags, np.array([_FLAGS[kind] for kind in kinds], dtype=np.uint16)
        ),
        class_names=names,
        arc_component=np.append(network.arc_component, np.zeros(len(paths), dtype=np.int32)),
        terrain=None if terrain is None else _with_runs(terrain, level),
        places=None,
    )


def cut_ways(whole: WalkNetwork, nodes: Nodes) -> CutWays:
    """Cut the ways of `whole` at their inner joints; first pieces keep the way's number."""
    inner = {way: nodes.inner(way, float(whole.arc_length_m[way])) for way in sorted(nodes.on_way)}
    cuts = {way: joints for way, joints in inner.items() if joints}
    pieces = _Pieces(whole)
    for way, joints in cuts.items():
        pieces.cut(way, joints)
    network = pieces.network(nodes.landings)
    counts = np.ones(whole.n_arcs, dtype=np.int32)
    for way, joints in cuts.items():
        counts[way] += len(joints)
    first = (np.cumsum(counts) - counts).astype(np.int32)
    piece_arc = np.repeat(np.arange(whole.n_arcs, dtype=np.int32), counts)
    from_m = np.zeros(len(piece_arc))
    later = np.ones(len(piece_arc), dtype=bool)
    later[first] = False
    piece_arc[later] = whole.n_arcs + np.arange(np.count_nonzero(later))
    from_m[later] = [at_m for joints in cuts.values() for at_m, _ in joints]
    return CutWays(network, first, piece_arc, from_m)


class _Pieces:
    """The columns of a network while its ways are cut: first pieces in place, the rest after."""

    def __init__(self, whole: WalkNetwork) -> None:
        self._whole = whole
        self._head, self._length_m = whole.arc_head.copy(), whole.arc_length_m.copy()
        self._lines: dict[int, FloatArray] = {}
        self._runs: dict[int, tuple[FloatArray, FloatArray]] = {}
        self._way: list[int] = []
        self._ends: list[tuple[int, int]] = []
        self._own_m: list[float] = []
        self._later_lines: list[FloatArray] = []
        self._later_runs: list[tuple[FloatArray, FloatArray]] = []

    def cut(self, way: int, joints: Sequence[tuple[float, int]]) -> None:
        """Cut one way at (metres, node), ascending."""
        whole, at_m = self._whole, np.array([one for one, _ in joints])
        length_m, head = float(whole.arc_length_m[way]), int(whole.arc_head[way])
        bounds = np.concatenate([at_m, [length_m]])
        rows = slice(int(whole.arc_first[way]), int(whole.arc_first[way + 1]))
        lines = cut_drawing(whole.arc_xy_m[rows], at_m / length_m)
        self._head[way], self._length_m[way] = joints[0][1], bounds[0]
        self._lines[way] = lines[0]
        stops = [*(node for _, node in joints), head]
        self._way += [way] * len(joints)
        self._ends += pairwise(stops)
        self._own_m += np.diff(bounds).tolist()
        self._later_lines += lines[1:]
        if whole.terrain is not None:
            own = slice(*whole.terrain.run_first[way : way + 2].tolist())
            runs = cut_runs(whole.terrain.run_m[own], whole.terrain.grade[own], at_m)
            self._runs[way] = runs[0]
            self._later_runs += runs[1:]

    def network(self, landings: Sequence[tuple[int, int]]) -> WalkNetwork:
        """Return the network; `landings` are nodes that are one place, joined by arcs of 0 m."""
        whole = self._whole
        for tail, head in landings:
            self._ends.append((tail, head))
            self._own_m.append(0.0)
            self._later_lines.append(whole.node_xy_m[[tail, head]])
            self._later_runs.append((np.zeros(1), np.zeros(1)))
        ends = np.array(self._ends, dtype=np.int32).reshape(-1, 2)
        tails = np.append(whole.arc_tail, ends[:, 0]).astype(np.int32)
        heads = np.append(self._head, ends[:, 1]).astype(np.int32)
        length_m = np.append(self._length_m, self._own_m)
        like = np.array([*self._way, *([0] * len(landings))], dtype=np.int64)
        flags = whole.arc_flags[like]
        flags = flags.copy()
        flags[len(self._way) :] = int(ArcFlag.UNLINKABLE)
        counts, xy_m = self._drawings()
        return replace(
            whole,
            arc_tail=tails,
            arc_head=heads,
            arc_length_m=length_m,
            arc_first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            arc_xy_m=xy_m,
            arc_way_id=np.append(whole.arc_way_id, whole.arc_way_id[like]),
            arc_class=np.append(whole.arc_class, whole.arc_class[like]),
            arc_flags=np.append(whole.arc_flags, flags),
            arc_component=arc_components(whole.n_nodes, tails, heads, length_m),
            terrain=self._terrain(),
            places=None,
        )

    def _drawings(self) -> tuple[IntArray, FloatArray]:
        whole = self._whole
        parts, counts, last = [], np.diff(whole.arc_first), 0
        for way, line_m in sorted(self._lines.items()):
            parts += [whole.arc_xy_m[last : whole.arc_first[way]], line_m]
            counts[way], last = len(line_m), int(whole.arc_first[way + 1])
        xy_m = np.vstack([*parts, whole.arc_xy_m[last:], *self._later_lines])
        later = np.array([len(one) for one in self._later_lines], dtype=np.int32)
        return np.append(counts, later), xy_m

    def _terrain(self) -> Terrain | None:
        terrain = self._whole.terrain
        return None if terrain is None else _with_runs(terrain, self._later_runs, self._runs)


def _with_runs(
    terrain: Terrain,
    later: Sequence[tuple[FloatArray, FloatArray]],
    instead: Mapping[int, tuple[FloatArray, FloatArray]] | None = None,
) -> Terrain:
    """Return `terrain` with other runs of some arcs, and the runs of arcs after all others."""
    counts, last, parts = np.diff(terrain.run_first), 0, []
    for arc, runs in sorted((instead or {}).items()):
        before = slice(last, int(terrain.run_first[arc]))
        parts += [(terrain.run_m[before], terrain.grade[before]), runs]
        counts[arc], last = len(runs[0]), int(terrain.run_first[arc + 1])
    parts += [(terrain.run_m[last:], terrain.grade[last:]), *later]
    all_counts = np.append(counts, [len(one[0]) for one in later])
    return replace(
        terrain,
        run_first=np.concatenate([[0], np.cumsum(all_counts)]).astype(np.int32),
        run_m=np.concatenate([one for one, _ in parts]),
        grade=np.concatenate([one for _, one in parts]),
    )


def _firsts(first: IntArray, counts: Sequence[int]) -> IntArray:
    return np.concatenate([first, first[-1] + np.cumsum(counts, dtype=np.int32)]).astype(np.int32)
