"""The blocks of a PBF file, walked before decoding: is it whole, and how far does it unpack.

A PBF file is a row of (4-byte length, BlobHeader, Blob); see
https://wiki.openstreetmap.org/wiki/PBF_Format. libosmium refuses one block above 32 MiB but not
many small blocks that unpack to far more than the file holds, so the sizes are added up here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from analysis.errors import SourceDataError
from analysis.messages import message
from analysis.sources.osm.unpacked import bomb, damaged, unpacked_limit

_MAX_HEADER_BYTES: Final = 64 * 2**10
_MAX_BLOB_BYTES: Final = 32 * 2**20
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_DATASIZE_FIELD: Final = 3  # in a BlobHeader
_RAW_SIZE_FIELD: Final = 2  # in a Blob
_RAW_FIELD: Final = 1  # in a Blob: content that is not compressed


def check_blobs(path: Path, source: str) -> None:
    """Walk all blocks of `path` without decoding them.

    Raises
    ------
    SourceDataError
        The file ends inside a block, a block unpacks to more than 32 MiB, or all blocks together
        unpack to more than 64 MiB and more than 100 times the file.
    """
    limit = unpacked_limit(path.stat().st_size)
    total = 0
    with path.open("rb") as file:
        while length := file.read(4):
            if len(length) < 4:  # noqa: PLR2004 - the four bytes of a length
                raise damaged("the last block ends inside its length", source)
            header_bytes = int.from_bytes(length, "big")
            if header_bytes > _MAX_HEADER_BYTES:
                raise damaged(f"block header of {header_bytes} bytes", source)
            header = dict(_fields(_exactly(file, header_bytes, source), source))
            blob_bytes = header.get(_DATASIZE_FIELD, 0)
            if blob_bytes > _MAX_BLOB_BYTES:
                raise _oversized(source)
            blob = dict(_fields(_exactly(file, blob_bytes, source), source))
            raw_bytes = max(blob.get(_RAW_SIZE_FIELD, 0), blob.get(_RAW_FIELD, 0))
            if raw_bytes > _MAX_BLOB_BYTES:
                raise _oversized(source)
            total += raw_bytes
            if total > limit:
                raise bomb(source)


def _exactly(file: IO[bytes], count: int, source: str) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise damaged(f"the last block lacks {count - len(data)} bytes", source)
    return data


def _fields(data: bytes, source: str) -> Iterator[tuple[int, int]]:
    """Yield (field, value) of a protobuf message; of a byte field its length."""
    at = 0
    try:
        while at < len(data):
            tag, at = _varint(data, at)
            value = 0
            if tag & 7 in {_VARINT, _BYTES}:
                value, at = _varint(data, at)
                at += value if tag & 7 == _BYTES else 0
            elif tag & 7 in {_FIXED32, _FIXED64}:
                at += 4 if tag & 7 == _FIXED32 else 8
            else:
                raise damaged(f"unknown wire type {tag & 7}", source)
            yield tag >> 3, value
    except IndexError as error:
        raise damaged("a block ends inside a number", source) from error


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the top bit says that more follows
            return value, at
        if shift > 63:  # noqa: PLR2004 - a 64-bit number has no more
            raise IndexError


def _oversized(source: str) -> SourceDataError:
    return SourceDataError(
        message("source.block"), remedy=message("source.bomb.remedy"), source=source
    )
