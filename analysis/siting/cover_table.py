"""Who could walk to which candidate site: what every siting model starts from."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.kernels.covering import Cover
from analysis.messages import message
from analysis.units import BoolArray, FloatArray, IdArray, IntArray, freeze

PARTS: Final = 1 << 20  # parts of a person in which people are counted
_MOST_PEOPLE: Final = float(1 << 32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CoverTable:
    """Demand points and the candidate sites within their walk, point by point.

    People are rounded to 2⁻²⁰, so that sums of them are exact whatever their order. What exists is
    fixed: whom it covers is covered, and nobody walks farther than to what exists.

    Attributes
    ----------
    n_sites
        Candidate sites, 0…n_sites-1.
    first
        The pairs of point *i* are ``first[i]:first[i + 1]``, int64 [n + 1].
    site
        Candidate sites, int32 [q], ascending for each point.
    walk_m
        Metres (or seconds, if the caller's walks are seconds), float64 [q], ≥ 0.
    people
        Who lives at each point, float64 [n], ≥ 0. Where nobody lives, nothing is asked for.
    covered
        Whom existing facilities cover, bool [n].
    existing_m
        The walk to the nearest existing facility, float64 [n], ``inf`` where there is none.
    """

    n_sites: int
    first: IdArray
    site: IntArray
    walk_m: FloatArray
    people: FloatArray
    covered: BoolArray
    existing_m: FloatArray

    def __post_init__(self) -> None:
        """Check that the pairs fit together and freeze the arrays."""
        if not _sound(self):
            raise InvalidParameterError(message("siting.table"))
        if float(self.people.sum()) > _MOST_PEOPLE:
            raise InvalidParameterError(
                message("siting.too_many_people"), value=float(self.people.sum())
            )
        arrays = (self.first, self.site, self.walk_m, self.people, self.covered, self.existing_m)
        for array in arrays:
            freeze(array)

    def __repr__(self) -> str:
        """Summarise the pairs."""
        return f"CoverTable({len(self.site)} pairs of {self.n_demand} points, {self.n_sites} sites)"

    @property
    def n_demand(self) -> int:
        """Return the number of demand points."""
        return len(self.people)

    @property
    def point(self) -> IntArray:
        """Return the demand point of each pair, int32 [q]."""
        return np.repeat(np.arange(self.n_demand, dtype=np.int32), np.diff(self.first))

    @property
    def asking(self) -> BoolArray:
        """Return where people live whom nothing that exists covers, bool [n]."""
        return (self.people > 0) & ~self.covered

    @property
    def unreached(self) -> IntArray:
        """Return the points that ask and that no candidate reaches, int32, ascending."""
        return np.flatnonzero(self.asking & (np.diff(self.first) == 0)).astype(np.int32)

    @property
    def people_covered(self) -> float:
        """Return how many people existing facilities cover."""
        return float(self.people[self.covered].sum())

    def covered_by(self, sites: IntArray) -> BoolArray:
        """Return whom what exists and `sites` cover, bool [n]."""
        chosen = np.zeros(self.n_sites, dtype=bool)
        chosen[sites] = True
        covered = self.covered.copy()
        covered[self.point[chosen[self.site]]] = True
        return covered

    def nearest_m(self, sites: IntArray) -> FloatArray:
        """Return the walk to the nearest of what exists and `sites`, float64 [n]."""
        chosen = np.zeros(self.n_sites, dtype=bool)
        chosen[sites] = True
        pairs = chosen[self.site]
        nearest = self.existing_m.copy()
        np.minimum.at(nearest, self.point[pairs], self.walk_m[pairs])
        return nearest

    def within(self, limit_m: float) -> "CoverTable":
        """Return the same table with walks of at most `limit_m`; what exists counts likewise."""
        near = self.walk_m <= limit_m
        return cover_table(
            first=np.concatenate([[0], np.cumsum(near)])[self.first],
            site=self.site[near],
            walk_m=self.walk_m[near],
            people=self.people,
            n_sites=self.n_sites,
            covered=self.existing_m <= limit_m,
            existing_m=self.existing_m,
        )

    def merged(self) -> "MergedCover":
        """Merge points with the same set of sites; see :class:`MergedCover`."""
        asking = np.flatnonzero(self.asking & (np.diff(self.first) > 0))
        row = np.full(self.n_demand, -1, dtype=np.int32)
        known: dict[bytes, int] = {}
        begin, end = self.first[asking].tolist(), self.first[asking + 1].tolist()
        rows = [
            known.setdefault(self.site[low:high].tobytes(), len(known))
            for low, high in zip(begin, end, strict=True)
        ]
        row[asking] = rows
        sets = [np.frombuffer(one, dtype=np.int32) for one in known]
        first = np.zeros(len(sets) + 1, dtype=np.int64)
        first[1:] = np.cumsum([len(one) for one in sets])
        return MergedCover(
            n_sites=self.n_sites,
            first=first,
            site=np.concatenate(sets) if sets else np.empty(0, dtype=np.int32),
            people=np.bincount(row[asking], self.people[asking], len(sets)).astype(np.float64),
            row=row,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class MergedCover:
    """Demand with equal cover sets as one row; rows in the order of their first points.

    `first` int64 [m + 1] and `site` int32 list the sites of each row, ascending, one at least;
    `people` float64 [m] is the sum; `row` int32 [n] leads from each point to its row, -1 where it
    is covered, reached by no candidate, or nobody's.
    """

    n_sites: int
    first: IdArray
    site: IntArray
    people: FloatArray
    row: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.first, self.site, self.people, self.row):
            freeze(array)

    def cover(self) -> Cover:
        """Return the rows for the kernels."""
        return both_ways(self.first, self.site, self.people, self.n_sites)


def both_ways(first: IdArray, site: IntArray, weight: FloatArray, n_sites: int) -> Cover:
    """Return rows (CSR of sites) with their transpose, for the kernels."""
    row = np.repeat(np.arange(len(weight), dtype=np.int32), np.diff(first))
    site_first = np.zeros(n_sites + 1, dtype=np.int64)
    site_first[1:] = np.cumsum(np.bincount(site, minlength=n_sites))
    demand = row[np.argsort(site, kind="stable")]
    # Copies can be written to, so that kernels are compiled for one type.
    return Cover(site_first, demand, first.copy(), site.copy(), weight.copy())


def cover_table(
    *,
    first: IdArray,
    site: IntArray,
    walk_m: FloatArray,
    people: FloatArray,
    n_sites: int,
    covered: BoolArray | None = None,
    existing_m: FloatArray | None = None,
) -> CoverTable:
    """Return the table of CSR arrays, see :class:`CoverTable`; nothing exists where not given.

    Raises :class:`InvalidParameterError` where they do not fit together.
    """
    n = len(people)
    return CoverTable(
        n_sites=n_sites,
        first=np.array(first, dtype=np.int64),
        site=np.array(site, dtype=np.int32),
        walk_m=np.array(walk_m, dtype=np.float64),
        people=np.rint(np.asarray(people, dtype=np.float64) * PARTS) / PARTS,
        covered=np.zeros(n, dtype=bool) if covered is None else np.array(covered, dtype=bool),
        existing_m=np.full(n, np.inf) if existing_m is None else np.array(existing_m, np.float64),
    )


def _sound(table: CoverTable) -> bool:
    n, q = table.n_demand, len(table.site)
    if not (len(table.first) == n + 1 == len(table.covered) + 1 == len(table.existing_m) + 1):
        return False
    if table.first[0] != 0 or table.first[-1] != q or len(table.walk_m) != q:
        return False
    if (np.diff(table.first) < 0).any() or table.n_sites < 0:
        return False
    rising = np.diff(table.point.astype(np.int64) * max(table.n_sites, 1) + table.site) > 0
    inside = (table.site >= 0) & (table.site < table.n_sites)
    walks = np.isfinite(table.walk_m) & (table.walk_m >= 0)
    people = np.isfinite(table.people) & (table.people >= 0)
    existing = table.existing_m >= 0  # not a number fails, too
    return bool(rising.all() and inside.all() and walks.all() and people.all() and existing.all())
