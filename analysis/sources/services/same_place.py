"""One facility mapped twice: names made comparable, and what stands at the same place."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import shapely

from analysis.sources.osm.data import Tags
from analysis.sources.services.tags import MAX_NAME_CHARS
from analysis.standard.profile import OsmRule

# NFKC has made full-width brackets plain; the corner and lens-shaped ones stay as they are.
_OPENING: Final = r"(\[{<\u3008\u300a\u300c\u300e\u3010\u3014"
_CLOSING: Final = r")\]}>\u3009\u300b\u300d\u300f\u3011\u3015"
_BRACKETED: Final = re.compile(f"[{_OPENING}][^{_OPENING}{_CLOSING}]*[{_CLOSING}]")
_NOT_WORD: Final = re.compile(r"[\W_]+")
_FIRST_CJK: Final = "\u2e80"
_SHORTEST_STEM: Final = 2
_AREA: Final = 2  # dimension of a polygon


def normal_name(name: str, suffixes: Iterable[str] = ()) -> str:
    """Return `name` for comparison: NFKC, lower case, no brackets, spaces or generic suffix.

    A suffix in Latin letters must be a word of its own; what is left must have two characters.
    """
    text = unicodedata.normalize("NFKC", name[:MAX_NAME_CHARS]).casefold()
    text = _BRACKETED.sub(" ", text).strip() or text.strip()
    for suffix in sorted({one.casefold() for one in suffixes}, key=lambda one: (-len(one), one)):
        stem = text.removesuffix(suffix).rstrip()
        own_word = suffix[:1] >= _FIRST_CJK or not text[: -len(suffix)][-1:].isalnum()
        if stem != text and own_word and len(_NOT_WORD.sub("", stem)) >= _SHORTEST_STEM:
            text = stem
            break
    return _NOT_WORD.sub("", text)


def shown_name(tags: Tags) -> str:
    """Return the name to show: ``name``, else the official, Chinese or English one, else empty."""
    for key in ("name", "official_name", "name:zh", "name:en"):
        if tags.get(key):
            return tags[key]
    return ""


class _Groups:
    """Union-find over positions."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def root(self, one: int) -> int:
        while self._parent[one] != one:
            self._parent[one] = self._parent[self._parent[one]]
            one = self._parent[one]
        return one

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self._parent[high] = low

    def all(self) -> list[list[int]]:
        found: dict[int, list[int]] = {}
        for one in range(len(self._parent)):
            found.setdefault(self.root(one), []).append(one)
        return list(found.values())


def same_places(
    geometries: Sequence[shapely.Geometry], names: Sequence[str], rule: OsmRule
) -> list[list[int]]:
    """Group the positions of what is one facility of one element.

    The same normalised, non-empty name within ``rule.dedupe_m``; a point inside a polygon (the
    smallest that holds it); an unnamed object within ``rule.unnamed_dedupe_m`` of the nearest named
    one. The order of the input (by source id) breaks ties; each position is in exactly one group.
    """
    groups = _Groups(len(names))
    shapes = np.array([*geometries, None], dtype=object)[:-1]
    by_name: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        if name:
            by_name.setdefault(name, []).append(position)
    for members in by_name.values():
        if len(members) > 1:
            for left, right in _within(shapes, members, members, rule.dedupe_m):
                groups.join(left, right)
    for point, holder in _holders(shapes).items():
        groups.join(point, holder)
    if rule.unnamed_dedupe_m > 0.0:
        named = [position for position, name in enumerate(names) if name]
        unnamed = [position for position, name in enumerate(names) if not name]
        for left, right in _nearest(shapes, unnamed, named, rule.unnamed_dedupe_m).items():
            groups.join(left, right)
    return groups.all()


def _holders(shapes: "np.ndarray[tuple[int], np.dtype[np.object_]]") -> Mapping[int, int]:
    """Return the smallest polygon that holds each point; ties go to the first."""
    dimension = shapely.get_dimensions(shapes)
    points, areas = np.flatnonzero(dimension == 0), np.flatnonzero(dimension == _AREA)
    held: dict[int, tuple[float, int]] = {}
    for point, holder in _within(shapes, points.tolist(), areas.tolist(), 0.0):
        candidate = (float(shapely.area(shapes[holder])), holder)
        held[point] = min(held.get(point, candidate), candidate)
    return {point: holder for point, (_, holder) in held.items()}


def _within(
    shapes: "np.ndarray[tuple[int], np.dtype[np.object_]]",
    left: Sequence[int],
    right: Sequence[int],
    distance_m: float,
) -> list[tuple[int, int]]:
    if len(left) == 0 or len(right) == 0:
        return []
    tree = shapely.STRtree(shapes[list(right)])
    pairs = tree.query(shapes[list(left)], predicate="dwithin", distance=distance_m)
    return [(left[a], right[b]) for a, b in pairs.T.tolist() if left[a] != right[b]]


def _nearest(
    shapes: "np.ndarray[tuple[int], np.dtype[np.object_]]",
    left: Sequence[int],
    right: Sequence[int],
    distance_m: float,
) -> Mapping[int, int]:
    best: dict[int, tuple[float, int]] = {}
    for one, other in _within(shapes, left, right, distance_m):
        candidate = (float(shapely.distance(shapes[one], shapes[other])), other)
        best[one] = min(best.get(one, candidate), candidate)
    return {one: other for one, (_, other) in best.items()}
