"""Collected nodes, ways and relations → OsmData: gaps mended and told, positions instead of ids."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import numpy as np

from analysis.errors import SourceDataError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.osm.collect import (
    Nodes,
    Relations,
    Ways,
    collect_nodes,
    collect_relations,
    collect_ways,
)
from analysis.sources.osm.data import OsmData
from analysis.sources.osm.normal import OSMIUM_ERRORS, Box, Header, osmium_error
from analysis.units import BoolArray, IdArray, IntArray, freeze

_EPOCH_YEAR: Final = 1970
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def assemble(
    working_file: Path, header: Header, source: str, notices: tuple[Notice, ...] = ()
) -> OsmData:
    """Return the :class:`OsmData` of a working file; `notices` of its reader come first.

    Where nodes of a way are not in the extract, a street (``highway=*``) is split into the pieces
    between the gaps, so `way_id` then repeats: joining over a gap would invent a street. Other
    ways go on without those nodes, so that a ring stays a ring.

    Raises
    ------
    SourceDataError
        Damaged content, coordinates out of range, no element at all, or no way with coordinates.
    """
    try:
        nodes = collect_nodes(working_file, source)
        ways = collect_ways(working_file)
        relations = collect_relations(working_file, ways.all_ids)
    except OSMIUM_ERRORS as error:
        raise osmium_error(error, source) from error
    if not (len(nodes.ids) or ways.all_ids or relations.count):
        raise SourceDataError(
            message("source.no_elements"),
            remedy=message("source.no_elements.remedy"),
            source=source,
        )
    placed = _place(ways, nodes.ids)
    if not len(nodes.ids) or (len(ways.ids) and not len(placed.row)):
        raise SourceDataError(
            message("source.no_locations", count=len(ways.all_ids)),
            remedy=message("source.no_locations.remedy"),
            source=source,
        )
    told = (*notices, *nodes.notices, *placed.notices, *relations.notices)
    return _osm_data(nodes, ways, relations, placed, header=header, notices=told)


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
    splits = np.array(["highway" in tags for tags in ways.tags], np.bool_)
    new_piece = np.ones(len(row), np.bool_)
    new_piece[1:] = (row[1:] != row[:-1]) | (~known[1:] & splits[row[1:]])
    piece = np.cumsum(new_piece)[known]
    _, start, count = np.unique(piece, return_index=True, return_counts=True)
    long_enough = count >= 2  # noqa: PLR2004 - a line has two ends
    kept_row = row[known][start[long_enough]]
    kept_node = at[known][np.repeat(long_enough, count)]
    gapped = np.unique(row[~known])
    lost = np.setdiff1d(np.arange(len(ways.ids)), kept_row)
    return _Placed(
        row=kept_row,
        first=np.concatenate([[0], np.cumsum(count[long_enough])]).astype(np.int64),
        node=kept_node,
        notices=(
            *_way_notice("source.way_cut", ways.ids[np.setdiff1d(gapped, lost)]),
            *_way_notice("source.way_lost", ways.ids[lost]),
        ),
    )


def _osm_data(
    nodes: Nodes,
    ways: Ways,
    relations: Relations,
    placed: _Placed,
    *,
    header: Header,
    notices: tuple[Notice, ...],
) -> OsmData:
    used: BoolArray = np.zeros(len(nodes.ids), np.bool_)
    used[placed.node] = True
    used[nodes.tagged] = True
    position: IntArray = (np.cumsum(used) - 1).astype(np.int32)
    extent, extent_from, box_notices = _extent(header.box, nodes)
    newest = max(nodes.newest, ways.newest, relations.newest)
    data = OsmData(
        node_id=nodes.ids[used],
        node_lonlat=nodes.lonlat[used],
        way_id=ways.ids[placed.row],
        way_first=placed.first.astype(np.int32),
        way_node=position[placed.node],
        way_tags=tuple(ways.tags[row] for row in placed.row.tolist()),
        tagged_node=position[nodes.tagged],
        node_tags=nodes.tags,
        relation_id=relations.ids,
        relation_polygon=relations.polygons,
        relation_tags=relations.tags,
        extent=extent,
        extent_from=extent_from,
        data_date=_date(header.timestamp, newest),
        notices=(*notices, *box_notices),
    )
    freeze(data.node_id)
    freeze(data.node_lonlat)
    freeze(data.way_id)
    freeze(data.way_first)
    freeze(data.way_node)
    freeze(data.tagged_node)
    freeze(data.relation_id)
    freeze(data.relation_polygon)
    return data


def _extent(
    box: Box | None, nodes: Nodes
) -> tuple[Box, Literal["header", "nodes"], tuple[Notice, ...]]:
    west, south = nodes.lonlat.min(axis=0).tolist()
    east, north = nodes.lonlat.max(axis=0).tolist()
    if box is None:
        return (west, south, east, north), "nodes", ()
    if box[0] <= east and box[2] >= west and box[1] <= north and box[3] >= south:
        return box, "header", ()
    code = "source.box_elsewhere"
    subject = ", ".join(f"{value:.5f}" for value in box)
    elsewhere = notice(code, message(code), [subject], "warning")
    return (west, south, east, north), "nodes", (elsewhere,)


def _date(timestamp: str, newest: datetime) -> str:
    if found := _ISO_DATE.match(timestamp):
        return found.group()
    return newest.date().isoformat() if newest.year > _EPOCH_YEAR else ""


def _way_notice(code: str, ids: IdArray) -> tuple[Notice, ...]:
    subjects = [f"way/{i}" for i in ids.tolist()]
    return (notice(code, message(code), subjects, "warning"),) if subjects else ()
