"""Reading an OpenStreetMap extract from a file: PBF, XML, their gzip or bzip2, or Overpass JSON."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

from analysis.messages import message
from analysis.sources.osm.assembly import assemble
from analysis.sources.osm.collect import NotInOrderError, Origin
from analysis.sources.osm.data import OsmData
from analysis.sources.osm.normal import Header, normalise, read_header
from analysis.sources.osm.object_lines import TagKeys
from analysis.sources.osm.overpass import read_overpass
from analysis.sources.osm.pbf_blobs import check_blobs
from analysis.sources.osm.sniff import Kind, check_size, not_osm, refuse_kind, sniff
from analysis.sources.osm.unpacked import unpack
from analysis.sources.osm.xml_prolog import read_prolog

# Everything is held in memory: some 50 bytes for each byte of PBF, fewer for text.
_MAX_MIB: Final[dict[Kind, int]] = {"pbf": 256, "xml": 2048, "json": 512}


def read_osm(path: Path, keys: TagKeys | None = None) -> OsmData:
    """Read an OpenStreetMap extract.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm`` (XML), either compressed by gzip or bzip2, or an Overpass answer
        in JSON (``out body`` with nodes, or ``out geom`` without). The content decides what it
        is; the name does not matter.
    keys
        Keep only objects that carry one of these keys; None keeps all that carry a tag.

    Returns
    -------
    OsmData
        Tagged ways and nodes, assembled multipolygon and boundary relations, the extent in
        degrees and the data date; `notices` tell what is incomplete. What is left out for `keys`
        changes nothing of what is kept, nor extent, date or `mapped_lonlat`.

    Raises
    ------
    SourceUnavailableError
        No such file, a folder, or no permission.
    SourceDataError
        Another format, damaged, truncated, hostile, partial or empty; the text says which and
        what to do.
    """
    source = str(path)
    with TemporaryDirectory(prefix="living-circle-") as name:
        folder = Path(name)
        kind = sniff(path, source)
        if kind in {"gzip", "bzip2"}:
            path = unpack(path, "gzip" if kind == "gzip" else "bzip2", folder, source)
            kind = sniff(path, source)
            if kind in {"gzip", "bzip2"}:
                raise not_osm(message("source.looks.packed"), source, "source.archive.remedy")
        if kind not in _MAX_MIB:
            raise refuse_kind(kind, source)
        check_size(path, _MAX_MIB[kind], source)
        if kind == "json":
            return read_overpass(path.read_bytes(), source, keys)
        if kind == "xml":
            return _normalised(path, "xml", _xml_header(path, source), folder, source, keys)
        check_blobs(path, source)
        return _read_pbf(path, folder, source, keys)


def _read_pbf(path: Path, folder: Path, source: str, keys: TagKeys | None) -> OsmData:
    """Read a PBF as it is where it is in order, which most are, else bring it into order first."""
    header = read_header(path, "pbf", source)
    try:
        return assemble(
            Origin(path=path, folder=folder, source=source, strict=True, keys=keys), header
        )
    except NotInOrderError:
        return _normalised(path, "pbf", header, folder, source, keys)


def _normalised(
    path: Path,
    kind: Literal["pbf", "xml"],
    header: Header,
    folder: Path,
    source: str,
    keys: TagKeys | None,
) -> OsmData:
    working = normalise(path, kind, folder, source)
    return assemble(
        Origin(path=working, folder=folder, source=source, strict=False, keys=keys), header
    )


def _xml_header(path: Path, source: str) -> Header:
    osm_base = read_prolog(path, source)
    header = read_header(path, "xml", source)
    return Header(header.box, osm_base or header.timestamp)
