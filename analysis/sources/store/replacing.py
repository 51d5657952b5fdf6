"""Folders written whole or not at all: made beside their place and moved into it."""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from analysis.errors import AnalysisError, InvalidParameterError
from analysis.messages import message
from analysis.sources.store.folder import cannot_write, files_in

_OLD_S: Final = 24 * 3600.0
_EARLIER: Final = ".earlier"


def absolute(folder: Path) -> Path:
    """Return `folder` from the root on; a link in it stays a link."""
    return Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow a link


def write_whole(folder: Path, write: Callable[[Path], None]) -> tuple[Path, ...]:
    """Let `write` fill a new folder, put it in the place of `folder` and return its files, sorted.

    A killed run leaves the earlier folder or none, never half of one. Raises
    :class:`SourceUnavailableError` where the disk is full or may not be written.
    """
    try:
        return _write_and_move(folder, write)
    except OSError as error:
        raise cannot_write(folder, error) from error


def check_foreign(folder: Path, known: Callable[[], set[str]], kind: str) -> None:
    """Raise :class:`InvalidParameterError` where writing to `folder` could lose something.

    `known` returns the files of the earlier result there, and raises ``SourceError`` where it is
    none; `kind` begins the keys of the phrases.
    """
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
        ours = known()
    except AnalysisError as error:
        raise InvalidParameterError(
            message(f"{kind}.occupied"), remedy=remedy, source=str(folder), value=min(found)
        ) from error
    foreign = sorted(found - ours)
    if foreign:
        raise InvalidParameterError(
            message(f"{kind}.foreign_files"), remedy=remedy, source=str(folder), value=foreign[0]
        )


def check_writable(folder: Path) -> None:
    """Raise :class:`SourceUnavailableError` where nothing can be written beside `folder`.

    Asked before a long run: a result is written beside its folder and then moved into place.
    """
    there = next(one for one in folder.absolute().parents if one.exists())
    try:
        with tempfile.TemporaryDirectory(dir=there, prefix=".living-circle-"):
            pass
    except OSError as error:
        raise cannot_write(folder, error) from error


def in_force(folder: Path) -> Path:
    """Return the folder to read: the earlier one where a run died while replacing it."""
    earlier = folder.parent / f".{folder.name}{_EARLIER}"
    return earlier if not folder.exists() and earlier.exists() else folder


def name_of(folder: Path) -> str:
    """Return the name under which `folder` was written, also where it was set aside."""
    name = folder.name
    return name.removeprefix(".").removesuffix(_EARLIER) if name.endswith(_EARLIER) else name


def _write_and_move(folder: Path, write: Callable[[Path], None]) -> tuple[Path, ...]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(folder)
    making = folder.parent / f".{folder.name}.saving-{os.getpid()}-{secrets.token_hex(4)}"
    making.mkdir()
    try:
        write(making)
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


def _clear_leftovers(folder: Path) -> None:
    """Remove what killed runs left, once it is a day old; put back what was set aside."""
    earlier = folder.parent / f".{folder.name}{_EARLIER}"
    if earlier.exists() and not folder.exists():
        earlier.rename(folder)
    for one in folder.parent.glob(f".{_literal(folder.name)}.saving-*"):
        if time.time() - one.stat().st_mtime > _OLD_S:
            shutil.rmtree(one, ignore_errors=True)


def _literal(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
