"""Foreign engines, each fed the way its users feed it; development only."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra

from tests.benchmarks.graphs import LIMIT_M, BenchGraph


@contextmanager
def silent() -> Iterator[None]:
    """Keep what compiled code prints off the screen."""
    sys.stdout.flush()
    kept, sink = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(sink)


def pandana_network(graph: BenchGraph) -> Any:
    """Return pandana's network, its contraction hierarchy built; one thread, as we run.

    pandana reads OMP_NUM_THREADS when it is first imported.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    import pandana
    import pandas as pd

    one, other, metres = graph.edges()
    x, y = graph.network.node_xy_m.T
    with silent():
        return pandana.Network(
            pd.Series(x), pd.Series(y), pd.Series(one.astype(np.int64)),
            pd.Series(other.astype(np.int64)), pd.DataFrame({"metres": metres}), twoway=True,
        )  # fmt: skip


def set_pois(net: Any, graph: BenchGraph, facilities: list[np.ndarray]) -> None:
    """Give pandana the facilities of each element."""
    import pandas as pd

    x, y = graph.network.node_xy_m.T
    for element, nodes in enumerate(facilities):
        net.set_pois(f"e{element}", LIMIT_M, 1, pd.Series(x[nodes]), pd.Series(y[nodes]))


def pandana_nearest(net: Any, n_elements: int) -> list[np.ndarray]:
    """Return metres to the nearest of each element from every node; 1,250 stands for none."""
    return [
        net.nearest_pois(LIMIT_M, f"e{element}", num_pois=1)[1].to_numpy()
        for element in range(n_elements)
    ]


def pandana_precompute(net: Any) -> tuple[float, float]:
    """Let pandana find all nodes in range of every node; return seconds and MB it took."""
    before_mb, start = resident_mb(), time.perf_counter()
    with silent():
        net.precompute(LIMIT_M)
    return time.perf_counter() - start, resident_mb() - before_mb


def pandana_counts(net: Any, facilities: list[np.ndarray]) -> np.ndarray:
    """Return how many facilities of each element lie within the limit of every node."""
    import pandas as pd

    out = []
    for element, nodes in enumerate(facilities):
        net.set(pd.Series(nodes), variable=pd.Series(np.ones(len(nodes))), name=f"n{element}")
        found = net.aggregate(LIMIT_M, type="sum", decay="flat", name=f"n{element}")
        out.append(found.to_numpy())
    return np.rint(np.array(out).T).astype(np.int32)


def resident_mb() -> float:
    """Return the memory this process holds, MB; 0 where the system does not tell."""
    status = Path("/proc/self/statm")
    if not status.is_file():
        return 0.0
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def scipy_nearest(graph: BenchGraph, facilities: list[np.ndarray]) -> list[np.ndarray]:
    """Return metres to the nearest of each element from every place (our order), inf for none."""
    place = graph.network.node_place
    return [
        dijkstra(graph.matrix_in_place, indices=place[nodes], limit=LIMIT_M, min_only=True)
        for nodes in facilities
    ]


def multi_digraph(graph: BenchGraph) -> nx.MultiDiGraph:
    """Return the graph as osmnx hands it out: a MultiDiGraph, both ways, with osmnx's attributes."""
    network, out = graph.network, nx.MultiDiGraph()
    x, y = network.node_xy_m.T.tolist()
    degree = np.bincount(np.r_[network.arc_tail, network.arc_head], minlength=graph.n).tolist()
    out.add_nodes_from(
        (i, {"x": x[i], "y": y[i], "street_count": degree[i]}) for i in range(graph.n)
    )
    of_arc = np.repeat(np.arange(network.n_arcs), np.diff(network.arc_first))
    lines = shapely.linestrings(network.arc_xy_m, indices=of_arc)
    columns = (network.arc_tail, network.arc_head, network.arc_way_id, network.arc_length_m)
    rows = zip(*(one.tolist() for one in columns), lines, strict=True)
    for u, v, way, metres, line in rows:
        kept = {"osmid": way, "highway": "footway", "oneway": False, "length": metres}
        out.add_edge(u, v, **kept, reversed=False, geometry=line)
        out.add_edge(v, u, **kept, reversed=True, geometry=line.reverse())
    return out


def valhalla_actor(extract: Path, folder: Path) -> Any:
    """Build Valhalla's tiles from `extract` and return its engine, in this process."""
    import valhalla

    binary = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
    if not os.access(binary, os.X_OK):  # some wheels lose the run bit
        binary = Path(shutil.copy(binary, folder))
        binary.chmod(0o755)
    tiles = folder / "tiles"
    tiles.mkdir(exist_ok=True)
    config = valhalla.get_config(tile_dir=tiles, tile_extract="", verbose=False)
    for key in ("traffic_extract", "admin", "timezone", "landmarks", "transit_dir"):
        config["mjolnir"].pop(key, None)
    written = folder / "valhalla.json"
    written.write_text(json.dumps(config), "utf-8")
    subprocess.run([binary, "-c", written, extract], check=True, capture_output=True, cwd=folder)
    return valhalla.Actor(written)
