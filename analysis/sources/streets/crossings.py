"""Crossings: what the tags of nodes and crossing ways tell of signals, and whom kerbs stop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.sources.osm.data import OsmData, Tags
from analysis.sources.streets.access import AccessRules
from analysis.sources.streets.areas import way_points
from analysis.sources.streets.ways import Streets
from analysis.units import ByteArray, FlagArray, IntArray
from analysis.walking import Crossing


def crossings_told(data: OsmData, rules: AccessRules, n_nodes: int) -> ByteArray:
    """Return what is told of crossing the roadway at each node, uint8 [`n_nodes`].

    The nodes of the extract come first, as in :class:`~analysis.sources.streets.ways.Streets`; of
    others nothing is told. What a node says goes before what its way says; of several ways one with
    a signal is enough.
    """
    told = np.zeros(n_nodes, dtype=np.uint8)
    of_way = _asked(data.way_tags, rules.signals.keys, rules.signals.of_way)
    for crossing in (Crossing.NO_SIGNAL, Crossing.SIGNAL):
        rows = np.flatnonzero(of_way == crossing).astype(np.int32)
        told[way_points(data, rows)[0]] = crossing
    of_node = _asked(data.node_tags, rules.signals.keys, rules.signals.crossing)
    said = of_node != Crossing.UNTOLD
    told[data.tagged_node[said]] = of_node[said]
    return told


def _asked(
    all_tags: Sequence[Tags], keys: tuple[str, ...], ask: Callable[[Tags], Crossing]
) -> ByteArray:
    """Return what `ask` says of each, asked once for all that look alike by `keys`."""
    known: dict[tuple[str | None, ...], Crossing] = {}
    found = np.zeros(len(all_tags), dtype=np.uint8)
    for row, tags in enumerate(all_tags):
        alike = tuple(map(tags.get, keys))
        if alike not in known:
            known[alike] = ask(tags)
        found[row] = known[alike]
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passages:
    """Nodes of walkable streets that stop some walkers.

    `node` int32 [k], ascending; `flags` uint16 [k]; `rule` int32 [k] the first of the table's
    passages that holds.
    """

    node: IntArray
    flags: FlagArray
    rule: IntArray


def passages_of(data: OsmData, rules: AccessRules, streets: Streets) -> Passages:
    """Return the nodes of walkable streets for which a rule of `rules.passages` holds."""
    is_open = streets.is_open
    used = np.zeros(len(streets.node_id), dtype=np.bool_)
    used[streets.tail[is_open]] = used[streets.head[is_open]] = True
    keys = frozenset(rule.condition.when[0][0] for rule in rules.passages)
    found: list[tuple[int, int, int]] = []
    for row in np.flatnonzero(used[data.tagged_node]).tolist():
        tags = data.node_tags[row]
        if keys.isdisjoint(tags):
            continue
        held = [i for i, rule in enumerate(rules.passages) if rule.condition.holds(tags)]
        if held:
            flags = 0
            for i in held:
                flags |= int(rules.passages[i].flags)
            found.append((int(data.tagged_node[row]), flags, held[0]))
    found.sort()
    table = np.array(found, dtype=np.int64).reshape(-1, 3)
    return Passages(
        node=table[:, 0].astype(np.int32),
        flags=table[:, 1].astype(np.uint16),
        rule=table[:, 2].astype(np.int32),
    )
