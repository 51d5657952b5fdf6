"""Packaged text: Leaflet from its pinned package, and this page's own script and style.

Nothing is fetched and nothing of Leaflet is kept in this repository: the files lie in the pip
package ``django-js-lib-leaflet``, found without importing it, and must have the digest that was
looked at. A link that folium names and that has neither a packaged file nor a place in
:data:`UNUSED` is refused, so that a new version of folium can never bring the network in.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from analysis.errors import SourceDataError, SourceUnavailableError
from analysis.messages import message

_PACKAGE: Final = "js_lib_leaflet"
_FOLDER: Final = ("static", "js_lib_leaflet")


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file of Leaflet 1.9.4 inside its pip package, with the SHA-256 it must have."""

    name: str
    sha256: str


PACKAGED: Final = {
    "leaflet": PackagedFile(
        "leaflet.js", "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a"
    ),
    "leaflet_css": PackagedFile(
        "leaflet.css", "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6"
    ),
}
# folium names these for widgets that the page does not have.
UNUSED: Final = frozenset(
    {
        "jquery", "bootstrap", "awesome_markers", "bootstrap_css", "glyphicons_css",
        "awesome_markers_font_css", "awesome_markers_css", "awesome_rotate_css",
    }
)  # fmt: skip
SCRIPTS: Final = (
    "decode.js", "text.js", "study.js", "paint.js", "layers.js", "labels.js", "find.js",
    "cards.js", "legend.js", "panel.js", "scenario.js", "main.js",
)  # fmt: skip


def link_text(name: str) -> str:
    """Return the packaged text that stands for folium's link `name`; empty where it is unused.

    Raises
    ------
    SourceUnavailableError
        No packaged file is known for the link, or the package is not installed.
    SourceDataError
        The packaged file is not the one that was looked at.
    """
    if name in UNUSED:
        return ""
    if name not in PACKAGED:
        raise SourceUnavailableError(
            message("map.asset.unknown"), remedy=message("map.asset.remedy"), source=name
        )
    return _leaflet(PACKAGED[name])


def links_text(names: Iterable[str]) -> str:
    """Return the texts of several links in a row; see :func:`link_text`."""
    return "\n".join(text for text in map(link_text, names) if text)


@lru_cache(maxsize=16)
def static_text(name: str) -> str:
    """Return one of the page's own files in ``service/maps/static``."""
    return (resources.files("service.maps") / "static" / name).read_text("utf-8")


def script_text() -> str:
    """Return the page's own script: the files of :data:`SCRIPTS` in one function scope."""
    parts = "\n".join(static_text(name) for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}\n}})();\n'


@lru_cache(maxsize=4)
def _leaflet(file: PackagedFile) -> str:
    content = _read(file)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise SourceDataError(
            message("map.asset.changed"), remedy=message("map.asset.remedy"), source=file.name
        )
    text = content.decode("utf-8")
    if file.name.endswith(".js"):
        return re.sub(r"//# sourceMappingURL=\S+", "", text)
    # The page shows none of Leaflet's pictures.
    return re.sub(r"url\([^)]*\)", "none", text)


def _read(file: PackagedFile) -> bytes:
    spec = find_spec(_PACKAGE)
    folders = [] if spec is None else list(spec.submodule_search_locations or ())
    for folder in folders:
        path = Path(folder).joinpath(*_FOLDER, file.name)
        if path.is_file():
            return path.read_bytes()
    raise SourceUnavailableError(
        message("map.asset.missing"), remedy=message("map.asset.remedy"), source=file.name
    )
