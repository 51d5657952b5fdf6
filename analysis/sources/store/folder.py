"""The outside of a saved study: its files, their sums, and what is wrong with a damaged one."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from analysis.errors import SourceDataError, SourceUnavailableError
from analysis.messages import message
from analysis.sources.digests import sha256_of

STUDY_FILE: Final = "study.json"
RUN_FILE: Final = "run.json"
CHECKSUMS_FILE: Final = "checksums.sha256"
ASSESSMENT_FILE: Final = "state/assessment.json"
GAPS_FILE: Final = "gaps.geojson"
MAP_FILE: Final = "map.html"
NETWORK_FOLDER: Final = "state/network"
INPUTS_FILE: Final = "state/inputs.json"
INPUT_ARRAYS_FILE: Final = "state/inputs.npz"
_NEEDED: Final = (
    STUDY_FILE, ASSESSMENT_FILE, GAPS_FILE, f"{NETWORK_FOLDER}/manifest.json", INPUTS_FILE,
    INPUT_ARRAYS_FILE,
)  # fmt: skip
_LITTER: Final = (".DS_Store", "Thumbs.db", "desktop.ini")  # what file managers leave behind


def files_in(folder: Path) -> set[str]:
    """Return the files below `folder` by relative name, without what other programs leave."""
    return {
        one.relative_to(folder).as_posix()
        for one in folder.rglob("*")
        if not one.is_dir() and one.name not in _LITTER and not one.name.startswith("~$")
    }


def is_study(folder: Path) -> bool:
    """Return whether `folder` looks like a saved study, sound or not."""
    return all((folder / name).is_file() for name in (STUDY_FILE, CHECKSUMS_FILE))


def checksums(folder: Path) -> dict[str, str]:
    """Return the sums of a study's files by name; raises :class:`SourceDataError`."""
    path = folder / CHECKSUMS_FILE
    try:
        pairs = [line.split("  ", 1) for line in path.read_text("utf-8").splitlines()]
        sums = {name: digest for digest, name in pairs}
        if not (folder / STUDY_FILE).is_file():
            path = folder / STUDY_FILE
            raise FileNotFoundError(STUDY_FILE)
    except (OSError, ValueError) as error:
        raise SourceDataError(
            message("store.not_a_study", file=path.name),
            remedy=message("store.not_a_study.remedy"),
            source=str(folder),
        ) from error
    outside = [n for n in sums if ".." in PurePosixPath(n).parts or PurePosixPath(n).is_absolute()]
    if outside or STUDY_FILE not in sums:
        raise damaged(path, "store.damaged")
    return sums


def check_complete(folder: Path, sums: Mapping[str, str]) -> None:
    """Raise :class:`SourceDataError` where the sums of a study lack a file that it must have.

    A study of another version has other files, so its version is asked first.
    """
    if any(name not in sums for name in _NEEDED):
        raise damaged(folder / CHECKSUMS_FILE, "store.damaged")


def check_sum(path: Path, expected: str) -> None:
    """Raise :class:`SourceDataError` where a file is missing or not what was written."""
    if not path.is_file():
        raise damaged(path, "store.missing")
    try:
        found = sha256_of(path)
    except OSError as error:
        raise unusable(path, error) from error
    if found != expected:
        raise damaged(path, "store.damaged")


def damaged(path: Path, key: str) -> SourceDataError:
    """Return the error for a missing (``store.missing``) or changed (``store.damaged``) file."""
    return SourceDataError(message(key), remedy=message("store.damaged.remedy"), source=str(path))


def cannot_write(path: Path, error: OSError) -> SourceUnavailableError:
    """Return the error for a file or folder that the system lets nobody write."""
    return SourceUnavailableError(
        message("store.cannot_write", detail=error.strerror or type(error).__name__),
        remedy=message("store.cannot_write.remedy"),
        source=str(path),
    )


def unusable(path: Path, error: Exception) -> SourceDataError:
    """Return the error for a file that cannot be read or understood."""
    return SourceDataError(
        message("store.unusable", detail=type(error).__name__),
        remedy=message("store.damaged.remedy"),
        source=str(path),
    )


def json_object(folder: Path, name: str) -> Mapping[str, Any]:
    """Return a file's JSON object; raises :class:`SourceDataError`."""
    path = folder / name
    if not path.is_file():
        raise damaged(path, "store.missing")
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise unusable(path, error) from error
    if not isinstance(value, dict):
        raise unusable(path, TypeError())
    return value
