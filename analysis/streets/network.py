"""WalkNetwork: the walkable streets as arrays.

An *arc* is one stretch of street between two junctions (or between places where its character
changes), stored once and walked both ways unless a flag closes a direction. Several arcs may join
the same two nodes: all are kept, because people live along each of them; the search takes the
shortest.
"""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass

import numpy as np

from analysis.errors import InvalidNetworkError
from analysis.messages import message
from analysis.streets.components import smallest_in_component
from analysis.streets.node_places import NodePlaces
from analysis.streets.terrain import Terrain
from analysis.units import ByteArray, FlagArray, FloatArray, IdArray, IntArray, freeze, quantised
from analysis.walking import Crossing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class WalkNetwork:
    """The walkable streets of a study.

    Attributes
    ----------
    crs
        PROJ definition of the metric CRS.
    node_id
        int64 [n], source ids (OSM node id; negative where made by a reader), strictly ascending.
    node_xy_m
        float64 [n, 2], metres.
    arc_tail, arc_head
        int32 [m], node positions 0…n-1.
    arc_length_m
        float64 [m], finite, ≥ 0, in whole units of 2⁻¹⁸ m (:func:`~analysis.units.quantised`): a
        length of zero is legal (a landing) and never dropped.
    arc_first, arc_xy_m
        int32 [m + 1] and float64 [k, 2]: the drawing of arc *a*, from tail to head, is
        ``arc_xy_m[arc_first[a]:arc_first[a + 1]]``, at least two points.
    arc_way_id
        int64 [m], OSM way id (negative where made by a reader).
    arc_class
        uint8 [m], position in `class_names`.
    arc_flags
        uint16 [m], bits of :class:`~analysis.walking.ArcFlag`.
    class_names
        Street classes, such as ``footway`` or ``residential``.
    arc_component
        int32 [m], the connected component of each arc, ignoring flags, numbered by falling length.
    node_crossing
        uint8 [n], what is known of crossing the roadway at each node
        (:class:`~analysis.walking.Crossing`); None: nothing of any.
    places
        Where each node lies inside a :class:`~analysis.walks.walk_graph.WalkGraph`; None works it
        out when it is first asked for.
    terrain
        How steep the arcs are; None where no elevation was given and all streets count as level.
    """

    crs: str
    node_id: IdArray
    node_xy_m: FloatArray
    arc_tail: IntArray
    arc_head: IntArray
    arc_length_m: FloatArray
    arc_first: IntArray
    arc_xy_m: FloatArray
    arc_way_id: IdArray
    arc_class: ByteArray
    arc_flags: FlagArray
    class_names: tuple[str, ...]
    arc_component: IntArray
    terrain: Terrain | None = None
    node_crossing: ByteArray | None = None
    places: NodePlaces | None = None
    unread: InitVar[bool] = False

    def __post_init__(self, unread: bool) -> None:
        """Check the invariants once and freeze the arrays.

        `unread` arrays are mapped from a file and not touched yet: only their shapes and types are
        checked, and :meth:`check` does the rest when asked.
        """
        if self.places is None or not self.places.are_of(self.arc_tail, self.arc_head):
            places = NodePlaces(self.n_nodes, self.arc_tail, self.arc_head)
            object.__setattr__(self, "places", places)
        if self.node_crossing is None:
            object.__setattr__(self, "node_crossing", np.zeros(self.n_nodes, dtype=np.uint8))
        _check_shapes(self)
        if not unread:
            self.check()
        for array in (
            self.node_id, self.node_xy_m, self.arc_tail, self.arc_head, self.arc_length_m,
            self.arc_first, self.arc_xy_m, self.arc_way_id, self.arc_class, self.arc_flags,
            self.arc_component, self.crossing,
        ):  # fmt: skip
            freeze(array)

    def __repr__(self) -> str:
        """Summarise the network."""
        return (
            f"WalkNetwork({self.n_nodes} nodes, {self.n_arcs} arcs, "
            f"{self.length_m / 1000:.1f} km, {self.n_components} components)"
        )

    def check(self) -> None:
        """Raise :class:`InvalidNetworkError` where a value breaks an invariant."""
        _check_values(self)
        if self.terrain is not None:
            self.terrain.check()

    @property
    def n_nodes(self) -> int:
        """Return the number of nodes."""
        return len(self.node_id)

    @property
    def n_arcs(self) -> int:
        """Return the number of arcs."""
        return len(self.arc_tail)

    @property
    def crossing(self) -> ByteArray:
        """Return what is known of crossing the roadway at each node, uint8 [n]."""
        assert self.node_crossing is not None  # noqa: S101 - __post_init__ has seen to it
        return self.node_crossing

    @property
    def node_place(self) -> IntArray:
        """Return where each node lies inside a WalkGraph, int32 [n]."""
        assert self.places is not None  # noqa: S101 - __post_init__ has seen to it
        return self.places.place

    @property
    def n_components(self) -> int:
        """Return the number of connected components."""
        return int(self.arc_component.max()) + 1 if self.n_arcs else 0

    @property
    def length_m(self) -> float:
        """Return the length of all arcs, metres."""
        return float(self.arc_length_m.sum())

    def component_length_m(self) -> FloatArray:
        """Return the length of each component, metres, float64 [n_components], falling."""
        length_m: FloatArray = np.bincount(
            self.arc_component, weights=self.arc_length_m, minlength=self.n_components
        ).astype(np.float64)
        return length_m


