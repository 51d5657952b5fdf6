"""Compressed extracts: unpacked into a working folder, within limits."""

import bz2
import gzip
import zlib
from pathlib import Path
from typing import Final, Literal

from analysis.errors import SourceDataError
from analysis.messages import message

MAX_RATIO: Final = 100  # OSM XML packs 10 to 25 times; only a bomb packs 100 times
FREE_BYTES: Final = 64 * 2**20  # below this the ratio does not matter
_CHUNK_BYTES: Final = 2**20


def unpack(path: Path, kind: Literal["gzip", "bzip2"], folder: Path, source: str) -> Path:
    """Write the content of `path` to a file in `folder` and return that file.

    Raises
    ------
    SourceDataError
        The file is truncated or damaged, or unpacks to more than 64 MiB and more than 100 times
        its own size; nothing beyond that limit is ever written.
    """
    limit = unpacked_limit(path.stat().st_size)
    target = folder / "unpacked"
    written = 0
    opener = gzip.GzipFile if kind == "gzip" else bz2.BZ2File
    try:
        with opener(path) as packed, target.open("wb") as out:
            while chunk := packed.read(_CHUNK_BYTES):
                written += len(chunk)
                if written > limit:
                    raise bomb(source)
                out.write(chunk)
    except (EOFError, OSError, zlib.error) as error:
        raise damaged(str(error), source) from error
    return target


def unpacked_limit(packed_bytes: int) -> int:
    """Return how many bytes a file of `packed_bytes` may unpack to."""
    return max(FREE_BYTES, MAX_RATIO * packed_bytes)


def bomb(source: str) -> SourceDataError:
    """Return the error for content that unpacks beyond the limit."""
    return SourceDataError(
        message("source.bomb", limit_mib=FREE_BYTES // 2**20, ratio=MAX_RATIO),
        remedy=message("source.bomb.remedy"),
        source=source,
    )


def damaged(detail: str, source: str) -> SourceDataError:
    """Return the error for a damaged or truncated file; `detail` is the decoder's own text."""
    return SourceDataError(
        message("source.damaged", detail=detail),
        remedy=message("source.download.remedy"),
        source=source,
    )
