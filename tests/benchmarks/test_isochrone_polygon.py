"""15 minutes with polygon: ours fast and exact, the plain buffer union, and Valhalla's isochrone."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from analysis.crs import MetricCRS
from analysis.isochrones.agreement import measure_agreement
from analysis.isochrones.drawing import draw
from analysis.isochrones.isochrone import DEFAULT_BUFFER_M, PreparedPlace, isochrones, prepare_place
from analysis.kernels.stretches import segments_of
from analysis.linking.linkable import LinkRules
from analysis.linking.linkage import link_points
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.streets.barriers import no_barriers
from analysis.walks.reached import reached_pieces
from analysis.walks.scratch import SearchScratch
from tests.benchmarks import foreign
from tests.benchmarks.graphs import LIMIT_M, tiled
from tests.benchmarks.ours import ADULT
from tests.benchmarks.timing import Line, by_query, fact, faster, show, within

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]
N_QUERIES = 100
JACCARD = {"fast": 0.97, "exact": 0.99}


def overlap(one: shapely.Geometry, other: shapely.Geometry) -> float:
    """Return the common area of two polygons as a share of either."""
    common = shapely.intersection(one, other).area
    return common / (one.area + other.area - common)


def spread_m(xy_m: np.ndarray, seed: int = 4) -> np.ndarray:
    """Return places within some metres of random junctions."""
    rng = np.random.default_rng(seed)
    return xy_m[rng.choice(len(xy_m), N_QUERIES, replace=False)] + rng.normal(0, 4, (N_QUERIES, 2))


@pytest.mark.parametrize(
    ("character", "bar_ms"),
    [("sparse", {"fast": 15, "exact": 60}), ("dense", {"fast": 25, "exact": 100})],
)
def test_drawings(character: str, bar_ms: dict[str, float]) -> None:
    graph = tiled(character, 250_000)
    place = prepare_place(graph.network, no_barriers(), ADULT, LinkRules())
    places = spread_m(graph.network.node_xy_m)

    def drawn(i: int, drawing: str):
        (found,) = isochrones(tuple(places[i]), (LIMIT_M,), place=place, drawing=drawing)
        return found

    def union(i: int) -> shapely.Geometry:
        found = drawn(i, "fast")
        lines = [*found.pieces, found.access_leg]
        return shapely.union_all(shapely.buffer(lines, DEFAULT_BUFFER_M))

    took = by_query({kind: lambda i, kind=kind: drawn(i, kind) for kind in bar_ms}, N_QUERIES)
    beside = by_query(
        {kind: lambda i, kind=kind: drawn(i, kind) for kind in bar_ms} | {"union": union}, 20, 1, 5
    )
    least = dict.fromkeys(bar_ms, 1.0)
    for i in range(20):
        reference = union(i)
        for kind in bar_ms:
            least[kind] = min(least[kind], overlap(drawn(i, kind).shape, reference))
    show(
        f"15 minutes with polygon, {graph.name}: link, search, pieces, drawing, measured agreement",
        [
            within(f"{kind} drawing, p95", took[kind].p95_s * 1e3, bar_ms[kind], "ms")
            for kind in bar_ms
        ]
        + [
            fact(f"{kind} drawing, median", f"{took[kind].median_s * 1e3:.1f} ms")
            for kind in bar_ms
        ]
        + [
            faster(f"{kind}, beside shapely's buffer union", beside[kind], beside["union"])
            for kind in bar_ms
        ],
        [
            f"{N_QUERIES} origins three times over; the union is timed with a fast one for its pieces",
            "least Jaccard index with the buffer union, 20 origins: "
            + ", ".join(f"{kind} {least[kind]:.4f}" for kind in bar_ms),
        ],
    )
    for kind in bar_ms:
        assert least[kind] >= JACCARD[kind]


def as_geojson(place: PreparedPlace, xy_m: np.ndarray, crs: MetricCRS, kind: str) -> str:
    """Return our polygon as Valhalla's answer comes: GeoJSON in degrees."""
    (found,) = isochrones(tuple(xy_m), (LIMIT_M,), place=place, drawing=kind)
    return shapely.to_geojson(shapely.transform(found.shape, crs.unproject))


