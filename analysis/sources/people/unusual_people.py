"""Unusual people: homes with more residents than can live there, groups larger than their total.

Nothing is changed: it is most often a column mixed up or a slip of the pen, and now and then true.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from analysis.messages import Joined, Message, message
from analysis.notices import Notice, notice
from analysis.sources.files.layers import is_polygon
from analysis.sources.people.buildings import Buildings
from analysis.sources.people.given import PeopleSource, Values
from analysis.units import FloatArray

MOST_IN_ONE: Final = 20_000.0  # people in one building
MOST_PER_M2: Final = 10.0  # people on a square metre of floor
AGES: Final = (
    "population_0_2", "population_3_5", "population_6_11", "population_12_14", "population_60plus",
)  # fmt: skip
_NAMED: Final = 3  # in the sentence; all are subjects
_ROUNDING: Final = 1e-6


def unusual_people(source: PeopleSource, buildings: Buildings) -> tuple[Notice, ...]:
    """Return warnings of the homes that a population file fills beyond belief, and of its groups.

    A home is named by the row that gives it most, with its value; a raster's by itself.
    """
    n = len(buildings)
    people = source.on_targets(source.values.people, n + len(source.own.point_id))
    floor_m2 = np.full(len(people), np.nan)
    floor_m2[:n] = known_floor_m2(buildings)
    homes = np.arange(len(people)) < (len(people) if source.own.is_building else n)
    names = [*buildings.source_id, *source.own.point_id]
    given = source.values.people[source.row] * source.share
    order = np.lexsort((-source.row, given))  # the largest gift is written last
    for one in order[source.target[order] < n].tolist() if source.row_names else ():
        target = int(source.target[one])
        row = source.row_names[int(source.row[one])]
        names[target] = f"{row} ({buildings.source_id[target]})"
    kept = np.flatnonzero(homes).tolist()
    crowded = crowded_notices(source.source, [names[one] for one in kept], people[kept],
                              floor_m2[kept])  # fmt: skip
    return (*crowded, *_groups(source.source, source.row_names, source.values))


def known_floor_m2(buildings: Buildings) -> FloatArray:
    """Return the floor area of each building, m², nan where neither outline nor table tells it."""
    known = is_polygon(buildings.polygons) | ~buildings.levels_estimated
    floor_m2: FloatArray = np.where(known, buildings.floor_area_m2, np.nan)
    return floor_m2


def crowded_notices(
    source: str, names: Sequence[str], people: FloatArray, floor_m2: FloatArray
) -> tuple[Notice, ...]:
    """Return one warning of all homes with people beyond belief; nan where nothing is stated.

    `people`, `floor_m2` are float64 [h], one for each of `names`.
    """
    with np.errstate(invalid="ignore"):
        over = np.flatnonzero((people > MOST_IN_ONE) | (people > MOST_PER_M2 * floor_m2))
    if not len(over):
        return ()
    said = [_home(names[one], people[one], floor_m2[one]) for one in over[:_NAMED].tolist()]
    text = message(
        "population.crowded", source=source, count=len(over), most=f"{MOST_IN_ONE:,.0f}",
        per_m2=f"{MOST_PER_M2:g}", rows=_listed(said, len(over)),
    )  # fmt: skip
    subjects = [names[one] for one in over.tolist()]
    return (notice("population.crowded", text, subjects, "warning"),)


def _home(name: str, people: float, floor_m2: float) -> Message:
    if np.isnan(floor_m2):
        return message("population.crowded.row", row=name, people=f"{people:,.0f}")
    return message("population.crowded.floor", row=name, people=f"{people:,.0f}",
                   floor_m2=f"{floor_m2:,.0f}")  # fmt: skip


def _groups(source: str, names: tuple[str, ...], values: Values) -> tuple[Notice, ...]:
    """Warn of rows whose age groups, one or all together, are more than the people beside them."""
    ages = {name: values.groups[name] for name in AGES if name in values.groups}
    if not ages or not names:
        return ()
    total = np.where(values.people_estimated, np.inf, values.people) * (1 + _ROUNDING)
    together = np.sum(list(ages.values()), axis=0)
    subjects, said = [], []
    for row in np.flatnonzero(together > total).tolist():
        over = [name for name, column in ages.items() if column[row] > total[row]]
        amounts = [(message(f"basis.{name}"), ages[name][row]) for name in over] or [
            (message("population.group_over.together"), together[row])
        ]
        subjects.append(names[row])
        said += [
            message("population.group_over.row", row=names[row], group=group,
                    amount=f"{amount:,.10g}", people=f"{values.people[row]:,.10g}")
            for group, amount in amounts
        ]  # fmt: skip
    if not subjects:
        return ()
    text = message("population.group_over", source=source, count=len(subjects),
                   rows=_listed(said[:_NAMED], len(said)))  # fmt: skip
    return (notice("population.group_over", text, subjects, "warning"),)


def _listed(said: Sequence[Message], count: int) -> Joined:
    left = count - len(said)
    return Joined((*said, *((message("population.more_rows", left=left),) if left else ())))
