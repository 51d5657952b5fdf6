"""Residuals: where two engines differ on a walk, and why.

For each walk there are three figures: ours between two places on streets, theirs between the same
places (moved to where they put them), and ours once more, but on the streets that *they* let people
walk and between *their* places. Where the third is theirs, the difference is one of access rules or
of snapping and nothing else; where it is not, it is unexplained. So is a walk that our kernels
measure otherwise than this package does by the same rules: no agreement may excuse that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np

from analysis.certainty.routes import Route
from analysis.certainty.streets import Openness, Streets
from analysis.units import BoolArray, FloatArray, freeze

TOLERANCE_M: Final = 15.0
TOLERANCE_SHARE: Final = 0.01
MOVED_M: Final = 3.0  # a place put farther away than this stands on another street
LARGE_M: Final = 60.0  # larger differences are listed one by one
OWN_M: Final = 0.1  # by as much our kernels and this drawing may differ: roundings of places
THEIR_NODE: Final = "node.theirs"  # a node that they close, and no rule of ours


class Cause(StrEnum):
    """Why two engines differ on a walk, or that they do not."""

    SAME = "same"  # within the tolerance
    TIE = "tie"  # within the tolerance, over different streets
    SNAP = "snap"  # they put an end of the walk on another street
    ACCESS_RULE = "access_rule"  # they let people walk where we do not, or the reverse
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Access rules on which two engines differ along a walk, sorted.

    `ours_only`: rules of ours that open a stretch or node of our walk which they close;
    `theirs_only`: rules of ours that close a stretch or node of theirs. `where`: the objects of the
    map at which that is, such as ``way/12``.
    """

    ours_only: tuple[str, ...] = ()
    theirs_only: tuple[str, ...] = ()
    where: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self.ours_only or self.theirs_only)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measurements:
    """The figures of [k] walks, metres; inf where there is no walk.

    `ours_m`, `theirs_m`, `harmonised_m` float64 [k] as the module says; `redrawn_m` float64 [k],
    ours once more, by our rules and between our places, but on the drawing that `harmonised_m` is
    measured on; `moved_m` float64 [k], how far they moved the two ends together; `tied` bool [k],
    whether the two walks follow different streets; `rules` [k].
    """

    ours_m: FloatArray
    redrawn_m: FloatArray
    theirs_m: FloatArray
    harmonised_m: FloatArray
    moved_m: FloatArray
    tied: BoolArray
    rules: tuple[RuleSet, ...]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (
            self.ours_m, self.redrawn_m, self.theirs_m, self.harmonised_m, self.moved_m, self.tied,
        ):  # fmt: skip
            freeze(array)


def apart_m(one_m: FloatArray, other_m: FloatArray) -> FloatArray:
    """Return how far two figures lie apart, metres; 0 where neither finds a walk, else inf."""
    neither = np.isinf(one_m) & np.isinf(other_m)
    with np.errstate(invalid="ignore"):
        return np.where(neither, 0.0, np.abs(one_m - other_m))


def agree(one_m: FloatArray, other_m: FloatArray) -> BoolArray:
    """Return whether figures lie within 15 m or 1 % of the first of them, whichever is more."""
    finite_m = np.where(np.isfinite(one_m), one_m, 0.0)
    within: BoolArray = apart_m(one_m, other_m) <= np.maximum(
        TOLERANCE_M, TOLERANCE_SHARE * finite_m
    )
    return within


def causes(found: Measurements) -> tuple[Cause, ...]:
    """Return the cause of each walk's difference."""
    same = agree(found.ours_m, found.theirs_m)
    explained = agree(found.harmonised_m, found.theirs_m)
    ourselves = apart_m(found.ours_m, found.redrawn_m) <= OWN_M
    gap_m = apart_m(found.ours_m, found.theirs_m)
    # A moved end changes a walk by no more than it was moved, unless the rules differ as well.
    by_snap = (found.moved_m > MOVED_M) & (gap_m <= found.moved_m + TOLERANCE_M)
    out: list[Cause] = []
    for row, rules in enumerate(found.rules):
        if not ourselves[row]:
            out.append(Cause.UNEXPLAINED)
        elif same[row]:
            out.append(Cause.TIE if found.tied[row] else Cause.SAME)
        elif not explained[row]:
            out.append(Cause.UNEXPLAINED)
        else:
            # Where every stretch of both walks is open to both, only the ends can differ.
            out.append(Cause.ACCESS_RULE if rules and not by_snap[row] else Cause.SNAP)
    return tuple(out)


def differing_rules(
    streets: Streets, ours: Openness, theirs: Openness, our_route: Route, their_route: Route
) -> RuleSet:
    """Return the rules on which the engines differ along either walk.

    A stretch that both let people walk, but not both ways, counts as ``<rule>/direction``; a node
    that only they close as ``node.theirs``.
    """
    mine = _lacking(streets, ours, theirs, our_route)
    other = _lacking(streets, theirs, ours, their_route)
    return RuleSet(
        ours_only=tuple(sorted({name for name, _ in mine})),
        theirs_only=tuple(sorted({name for name, _ in other})),
        where=tuple(sorted({where for _, where in (*mine, *other)})),
    )


def follows_other_streets(streets: Streets, one: Route, other: Route) -> bool:
    """Return whether two walks differ by more than the tolerance in the streets they follow."""
    apart = set(one.stretches) ^ set(other.stretches)
    ends = {route.stretches[at] for route in (one, other) if route.stretches for at in (0, -1)}
    return sum(float(streets.length_m[row]) for row in apart - ends) > TOLERANCE_M


def _lacking(
    streets: Streets, walker: Openness, other: Openness, route: Route
) -> set[tuple[str, str]]:
    """Return rule and object of each stretch and node of `route` that `other` lets nobody pass."""
    rows = list(route.stretches)
    found: set[tuple[str, str]] = set()
    for row in rows:
        name = streets.rules[int(streets.rule[row])]
        lacking = (
            bool(walker.forward[row] and not other.forward[row]),
            bool(walker.backward[row] and not other.backward[row]),
        )
        if any(lacking):
            one_way = other.forward[row] or other.backward[row]
            found.add((f"{name}/direction" if one_way else name, _way(streets, row)))
    for node in _passed(streets, rows):
        if other.refuses[node] and not walker.refuses[node]:
            rule = int(streets.node_rule[node])
            name = streets.rules[rule] if rule >= 0 else THEIR_NODE
            found.add((name, f"node/{streets.node_id[node]}"))
    return found


def _way(streets: Streets, row: int) -> str:
    way = int(streets.way_id[row])
    return f"way/{way}" if way >= 0 else f"relation/{-way}"


def _passed(streets: Streets, rows: Sequence[int]) -> list[int]:
    """Return the nodes between one stretch and the next."""
    return [
        node
        for row, onward in pairwise(rows)
        for node in {int(streets.tail[row]), int(streets.head[row])}
        & {int(streets.tail[onward]), int(streets.head[onward])}
    ]
