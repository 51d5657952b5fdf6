"""What residents meet on their way to the nearest facility: slopes and arterial roads."""

import numpy as np

from analysis.messages import message
from analysis.reach.approach import Approach
from analysis.standard.figures import Answer, Known, Unknown
from analysis.standard.rules import Target
from analysis.streets.terrain import Terrain
from analysis.units import BoolArray, FloatArray


def slope_answer(
    approach: Approach, people: FloatArray, here: BoolArray, terrain: Terrain | None
) -> Answer:
    """Return the mean absolute slope of all metres that the residents `here` walk."""
    if terrain is None or approach.rise_m is None:
        return Unknown(why_not=message("quality.no_terrain"))
    walks = here & (people > 0) & np.isfinite(approach.cost)
    if not walks.any():
        return Unknown(why_not=message("quality.no_walks"))
    walked_m = float(approach.street_m[walks] @ people[walks])
    if not walked_m > 0.0:
        return Unknown(why_not=message("quality.no_distance"))
    total, known = float(people[here].sum()), float(people[walks].sum())
    return Known(
        value=float(approach.rise_m[walks] @ people[walks]) / walked_m,
        known_share=known / total,
        basis=message("quality.residents", people=total, known=known),
        estimated=terrain.estimated,
    )


def crossing_answer(
    target: Target,
    approach: Approach,
    people: FloatArray,
    here: BoolArray,
    *,
    min_known: float,
) -> Answer:
    """Return the share of residents `here` whose walk crosses no arterial road without a signal.

    Where signals are told for `min_known` of those who walk to an arterial, the others are taken to
    be alike. With fewer it is the least that it can be, and judged only where the most that it can
    be has the same verdict.
    """
    walks = here & (people > 0) & np.isfinite(approach.cost)
    if not walks.any():
        return Unknown(why_not=message("quality.no_walks"))

    def of(which: BoolArray) -> float:
        return float(people[walks & which].sum())

    total, walked = float(people[here].sum()), float(people[walks].sum())
    unsafe = of(approach.at_no_signal)
    untold = of(approach.untold & ~approach.at_no_signal)
    safe = of(approach.at_signal & ~approach.crosses)
    told_share = (safe + unsafe) / (safe + unsafe + untold) if safe + unsafe + untold else 1.0
    least, most = (walked - unsafe - untold) / walked, (walked - unsafe) / walked
    known = walked - untold
    enough = told_share >= min_known and safe + unsafe > 0.0
    alike = untold * safe / (safe + unsafe) / walked if untold and enough else 0.0
    settled = not untold or enough or target.holds(least) is target.holds(most)
    note = None
    if untold and enough:
        note = message("crossing.taken_alike", share=told_share)
    elif not settled:
        note = message("crossing.untold", share=told_share, least=min_known)
    return Known(
        value=least + alike,
        known_share=known / total,
        basis=message("quality.residents", people=total, known=known),
        estimated=untold > 0.0,
        judged=settled,
        note=note,
    )
