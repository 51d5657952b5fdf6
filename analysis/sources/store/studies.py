"""Saved studies: a folder that is written whole or not at all, and read only when it is sound."""

import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import shapely

from analysis.barriers import Barriers
from analysis.crs import MetricCRS
from analysis.documents.digest import canonical_json
from analysis.documents.gaps import gap_collection
from analysis.documents.study import FORMAT, FORMAT_VERSION, assessment_rows, study_document
from analysis.errors import (
    AnalysisError,
    InvalidParameterError,
    SourceDataError,
)  # fmt: skip
from analysis.linkable import LinkRules
from analysis.messages import message
from analysis.network import WalkNetwork
from analysis.sources.store.files import (
    write_assessment_csv,
    write_facilities_csv,
    write_gaps_geopackage,
    write_reach_parquet,
)  # fmt: skip
from analysis.sources.store.folder import (
    ASSESSMENT_FILE,
    CHECKSUMS_FILE,
    GAPS_FILE,
    MAP_FILE,
    RUN_FILE,
    STUDY_FILE,
    cannot_write,
    check_sum,
    checksums,
    files_in,
    json_object,
    sha256_of,
    unusable,
)  # fmt: skip
from analysis.sources.store.state import STATE_FILE, read_state, write_state
from analysis.study import Study
from analysis.walking import WalkProfile

_OLD_S: Final = 24 * 3600.0

Extra = Callable[[Path], object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredStudy:
    """A study read back from its folder.

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
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow a link
    check_replaceable(folder)
    try:
        return _write_and_move(study, folder, run, extras or {})
    except OSError as error:
        raise cannot_write(folder, error) from error


def check_replaceable(folder: Path) -> None:
    """Raise :class:`InvalidParameterError` where saving to `folder` could lose something."""
    remedy = message("store.occupied.remedy")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InvalidParameterError(
            message("store.not_a_folder"), remedy=remedy, source=str(folder)
        )
    found = files_in(folder)
    if not found:
        return
    try:
        known = {*checksums(folder), RUN_FILE, CHECKSUMS_FILE}
    except AnalysisError as error:
        raise InvalidParameterError(
            message("store.occupied"), remedy=remedy, source=str(folder), value=min(found)
        ) from error
    foreign = sorted(found - known)
    if foreign:
        raise InvalidParameterError(
            message("store.foreign_files"), remedy=remedy, source=str(folder), value=foreign[0]
        )


def check_writable(folder: Path) -> None:
    """Raise :class:`SourceUnavailableError` where nothing can be written beside `folder`.

    Asked before a long run: a study is written beside its folder and then moved into place.
    """
    there = next(one for one in folder.absolute().parents if one.exists())
    try:
        with tempfile.TemporaryDirectory(dir=there, prefix=".living-circle-"):
            pass
    except OSError as error:
        raise cannot_write(folder, error) from error


def open_study(folder: Path) -> StoredStudy:
    """Read a saved study, checking the sum of every file first.

    Raises :class:`SourceDataError` that names the file which is missing, damaged, changed or of
    another version.
    """
    folder = _in_force(Path(folder))
    sums = checksums(folder)
    for name, expected in sums.items():
        check_sum(folder / name, expected)
    document = read_document(folder)
    run, rows, gaps = (json_object(folder, one) for one in (RUN_FILE, ASSESSMENT_FILE, GAPS_FILE))
    try:
        state = read_state(folder)
    except (OSError, ValueError, KeyError, TypeError, BadZipFile, AnalysisError) as error:
        raise unusable(folder / STATE_FILE, error) from error
    return StoredStudy(
        id=folder_id(folder),
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
        rules=state.rules,
        crs=state.crs,
    )


def read_document(folder: Path) -> Mapping[str, Any]:
    """Return the document of a saved study without opening the rest.

    Raises :class:`SourceDataError` where it is damaged or of another version.
    """
    folder = _in_force(Path(folder))
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


def is_study(folder: Path) -> bool:
    """Return whether `folder` looks like a saved study, sound or not."""
    return all((folder / name).is_file() for name in (STUDY_FILE, CHECKSUMS_FILE))


def folder_id(folder: Path) -> str:
    """Return the id of the study saved in `folder`: the folder's own name."""
    name = folder.name
    return name.removeprefix(".").removesuffix(_EARLIER) if name.endswith(_EARLIER) else name


_EARLIER: Final = ".earlier"


def _write_and_move(
    study: Study, folder: Path, run: Mapping[str, object], extras: Mapping[str, Extra]
) -> tuple[Path, ...]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(folder)
    making = folder.parent / f".{folder.name}.saving-{os.getpid()}-{secrets.token_hex(4)}"
    making.mkdir()
    try:
        _write_all(study, making, run, extras)
        earlier = folder.parent / f".{folder.name}{_EARLIER}"
        if folder.exists():
            shutil.rmtree(earlier, ignore_errors=True)
            folder.rename(earlier)
        try:
            making.rename(folder)
        except OSError:
            if earlier.exists():
                earlier.rename(folder)
            raise
        shutil.rmtree(earlier, ignore_errors=True)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return tuple(folder / name for name in sorted(files_in(folder)))


def _write_all(
    study: Study, folder: Path, run: Mapping[str, object], extras: Mapping[str, Extra]
) -> None:
    document, rows, gaps = study_document(study), assessment_rows(study), gap_collection(study)
    write_state(study, folder)
    (folder / STUDY_FILE).write_bytes(_readable_json(document))
    (folder / ASSESSMENT_FILE).write_bytes(canonical_json({"rows": rows}))
    (folder / GAPS_FILE).write_bytes(canonical_json(gaps))
    write_assessment_csv(rows, folder / "assessment.csv")
    write_facilities_csv(study, folder / "facilities.csv")
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


def _clear_leftovers(folder: Path) -> None:
    """Remove what killed runs left, once it is a day old; put a study back that was set aside."""
    earlier = folder.parent / f".{folder.name}{_EARLIER}"
    if earlier.exists() and not folder.exists():
        earlier.rename(folder)
    for one in folder.parent.glob(f".{_literal(folder.name)}.saving-*"):
        if time.time() - one.stat().st_mtime > _OLD_S:
            shutil.rmtree(one, ignore_errors=True)


def _literal(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _in_force(folder: Path) -> Path:
    """Return the folder to read: the earlier study where a run died while replacing it."""
    earlier = folder.parent / f".{folder.name}{_EARLIER}"
    return earlier if not folder.exists() and earlier.exists() else folder
