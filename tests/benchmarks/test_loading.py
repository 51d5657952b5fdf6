"""Loading: a city's streets beside pyrosm and osmnx, opening a saved network, one isochrone.

Everything runs in fresh processes, in turn, with bytecode and kernels cached, as on a machine where
it has run once before. Printed for ``docs/benchmarks.md``.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from osmium.osm import mutable

from analysis.crs import MetricCRS
from analysis.linking.linkable import LinkRules
from analysis.sources.standards import read_standard
from analysis.sources.store.network_parts import NetworkOrigin, NetworkParts
from analysis.sources.store.networks import open_network, save_network
from analysis.streets.barriers import no_barriers
from tests.benchmarks.graphs import tiled
from tests.benchmarks.timing import HERE, Line, Timing, fact, faster, in_fresh_process, show, within

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]

ROUNDS = 5
EXTRACT = "las_palmas_2023.osm.pbf"

# Each prints: seconds of the imports, of the first load, of the second load; peak MB.
CLOCK = """
import sys, time, warnings
warnings.simplefilter("ignore")
started = time.perf_counter()
def peak():
    with open("/proc/self/status") as status:
        return next(int(r.split()[1]) * 1024 / 1e6 for r in status if r.startswith("VmHWM:"))
def timed(load):
    imported = time.perf_counter()
    took = []
    for _ in range(2):
        begun = time.perf_counter()
        load()
        took.append(time.perf_counter() - begun)
        if len(took) == 1:
            peak_mb = peak()
    print()
    print(imported - started, *took, peak_mb)
"""
OURS = """
from pathlib import Path
from analysis.sources.network_inputs import read_network_inputs
from analysis.sources.standards import read_standard
timed(lambda: read_network_inputs(Path({path!r}), read_standard(None)))
"""
STREETS = """
from pathlib import Path
import numpy as np
from analysis.sources.extent import StudyArea, crs_around, extent_polygon, placed
from analysis.sources.osm.reader import read_osm
from analysis.sources.streets.access_table import access_rules
from analysis.sources.streets.keys import street_keys
from analysis.sources.streets.network import read_network
def load():
    rules = access_rules()
    data = read_osm(Path({path!r}), street_keys(rules))
    polygons = np.array([extent_polygon(data.extent)], dtype=object)
    crs = crs_around(polygons)
    box = placed(polygons, crs)[0]
    read_network(data, StudyArea(crs=crs, judged=box, read=box, data=box), rules)
timed(load)
"""
PYROSM = """
from pyrosm import OSM
def load():
    osm = OSM({path!r})
    nodes, edges = osm.get_network(network_type="walking", nodes=True)
    osm.to_graph(nodes, edges, graph_type="igraph", network_type="walking")
