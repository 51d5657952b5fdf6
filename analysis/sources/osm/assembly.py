"""Collected nodes, ways and relations → OsmData: gaps mended and told, positions instead of ids."""

import re
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.errors import SourceDataError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.osm.collect import (
    PER_DEGREE,
    Nodes,
    Origin,
    Relations,
    Ways,
    collect_nodes,
    collect_relations,
    collect_ways,
)
from analysis.sources.osm.data import OsmData
from analysis.sources.osm.normal import OSMIUM_ERRORS, Box, Header, osmium_error
from analysis.units import FloatArray, IdArray, IntArray, freeze

_SQUARE: Final = 1000  # of 1e-7 degrees
_MOST_SQUARES: Final = 1 << 31  # more than lie above each other
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def assemble(origin: Origin, header: Header, notices: tuple[Notice, ...] = ()) -> OsmData:
    """Return the :class:`OsmData` of a file; `notices` of its reader come first.

    Where nodes of a way are not in the extract, a street (``highway=*``) is split into the pieces
    between the gaps, so `way_id` then repeats: joining over a gap would invent a street. Other
    ways go on without those nodes, so that a ring stays a ring.

    Raises
    ------
    NotInOrderError
        See :class:`~analysis.sources.osm.collect.Origin`.
    SourceDataError
        Damaged content, coordinates out of range, no element at all, or no way with coordinates.
    """
    try:
        lines = origin.read()
        nodes = collect_nodes(origin, lines)
        ways = collect_ways(origin, lines)
        relations = collect_relations(origin, lines)
    except OSMIUM_ERRORS as error:
        raise osmium_error(error, origin.source) from error
    if not (len(nodes.ids) or len(lines.way_ids) or len(lines.relation_ids)):
        raise SourceDataError(
            message("source.no_elements"),
            remedy=message("source.no_elements.remedy"),
            source=origin.source,
        )
    placed = _place(ways, nodes.ids)
    if not len(nodes.ids) or (len(ways.ids) and not len(placed.row)):
        raise SourceDataError(
            message("source.no_locations", count=len(lines.way_ids)),
            remedy=message("source.no_locations.remedy"),
            source=origin.source,
        )
    dated = _ISO_DATE.match(header.timestamp) or _ISO_DATE.match(lines.newest.decode())
    date = dated.group() if dated else ""
    told = (*notices, *nodes.notices, *placed.notices, *relations.notices)
    return _osm_data(nodes, ways, relations, placed, box=header.box, date=date, notices=told)


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """Ways on node positions; piece *i* comes from way ``row[i]``."""

    row: IdArray
    first: IdArray
    node: IdArray
    notices: tuple[Notice, ...]


def _place(ways: Ways, node_ids: IdArray) -> _Placed:
    """Turn node ids into positions, leaving out what has no location."""
    row = np.repeat(np.arange(len(ways.ids)), np.diff(ways.first))
    at = np.searchsorted(node_ids, ways.node_ids)
    known = at < len(node_ids)
    known[known] = node_ids[at[known]] == ways.node_ids[known]
    new_piece = np.ones(len(row), np.bool_)
    is_street = np.array(["highway" in tags for tags in ways.tags], np.bool_)
    new_piece[1:] = (row[1:] != row[:-1]) | (~known[1:] & is_street[row[1:]])
    piece = np.cumsum(new_piece)[known]
    is_start = np.ones(len(piece), np.bool_)
    is_start[1:] = piece[1:] != piece[:-1]
    start = np.flatnonzero(is_start)
    count = np.diff(np.append(start, len(piece)))
    long_enough = count >= 2  # noqa: PLR2004 - a line has two ends
    kept_row = row[known][start[long_enough]]
    gapped = np.unique(row[~known])
    has_piece = np.zeros(len(ways.ids), np.bool_)
    has_piece[kept_row] = True
    return _Placed(
        row=kept_row,
        first=np.concatenate([[0], np.cumsum(count[long_enough])]).astype(np.int64),
        node=at[known][np.repeat(long_enough, count)],
        notices=(
            *_way_notice("source.way_cut", ways.ids[gapped[has_piece[gapped]]]),
            *_way_notice("source.way_lost", ways.ids[~has_piece]),
        ),
    )


def _osm_data(
    nodes: Nodes,
    ways: Ways,
    relations: Relations,
    placed: _Placed,
    *,
    box: Box | None,
    date: str,
    notices: tuple[Notice, ...],
) -> OsmData:
    used = np.zeros(len(nodes.ids), np.bool_)
    used[placed.node] = True
    used[nodes.picked] = True
    position: IntArray = (np.cumsum(used) - 1).astype(np.int32)
    extent, extent_from, box_notices = _extent(box, nodes)
    data = OsmData(
        node_id=nodes.ids[used],
        node_lonlat=nodes.lonlat(used),
        way_id=ways.ids[placed.row],
        way_first=placed.first.astype(np.int32),
        way_node=position[placed.node],
        way_tags=tuple(ways.tags[row] for row in placed.row.tolist()),
        tagged_node=position[nodes.picked],
        node_tags=nodes.tags,
        relation_id=relations.ids,
        relation_polygon=relations.polygons,
        relation_tags=relations.tags,
        mapped_lonlat=_spread(nodes),
        extent=extent,
        extent_from=extent_from,
        data_date=date,
        notices=(*notices, *box_notices),
    )
    for array in (
        data.node_id, data.node_lonlat, data.way_id, data.way_first, data.way_node,
        data.tagged_node, data.relation_id, data.relation_polygon, data.mapped_lonlat,
    ):  # fmt: skip
        freeze(array)
    return data


def _spread(nodes: Nodes) -> FloatArray:
    """Return one node of each square of 0.0001° that holds any, in degrees."""
    key = nodes.x.astype(np.int64) // _SQUARE * _MOST_SQUARES + nodes.y // _SQUARE
    # Neighbours in the file are neighbours in the city: runs leave less to sort.
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    _, first = np.unique(key[starts], return_index=True)
    return nodes.lonlat(starts[first])


def _extent(
    box: Box | None, nodes: Nodes
) -> tuple[Box, Literal["header", "nodes"], tuple[Notice, ...]]:
    sides = (nodes.x.min(), nodes.y.min(), nodes.x.max(), nodes.y.max())
    west, south, east, north = (float(side) / PER_DEGREE for side in sides)
    if box is None:
        return (west, south, east, north), "nodes", ()
    if box[0] <= east and box[2] >= west and box[1] <= north and box[3] >= south:
        return box, "header", ()
    code = "source.box_elsewhere"
    subject = ", ".join(f"{value:.5f}" for value in box)
    elsewhere = notice(code, message(code), [subject], "warning")
    return (west, south, east, north), "nodes", (elsewhere,)


def _way_notice(code: str, ids: IdArray) -> tuple[Notice, ...]:
    subjects = [f"way/{i}" for i in ids.tolist()]
    return (notice(code, message(code), subjects, "warning"),) if subjects else ()
