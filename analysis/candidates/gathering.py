"""From a study to its candidates, of all sources, and to their screening."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.candidates.candidates import Candidate, CandidateKind, Candidates, build_candidates
from analysis.candidates.land import mapped_land_candidates, parcel_candidates
from analysis.candidates.outlines import FacilityOutlines
from analysis.candidates.screening import Screening, screen
from analysis.candidates.sizes import FLOOR_RATIO
from analysis.candidates.standing import facility_candidates
from analysis.candidates.street_places import LEAST_SPACING_M, SPACING_M, street_candidates
from analysis.errors import InvalidParameterError, one_of
from analysis.linking.linkable import linkable_arcs
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.standard.profile import Element
from analysis.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRules:
    """What a planner chooses.

    Attributes
    ----------
    element_ids
        For which elements; empty: all that need a site.
    from_map
        Whether street nodes and mapped land join: places that nobody has looked at.
    spacing_m
        Metres between street nodes, at least 100.
    floor_ratio
        容积率, floor per ground, where a parcel states no floor; > 0.

    Raises
    ------
    InvalidParameterError
        For a number out of range.
    """

    element_ids: tuple[str, ...] = ()
    from_map: bool = True
    spacing_m: float = SPACING_M
    floor_ratio: float = FLOOR_RATIO

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not LEAST_SPACING_M <= self.spacing_m < float("inf"):
            raise InvalidParameterError(
                message("candidates.ask.spacing", least=LEAST_SPACING_M),
                remedy=message("candidates.ask.spacing.remedy", least=LEAST_SPACING_M),
                value=self.spacing_m,
            )
        if not 0 < self.floor_ratio < float("inf"):
            raise InvalidParameterError(
                message("candidates.ask.floor_ratio"),
                remedy=message("candidates.ask.floor_ratio.remedy"),
                value=self.floor_ratio,
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gathered:
    """Candidates of a study, and what was left out or needs looking at."""

    candidates: Candidates
    notices: tuple[Notice, ...]


def siting_elements(study: Study, rules: CandidateRules) -> tuple[Element, ...]:
    """Return the elements to be sited, in the standard's order.

    Raises :class:`InvalidParameterError` for one that the study does not have.
    """
    walked = study.inputs.standard.walked
    known = tuple(one.id for one in walked)
    for asked in rules.element_ids:
        if asked not in known:
            raise InvalidParameterError(
                message("candidates.ask.element"),
                remedy=message("candidates.ask.element.remedy", allowed=one_of(known)),
                value=asked,
            )
    return tuple(one for one in walked if not rules.element_ids or one.id in rules.element_ids)


def gather(study: Study, rules: CandidateRules | None = None) -> Gathered:
    """Return the candidates of a study: parcels, standing facilities, streets and mapped land.

    Facilities are to be enlarged where their element is insufficient in some circle, mended where
    it is poor, opened where it has any gap. Street nodes stand amid all gaps of the chosen elements
    but *poor* ones, so that several elements may share a site there.
    """
    rules = rules or CandidateRules()
    elements = siting_elements(study, rules)
    inputs, told = study.inputs, list[Notice]()
    found: list[Candidate] = []
    parcels = inputs.planner.parcels
    if parcels is not None:
        found += parcel_candidates(parcels)
    outlines = FacilityOutlines(inputs.facilities, inputs.site_layers)
    for element in elements:
        works = _works(study, element)
        found += facility_candidates(element, inputs.facilities, outlines, works)
    if rules.from_map:
        land, noticed = mapped_land_candidates(inputs.site_layers.land, parcels)
        found += land
        told += noticed
        found += _on_streets(study, elements, rules.spacing_m)
    candidates = build_candidates(found, inputs.circles)
    return Gathered(candidates=candidates, notices=(*told, *_notices(candidates)))


def screen_study(
    study: Study, candidates: Candidates, rules: CandidateRules | None = None
) -> Screening:
    """Screen candidates for the elements of a study, by its standard and its map."""
    rules = rules or CandidateRules()
    inputs = study.inputs
    return screen(
        candidates,
        siting_elements(study, rules),
        inputs.site_layers,
        inputs.facilities,
        common=inputs.standard.works.siting,
        data_area=inputs.data_area,
        floor_ratio=rules.floor_ratio,
    )


def _works(study: Study, element: Element) -> tuple[CandidateKind, ...]:
    kinds = {one.kind for one in study.gaps if one.element_id == element.id}
    works: list[CandidateKind] = ["opening"] if kinds else []
    works += ["expansion"] if "insufficient" in kinds else []
    works += ["upgrade"] if "poor" in kinds else []
    return tuple(works)


def _on_streets(
    study: Study, elements: Sequence[Element], spacing_m: float
) -> tuple[Candidate, ...]:
    ids = {one.id for one in elements}
    gaps = [one for one in study.gaps if one.element_id in ids and one.kind != "poor"]
    if not gaps:
        return ()
    network = study.inputs.network
    usable = linkable_arcs(network, study.profile, study.link_rules).usable
    found = street_candidates(gaps, study.inputs.demand, network, usable, spacing_m=spacing_m)
    return tuple(found)


def _notices(candidates: Candidates) -> tuple[Notice, ...]:
    if len(candidates) == 0:
        return (notice("candidates.none", message("candidates.none"), (), "warning"),)
    unseen = [candidates.candidate_id[row] for row in np.flatnonzero(candidates.unseen).tolist()]
    if not unseen:
        return ()
    text = message("candidates.unseen", count=len(unseen))
    return (notice("candidates.unseen", text, unseen, "warning"),)
