"""What a file is, told from its first bytes; the file's name decides nothing."""

from pathlib import Path
from typing import Final, Literal

from analysis.errors import SourceDataError, SourceUnavailableError
from analysis.messages import Message, message

Kind = Literal[
    "pbf", "xml", "json", "gzip", "bzip2", "html", "zip", "xz", "o5m", "sqlite", "text", "binary"
]

_HEAD_BYTES: Final = 4096
_MAGIC: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "xz"),
    (b"\xff\xe0", "o5m"),
    (b"SQLite format 3\x00", "sqlite"),
)
_REMEDIES: Final[dict[str, str]] = {
    "html": "source.page.remedy",
    "zip": "source.archive.remedy",
    "xz": "source.archive.remedy",
    "o5m": "source.convert.remedy",
}


def sniff(path: Path, source: str) -> Kind:
    """Return what `path` looks like from its first bytes.

    Parameters
    ----------
    path
        The file.
    source
        Its name in errors.

    Raises
    ------
    SourceUnavailableError
        No such file, a folder, or no permission to read it.
    SourceDataError
        The file is empty.
    """
    head = _head(path, source)
    if not head:
        raise SourceDataError(
            message("source.empty"), remedy=message("source.download.remedy"), source=source
        )
    return kind_of(head)


def kind_of(head: bytes) -> Kind:
    """Return what a file that starts with `head` (at most some 4 KiB) looks like."""
    if head[4:].startswith(b"\x0a\x09OSMHeader"):  # after the length: field 1, nine bytes
        return "pbf"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:256].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "html"
    if start.startswith((b"{", b"[")):
        return "json"
    if start.startswith(b"<"):
        return "xml"
    return "binary" if b"\x00" in head or not _is_text(head) else "text"


def not_osm(looks: Message, source: str, remedy: str = "source.not_osm.remedy") -> SourceDataError:
    """Return the error for a file that is something else; `looks` says what."""
    return SourceDataError(
        message("source.not_osm", looks=looks), remedy=message(remedy), source=source
    )


def refuse_kind(kind: Kind, source: str) -> SourceDataError:
    """Return the error for a file of a `kind` that is no extract."""
    remedy = _REMEDIES.get(kind, "source.not_osm.remedy")
    return not_osm(message(f"source.looks.{kind}"), source, remedy)


def check_size(path: Path, limit_mib: int, source: str) -> None:
    """Raise :class:`SourceDataError` where `path` has more than `limit_mib` MiB."""
    size_mib = path.stat().st_size / 2**20
    if size_mib > limit_mib:
        raise SourceDataError(
            message("source.too_big", size_mib=f"{size_mib:.0f}", limit_mib=limit_mib),
            remedy=message("source.too_big.remedy"),
            source=source,
        )


def _head(path: Path, source: str) -> bytes:
    try:
        if path.is_dir():
            raise SourceUnavailableError(
                message("source.folder"), remedy=message("source.folder.remedy"), source=source
            )
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except FileNotFoundError as error:
        raise SourceUnavailableError(
            message("source.missing"), remedy=message("source.missing.remedy"), source=source
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise SourceUnavailableError(
            message("source.unreadable", detail=str(error)),
            remedy=message("source.unreadable.remedy"),
            source=source,
        ) from error


def _is_text(head: bytes) -> bool:
    """Tell whether `head` is UTF-8, but for a character cut at its end, or GB 18030."""
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):
            try:
                head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return True
    return False
