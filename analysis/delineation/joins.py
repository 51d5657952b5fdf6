"""Joins: parts too small for a circle, put together across a barrier or a gap, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import shapely

from analysis.delineation.partition import Band
from analysis.messages import Joined, Name, message
from analysis.notices import Notice, notice
from analysis.streets.dividers import Dividers, Rank, line_text
from analysis.units import FloatArray

REACH_RADII: Final = 2.0  # parts whose middles are farther apart than this are not one circle
HAMLET_SHARE: Final = 0.1  # of the least people: too few to stand as a circle of their own
_TOUCH_M: Final = 1.0

Why = Literal["barrier", "gap", "redrawn"]
_CODES: Final = {"barrier": "joined_barrier", "redrawn": "redrawn"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patch:
    """Some parts as one: `parts` their numbers, `people`, and `xy_m` [2], their middle."""

    parts: tuple[int, ...]
    polygon: shapely.Geometry
    people: float
    xy_m: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Two parts that became one circle, or were drawn anew together.

    `part` was the smaller one, with `people`; it lies in the circle `circle_id` now, or mostly in
    it and for the rest in `other_id` where both were drawn anew. `across` are the barriers between
    them by kind and name, empty over a `gap` of `gap_m` metres of open land; `partner` was the
    larger one of a redrawing.
    """

    part: int
    circle_id: str
    why: Why
    people: float
    across: tuple[tuple[Name, str], ...]
    gap_m: float
    other_id: str = ""
    partner: int = -1

    def named(self, circle_id: str, other_id: str = "") -> "Join":
        """Return the join with the ids of the circles that it ended up in."""
        return replace(self, circle_id=circle_id, other_id=other_id)


def told_joins(joins: Sequence[Join]) -> list[Notice]:
    """Return joins in words: each one across a barrier, those over open land circle by circle."""
    told = []
    for one in joins:
        if one.why == "gap":
            continue
        lines = Joined(tuple(line_text(kind, name) for kind, name in one.across))
        text = message(
            "delineation.redrawn" if one.why == "redrawn" else "delineation.joined_across",
            circle=one.circle_id, other=one.other_id, people=f"{one.people:,.0f}", lines=lines,
        )  # fmt: skip
        subjects = [circle for circle in (one.circle_id, one.other_id) if circle]
        told.append(notice(f"delineation.{_CODES[one.why]}", text, subjects, "warning"))
    for circle in sorted({one.circle_id for one in joins if one.why == "gap"}):
        own = [one for one in joins if one.why == "gap" and one.circle_id == circle]
        text = message(
            "delineation.joined_gap", circle=circle, count=len(own),
            people=f"{sum(one.people for one in own):,.0f}",
            gap_m=f"{max(one.gap_m for one in own):,.0f}",
        )  # fmt: skip
        told.append(notice("delineation.joined_gap", text, (circle,), "warning"))
    return told


def join_small(
    patches: Sequence[Patch], dividers: Dividers, band: Band
) -> tuple[list[Patch], list[Join]]:
    """Join parts with fewer than `band.low` people to a neighbour, the smallest first.

    A neighbour across a barrier, or across open land not wider than the radius, whose middle lies
    within two radii, is taken when both together stay within `band.high`: the one that then holds
    enough people, else the nearest. Hamlets, a tenth of the least or fewer, go to the nearest
    neighbour within two radii of ground. What finds none stays as it is.
    """
    left = list(patches)
    joins: list[Join] = []
    stuck: set[tuple[int, ...]] = set()
    while True:
        small = [p for p in left if p.people < band.low and p.parts not in stuck]
        if not small or len(left) == 1:
            return left, joins
        one = min(small, key=lambda patch: (patch.people, patch.parts))
        other = _partner(one, left, band)
        if other is None:
            stuck.add(one.parts)
            continue
        joins.append(told_join(one, other, dividers))
        left = [p for p in left if p is not one and p is not other]
        left.append(_both(one, other))


def _partner(one: Patch, patches: Sequence[Patch], band: Band) -> Patch | None:
    others = [p for p in patches if p is not one and one.people + p.people <= band.high]
    if not others:
        return None
    gap_m = shapely.distance(one.polygon, np.array([p.polygon for p in others], dtype=object))
    apart_m = np.array([float(np.hypot(*(p.xy_m - one.xy_m))) for p in others])
    reach_m = REACH_RADII * band.radius_m
    hamlet = one.people <= HAMLET_SHARE * band.low
    able = (gap_m <= reach_m) if hamlet else (gap_m <= band.radius_m) & (apart_m <= reach_m)
    found = np.flatnonzero(able).tolist()
    if not found:
        return None
    key = gap_m + apart_m / 10.0 if hamlet else apart_m
    enough = [i for i in found if one.people + others[i].people >= band.low]
    return others[min(enough or found, key=lambda i: (round(float(key[i]), 2), others[i].parts))]


def _both(one: Patch, other: Patch) -> Patch:
    people = one.people + other.people
    weights = (one.people, other.people) if people > 0 else (1.0, 1.0)
    return Patch(
        parts=tuple(sorted((*one.parts, *other.parts))),
        polygon=shapely.coverage_union(one.polygon, other.polygon),
        people=people,
        xy_m=np.average([one.xy_m, other.xy_m], axis=0, weights=weights),
    )


def told_join(one: Patch, other: Patch, dividers: Dividers) -> Join:
    """Return what lies between two patches that were joined."""
    small = min((one, other), key=lambda patch: (patch.people, patch.parts))
    shared = shapely.intersection(shapely.boundary(one.polygon), shapely.boundary(other.polygon))
    across: set[tuple[str, str]] = set()
    kinds = {kind.id: kind.name for kind in dividers.kinds}
    if shapely.length(shared) > _TOUCH_M:
        hard = dividers.picked(dividers.rank == Rank.NEVER)
        along = shapely.length(shapely.intersection(hard.lines, shapely.buffer(shared, _TOUCH_M)))
        for row in np.flatnonzero(along > 2 * _TOUCH_M).tolist():
            across.add((hard.kinds[int(hard.kind[row])].id, hard.names[row]))
    return Join(
        part=small.parts[0],
        circle_id="",
        why="barrier" if across else "gap",
        people=small.people,
        across=tuple((kinds[kind], name) for kind, name in sorted(across)),
        gap_m=float(shapely.distance(one.polygon, other.polygon)),
    )
