"""Saved studies: a folder that is written whole or not at all, and read only when it is sound."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from analysis.crs import MetricCRS
from analysis.documents.digest import canonical_json
from analysis.documents.gaps import gap_collection
from analysis.documents.study import FORMAT, FORMAT_VERSION, assessment_rows, study_document
from analysis.errors import InvalidNetworkError, SourceDataError
from analysis.linking.linkable import LinkRules
from analysis.messages import message
from analysis.sources.digests import sha256_of
from analysis.sources.store.diagnosis import write_diagnosis
from analysis.sources.store.files import (
    write_assessment_csv,
    write_facilities_csv,
    write_gaps_geopackage,
    write_planner_csv,
    write_reach_parquet,
)  # fmt: skip
from analysis.sources.store.folder import (
    ASSESSMENT_FILE,
    CHECKSUMS_FILE,
    GAPS_FILE,
    MAP_FILE,
    NETWORK_FOLDER,
    RUN_FILE,
    STUDY_FILE,
    check_complete,
    check_sum,
    checksums,
    files_in,
    json_object,
    unusable,
)  # fmt: skip
from analysis.sources.store.inputs import write_inputs
from analysis.sources.store.network_parts import NetworkOrigin, NetworkParts
from analysis.sources.store.networks import open_network, write_network
from analysis.sources.store.replacing import (
    absolute,
    check_foreign,
    in_force,
    name_of,
    write_whole,
)  # fmt: skip
from analysis.sources.store.walks import write_walks
from analysis.streets.barriers import Barriers
from analysis.streets.network import WalkNetwork
from analysis.study import Study
from analysis.walking import WalkProfile

Extra = Callable[[Path], object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredStudy:
    """A study read back from its folder.

    `profile` is the study's walker, `walkers` all whom its standard describes, by name.
    `data_area` is where the extract is complete, metres. `map_path` is None where the study was
    saved without a map; `run` holds machine, versions and
    times, all else is deterministic.
    """

    id: str
    folder: Path
    document: Mapping[str, Any]
    run: Mapping[str, Any]
    assessment: tuple[Mapping[str, Any], ...]
    gaps: Mapping[str, Any]
    map_path: Path | None
    data_area: shapely.Geometry = field(repr=False)
    network: WalkNetwork = field(repr=False)
    barriers: Barriers = field(repr=False)
    profile: WalkProfile
    walkers: Mapping[str, WalkProfile]
    rules: LinkRules
    crs: MetricCRS

    @property
    def digest(self) -> str:
        """Return the study's digest."""
        return str(self.document["digest"])


def save_study(
    study: Study,
    folder: Path,
    *,
    run: Mapping[str, object],
    extras: Mapping[str, Extra] | None = None,
) -> tuple[Path, ...]:
    """Write `study` as `folder` and return its files, sorted.

    Parameters
    ----------
    study
        What to save.
    folder
        New, empty, or an earlier study, which is replaced.
    run
        Machine, versions and times; they go to ``run.json`` and nowhere else.
    extras
        More files by name, each written by its function into the folder in the making.

    Everything is written beside `folder` first and moved into place at the end, so that a killed
    run leaves the earlier study or none, never half of one.

    Raises
    ------
    InvalidParameterError
        Where `folder` is a file, or holds anything that is not part of an earlier study.
    SourceUnavailableError
        Where the disk is full or may not be written.
    """
    folder = absolute(folder)
    check_replaceable(folder)
    return write_whole(folder, lambda making: _write_all(study, making, run, extras or {}))


def check_replaceable(folder: Path) -> None:
    """Raise :class:`InvalidParameterError` where saving to `folder` could lose something."""
    check_foreign(folder, lambda: {*checksums(folder), RUN_FILE, CHECKSUMS_FILE}, "store")


