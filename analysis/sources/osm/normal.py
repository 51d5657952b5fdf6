"""One working file for every extract: sorted, each object once, no negative node id.

Extracts come unsorted (Overpass writes ways before nodes), with several versions of one object
(history files, merged exports) and with negative ids (edited in JOSM, or made here for
coordinates without a node). libosmium's area assembler needs none of these, so every extract is
brought into one form first; it costs a fifth of a second for a city.
"""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import osmium

from analysis.errors import SourceDataError
from analysis.messages import message
from analysis.sources.osm.unpacked import damaged

Box = tuple[float, float, float, float]

# Negative node ids stand above this in the working file, which no real id will ever reach.
NEGATIVE_OFFSET: Final = 2**50

# What osmium raises on bad input; it has no exception base of its own.
OSMIUM_ERRORS: Final = (
    RuntimeError,
    ValueError,
    KeyError,
    OverflowError,
    osmium.InvalidLocationError,
)
_WORKING_FORMAT: Final = "pbf,pbf_compression=none"


@dataclass(frozen=True, slots=True)
class Header:
    """What the file says of itself: (west, south, east, north) in degrees, an ISO time stamp."""

    box: Box | None = None
    timestamp: str = ""


def read_header(path: Path, kind: Literal["pbf", "xml"], source: str) -> Header:
    """Return the header of an OSM file; raises :class:`SourceDataError` where it is damaged."""
    try:
        file = osmium.io.File(str(path), _format(kind))
        with osmium.io.Reader(file, osmium.osm.NOTHING) as reader:
            header = reader.header()
        box = header.box()
        return Header(_box(box), header.get("osmosis_replication_timestamp"))
    except OSMIUM_ERRORS as error:
        raise osmium_error(error, source) from error


def normalise(path: Path, kind: Literal["pbf", "xml"], folder: Path, source: str) -> Path:
    """Write the working file of an extract into `folder` and return it.

    Objects are sorted by type and id, of several versions the newest stays, and node id -k
    becomes ``NEGATIVE_OFFSET + k`` (see :func:`real_node_id`).

    Raises
    ------
    SourceDataError
        Anything that libosmium cannot decode.
    """
    try:
        sorted_file = folder / "sorted.osm.pbf"
        _write_sorted(path.read_bytes(), _format(kind), sorted_file)
        if not _has_negative_node(sorted_file):
            return sorted_file
        lifted = folder / "lifted.osm.pbf"
        with working_writer(lifted) as writer:
            for obj in osmium.FileProcessor(str(sorted_file)):
                _write_lifted(writer, obj)
        _write_sorted(lifted.read_bytes(), "pbf", folder / "lifted_sorted.osm.pbf")
    except OSMIUM_ERRORS as error:
        raise osmium_error(error, source) from error
    return folder / "lifted_sorted.osm.pbf"


def working_writer(path: Path) -> osmium.SimpleWriter:
    """Return a writer of uncompressed PBF; the working file is read again at once."""
    return osmium.SimpleWriter(osmium.io.File(str(path), _WORKING_FORMAT), overwrite=True)


def lifted_node_id(node_id: int) -> int:
    """Return a node's id in the working file."""
    return node_id if node_id >= 0 else NEGATIVE_OFFSET - node_id


def osmium_error(error: Exception, source: str) -> SourceDataError:
    """Return the typed error for what osmium raised."""
    if isinstance(error, SourceDataError):  # a ValueError too, and already says all
        return error
    if isinstance(error, osmium.InvalidLocationError):
        return SourceDataError(
            message("source.coordinates", count="≥ 1", object="node"),
            remedy=message("source.coordinates.remedy"),
            source=source,
            value=error,
        )
    return damaged(str(error), source)


def _format(kind: Literal["pbf", "xml"]) -> str:
    return "pbf" if kind == "pbf" else "osm"


def _box(box: osmium.osm.Box) -> Box | None:
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return (low.lon, low.lat, high.lon, high.lat)


def _write_sorted(data: bytes, data_format: str, target: Path) -> None:
    merger = osmium.MergeInputReader()
    merger.add_buffer(data, data_format)
    with working_writer(target) as writer:
        merger.apply(writer, simplify=True)


def _has_negative_node(sorted_file: Path) -> bool:
    """Tell whether a node id is negative; libosmium sorts those first."""
    nodes = osmium.FileProcessor(str(sorted_file), osmium.osm.NODE)
    return any(node.id < 0 for node in itertools.islice(nodes, 1))


def _write_lifted(writer: osmium.SimpleWriter, obj: osmium.osm.types.OSMEntity) -> None:
    if isinstance(obj, osmium.osm.Node):
        writer.add_node(obj.replace(id=lifted_node_id(obj.id)))
    elif isinstance(obj, osmium.osm.Way):
        writer.add_way(obj.replace(nodes=[lifted_node_id(node.ref) for node in obj.nodes]))
    elif isinstance(obj, osmium.osm.Relation):
        members = [
            (m.type, lifted_node_id(m.ref) if m.type == "n" else m.ref, m.role) for m in obj.members
        ]
        writer.add_relation(obj.replace(members=members))
