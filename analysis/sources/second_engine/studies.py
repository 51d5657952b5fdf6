"""Studies made ready for a second opinion: read back from their folders."""

from pathlib import Path
from typing import Final

from analysis.certainty.sampling import StudyWalks
from analysis.errors import InvalidParameterError
from analysis.linking.linkable import linkable_arcs
from analysis.linking.linkage import link_points
from analysis.messages import message
from analysis.sources.digests import sha256_of
from analysis.sources.second_engine.opinion import StudyToCheck
from analysis.sources.store.folder import unusable
from analysis.sources.store.studies import StoredStudy
from analysis.sources.store.walks import read_walks
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph

_EXTRACT: Final = "extract"


def saved_study(stored: StoredStudy) -> StudyToCheck:
    """Return a saved study, its homes and entrances linked as they were when it was made.

    Raises :class:`SourceDataError` where it lacks what that needs.
    """
    held = read_walks(stored.folder)
    network, profile, rules = stored.network, stored.profile, stored.rules
    linkable = linkable_arcs(network, profile, rules)
    shut = _otherwise_barred(stored)
    same = [one not in shut for one in held.element_ids]
    return StudyToCheck(
        title=str(stored.document["title"]),
        digest=stored.digest,
        crs=stored.crs,
        profile=profile,
        walks=StudyWalks(
            graph=walk_graph(network, walk_costs(network, profile, "metres")),
            points=link_points(held.point_xy_m, network, linkable, stored.barriers, rules),
            entrances=link_points(held.entrance_xy_m, network, linkable, stored.barriers, rules),
            point_xy_m=held.point_xy_m,
            entrance_xy_m=held.entrance_xy_m,
            entrance_first=held.entrance_first,
            nearest=held.nearest[:, same],
            walk_m=held.walk_m[:, same],
        ),
        point_id=held.point_id,
        facility_id=held.facility_id,
    )


def _otherwise_barred(stored: StoredStudy) -> frozenset[str]:
    """Return the elements whose own walker may use other streets than the study's walker.

    Their walks lie on another network than the one that is held against the second engine.
    """
    return frozenset(
        element["id"]
        for one in stored.document["element_walkers"]
        if stored.walkers[one["walker"]].barred != stored.profile.barred
        for element in one["elements"]
    )


def check_extract(stored: StoredStudy, extract: Path) -> str:
    """Return the sha256 of `extract` where it is the file that the study was made from.

    Raises
    ------
    InvalidParameterError
        It is another file, or the study was made without one.
    SourceDataError
        It cannot be read.
    """
    given = [one for one in stored.document["inputs"] if one["role"] == _EXTRACT]
    if not given:
        raise InvalidParameterError(
            message("verify.no_extract"),
            remedy=message("verify.no_extract.remedy"),
            source=str(stored.folder),
        )
    try:
        found = sha256_of(extract)
    except OSError as error:
        raise unusable(extract, error) from error
    if found != given[0]["sha256"]:
        raise InvalidParameterError(
            message(
                "verify.other_extract", name=given[0]["name"], expected=given[0]["sha256"][:12]
            ),
            remedy=message("verify.other_extract.remedy"),
            source=str(extract),
            value=found[:12],
        )
    return found
