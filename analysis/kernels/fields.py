"""A field of nearest facilities as the repair kernel sees it, which says what its keys are."""

from typing import NamedTuple

from analysis.kernels.wave import LabelArray
from analysis.units import IdArray, IntArray

NEVER = 1 << 62  # the key of a place that reaches nobody; two keys may be added


class Field(NamedTuple):
    """Keys of all places, and the scratch that an edit is worked out on, by place.

    `base` int64 [n] is only read. `own` int64 [n, 2] is the key of a place where it may differ, and
    the key it had before this edit where that has touched it; -1 elsewhere. `touched` int32 [n]
    lists the places with an own key, ``size[0]`` of them; `given_up` int32 [n] those that lost
    their support, ``size[1]``.
    """

    base: IdArray
    own: IdArray
    touched: IntArray
    given_up: IntArray
    size: IdArray


class Rows(NamedTuple):
    """Half-edges of one direction, see :class:`analysis.walks.walk_graph.HalfEdges`."""

    indptr: IntArray
    indices: IntArray
    cost: LabelArray
    arc: IntArray


class Paths(NamedTuple):
    """Ways in force: `inwards` and `outwards` of all places, but for `dropped` arcs (ascending).

    In their stead one walks from `start` to `end` (int32 [e]) for `cost` (int64 [e]).
    """

    inwards: Rows
    outwards: Rows
    dropped: IntArray
    start: IntArray
    end: IntArray
    cost: IdArray


class Stands(NamedTuple):
    """Where facilities are come upon: `place` int32 [s], ascending, with `key` int64 [s].

    `row` int32 [s] is the candidate that it comes from; those in `gone` (ascending) do not count.
    """

    place: IntArray
    key: IdArray
    row: IntArray
    gone: IntArray


class Edit(NamedTuple):
    """What is lost and what is gained: keys at places, and ways from `start` to `end`."""

    lost_place: IntArray
    lost_key: IdArray
    lost_start: IntArray
    lost_end: IntArray
    lost_cost: IdArray
    new_place: IntArray
    new_key: IdArray
    new_start: IntArray
    new_end: IntArray
    new_cost: IdArray


class Scale(NamedTuple):
    """How keys are made: `bits` of rank, `limit` in units, `shift` of units to buckets."""

    bits: int
    limit: int
    shift: int
