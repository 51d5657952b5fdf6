"""Which reading of a file's coordinates fits the streets and buildings? Evidence, no conversion.

Places that people write down stand in or beside buildings and near streets. Under the right reading
of their coordinates they do; under a wrong one, hundreds of metres off, they lie like places picked
at random. So each possible reading (as declared; GCJ-02 or BD-09 undone; longitude and latitude
exchanged; each zone of CGCS2000) is scored point by point,

    score = exp(-metres to the nearest building / 20) + ½ exp(-metres to the nearest street / 30),

and another reading is named only where all of this holds, on at least :data:`MIN_POINTS` places:

* it is better than the declared one, point by point: paired t ≥ :data:`MIN_T`; or, where too few
  points lie in the study under both to say so, no worse and a peak of t ≥ :data:`MIN_LONE_PEAK_T`;
* it is a *peak*: better than the same points moved by 100, 200 or 350 m in each of eight
  directions, paired t ≥ :data:`MIN_PEAK_T` against the best of the 24. Places on a river bank or in
  fields get better by almost any move, but no move makes a peak of them;
* the declared reading is no such peak itself.

Outlines (circles, a boundary) are scored by streets alone and must be twice as sure. Where a
reading puts no point at all into the study and another puts at least half there (exchanged axes,
metres of some zone), that decides first. Anything else is *cannot tell*, and says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.coordinates.gauss_kruger import possible_zones
from analysis.coordinates.reading import CoordinateReading
from analysis.coordinates.surroundings import Surroundings
from analysis.units import BoolArray, FloatArray

MIN_POINTS: Final = 10
MIN_T: Final = 3.0
MIN_PEAK_T: Final = 1.0
MIN_LONE_PEAK_T: Final = 3.0
MIN_SHIFT_M: Final = 60.0  # readings closer than this cannot be told apart
MAX_SAMPLE: Final = 500
NEAR_BUILDING_M: Final = 10.0
_OUTLINE_FACTOR: Final = 2.0
_BUILDING_SCALE_M: Final = 20.0
_STREET_SCALE_M: Final = 30.0
_STREET_WEIGHT: Final = 0.5
_SCORED_M: Final = 80.0
_MEASURED_M: Final = 200.0
_RING_M: Final = (100.0, 200.0, 350.0)
_DIRECTIONS: Final = 8
_HALF: Final = 0.5
_MAX_DEGREES: Final = (180.0, 90.0)
_SHIFTED: Final = ("gcj02", "bd09")

FitVerdict = Literal["fits", "other", "cannot_tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingFit:
    """How well one reading fits.

    Attributes
    ----------
    reading
        The reading.
    inside_share
        Share of the points that lie where streets and buildings are known, 0…1; the other figures
        are about these alone and nan where there are none.
    building_share
        Share in or within 10 m of a building, 0…1; nan for outlines and where none is mapped.
    street_share, street_median_m
        Share within 30 m of a street, 0…1, and the median distance, at most 200 m.
    shift_m
        Median distance to the same points as declared, metres.
    better_t, peak_t
        Paired t against the declared reading and against the best of the 24 moves; nan where not
        worked out.
    """

    reading: CoordinateReading
    inside_share: float
    building_share: float
    street_share: float
    street_median_m: float
    shift_m: float
    better_t: float
    peak_t: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CoordinateVerdict:
    """What the fits say: ``fits`` as declared, ``other`` (see `likely`) or ``cannot_tell``.

    `fits` holds the declared reading first; `points` is how many different places were held against
    streets and buildings; `likely` is the declared reading unless the verdict is ``other``.
    """

    verdict: FitVerdict
    declared: CoordinateReading
    likely: CoordinateReading
    points: int
    fits: tuple[ReadingFit, ...]

    def fit(self, reading: CoordinateReading) -> ReadingFit | None:
        """Return the figures of a reading; None where it was not tried."""
        return next((one for one in self.fits if one.reading == reading), None)


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """The sampled points under one reading."""

    reading: CoordinateReading
    xy_m: FloatArray
    inside: BoolArray

    @property
    def share(self) -> float:
        return float(self.inside.mean()) if len(self.inside) else 0.0


def judge_coordinates(
    pairs: FloatArray,
    declared: CoordinateReading,
    around: Surroundings,
    *,
    outlines: bool = False,
) -> CoordinateVerdict:
    """Say whether `pairs` fit as `declared`, look like something else, or cannot be told.

    Parameters
    ----------
    pairs
        Two numbers a point as written, float64 [n, 2]; rows with nan are left out, and at most 500
        different points are looked at (evenly through their order by place, so that the order of
        rows does not matter).
    declared
        How they are read so far.
    around
        Streets and buildings.
    outlines
        Whether the points lie along the outlines of areas.
    """
    sample = _sample(pairs)
    tried = [_place(reading, sample, around) for reading in _readings(sample, declared)]
    tried = _distinct(tried)
    first, frame = tried[0], _frame(tried)
    rivals = [one for one in tried if one is not frame and _same_frame(one, frame)]
    scores = {id(one): _scores(one.xy_m, one.inside, around, outlines) for one in (frame, *rivals)}
    better = {id(one): paired_t(scores[id(one)] - scores[id(frame)]) for one in rivals}
    peaks = {id(one): _peak_t(one, scores[id(one)], around, outlines) for one in (frame, *rivals)}
    sure = _OUTLINE_FACTOR if outlines else 1.0
    likely = frame
    if not peaks[id(frame)] >= sure * MIN_PEAK_T:
        able = [one for one in rivals if _is_better(better[id(one)], peaks[id(one)], sure)]
        likely = max(able, key=lambda one: peaks[id(one)], default=frame)
    stands_out = peaks[id(likely)] >= sure * MIN_PEAK_T
    verdict: FitVerdict = (
        "other" if likely is not first else "fits" if stands_out else "cannot_tell"
    )
    return CoordinateVerdict(
        verdict=verdict,
        declared=declared,
        likely=likely.reading,
        points=len(sample),
        fits=tuple(
            _figures(
                one,
                first,
                around,
                outlines,
                better.get(id(one), np.nan),
                peaks.get(id(one), np.nan),
            )
            for one in tried
        ),
    )


def _is_better(better_t: float, peak_t: float, sure: float) -> bool:
    """Return whether a reading is named rather than the one it is compared with."""
    by_both = better_t >= sure * MIN_T and peak_t >= sure * MIN_PEAK_T
    return by_both or (better_t >= 0 and peak_t >= sure * MIN_LONE_PEAK_T)


def paired_t(difference: FloatArray) -> float:
    """Return Student's t of differences (nan left out); 0 for fewer than :data:`MIN_POINTS`."""
    known = difference[np.isfinite(difference)]
    if len(known) < MIN_POINTS:
        return 0.0
    error = float(known.std(ddof=1)) / np.sqrt(len(known))
    mean = float(known.mean())
    return mean / error if error > 0 else float(np.sign(mean)) * np.inf if mean else 0.0