def open_study(folder: Path) -> StoredStudy:
    """Read a saved study, checking the sum of every file first.

    Raises :class:`SourceDataError` that names the file which is missing, damaged, changed or of
    another version.
    """
    folder = in_force(Path(folder))
    document = read_document(folder)
    sums = checksums(folder)
    check_complete(folder, sums)
    for name, expected in sums.items():
        check_sum(folder / name, expected)
    run, rows, gaps = (json_object(folder, one) for one in (RUN_FILE, ASSESSMENT_FILE, GAPS_FILE))
    # Read whole: the service keeps studies open while their files may be replaced.
    opened = open_network(folder / NETWORK_FOLDER, mapped=False)
    state = opened.parts()
    try:
        opened.network.check()
    except InvalidNetworkError as error:
        raise unusable(folder / NETWORK_FOLDER, error) from error
    return StoredStudy(
        id=name_of(folder),
        folder=folder,
        document=document,
        run=run,
        assessment=tuple(rows["rows"]),
        gaps=gaps,
        map_path=folder / MAP_FILE if MAP_FILE in sums else None,
        data_area=state.data_area,
        network=state.network,
        barriers=state.barriers,
        profile=state.profile,
        walkers=state.walkers,
        rules=state.rules,
        crs=state.crs,
    )


def read_document(folder: Path) -> Mapping[str, Any]:
    """Return the document of a saved study without opening the rest.

    Raises :class:`SourceDataError` where it is damaged or of another version.
    """
    folder = in_force(Path(folder))
    check_sum(folder / STUDY_FILE, checksums(folder)[STUDY_FILE])
    document = json_object(folder, STUDY_FILE)
    version = (document.get("format"), document.get("format_version"))
    if version != (FORMAT, FORMAT_VERSION):
        raise SourceDataError(
            message("store.version", found=str(version[1]), expected=FORMAT_VERSION),
            remedy=message("store.version.remedy"),
            source=str(folder / STUDY_FILE),
        )
    return document


def _write_all(
    study: Study, folder: Path, run: Mapping[str, object], extras: Mapping[str, Extra]
) -> None:
    document, rows, gaps = study_document(study), assessment_rows(study), gap_collection(study)
    inputs = study.inputs
    (folder / NETWORK_FOLDER).mkdir(parents=True)
    write_network(
        NetworkParts(
            network=inputs.network,
            barriers=inputs.barriers,
            crs=inputs.crs,
            data_area=inputs.data_area,
            standard=inputs.standard.id,
            profile=study.profile,
            walkers={one.name: one for one in inputs.standard.profiles},
            rules=study.link_rules,
        ),
        NetworkOrigin(
            file_name=inputs.files[0].name if inputs.files else "",
            sha256=inputs.files[0].sha256 if inputs.files else "",
            data_date=inputs.data_date,
        ),
        folder / NETWORK_FOLDER,
    )
    write_walks(study, folder)
    write_inputs(inputs, study.parameters, folder)
    (folder / STUDY_FILE).write_bytes(_readable_json(document))
    (folder / ASSESSMENT_FILE).write_bytes(canonical_json({"rows": rows}))
    (folder / GAPS_FILE).write_bytes(canonical_json(gaps))
    write_assessment_csv(rows, folder / "assessment.csv")
    write_facilities_csv(study, folder / "facilities.csv")
    write_planner_csv(study, folder)
    write_diagnosis(study, folder)
    write_reach_parquet(study, folder / "reach.parquet")
    write_gaps_geopackage(study, gaps, folder / "gaps.gpkg")
    for name, write in sorted(extras.items()):
        write(folder / name)
    lines = [f"{sha256_of(folder / name)}  {name}\n" for name in sorted(files_in(folder))]
    (folder / CHECKSUMS_FILE).write_text("".join(lines), "utf-8", newline="\n")
    (folder / RUN_FILE).write_bytes(_readable_json({**run, "study_digest": document["digest"]}))


def _readable_json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode("utf-8", "replace") + b"\n"
