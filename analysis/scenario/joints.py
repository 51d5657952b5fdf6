"""Joints: where new paths meet the streets, and each other.

Streets and new paths are numbered together as *ways*: first the arcs of the network, then the paths
in the order of the scenario. A joint lies on one or two ways, so many metres from their tails.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from analysis.linking.linkable import arc_lines
from analysis.scenario.modifications import AddPath
from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray, FloatArray, IntArray, quantised
from analysis.walking import ArcFlag

JOIN_M: Final = 10.0  # an end of a path this near to a street is on it
_ON_NODE_M: Final = 0.5  # a joint this near to the end of a way is that end
_SAME_M: Final = 0.01
# Passed over or under without meeting.
_APART: Final = int(ArcFlag.BRIDGE | ArcFlag.TUNNEL | ArcFlag.UNLINKABLE | ArcFlag.FERRY)
_MEETS_NOTHING_MIDWAY: Final = ("footbridge", "stairs", "lift")


@dataclass(frozen=True, slots=True)
class Joint:
    """One place where ways meet: `on` lists (way, metres from its tail in whole units)."""

    on: tuple[tuple[int, float], ...]
    xy_m: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class JoinedPath:
    """A new path as it will lie, drawn from joint to joint.

    `line_m` float64 [k, 2]; `length_m` in whole units; `ends_joined`: whether its ends met a
    street.
    """

    edit: AddPath
    line_m: FloatArray
    length_m: float
    ends_joined: tuple[bool, bool]


@dataclass(slots=True, eq=False)
class _Ways:
    """What can be met: lines by number of way, with the length that offsets are counted in."""

    number: list[int]
    line: list[shapely.LineString]
    length_m: list[float]

    def at(self, row: int, point: shapely.Point) -> Joint:
        """Return the place of the way in `row` nearest to `point`, its ends where near to them."""
        line, length_m = self.line[row], self.length_m[row]
        share = float(shapely.line_locate_point(line, point, normalized=True))
        offset_m = share * length_m
        if offset_m <= _ON_NODE_M:
            share, offset_m = 0.0, 0.0
        elif length_m - offset_m <= _ON_NODE_M:
            share, offset_m = 1.0, length_m
        foot = shapely.line_interpolate_point(line, share, normalized=True)
        whole_m = min(float(quantised(np.array([offset_m]))[0]), length_m)
        return Joint(((self.number[row], whole_m),), (foot.x, foot.y))


def join_paths(
    network: WalkNetwork, closed: BoolArray, edits: Iterable[AddPath]
) -> tuple[tuple[JoinedPath, ...], tuple[Joint, ...]]:
    """Return `edits` joined to the streets that are not `closed` (bool [m]), and to each other.

    An end within :data:`JOIN_M` of a street or of an earlier path is led onto it; one that is not
    ends there. Paths, gates and crossings also meet every street on the level that they cross.
    """
    open_ = ~closed & ((network.arc_flags & int(ArcFlag.UNLINKABLE)) == 0)
    level = ~closed & ((network.arc_flags & _APART) == 0)
    boxes = _boxes(network)
    paths: list[JoinedPath] = []
    joints: list[Joint] = []
    for edit in edits:
        near = _near(boxes, edit)
        flat = {
            network.n_arcs + row: one
            for row, one in enumerate(paths)
            if one.edit.kind not in _MEETS_NOTHING_MIDWAY
        }
        path, feet = _led_onto(edit, _ways(network, near[open_[near]], flat))
        way = network.n_arcs + len(paths)
        joints += [
            Joint((*foot.on, (way, end_m)), foot.xy_m)
            for foot, end_m in zip(feet, (0.0, path.length_m), strict=True)
            if foot is not None
        ]
        if edit.kind not in _MEETS_NOTHING_MIDWAY:
            joints += _crossings(path, way, _ways(network, near[level[near]], flat))
        paths.append(path)
    return tuple(paths), tuple(joints)


def _led_onto(edit: AddPath, ways: _Ways) -> tuple[JoinedPath, tuple[Joint | None, Joint | None]]:
    drawn = np.array(edit.line_m, dtype=np.float64)
    first, last = _foot(drawn[0], ways), _foot(drawn[-1], ways)
    before = [] if first is None else [np.array([first.xy_m])]
    after = [] if last is None else [np.array([last.xy_m])]
    line_m = np.concatenate([*before, drawn, *after])
    step_m = np.hypot(*np.diff(line_m, axis=0).T)
    line_m = line_m[np.append(True, step_m > _SAME_M)]
    length_m = quantised(np.hypot(*np.diff(line_m, axis=0).T).sum(keepdims=True))
    path = JoinedPath(edit, line_m, float(length_m[0]), (first is not None, last is not None))
    return path, (first, last)


def _foot(xy_m: FloatArray, ways: _Ways) -> Joint | None:
    """Return the nearest place of `ways`, None where none is within :data:`JOIN_M`."""
    if not ways.line:
        return None
    point = shapely.Point(xy_m)
    apart_m = shapely.distance(point, np.array(ways.line, dtype=object))
    row = int(np.argmin(apart_m))
    return ways.at(row, point) if apart_m[row] <= JOIN_M else None


def _crossings(path: JoinedPath, way: int, ways: _Ways) -> Iterator[Joint]:
    """Yield where `path` crosses `ways`; not again at its ends, which are joined already."""
    own = _Ways([way], [shapely.linestrings(path.line_m)], [path.length_m])
    for row, line in enumerate(ways.line):
        for point in _points(shapely.intersection(own.line[0], line)):
            there, here = ways.at(row, point), own.at(0, point)
            if 0.0 < here.on[0][1] < path.length_m:
                yield Joint((*there.on, *here.on), there.xy_m)


def _points(shared: shapely.Geometry) -> Iterator[shapely.Point]:
    """Yield the points of an intersection; of a stretch that two lines share, both ends."""
    for part in shapely.get_parts(shared):
        coordinates = shapely.get_coordinates(part)
        for xy in coordinates[[0, -1]] if len(coordinates) > 1 else coordinates:
            yield shapely.Point(xy)


def _ways(network: WalkNetwork, arcs: IntArray, paths: Mapping[int, JoinedPath]) -> _Ways:
    return _Ways(
        [*arcs.tolist(), *paths],
        [*arc_lines(network, arcs), *(shapely.linestrings(one.line_m) for one in paths.values())],
        [*network.arc_length_m[arcs].tolist(), *(one.length_m for one in paths.values())],
    )


def _boxes(network: WalkNetwork) -> FloatArray:
    """Return least x, least y, greatest x and greatest y of each arc, float64 [m, 4]."""
    if network.n_arcs == 0:
        return np.empty((0, 4))
    first = network.arc_first[:-1]
    return np.hstack(
        [
            np.minimum.reduceat(network.arc_xy_m, first, axis=0),
            np.maximum.reduceat(network.arc_xy_m, first, axis=0),
        ]
    )


def _near(boxes: FloatArray, edit: AddPath) -> IntArray:
    """Return the arcs whose box comes within :data:`JOIN_M` of that of `edit`, ascending."""
    line_m = np.array(edit.line_m, dtype=np.float64)
    low, high = line_m.min(axis=0) - JOIN_M, line_m.max(axis=0) + JOIN_M
    near = np.all((boxes[:, :2] <= high) & (boxes[:, 2:] >= low), axis=1)
    return np.flatnonzero(near).astype(np.int32)
