"""The digest of a study: one sha256 over everything that follows from inputs and parameters.

Times, machine and versions stay out. Numbers are taken to a micrometre, since the last bit of a
length may differ between processors.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from analysis.places.demand import Demand
from analysis.places.facilities import Facilities
from analysis.places.site_layers import SiteLayers
from analysis.streets.network import WalkNetwork
from analysis.study import Study

_DECIMALS: Final = 6


def canonical_json(value: object) -> bytes:
    """Return `value` as sorted compact JSON in UTF-8; raises ``ValueError`` for nan or infinity."""
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return text.encode("utf-8", "replace")


def study_digest(
    document: Mapping[str, object], rows: Iterable[Mapping[str, object]], study: Study
) -> str:
    """Return the sha256 of a study as hexadecimal digits.

    Parameters
    ----------
    document
        The study document without its own digest.
    rows
        The flat assessment.
    study
        Where the arrays come from.
    """
    whole = {"document": document, "assessment": list(rows), "arrays": array_digests(study)}
    return hashlib.sha256(canonical_json(whole)).hexdigest()


def array_digests(study: Study) -> dict[str, str]:
    """Return a sha256 for each table of the study, so that a difference names its stage."""
    inputs, reach = study.inputs, study.reach
    network, facilities = inputs.network, inputs.facilities
    barriers, circles = inputs.barriers, inputs.circles
    return {
        "network": _hash(
            network.node_id, network.node_xy_m, network.arc_tail, network.arc_head,
            network.arc_length_m, network.arc_first, network.arc_xy_m, network.arc_way_id,
            network.arc_class, network.arc_flags, network.class_names, network.crossing,
        ),
        "terrain": _hash(*_terrain(network)),
        "barriers": _hash(
            _coordinates(barriers.lines), barriers.kinds, _coordinates(barriers.compounds),
            barriers.compound_id, barriers.gate_compound, barriers.gate_xy_m,
            barriers.gate_inferred,
        ),
        "facilities": _hash(
            facilities.element_id, facilities.source_id, facilities.name, facilities.origin,
            facilities.status, facilities.xy_m, facilities.area_m2, facilities.ambiguous,
            facilities.entrance_first, facilities.entrance_xy_m, facilities.entrance_kind,
            *_attributes(facilities), *_shapes(facilities.shapes),
        ),
        "demand": _of_demand(inputs.demand),
        "beyond": _of_demand(inputs.beyond),
        "circles": _hash(circles.circle_id, circles.name, _coordinates(circles.polygons)),
        "site_layers": _of_layers(inputs.site_layers),
        "reach": _hash(
            reach.element_ids, reach.threshold_m, reach.threshold_s, reach.walk_m, reach.walk_s,
            reach.nearest, reach.covered, reach.covered_certain, reach.edge_m,
        ),
        "gaps": _hash(*(part for gap in study.gaps for part in ((gap.gap_id,), gap.points))),
    }  # fmt: skip


def _of_demand(demand: Demand) -> str:
    return _hash(
        demand.point_id, demand.xy_m, demand.people, demand.people_estimated,
        demand.households, demand.land_m2, demand.circle,
        *(part for name in sorted(demand.groups) for part in ((name,), demand.groups[name])),
    )  # fmt: skip


def _of_layers(layers: SiteLayers) -> str:
    ground, land = layers.ground, layers.land
    shapes = (*(layers.shapes[one] for one in sorted(layers.shapes)), layers.outlines, land.shapes)
    drawn = (part for one in shapes for part in (shapely.get_type_id(one), _coordinates(one)))
    heights: tuple[npt.NDArray[np.generic], ...] = ()
    if ground is not None:
        steps = np.array([ground.step_m, ground.window_m])
        heights = (ground.origin_m, steps, ground.height_m)
    return _hash(
        tuple(sorted(layers.shapes)), layers.outline_id, land.source_id, land.kind, land.name,
        land.use, *drawn, *heights,
    )  # fmt: skip


def _attributes(facilities: Facilities) -> tuple[tuple[str, ...], ...]:
    """Return each row's columns and tags as key, value, key, value …, sorted by key."""
    return tuple(
        tuple(part for key in sorted(row) for part in (key, row[key]))
        for row in facilities.attributes
    )


def _shapes(shapes: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.generic], ...]:
    """Return what each outline is, which ring or part each vertex belongs to, and the vertices."""
    kind = shapely.get_type_id(shapes).astype(np.int32)
    parts, shape_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = [], []
    for number, part in enumerate(parts):
        own = shapely.get_rings(part) if part.geom_type == "Polygon" else [part]
        rings += list(own)
        part_of_ring += [number] * len(own)
    flat = np.empty(len(rings), dtype=object)
    flat[:] = rings
    return kind, shape_of_part, np.array(part_of_ring, dtype=np.int64), _coordinates(flat)


def _terrain(network: WalkNetwork) -> tuple[npt.NDArray[np.generic], ...]:
    terrain = network.terrain
    return () if terrain is None else (terrain.run_first, terrain.run_m, terrain.grade)


def _coordinates(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    xy, row = shapely.get_coordinates(shapes, return_index=True)
    return np.column_stack([row.astype(np.float64), xy])


def _hash(*parts: npt.NDArray[np.generic] | tuple[str, ...]) -> str:
    sha = hashlib.sha256()
    for part in parts:
        if isinstance(part, tuple):
            sha.update(canonical_json(part))
            continue
        array = part
        if array.dtype.kind == "f":
            array = np.round(array.astype(np.float64), _DECIMALS) + 0.0
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        sha.update(f"{little.dtype.str}{little.shape}".encode())
        sha.update(little.tobytes())
    return sha.hexdigest()
