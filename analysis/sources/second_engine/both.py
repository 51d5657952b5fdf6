"""One drawing of all streets of an extract, with what we and a second engine let people walk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.certainty.streets import Openness, Streets
from analysis.crs import MetricCRS
from analysis.sources.extent import StudyArea
from analysis.sources.osm.data import OsmData
from analysis.sources.second_engine.questions import Answers, Place
from analysis.sources.streets.access import AccessRules
from analysis.sources.streets.areas import compound_areas
from analysis.sources.streets.network import refusing_nodes
from analysis.sources.streets.ways import Streets as Stretches
from analysis.sources.streets.ways import read_streets
from analysis.units import BoolArray, FlagArray, IntArray
from analysis.walking import ArcFlag

_WAY_CUT: Final = "source.way_cut"  # the reader's notice of streets with nodes outside the extract
_AHEAD_DEG: Final = 90.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OurStreets:
    """The streets as we read them, and where to ask the other engine about them.

    `ours`: what we let people walk. `middle`: degrees, one place in the middle of each stretch.
    `asked_node` int32 [t], `node_place`: nodes on streets that carry tags and may stop people.
    """

    streets: Streets
    ours: Openness
    middle: list[Place]
    bearing_deg: "np.ndarray[tuple[int], np.dtype[np.float64]]"
    asked_node: IntArray
    node_place: list[Place]


def our_streets(data: OsmData, area: StudyArea, rules: AccessRules, barred: ArcFlag) -> OurStreets:
    """Return every stretch near `area.read`, walkable or not, as the access rules judge it.

    `barred` are the flags that close a stretch to the study's walker.
    """
    compounds = compound_areas(data, area, rules)
    found = read_streets(data, area, rules, compounds)
    names, rule = _rules(found, data, rules)
    refusing, by_rule = refusing_nodes(data, rules, compounds, found)
    node_rule = np.full(len(found.node_id), -1, dtype=np.int32)
    node_rule[refusing] = len(names) + by_rule
    streets = Streets(
        node_id=found.node_id,
        node_xy_m=found.node_xy_m,
        tail=found.tail,
        head=found.head,
        length_m=found.length_m,
        way_id=found.way_id,
        rule=rule,
        node_rule=node_rule,
        rules=(*names, *(one.rule_id for one in rules.nodes)),
    )
    refuses = np.zeros(len(found.node_id), dtype=np.bool_)
    refuses[refusing] = True
    asked = data.tagged_node[np.isin(data.tagged_node, np.union1d(found.tail, found.head))]
    middle_m = found.node_xy_m[np.column_stack([found.tail, found.head])].mean(axis=1)
    east, north = (found.node_xy_m[found.head] - found.node_xy_m[found.tail]).T
    return OurStreets(
        streets=streets,
        ours=_openness(found, barred, refuses),
        middle=_places(area.crs, middle_m),
        bearing_deg=np.degrees(np.arctan2(east, north)) % 360.0,
        asked_node=asked.astype(np.int32),
        node_place=_places(area.crs, found.node_xy_m[asked]),
    )


def theirs(known: OurStreets, answers: Answers) -> Openness:
    """Return what the other engine lets people walk: by way and direction, and by node."""
    streets = known.streets
    forward = np.zeros(len(streets.tail), dtype=np.bool_)
    backward = np.zeros(len(streets.tail), dtype=np.bool_)
    for row, found in enumerate(answers["stretches"]):
        for way in found:
            if way["way_id"] != streets.way_id[row]:
                continue
            turn = (np.array(way["headings"]) - known.bearing_deg[row]) % 360.0
            ahead = (turn < _AHEAD_DEG) | (turn > 360.0 - _AHEAD_DEG)
            forward[row], backward[row] = ahead.any(), not ahead.all()
    refuses = np.zeros(len(streets.node_xy_m), dtype=np.bool_)
    stops = np.array([passes is False for passes in answers["nodes"]], dtype=np.bool_)
    refuses[known.asked_node[stops]] = True
    return Openness(forward=forward, backward=backward, refuses=refuses)


def _openness(found: Stretches, barred: ArcFlag, refuses: BoolArray) -> Openness:
    flags = _flags(found)
    open_ = found.is_open & ((flags & int(barred)) == 0)
    return Openness(
        forward=open_ & ((flags & int(ArcFlag.NO_FORWARD)) == 0),
        backward=open_ & ((flags & int(ArcFlag.NO_BACKWARD)) == 0),
        refuses=refuses,
    )


def _flags(found: Stretches) -> FlagArray:
    return np.array([one.flags for one in found.verdicts], dtype=np.uint16)[found.verdict]


def _rules(found: Stretches, data: OsmData, rules: AccessRules) -> tuple[tuple[str, ...], IntArray]:
    """Return names of what decides on each stretch: the rule, and how the street is drawn."""
    flags = _flags(found)
    deciding = np.array([one.rule for one in found.verdicts], dtype=np.int32)[found.verdict]
    cut = {
        int(subject.removeprefix("way/"))
        for one in data.notices
        if one.code == _WAY_CUT
        for subject in one.subjects
    }
    traits = np.zeros(len(found.way_id), dtype=np.int32)
    traits[(flags & int(ArcFlag.PLAZA)) != 0] = 1
    traits[found.way_id < 0] = 2
    traits[np.isin(found.way_id, np.array(sorted(cut), dtype=np.int64))] = 3
    pairs, rule = np.unique(
        np.column_stack([deciding, traits]).reshape(-1, 2), axis=0, return_inverse=True
    )
    names = tuple(_named(rules.ways[at].rule_id, _TRAITS[trait]) for at, trait in pairs.tolist())
    return names, rule.reshape(-1).astype(np.int32)


_TRAITS: Final[Sequence[str]] = ("", "area", "relation", "cut")


def _named(rule_id: str, trait: str) -> str:
    return f"{rule_id}/{trait}" if trait else rule_id


def _places(
    crs: MetricCRS, xy_m: "np.ndarray[tuple[int, int], np.dtype[np.float64]]"
) -> list[Place]:
    if len(xy_m) == 0:
        return []
    return [(lon, lat) for lon, lat in crs.unproject(xy_m).tolist()]
