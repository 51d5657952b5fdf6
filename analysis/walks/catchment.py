"""Catchments: who reaches whom within a limit, counted by group or listed pair by pair.

Both are one search from the people: how many facilities of each element a home has within its walk,
and which they are.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.kernels.along import Feet
from analysis.kernels.ancestors import (
    Buckets,
    Climbers,
    Heights,
    Notes,
    Ups,
    fill_buckets,
    lay_buckets,
    note_climbs,
    sort_buckets,
)
from analysis.kernels.catchment import Met, Targets, count_batches, pair_batches
from analysis.kernels.hierarchy import pick_climbs
from analysis.kernels.rows import LANES, empty_rows
from analysis.kernels.wave import LONGEST
from analysis.linking.linkage import Linkage
from analysis.messages import message
from analysis.units import UNITS, FloatArray, IdArray, IntArray, KeyArray, freeze
from analysis.walks.feet import feet_of
from analysis.walks.hierarchy import Hierarchy, hierarchy_of
from analysis.walks.walk_graph import WalkGraph

PAIRS_AT_ONCE: Final = 4_000_000  # 48 MB
_NOTES_EACH: Final = 16  # places that a facility comes to, about
_PIECES_EACH: Final = 4  # that the work of a thread is cut into
_ROW_BITS: Final = 32
_BLOCK: Final = 1 << 12  # places of a block, see Heights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CatchmentTargets:
    """Who may be reached.

    Attributes
    ----------
    linked
        The targets' linkage (entrances).
    rank
        int32 [t], the facility each entrance belongs to, 0…f-1; several entrances are one facility.
    group
        int32 [f], the group of each facility, such as its element, 0…g-1.
    limit
        float64 [g], how far a facility of each group may be, in the graph's measure; a walk of
        exactly the limit counts. 0 lets nobody in but those who stand on the spot.
    """

    linked: Linkage
    rank: IntArray
    group: IntArray
    limit: FloatArray

    def __post_init__(self) -> None:
        """Check the limits and freeze the arrays."""
        top = (LONGEST - 1) / UNITS
        if not (np.isfinite(self.limit).all() and (self.limit >= 0).all()) or (
            self.limit.max(initial=0.0) > top
        ):
            raise InvalidParameterError(message("catchment.limit"), value=self.limit.tolist())
        for array in (self.rank, self.group, self.limit):
            freeze(array)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catchment:
    """Pairs of people and facilities, people by people.

    `origin` int32 [r]: rows of the points that were asked for; `first` int64 [r + 1]: the pairs of
    ``origin[i]`` are ``first[i]:first[i + 1]`` of `rank` int32 (ascending) and `cost` float64.
    """

    origin: IntArray
    first: IdArray
    rank: IntArray
    cost: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.origin, self.first, self.rank, self.cost):
            freeze(array)


def count_within(
    graph: WalkGraph,
    points: Linkage,
    targets: CatchmentTargets,
    *,
    hierarchy: Hierarchy | None = None,
    threads: int = 1,
) -> IntArray:
    """Return how many facilities of each group each point has within the limit, int32 [p, g].

    Parameters
    ----------
    graph
        The network as the walker walks it.
    points, targets
        Linked people, and whom they may reach.
    hierarchy
        Of `graph`, for who asks more than once; made anew where None.
    threads
        Cores to share the work between; the answer does not depend on it.

    Raises :class:`InvalidParameterError` for a hierarchy of another graph.
    """
    count = np.zeros((len(points.how), len(targets.limit)), dtype=np.int32)
    with ThreadPoolExecutor(max(threads, 1)) as pool:
        asked = _Asked(graph, points, targets, hierarchy, threads, pool.map)

        def part(thread: int, order: IntArray) -> None:
            count_batches(
                asked.falling, asked.feet, asked.targets, order, asked.limit,
                asked.heights[thread], asked.met(), count,
            )  # fmt: skip

        asked.share(part, asked.order)
    return count


def catchments(
    graph: WalkGraph,
    points: Linkage,
    targets: CatchmentTargets,
    *,
    hierarchy: Hierarchy | None = None,
    pairs_at_once: int = PAIRS_AT_ONCE,
) -> Iterator[Catchment]:
    """Yield all pairs within the limits, as many points at a time as fit in `pairs_at_once`.

    Points come in the order of where they lie, each once, also those without any pair; the pairs in
    memory are bounded by `pairs_at_once`, or by what 16 points need where that is more. `hierarchy`
    and errors as for :func:`count_within`.
    """
    asked = _Asked(graph, points, targets, hierarchy, 1, map)
    heights, met = asked.heights[0], asked.met()
    done, room = 0, max(pairs_at_once, 1)
    while done < len(asked.order):
        order = asked.order[done:]
        first = np.zeros(len(order) + 1, dtype=np.int64)
        rank, cost = np.empty(room, dtype=np.int32), np.empty(room)
        n, needed = pair_batches(
            asked.falling, asked.feet, asked.targets, order, asked.limit, heights, met,
            1.0 / UNITS, first, rank, cost,
        )  # fmt: skip
        room = max(room, needed)
        if n > 0:
            end = first[n]
            yield Catchment(
                origin=order[:n].copy(),
                first=first[: n + 1].copy(),
                rank=rank[:end].copy(),
                cost=cost[:end].copy(),
            )
        done += n


class _Asked:
    """One question in the form of the kernels: facilities lie in their buckets, people wait.

    `limit` is the largest limit in units, `falling` are the ways up that people take, `order` int32
    [p] are they, neighbours together; `heights` are working memory, one for each thread.
    """

    def __init__(
        self,
        graph: WalkGraph,
        points: Linkage,
        targets: CatchmentTargets,
        hierarchy: Hierarchy | None,
        threads: int,
        side_by_side: Callable[..., Iterable[Any]],
    ) -> None:
        whole = hierarchy_of(graph) if hierarchy is None else hierarchy
        if whole.graph is not graph:
            raise InvalidParameterError(message("travel_time.hierarchy"))
        self._map = side_by_side
        limits: IdArray = np.floor(targets.limit * UNITS).astype(np.int64)
        self.limit = int(limits.max(initial=0))
        self.heights = [_heights(graph.network.n_nodes) for _ in range(max(threads, 1))]
        even = whole.rising is whole.falling
        ups = [partial(_ups, whole, cost, self.limit) for cost in (whole.falling, whole.rising)]
        jobs = [ups[0], partial(feet_of, graph, points), partial(feet_of, graph, targets.linked)]
        jobs += [] if even else ups[1:]
        self.falling, self.feet, served, *rising = self._map(lambda job: job(), jobs)
        self.order = _order(self.feet)
        self.targets = self._targets(graph, targets, limits, served, *(rising or [self.falling]))

    def share(self, part: Callable[[int, IntArray], None], order: IntArray) -> None:
        """Call `part` with the number of a thread and a piece of `order` until all are done.

        Who has finished takes the next piece: streets are denser here than there.
        """
        n, batches = len(self.heights), -(-len(order) // LANES)
        cuts = np.linspace(0, batches, n * _PIECES_EACH + 1).astype(int)[1:-1] * LANES
        pieces = iter(np.split(order, cuts) if n > 1 else [order])

        def work(thread: int) -> None:
            for piece in pieces:
                part(thread, piece)

        self._all(work)

    def _all(self, work: Callable[[int], None]) -> None:
        """Let each thread, by its number, do its part, and wait for all."""
        for _ in self._map(work, range(len(self.heights))):
            pass

    def met(self) -> Met:
        """Return working memory for one thread."""
        n = len(self.targets.group)
        return Met(empty_rows(n), np.zeros(n, dtype=np.int32), np.empty(n, dtype=np.int32))

    def _targets(
        self,
        graph: WalkGraph,
        targets: CatchmentTargets,
        limits: IdArray,
        served: Feet,
        rising: Ups,
    ) -> Targets:
        rank = np.repeat(targets.rank, np.diff(targets.linked.point_first)).astype(np.int32)
        by_rank = np.argsort(rank, kind="stable")
        feet = Feet(
            _first(rank, len(targets.group)), served.arc[by_rank], served.ends[by_rank],
            served.leaving[by_rank], served.arriving[by_rank], served.along[by_rank],
            served.leg[by_rank],
        )  # fmt: skip
        return Targets(
            buckets=self._buckets(feet, limits[targets.group], rising),
            feet=feet,
            foot_rank=rank[by_rank],
            arc_first=_first(feet.arc, graph.network.n_arcs),
            on_arc=np.argsort(feet.arc, kind="stable").astype(np.int32),
            group=targets.group.astype(np.int32),
            limit=limits,
        )

    def _buckets(self, feet: Feet, limit: IdArray, rising: Ups) -> Buckets:
        climbers, order = Climbers(feet.first, feet.ends, feet.arriving), _order(feet)
        counts = np.zeros((len(self.heights), len(rising.first) - 1), dtype=np.int32)
        noted = [(_notes(_NOTES_EACH * len(order)), 0) for _ in self.heights]

        def note(thread: int, piece: IntArray) -> None:
            notes, end = noted[thread]
            done = 0
            while done < len(piece):
                more, end = note_climbs(
                    rising, climbers, piece[done:], limit, self.heights[thread], end, notes,
                    counts[thread],
                )  # fmt: skip
                done += more
                if done < len(piece):
                    notes = _longer(notes)
            noted[thread] = notes, end

        self.share(note, order)
        first = np.empty(counts.shape[1] + 1, dtype=np.int64)
        at = lay_buckets(counts, first)
        rank, units = np.empty(first[-1], dtype=np.int32), np.empty(first[-1], dtype=np.uint64)
        buckets = Buckets(first, rank, units)
        even = np.linspace(0, first[-1], len(self.heights) + 1)
        cuts = np.searchsorted(first, even.astype(np.int64)).tolist()
        self._all(lambda thread: fill_buckets(*noted[thread], at[thread], buckets))
        self._all(lambda thread: sort_buckets(buckets, cuts[thread], cuts[thread + 1]))
        return buckets


def _notes(room: int) -> Notes:
    return Notes(
        np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32),
        np.empty(room, dtype=np.uint64),
    )  # fmt: skip


def _longer(notes: Notes) -> Notes:
    """Return the same notes with room for as many again."""
    longer, n = _notes(2 * len(notes.place) + LANES), len(notes.place)
    longer.place[:n], longer.rank[:n], longer.units[:n] = notes
    return longer


def _heights(n_places: int) -> Heights:
    blocks = n_places // _BLOCK + 1
    return Heights(
        empty_rows(n_places),
        np.empty(n_places, dtype=np.int32),
        np.arange(n_places, dtype=np.int32),
        np.zeros(1, dtype=np.int64),
        np.zeros(blocks * 64, dtype=np.uint64),
        np.zeros(blocks, dtype=np.uint64),
    )


def _ups(whole: Hierarchy, cost: KeyArray, limit: int) -> Ups:
    """Return the ways up that may be part of a walk within the limit."""
    ups = Ups(np.empty_like(whole.first), np.empty_like(whole.upper), np.empty_like(cost))
    pick_climbs(whole.first, whole.upper, cost, limit, 0, *ups)
    return ups


def _first(of: IntArray, n: int) -> IntArray:
    first = np.zeros(n + 1, dtype=np.int32)
    first[1:] = np.cumsum(np.bincount(of, minlength=n))
    return first


def _order(feet: Feet) -> IntArray:
    """Return who stands on `feet` by place, which keeps neighbours together; the others last."""
    linked = feet.first[1:] > feet.first[:-1]
    place = np.full(len(linked), np.iinfo(np.int32).max, dtype=np.int32)
    place[linked] = feet.ends[feet.first[:-1][linked], 0]
    rows = np.arange(len(linked), dtype=np.int64)
    # Sorting such numbers is much quicker than sorting rows by place; the low half is the row.
    return np.sort((place.astype(np.int64) << _ROW_BITS) | rows).astype(np.int32)
