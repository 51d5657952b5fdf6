"""Where the facilities stand: greedy cover on walking distance, kept out of the planted gaps."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.sources.sample_district.frame import Points
from analysis.sources.sample_district.gaps import GAP_MARGIN, STRAIGHT_MARGIN
from analysis.sources.sample_district.layout import CIRCLE_IDS

SAFETY = 0.9
WANTED_SHARE = 0.962
GAP_PULL = 0.25
LEAST_GAIN_PEOPLE = 60.0
CAP_SLACK = 0.06


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What siting looks at: residents, and walking metres from candidate sites to buildings.

    ``reach_m`` is ``(sites, buildings)`` with the residents' own access included; ``sites_xy``
    and ``homes_xy`` are ground metres.
    """

    people: NDArray[np.float64]
    circles: NDArray[np.int64]
    reach_m: NDArray[np.float32]
    sites_xy: Points
    homes_xy: Points


@dataclass(frozen=True, kw_only=True, slots=True)
class Core:
    """The core of a planted gap as siting needs it."""

    circle: int
    homes: NDArray[np.int64]
    share_cap: float
    across_river: bool


@dataclass(kw_only=True, slots=True)
class Siting:
    """The sites chosen for one element and what they cover (buildings, with safety margin)."""

    sites: list[int] = field(default_factory=list)
    covered: NDArray[np.bool_]


def choose_sites(
    ground: Ground,
    *,
    threshold_m: float,
    allowed: NDArray[np.bool_],
    cores: tuple[Core, ...],
    already: NDArray[np.bool_] | None = None,
) -> Siting:
    """Choose sites until every circle without a planted gap is covered.

    Parameters
    ----------
    ground
        Candidate sites and residents.
    threshold_m
        The element's walking threshold, metres; sites are chosen for 0.9 of it so that other
        ways of linking a house to a street change no verdict.
    allowed
        ``(sites,)`` candidates this element may use.
    cores
        Planted gaps of this element; no site is chosen from which a core could be reached within
        1.38 thresholds, and the circle's covered share stays under the cap.
    already
        ``(buildings,)`` what other elements' facilities cover for this one.

    Returns
    -------
    Siting
        Chosen site numbers in the order they were chosen.
    """
    near = ground.reach_m <= SAFETY * threshold_m
    open_to = allowed.copy()
    for core in cores:
        open_to &= ~_touches(ground, core, threshold_m)
    weight = ground.people.copy()
    caps = {core.circle: core.share_cap for core in cores}
    for circle in caps:
        weight[ground.circles == circle] *= GAP_PULL
    covered = np.zeros(len(weight), dtype=np.bool_) if already is None else already.copy()
    gain = near @ (weight * ~covered)
    chosen = Siting(covered=covered)
    wide = covered.copy()
    unfinished = set(range(len(CIRCLE_IDS)))
    while True:
        for circle in sorted(unfinished):
            wanted = caps[circle] - CAP_SLACK if circle in caps else WANTED_SHARE
            if _share(ground, chosen.covered, circle) >= wanted:
                # A circle that has enough asks for nothing more.
                unfinished.discard(circle)
                weight[ground.circles == circle] = 0.0
                gain = near @ (weight * ~chosen.covered)
        gain[~open_to] = -1.0
        best = int(gain.argmax())
        if not unfinished or gain[best] < LEAST_GAIN_PEOPLE:
            return chosen
        open_to[best] = False
        # The cap is held against the plain threshold, where the engine will judge it.
        wider = wide | (ground.reach_m[best] <= 1.04 * threshold_m)
        if any(_share(ground, wider, circle) > cap for circle, cap in caps.items()):
            continue
        wide = wider
        fresh = near[best] & ~chosen.covered
        chosen.covered |= near[best]
        chosen.sites.append(best)
        gain -= near[:, fresh] @ weight[fresh]


def _touches(ground: Ground, core: Core, threshold_m: float) -> NDArray[np.bool_]:
    walk = ground.reach_m[:, core.homes].min(axis=1) < GAP_MARGIN * threshold_m
    if core.across_river:
        return np.asarray(walk, dtype=np.bool_)
    straight = np.full(len(ground.sites_xy), np.inf)
    for home in core.homes:
        away = np.linalg.norm(ground.sites_xy - ground.homes_xy[home], axis=1)
        np.minimum(straight, away, out=straight)
    return np.asarray(walk | (straight < STRAIGHT_MARGIN * threshold_m), dtype=np.bool_)


def _share(ground: Ground, covered: NDArray[np.bool_], circle: int) -> float:
    mine = ground.circles == circle
    return float(ground.people[mine & covered].sum() / ground.people[mine].sum())
