"""What may be built where, at what cost: sizes, unit costs, siting rules, shared sites, priorities.

All of it is data of the standard. A rule that names a layer or a column is looked at by a machine;
one that names neither is left to a person and rejects nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, isnan
from typing import Final, Literal
from unicodedata import normalize

from analysis.messages import Name
from analysis.standard.checkable_layers import ANY_VALUE, COLUMNS, ELEMENT_LAYER
from analysis.standard.profile_rules import Span
from analysis.standard.rules import Confidence, Sourced

SitingOp = Literal["le", "ge", "between", "eq", "within_m", "beyond_m", "in", "not_in"]
WorkKind = Literal["new", "expand", "upgrade"]
PathWork = Literal["gate", "crossing", "footbridge", "underpass", "stair", "lift", "path"]
CostUnit = Literal[
    "building_m2", "land_m2", "seat", "bed", "place", "meal", "space", "port", "household", "m",
    "facility",
]  # fmt: skip
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class MinBuild:
    """The smallest that is worth building, or what one takes up in a shared building.

    `building_m2` of floor and `land_m2` of ground; None where the standard sets no such floor.
    `capacity`, in the unit of the element's scale, is what one of that size offers.
    """

    building_m2: float | None
    land_m2: float | None
    source: str
    confidence: Confidence
    capacity: Sourced | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCost:
    """A range of costs, yuan per `per`, at the prices of `price_year`."""

    low: float
    high: float
    per: CostUnit
    price_year: int
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class PathCost:
    """What a piece of path costs: a gate, a crossing, a footbridge, a lift, a metre of path.

    `lead_time_months` from the decision until it is open; None where the standard says nothing.
    """

    work: PathWork
    name: Name
    cost: UnitCost
    lead_time_months: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingRule:
    """One rule of where an element may, or should, stand.

    Attributes
    ----------
    id
        Unique within its list.
    hard
        A site that breaks a hard rule is rejected; soft rules only score.
    text
        The rule as planners say it.
    layer, column
        What is looked at: a map layer (``element:<id>`` for another element's facilities) or a
        column of the parcel, by the names of :mod:`analysis.standard.checkable_layers`. Both empty
        where only a person can tell.
    op
        ``within_m`` and ``beyond_m`` hold a distance against `high` and `low`; a distance of 0 is
        never beyond anything. ``le``, ``ge``, ``between``, ``eq`` hold a number against them,
        closed; ``in`` and ``not_in`` look for `words` in a text. None where a person has to tell.
    unit
        Of `low` and `high`; empty for texts.
    """

    id: str
    hard: bool
    text: Name
    source: str
    confidence: Confidence
    layer: str = ""
    column: str = ""
    op: SitingOp | None = None
    low: float = float("-inf")
    high: float = float("inf")
    words: tuple[str, ...] = ()
    unit: str = ""

    @property
    def needs_person(self) -> bool:
        """Return whether no machine can check it; it then rejects nothing."""
        return self.op is None

    @property
    def element_id(self) -> str:
        """Return the element whose facilities it measures to; empty for all other rules."""
        return self.layer[len(ELEMENT_LAYER) :] if self.layer.startswith(ELEMENT_LAYER) else ""

    def holds(self, found: float | str | None) -> bool | None:
        """Return whether a site with this distance, number or text keeps the rule.

        None where it cannot be told: the rule needs a person, or what was `found` is None or nan.
        """
        if self.op is None or found is None:
            return None
        if isinstance(found, str):
            return self._has_word(found) is (self.op == "in")
        if isnan(found):
            return None
        if self.op == "beyond_m" and found <= 0:
            return False
        slack = _ROUNDING * max(1.0, abs(found)) if isfinite(found) else 0.0
        return self.low - slack <= found <= self.high + slack

    def _has_word(self, found: str) -> bool:
        text = normalize("NFKC", found).casefold().strip()
        if not text:
            return False
        whole = bool(self.column) and bool(COLUMNS[self.column].words)
        words = [normalize("NFKC", one).casefold() for one in self.words]
        return any(one == ANY_VALUE or (one == text if whole else one in text) for one in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingProfile:
    """What building, enlarging or mending one element asks for.

    Attributes
    ----------
    min_build
        The smallest new facility; None where the standard says nothing.
    shared_build
        What one takes up on a site shared with others; `min_build` where it says nothing else.
    costs
        By kind of work; a kind that is missing is not costed.
    rules
        In the file's order, without those common to all elements.
    compatible_with
        Elements that may share its site or building, ids sorted; closed, so that the other names
        it too.
    incompatible_with
        Elements that never may, closed in the same way.
    lead_time_months
        Of a new facility, from the decision until it is open.
    """

    min_build: MinBuild | None = None
    shared_build: MinBuild | None = None
    costs: Mapping[WorkKind, UnitCost] = field(default_factory=dict)
    rules: tuple[SitingRule, ...] = ()
    compatible_with: tuple[str, ...] = ()
    incompatible_with: tuple[str, ...] = ()
    lead_time_months: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityRule:
    """One gate in the order of works: what goes through it comes before all that does not.

    Attributes
    ----------
    rank
        1 is first.
    elements, path_works, metrics
        A work belongs here that is of one of these elements, is such a path work, or mends a
        verdict that one of these metrics failed.
    opinion_words
        Also one that residents ask for in these words; sorted as in the file.
    any_opinion
        Whether any opinion of residents on the element, located in its reach, brings it here.
    """

    rank: int
    id: str
    name: Name
    source: str
    confidence: Confidence
    elements: tuple[str, ...] = ()
    path_works: tuple[PathWork, ...] = ()
    metrics: tuple[str, ...] = ()
    opinion_words: tuple[str, ...] = ()
    any_opinion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksRules:
    """What holds for the works of all elements.

    `siting` rules that every new site keeps; `path_costs` by work; `priorities` by rank, works that
    belong to none come last; `price_year` of costs that state none, None where no cost is stated.
    """

    siting: tuple[SitingRule, ...] = ()
    path_costs: Mapping[PathWork, PathCost] = field(default_factory=dict)
    priorities: tuple[PriorityRule, ...] = ()
    price_year: int | None = None
