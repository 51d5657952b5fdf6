"""Redrawing: a part too small for a circle and a neighbour too full to take it, drawn anew.

Only here does a circle's inside get shared out across a barrier, and only where both circles then
hold enough people.
"""

from dataclasses import replace

import numpy as np
import shapely

from analysis.delineation.block_graph import BlockGraph
from analysis.delineation.joins import HAMLET_SHARE, REACH_RADII, Join, Patch, told_join
from analysis.delineation.partition import Band, partition
from analysis.delineation.street_blocks import StreetBlocks
from analysis.streets.components import smallest_in_component
from analysis.streets.dividers import Dividers
from analysis.units import IntArray


def patches_of(graph: BlockGraph, blocks: StreetBlocks, label: IntArray) -> list[Patch]:
    """Return the blocks of each label, int32 [n] (−1: none), as one patch each."""
    of_polygon = label[graph.of_polygon]
    patches = []
    for one in range(int(label.max()) + 1):
        own = label == one
        people = float(graph.people[own].sum())
        weight = graph.people[own] if people > 0 else graph.area_m2[own]
        patches.append(
            Patch(
                parts=(one,),
                polygon=shapely.coverage_union_all(blocks.polygons[of_polygon == one]),
                people=people,
                xy_m=np.average(graph.xy_m[own], axis=0, weights=weight),
            )
        )
    return patches


def redraw_small(
    graph: BlockGraph, blocks: StreetBlocks, label: IntArray, dividers: Dividers, band: Band
) -> tuple[IntArray, list[Join]]:
    """Share too small labels out anew with a neighbour across a barrier, the smallest first.

    The nearest neighbour within three radii of its middle is taken with which two circles come out
    that both lie within the band. Hamlets are left alone.
    """
    drawn = label.copy()
    redrawn: list[Join] = []
    open_graph = replace(graph, open_m=graph.open_m + graph.barred_m)
    patches = patches_of(graph, blocks, label)
    small = [p for p in patches if HAMLET_SHARE * band.low < p.people < band.low]
    used: set[int] = set()
    for one in sorted(small, key=lambda patch: (patch.people, patch.parts)):
        for other in _beside(one, patches, open_graph, label, band):
            own = np.flatnonzero(np.isin(label, (*one.parts, *other.parts))).astype(np.int32)
            if used & {*one.parts, *other.parts} or not _connected(open_graph, own):
                continue
            halves = partition(open_graph, own, band)
            held = np.bincount(halves, weights=graph.people[own])
            if len(held) != 2 or any(band.off(float(each)) > 0 for each in held):  # noqa: PLR2004
                continue
            found = told_join(one, other, dividers)
            if not found.across:
                continue
            drawn[own] = np.where(halves == halves[0], one.parts[0], other.parts[0])
            used |= {*one.parts, *other.parts}
            redrawn.append(replace(found, part=one.parts[0], why="redrawn", partner=other.parts[0]))
            break
    return drawn, redrawn


def _beside(
    one: Patch, patches: list[Patch], graph: BlockGraph, label: IntArray, band: Band
) -> list[Patch]:
    """Return the patches with a border to `one` that could share its people, the nearest first."""
    touching = graph.joinable
    first, second = label[graph.first[touching]], label[graph.second[touching]]
    number = one.parts[0]
    around = {*second[first == number].tolist(), *first[second == number].tolist()} - {number, -1}
    able = [
        (round(float(np.hypot(*(patches[i].xy_m - one.xy_m))), 2), i)
        for i in around
        if 2 * band.low <= patches[i].people + one.people <= 2 * band.high
    ]
    reach_m = (REACH_RADII + 1.0) * band.radius_m
    return [patches[i] for apart_m, i in sorted(able) if apart_m <= reach_m]


def _connected(graph: BlockGraph, own: IntArray) -> bool:
    joins = graph.joinable & np.isin(graph.first, own) & np.isin(graph.second, own)
    region = smallest_in_component(len(graph), graph.first[joins], graph.second[joins])
    return len(np.unique(region[own])) == 1
