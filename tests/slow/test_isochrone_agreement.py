"""Polygons against the sets they draw: 100 random origins in each shared city, 5, 10, 15 minutes.

The set is every place within 25 m of a reached piece or of the access leg; the oracle is GEOS'
union of buffers with 128-sided circles. Figures are printed for ``docs/verification.md``.
"""

import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from analysis.errors import NotOnNetworkError
from analysis.isochrones.isochrone import Isochrone, PreparedPlace, isochrones, prepare_place
from analysis.linking.linkable import LinkRules
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]

N_ORIGINS = 100
MINUTES = (5, 10, 15)
LEAST = {"fast": 0.97, "exact": 0.99}
# How far the figure of a sample may be off: 500 places inside for the screen, 2,000 for reports.
OFF = {"fast": 0.02, "exact": 0.01}
CITIES = {
    "monaco": "monaco_2023.osm.pbf",
    "las_palmas": "las_palmas_2023.osm.pbf",
    "tsinghua": "beijing_tsinghua_2017.osm.pbf",
    "tongji": "shanghai_tongji_2026.osm.pbf",
    "porto_alegre": "porto_alegre_2020_network.osm.pbf",
    "puyang": "puyang_qingzu_2023_rural.osm.pbf",
    "guiyang": "guiyang_guanshanhu_2026.overpass.json",
}


def random_walks(place: PreparedPlace, cutoffs_m: tuple[float, ...]):
    """Yield (cutoff number, isochrones by kind) for origins up to 30 m beside random streets."""
    network = place.graph.network
    rng = np.random.default_rng(15)
    left = N_ORIGINS
    while left:
        vertex = network.arc_xy_m[rng.integers(len(network.arc_xy_m))]
        x, y = (vertex + rng.uniform(-30.0, 30.0, 2)).tolist()
        try:
            found = {
                kind: isochrones((x, y), cutoffs_m, place=place, drawing=kind) for kind in LEAST
            }
        except NotOnNetworkError:
            continue
        left -= 1
        for number in range(len(cutoffs_m)):
            yield number, {kind: every[number] for kind, every in found.items()}


def exact_set(one: Isochrone) -> shapely.Geometry:
    return shapely.union_all(shapely.buffer([*one.pieces, one.access_leg], 25.0, quad_segs=32))


@pytest.mark.parametrize("city", CITIES)
def test_polygons_agree_with_their_sets(city: str, shared_data: Path) -> None:
    inputs = read_inputs(InputRequest(source=shared_data / CITIES[city]))
    profile = inputs.standard.profile("adult")
    rules = LinkRules(snap_limit_m=inputs.standard.snap_limit_m.value)
    place = prepare_place(inputs.network, inputs.barriers, profile, rules)
    cutoffs_m = tuple(minutes * 60.0 * profile.speed_m_s for minutes in MINUTES)
    rows: dict[tuple[str, int], list[tuple[float, float, float]]] = {}
    for number, drawn in random_walks(place, cutoffs_m):
        truth = exact_set(drawn["exact"])
        for kind, one in drawn.items():
            assert one.shape.is_valid
            both = shapely.area(one.shape & truth)
            jaccard = both / (one.shape.area + truth.area - both)
            told = one.drawing.agreement
            rows.setdefault((kind, MINUTES[number]), []).append(
                (jaccard, one.shape.area / truth.area - 1.0, told.jaccard)
            )
    for (kind, minutes), found in rows.items():
        jaccard, error, told = np.array(found).T
        assert len(jaccard) == N_ORIGINS
        sys.stdout.write(
            f"\n| {city} | {kind} | {minutes} min | {jaccard.min():.4f} | {np.median(jaccard):.4f} "
            f"| {error.min():+.3%} … {error.max():+.3%} | {np.abs(told - jaccard).max():.4f} |"
        )
        assert jaccard.min() >= LEAST[kind]
        assert np.abs(told - jaccard).max() < OFF[kind]
        assert kind == "fast" or np.abs(error).max() <= 0.01
