"""Links: the walkable stretches, each kept once and cut where a node refuses walkers."""

from dataclasses import dataclass, replace

import numpy as np

from analysis.sources.streets.chains import reversed_flags
from analysis.sources.streets.ways import Streets
from analysis.units import BoolArray, FlagArray, FloatArray, IdArray, IntArray
from analysis.walking import ArcFlag


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Links:
    """Walkable stretches from the node with the smaller position to the other.

    `node_id` int64 [n], `node_xy_m` float64 [n, 2]; `tail`, `head` int32 [s]; `flags` uint16 [s];
    `way_id` int64 [s]; `street_class` int32 [s] points into `class_names`, which is sorted.
    No two links share nodes and flags.
    """

    node_id: IdArray
    node_xy_m: FloatArray
    tail: IntArray
    head: IntArray
    flags: FlagArray
    way_id: IdArray
    street_class: IntArray
    class_names: tuple[str, ...]

    @property
    def length_m(self) -> FloatArray:
        """Return the length of each link, metres, float64 [s]."""
        east, north = (self.node_xy_m[self.head] - self.node_xy_m[self.tail]).T
        length_m: FloatArray = np.hypot(east, north)
        return length_m


def links_of(streets: Streets) -> Links:
    """Return the walkable stretches of `streets`.

    Where two ways run between the same two nodes and look alike, one is kept: a street before the
    edge of an area, a way before a relation, then the smaller id.
    """
    rows = np.flatnonzero(streets.is_open)
    verdict, way_id = streets.verdict[rows], streets.way_id[rows]
    names = tuple(sorted({v.street_class for v in streets.verdicts if v.is_open}))
    code = [names.index(v.street_class) if v.is_open else -1 for v in streets.verdicts]
    seen = np.array([v.flags for v in streets.verdicts], dtype=np.uint16)[verdict]
    tail, head = streets.tail[rows], streets.head[rows]
    turned = tail > head
    flags = np.where(turned, reversed_flags(seen), seen).astype(np.uint16)
    tail, head = np.minimum(tail, head), np.maximum(tail, head)
    plaza = flags & int(ArcFlag.PLAZA)
    alike = flags & ~np.uint16(ArcFlag.PLAZA)
    by = np.lexsort((np.abs(way_id), way_id < 0, plaza, alike, head, tail))
    same = np.ones(len(by), dtype=np.bool_)
    for column in (tail, head, alike):
        same[1:] &= column[by][1:] == column[by][:-1]
    same[:1] = False
    kept = by[~same]
    return Links(
        node_id=streets.node_id,
        node_xy_m=streets.node_xy_m,
        tail=tail[kept],
        head=head[kept],
        flags=flags[kept],
        way_id=way_id[kept],
        street_class=np.array(code, dtype=np.int32)[verdict[kept]],
        class_names=names,
    )


def cut_at(links: Links, nodes: IntArray) -> tuple[Links, BoolArray]:
    """Cut `links` at `nodes` (positions) and return which of these had two ends or more to part.

    Every link that ended at such a node ends at a copy of it, with a negative id.
    """
    ends = np.column_stack([links.tail, links.head])
    degree = np.bincount(ends.ravel(), minlength=len(links.node_id))
    parted = np.zeros(len(links.node_id), dtype=np.bool_)
    parted[nodes] = degree[nodes] > 1
    # Links are sorted by their nodes, so the copies are numbered alike whatever the input's order.
    flat = ends.ravel()
    places = np.flatnonzero(parted[flat])
    copied = flat[places]
    ends.ravel()[places] = len(links.node_id) + np.arange(len(places))
    lowest = min(0, int(links.node_id.min(initial=0)))
    new_id = lowest - 1 - np.arange(len(places), dtype=np.int64)
    cut = replace(
        links,
        node_id=np.concatenate([links.node_id, new_id]),
        node_xy_m=np.vstack([links.node_xy_m, links.node_xy_m[copied]]),
        tail=ends[:, 0],
        head=ends[:, 1],
    )
    return cut, parted[nodes]


def passed_at(links: Links, nodes: IntArray, flags: FlagArray) -> tuple[Links, BoolArray]:
    """Put an arc of no length into each of `nodes` (positions) between two links, with its flags.

    Nobody steps onto it midway. The second value tells which nodes were such, bool [k]; where more
    links meet nobody knows which of them the node parts, and where one ends it parts none.
    """
    ends = np.column_stack([links.tail, links.head])
    flat = ends.ravel()
    degree = np.bincount(flat, minlength=len(links.node_id))
    between: BoolArray = degree[nodes] == 2  # noqa: PLR2004 - two links meet
    chosen = nodes[between]
    by_node = np.argsort(flat, kind="stable")
    # Links are sorted by their nodes, so the second of two is the same whatever the input's order.
    places = by_node[(np.cumsum(degree) - degree)[chosen] + 1]
    copies = (len(links.node_id) + np.arange(len(chosen))).astype(np.int32)
    beside = places // 2
    flat[places] = copies
    lowest = min(0, int(links.node_id.min(initial=0)))
    unlinkable = np.uint16(int(ArcFlag.UNLINKABLE))
    passed = replace(
        links,
        node_id=np.concatenate([links.node_id, lowest - 1 - np.arange(len(chosen))]),
        node_xy_m=np.vstack([links.node_xy_m, links.node_xy_m[chosen]]),
        tail=np.concatenate([ends[:, 0], chosen]).astype(np.int32),
        head=np.concatenate([ends[:, 1], copies]).astype(np.int32),
        flags=np.concatenate([links.flags, flags[between] | unlinkable]).astype(np.uint16),
        way_id=np.concatenate([links.way_id, links.way_id[beside]]),
        street_class=np.concatenate([links.street_class, links.street_class[beside]]),
    )
    return passed, between
