"""Warming up: run every kernel once on a small invented city, so that no user waits for a compiler.

What is compiled is kept on disk (:mod:`analysis.kernels.compiling`); with everything there, warming
up takes about a second.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from analysis.capacity.assignment import assign
from analysis.capacity.within_reach import Serving, within_reach
from analysis.documents.cutoffs import Cutoffs
from analysis.documents.isochrones import isochrone_collection
from analysis.linking.linkage import Linkage
from analysis.siting.capacitated import capacitated_mclp
from analysis.siting.cover_table import cover_table
from analysis.siting.joint import JointSites, joint_plan
from analysis.siting.lscp import lscp
from analysis.siting.mclp import mclp
from analysis.siting.p_median import p_median
from analysis.study import Study, StudyParameters, analyse
from analysis.testing.cities import on_hills
from analysis.testing.studies import small_inputs
from analysis.units import FloatArray
from analysis.walks.catchment import CatchmentTargets, catchments, count_within
from analysis.walks.nearest_k import nearest_k
from analysis.walks.pairs import reached_nodes, walks_between
from analysis.walks.reached import reached_pieces
from analysis.walks.travel_time import TargetGroup, node_costs_to_nearest
from analysis.walks.walk_costs import Measure, walk_costs
from analysis.walks.walk_graph import WalkGraph, walk_graph
from analysis.what_if.nearest_field import RepairScratch, nearest_field
from analysis.what_if.repair import facility_added, facility_closed, path_added, path_changed

STAGES: Final = ("study", "isochrones", "searches", "repairs")
_NEAR_M: Final = 500.0
_FAR_M: Final = 20_000.0  # counted in 64 bits
_MEASURES: Final[tuple[Measure, ...]] = ("metres", "seconds")


def _silent(_stage: str, _share: float) -> None:
    """Tell nobody."""


def warm_up(*, on_progress: Callable[[str, float], None] = _silent) -> None:
    """Compile or load all kernels in the types that real runs use.

    `on_progress` is told a stage of :data:`STAGES` and how much of it is done, 0…1.
    """
    on_progress("study", 0.0)
    flat = small_inputs()
    study = analyse(flat, StudyParameters())
    hilly = replace(flat, network=on_hills(flat.network, _slope, wheelchair_max_grade=0.08))
    on_hill = analyse(hilly, StudyParameters(criterion="minutes", walker="wheelchair"))
    on_progress("isochrones", 0.0)
    for one in (study, on_hill):
        _isochrones(one)
    on_progress("searches", 0.0)
    graphs = [
        walk_graph(one.inputs.network, walk_costs(one.inputs.network, one.profile, measure))
        for one in (study, on_hill)
        for measure in _MEASURES
    ]
    for graph in graphs:
        _searches(graph, study.points, study.entrances)
    _capacity(graphs[0], study)
    _siting()
    on_progress("repairs", 0.0)
    for graph in graphs:
        _repairs(graph, study.entrances)


def _slope(x_m: FloatArray, y_m: FloatArray) -> FloatArray:
    return 0.05 * x_m - 0.02 * y_m


def _isochrones(study: Study) -> None:
    inputs = study.inputs
    for cutoffs in (Cutoffs(minutes=(3.0, 6.0)), Cutoffs(metres=(200.0, 400.0))):
        for drawing in ("fast", "exact"):
            isochrone_collection(
                (inputs.crs.lon, inputs.crs.lat),
                cutoffs,
                network=inputs.network,
                barriers=inputs.barriers,
                profile=study.profile,
                rules=study.link_rules,
                crs=inputs.crs,
                data_area=inputs.data_area,
                drawing=drawing,
                fill_holes_below_m2=1.0,
                pieces=True,
            )


def _searches(graph: WalkGraph, people: Linkage, shops: Linkage) -> None:
    n = len(shops.how)
    rank, every = np.arange(n, dtype=np.int32), np.ones(n, dtype=bool)
    pairs = np.array([[0, 0], [1, n - 1]], dtype=np.int32)
    for limit in (_NEAR_M, _FAR_M):
        targets = CatchmentTargets(
            linked=shops, rank=rank, group=np.zeros(n, dtype=np.int32), limit=np.array([limit])
        )
        count_within(graph, people, targets)
        list(catchments(graph, people, targets))
        group = TargetGroup(chosen=every, limit=limit)
        node_costs_to_nearest(graph, shops, target_rank=rank, groups=[group])
        reached_pieces(graph, people, (limit,))
        walks_between(graph, people, shops, pairs, limit)
        reached_nodes(graph, people, limit)
        nearest_k(graph, people, shops, target_rank=rank, chosen=every, k=2, limit=limit)


def _capacity(graph: WalkGraph, study: Study) -> None:
    rows = np.arange(len(study.inputs.facilities), dtype=np.int32)
    (pairs,) = within_reach(
        graph,
        study.points,
        study.entrances,
        entrance_first=study.inputs.facilities.entrance_first,
        asked=[Serving(facility=rows, limit=np.full(len(rows), _NEAR_M))],
    )
    assign(pairs, study.inputs.demand.people, np.ones(len(rows)))


def _siting() -> None:
    """Site in three rings of three, where prices alone do not prove the best."""
    ring = np.arange(3, dtype=np.int32)
    pairs = np.sort(np.column_stack([ring, (ring + 1) % 3]), axis=1)
    table = cover_table(
        first=np.arange(0, 19, 2),
        site=np.concatenate([pairs + 3 * one for one in ring]).ravel(),
        walk_m=np.tile([100.0, 200.0], 9),
        people=np.ones(9),
        n_sites=9,
    )
    mclp(table, 4)
    lscp(table)
    p_median(table, 4, beyond_m=_NEAR_M)
    capacitated_mclp(table, 4, np.ones(9))
    for capacity in (None, np.full((9, 1), 1.5)):
        joint_plan(
            [table],
            JointSites(
                floor_m2=np.full(9, 10.0),
                need_m2=np.ones(1),
                cost=np.ones((9, 1)),
                allowed=np.ones((9, 1), dtype=bool),
                compatible=np.ones((1, 1), dtype=bool),
                weight=np.ones(1),
                capacity=capacity,
            ),
            4.0,
        )


def _repairs(graph: WalkGraph, shops: Linkage) -> None:
    n = len(shops.how)
    rank, every = np.arange(n, dtype=np.int32), np.ones(n, dtype=bool)
    for limit in (_NEAR_M, _FAR_M):
        scratch = RepairScratch(graph, limit)
        field = nearest_field(
            graph, shops, target_rank=rank, chosen=every, limit=limit, scratch=scratch
        )
        field = facility_added(field, shops, n, scratch).field
        field = facility_closed(field, n, scratch).field
        field = path_changed(field, 0, np.inf, np.inf, scratch).field
        change, _ = path_added(field, 0, graph.network.n_nodes - 1, 10.0, 10.0, scratch)
        change.field.costs()
