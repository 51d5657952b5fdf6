"""Our walks beside theirs: the same ones once more over their streets, between their places."""

from itertools import product
from typing import Final

import numpy as np

from analysis.certainty.residuals import (
    Measurements,
    agree,
    apart_m,
    differing_rules,
    follows_other_streets,
)
from analysis.certainty.routes import Route, Router
from analysis.certainty.sampling import ArcPlaces, SampledWalks
from analysis.certainty.streets import Openness, Spots, between_nodes, spots_of_ways
from analysis.crs import MetricCRS
from analysis.sources.second_engine.both import OurStreets
from analysis.sources.second_engine.questions import Walk
from analysis.units import FloatArray

_ENGINE_STEP_M: Final = 0.3  # their places come in whole 1e-6 degrees
_SPARE: Final = (
    1.05  # beyond the longer of the two figures, since ours may be longer on their streets
)
_SPARE_M: Final = 200.0


def compare(
    known: OurStreets,
    their_openness: Openness,
    sampled: SampledWalks,
    starts: ArcPlaces,
    ends: ArcPlaces,
    walks: list[Walk],
    crs: MetricCRS,
) -> Measurements:
    """Return all figures of the sampled walks.

    Parameters
    ----------
    known, their_openness
        The streets with what we let people walk, and what they do.
    sampled, starts, ends
        The walks and where they step onto streets and leave them.
    walks
        Their answers, like `sampled`.
    crs
        The study's metres.
    """
    streets, ours = known.streets, known.ours
    theirs_m = np.array([np.inf if one["length_m"] is None else one["length_m"] for one in walks])
    mine = Router(streets, ours).between(
        between_nodes(streets, ours.either_way, starts.piece_m, starts.along_m),
        between_nodes(streets, ours.either_way, ends.piece_m, ends.along_m),
        _SPARE * sampled.walk_m + 1.0,
    )
    start, moved_start_m = _their_ends(known, their_openness, starts, walks, crs, at_start=True)
    end, moved_end_m = _their_ends(known, their_openness, ends, walks, crs, at_start=False)
    again = _harmonised(Router(streets, their_openness), start, end, sampled.walk_m, theirs_m)
    return Measurements(
        ours_m=sampled.walk_m,
        redrawn_m=np.array([route.length_m for route in mine]),
        theirs_m=theirs_m,
        harmonised_m=np.array([route.length_m for route in again]),
        moved_m=moved_start_m + moved_end_m,
        tied=np.array(
            [follows_other_streets(streets, a, b) for a, b in zip(mine, again, strict=True)],
            dtype=np.bool_,
        ),
        rules=tuple(
            differing_rules(streets, ours, their_openness, a, b)
            for a, b in zip(mine, again, strict=True)
        ),
    )


def _harmonised(
    router: Router, start: Spots, end: Spots, ours_m: FloatArray, theirs_m: FloatArray
) -> list[Route]:
    """Return our walks over their streets, between the places where they put the ends.

    Their places are known to 0.1 m. At a junction that leaves open on which of its streets they
    stand, which decides where one of them is one-way; so where the nearest does not give their
    figure, the others are tried.
    """
    bound_m = np.maximum(np.where(np.isfinite(theirs_m), theirs_m, 0.0), ours_m)
    limit_m = _SPARE * bound_m + _SPARE_M
    routes = router.between(start.nearest(), end.nearest(), limit_m)
    found_m = np.array([route.length_m for route in routes])
    for row in np.flatnonzero(~agree(found_m, theirs_m)).tolist():
        choices = list(product(start.rows(row), end.rows(row)))
        if not choices:
            continue
        others = router.between(
            start.picked([a for a, _ in choices]),
            end.picked([b for _, b in choices]),
            np.full(len(choices), limit_m[row]),
        )
        gap_m = apart_m(np.array([one.length_m for one in others]), theirs_m[row : row + 1])
        routes[row] = others[int(np.argmin(gap_m))]
    return routes


def _their_ends(
    known: OurStreets,
    their_openness: Openness,
    ends: ArcPlaces,
    walks: list[Walk],
    crs: MetricCRS,
    *,
    at_start: bool,
) -> tuple[Spots, FloatArray]:
    """Return where they put one end of each walk, and how far from our place, metres."""
    lonlat = np.array(
        [one["line"][0 if at_start else -1] if one["line"] else (np.nan, np.nan) for one in walks]
    ).reshape(-1, 2)
    placed = np.isfinite(lonlat[:, 0])
    xy_m = ends.xy_m.copy()  # where they find no walk, they say nothing of its ends
    xy_m[placed] = crs.project(lonlat[placed])
    where = spots_of_ways(
        known.streets,
        their_openness.either_way,
        xy_m,
        [frozenset(one["from_ways"] if at_start else one["to_ways"]) for one in walks],
        _ENGINE_STEP_M,
    )
    return where, np.hypot(*(xy_m - ends.xy_m).T)
