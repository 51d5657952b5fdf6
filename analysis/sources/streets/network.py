"""From an OpenStreetMap extract to the walking network of a study."""

from dataclasses import dataclass

import numpy as np
import shapely

from analysis.errors import InvalidNetworkError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.sources.extent import ReadArea
from analysis.sources.osm.data import OsmData
from analysis.sources.streets.access import AccessRule, AccessRules, AccessTally, RuleCount, Section
from analysis.sources.streets.areas import CompoundAreas, compound_areas
from analysis.sources.streets.chains import Chains, chain
from analysis.sources.streets.crossings import crossings_told, passages_of
from analysis.sources.streets.gates import closing_rules
from analysis.sources.streets.links import Links, cut_at, links_of, passed_at
from analysis.sources.streets.ways import Streets, read_streets
from analysis.streets.network import WalkNetwork, build_network
from analysis.units import BoolArray, ByteArray, FloatArray, IdArray, IntArray
from analysis.walking import ArcFlag


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkReading:
    """The network, what each access rule let in or kept out, and what was cut or assumed."""

    network: WalkNetwork
    tally: AccessTally
    notices: tuple[Notice, ...]


def read_network(data: OsmData, area: ReadArea, rules: AccessRules) -> NetworkReading:
    """Build the network of all streets that `rules` open and that touch `area.read`.

    An arc runs from junction to junction, or to where its flags change; how editors split a street
    into ways makes no difference. Its way id is the smallest of its ways', its class that of its
    longest part. Streets are cut at nodes that refuse walkers: each arc ends there at a copy of the
    node of its own, with a negative id.

    Raises
    ------
    InvalidNetworkError
        Where no street in the area may be walked.
    """
    compounds = compound_areas(data, area, rules)
    streets = read_streets(data, area, rules, compounds)
    refusing, by_rule = refusing_nodes(data, rules, compounds, streets)
    links = links_of(streets)
    links, cut = cut_at(links, refusing)
    passages = passages_of(data, rules, streets)
    links, parts = passed_at(links, passages.node, passages.flags)
    chains = chain(links.tail, links.head, links.flags, len(links.node_id))
    network = _network(area, links, chains, crossings_told(data, rules, len(links.node_id)))
    if network is None:
        raise InvalidNetworkError(
            message("osm_network.empty", considered=int(streets.way_ids_in_area.size)),
            remedy=message("osm_network.empty.remedy"),
        )
    inside = cut & shapely.contains_xy(area.read, streets.node_xy_m[refusing])
    near = shapely.contains_xy(area.read, streets.node_xy_m[passages.node])
    stopping_id = data.node_id[passages.node]
    notices = (
        *_notices(streets, data.node_id[refusing[inside]]),
        *_passage_notices(stopping_id[near & parts], stopping_id[near & ~parts]),
    )
    return NetworkReading(
        network=network,
        tally=_tally(rules, streets, by_rule[inside], passages.rule[near & parts]),
        notices=notices,
    )


def refusing_nodes(
    data: OsmData, rules: AccessRules, compounds: CompoundAreas, streets: Streets
) -> tuple[IntArray, IntArray]:
    """Return the nodes of walkable streets that refuse walkers, and the rule that says so."""
    is_open = streets.is_open
    used = np.zeros(len(streets.node_id), dtype=np.bool_)
    used[streets.tail[is_open]] = used[streets.head[is_open]] = True
    rows = np.flatnonzero(used[data.tagged_node]).astype(np.int32)
    nodes = data.tagged_node[rows]
    by_rule = closing_rules(data, rows, streets.node_xy_m[nodes], rules, compounds)
    return nodes[by_rule >= 0], by_rule[by_rule >= 0]


def _network(
    area: ReadArea, links: Links, chains: Chains, crossing: ByteArray
) -> WalkNetwork | None:
    counts = np.diff(chains.first) + 1
    points = np.insert(chains.origin, chains.first[1:], chains.end)
    starts = np.cumsum(counts) - counts
    touching = _touches(area, links.node_xy_m[points], starts, counts)
    if not touching.any():
        return None
    ends = np.column_stack([chains.origin[chains.first[:-1]], chains.end])[touching]
    nodes, position = np.unique(ends, return_inverse=True)
    position = position.reshape(-1, 2)
    street_class = _longest_class(links, chains)
    way_id = np.minimum.reduceat(links.way_id[chains.segment], chains.first[:-1])
    return build_network(
        crs=area.crs.definition,
        node_id=links.node_id[nodes],
        node_xy_m=links.node_xy_m[nodes],
        node_crossing=crossing[nodes],
        arc_tail=position[:, 0].astype(np.int32),
        arc_head=position[:, 1].astype(np.int32),
        arc_points_m=(
            counts[touching].astype(np.int32),
            links.node_xy_m[points[np.repeat(touching, counts)]],
        ),
        arc_way_id=way_id[touching],
        arc_class=tuple(links.class_names[i] for i in street_class[touching]),
        arc_flags=chains.flags[touching],
    )


