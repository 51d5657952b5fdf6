"""LookedAt: what a machine finds at each candidate: distances to layers, the ground, columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.candidates.candidates import Candidates
from analysis.candidates.outlines import FacilityOutlines
from analysis.messages import Message, Name, message
from analysis.standard.checkable_layers import COLUMNS, ELEMENT_LAYER, LAYERS
from analysis.standard.siting_rules import SitingRule
from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray, freeze

_AREA: Final = 2  # dimensions


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Distances:
    """From each candidate to the nearest object of a layer.

    `metres` float64 [c], 0 inside a polygon, inf where the layer is `empty`; `in_area` bool [c]:
    the nearest is a polygon.
    """

    metres: FloatArray
    in_area: BoolArray
    empty: bool

    def __post_init__(self) -> None:
        """Freeze."""
        freeze(self.metres)
        freeze(self.in_area)


class LookedAt:
    """All that rules may ask of candidates, worked out once, when first asked."""

    def __init__(
        self,
        candidates: Candidates,
        outlines: FacilityOutlines,
        *,
        names: Mapping[str, Name],
        data_area: shapely.Geometry | None = None,
    ) -> None:
        """Look at `candidates` on the layers of `outlines`, complete within `data_area`.

        `names` are those of elements by id.
        """
        self.candidates, self.outlines, self.data_area = candidates, outlines, data_area
        self.names = names
        self._distances: dict[str, Distances] = {}
        self._grounds: dict[str, FloatArray | None] = {}
        self._edge_m: FloatArray | None = None

    def distances(self, layer: str) -> Distances:
        """Return the distances to a layer of objects or to the facilities of an element."""
        if layer not in self._distances:
            own = layer.startswith(ELEMENT_LAYER)
            self._distances[layer] = (
                self._to_facilities(layer[len(ELEMENT_LAYER) :]) if own else self._to_layer(layer)
            )
        return self._distances[layer]

    def edge_m(self) -> FloatArray:
        """Return metres from each candidate to the end of the data, float64 [c]; 0 beyond it."""
        if self._edge_m is None:
            shapes = self.candidates.shapes
            self._edge_m = np.full(len(shapes), np.inf)
            if self.data_area is not None:
                shapely.prepare(self.data_area)
                edge_m = shapely.distance(shapes, shapely.boundary(self.data_area))
                inside = shapely.intersects(self.data_area, shapely.points(self.candidates.xy_m))
                self._edge_m = np.where(inside, edge_m, 0.0)
        return self._edge_m

    def ground(self, layer: str) -> FloatArray | None:
        """Return slope or elevation of each site, float64 [c], nan unknown; None: no heights."""
        if layer not in self._grounds:
            ground = self.outlines.layers.ground
            if ground is None:
                self._grounds[layer] = None
            else:
                ask = ground.slopes if layer == "slope" else ground.elevations
                self._grounds[layer] = ask(self.candidates.shapes)
        return self._grounds[layer]

    def numbers(self, column: str) -> FloatArray:
        """Return a column of numbers, float64 [c]; nan where it is not known."""
        found: FloatArray = getattr(self.candidates, column)
        return found

    def texts(self, column: str) -> tuple[str | None, ...]:
        """Return a column of texts [c]; None where it is not known.

        An empty `exclusion` is known: nothing is stated against the site.
        """
        if column == "kind":
            return tuple(None if one == "unknown" else one for one in self.candidates.space)
        held: tuple[str, ...] = getattr(self.candidates, column)
        return held if column == "exclusion" else tuple(one.strip() or None for one in held)

    def subject(self, rule: SitingRule) -> Message:
        """Return what a rule looks at, in words."""
        if rule.column:
            return message(f"siting.column.{rule.column}")
        if rule.element_id:
            name = self.names.get(rule.element_id, rule.element_id)
            return message("siting.layer.element", name=name)
        ground = self.outlines.layers.ground
        if rule.layer == "slope" and ground is not None and ground.estimated:
            return message("candidates.slope_estimate", window=ground.window_m)
        return message(f"siting.layer.{rule.layer}")

    def _to_layer(self, layer: str) -> Distances:
        return _nearest(self.outlines.layers.of_layer(layer), self.candidates.shapes)

    def _to_facilities(self, element_id: str) -> Distances:
        """Return distances to the facilities of an element; none is near itself."""
        shapes, rows = self.outlines.of_element(element_id)
        found = _nearest(shapes, self.candidates.shapes)
        source_ids = self.outlines.facilities.source_id
        theirs = {source_ids[row] for row in rows.tolist()}
        standing = np.flatnonzero(self.candidates.facility >= 0)
        metres, in_area = found.metres.copy(), found.in_area.copy()
        for one in standing.tolist():
            own = self.candidates.source_id[one]
            if own in theirs:
                metres[one], in_area[one] = self._to_others(one, own, shapes, rows)
        return Distances(metres=metres, in_area=in_area, empty=found.empty)

    def _to_others(
        self, one: int, own: str, shapes: GeometryArray, rows: IntArray
    ) -> tuple[float, bool]:
        source_ids = self.outlines.facilities.source_id
        others = np.array([source_ids[row] != own for row in rows.tolist()], dtype=bool)
        if not others.any():
            return float("inf"), False
        metres = shapely.distance(shapes[others], self.candidates.shapes[one])
        nearest = int(np.argmin(metres))
        is_area = shapely.get_dimensions(shapes[others][nearest]) == _AREA
        return float(metres[nearest]), bool(is_area)


def kind_of(rule: SitingRule) -> str:
    """Return what a rule that a machine checks is held against.

    ``distance``, ``ground``, ``number`` or ``text``.
    """
    if rule.column:
        return COLUMNS[rule.column].kind
    layer = LAYERS.get(rule.layer)
    return "ground" if layer is not None and layer.kind == "ground" else "distance"


def _nearest(layer: GeometryArray, shapes: GeometryArray) -> Distances:
    metres = np.full(len(shapes), np.inf)
    in_area = np.zeros(len(shapes), dtype=bool)
    if len(layer) and len(shapes):
        (own, other), found_m = shapely.STRtree(layer).query_nearest(
            shapes, return_distance=True, all_matches=False
        )
        metres[own] = found_m
        in_area[own] = shapely.get_dimensions(layer[other]) == _AREA
    return Distances(metres=metres, in_area=in_area, empty=len(layer) == 0)
