"""ServiceStandard: the elements, thresholds, targets and matching rules, as typed values.

Policy is data: nothing here names an element. The file is opened by ``analysis.sources.standards``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Final, Literal

from analysis.errors import InvalidParameterError, one_of
from analysis.messages import Name, message
from analysis.standard.profile_rules import (
    CircleRules,
    Cohorts,
    GapRules,
    TwoStepZones,
    VerdictRules,
    WalkingRules,
)
from analysis.standard.rules import Attribute, Metric, MetricRule, ScaleRule, Sourced, StockRule
from analysis.standard.siting_rules import SitingProfile, WorksRules
from analysis.standard.verdicts import Dimension
from analysis.walking import WalkerName, WalkProfile, walk_profile, walker_name

Treatment = Literal[
    "facility_access", "facility_density", "tiered_polygon_access",
    "capacity_ratio", "stock_renewal", "line_renewal",
]  # fmt: skip
WALKED: tuple[Treatment, ...] = (
    "facility_access", "facility_density", "tiered_polygon_access", "capacity_ratio",
)  # fmt: skip
# Stock to be renewed: its objects (compounds, lanes) are no facilities that anybody walks to.
STOCK: tuple[Treatment, ...] = ("stock_renewal", "line_renewal")
Completeness = Literal["high", "medium", "low", "very_low"]
Provision = Literal["required", "recommended", "programme", "optional"]
SEARCH_FACTOR: Final = 2.0  # search to twice the threshold, so that gaps are graded, not all inf


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachRule:
    """One way in which an element is within reach.

    A resident is covered when at least one rule holds: a facility of `element_id` (usually the
    element itself; another one where the profile lets it serve) whose area is within
    [`min_area_m2`, `below_area_m2`) is at most `threshold_m` away on foot. Facilities without a
    known area satisfy every rule that has no minimum.
    """

    element_id: str
    threshold_m: float
    min_area_m2: float = 0.0
    below_area_m2: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageTarget:
    """What share must be within reach, on which basis; the first basis decides the verdict."""

    basis: tuple[str, ...]
    target: Sourced
    acceptable: Sourced


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRule:
    """A feature matches when it has all `tags`; `needs_name` also asks a name pattern.

    Values are alternatives; the value ``*`` stands for any. Keys listed in the profile's
    ``range_keys`` compare as sets of numbers (``1-6`` meets ``1-9``).
    """

    tags: Mapping[str, tuple[str, ...]]
    needs_name: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OsmRule:
    """How an element is recognised on OpenStreetMap.

    Attributes
    ----------
    any_of
        The element for certain.
    ambiguous
        Perhaps the element: its tags cannot tell. Looked at only when no element matched for
        certain and no readable range key (a school level) stands on the feature.
    ambiguous_counts
        Whether an ambiguous facility counts; verdicts say how many they rest on.
    exclude, exclude_patterns, name_patterns
        Patterns are regular expressions by language (``zh``, ``en``, …), searched in all names.
    dedupe_m
        Same element and same name within this distance is one facility, metres.
    expected_completeness
        How completely OSM is expected to hold the element.
    unnamed_dedupe_m
        An unnamed point within this distance of a named one of the same element is that one,
        metres; 0 where the rule is off.
    min_area_m2
        A smaller polygon is not the element, square metres; points are kept.
    not_inside, not_inside_unless
        A feature inside a polygon with any of these tags is not the element, unless its own tags
        meet one of the second (a pitch on a school's ground that is open to the public).
    """

    any_of: tuple[TagRule, ...]
    ambiguous: tuple[TagRule, ...]
    ambiguous_counts: bool
    exclude: tuple[TagRule, ...]
    name_patterns: Mapping[str, str]
    ambiguous_name_patterns: Mapping[str, str]
    exclude_patterns: Mapping[str, str]
    dedupe_m: float
    expected_completeness: Completeness
    unnamed_dedupe_m: float = 0.0
    min_area_m2: float = 0.0
    not_inside: tuple[TagRule, ...] = ()
    not_inside_unless: tuple[TagRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One service element of the standard.

    Attributes
    ----------
    needs_columns
        By dimension the planner's columns that settle it where nothing else does.
    scale
        How much is enough; None where the standard sets no norm.
    efficiency, quality
        What is measured, with the targets set for it, in the file's order.
    stock
        How stock to be renewed is read; None for everything else.
    siting
        Where it may be built, how large at least, at what cost.
    provision
        Whether the standard asks for it; None where it does not say.
    optional
        One of the profile's extensions, which count only when asked for.
    walker
        Who walks there: judges the element where a study asks for each element's own walker; None
        for the study's.
    """

    id: str
    name: Name
    category_id: str
    tier: str
    treatment: Treatment
    minutes: float | None
    threshold: Sourced | None
    reach_rules: tuple[ReachRule, ...]
    coverage: CoverageTarget
    osm: OsmRule
    planner_columns: tuple[str, ...]
    needs_columns: Mapping[Dimension, tuple[str, ...]]
    meaning: str
    scale: ScaleRule | None = None
    efficiency: tuple[MetricRule, ...] = ()
    quality: tuple[MetricRule, ...] = ()
    stock: StockRule | None = None
    siting: SitingProfile = field(default_factory=SitingProfile)
    provision: Provision | None = None
    optional: bool = False
    walker: WalkerName | None = None

    @property
    def is_walked(self) -> bool:
        """Return whether coverage is judged by walking reach."""
        return self.treatment in WALKED

    @property
    def threshold_m(self) -> float:
        """Return the largest walking threshold of its rules, metres; 0 where it is not walked."""
        return max((rule.threshold_m for rule in self.reach_rules), default=0.0)

    @property
    def farthest_target_m(self) -> float:
        """Return the largest walk in metres that its metrics are held against; 0 without any."""
        bounds = [
            rule.target.high
            for rule in self.efficiency
            if rule.metric.measure in ("walk_mean", "walk_p95")
        ]
        return max((one for one in bounds if isfinite(one)), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One of the nine categories 教文卫体老幼食住行."""

    id: str
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRule:
    """When an extract is too thin to call an absent element a gap.

    Streets-only: fewer than `min_services` tagged services. An element without any facility is
    *no data in OSM* when its expected completeness is in `untold_completeness`, or when the extract
    is streets-only or holds fewer than `min_services_per_1000` services per 1000 residents. A
    service is an object with one of `service_keys` whose value is none of that key's
    `trivial_values` (benches, bins, parking, stops).
    """

    min_services: int
    min_services_per_1000: float
    untold_completeness: tuple[Completeness, ...]
    service_keys: tuple[str, ...] = ()
    trivial_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStandard:
    """A whole profile; `elements` in the file's order, those switched on by name at the end.

    Attributes
    ----------
    version
        The profile's own, such as ``2026.1``.
    digest
        SHA-256 of the parsed document as canonical JSON, so that comments and layout do not change
        it; with extensions switched on, of the document and their names.
    generic_suffixes
        Left off when names are compared.
    available
        Optional elements of the file that are not switched on.
    metrics, attributes
        What can be measured and what can be read of a facility, by id.
    cohorts
        What stands for groups of people that no table counts.
    circle
        What a circle should be; None where the standard is silent.
    two_step_zones
        Weights of E2SFCA scores; None where it sets none.
    works
        Siting rules of all elements, costs of paths, the order of works.
    old_area_factor
        Share of a norm that suffices in old areas; applied only when asked for.
    """

    id: str
    version: str
    title: Name
    statement: Name
    official: bool
    categories: tuple[Category, ...]
    elements: tuple[Element, ...]
    walking: WalkingRules
    snap_limit_m: Sourced
    range_keys: tuple[str, ...]
    evidence: EvidenceRule
    sources: Mapping[str, str]
    digest: str
    generic_suffixes: tuple[str, ...] = ()
    available: tuple[Element, ...] = ()
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    cohorts: Cohorts = field(default_factory=Cohorts)
    circle: CircleRules | None = None
    two_step_zones: TwoStepZones | None = None
    old_area_factor: Sourced | None = None
    verdict_rules: VerdictRules = field(default_factory=VerdictRules)
    gap_rules: GapRules = field(default_factory=GapRules)
    works: WorksRules = field(default_factory=WorksRules)

    def element(self, element_id: str) -> Element:
        """Return the element of that id; raises ``KeyError``."""
        for element in self.elements:
            if element.id == element_id:
                return element
        raise KeyError(element_id)

    def profile(self, name: str) -> WalkProfile:
        """Return the walker called `name` as this standard describes them.

        Raises :class:`InvalidParameterError` for no walker of that name, and for one whose speed
        the standard does not state.
        """
        walker = walker_name(name)
        speeds, steps = self.walking.speeds_m_s, self.walking.steps_m_s.get(walker)
        if walker not in speeds:
            raise InvalidParameterError(
                message("walkers.no_speed", standard=self.id, allowed=one_of(tuple(speeds))),
                remedy=message("walkers.no_speed.remedy"),
                source="--walker",
                value=name,
            )
        return walk_profile(
            walker,
            speed_m_s=speeds[walker].value,
            slope=self.walking.slope,
            steps_up_m_s=None if steps is None else steps.up.value,
            steps_down_m_s=None if steps is None else steps.down.value,
        )

    def in_old_area(self) -> "ServiceStandard":
        """Return this standard with the green-space norms that suffice in old areas.

        Only norms of what is reached by size tiers change. Raises :class:`InvalidParameterError`
        where the standard names no factor.
        """
        factor = self.old_area_factor
        if factor is None:
            raise InvalidParameterError(
                message("old_area.no_factor", standard=self.id),
                remedy=message("old_area.no_factor.remedy"),
                source="--old-area",
            )
        changed = (_eased(one, factor) for one in self.elements)
        return replace(self, elements=tuple(changed))

    @property
    def profiles(self) -> tuple[WalkProfile, ...]:
        """Return all walkers whose speed the standard states, in its order."""
        return tuple(self.profile(name) for name in self.walking.speeds_m_s)

    @property
    def walked(self) -> tuple[Element, ...]:
        """Return the elements whose coverage is judged by walking reach, in order."""
        return tuple(element for element in self.elements if element.is_walked)

    @property
    def max_threshold_m(self) -> float:
        """Return the largest walking threshold of all elements, metres."""
        return max((element.threshold_m for element in self.elements), default=0.0)


def _eased(element: Element, factor: Sourced) -> Element:
    """Return an element with `factor` on its norm, where the norm is one of green space."""
    rule = element.scale
    if element.treatment != "tiered_polygon_access" or rule is None:
        return element
    eased = replace(factor, value=rule.norm.value * factor.value)
    upper = None if rule.upper is None else rule.upper * factor.value
    return replace(element, scale=replace(rule, norm=eased, upper=upper))
