"""A quick look at a saved study: every file is there, and none is plainly cut short.

The full check reads every byte when a study is opened; a list of studies must not wait for that.
"""

import zipfile
from pathlib import Path
from typing import Final

import numpy as np

from analysis.sources.store.folder import (
    CHECKSUMS_FILE,
    RUN_FILE,
    STUDY_FILE,
    checksums,
    damaged,
    files_in,
    unusable,
)  # fmt: skip

_TAIL: Final = 64
_ENDS: Final = {
    ".json": b"}", ".geojson": b"}", ".html": b"</html>", ".parquet": b"PAR1", ".csv": b"",
}  # fmt: skip
_ZIPPED: Final = (".xlsx",)

Stamp = tuple[tuple[str, int, int, int], ...]


def quick_check(folder: Path) -> None:
    """Raise :class:`SourceDataError` for a file of a study that is missing, empty or cut short."""
    for name in (*checksums(folder), RUN_FILE):
        path = folder / name
        if not path.is_file():
            raise damaged(path, "store.missing")
        try:
            whole = _whole(path)
        except OSError as error:
            raise unusable(path, error) from error
        if not whole:
            raise damaged(path, "store.damaged")


def stamp_of(folder: Path) -> Stamp:
    """Return what changes as soon as any file of a study does: names, times, sizes, inodes."""
    found = []
    for name in sorted(files_in(folder)):
        try:
            told = (folder / name).stat()
        except OSError:
            continue
        found.append((name, told.st_mtime_ns, told.st_size, told.st_ino))
    return tuple(found)


def may_be_study(folder: Path) -> bool:
    """Return whether `folder` is a saved study, or what is left of one."""
    return any((folder / name).is_file() for name in (STUDY_FILE, CHECKSUMS_FILE))


def _whole(path: Path) -> bool:
    """Return whether a file ends as files of its kind do; of other kinds only the size is seen."""
    if path.suffix in _ZIPPED:
        return zipfile.is_zipfile(path)  # looks for the directory, which stands at the end
    if path.suffix == ".npy":
        return _is_array(path)
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - _TAIL, 0))
        tail = file.read().rstrip()
    return size > 0 and tail.endswith(_ENDS.get(path.suffix, b""))


def _is_array(path: Path) -> bool:
    """Return whether a file is as long as the array that its header announces."""
    try:
        np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError):
        return False
    return True
