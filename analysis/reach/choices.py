"""Choices: what residents can choose from within reach, and what stands near facilities."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from analysis.linking.linkage import Linkage
from analysis.messages import message
from analysis.places.attributes import AttributeValues
from analysis.places.facilities import Facilities
from analysis.standard.figures import Answer, Known, Unknown
from analysis.units import BoolArray, FloatArray, IdArray, IntArray
from analysis.walks.hierarchy import Hierarchy
from analysis.walks.travel_time import TargetGroup, walk_to_nearest
from analysis.walks.walk_graph import WalkGraph

MIN_KNOWN_SHARE: Final = 0.5


def choice_answer(
    first: IdArray,
    row: IntArray,
    people: FloatArray,
    here: BoolArray,
    *,
    at_least: float,
    values: AttributeValues | None = None,
    min_known_share: float = MIN_KNOWN_SHARE,
) -> Answer:
    """Return the share of the residents `here` with `at_least` facilities within reach.

    Parameters
    ----------
    first, row
        The facilities within reach of point *i* are ``row[first[i]:first[i + 1]]``, each once.
    people, here
        Residents of each point, and which points are asked about, [p].
    values
        A list of the facilities: then different entries count instead of facilities, and a resident
        is known who has enough of them or all of whose facilities are.
    """
    total = float(people[here].sum())
    if not total > 0.0:
        return Unknown(why_not=message("efficiency.nobody"))
    if values is None:
        number, is_known = np.diff(first), np.ones(len(people), dtype=bool)
    else:
        number, is_known = _entries(first, row, values)
    enough = number >= at_least
    is_known = is_known | enough
    known = float(people[here & is_known].sum())
    if not known > 0.0:
        return Unknown(why_not=message("quality.residents", people=total, known=0.0))
    return Known(
        value=float(people[here & enough].sum()) / known,
        known_share=known / total,
        basis=message("quality.residents", people=total, known=known),
        judged=known / total >= min_known_share,
    )


def _entries(first: IdArray, row: IntArray, values: AttributeValues) -> tuple[IdArray, BoolArray]:
    """Return how many different entries each point finds, and whether it knows all facilities."""
    n = len(first) - 1
    point = np.repeat(np.arange(n), np.diff(first))
    unknown = np.isnan(values.at(row))
    is_known = np.bincount(point[unknown], minlength=n) == 0
    names = sorted(frozenset().union(*values.entries))
    code = {name: i for i, name in enumerate(names)}
    holds = np.zeros((len(values.rows), len(names)), dtype=bool)
    for i, entries in enumerate(values.entries):
        holds[i, [code[one] for one in entries]] = True
    where = np.searchsorted(values.rows, row)
    number = np.zeros(n, dtype=np.int64)
    for column in range(len(names)):
        number += np.bincount(point[holds[where, column]], minlength=n) > 0
    return number, is_known


def near_elements(
    graph: WalkGraph,
    entrances: Linkage,
    facilities: Facilities,
    counting: BoolArray,
    wanted: Sequence[tuple[str, float]],
    *,
    hierarchy: Hierarchy | None = None,
) -> BoolArray:
    """Return which facilities have one of another element near, bool [k, w].

    `graph` counts metres, `wanted` are elements with the longest walk between entrances, in metres;
    `counting` bool [k] are the facilities that count. Of an element that is wanted no facility is
    near one of its own.
    """
    k = len(facilities)
    rank = np.repeat(np.arange(k, dtype=np.int32), np.diff(facilities.entrance_first))
    groups = []
    for element_id, within_m in wanted:
        of_element = np.zeros(k, dtype=bool)
        of_element[facilities.of_element(element_id)] = True
        groups.append(TargetGroup(chosen=(of_element & counting)[rank], limit=within_m))
    nearest = walk_to_nearest(
        graph, entrances, entrances, target_rank=rank, groups=groups, hierarchy=hierarchy
    )
    near = np.zeros((k, len(wanted)), dtype=bool)
    for column in range(len(wanted)):
        found = (nearest.rank[:, column] >= 0) & (nearest.rank[:, column] != rank)
        near[rank[found], column] = True
    return near


def near_answer(near: BoolArray, rows: IntArray) -> Answer:
    """Return the share of the facilities `rows` that have one near; `near` bool [k]."""
    if len(rows) == 0:
        return Unknown(why_not=message("quality.no_facility"))
    return Known(
        value=float(near[rows].mean()),
        known_share=1.0,
        basis=message("quality.facilities", known=len(rows), count=len(rows)),
    )
