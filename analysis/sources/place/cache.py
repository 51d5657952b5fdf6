"""A content-addressed cache folder: what was fetched, by the request that fetched it.

Contents lie under ``content/`` by their own SHA-256, so a damaged file is noticed and counts as
absent; ``requests/`` says which content answered which request, and when. Writing goes through a
temporary file and a rename, so that readers never see half a file.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from analysis.errors import SourceUnavailableError
from analysis.messages import message


@dataclass(frozen=True, slots=True)
class Cached:
    """A cached content, and the ISO time (UTC) at which it was fetched."""

    content: bytes
    fetched: str


@dataclass(frozen=True, slots=True)
class Cache:
    """A cache in `folder`; the folder is made when something is first stored."""

    folder: Path

    def find(self, request: Mapping[str, object]) -> Cached | None:
        """Return what answered `request`; None where nothing did or the file is damaged."""
        try:
            entry = orjson.loads(self._entry_file(request).read_bytes())
            digest, fetched = str(entry["content"]), str(entry["fetched"])
            content = self._content_file(digest).read_bytes()
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if hashlib.sha256(content).hexdigest() != digest:
            return None
        return Cached(content, fetched)

    def store(self, request: Mapping[str, object], content: bytes) -> Cached:
        """Keep `content` as the answer to `request`, replacing an older one.

        Raises
        ------
        SourceUnavailableError
            The folder cannot be written.
        """
        digest = hashlib.sha256(content).hexdigest()
        fetched = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {"request": dict(request), "content": digest, "fetched": fetched}
        try:
            _write(self._content_file(digest), content)
            _write(self._entry_file(request), orjson.dumps(entry, option=orjson.OPT_SORT_KEYS))
        except OSError as error:
            raise self._unwritable(error) from error
        return Cached(content, fetched)

    def check_writable(self) -> None:
        """Raise :class:`SourceUnavailableError` where nothing could be stored."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            raise self._unwritable(error) from error

    def _entry_file(self, request: Mapping[str, object]) -> Path:
        key = orjson.dumps(dict(request), option=orjson.OPT_SORT_KEYS)
        return self.folder / "requests" / f"{hashlib.sha256(key).hexdigest()}.json"

    def _content_file(self, digest: str) -> Path:
        return self.folder / "content" / digest[:2] / digest

    def _unwritable(self, error: OSError) -> SourceUnavailableError:
        return SourceUnavailableError(
            message("cache.folder", detail=error.strerror or str(error)),
            remedy=message("cache.folder.remedy"),
            source=str(self.folder),
        )


def user_cache_folder() -> Path:
    """Return the platform's folder for caches of this user; it need not exist yet."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "living-circle"


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