def build_network(
    *,
    crs: str,
    node_id: IdArray,
    node_xy_m: FloatArray,
    node_crossing: ByteArray | None = None,
    arc_tail: IntArray,
    arc_head: IntArray,
    arc_lines_m: list[FloatArray] | None = None,
    arc_points_m: tuple[IntArray, FloatArray] | None = None,
    arc_length_m: FloatArray | None = None,
    arc_way_id: IdArray | None = None,
    arc_class: tuple[str, ...] | None = None,
    arc_flags: FlagArray | None = None,
) -> WalkNetwork:
    """Build a network from nodes and arcs, deriving what is left out.

    `arc_lines_m` gives each arc's drawing (float64 [*, 2], tail to head), or `arc_points_m` their
    numbers of points (int32 [m]) and all points in a row (float64 [*, 2]); without either arcs are
    straight. `arc_length_m` defaults to the length of the drawing. Nodes are sorted by id, arcs by
    (way id, tail id, head id, length), so that the order of the input does not matter.
    """
    order = np.argsort(node_id, kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    node_id, node_xy_m = node_id[order], node_xy_m[order]
    tail, head = rank[arc_tail], rank[arc_head]
    if arc_points_m is None:
        arc_points_m = _points_m(arc_lines_m, node_xy_m, tail, head)
    counts, xy_m = arc_points_m
    length_m = quantised(_line_length_m(xy_m, counts) if arc_length_m is None else arc_length_m)
    way_id = np.arange(len(tail), dtype=np.int64) if arc_way_id is None else arc_way_id
    names = ("footway",) * len(tail) if arc_class is None else arc_class
    class_names = tuple(sorted(set(names)))
    class_of = {name: code for code, name in enumerate(class_names)}
    code = np.array([class_of[name] for name in names], dtype=np.uint8)
    flags = np.zeros(len(tail), dtype=np.uint16) if arc_flags is None else arc_flags
    by = np.lexsort((length_m, head, tail, way_id)).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    pick = _ragged_take(starts, counts, by)
    first = np.concatenate([[0], np.cumsum(counts[by])]).astype(np.int32)
    tail, head, length_m = tail[by].astype(np.int32), head[by].astype(np.int32), length_m[by]
    return WalkNetwork(
        crs=crs,
        node_id=node_id.astype(np.int64),
        node_xy_m=node_xy_m.astype(np.float64),
        node_crossing=None if node_crossing is None else node_crossing[order].astype(np.uint8),
        arc_tail=tail,
        arc_head=head,
        arc_length_m=length_m.astype(np.float64),
        arc_first=first,
        arc_xy_m=xy_m[pick].astype(np.float64),
        arc_way_id=way_id[by].astype(np.int64),
        arc_class=code[by],
        arc_flags=flags[by].astype(np.uint16),
        class_names=class_names,
        arc_component=arc_components(len(node_id), tail, head, length_m),
    )


def _points_m(
    lines_m: list[FloatArray] | None, node_xy_m: FloatArray, tail: IntArray, head: IntArray
) -> tuple[IntArray, FloatArray]:
    if lines_m is None:
        ends_m: FloatArray = node_xy_m[np.column_stack([tail, head]).ravel()]
        return np.full(len(tail), 2, dtype=np.int32), ends_m.reshape(-1, 2)
    counts = np.array([len(line) for line in lines_m], dtype=np.int32)
    return counts, np.concatenate(lines_m) if lines_m else np.empty((0, 2))


def _line_length_m(xy_m: FloatArray, counts: IntArray) -> FloatArray:
    if len(xy_m) == 0:
        return np.empty(0)
    step_m = np.hypot(*np.diff(xy_m, axis=0).T)
    ends = np.cumsum(counts)
    step_m[ends[:-1] - 1] = 0.0  # the jump from one line to the next
    return np.add.reduceat(np.append(step_m, 0.0), np.concatenate([[0], ends[:-1]]))


def _ragged_take(starts: IntArray, counts: IntArray, rows: IntArray) -> IntArray:
    """Return the positions of the points of `rows` in a ragged array, row after row."""
    taken = counts[rows]
    total = int(taken.sum())
    jumps = np.repeat(starts[rows] - np.concatenate([[0], np.cumsum(taken)[:-1]]), taken)
    return (np.arange(total) + jumps).astype(np.int32) if len(rows) else np.empty(0, np.int32)


def arc_components(n_nodes: int, tail: IntArray, head: IntArray, length_m: FloatArray) -> IntArray:
    """Return the component of each arc, int32 [m], numbered by falling length."""
    if len(tail) == 0:
        return np.empty(0, dtype=np.int32)
    # Named by their smallest node, so that the numbering is the input's.
    first_node, of_arc = np.unique(
        smallest_in_component(n_nodes, tail, head)[tail], return_inverse=True
    )
    total_m = np.bincount(of_arc, weights=length_m)
    rank = np.empty(len(first_node), dtype=np.int32)
    rank[np.lexsort((first_node, -total_m))] = np.arange(len(first_node), dtype=np.int32)
    component: IntArray = rank[of_arc]
    return component


def _check_shapes(network: WalkNetwork) -> None:
    n, m = network.n_nodes, network.n_arcs
    for field, dtype, shape in (
        ("node_id", np.int64, (n,)),
        ("node_xy_m", np.float64, (n, 2)),
        ("arc_tail", np.int32, (m,)),
        ("arc_head", np.int32, (m,)),
        ("arc_length_m", np.float64, (m,)),
        ("arc_first", np.int32, (m + 1,)),
        ("arc_xy_m", np.float64, (len(network.arc_xy_m), 2)),
        ("arc_way_id", np.int64, (m,)),
        ("arc_class", np.uint8, (m,)),
        ("arc_flags", np.uint16, (m,)),
        ("arc_component", np.int32, (m,)),
        ("node_crossing", np.uint8, (n,)),
    ):
        array = getattr(network, field)
        if array.shape != shape or array.dtype != dtype:
            raise InvalidNetworkError(message("network.invariant", field=field))
    known = None if network.places is None else network.places.known
    if known is not None and (known.shape != (n,) or known.dtype != np.int32):
        raise InvalidNetworkError(message("network.invariant", field="node_place"))
    if network.terrain is not None and network.terrain.n_arcs != m:
        raise InvalidNetworkError(message("network.invariant", field="terrain"))


def _check_values(network: WalkNetwork) -> None:
    n, m = network.n_nodes, network.n_arcs
    known = None if network.places is None else network.places.known
    problems: Mapping[str, bool] = {
        "node_id": n == 0 or bool(np.all(np.diff(network.node_id) > 0)),
        "node_xy_m": bool(np.isfinite(network.node_xy_m).all()),
        "arc_head": m == 0
        or bool(
            min(network.arc_tail.min(), network.arc_head.min()) >= 0
            and max(network.arc_tail.max(), network.arc_head.max()) < n
        ),
        "arc_length_m": bool(np.isfinite(network.arc_length_m).all())
        and bool((network.arc_length_m >= 0).all())
        and np.array_equal(network.arc_length_m, quantised(network.arc_length_m)),
        "arc_first": int(network.arc_first[0]) == 0
        and bool(np.all(np.diff(network.arc_first) >= 2))  # noqa: PLR2004 - a line has two ends
        and int(network.arc_first[-1]) == len(network.arc_xy_m),
        "arc_xy_m": bool(np.isfinite(network.arc_xy_m).all()),
        "arc_class": m == 0 or int(network.arc_class.max()) < len(network.class_names),
        "arc_component": m == 0 or int(network.arc_component.min()) >= 0,
        "node_crossing": n == 0 or int(network.crossing.max()) <= max(Crossing),
        "node_place": known is None or np.array_equal(np.sort(known), np.arange(n)),
    }
    for field, holds in problems.items():
        if not holds:
            raise InvalidNetworkError(message("network.invariant", field=field))
