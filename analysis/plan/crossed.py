"""Crossed: what a straight line over the ground crosses, and so what has to be built along it."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely

from analysis.linking.linkable import arc_lines
from analysis.plan.link_parameters import LinkParameters
from analysis.plan.street_points import StreetPoints
from analysis.streets.barriers import NEVER_GATED
from analysis.streets.network import WalkNetwork
from analysis.streets.street_sides import ARTERIALS
from analysis.study import StudyInputs
from analysis.units import BoolArray, ByteArray, FloatArray, GeometryArray, IntArray
from analysis.walking import ArcFlag, WalkProfile

LinkKind = Literal["gate", "crossing", "path", "footbridge", "stairs", "lift"]
LINK_KINDS: Final[tuple[LinkKind, ...]] = (
    "gate", "crossing", "path", "footbridge", "stairs", "lift",
)  # fmt: skip
NO_LINK: Final = 255
ARTERIAL_KINDS: Final = ("arterial", "minor_arterial")
_RAMP: Final = 1.0 / 12.0  # the steepest ramp that a wheelchair may have to climb (GB 50763)
_LEAST_RISE_M: Final = 2.0  # less may be noise of the raster
_FREE_M: Final = 6.0  # homes along the streets at the ends are not in the way
_IN_THE_WAY_M: Final = 5.0  # a line this near to the middle of a home runs through it
_ENDS_M: Final = 0.5
_APART: Final = ArcFlag.BRIDGE | ArcFlag.TUNNEL | ArcFlag.UNLINKABLE | ArcFlag.FERRY


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crossed:
    """What lines cross: `kind` uint8 [l] in :data:`LINK_KINDS` or :data:`NO_LINK`.

    `walls` int32 [l]: built barriers that are opened. `barred_by` [l] kinds of barriers that are
    bridged, such as ``water``; empty where none is.
    """

    kind: ByteArray
    walls: IntArray
    barred_by: tuple[str, ...]

    def rows(self, chosen: BoolArray | IntArray) -> "Crossed":
        """Return some of the lines."""
        rows = np.arange(len(self.kind))[chosen]
        return Crossed(
            kind=self.kind[rows],
            walls=self.walls[rows],
            barred_by=tuple(self.barred_by[row] for row in rows.tolist()),
        )


class LinkGround:
    """The ground of a study, as far as its inputs know it, for one walker.

    Barriers, arterial roads (those that are walked, and dividing lines), homes by their middle, the
    outlines of dwellings that the map calls so and of facilities other than parks, `footprints` of
    all buildings where they are given, and heights where a raster was.
    """

    def __init__(
        self,
        inputs: StudyInputs,
        profile: WalkProfile,
        parameters: LinkParameters,
        footprints: GeometryArray | None = None,
    ) -> None:
        self.parameters, self.footprints_known = parameters, footprints is not None
        self._profile, self._heights = profile, inputs.site_layers.ground
        kinds = np.array(inputs.barriers.kinds, dtype=object)
        hard = np.isin(kinds, NEVER_GATED)
        self._hard_kinds = kinds[hard].tolist()
        self._hard = shapely.STRtree(inputs.barriers.lines[hard])
        self._built = shapely.STRtree(inputs.barriers.lines[~hard])
        self._arterial = shapely.STRtree(_arterials(inputs))
        self._streets = shapely.STRtree(_level_streets(inputs.network))
        homes = inputs.demand.xy_m[inputs.demand.is_building]
        self._homes = shapely.STRtree(shapely.points(homes))
        given = [] if footprints is None else [footprints]
        self._outlines = shapely.STRtree(np.concatenate([*given, *_outlines(inputs)]))

    @property
    def heights_known(self) -> bool:
        """Return whether it is known how steep lines are."""
        return self._heights is not None

    def crossed(self, begins: StreetPoints, ends: StreetPoints) -> Crossed:
        """Return what the straight lines between `begins` and `ends` cross.

        Lines through homes or footprints, and lines longer than their kind may be, are none. Nor
        are paths, gates and stairs that meet another street on the way: the part to that street
        is a link of its own.
        """
        lines, length_m = _between(begins.xy_m, ends.xy_m, 0.0)
        walls = _counts(self._built, lines)
        row, hit = self._hard.query(lines, predicate="intersects")
        barred_by = np.full(len(lines), "", dtype=object)
        for name in sorted(set(self._hard_kinds), reverse=True):
            own = np.array([self._hard_kinds[one] == name for one in hit.tolist()], dtype=bool)
            barred_by[row[own]] = name
        hard = barred_by != ""
        inner, _ = _between(begins.xy_m, ends.xy_m, _ENDS_M)
        over = _counts(self._arterial, inner) > 0
        kind = np.select(
            [hard, walls > 0, over],
            [LINK_KINDS.index(one) for one in ("footbridge", "gate", "crossing")],
            LINK_KINDS.index("path"),
        ).astype(np.uint8)
        level = kind == LINK_KINDS.index("path")
        kind[level & self._steep(begins, ends, length_m)] = LINK_KINDS.index(self._steps)
        kind[length_m > self._longest_m()[kind]] = NO_LINK
        on_foot = ~hard & (kind != LINK_KINDS.index("crossing"))
        kind[on_foot & (_counts(self._streets, inner) > 0)] = NO_LINK
        kind[self._built_over(begins.xy_m, ends.xy_m, inner)] = NO_LINK
        return Crossed(
            kind=kind,
            walls=np.where(hard, 0, walls).astype(np.int32),
            barred_by=tuple(barred_by.tolist()),
        )

    @property
    def _steps(self) -> LinkKind:
        return "lift" if self._profile.barred & ArcFlag.STEPS else "stairs"

    def _longest_m(self) -> FloatArray:
        p = self.parameters
        return np.array([p.gate_m, p.crossing_m, p.path_m, p.footbridge_m, p.path_m, p.path_m])

    def _steep(self, begins: StreetPoints, ends: StreetPoints, length_m: FloatArray) -> BoolArray:
        if self._heights is None:
            return np.zeros(len(begins), dtype=bool)
        low_m, high_m = (
            self._heights.elevations(shapely.points(one.xy_m)) for one in (begins, ends)
        )
        rise_m = np.abs(high_m - low_m)
        steep: BoolArray = (rise_m >= _LEAST_RISE_M) & (rise_m > _RAMP * length_m)
        return steep  # nan, not known, is not

    def _built_over(
        self, begin_m: FloatArray, end_m: FloatArray, inner: GeometryArray
    ) -> BoolArray:
        between, _ = _between(begin_m, end_m, _FREE_M)
        row, _ = self._homes.query(between, predicate="dwithin", distance=_IN_THE_WAY_M)
        over = np.zeros(len(between), dtype=bool)
        over[row] = True
        return over | (_counts(self._outlines, inner) > 0)


def _between(
    begin_m: FloatArray, end_m: FloatArray, trimmed_m: float
) -> tuple[GeometryArray, FloatArray]:
    """Return the straight lines without `trimmed_m` at either end, and their whole lengths.

    Lines too short for that are None.
    """
    apart = end_m - begin_m
    length_m = np.hypot(*apart.T)
    kept = length_m > 2.0 * trimmed_m
    share = np.divide(trimmed_m, length_m, out=np.zeros(len(length_m)), where=kept)[:, None]
    lines = np.full(len(length_m), None, dtype=object)
    ends = np.stack([begin_m + share * apart, end_m - share * apart], axis=1)
    lines[kept] = shapely.linestrings(ends[kept])
    return lines, length_m


def _counts(tree: shapely.STRtree, lines: GeometryArray) -> IntArray:
    row, _ = tree.query(lines, predicate="intersects")
    counts: IntArray = np.bincount(row, minlength=len(lines)).astype(np.int32)
    return counts


def _outlines(inputs: StudyInputs) -> list[GeometryArray]:
    """Return the outlines of dwellings, and of facilities, planners' and the map's, but parks."""
    layers, facilities = inputs.site_layers, inputs.facilities
    open_ground = {
        one.id for one in inputs.standard.elements if one.treatment == "tiered_polygon_access"
    }
    park = np.array([one in open_ground for one in facilities.element_id], dtype=bool)
    parks = {facilities.source_id[row] for row in np.flatnonzero(park).tolist()}
    built = np.array([one not in parks for one in layers.outline_id], dtype=bool)
    drawn = np.array([one is not None for one in facilities.shapes], dtype=bool)
    own = facilities.shapes[~park & drawn]
    found = (layers.of_layer("dwelling"), layers.outlines[built], own)
    return [one[shapely.area(one) > 0] for one in found]


def _level_streets(network: WalkNetwork) -> GeometryArray:
    """Return the streets that a path on the ground meets where it crosses them."""
    level = (network.arc_flags & int(_APART)) == 0
    return arc_lines(network, np.flatnonzero(level).astype(np.int32))


def _arterials(inputs: StudyInputs) -> GeometryArray:
    """Return the arterial roads on the ground: those on the map, and those that are walked."""
    network = inputs.network
    codes = [code for code, name in enumerate(network.class_names) if name in ARTERIALS]
    off = int(ArcFlag.BRIDGE | ArcFlag.TUNNEL)
    arcs = np.flatnonzero(np.isin(network.arc_class, codes) & ((network.arc_flags & off) == 0))
    walked = arc_lines(network, arcs.astype(np.int32))
    if inputs.dividers is None:
        return walked
    named = [kind.id in ARTERIAL_KINDS for kind in inputs.dividers.kinds]
    on_map = inputs.dividers.lines[np.array(named, dtype=bool)[inputs.dividers.kind]]
    return np.concatenate([walked, on_map])
