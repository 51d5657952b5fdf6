"""Flip lists: whose met or unmet, and which verdict, changes under a changed assumption."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.certainty.variants import VARIANTS, Variant, VariantName, variants
from analysis.judgement.assessment import Assessment
from analysis.judgement.coverage import Measured, deciding
from analysis.judgement.coverage_verdict import share_verdict
from analysis.places.circles import ALL_CIRCLES
from analysis.reach.study_walks import StudyWalks
from analysis.standard.profile import Element
from analysis.standard.verdicts import Verdict
from analysis.units import BoolArray, ByteArray, FloatArray, IdArray, IntArray, freeze


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """What one variant changes for one element in one circle.

    Attributes
    ----------
    people_gained, people_lost
        Residents who would be covered, and who would be no more.
    buildings_gained, buildings_lost
        Residential buildings, likewise.
    share
        The deciding share under the variant, 0…1.
    verdict
        What coverage would be judged then.
    flips
        Whether that is another verdict than the study's.
    """

    circle_id: str
    element_id: str
    variant: VariantName
    people_gained: float
    people_lost: float
    buildings_gained: int
    buildings_lost: int
    share: float
    verdict: Verdict
    flips: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class FlipLists:
    """All flips of a study.

    Attributes
    ----------
    rows
        Circle × element × variant, only where coverage was assessed and somebody changes.
    points
        By demand point and walked element, which variants change it: bit *v* stands for
        ``VARIANTS[v]``, uint8 [p, e].
    tried
        The variants that were worked out; the others could not differ.
    sure
        Who is covered without doubtful facilities, bool [p, e].
    opened_by
        A facility that covers them where all inferred gates stand open, int32 [p, e], -1 for none;
        None where no gate was inferred.
    """

    rows: tuple[Flip, ...]
    points: ByteArray
    tried: tuple[VariantName, ...]
    sure: BoolArray
    opened_by: IntArray | None = None

    def __post_init__(self) -> None:
        """Freeze the array."""
        freeze(self.points)
        freeze(self.sure)

    def fragile(self, circle_id: str, element_id: str) -> tuple[VariantName, ...]:
        """Return the variants under which a verdict is another one; none: it is firm."""
        return self.by_verdict.get((circle_id, element_id), ())

    @cached_property
    def by_verdict(self) -> Mapping[tuple[str, str], tuple[VariantName, ...]]:
        """Return the variants that flip each verdict, by circle and element."""
        found: dict[tuple[str, str], tuple[VariantName, ...]] = {}
        for row in self.rows:
            if row.flips:
                key = (row.circle_id, row.element_id)
                found[key] = (*found.get(key, ()), row.variant)
        return found


def flip_lists(
    walks: Sequence[StudyWalks], measured: Measured, assessment: Assessment
) -> FlipLists:
    """Work out all variants and what each changes."""
    found = list(variants(walks, measured))
    base = measured.reach.covered
    points = np.zeros(base.shape, dtype=np.uint8)
    for one in found:
        points |= (one.covered != base).astype(np.uint8) << VARIANTS.index(one.name)
    return FlipLists(
        rows=tuple(_rows(measured, assessment, found)),
        points=points,
        tried=tuple(one.name for one in found),
        sure=next((one.covered for one in found if one.name == "doubtful"), base),
        opened_by=next((one.by for one in found if one.name == "gate"), None),
    )


def _rows(measured: Measured, assessment: Assessment, found: Sequence[Variant]) -> list[Flip]:
    judged = {(row.circle_id, row.element_id): row.coverage.verdict for row in assessment.rows}
    sums = _Sums(measured)
    ids = (*measured.circles.circle_id, ALL_CIRCLES)
    flips: dict[tuple[str, str, int], Flip] = {}
    for column, element in enumerate(measured.standard.walked):
        base = measured.reach.covered[:, column]
        _, weight = deciding(element, measured.demand)
        whole = sums.over(weight)
        for number, one in enumerate(found):
            changed = one.covered[:, column]
            gained, lost = changed & ~base, base & ~changed
            if not (gained.any() or lost.any()):
                continue
            parts = sums.changes(gained, lost)
            share = sums.over(np.where(changed, weight, 0.0))
            for place in np.flatnonzero(parts.points):
                circle_id = ids[place]
                verdict = judged[circle_id, element.id]
                if verdict != "not_assessed" and whole[place] > 0:
                    flips[circle_id, element.id, number] = parts.flip(
                        int(place), circle_id, element, one.name, share[place] / whole[place],
                        verdict,
                    )  # fmt: skip
    order = {element.id: i for i, element in enumerate(measured.standard.walked)}
    place_of = {circle_id: i for i, circle_id in enumerate(ids)}
    by = sorted(flips, key=lambda key: (place_of[key[0]], order[key[1]], key[2]))
    return [flips[key] for key in by]


@dataclass(frozen=True, slots=True)
class _Changes:
    """Who gains and who loses under a variant: by circle, all circles together last."""

    points: IdArray
    people_gained: FloatArray
    people_lost: FloatArray
    buildings_gained: FloatArray
    buildings_lost: FloatArray

    def flip(
        self,
        place: int,
        circle_id: str,
        element: Element,
        variant: VariantName,
        share: float,
        verdict: Verdict,
    ) -> Flip:
        """Return the change in one circle."""
        then = share_verdict(float(share), element.coverage)
        return Flip(
            circle_id=circle_id,
            element_id=element.id,
            variant=variant,
            people_gained=float(self.people_gained[place]),
            people_lost=float(self.people_lost[place]),
            buildings_gained=int(self.buildings_gained[place]),
            buildings_lost=int(self.buildings_lost[place]),
            share=float(share),
            verdict=then,
            flips=then != verdict,
        )


class _Sums:
    """Sums over the points of each circle, and of all circles together last."""

    def __init__(self, measured: Measured) -> None:
        demand = measured.demand
        self._circle, self._n = demand.circle, len(measured.circles)
        self._people, self._homes = demand.people, demand.is_building.astype(np.float64)

    def over(self, weight: FloatArray) -> FloatArray:
        """Return the sums of `weight`, float64 [c + 1]."""
        parts = np.bincount(self._circle, weight, self._n)
        return np.append(parts, weight.sum())

    def changes(self, gained: BoolArray, lost: BoolArray) -> _Changes:
        """Return who gains and who loses."""
        return _Changes(
            self.over((gained | lost).astype(np.float64)).astype(np.int64),
            *(self.over(np.where(who, self._people, 0.0)) for who in (gained, lost)),
            *(self.over(np.where(who, self._homes, 0.0)) for who in (gained, lost)),
        )
