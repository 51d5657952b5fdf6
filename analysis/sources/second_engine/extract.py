"""The extract as a foreign engine reads it: a PBF, untouched wherever that can be."""

from pathlib import Path
from typing import Final

import osmium

from analysis.errors import SourceDataError
from analysis.messages import message
from analysis.sources.osm.normal import OSMIUM_ERRORS, normalise, osmium_error
from analysis.sources.osm.sniff import sniff

_AREA: Final = "area"


def pbf_of(extract: Path, folder: Path, *, plazas: bool) -> Path:
    """Return the PBF to give to a foreign engine: `extract` itself, or a copy in `folder`.

    Parameters
    ----------
    extract
        ``.osm.pbf`` or ``.osm``; the content decides.
    folder
        Where a copy goes.
    plazas
        Take ``area=yes`` off the streets of a copy. Some engines throw such streets away; without
        the tag they walk along the edges of a plaza, as we do.

    Raises
    ------
    SourceDataError
        Any other format, or a damaged file.
    """
    source = str(extract)
    kind = sniff(extract, source)
    if kind == "xml":
        extract = normalise(extract, "xml", folder, source)
    elif kind != "pbf":
        raise SourceDataError(
            message("verify.format"), remedy=message("verify.format.remedy"), source=source
        )
    return _with_plazas(extract, folder, source) if plazas else extract


def _with_plazas(extract: Path, folder: Path, source: str) -> Path:
    copy = folder / "plazas.osm.pbf"
    try:
        with osmium.SimpleWriter(str(copy)) as writer:
            for one in osmium.FileProcessor(str(extract)):
                if isinstance(one, osmium.osm.Way) and _is_plaza(one):
                    kept = {tag.k: tag.v for tag in one.tags if tag.k != _AREA}
                    writer.add_way(one.replace(tags=kept))
                else:
                    writer.add(one)
    except OSMIUM_ERRORS as error:
        raise osmium_error(error, source) from error
    return copy


def _is_plaza(way: osmium.osm.Way) -> bool:
    return "highway" in way.tags and way.tags.get(_AREA) == "yes"
