"""Compounds (小区): which areas are known to be closed, and a gate where none is known."""

from dataclasses import dataclass

import numpy as np
import shapely

from analysis.sources.streets.access import AccessRules, holds_any
from analysis.sources.streets.areas import CompoundAreas
from analysis.sources.streets.gates import ON_LINE_M
from analysis.units import FloatArray, GeometryArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compounds:
    """Compounds whose ring is a barrier: `polygons` object [c] in metres, `source_id`, `name`."""

    polygons: GeometryArray
    source_id: tuple[str, ...]
    name: tuple[str, ...]


def closed_compounds(
    areas: CompoundAreas, rules: AccessRules, ring_gate_m: FloatArray
) -> Compounds:
    """Return the compounds of `areas` whose ring is known to be closed.

    That is a residential area whose tags say so or that has a gate on its ring, and any other
    ground that is walled all round. `ring_gate_m` are all gates of the extract, float64 [g, 2].
    """
    tree = shapely.STRtree(shapely.boundary(areas.polygons))
    hits = tree.query(shapely.points(ring_gate_m), predicate="dwithin", distance=ON_LINE_M)
    has_gate = np.zeros(len(areas.tags), dtype=np.bool_)
    has_gate[hits[1]] = True
    said = [holds_any(rules.compounds.closed_when, tags) for tags in areas.tags]
    closed = np.flatnonzero(~areas.residential | has_gate | np.array(said, dtype=np.bool_))
    return Compounds(
        polygons=areas.polygons[closed],
        source_id=tuple(areas.source_id[i] for i in closed),
        name=tuple(areas.tags[i].get("name", "") for i in closed),
    )


def infer_gates(
    compounds: Compounds, gateless: IntArray, streets: GeometryArray
) -> tuple[IntArray, FloatArray]:
    """Return a gate for each compound in `gateless`: the point of its ring nearest to a street.

    `streets` are the arcs that can be stepped onto; those inside a compound are no way out. Returns
    the compounds that got one (int32 [g], fewer where there is no street at all) and float64
    [g, 2] metres. Among equally near streets the first decides.
    """
    within = shapely.STRtree(compounds.polygons).query(streets, predicate="within")[0]
    outside = np.setdiff1d(np.arange(len(streets)), within)
    if len(outside) == 0 or len(gateless) == 0:
        return np.empty(0, dtype=np.int32), np.empty((0, 2))
    tree = shapely.STRtree(streets[outside])
    rings = shapely.boundary(compounds.polygons[gateless])
    row, hit = tree.query_nearest(rings, all_matches=True)
    by = np.lexsort((hit, row))
    row, first = np.unique(row[by], return_index=True)
    nearest = streets[outside][hit[by][first]]
    legs = shapely.shortest_line(rings[row], nearest)
    return gateless[row].astype(np.int32), shapely.get_coordinates(shapely.get_point(legs, 0))
