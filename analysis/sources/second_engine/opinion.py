"""The second opinion: some of a study's walks, re-measured by Valhalla from the same extract."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import shapely

from analysis.certainty.certificate import (
    AgreementCertificate,
    Engine,
    agreement,
    residuals_of,
    rule_counts,
)
from analysis.certainty.sampling import NEAREST, StudyWalks, places_on, sample_walks
from analysis.crs import MetricCRS
from analysis.errors import InvalidParameterError
from analysis.messages import message
from analysis.sources.extent import StudyArea
from analysis.sources.osm.reader import read_osm
from analysis.sources.second_engine.both import our_streets, theirs
from analysis.sources.second_engine.comparison import compare
from analysis.sources.second_engine.questions import Answers, Place
from analysis.sources.second_engine.valhalla import (
    TIMEOUT_S,
    Questions,
    ask_valhalla,
    check_installed,
)
from analysis.sources.streets.access_table import access_rules
from analysis.streets.network import WalkNetwork
from analysis.units import FloatArray
from analysis.walking import ArcFlag, WalkProfile

STAGES: Final = ("read", "sample", "engine", "compare")
DEFAULT_PAIRS: Final = 2000
MAX_PAIRS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyToCheck:
    """A study as far as a second opinion needs it, whether just made or read back.

    `point_id` [p] and `facility_id` [k] name the rows of `walks`; `digest` is the study's.
    """

    title: str
    digest: str
    crs: MetricCRS
    profile: WalkProfile
    walks: StudyWalks
    point_id: tuple[str, ...]
    facility_id: tuple[str, ...]


Ask = Callable[[Path, Questions], Answers]
"""A foreign engine: answers about walks, streets and nodes of an extract."""


def _silent(_stage: str, _share: float) -> None:
    """Tell nobody."""


def second_opinion(
    study: StudyToCheck,
    extract: Path,
    *,
    sha256: str,
    pairs: int = DEFAULT_PAIRS,
    seed: int = 0,
    plazas: bool = False,
    timeout_s: float = TIMEOUT_S,
    ask: Ask | None = None,
    on_progress: Callable[[str, float], None] = _silent,
) -> AgreementCertificate:
    """Re-measure up to `pairs` walks of `study` with Valhalla and say why any differ.

    Parameters
    ----------
    study
        The study.
    extract, sha256
        The file it was made from and its digest (the caller has compared it with the study's).
    pairs, seed
        Size of the sample, 1…20,000, and what draws it.
    plazas
        Give Valhalla the edges of plazas, which it throws away by itself.
    timeout_s
        Limit for Valhalla's part, seconds.
    ask
        Another engine to ask instead; `plazas` and `timeout_s` are then nobody's.
    on_progress
        Is told a stage of :data:`STAGES` and how much of it is done, 0…1.

    Raises
    ------
    InvalidParameterError
        `pairs` out of range, or a walker whom the extract alone cannot tell from others.
    SourceError
        See :func:`~analysis.sources.second_engine.valhalla.ask_valhalla`.
    """
    if ask is None:
        check_installed()
    _check(study, pairs)
    on_progress("sample", 0.0)
    sampled = sample_walks(study.walks, pairs, seed)
    network = study.walks.graph.network
    starts = places_on(network, sampled.from_arc, sampled.from_offset_m)
    ends = places_on(network, sampled.to_arc, sampled.to_offset_m)
    on_progress("read", 0.0)
    rules = access_rules()
    known = our_streets(read_osm(extract), _area(network, study.crs), rules, study.profile.barred)
    on_progress("engine", 0.0)
    start_lonlat, end_lonlat = study.crs.unproject(starts.xy_m), study.crs.unproject(ends.xy_m)
    questions = Questions(
        starts=_places(start_lonlat),
        ends=_places(end_lonlat),
        stretches=known.middle,
        nodes=known.node_place,
    )
    if ask is None:
        answers = ask_valhalla(
            extract, questions, walker=study.profile.name, plazas=plazas, timeout_s=timeout_s
        )
    else:
        answers = ask(extract, questions)
    on_progress("compare", 0.0)
    found = compare(
        known, theirs(known, answers), sampled, starts, ends, answers["walks"], study.crs
    )
    residuals, by_cause = residuals_of(
        found,
        point_id=tuple(study.point_id[row] for row in sampled.point.tolist()),
        facility_id=tuple(study.facility_id[row] for row in sampled.facility.tolist()),
        from_lonlat=start_lonlat,
        to_lonlat=end_lonlat,
    )
    return AgreementCertificate(
        title=study.title,
        study_digest=study.digest,
        extract=extract.name,
        extract_sha256=sha256,
        walker=study.profile.name,
        engine=Engine(name=answers["engine"], version=answers["version"], plazas=plazas),
        seed=seed,
        asked=pairs,
        walks=len(sampled),
        reported=int((sampled.kind == NEAREST).sum()),
        raw=agreement(found.ours_m, found.theirs_m),
        harmonised=agreement(found.harmonised_m, found.theirs_m),
        by_cause=by_cause,
        by_rule=rule_counts(residuals),
        rule_notes={one.rule_id: one.note for one in (*rules.ways, *rules.nodes)},
        residuals=residuals,
        own_gap_m=sampled.own_gap_m(),
    )


def _places(lonlat: FloatArray) -> list[Place]:
    return [(lon, lat) for lon, lat in lonlat.tolist()]


def _check(study: StudyToCheck, pairs: int) -> None:
    if not 1 <= pairs <= MAX_PAIRS:
        raise InvalidParameterError(
            message("verify.pairs", limit=MAX_PAIRS), source="--pairs", value=pairs
        )
    flags = study.walks.graph.network.arc_flags
    if (flags & int(ArcFlag.STEEP & study.profile.barred)).any():
        raise InvalidParameterError(
            message("verify.steep"), remedy=message("verify.steep.remedy"), source=study.title
        )


def _area(network: WalkNetwork, crs: MetricCRS) -> StudyArea:
    """Return the box around the study's network: all that its walks can touch."""
    box = shapely.box(*network.arc_xy_m.min(axis=0), *network.arc_xy_m.max(axis=0))
    return StudyArea(crs=crs, judged=box, read=box, data=box)
