"""From an OpenStreetMap extract to the barriers of a study and the gates of its compounds."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.extent import ReadArea
from analysis.sources.osm.data import OsmData
from analysis.sources.streets.access import AccessRules, holds_any
from analysis.sources.streets.areas import CompoundAreas, compound_areas
from analysis.sources.streets.barrier_lines import BarrierLines, read_lines
from analysis.sources.streets.compounds import Compounds, closed_compounds, infer_gates
from analysis.sources.streets.gates import closing_rules, tagged_near
from analysis.sources.streets.openings import (
    Openings,
    cut_open,
    gate_points,
    joined,
    openings_at,
    openings_nearest,
    street_openings,
)
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork
from analysis.units import FloatArray, GeometryArray, IntArray
from analysis.walking import ArcFlag

GIVEN_GATE_LIMIT_M: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarriersReading:
    """The barriers and compounds, and what was inferred, repaired or left out."""

    barriers: Barriers
    notices: tuple[Notice, ...]


def read_barriers(
    data: OsmData,
    area: ReadArea,
    network: WalkNetwork,
    rules: AccessRules,
    extra_gates_m: FloatArray | None = None,
) -> BarriersReading:
    """Read what a straight access leg may not cross within `area.read`.

    Walls, fences and the rings of compounds are cut open, 3 m to either side, at the gates on them
    and where a street of `network` meets them other than on a bridge or in a tunnel; railways only
    at level crossings; water not at all. A compound without any opening gets one gate where its
    ring is nearest to a street outside every compound.

    Parameters
    ----------
    extra_gates_m
        Gates that the planner knows, float64 [g, 2] metres, at most 15 m off their wall or ring.
    """
    areas = compound_areas(data, area, rules)
    nodes = _nodes(data, area, rules, areas)
    compounds = closed_compounds(areas, rules, nodes.ring_gate_m)
    lines, line_notices = read_lines(data, area, rules, compounds)
    given_m = np.empty((0, 2)) if extra_gates_m is None else extra_gates_m
    streets = _streets(network)
    known, unused = _known_openings(lines, streets, nodes, given_m)

    gate_compound, gate_xy_m = gate_points(known, lines)
    gateless = np.setdiff1d(np.arange(len(compounds.source_id)), gate_compound)
    inferred, inferred_xy_m = infer_gates(compounds, gateless, streets)
    assumed = openings_at(lines, lines.opened_by_any("gates"), inferred_xy_m)
    geometry, of_line = cut_open(lines, joined(known, assumed))

    is_inferred = np.repeat([False, True], [len(gate_compound), len(inferred)])
    gate_compound = np.concatenate([gate_compound, inferred])
    gate_xy_m = np.vstack([gate_xy_m, inferred_xy_m])
    by = np.lexsort((gate_xy_m[:, 1], gate_xy_m[:, 0], gate_compound))
    barriers = Barriers(
        lines=geometry,
        kinds=tuple(lines.kind[i] for i in of_line),
        compounds=compounds.polygons,
        compound_id=compounds.source_id,
        compound_name=compounds.name,
        gate_compound=gate_compound[by].astype(np.int32),
        gate_xy_m=gate_xy_m[by],
        gate_inferred=is_inferred[by],
    )
    unsolved = np.setdiff1d(gateless, inferred)
    notices = (*areas.notices, *line_notices, *_notices(compounds, inferred, unsolved, unused))
    return BarriersReading(barriers=barriers, notices=notices)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Nodes:
    """Places of nodes in metres, each float64 [*, 2]."""

    gate_m: FloatArray
    ring_gate_m: FloatArray
    crossing_m: FloatArray
    refused_m: FloatArray


def _nodes(data: OsmData, area: ReadArea, rules: AccessRules, areas: CompoundAreas) -> _Nodes:
    keys = frozenset(rules.node_keys)
    rows = tagged_near(data, area, lambda tags: not keys.isdisjoint(tags))
    xy_m = area.crs.project(data.node_lonlat[data.tagged_node[rows]])
    refused = closing_rules(data, rows, xy_m, rules, areas) >= 0

    opens = (rules.gates, rules.ring_gates, rules.crossings)
    known: dict[tuple[str | None, ...], tuple[bool, ...]] = {}  # nodes that look alike to the rules
    found = np.zeros((len(rows), len(opens)), dtype=np.bool_)
    for at, row in enumerate(rows.tolist()):
        tags = data.node_tags[row]
        alike = tuple(map(tags.get, rules.node_keys))
        if alike not in known:
            known[alike] = tuple(holds_any(conditions, tags) for conditions in opens)
        found[at] = known[alike]
    return _Nodes(
        gate_m=xy_m[found[:, 0] & ~refused],
        ring_gate_m=xy_m[found[:, 1]],
        crossing_m=xy_m[found[:, 2]],
        refused_m=xy_m[refused],
    )


def _streets(network: WalkNetwork) -> GeometryArray:
    """Return the arcs that can be stepped onto midway as lines: no bridges, no tunnels."""
    counts = np.diff(network.arc_first)
    lines: GeometryArray = shapely.linestrings(
        network.arc_xy_m, indices=np.repeat(np.arange(network.n_arcs), counts)
    )
    on_the_ground: GeometryArray = lines[(network.arc_flags & int(ArcFlag.UNLINKABLE)) == 0]
    return on_the_ground


def _known_openings(
    lines: BarrierLines, streets: GeometryArray, nodes: _Nodes, given_m: FloatArray
) -> tuple[Openings, IntArray]:
    """Return all openings that are mapped or given, and which given gates found no line."""
    gated = lines.opened_by_any("gates")
    given, found = openings_nearest(lines, gated, given_m, GIVEN_GATE_LIMIT_M)
    openings = joined(
        given,
        openings_at(lines, gated, nodes.gate_m),
        openings_at(lines, lines.opened_by_any("crossings"), nodes.crossing_m),
        street_openings(lines, lines.opened_by_any("streets"), streets, nodes.refused_m),
    )
    return openings, np.flatnonzero(~found).astype(np.int32)


def _notices(
    compounds: Compounds, inferred: IntArray, unsolved: IntArray, unused: IntArray
) -> tuple[Notice, ...]:
    found = (
        notice(
            "compound.gate_inferred",
            message("compound.gate_inferred"),
            (compounds.source_id[i] for i in inferred),
            "warning",
        ),
        notice(
            "compound.no_street",
            message("compound.no_street"),
            (compounds.source_id[i] for i in unsolved),
            "warning",
        ),
        notice(
            "barrier.gate_off_line",
            message("barrier.gate_off_line", limit_m=f"{GIVEN_GATE_LIMIT_M:.0f}"),
            (f"gate/{i + 1}" for i in unused.tolist()),
            "warning",
        ),
    )
    return tuple(entry for entry in found if entry.subjects)
