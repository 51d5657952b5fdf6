"""Renewal: all four dimensions of stock that is to be renewed, in any scope."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from analysis.judgement.attribute_values import read_attributes
from analysis.judgement.coverage import Measured
from analysis.judgement.judged import Judged, Surroundings
from analysis.judgement.lane_tags import LaneTags, filled, lane_tags, mapped_quality
from analysis.judgement.line_renewal import (
    LaneStandard,
    density_figure,
    judge_lane_coverage,
    lane_standard,
    nearest_lane,
    nearest_lane_figure,
    street_lines,
    with_lengths,
)
from analysis.judgement.quality import judge_quality
from analysis.judgement.stock_renewal import (
    Stock,
    judge_stock_coverage,
    judge_stock_scale,
    no_stock,
    read_stock,
    renewed,
)
from analysis.places.attributes import AttributeValues
from analysis.places.scope import Scope
from analysis.standard.profile import Element
from analysis.standard.verdicts import DIMENSIONS, Dimension, DimensionVerdict, Figure
from analysis.units import BoolArray, FloatArray, GeometryArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lanes:
    """What is known of lanes alone: which meet the standard, and each home's nearest.

    `nearest` float64 [p] are positions in the stock, nan for none; `from_map` bool [r] tells which
    lanes took attributes from the tags of the map.
    """

    standard: LaneStandard
    nearest: FloatArray
    from_map: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Renewal:
    """One element of stock, read once and ready to be judged in any scope.

    `stock` is None where the element has no rule for it; `lanes` where it is not about lanes.
    `streets` are the street lines that a density is worked out from, `tags` those of mapped lanes.
    """

    measured: Measured
    element: Element
    stock: Stock | None
    values: Mapping[str, AttributeValues]
    lanes: Lanes | None
    streets: GeometryArray | None
    tags: LaneTags | None

    def judge(self, scope: Scope) -> dict[Dimension, DimensionVerdict]:
        """Return all dimensions; without any list all are open and name its columns."""
        stock, element = self.stock, self.element
        if stock is None or len(stock.rows) == 0:
            found = {one: no_stock(one, element) for one in DIMENSIONS}
            beside = self._density(scope)
            found["scale"] = replace(found["scale"], figures=beside)
            return found | self._from_map(scope, found["quality"])
        here = scope.inside[stock.rows]
        return {
            "scale": self._scale(stock, here, scope),
            "coverage": self._coverage(stock, here, scope),
            "efficiency": self._by_columns("efficiency", stock, here),
            "quality": self._by_columns("quality", stock, here),
        }

    def _from_map(
        self, scope: Scope, without: DimensionVerdict
    ) -> dict[Dimension, DimensionVerdict]:
        """Return the quality of the lanes of the map; with too few tags its figures alone."""
        if self.tags is None or len(self.tags.lanes) == 0:
            return {}
        attributes = self.measured.standard.attributes
        found = mapped_quality(self.element.quality, attributes, self.tags, scope, self._min_known)
        if found.verdict == "not_assessed":
            found = replace(without, figures=found.figures)
        return {"quality": found}

    @property
    def _min_known(self) -> float:
        return self.measured.standard.verdict_rules.min_known_share.value

    def _scale(self, stock: Stock, here: BoolArray, scope: Scope) -> DimensionVerdict:
        rule = self.element.scale
        if rule is None:
            return no_stock("scale", self.element)
        verdict = judge_stock_scale(
            self.element, rule, stock, renewed(stock, here), self._min_known
        )
        return replace(verdict, figures=(*verdict.figures, *self._density(scope)))

    def _density(self, scope: Scope) -> tuple[Figure, ...]:
        rule = self.element.scale
        if rule is None or rule.density is None or self.streets is None:
            return ()
        return (density_figure(rule.density, self.streets, scope),)

    def _coverage(self, stock: Stock, here: BoolArray, scope: Scope) -> DimensionVerdict:
        element, lanes = self.element, self.lanes
        if lanes is None:
            return judge_stock_coverage(element, stock, renewed(stock, here), self._min_known)
        verdict = judge_lane_coverage(
            element, stock, lanes.standard, here, self._min_known, from_map=lanes.from_map
        )
        near = nearest_lane_figure(
            element, lanes.standard, lanes.nearest, self.measured.demand, scope
        )
        return verdict if near is None else replace(verdict, figures=(*verdict.figures, near))

    def _by_columns(self, dimension: Dimension, stock: Stock, here: BoolArray) -> DimensionVerdict:
        rules = self.element.efficiency if dimension == "efficiency" else self.element.quality
        eligible = here & ~(stock.eligible == 0)
        judged = Judged(facilities=self.measured.facilities, rows=stock.rows[eligible], inside=True)
        verdict = judge_quality(
            rules, judged=judged, values=self.values, surroundings=Surroundings(),
            min_known_share=self._min_known,
        )  # fmt: skip
        return replace(verdict, dimension=dimension)


def renewal(measured: Measured, element: Element) -> Renewal:
    """Read the stock of an element that nobody walks to."""
    facilities, standard = measured.facilities, measured.standard
    stock, lanes = None, None
    values: Mapping[str, AttributeValues] = {}
    mapped = measured.evidence.lanes.get(element.id)
    tags = None if mapped is None else lane_tags(element.quality, standard.attributes, mapped)
    if element.stock is not None:
        rows = facilities.of_element(element.id)
        stock = with_lengths(read_stock(element.stock, facilities, rows), facilities)
        rules = (*element.efficiency, *element.quality)
        values = read_attributes(rules, standard.attributes, facilities, stock.rows)
        if element.treatment == "line_renewal":
            from_map = np.zeros(len(stock.rows), dtype=bool)
            if tags is not None:
                known = standard.verdict_rules.min_known_share.value
                told = filled(values, stock, facilities, tags, known)
                values, from_map = told.values, told.from_map
            lanes = Lanes(
                from_map=from_map,
                standard=lane_standard(element.quality, values, stock),
                nearest=nearest_lane(stock, facilities, measured.demand.xy_m),
            )
    with_density = element.scale is not None and element.scale.density is not None
    streets = None
    if with_density and measured.network is not None:
        streets = street_lines(measured.network)
    return Renewal(
        measured=measured, element=element, stock=stock, values=values, lanes=lanes,
        streets=streets, tags=tags,
    )  # fmt: skip
