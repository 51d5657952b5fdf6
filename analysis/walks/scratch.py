"""SearchScratch: what searches on one graph write into, made once and never cleared in between."""

from typing import Final

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.kernels.edges import lay_out
from analysis.kernels.marks import Marks
from analysis.kernels.pieces import ArcTable
from analysis.kernels.wave import LONGEST, N_BUCKETS, LabelArray, Wave
from analysis.messages import message
from analysis.units import CAP32, UNITS, IdArray, KeyArray, freeze
from analysis.walks.walk_graph import WalkGraph

_NARROW: Final = 2**32 - 1
_ENTRIES: Final = 4096  # as many wait at once in a walk of some kilometres


class SearchScratch:
    """Working memory for searches on `graph`: 12 bytes a node and 33 bytes an arc.

    It belongs to one thread at a time; give each thread its own. Results never depend on what was
    searched with it before. See :mod:`analysis.kernels.wave` and :mod:`analysis.kernels.edges` for
    what the arrays hold.
    """

    __slots__ = ("_narrow", "_wide", "arcs", "graph", "marks")

    def __init__(self, graph: WalkGraph) -> None:
        network, costs, half = graph.network, graph.costs, graph.outwards
        self.graph = graph
        self.arcs = ArcTable(
            network.arc_tail, network.arc_head, graph.place,
            costs.forward, costs.backward, network.arc_length_m,
        )  # fmt: skip
        n_words = network.n_arcs // 64 + 1
        self.marks = Marks(
            whole=np.zeros(n_words, dtype=np.uint64),
            partly=np.zeros(n_words, dtype=np.uint64),
            words=np.zeros(n_words // 64 + 1, dtype=np.uint64),
            before=np.empty(n_words, dtype=np.int32),
        )
        self._narrow = _wave(graph, half.cost, _NARROW)
        self._wide: Wave | None = None

    def check(self, graph: WalkGraph) -> None:
        """Refuse another graph than the one this was made for."""
        if self.graph is not graph:
            raise InvalidParameterError(message("search.scratch"))

    def wave(self, limit: int) -> Wave:
        """Return what searches as far as `limit` units run on.

        uint32 count to ``CAP32``; for more there are int64, made where they are first needed.
        """
        if limit < CAP32:
            return self._narrow
        if self._wide is None:
            cost = _signed(self.graph.wide_outwards_cost())
            self._wide = _wave(self.graph, cost, LONGEST)
        return self._wide


def _wave(graph: WalkGraph, cost: LabelArray, never: int) -> Wave:
    network, half = graph.network, graph.outwards
    nodes: LabelArray = np.empty((len(half.indptr), 2), dtype=cost.dtype)
    edges: LabelArray = np.empty((len(cost), 4), dtype=cost.dtype)
    lay_out(
        nodes, edges, never, half.indptr, half.indices, cost, half.arc,
        network.arc_tail, network.arc_head, graph.place, graph.costs.forward,
        network.arc_length_m,
    )  # fmt: skip
    return Wave(
        nodes=nodes,
        edges=edges,
        never=never,
        order=np.empty(network.n_nodes, dtype=np.int32),
        waiting=np.empty((_ENTRIES, 2), dtype=np.int32),
        head=np.full(N_BUCKETS, -1, dtype=np.int32),
        state=np.zeros(3, dtype=np.int64),
    )


def _signed(cost: KeyArray) -> IdArray:
    signed: IdArray = np.minimum(cost, LONGEST).astype(np.int64)
    freeze(signed)
    return signed


def arriving_cost(graph: WalkGraph, limit: int) -> LabelArray:
    """Return the costs of ``graph.inwards`` for a search as far as `limit` units."""
    return graph.inwards.cost if limit < CAP32 else _signed(graph.wide_inwards_cost())


def leaving_cost(graph: WalkGraph, limit: int) -> LabelArray:
    """Return the costs of ``graph.outwards`` for a search as far as `limit` units."""
    return graph.outwards.cost if limit < CAP32 else _signed(graph.wide_outwards_cost())


def limit_units(limit: float) -> int:
    """Return the last whole unit within `limit`, which is included; below ``LONGEST``.

    Raises :class:`InvalidParameterError` where it is negative or not a number.
    """
    if not limit >= 0.0:
        raise InvalidParameterError(message("search.limit"), value=limit)
    return int(limit * UNITS) if limit < LONGEST / UNITS else LONGEST - 1
