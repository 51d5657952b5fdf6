"""JSON files that commands write: marked as ours, so that nothing else is ever written over."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from analysis.errors import SourceDataError
from analysis.messages import message

MARK: Final = "living_circle"  # the member that marks our GeoJSON


def check_ours(
    out: Path,
    kind: str,
    *,
    member: str = MARK,
    why: str = "cli.out.not_ours",
    remedy: str = "cli.out.not_ours.remedy",
) -> None:
    """Raise :class:`SourceDataError` where `out` is a file whose `member` does not say `kind`.

    `why` and `remedy` are the phrases that say so.
    """
    if not out.exists():
        return
    try:
        ours = json.loads(out.read_text("utf-8")).get(member) == kind
    except (OSError, ValueError, AttributeError, RecursionError):
        ours = False
    if not ours:
        raise SourceDataError(message(why), remedy=message(remedy), source=str(out))


def write_collection(out: Path, collection: Mapping[str, Any]) -> None:
    """Write GeoJSON; raises :class:`SourceUnavailableError` where the system lets nobody write."""
    from analysis.sources.store.folder import cannot_write

    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise cannot_write(out, error) from error
