"""NearestField: what it costs every node to walk to its nearest facility, as a value to edit."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.kernels.buckets import Buckets
from analysis.kernels.fields import NEVER, Edit, Field, Rows, Scale, Stands
from analysis.kernels.repair import repair
from analysis.kernels.segments import read_only
from analysis.kernels.wave import N_BUCKETS, bucket_shift
from analysis.linking.linkage import Linkage
from analysis.messages import message
from analysis.units import CAP32, BoolArray, FloatArray, IdArray, IntArray, freeze, from_units
from analysis.walks.scratch import arriving_cost, leaving_cost, limit_units
from analysis.walks.walk_graph import WalkGraph
from analysis.what_if.goals import Goals, goals_of
from analysis.what_if.path_changes import NO_CHANGES, PathChanges

_KEY_BITS: Final = 62
_LEAST_RANK_BITS: Final = 16
_LONGEST_LEGS: Final = 1e6  # metres or seconds
NO_PLACE: Final = read_only(np.empty(0, dtype=np.int32))
NO_KEY: Final = read_only(np.empty(0, dtype=np.int64))
NO_EDIT: Final = Edit(
    NO_PLACE, NO_KEY, NO_PLACE, NO_PLACE, NO_KEY, NO_PLACE, NO_KEY, NO_PLACE, NO_PLACE, NO_KEY
)


class RepairScratch:
    """Working memory for edits on fields of `graph`, 28 bytes a node; one thread at a time."""

    __slots__ = ("_limit", "buckets", "field", "graph", "node_at", "rows")

    def __init__(self, graph: WalkGraph, limit: float) -> None:
        n, within = graph.network.n_nodes, limit_units(limit)
        self.graph = graph
        self.field = Field(
            base=NO_KEY,
            own=np.full((n, 2), -1, dtype=np.int64),
            touched=np.empty(n, dtype=np.int32),
            given_up=np.empty(n, dtype=np.int32),
            size=np.zeros(2, dtype=np.int64),
        )
        self.buckets = Buckets(
            waiting=np.empty((4096, 2), dtype=np.int32),
            head=np.full(N_BUCKETS, -1, dtype=np.int32),
            state=np.zeros(2, dtype=np.int64),
        )
        inwards, outwards = graph.inwards, graph.outwards
        self.rows = (
            Rows(inwards.indptr, inwards.indices, arriving_cost(graph, within), inwards.arc),
            Rows(outwards.indptr, outwards.indices, leaving_cost(graph, within), outwards.arc),
        )
        self._limit = within
        self.node_at: IntArray = np.empty(n, dtype=np.int32)
        self.node_at[graph.place] = np.arange(n, dtype=np.int32)

    def check(self, graph: WalkGraph, limit: int) -> None:
        """Refuse another graph than the one this was made for, and limits that it cannot count."""
        if self.graph is not graph or self._limit < CAP32 <= limit:
            raise InvalidParameterError(message("search.scratch"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearestField:
    """What it costs every node to walk to its nearest facility of one group, and which that is.

    Made by :func:`nearest_field`, and by the edits of another one. Besides what it was made from it
    holds its keys (see :mod:`analysis.kernels.repair`): those of the baseline, `key` int64 [n] by
    place, which every field made from it by edits shares, and where it differs from them, as
    `patch_place` (ascending) and `patch_key`. `goals` are the facilities of the baseline without
    the rows `gone`, and with `added`; `changes` are the paths that differ from the graph.
    """

    graph: WalkGraph
    scale: Scale
    key: IdArray
    goals: Goals
    stands: Stands
    gone: IntArray
    added: Goals
    changes: PathChanges
    patch_place: IntArray
    patch_key: IdArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.key, self.gone, self.patch_place, self.patch_key):
            freeze(array)

    def costs(self) -> tuple[FloatArray, IntArray]:
        """Return cost float64 [n] and rank int32 [n] by node; ``inf`` and -1 beyond the limit."""
        key = self.key.copy()
        key[self.patch_place] = self.patch_key
        return split(key[self.graph.place], self.scale)


def nearest_field(
    graph: WalkGraph,
    targets: Linkage,
    *,
    target_rank: IntArray,
    chosen: BoolArray,
    limit: float,
    scratch: RepairScratch | None = None,
) -> NearestField:
    """Return the field of the `chosen` (bool [t]) targets, as far as `limit`, which is included.

    `target_rank` int32 [t] ≥ 0 names the facility of each target: several entrances of one facility
    share it, and of equally near facilities the smaller rank is reported.

    Raises :class:`InvalidParameterError` for a limit that is negative, not a number, or farther
    than can be counted beside the ranks (260,000 km, less with more than 16,000 facilities).
    """
    scratch = RepairScratch(graph, limit) if scratch is None else scratch
    scale = _scale(graph, limit, int(target_rank.max(initial=0)))
    goals = goals_of(graph, targets, target_rank, chosen)
    stands = goals.stands(scale)
    key: IdArray = np.full(graph.network.n_nodes, NEVER, dtype=np.int64)
    edit = NO_EDIT._replace(new_place=stands.place, new_key=stands.key)
    empty = NearestField(
        graph=graph, scale=scale, key=read_only(key), goals=goals, stands=stands, gone=NO_PLACE,
        added=goals.rows(NO_PLACE), changes=NO_CHANGES, patch_place=NO_PLACE, patch_key=NO_KEY,
    )  # fmt: skip
    field = repaired(empty, edit, scratch, gone=NO_PLACE, added=empty.added, changes=NO_CHANGES)
    place = field.touched[: field.size[0]]
    key[place] = field.own[place, 0]
    field.own[place] = -1
    return replace(empty, key=key)


def _scale(graph: WalkGraph, limit: float, most_rank: int) -> Scale:
    bits = max(most_rank.bit_length() + 2, _LEAST_RANK_BITS)  # room for facilities to be added
    units, most = limit_units(limit), (1 << (_KEY_BITS - bits)) - 2
    if units > most:
        walks = np.concatenate([graph.costs.forward, graph.costs.backward])
        if np.isfinite(limit) or walks[np.isfinite(walks)].sum() + _LONGEST_LEGS > from_units(
            np.array([most])
        ):
            raise InvalidParameterError(message("search.too_far"), value=limit)
        units = most
    return Scale(bits=bits, limit=units, shift=bucket_shift(units))


def repaired(
    before: NearestField, edit: Edit, scratch: RepairScratch,
    *, gone: IntArray, added: Goals, changes: PathChanges,
) -> Field:  # fmt: skip
    """Work out `edit` on `before`, with what is in force after it, and return the scratch.

    What it came to must be taken out of the scratch before the next edit.
    """
    scratch.check(before.graph, before.scale.limit)
    field = scratch.field._replace(base=before.key)
    repair(
        field, changes.in_force(before.graph, *scratch.rows),
        before.stands._replace(gone=gone), added.stands(before.scale), edit,
        scratch.buckets, before.scale, before.patch_place, before.patch_key,
    )  # fmt: skip
    return field


def split(key: IdArray, scale: Scale) -> tuple[FloatArray, IntArray]:
    """Return the cost and the rank that keys stand for; ``inf`` and -1 for nobody."""
    nobody = key == NEVER
    cost = from_units(key >> scale.bits)
    rank = (key & ((1 << scale.bits) - 1)).astype(np.int32)
    cost[nobody], rank[nobody] = np.inf, -1
    return cost, rank
