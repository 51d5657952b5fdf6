"""Rules of a standard beyond reach: how much is enough, how far is fine, how good is good.

All of it is data: an element has one :class:`ScaleRule` and a list of :class:`MetricRule` for
efficiency and for quality; what a metric measures is said once, in the profile's catalogue, as a
:class:`Metric`, and how a facility's attribute is read as an :class:`Attribute`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, isnan
from typing import Final, Literal

from analysis.messages import Name

Confidence = Literal["verbatim", "secondary", "memory", "default", "planner"]
Operator = Literal["le", "ge", "between", "eq", "text"]
Basis = Literal[
    "population", "population_60plus", "population_0_2", "population_3_5", "population_6_11",
    "population_12_14", "households", "vehicles", "ebikes", "residential_land", "area",
    "eligible_households", "lane_length",
]  # fmt: skip
Measure = Literal[
    "walk_mean", "walk_p95", "detour", "utilisation", "unserved", "choice", "slope", "crossing",
    "near_element", "share", "mean", "least", "greatest", "sum", "ratio", "per_demand",
    "entrances", "tiers", "shortage", "reported",
]  # fmt: skip
AttributeKind = Literal["yes_no", "number", "text", "hours"]
# What attributes of kind ``hours`` read from opening hours.
HoursUnit = Literal["hours_per_week", "days_per_week", "opens_at", "closes_at"]
_NO_TEXT: Final = Name("", "")
_ROUNDING: Final = 1e-9  # a figure of exactly the target may come out this far off


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """A number of the standard with where it comes from."""

    value: float
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a figure is held against.

    `low` and `high` bound it (``le``: high; ``ge``: low; ``between``: both, closed; ``eq``: both
    the same, yes is 1); `text` is what a person has to judge or what is only reported, in
    both languages or in the one that the profile has.
    """

    op: Operator
    source: str
    confidence: Confidence
    low: float = float("-inf")
    high: float = float("inf")
    text: Name = _NO_TEXT

    def holds(self, value: float) -> bool | None:
        """Return whether `value` reaches the target; None where only a person can tell, or nan."""
        if self.op == "text" or isnan(value):
            return None
        slack = _ROUNDING * max(1.0, abs(value)) if isfinite(value) else 0.0
        return self.low - slack <= value <= self.high + slack


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """How one property of a facility is read: planner's columns first, then OSM tags.

    Attributes
    ----------
    kind
        ``yes_no``; ``number``; ``text``: a list, split at ``;；、，,/|``, whose number is how many
        different entries it has; ``hours``: read from opening hours, see `unit`.
    unit
        What the number is. Of ``hours``, what is read from them: ``hours_per_week``,
        ``days_per_week``, or ``opens_at`` and ``closes_at``, the earliest opening and the latest
        closing of a day, in hours since midnight (02:00 after midnight is 26). A bare number in the
        column is the figure itself.
    columns
        Planner's columns, the first that is filled counts.
    osm
        By tag key: value → what it means (``yes``, ``no`` or a number as text); the first key whose
        value is listed counts. ``*`` is any value, taken as it stands.
    words
        What the words of a planner's list mean (``yes_no`` only), before the usual yes and no: the
        first entry of the list below that stands in a cell counts; ``*`` is any other text.
    polygon_area
        Whether the facility's own area, square metres, counts where no column states a number.
    default
        What holds where nothing is said; None for *unknown*.
    """

    id: str
    name: Name
    kind: AttributeKind
    unit: str
    columns: tuple[str, ...]
    osm: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    polygon_area: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One entry of the catalogue: what is measured, and how.

    Attributes
    ----------
    measure
        The computation, see ``docs/method.md``.
    unit
        ``share``, ``m``, ``count``, …; as the target is written.
    attribute, per_attribute
        What is read from facilities; `per_attribute` divides (``ratio``). With ``choice`` an
        attribute of kind ``text`` makes it the different entries of all facilities in reach.
    at_least
        Facilities or hours that count as yes (``choice``, ``share`` of a number).
    element_id, within_m
        For ``near_element``.
    per, basis
        ``per_demand``: how many per so many of the basis.
    """

    id: str
    name: Name
    measure: Measure
    unit: str
    formula: str = ""
    attribute: str | None = None
    per_attribute: str | None = None
    at_least: float | None = None
    element_id: str | None = None
    within_m: float | None = None
    per: float = 1.0
    basis: Basis = "population"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRule:
    """A metric with the target that an element sets for it."""

    metric: Metric
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRule:
    """At least `at_least` facilities in every `per`; streets need a layer to be counted."""

    at_least: int
    per: Literal["circle", "street", "community"]
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityRule:
    """How much one facility offers, in the unit of its scale.

    Attributes
    ----------
    columns
        Planner's columns, the first that is filled counts.
    osm_tags
        Tags that state it, likewise.
    each
        What every facility counts where nothing is stated (1 for a shop, a stop, a toilet); None
        where a facility without a figure is unknown.
    per_land_m2, per_floor_m2
        Units per square metre of its polygon, or of floor (polygon × storeys), as an estimate.
    typical
        Least and most that one facility of unknown size offers; None where nothing can be said.
    source, confidence
        Where `each`, `per_land_m2` or `per_floor_m2` come from.
    """

    columns: tuple[str, ...] = ()
    osm_tags: tuple[str, ...] = ()
    each: float | None = None
    per_land_m2: float | None = None
    per_floor_m2: float | None = None
    typical: tuple[float, float] | None = None
    source: str = "DEFAULT"
    confidence: Confidence = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleRule:
    """How much an element needs.

    Attributes
    ----------
    unit
        What is counted: ``seat``, ``bed``, ``m2``, ``place``, ``meal``, ``port``, ``shop`` …
    basis, per
        The norm is `norm` units per `per` of the basis (1000 residents, 1 km² of residential land
        or of the circle, 100 households, 1 car); for stock `norm` is the share to be reached and
        `per` is 1.
    norm
        The least that reaches the target.
    upper
        Where the norm is a range, its upper end, shown beside it.
    short_share
        Below this share of the norm the verdict is *short* (the profile: 0.7).
    density
        Of streets, km per km², reported beside the scale of lanes; None for everything else.
    """

    indicator: str
    unit: str
    basis: Basis
    per: float
    norm: Sourced
    upper: float | None = None
    short_share: float = 0.7
    capacity: CapacityRule = CapacityRule()
    count_rule: CountRule | None = None
    density: Sourced | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRule:
    """How stock to be renewed (compounds, lanes) is read from a planner's table or layer.

    Attributes
    ----------
    amount
        Columns with the size of one object in the unit of its scale (households, metres); the
        first that is filled counts.
    done, done_year
        Columns that say whether, or in which year, its works were completed.
    listed
        Columns that say whether it is on the local list; a listed object is eligible.
    built_year, built_before
        Column of the year of building; objects built before `built_before` are eligible. None:
        every object of the table is.
    """

    amount: tuple[str, ...]
    done: tuple[str, ...]
    done_year: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    built_year: tuple[str, ...] = ()
    built_before: Sourced | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return all columns, each once, in the order of the fields."""
        parts = (*self.amount, *self.done, *self.done_year, *self.listed, *self.built_year)
        return tuple(dict.fromkeys(parts))
