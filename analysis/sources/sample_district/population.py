"""Residents, households and the groups that some elements are measured against."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.sources.sample_district.buildings import M2_PER_PERSON, Building
from analysis.sources.sample_district.layout import CIRCLE_RESIDENTS

Counts = NDArray[np.int64]
GROUPS = ("pop_0_2", "pop_3_5", "pop_6_11", "pop_12_14", "pop_60plus")
# Share of each group by circle: old town, new town, urban village, riverside.
GROUP_SHARES = (
    (0.018, 0.024, 0.052, 0.026, 0.285),
    (0.036, 0.043, 0.078, 0.032, 0.105),
    (0.028, 0.031, 0.060, 0.027, 0.120),
    (0.025, 0.031, 0.061, 0.030, 0.190),
)
PEOPLE_PER_HOUSEHOLD = (2.5, 2.9, 2.4, 2.7)
CARS_PER_HOUSEHOLD = (0.32, 0.86, 0.22, 0.62)
EBIKES_PER_HOUSEHOLD = (0.38, 0.30, 0.62, 0.40)


@dataclass(frozen=True, kw_only=True, slots=True)
class Population:
    """Whole numbers per building, in the order of the buildings; ``groups`` is ``(n, 5)``."""

    people: Counts
    households: Counts
    groups: Counts
    cars: Counts
    ebikes: Counts


def settle(buildings: tuple[Building, ...], rng: np.random.Generator) -> Population:
    """Share out each circle's residents over its buildings by floor space."""
    circles = np.array([b.cell.circle for b in buildings])
    room = np.array([b.floor_m2 / M2_PER_PERSON[b.cell.fabric] for b in buildings])
    room = room * rng.uniform(0.8, 1.15, size=len(buildings))
    people = np.zeros(len(buildings), dtype=np.int64)
    for circle, residents in enumerate(CIRCLE_RESIDENTS):
        inside = circles == circle
        people[inside] = share_out(residents, room[inside])
    shares = np.array(GROUP_SHARES)[circles]
    groups = np.column_stack([rounded(people * shares[:, k], rng) for k in range(len(GROUPS))])
    # Small houses may round to more members than people; the eldest group gives way.
    surplus = np.maximum(0, groups.sum(axis=1) - people)
    groups[:, -1] = np.maximum(0, groups[:, -1] - surplus)
    for k in range(len(GROUPS) - 1):
        surplus = np.maximum(0, groups.sum(axis=1) - people)
        groups[:, k] = np.maximum(0, groups[:, k] - surplus)
    households = np.maximum(1, rounded(people / np.array(PEOPLE_PER_HOUSEHOLD)[circles], rng))
    households = np.where(people > 0, np.minimum(households, people), 0)
    return Population(
        people=people,
        households=households,
        groups=groups,
        cars=rounded(households * np.array(CARS_PER_HOUSEHOLD)[circles], rng),
        ebikes=rounded(households * np.array(EBIKES_PER_HOUSEHOLD)[circles], rng),
    )


def share_out(total: int, weights: NDArray[np.float64]) -> Counts:
    """Share a whole number by weight so that the parts add up exactly (largest remainder)."""
    exact = total * weights / weights.sum()
    parts: Counts = np.floor(exact).astype(np.int64)
    left = int(total - parts.sum())
    order = np.argsort(parts - exact, kind="stable")
    parts[order[:left]] += 1
    return parts


def rounded(values: NDArray[np.float64], rng: np.random.Generator) -> Counts:
    """Round up or down by chance so that small expectations are not lost."""
    whole: Counts = np.floor(values + rng.random(len(values))).astype(np.int64)
    return whole