def _sample(pairs: FloatArray) -> FloatArray:
    stated = pairs[np.isfinite(pairs).all(axis=1)]
    if not len(stated):
        return stated.reshape(0, 2)
    unique: FloatArray = np.unique(stated, axis=0)
    if len(unique) <= MAX_SAMPLE:
        return unique
    return unique[np.linspace(0, len(unique) - 1, MAX_SAMPLE).astype(np.int64)]


def _readings(pairs: FloatArray, declared: CoordinateReading) -> Iterator[CoordinateReading]:
    """Yield what the numbers may be, the declared reading first."""
    yield declared
    for swapped in (False, True):
        degrees = np.abs(pairs[:, ::-1] if swapped else pairs) <= _MAX_DEGREES
        if len(pairs) and degrees.all(axis=1).mean() > _HALF:
            for system in ("wgs84", "gcj02", "bd09"):
                yield CoordinateReading(system, swapped)
    for zone, swapped in possible_zones(pairs):
        yield CoordinateReading(zone.code, swapped)


def _place(reading: CoordinateReading, pairs: FloatArray, around: Surroundings) -> _Placed:
    lonlat = reading.lonlat(pairs)
    usable = np.isfinite(lonlat).all(axis=1) & (np.abs(lonlat) <= _MAX_DEGREES).all(axis=1)
    xy_m = np.full(lonlat.shape, np.inf)
    if usable.any():
        xy_m[usable] = around.crs.project(lonlat[usable])
    xy_m[~np.isfinite(xy_m).all(axis=1)] = np.inf
    return _Placed(reading, xy_m, around.holds(xy_m))


