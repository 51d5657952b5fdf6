"""The folder a district is written to: never over files that somebody else made or edited."""

import hashlib
import json
from pathlib import Path
from typing import Final

from analysis.errors import SourceDataError
from analysis.messages import message

DESCRIPTION: Final = "district.json"


def check_replaceable(folder: Path) -> None:
    """Raise :class:`SourceDataError` where writing to `folder` would lose somebody's work.

    A new or empty folder is free. An earlier district may be written over as long as every one of
    its files is still as it was written: the sums stand in its ``district.json``.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    sums = _recorded(folder / DESCRIPTION)
    for path in sorted(folder.iterdir()):
        if path.name == DESCRIPTION:
            continue
        if path.name not in sums:
            raise _refusal("district.foreign", folder, path.name)
        if sha256_of(path) != sums[path.name]:
            raise _refusal("district.edited", folder, path.name)


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _recorded(description: Path) -> dict[str, str]:
    try:
        sums = json.loads(description.read_text("utf-8"))["files"]
        return {str(name): str(digest) for name, digest in sums.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise _refusal("district.foreign", description.parent, "") from error


def _refusal(key: str, folder: Path, name: str) -> SourceDataError:
    return SourceDataError(
        message(key, file=name or folder.name),
        remedy=message("district.foreign.remedy"),
        source=str(folder),
    )
