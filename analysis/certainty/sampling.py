"""Which walks of a study are re-measured, and between which places on streets.

A home and a facility lie off the street, where engines disagree on principle: each has its own idea
of the way to the door. So a walk is re-measured between the two places where our own answer steps
onto a street and leaves it.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.linking.linkage import Link, Linkage
from analysis.streets.network import WalkNetwork
from analysis.units import ByteArray, FloatArray, IdArray, IntArray, freeze
from analysis.walks.pairs import walks_between
from analysis.walks.walk_graph import WalkGraph

FARTHEST_M: Final = 1500.0  # the 15-minute walk and half as much again
_SEARCH_M: Final = FARTHEST_M + 500.0  # access legs included
_NEAREST_SHARE: Final = 0.7  # of the sample; the others are any facility within FARTHEST_M
_SPARE: Final = 1.25  # drawn beyond what is wanted, since some walks are too long
_MOST_ROUNDS: Final = 40

Kind = Literal[0, 1]
NEAREST: Final[Kind] = 0
OTHER: Final[Kind] = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyWalks:
    """What walks a study measured: enough of it to draw a sample.

    Attributes
    ----------
    graph
        The network as the study's walker walks it, in metres.
    points, entrances
        Linked people and linked entrances.
    point_xy_m, entrance_xy_m
        float64 [p, 2] and [e, 2].
    entrance_first
        int32 [k + 1]: the entrances of facility *i* are rows
        ``entrance_first[i]:entrance_first[i + 1]``.
    nearest
        int32 [p, elements]: the nearest facility of each element, -1 where none.
    walk_m
        float64 [p, elements]: the study's own metres to it, access legs included.
    """

    graph: WalkGraph
    points: Linkage
    entrances: Linkage
    point_xy_m: FloatArray
    entrance_xy_m: FloatArray
    entrance_first: IntArray
    nearest: IntArray
    walk_m: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampledWalks:
    """Walks to re-measure, [k] each.

    `kind` uint8 (``NEAREST``: the walk that the study reports for an element; ``OTHER``: to any
    other facility); `point`, `facility` int32 rows; `from_arc`, `to_arc` int32 and `from_offset_m`,
    `to_offset_m` float64, where the walk steps onto a street and leaves it; `walk_m` float64, our
    metres between the two; `legs_m` float64, both access legs; `stated_m` float64, the study's own
    figure for the whole walk (nan for others).
    """

    kind: ByteArray
    point: IntArray
    facility: IntArray
    from_arc: IntArray
    from_offset_m: FloatArray
    to_arc: IntArray
    to_offset_m: FloatArray
    walk_m: FloatArray
    legs_m: FloatArray
    stated_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (
            self.kind, self.point, self.facility, self.from_arc, self.from_offset_m, self.to_arc,
            self.to_offset_m, self.walk_m, self.legs_m, self.stated_m,
        ):  # fmt: skip
            freeze(array)

    def __len__(self) -> int:
        """Return the number of walks."""
        return len(self.kind)

    def own_gap_m(self) -> float:
        """Return the largest metres between the study's figures and ours now; 0 where none."""
        stated = np.isfinite(self.stated_m)
        gap_m = np.abs(self.walk_m + self.legs_m - self.stated_m)[stated]
        return float(gap_m.max(initial=0.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArcPlaces:
    """Where positions on arcs are drawn.

    `piece_m` float64 [k, 2, 2]: the two ends of the straight piece each stands on; `along_m`
    float64 [k]: metres from the first of them; `xy_m` float64 [k, 2]: the places.
    """

    piece_m: FloatArray
    along_m: FloatArray
    xy_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.piece_m, self.along_m, self.xy_m):
            freeze(array)


def sample_walks(study: StudyWalks, wanted: int, seed: int) -> SampledWalks:
    """Draw up to `wanted` walks of at most :data:`FARTHEST_M` on streets; fewer where none are.

    Seven in ten are walks that the study reports, from a home to its nearest facility of an
    element; the others lead to any facility within the same straight distance. No pair of home and
    facility comes twice. The same `seed` draws the same walks.
    """
    rng = np.random.default_rng(seed)
    reported = _measured(study, _reported(study, rng, round(wanted * _NEAREST_SHARE)), NEAREST)
    reported = _first(reported, round(wanted * _NEAREST_SHARE))
    taken = {
        (p, k) for p, k in zip(reported.point.tolist(), reported.facility.tolist(), strict=True)
    }
    others = _measured(study, _others(study, rng, wanted - len(reported), taken), OTHER)
    both = [reported, _first(others, wanted - len(reported))]
    return SampledWalks(
        **{
            name: np.concatenate([getattr(one, name) for one in both])
            for name in SampledWalks.__slots__
        }
    )


def places_on(network: WalkNetwork, arc: IntArray, offset_m: FloatArray) -> ArcPlaces:
    """Return where positions on arcs (int32 [k], metres from the tail float64 [k]) are drawn."""
    step_m = np.hypot(*np.diff(network.arc_xy_m, axis=0).T)
    ends = np.empty((len(arc), 2, 2))
    along_m = np.empty(len(arc))
    for row, (one, at_m) in enumerate(zip(arc.tolist(), offset_m.tolist(), strict=True)):
        first, last = int(network.arc_first[one]), int(network.arc_first[one + 1])
        steps_m = step_m[first : last - 1]
        drawn_m, length_m = float(steps_m.sum()), float(network.arc_length_m[one])
        # An arc may be longer than its drawing says (a stated length).
        left_m = at_m * (drawn_m / length_m if length_m > 0 else 0.0)
        piece = min(int(np.searchsorted(np.cumsum(steps_m), left_m)), len(steps_m) - 1)
        ends[row] = network.arc_xy_m[first + piece : first + piece + 2]
        along_m[row] = min(max(left_m - float(steps_m[:piece].sum()), 0.0), float(steps_m[piece]))
    piece_m = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    share = np.divide(along_m, piece_m, out=np.zeros(len(arc)), where=piece_m > 0)
    xy_m = ends[:, 0] + share[:, None] * (ends[:, 1] - ends[:, 0])
    return ArcPlaces(piece_m=ends, along_m=along_m, xy_m=xy_m)


def _reported(study: StudyWalks, rng: np.random.Generator, wanted: int) -> IdArray:
    """Return point, facility and element of walks that the study reports, int64 [*, 3]."""
    point, element = np.nonzero(study.nearest >= 0)
    facility = study.nearest[point, element].astype(np.int64)
    _, one = np.unique(point * (int(facility.max(initial=0)) + 1) + facility, return_index=True)
    drawn = one[rng.permutation(len(one))[: int(wanted * _SPARE) + 1]]
    return np.column_stack([point[drawn], facility[drawn], element[drawn]]).astype(np.int64)


def _others(
    study: StudyWalks, rng: np.random.Generator, wanted: int, taken: set[tuple[int, int]]
) -> IdArray:
    """Return the same for any facilities near any homes, the element being -1."""
    homes = np.flatnonzero(study.points.linked)
    reachable = np.flatnonzero(study.entrances.linked)
    of_entrance = np.repeat(np.arange(len(study.entrance_first) - 1), np.diff(study.entrance_first))
    found: list[tuple[int, int, int]] = []
    for _ in range(_MOST_ROUNDS if len(homes) and len(reachable) else 0):
        point, entrance = rng.choice(homes, 4 * wanted + 1), rng.choice(reachable, 4 * wanted + 1)
        away_m = np.hypot(*(study.point_xy_m[point] - study.entrance_xy_m[entrance]).T)
        near = away_m <= FARTHEST_M
        pairs = zip(point[near].tolist(), of_entrance[entrance[near]].tolist(), strict=True)
        for pair in pairs:
            if pair not in taken:
                taken.add(pair)
                found.append((*pair, -1))
        if len(found) >= _SPARE * wanted:
            break
    return np.array(found, dtype=np.int64).reshape(-1, 3)


def _measured(study: StudyWalks, drawn: IdArray, kind: Kind) -> SampledWalks:
    """Return the shortest walk of each pair with the two places on streets that it uses."""
    points, entrances = study.points, study.entrances
    feet, goals = _as_points(points), _as_points(entrances)
    # The best way off the street first, over all ways onto it; then the way onto it beside that.
    pair, goal = _expanded(
        entrances.point_first[study.entrance_first[drawn[:, 1]]],
        entrances.point_first[study.entrance_first[drawn[:, 1] + 1]],
    )
    whole_m = _walks(study, points, goals, drawn[pair, 0], goal) + entrances.access_m[goal]
    pair, goal = _best(pair, goal, whole_m)
    row, start = _expanded(
        points.point_first[drawn[pair, 0]], points.point_first[drawn[pair, 0] + 1]
    )
    on_street_m = _walks(study, feet, goals, start, goal[row])
    row, start = _best(row, start, on_street_m + points.access_m[start])
    pair, goal = pair[row], goal[row]
    walk_m = _walks(study, feet, goals, start, goal)
    kept = walk_m <= FARTHEST_M
    pair, start, goal, walk_m = pair[kept], start[kept], goal[kept], walk_m[kept]
    point, facility, element = drawn[pair].T
    return SampledWalks(
        kind=np.full(len(pair), kind, dtype=np.uint8),
        point=point.astype(np.int32),
        facility=facility.astype(np.int32),
        from_arc=points.arc[start],
        from_offset_m=points.offset_m[start],
        to_arc=entrances.arc[goal],
        to_offset_m=entrances.offset_m[goal],
        walk_m=walk_m,
        legs_m=points.access_m[start] + entrances.access_m[goal],
        stated_m=np.where(element >= 0, study.walk_m[point, element], np.nan),
    )


def _walks(
    study: StudyWalks, origins: Linkage, targets: Linkage, origin: IdArray, target: IdArray
) -> FloatArray:
    pairs = np.column_stack([origin, target]).astype(np.int32)
    return walks_between(study.graph, origins, targets, pairs, _SEARCH_M)


def _expanded(first: IntArray, last: IntArray) -> tuple[IdArray, IdArray]:
    """Return all rows ``first[i]:last[i]``, one after the other, and before them the i of each."""
    counts = last.astype(np.int64) - first
    owner = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return owner, first[owner] + within


def _best(owner: IdArray, row: IdArray, cost_m: FloatArray) -> tuple[IdArray, IdArray]:
    """Return the cheapest row of each owner that has one at all; of equals the first."""
    order = np.lexsort((row, cost_m, owner))
    order = order[np.isfinite(cost_m[order])]
    owners, first = np.unique(owner[order], return_index=True)
    return owners, row[order][first]


def _as_points(linked: Linkage) -> Linkage:
    """Return every candidate as a point of its own that stands on its street."""
    count = len(linked.arc)
    return Linkage(
        point_first=np.arange(count + 1, dtype=np.int32),
        arc=linked.arc,
        offset_m=linked.offset_m,
        access_m=np.zeros(count),
        how=np.full(count, Link.NEAR, dtype=np.uint8),
    )


def _first(walks: SampledWalks, wanted: int) -> SampledWalks:
    return SampledWalks(
        **{name: getattr(walks, name)[:wanted].copy() for name in SampledWalks.__slots__}
    )
