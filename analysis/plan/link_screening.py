"""LinkScreening: how many people of which gap each candidate link would help, all at once."""

from dataclasses import dataclass

import numpy as np

from analysis.linking.linkage import picked_links
from analysis.plan.link_aims import Aim
from analysis.plan.link_candidates import LinkCandidates
from analysis.study import Study
from analysis.units import FloatArray, IntArray, freeze
from analysis.walks.catchment import CatchmentTargets, catchments


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkScreening:
    """What candidates promise: `people` float64 [g, l], residents of each gap that would be helped.

    Walks that step onto the new path itself, and those that take it the other way, are not in it:
    :mod:`analysis.plan.links` works the best ones out exactly.
    """

    candidates: LinkCandidates
    people: FloatArray

    def __post_init__(self) -> None:
        """Freeze the array."""
        freeze(self.people)


def screened(study: Study, aim: Aim, candidates: LinkCandidates) -> LinkScreening:
    """Return what `candidates` promise for the gaps of `aim`.

    Who is concerned walks d to the begin of a link; d and what the link leaves must not exceed what
    this person needs. One search finds all d.
    """
    n_gaps, n_links = len(aim.gaps), len(candidates)
    people = np.zeros(n_gaps * n_links)
    if n_links:
        begins, first = np.unique(candidates.begin, return_index=True)
        span = np.append(first, n_links)
        residents = study.inputs.demand.people[aim.point]
        for person, link, walk in _walks_to(aim, candidates, begins, span):
            helped = walk + candidates.left[link] <= aim.need[person]
            cell = aim.gap[person[helped]].astype(np.int64) * n_links + link[helped]
            people += np.bincount(cell, residents[person[helped]], n_gaps * n_links)
    return LinkScreening(candidates=candidates, people=people.reshape(n_gaps, n_links))


def _walks_to(
    aim: Aim, candidates: LinkCandidates, begins: IntArray, span: IntArray
) -> "list[tuple[IntArray, IntArray, FloatArray]]":
    """Return (row of the aim's points, link, walk to its begin) in batches."""
    least_left = np.minimum.reduceat(candidates.left, span[:-1])
    budget = np.maximum(float(aim.need.max(initial=0.0)) - least_left, 0.0)
    n = len(begins)
    targets = CatchmentTargets(
        linked=picked_links(candidates.points.linked(), begins),
        rank=np.arange(n, dtype=np.int32),
        group=np.arange(n, dtype=np.int32),
        limit=budget,
    )
    batches = []
    for found in catchments(aim.hierarchy.graph, aim.homes, targets, hierarchy=aim.hierarchy):
        person = np.repeat(found.origin, np.diff(found.first))
        count = np.diff(span)[found.rank]
        start = np.cumsum(count) - count
        link = np.arange(int(count.sum())) - np.repeat(start - span[found.rank], count)
        batches.append(
            (np.repeat(person, count), link.astype(np.int32), np.repeat(found.cost, count))
        )
    return batches
