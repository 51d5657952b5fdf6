"""Rules of a whole profile: people, walking, circles, distance zones, verdicts and gaps."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.standard.rules import Confidence, Sourced
from analysis.walking import SlopeLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts:
    """What stands for groups that no table counts: all marked as defaults.

    `share` of residents by group basis (``population_60plus`` …); `household_size` residents;
    `vehicles_per_1000` residents; `ebikes_per_1000` households.
    """

    share: Mapping[str, Sourced] = field(default_factory=dict)
    household_size: Sourced | None = None
    vehicles_per_1000: Sourced | None = None
    ebikes_per_1000: Sourced | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A range of the standard, closed, with where it comes from."""

    low: float
    high: float
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleRules:
    """What a living circle should be.

    Attributes
    ----------
    population, radius_m, area_km2
        Residents, walk from its centre in metres, and area; None where the standard is silent.
    tolerated_population
        Outside this band a circle is warned of, inside it but outside `population` only told.
    """

    population: Span
    radius_m: Span
    area_km2: Span | None = None
    tolerated_population: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoStepZones:
    """Distance zones of the enhanced two-step floating catchment area.

    A walk of up to `until_share[i]` of the element's threshold weighs `weight[i]`; the shares
    ascend to 1, the weights do not ascend.
    """

    until_share: tuple[float, ...]
    weight: tuple[float, ...]
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRules:
    """When a group is called inconvenient or poor.

    `detour` times the straight line and `longer_by_m` more than it walk residents of an
    inconvenient group, which holds `min_people` at least; facilities without any of
    `poor_attributes` are poor.
    """

    detour: Sourced = Sourced(value=3.0, source="DEFAULT", confidence="default")
    longer_by_m: Sourced = Sourced(value=360.0, source="DEFAULT", confidence="default")
    min_people: Sourced = Sourced(value=1000.0, source="DEFAULT", confidence="default")
    poor_attributes: tuple[str, ...] = ("barrier_free",)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRules:
    """Numbers of the profile's verdicts.

    Attributes
    ----------
    short_share
        Below this share of the norm, scale is *short*.
    min_known_share
        Below this share of facilities whose attribute is known, a figure is not judged.
    """

    short_share: Sourced = Sourced(value=0.7, source="DEFAULT", confidence="default")
    min_known_share: Sourced = Sourced(value=0.5, source="DEFAULT", confidence="default")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSpeeds:
    """Horizontal speeds on steps, metres per second."""

    up: Sourced
    down: Sourced


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkingRules:
    """How people walk.

    Attributes
    ----------
    speeds_m_s
        Speed on the level by walker, metres per second; always holds ``adult``.
    steps_m_s
        Speeds on steps by walker; who is not listed walks steps like level ground.
    slope
        How slopes change speeds; None where the standard says nothing of slopes.
    wheelchair_max_grade
        Streets steeper than this are closed to wheelchairs; None where it says nothing.
    """

    speeds_m_s: Mapping[str, Sourced]
    steps_m_s: Mapping[str, StepSpeeds] = field(default_factory=dict)
    slope: SlopeLaw | None = None
    wheelchair_max_grade: Sourced | None = None
