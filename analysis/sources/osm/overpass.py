"""Overpass JSON → OsmData, through the same working file as any other extract.

Three shapes are read: ``out body`` (ways list node ids, nodes are elements), ``out geom`` (ways
list node ids and coordinates) and ``out geom`` without node ids, where joints are found by equal
coordinates (1e-7 degrees, OSM's own precision).
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import orjson
import osmium
from osmium.osm import mutable

from analysis.errors import SourceDataError
from analysis.messages import Message, message
from analysis.notices import Notice, notice
from analysis.sources.osm.assembly import assemble
from analysis.sources.osm.collect import Origin
from analysis.sources.osm.data import OsmData
from analysis.sources.osm.normal import (
    OSMIUM_ERRORS,
    Box,
    Header,
    lifted_node_id,
    normalise,
    osmium_error,
    working_writer,
)
from analysis.sources.osm.object_lines import TagKeys
from analysis.sources.osm.overpass_elements import Elements, read_elements
from analysis.sources.osm.sniff import not_osm

Answer = Mapping[str, object]

_FAILURES: Final = ("error", "timed out", "timeout", "out of memory", "rate_limited")
_BOUNDS: Final = ("minlon", "minlat", "maxlon", "maxlat")


def read_overpass(text: bytes, source: str, keys: TagKeys | None = None) -> OsmData:
    """Read an Overpass answer.

    Parameters
    ----------
    text
        The JSON as it was received.
    source
        The file's name in errors.
    keys
        Keep only objects that carry one of these keys; None keeps all that carry a tag.

    Raises
    ------
    SourceDataError
        Not JSON, JSON of another kind, a partial answer (the server's remark reports an error),
        an element without what it needs, coordinates out of range, or no elements.
    """
    return read_answer(parse_answer(text, source), source, keys)


def parse_answer(text: bytes, source: str) -> Answer:
    """Return the parsed answer; raises :class:`SourceDataError` unless it is a complete one."""
    try:
        answer = orjson.loads(text.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:  # also NaN, invalid UTF-8 and nesting too deep
        raise SourceDataError(
            message("source.json", detail=str(error)),
            remedy=message("source.download.remedy"),
            source=source,
        ) from error
    if not isinstance(answer, dict) or not isinstance(answer.get("elements"), list):
        is_geojson = isinstance(answer, dict) and "Feature" in str(answer.get("type"))
        if is_geojson:
            raise not_osm(message("source.looks.geojson"), source, "source.geojson.remedy")
        raise not_osm(message("source.looks.json"), source)
    remark = str(answer.get("remark") or "")
    if any(failure in remark.lower() for failure in _FAILURES):
        raise SourceDataError(
            message("source.partial"),
            remedy=message("source.partial.remedy"),
            source=source,
            value=remark,
        )
    return answer


def read_answer(answer: Answer, source: str, keys: TagKeys | None = None) -> OsmData:
    """Read a parsed answer; see :func:`read_overpass`.

    A top-level ``bounds`` member (minlon, minlat, maxlon, maxlat) states where it is complete.
    """
    elements = read_elements(answer["elements"], source)
    if not (elements.nodes or elements.ways or elements.relations):
        raise SourceDataError(
            message("source.no_elements"),
            remedy=message("source.no_elements.remedy"),
            source=source,
        )
    with TemporaryDirectory(prefix="living-circle-") as name:
        folder = Path(name)
        written = folder / "overpass.osm.pbf"
        try:
            with working_writer(written) as writer:
                _write(elements, writer)
        except (*OSMIUM_ERRORS, TypeError) as error:
            raise osmium_error(error, source) from error
        working = normalise(written, "pbf", folder, source)
        origin = Origin(path=working, folder=folder, source=source, strict=False, keys=keys)
        return assemble(origin, _header(answer), _notices(answer, elements))


def _write(elements: Elements, writer: osmium.SimpleWriter) -> None:
    for node in elements.nodes.values():
        writer.add_node(
            mutable.Node(
                id=lifted_node_id(node.id),
                location=(node.x / 1e7, node.y / 1e7),
                tags=node.tags,
                timestamp=node.timestamp,
            )
        )
    for way in elements.ways.values():
        nodes = [lifted_node_id(node_id) for node_id in way.node_ids]
        writer.add_way(mutable.Way(id=way.id, nodes=nodes, tags=way.tags, timestamp=way.timestamp))
    for relation in elements.relations.values():
        writer.add_relation(
            mutable.Relation(
                id=relation.id,
                members=list(relation.members),
                tags=relation.tags,
                timestamp=relation.timestamp,
            )
        )


def _header(answer: Answer) -> Header:
    stated = answer.get("osm3s")
    timestamp = str(stated.get("timestamp_osm_base", "")) if isinstance(stated, dict) else ""
    bounds = answer.get("bounds")
    box: Box | None = None
    if isinstance(bounds, dict):
        sides = [bounds.get(side) for side in _BOUNDS]
        west, south, east, north = (
            float(side) if isinstance(side, int | float) else float("nan") for side in sides
        )
        if west <= east and south <= north:  # False with a NaN
            box = (west, south, east, north)
    return Header(box, timestamp)


def _notices(answer: Answer, elements: Elements) -> tuple[Notice, ...]:
    found: list[Notice] = []
    if remark := str(answer.get("remark") or ""):
        text: Message = message("source.remark", remark=remark)
        found.append(notice("source.remark", text, [], "warning"))
    if elements.others:
        text = message("source.other_elements")
        found.append(notice("source.other_elements", text, elements.others))
    return tuple(found)