def _touches(area: ReadArea, xy_m: FloatArray, starts: IntArray, counts: IntArray) -> BoolArray:
    if len(counts) == 0:
        return np.empty(0, dtype=np.bool_)
    shapely.prepare(area.read)
    lines = shapely.linestrings(xy_m, indices=np.repeat(np.arange(len(counts)), counts))
    # A line without length has no inside of its own; its first point speaks for it.
    touches = shapely.intersects(area.read, lines) | shapely.intersects_xy(area.read, xy_m[starts])
    return np.asarray(touches, dtype=np.bool_)


def _longest_class(links: Links, chains: Chains) -> IntArray:
    """Return the class that most of each chain's length has; ties go to the first by name."""
    of_link = np.repeat(np.arange(len(chains.end)), np.diff(chains.first))
    n_classes = len(links.class_names)
    keys, place = np.unique(
        of_link * n_classes + links.street_class[chains.segment], return_inverse=True
    )
    total_m = np.bincount(place, weights=links.length_m[chains.segment])
    by = np.lexsort((keys % n_classes, -total_m, keys // n_classes))
    _, first = np.unique(keys[by] // n_classes, return_index=True)
    longest: IntArray = (keys[by][first] % n_classes).astype(np.int32)
    return longest


def _notices(streets: Streets, cut_id: IdArray) -> tuple[Notice, ...]:
    flags = np.array([verdict.flags for verdict in streets.verdicts], dtype=np.uint16)
    private = (flags[streets.verdict] & int(ArcFlag.PRIVATE)) != 0
    found = (
        notice(
            "network.node_closed",
            message("osm_network.node_closed"),
            (f"node/{i}" for i in cut_id.tolist()),
        ),
        notice(
            "network.private_way",
            message("osm_network.private_way"),
            (f"way/{i}" for i in np.unique(streets.way_id[private & streets.in_area]).tolist()),
        ),
        notice(
            "network.incomplete_way",
            message("osm_network.incomplete_way"),
            (f"way/{i}" for i in streets.incomplete),
            "warning",
        ),
    )
    return tuple(entry for entry in found if entry.subjects)


def _passage_notices(parted_id: IdArray, untold_id: IdArray) -> tuple[Notice, ...]:
    found = (
        notice(
            "network.node_passage",
            message("osm_network.node_passage"),
            (f"node/{i}" for i in parted_id.tolist()),
        ),
        notice(
            "network.node_passage_untold",
            message("osm_network.node_passage_untold"),
            (f"node/{i}" for i in untold_id.tolist()),
        ),
    )
    return tuple(entry for entry in found if entry.subjects)


def _tally(
    rules: AccessRules, streets: Streets, cut_by: IntArray, passed_by: IntArray
) -> AccessTally:
    rows = np.flatnonzero(streets.in_area)
    length_m = streets.length_m[rows]
    way_id, verdict = streets.way_id[rows], streets.verdict[rows]
    deciding = np.array([v.rule for v in streets.verdicts], dtype=np.int32)[verdict]

    def count(section: Section, rule: AccessRule, held: BoolArray) -> RuleCount:
        return RuleCount(
            section=section,
            rule_id=rule.rule_id,
            verdict=rule.verdict,
            objects=len(np.unique(way_id[held])),
            length_m=float(length_m[held].sum()),
            note=rule.note,
        )

    counts = [count("ways", rule, deciding == i) for i, rule in enumerate(rules.ways)]
    for i, rule in enumerate(rules.marks):
        marked = np.array([i in v.marks for v in streets.verdicts], dtype=np.bool_)
        counts.append(count("marks", rule, marked[verdict]))
    of_nodes: tuple[tuple[Section, tuple[AccessRule, ...], IntArray], ...] = (
        ("nodes", rules.nodes, cut_by),
        ("passages", rules.passages, passed_by),
    )
    counts += [
        RuleCount(
            section=section,
            rule_id=rule.rule_id,
            verdict=rule.verdict,
            objects=int((decided_by == i).sum()),
            length_m=0.0,
            note=rule.note,
        )
        for section, table, decided_by in of_nodes
        for i, rule in enumerate(table)
    ]
    return AccessTally(tuple(counts))