timed(load)
"""
OSMNX = """
import osmnx
timed(lambda: osmnx.graph_from_xml({path!r}, simplify=True, retain_all=True))
"""


@pytest.fixture(scope="module", autouse=True)
def cached_bytecode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let all processes keep their bytecode, as they do where nobody forbids it."""
    before = {name: os.environ.get(name) for name in CACHES}
    os.environ["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("bytecode"))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


CACHES = ("PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE")


def in_turn(scripts: Mapping[str, str], rounds: int) -> dict[str, dict[str, Timing]]:
    """Run scripts in fresh processes A B C A B C …, after one round unmeasured."""
    told: dict[str, list[list[float]]] = {name: [] for name in scripts}
    for turn in range(rounds + 1):
        for name, code in scripts.items():
            begun = time.perf_counter()
            numbers = in_fresh_process(code)
            whole_s = time.perf_counter() - begun - numbers[2]  # without the second load
            if turn:
                told[name].append([whole_s, *numbers])
    return {
        name: {
            part: Timing(tuple(row[place] for row in rows))
            for place, part in enumerate(("whole", "import", "first", "second", "peak_mb"))
        }
        for name, rows in told.items()
    }


def highways_as_xml(extract: Path, target: Path) -> Path:
    """Write the streets of an extract as XML, which is what osmnx reads; nodes that lack left out."""
    ways, used = [], set()
    known = {one.id for one in osmium.FileProcessor(str(extract), osmium.osm.NODE)}
    streets = osmium.FileProcessor(str(extract), osmium.osm.WAY)
    for way in streets.with_filter(osmium.filter.KeyFilter("highway")):
        nodes = [one.ref for one in way.nodes if one.ref in known]
        if len(nodes) > 1:
            ways.append(mutable.Way(id=way.id, nodes=nodes, tags=dict(way.tags), version=1))
            used.update(nodes)
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for node in osmium.FileProcessor(str(extract), osmium.osm.NODE):
            if node.id in used:
                writer.add_node(node)
        for way in ways:
            writer.add_way(way)
    return target


def test_a_city_from_pbf_to_network(shared_data: Path, tmp_path: Path) -> None:
    extract = str(shared_data / EXTRACT)
    xml = highways_as_xml(shared_data / EXTRACT, tmp_path / "streets.osm")
    found = in_turn(
        {
            "ours": CLOCK + OURS.format(path=extract),
            "streets": CLOCK + STREETS.format(path=extract),
            "pyrosm": CLOCK + PYROSM.format(path=extract),
            "osmnx": CLOCK + OSMNX.format(path=str(xml)),
        },
        ROUNDS,
    )
    ours, streets = found["ours"], found["streets"]
    lines: list[Line] = []
    for name, bar in (("osmnx", 10.0), ("pyrosm", 4.0)):
        theirs = found[name]
        lines += [
            faster(f"whole process, beside {name}", ours["whole"], theirs["whole"], bar),
            faster(f"… streets alone, as {name} reads", streets["whole"], theirs["whole"]),
            faster(f"load after the imports, {name}", ours["first"], theirs["first"]),
            faster("… streets alone", streets["first"], theirs["first"]),
            faster(f"second load in the process, {name}", ours["second"], theirs["second"]),
        ]
    share = ours["peak_mb"].median_s / found["pyrosm"]["peak_mb"].median_s
    lines += [
        fact("imports: ours, pyrosm, osmnx, s", ", ".join(
            f"{found[name]['import'].median_s:.2f}" for name in ("ours", "pyrosm", "osmnx"))),
        fact("peak memory: ours, pyrosm, osmnx, MB", ", ".join(
            f"{found[name]['peak_mb'].median_s:.0f}" for name in ("ours", "pyrosm", "osmnx"))),
        within("peak memory as a share of pyrosm's", share, 0.333, "×"),
    ]  # fmt: skip
    show(
        "Las Palmas from PBF to a network",
        lines,
        ["ours also reads barriers, compounds and where the data ends; the others read streets"],
    )


@pytest.fixture(scope="module", params=["sparse", "dense"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a saved network of 250,000 nodes."""
    network, standard = tiled(request.param, 250_000).network, read_standard(None)
    part = dict(one.split("=") for one in network.crs.replace("+", "").split() if "=" in one)
    low, high = network.node_xy_m.min(axis=0), network.node_xy_m.max(axis=0)
    parts = NetworkParts(
        network=network,
        barriers=no_barriers(),
        crs=MetricCRS(lon=float(part["lon_0"]), lat=float(part["lat_0"])),
        data_area=shapely.box(*low, *high),
        standard=standard.id,
        profile=standard.profile("adult"),
        walkers={one.name: one for one in standard.profiles},
        rules=LinkRules(),
    )
    folder = tmp_path_factory.mktemp("networks") / request.param
    save_network(parts, NetworkOrigin(file_name="tiled", sha256="", data_date=""), folder)
    return folder


OPEN = """
import sys, time
from pathlib import Path
from analysis.sources.store.networks import open_network
took = []
for _ in range(11):
    begun = time.perf_counter()
    saved = open_network(Path(sys.argv[1] if len(sys.argv) > 1 else {folder!r}))
    took.append(time.perf_counter() - begun)
begun = time.perf_counter()
saved.verify()
print()
print(took[0], sorted(took)[5], time.perf_counter() - begun)
"""


def test_opening_a_saved_network_of_250_000_nodes(saved: Path) -> None:
    code = OPEN.format(folder=str(saved))
    rows = [in_fresh_process(code) for _ in range(ROUNDS + 1)][1:]
    first, again, verify = (statistics.median(one) * 1e3 for one in zip(*rows, strict=True))
    size_mb = sum(one.stat().st_size for one in saved.iterdir()) / 1e6
    show(
        f"A saved network of 250,000 nodes ({saved.name}, {size_mb:.0f} MB)",
        [
            within("open, first in its process", first, 10.0, "ms"),
            within("open, again", again, None, "ms"),
            within("verify all checksums and values", verify, None, "ms"),
        ],
    )


def test_one_isochrone_as_a_process(saved: Path, tmp_path: Path) -> None:
    """``living-circle isochrone`` on a saved network beside ``import osmnx``, both whole processes."""
    opened = open_network(saved)
    middle = opened.network.node_xy_m[opened.network.n_nodes // 2][None]
    lon, lat = opened.crs.unproject(middle)[0]
    out = tmp_path / "o.geojson"
    command = [
        sys.executable, "-m", "service.cli", "isochrone", str(saved), f"--at={lon},{lat}",
        "--out", str(out), "-q",
    ]  # fmt: skip
    jobs = {
        "exact": command,
        "fast": [*command, "--drawing", "fast"],
        "import osmnx": [sys.executable, "-c", "import osmnx"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(ROUNDS + 1):
        for name, job in jobs.items():
            out.unlink(missing_ok=True)
            begun = time.perf_counter()
            subprocess.run(job, cwd=HERE, check=True)
            if turn:
                seconds[name].append(time.perf_counter() - begun)
    theirs = Timing(tuple(seconds["import osmnx"]))
    show(
        f"One isochrone as a process, 250,000 nodes ({saved.name})",
        [
            faster(
                f"{name} drawing, beside import osmnx", Timing(tuple(seconds[name])), theirs, 2.0
            )
            for name in ("exact", "fast")
        ],
    )
    assert np.isfinite(lon)
