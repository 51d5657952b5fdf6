"""Random tables of demand points and candidate sites, and what brute force says of them."""

from collections.abc import Callable, Iterable
from itertools import combinations

import numpy as np

from analysis.siting.cover_table import CoverTable, cover_table

BEYOND_M = 2000.0
LIMIT_M = 1000.0


def table_of(walk_m: np.ndarray, people: np.ndarray, **existing: np.ndarray) -> CoverTable:
    """Return the table of a matrix [n, k] of walks, inf where there is none."""
    near = np.isfinite(walk_m)
    return cover_table(
        first=np.r_[0, np.cumsum(near.sum(axis=1))], site=np.nonzero(near)[1], walk_m=walk_m[near],
        people=people, n_sites=walk_m.shape[1], **existing,
    )  # fmt: skip


def random_walks(
    seed: int, *, n: int = 25, k: int = 9, reached: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return (walks [n, k], people [n]): planar or in few values, some inf, some without people."""
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(1, n + 1)), int(rng.integers(1, k + 1))
    if seed % 3:
        points, sites = rng.random((n, 2)) * 3000, rng.random((k, 2)) * 3000
        walk_m = np.linalg.norm(points[:, None] - sites[None], axis=2)
        walk_m[walk_m > rng.choice([700, LIMIT_M, 1500])] = np.inf
    else:
        walk_m = rng.choice([100.0, 250.0, 400.0, np.inf, np.inf], (n, k))
    people = rng.choice([0.0, 1.0, 2.5, 7.0, 40.0], n) if seed % 2 else np.rint(rng.random(n) * 90)
    if reached:
        nobody = ~np.isfinite(walk_m).any(axis=1)
        walk_m[nobody, rng.integers(0, k, int(nobody.sum()))] = 900.0
        people = people + 1.0
    return walk_m, people


def matrix_of(table: CoverTable) -> np.ndarray:
    """Return the walks [n, k] of a table, inf where there is none."""
    walk_m = np.full((table.n_demand, table.n_sites), np.inf)
    walk_m[table.point, table.site] = table.walk_m
    return walk_m


def covered_people(table: CoverTable, sites: Iterable[int]) -> float:
    """Return how many people `sites` add to those covered, by the matrix."""
    near = np.isfinite(matrix_of(table))[:, list(sites)].any(axis=1)
    return float(table.people[near & ~table.covered].sum())


def walked(table: CoverTable, sites: Iterable[int], beyond_m: float = np.inf) -> float:
    """Return people times metres to the nearest, by the matrix."""
    nearest = np.minimum(
        np.c_[matrix_of(table)[:, list(sites)], table.existing_m].min(axis=1), beyond_m
    )
    lived = table.people > 0
    return float((nearest[lived] * table.people[lived]).sum())


def longest(table: CoverTable, sites: Iterable[int]) -> float:
    """Return the longest walk to the nearest, by the matrix."""
    nearest = np.c_[matrix_of(table)[:, list(sites)], table.existing_m].min(axis=1)
    return float(nearest[table.people > 0].max(initial=0.0))


def choices(k: int, most: int) -> list[tuple[int, ...]]:
    """Return all choices of up to `most` of `k` sites."""
    return [one for size in range(min(k, most) + 1) for one in combinations(range(k), size)]


def best(k: int, most: int, value: Callable[[tuple[int, ...]], float], pick: Callable) -> float:
    """Return the best value over all choices."""
    return pick(value(one) for one in choices(k, most))