def parts_of(place: PreparedPlace, places: np.ndarray, crs: MetricCRS) -> Line:
    """Return where the time of a fast answer goes."""
    network, rules = place.graph.network, place.rules
    scratch = SearchScratch(place.graph)

    def linked(i: int):
        return link_points(
            places[i : i + 1], network, place.linkable, place.barriers, rules, walls=place.walls
        )

    origins = [linked(i) for i in range(len(places))]
    found = [isochrones(tuple(one), (LIMIT_M,), place=place, drawing="fast")[0] for one in places]
    segments = [segments_of(one.piece_first, one.piece_xy_m) for one in found]
    jobs = {
        "link": linked,
        "search and pieces": lambda i: reached_pieces(place.graph, origins[i], (LIMIT_M,), scratch),
        "draw and measure": lambda i: draw(segments[i], buffer_m=DEFAULT_BUFFER_M, kind="fast"),
        "measure alone": lambda i: measure_agreement(found[i].shape, segments[i], DEFAULT_BUFFER_M),
        "to degrees and GeoJSON": lambda i: shapely.to_geojson(
            shapely.transform(found[i].shape, crs.unproject)
        ),
    }
    took = by_query(jobs, len(places), passes=1)
    return fact(
        "of a fast one, medians, ms",
        ", ".join(f"{name} {one.median_s * 1e3:.2f}" for name, one in took.items()),
    )


@pytest.mark.parametrize("city", ["monaco_2023", "las_palmas_2023"])
def test_beside_valhalla(city: str, shared_data: Path, tmp_path: Path) -> None:
    extract = shared_data / f"{city}.osm.pbf"
    inputs = read_inputs(InputRequest(source=extract))
    network = inputs.network
    place = prepare_place(network, inputs.barriers, ADULT, LinkRules())
    main = np.unique(network.arc_tail[network.arc_component == 0])
    places = spread_m(network.node_xy_m[main])
    lonlat = inputs.crs.unproject(places)
    actor = foreign.valhalla_actor(extract, tmp_path)
    asked = [
        json.dumps(
            {
                "locations": [{"lon": lon, "lat": lat}],
                "costing": "pedestrian",
                "costing_options": {"pedestrian": {"walking_speed": 5.0}},
                "contours": [{"time": 15}],
                "polygons": True,
            }
        )
        for lon, lat in lonlat.tolist()
    ]
    jobs = {
        "fast": lambda i: as_geojson(place, places[i], inputs.crs, "fast"),
        "exact": lambda i: as_geojson(place, places[i], inputs.crs, "exact"),
        "valhalla": lambda i: actor.isochrone(asked[i]),
    }
    took = by_query(jobs, N_QUERIES)
    shared, ratio = [], []
    for i in range(0, N_QUERIES, 5):
        mine = shapely.transform(shapely.from_geojson(jobs["exact"](i)), inputs.crs.project)
        theirs = shapely.from_geojson(jobs["valhalla"](i))
        theirs = shapely.make_valid(shapely.transform(theirs, inputs.crs.project))
        theirs = shapely.union_all(shapely.get_parts(theirs))
        shared.append(shapely.intersection(mine, theirs).area / mine.area)
        ratio.append(theirs.area / mine.area)
    show(
        f"15 minutes with polygon beside Valhalla, {city}, both as GeoJSON in degrees",
        [faster(f"{kind} drawing", took[kind], took["valhalla"], 1.0) for kind in ("fast", "exact")]
        + [
            fact("p95 of ours, fast / exact / Valhalla, ms",
                 " / ".join(f"{one.p95_s * 1e3:.1f}" for one in took.values())),
            parts_of(place, places, inputs.crs),
            fact("answer, bytes, fast / exact / Valhalla",
                 " / ".join(f"{np.median([len(job(i)) for i in range(20)]):,.0f}" for job in jobs.values())),
        ],
        [
            f"{N_QUERIES} places within some metres of junctions, three times over",
            (f"Valhalla's polygon holds {np.median(shared):.0%} of ours (median) and is "
            f"{np.median(ratio):.2f} times as large: its outline is generalised and fills what "
            "nobody reaches"),
        ],
    )  # fmt: skip
    assert np.median(shared) > 0.6, "the same place was asked"
