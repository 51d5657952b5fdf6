"""What each arc costs a walker, in metres or in seconds, one way and the other."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.streets.network import WalkNetwork
from analysis.units import BoolArray, FloatArray, freeze, quantised
from analysis.walking import ArcFlag, WalkProfile

Measure = Literal["metres", "seconds"]
MEASURES: Final[tuple[Measure, Measure]] = ("metres", "seconds")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkCosts:
    """The arcs as one walker feels them.

    `forward`, `backward` float64 [m]: the cost of the whole arc tail → head and head → tail, in
    whole units (:func:`~analysis.units.quantised`); ``inf`` where it may not be walked that way.
    `leg_pace`: the cost of one metre of access leg: 1 in metres, seconds per metre in seconds.
    """

    measure: Measure
    forward: FloatArray
    backward: FloatArray
    leg_pace: float

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self.forward)
        freeze(self.backward)


def walk_costs(network: WalkNetwork, profile: WalkProfile, measure: Measure) -> WalkCosts:
    """Return what the arcs of `network` cost `profile`.

    In metres an arc costs its length both ways. In seconds it costs :func:`walk_seconds`, which
    differs by direction where the network has a terrain.
    """
    if measure == "metres":
        forward = backward = network.arc_length_m
        leg_pace = 1.0
    else:
        forward, backward = walk_seconds(network, profile)
        leg_pace = 1.0 / profile.speed_m_s
    open_ = (network.arc_flags & int(profile.barred)) == 0
    return WalkCosts(
        measure=measure,
        forward=_where_open(quantised(forward), open_, network, ArcFlag.NO_FORWARD),
        backward=_where_open(quantised(backward), open_, network, ArcFlag.NO_BACKWARD),
        leg_pace=leg_pace,
    )


def walk_seconds(network: WalkNetwork, profile: WalkProfile) -> tuple[FloatArray, FloatArray]:
    """Return the seconds along each arc tail → head and head → tail, float64 [m] each.

    Sum over the runs of the terrain of length / speed at the run's grade, whose sign turns with the
    direction (:class:`~analysis.walking.SlopeLaw`, Tobler 1993); on the level without a terrain.
    Steps have speeds of their own: up the rising way and down the falling one, which the map tells,
    else the terrain; where neither does, the mean of both times. Escalators are walked like steps:
    who stands on one is about as fast.
    """
    level_s = network.arc_length_m / profile.speed_m_s
    terrain = network.terrain
    if terrain is None or profile.slope is None:
        forward_s, backward_s = level_s, level_s
    else:
        run_s = terrain.run_m / profile.speed_m_s
        forward_s = terrain.arc_sums(run_s / profile.slope.speed_share(terrain.grade))
        backward_s = terrain.arc_sums(run_s / profile.slope.speed_share(-terrain.grade))
    steps_s = _steps_s(network, profile)
    is_steps = (network.arc_flags & int(ArcFlag.STEPS)) != 0
    return np.where(is_steps, steps_s[0], forward_s), np.where(is_steps, steps_s[1], backward_s)


def _steps_s(network: WalkNetwork, profile: WalkProfile) -> tuple[FloatArray, FloatArray]:
    """Return the seconds along each arc as if all were steps, tail → head and head → tail."""
    up = network.arc_length_m / (profile.steps_up_m_s or profile.speed_m_s)
    down = network.arc_length_m / (profile.steps_down_m_s or profile.speed_m_s)
    rises = (network.arc_flags & int(ArcFlag.RISES)) != 0
    falls = (network.arc_flags & int(ArcFlag.FALLS)) != 0
    if network.terrain is not None:
        rise_m = network.terrain.arc_sums(network.terrain.run_m * network.terrain.grade)
        told = rises | falls
        rises, falls = rises | (~told & (rise_m > 0)), falls | (~told & (rise_m < 0))
    either = (up + down) / 2.0
    ahead: FloatArray = np.select([rises, falls], [up, down], either)
    back: FloatArray = np.select([rises, falls], [down, up], either)
    return ahead, back


def _where_open(
    cost: FloatArray, open_: BoolArray, network: WalkNetwork, closing: ArcFlag
) -> FloatArray:
    walkable = open_ & ((network.arc_flags & int(closing)) == 0)
    return np.where(walkable, cost, np.inf)
