"""Builds: what a new facility of an element takes up, offers and costs, by the standard."""

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from analysis.standard.profile import Element
from analysis.standard.siting_rules import MinBuild, UnitCost, WorkKind

CostSource = Literal["default", "planner", "both", "none"]
_OF_SCALE: Final = ("seat", "bed", "place", "meal", "space", "port")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A range of costs, yuan; nan where nothing says what it costs.

    `source`: the standard's unit costs (``default``), figures of the planner (``planner``), both
    added up, or ``none``. `says` are the ids of the sources behind it.
    """

    low: float
    high: float
    source: CostSource
    confidence: str = ""
    says: tuple[str, ...] = ()

    @property
    def middle(self) -> float:
        """Return the middle of the range."""
        return (self.low + self.high) / 2.0

    @property
    def known(self) -> bool:
        """Return whether anything says what it costs."""
        return bool(np.isfinite(self.low))

    def plus(self, other: "Cost") -> "Cost":
        """Return both together; what nothing is said of stays out, and the source says so."""
        if self.source == "none" or not other.known:
            return other if self.source == "none" else self
        if other.source == "none":
            return self
        return Cost(
            low=self.low + other.low,
            high=self.high + other.high,
            source=self.source if self.source == other.source else "both",
            confidence=self.confidence or other.confidence,
            says=tuple(dict.fromkeys((*self.says, *other.says))),
        )


NO_COST: Final = Cost(low=float("nan"), high=float("nan"), source="none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One facility to be built, or what is added to one.

    `floor_m2` and `land_m2` it takes up, 0 where it takes none; `amount` it offers in the unit of
    the element's scale, nan where the standard does not say.
    """

    element_id: str
    floor_m2: float
    land_m2: float
    amount: float
    shared: bool = False

    @property
    def room_m2(self) -> float:
        """Return what it takes of a site: floor or ground, whichever is more."""
        return max(self.floor_m2, self.land_m2)

    @property
    def area_m2(self) -> float:
        """Return its ground where it stands on its own; nan inside a building."""
        return self.land_m2 if self.land_m2 > 0 and self.floor_m2 == 0 else float("nan")

    def larger(self, element: Element, amount: float) -> "Build":
        """Return one that offers `amount`, larger in proportion; the same where it is no more."""
        if not amount > self.amount:
            return self
        factor = amount / self.amount
        return replace(
            self,
            floor_m2=self.floor_m2 * factor,
            land_m2=self.land_m2 * factor,
            amount=amount if element.scale is not None else self.amount,
        )


def smallest(element: Element, *, shared: bool = False) -> Build:
    """Return the smallest facility worth building, or its part of a `shared` site.

    What it offers is what the standard says of that size; else floor or ground times what a square
    metre offers; else what each counts.
    """
    siting = element.siting
    own = _sized(element, siting.min_build)
    if not shared or siting.shared_build is None:
        return own
    part = _sized(element, siting.shared_build)
    amount = part.amount
    if np.isnan(amount) and own.room_m2 > 0:  # in proportion to what the whole one offers
        amount = own.amount * part.room_m2 / own.room_m2
    return replace(part, amount=amount, shared=True)


def cost_of(element: Element, kind: WorkKind, build: Build) -> Cost:
    """Return what building (or adding) `build` costs by the unit costs of the standard."""
    unit = element.siting.costs.get(kind)
    if unit is None:
        return NO_COST
    quantity = _quantity(element, unit, build)
    if not np.isfinite(quantity):
        return NO_COST
    return Cost(
        low=unit.low * quantity,
        high=unit.high * quantity,
        source="planner" if unit.confidence == "planner" else "default",
        confidence=unit.confidence,
        says=(unit.source,),
    )


def site_cost(cost_yuan: float, room_m2: float, build: Build) -> Cost:
    """Return the part of a site's own cost that falls to `build`: by the room that it takes."""
    if not np.isfinite(cost_yuan):
        return NO_COST
    part = 1.0
    if np.isfinite(room_m2) and room_m2 > 0 and build.room_m2 > 0:
        part = min(1.0, build.room_m2 / room_m2)
    value = cost_yuan * part
    return Cost(low=value, high=value, source="planner", confidence="planner", says=("PLANNER",))


def people_of(element: Element, amount: float) -> float:
    """Return for how much of the basis `amount` suffices by the norm; nan without a norm."""
    rule = element.scale
    if rule is None or rule.norm.value <= 0:
        return float("nan")
    return amount * rule.per / rule.norm.value


def _sized(element: Element, size: MinBuild | None) -> Build:
    floor = 0.0 if size is None or size.building_m2 is None else size.building_m2
    land = 0.0 if size is None or size.land_m2 is None else size.land_m2
    return Build(
        element_id=element.id,
        floor_m2=floor,
        land_m2=land,
        amount=_amount(element, size, floor, land),
    )


def _amount(element: Element, size: MinBuild | None, floor: float, land: float) -> float:
    rule = element.scale
    if rule is None:
        return float("nan")
    capacity = rule.capacity
    if size is not None and size.capacity is not None:
        return size.capacity.value
    if capacity.each is not None:
        return capacity.each
    if floor > 0 and capacity.per_floor_m2 is not None:
        return floor * capacity.per_floor_m2
    if land > 0 and capacity.per_land_m2 is not None:
        return land * capacity.per_land_m2
    return float("nan")


def _quantity(element: Element, unit: UnitCost, build: Build) -> float:
    if unit.per == "building_m2":
        return build.floor_m2
    if unit.per == "land_m2":
        return build.land_m2
    if unit.per == "facility":
        return 1.0
    rule = element.scale
    if unit.per in _OF_SCALE and rule is not None and rule.unit == unit.per:
        return build.amount
    return float("nan")
