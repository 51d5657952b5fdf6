"""Circle figures: what a check of circles finds, as values."""

from dataclasses import dataclass, replace

from analysis.messages import Name
from analysis.notices import Notice
from analysis.standard.profile_rules import CircleRules
from analysis.streets.dividers import Rank
from analysis.units import GeometryArray, freeze


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleBands:
    """What a circle should be: people, people beyond which is warned, km², metres to walk."""

    people: tuple[float, float] = (50_000.0, 100_000.0)  # GB 50180-2018, verbatim
    tolerated: tuple[float, float] = (30_000.0, 100_000.0)  # Shanghai draft of 2024, secondary
    area_km2: tuple[float, float] = (3.0, 5.0)  # typical in practice, secondary
    walk_m: float = 1000.0  # GB 50180-2018: 800–1000 m


def bands_of(rules: CircleRules | None, people: tuple[float, float] | None = None) -> CircleBands:
    """Return the bands of a standard, the project's own where it is silent.

    `people` is the planner's own band; beyond it is warned of.
    """
    own = CircleBands()
    if rules is not None:
        area, tolerated = rules.area_km2, rules.tolerated_population
        own = CircleBands(
            people=(rules.population.low, rules.population.high),
            tolerated=own.tolerated if tolerated is None else (tolerated.low, tolerated.high),
            area_km2=own.area_km2 if area is None else (area.low, area.high),
            walk_m=rules.radius_m.high,
        )
    return own if people is None else replace(own, people=people, tolerated=people)


@dataclass(frozen=True, slots=True, kw_only=True)
class BarrierCut:
    """One line that runs through a circle, and how much of it lies inside, metres."""

    kind: str
    kind_name: Name
    name: str
    rank: Rank
    length_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Ground that a circle shares with another, and the people who live there."""

    other_id: str
    area_m2: float
    people: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleCheck:
    """The figures of one circle.

    `people` live in it (the denominator of its shares), of whom `people_estimated` rest on floor
    area or defaults; `people_stated` is the planner's own figure, nan where there is none.
    `walk_share` of them reach the middle `centre_xy_m` within the walk, nan where nobody lives;
    `unlinked_people`, counted as not reaching it, have no way to a street.
    """

    circle_id: str
    name: str
    people: float
    people_estimated: float
    people_stated: float
    homes: int
    area_m2: float
    compactness: float
    parts: int
    centre_xy_m: tuple[float, float]
    walk_share: float
    unlinked_people: float
    cuts: tuple[BarrierCut, ...]
    overlaps: tuple[Overlap, ...]

    def cut_m(self, least: Rank = Rank.NEVER) -> float:
        """Return the metres of lines of rank `least` and above that run through it."""
        return sum(one.length_m for one in self.cuts if one.rank >= least)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CircleChecks:
    """All circles, and what concerns them together.

    Attributes
    ----------
    circles
        One check for each circle, in their order.
    bands
        What they were compared with.
    people
        Everybody looked at.
    uncovered_people, uncovered_homes
        Those in no circle; nan and −1 where people outside circles were not read.
    shared_people
        Those who live inside several circles.
    gap_m2, gaps
        Ground between circles, and its pieces in metres, object array.
    notices
        The findings in words.
    """

    circles: tuple[CircleCheck, ...]
    bands: CircleBands
    people: float
    uncovered_people: float
    uncovered_homes: int
    shared_people: float
    gap_m2: float
    gaps: GeometryArray
    notices: tuple[Notice, ...] = ()

    def __post_init__(self) -> None:
        """Freeze the pieces."""
        freeze(self.gaps)
