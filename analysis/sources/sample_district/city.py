"""The city: fabric, residents, walking graph and facilities, in plan metres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.sources.sample_district.buildings import Building
from analysis.sources.sample_district.fabric import FabricOfDistrict, weave
from analysis.sources.sample_district.facilities import Facility, Site, place_facilities
from analysis.sources.sample_district.frame import HALF_HEIGHT_M, HALF_WIDTH_M, Points, warp
from analysis.sources.sample_district.gaps import COVERAGE_GAPS, core_mask
from analysis.sources.sample_district.layout import (
    CELL_HEIGHT_M,
    CELL_WIDTH_M,
    COLUMNS,
    ROWS,
    circle_of,
)
from analysis.sources.sample_district.obstacles import Obstacles, lay_obstacles
from analysis.sources.sample_district.population import Population, settle
from analysis.sources.sample_district.siting import Core, Ground
from analysis.sources.sample_district.walks import (
    SEARCH_M,
    Links,
    WalkGraph,
    build_walk_graph,
    drop_stray_ways,
    link,
)

STREET_SITES = 620
INNER_SITES = 800
PLOT_ACCESS_M = 14.0
BIG_PARK_SAFE_M = 450.0


@dataclass(frozen=True, kw_only=True, slots=True)
class City:
    """Everything the writers need."""

    obstacles: Obstacles
    fabric: FabricOfDistrict
    buildings: tuple[Building, ...]
    population: Population
    graph: WalkGraph
    links: Links
    ground: Ground
    sites: tuple[Site, ...]
    cores: dict[str, tuple[Core, ...]]
    facilities: tuple[Facility, ...]
    park_m: NDArray[np.float64]


def build_city(seed: int) -> City:
    """Build the whole city from one seed."""
    rng = np.random.default_rng(seed)
    obstacles = lay_obstacles()
    fabric = weave(obstacles, rng)
    buildings = tuple(fabric.buildings)
    population = settle(buildings, rng)
    graph = build_walk_graph(fabric.sketch)
    drop_stray_ways(fabric.sketch, graph)
    homes_xy = warp(np.array([b.centre for b in buildings]))
    links = link(graph, homes_xy, np.array([b.zone for b in buildings]))
    sites, site_nodes = _candidate_sites(fabric, graph, rng)
    ground = Ground(
        people=population.people.astype(np.float64),
        circles=np.array([b.cell.circle for b in buildings]),
        reach_m=_reach(graph, links, site_nodes),
        sites_xy=warp(np.array([site.point for site in sites])),
        homes_xy=homes_xy,
    )
    cores = _cores(buildings, ground.circles)
    park_m = _from_big_parks(fabric, graph, links)
    facilities = place_facilities(
        ground,
        sites,
        cores,
        population,
        parks=park_m <= BIG_PARK_SAFE_M,
        stairs_only=fabric.stairs_only,
        names=fabric.names,
        rng=rng,
    )
    return City(
        obstacles=obstacles,
        fabric=fabric,
        buildings=buildings,
        population=population,
        graph=graph,
        links=links,
        ground=ground,
        sites=sites,
        cores=cores,
        facilities=facilities,
        park_m=park_m,
    )


def _candidate_sites(
    fabric: FabricOfDistrict, graph: WalkGraph, rng: np.random.Generator
) -> tuple[tuple[Site, ...], list[NDArray[np.int64]]]:
    """Nodes inside the district, drawn at random, then every plot with its fronts."""
    plan = np.asarray(fabric.sketch.points)[graph.nodes]
    inside = (np.abs(plan[:, 0]) <= HALF_WIDTH_M) & (np.abs(plan[:, 1]) <= HALF_HEIGHT_M)
    streets = np.flatnonzero(inside & _on_grid(plan) & graph.outside)
    inner = np.flatnonzero(inside & ~_on_grid(plan))
    drawn = np.concatenate(
        [
            np.sort(rng.choice(streets, STREET_SITES, replace=False)),
            np.sort(rng.choice(inner, INNER_SITES, replace=False)),
        ]
    )
    sites = [
        Site(
            point=(float(plan[k, 0]), float(plan[k, 1])),
            plot=None,
            on_street=rank < STREET_SITES,
            circle=_circle_at(plan[k]),
        )
        for rank, k in enumerate(drawn)
    ]
    nodes = [np.array([k], dtype=np.int64) for k in drawn]
    index = graph.index_of()
    for plot in fabric.plots:
        fronts = [index.get(fabric.sketch.node(front.street)) for front in plot.fronts]
        known = [k for k in fronts if k is not None]
        if known:
            middle = plot.polygon.centroid
            sites.append(
                Site(
                    point=(middle.x, middle.y),
                    plot=plot,
                    on_street=True,
                    circle=plot.cell.circle,
                )
            )
            nodes.append(np.array(known, dtype=np.int64))
    return tuple(sites), nodes


def _on_grid(plan: Points) -> NDArray[np.bool_]:
    on_column = np.abs((plan[:, 0] + HALF_WIDTH_M) / CELL_WIDTH_M % 1 * CELL_WIDTH_M) < 1.0
    on_row = np.abs((plan[:, 1] + HALF_HEIGHT_M) / CELL_HEIGHT_M % 1 * CELL_HEIGHT_M) < 1.0
    return np.asarray(on_column | on_row, dtype=np.bool_)


def _circle_at(point: NDArray[np.float64]) -> int:
    column = int(np.clip((point[0] + HALF_WIDTH_M) // CELL_WIDTH_M, 0, COLUMNS - 1))
    row = int(np.clip((point[1] + HALF_HEIGHT_M) // CELL_HEIGHT_M, 0, ROWS - 1))
    return circle_of(column, row)


def _reach(
    graph: WalkGraph, links: Links, site_nodes: list[NDArray[np.int64]]
) -> NDArray[np.float32]:
    sources = np.unique(np.concatenate(site_nodes))
    to_homes = graph.distances_m(sources, SEARCH_M)[:, links.node]
    rows = [to_homes[np.searchsorted(sources, nodes)].min(axis=0) for nodes in site_nodes]
    legs = np.array([0.0 if len(nodes) == 1 else PLOT_ACCESS_M for nodes in site_nodes])
    reach = np.stack(rows) + legs[:, None] + links.access_m[None, :]
    return np.asarray(reach, dtype=np.float32)


def _from_big_parks(
    fabric: FabricOfDistrict, graph: WalkGraph, links: Links
) -> NDArray[np.float64]:
    """Metres from every building to the nearest gate of a big park."""
    index = graph.index_of()
    gates = np.array([index[fabric.sketch.node(gate)] for gate in fabric.park_gates])
    return np.asarray(graph.nearest_m(gates)[links.node] + links.access_m, dtype=np.float64)


def _cores(
    buildings: tuple[Building, ...], circles: NDArray[np.int64]
) -> dict[str, tuple[Core, ...]]:
    centres = np.array([b.centre for b in buildings])
    cores: dict[str, tuple[Core, ...]] = {}
    for gap in COVERAGE_GAPS:
        core = Core(
            circle=gap.circle,
            homes=np.flatnonzero(core_mask(gap, centres, circles)),
            share_cap=gap.share_cap,
            across_river=gap.across_river,
        )
        cores[gap.element] = (*cores.get(gap.element, ()), core)
    return cores
