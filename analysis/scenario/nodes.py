"""Nodes: where new paths get junctions, and which of them are there already."""

from collections.abc import Sequence

from analysis.scenario.joints import JoinedPath, Joint
from analysis.streets.network import WalkNetwork


class Nodes:
    """Which node lies where on which way; new ones are numbered after those of the network."""

    def __init__(
        self, network: WalkNetwork, paths: Sequence[JoinedPath], joints: Sequence[Joint]
    ) -> None:
        self.network = network
        self.n = network.n_nodes
        self.xy_m: list[tuple[float, float]] = []
        self.on_way: dict[int, dict[float, int]] = {}
        self.landings: list[tuple[int, int]] = []  # nodes that are one place
        self.crossed: list[int] = []
        for joint in joints:
            self._meet(joint, paths)
        for row, path in enumerate(paths):
            way = network.n_arcs + row
            for end_m, xy_m in ((0.0, path.line_m[0]), (path.length_m, path.line_m[-1])):
                if self.at(way, end_m) is None:
                    self._set(way, end_m, self._new((float(xy_m[0]), float(xy_m[1]))))

    def at(self, way: int, offset_m: float) -> int | None:
        """Return the node there; None where there is none yet."""
        if way < self.network.n_arcs:
            if offset_m <= 0.0:
                return int(self.network.arc_tail[way])
            if offset_m >= float(self.network.arc_length_m[way]):
                return int(self.network.arc_head[way])
        return self.on_way.get(way, {}).get(offset_m)

    def _meet(self, joint: Joint, paths: Sequence[JoinedPath]) -> None:
        known = [node for node in (self.at(*one) for one in joint.on) if node is not None]
        node = known[0] if known else self._new(joint.xy_m)
        for way, offset_m in joint.on:
            if self.at(way, offset_m) is None:
                self._set(way, offset_m, node)
        self.landings += [(node, other) for other in known[1:] if other != node]
        kinds = {
            paths[way - self.network.n_arcs].edit.kind
            for way, _ in joint.on
            if way >= self.network.n_arcs
        }
        if "crossing" in kinds:
            self.crossed.append(node)

    def _new(self, xy_m: tuple[float, float]) -> int:
        self.xy_m.append(xy_m)
        return self.n + len(self.xy_m) - 1

    def _set(self, way: int, offset_m: float, node: int) -> None:
        self.on_way.setdefault(way, {})[offset_m] = node

    def inner(self, way: int, length_m: float) -> list[tuple[float, int]]:
        """Return (metres, node) of the joints inside a way, ascending."""
        held = self.on_way.get(way, {})
        return sorted((at_m, node) for at_m, node in held.items() if 0.0 < at_m < length_m)