def _distinct(tried: list[_Placed]) -> list[_Placed]:
    """Leave out readings that put the points (nearly) where an earlier one does, or nowhere."""
    kept = tried[:1]
    for one in tried[1:]:
        apart = all(_shift_m(one, other) >= MIN_SHIFT_M for other in kept)
        if apart and one.inside.any():
            kept.append(one)
    return kept


def _shift_m(one: _Placed, other: _Placed) -> float:
    with np.errstate(invalid="ignore"):
        apart_m = np.hypot(*(one.xy_m - other.xy_m).T)
    apart_m = np.nan_to_num(apart_m, nan=0.0 if not one.inside.any() else np.inf, posinf=np.inf)
    return float(np.median(apart_m)) if len(apart_m) else 0.0


def _frame(tried: list[_Placed]) -> _Placed:
    """Return the reading that those that differ from it by a shift only are compared with.

    The first; but where it puts no point into the study and readings in another order or zone put
    at least half of them there, the one of those that puts most there, unshifted ones preferred: a
    shift moves points by a kilometre at most, so that it never explains why all lie outside.
    """
    first = tried[0]
    others = [one for one in tried[1:] if not _same_frame(one, first)]
    most = max((one.share for one in others), default=0.0)
    if first.inside.any() or most < _HALF:
        return first
    plain = [one for one in others if one.reading.system not in _SHIFTED]
    most_plain = max((one.share for one in plain), default=0.0)
    pool, wanted = (plain, most_plain) if most_plain >= _HALF * most else (others, most)
    return next(one for one in pool if one.share >= wanted)


def _same_frame(one: _Placed, frame: _Placed) -> bool:
    """Return whether two readings differ by a shift only: not by order or by zone."""
    return one.reading.swapped == frame.reading.swapped and not (
        one.reading.is_code or frame.reading.is_code
    )


def _scores(
    xy_m: FloatArray, inside: BoolArray, around: Surroundings, outlines: bool
) -> FloatArray:
    """Return each point's score, nan for those outside, float64 [n]."""
    scores = np.full(len(xy_m), np.nan)
    if inside.any():
        street_m, building_m = around.distances_m(xy_m[inside], _SCORED_M)
        found = _STREET_WEIGHT * np.exp(-street_m / _STREET_SCALE_M)
        scores[inside] = found if outlines else found + np.exp(-building_m / _BUILDING_SCALE_M)
    return scores


def _peak_t(placed: _Placed, scores: FloatArray, around: Surroundings, outlines: bool) -> float:
    """Return the least paired t of the points against themselves moved.

    A move that leaves too few points where anything is known says nothing; 0 where more than half
    of the moves do.
    """
    least, told = np.inf, 0
    for radius_m in _RING_M:
        for turn in range(_DIRECTIONS):
            angle = 2.0 * np.pi * turn / _DIRECTIONS
            moved = placed.xy_m + radius_m * np.array([np.cos(angle), np.sin(angle)])
            apart = scores - _scores(moved, around.holds(moved), around, outlines)
            if np.isfinite(apart).sum() >= MIN_POINTS:
                least, told = min(least, paired_t(apart)), told + 1
            if least < 0:
                return least
    return least if 2 * told >= len(_RING_M) * _DIRECTIONS else 0.0


def _figures(
    one: _Placed,
    first: _Placed,
    around: Surroundings,
    outlines: bool,
    better_t: float,
    peak_t: float,
) -> ReadingFit:
    street_m, building_m = around.distances_m(one.xy_m[one.inside], _MEASURED_M)
    any_inside = bool(one.inside.any())
    of_buildings = any_inside and len(around.buildings) > 0 and not outlines
    near_m = NEAR_BUILDING_M
    return ReadingFit(
        reading=one.reading,
        inside_share=one.share,
        building_share=float((building_m <= near_m).mean()) if of_buildings else np.nan,
        street_share=float((street_m <= _STREET_SCALE_M).mean()) if any_inside else np.nan,
        street_median_m=float(np.median(street_m)) if any_inside else np.nan,
        shift_m=_shift_m(one, first),
        better_t=better_t,
        peak_t=peak_t,
    )
