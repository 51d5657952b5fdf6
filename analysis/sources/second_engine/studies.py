"""Studies made ready for a second opinion: one just made, or one read back from its folder."""

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
from analysis.study import Study
from analysis.walks.walk_costs import walk_costs
from analysis.walks.walk_graph import walk_graph

_EXTRACT: Final = "extract"


def made_study(study: Study, digest: str) -> StudyToCheck:
    """Return a study that was just made; `digest` is its document's."""
    inputs = study.inputs
    return StudyToCheck(
        title=inputs.title,
        digest=digest,
        crs=inputs.crs,
        profile=study.profile,
        walks=StudyWalks(
            graph=walk_graph(inputs.network, walk_costs(inputs.network, study.profile, "metres")),
            points=study.points,
            entrances=study.entrances,
            point_xy_m=inputs.demand.xy_m,
            entrance_xy_m=inputs.facilities.entrance_xy_m,
            entrance_first=inputs.facilities.entrance_first,
            nearest=study.reach.nearest,
            walk_m=study.reach.walk_m,
        ),
        point_id=inputs.demand.point_id,
        facility_id=inputs.facilities.source_id,
    )


def saved_study(stored: StoredStudy) -> StudyToCheck:
    """Return a saved study, its homes and entrances linked as they were when it was made.

    Raises :class:`SourceDataError` where it lacks what that needs.
    """
    held = read_walks(stored.folder)
    network, profile, rules = stored.network, stored.profile, stored.rules
    linkable = linkable_arcs(network, profile, rules)
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
            nearest=held.nearest,
            walk_m=held.walk_m,
        ),
        point_id=held.point_id,
        facility_id=held.facility_id,
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
