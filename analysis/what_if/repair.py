"""What-if: facilities opened and closed, paths changed and added, and what that does to a field.

An edit returns another field that shares all that did not change: an edit costs as much as changes,
not as much as there is. The new field is bit for bit what a computation from scratch would give,
the names of the facilities included. Edits may follow each other in any order and number.
"""

from dataclasses import dataclass

import numpy as np

from analysis.errors import InvalidParameterError
from analysis.kernels.fields import Edit
from analysis.kernels.repair import take_changes
from analysis.linking.linkage import Linkage
from analysis.messages import message
from analysis.units import FloatArray, IdArray, IntArray, freeze
from analysis.what_if.goals import Goals, goals_at
from analysis.what_if.nearest_field import NO_EDIT, NearestField, RepairScratch, repaired, split
from analysis.what_if.path_changes import PathChanges, cheaper_ways, one_path


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FieldChange:
    """What an edit did: the field after it, and the nodes whose cost or facility changed.

    `node` int32 [k]; `cost_before` and `cost` float64 [k], `rank_before` and `rank` int32 [k].
    """

    field: NearestField
    node: IntArray
    cost_before: FloatArray
    rank_before: IntArray
    cost: FloatArray
    rank: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.node, self.cost_before, self.rank_before, self.cost, self.rank):
            freeze(array)


def facility_added(
    field: NearestField, entrances: Linkage, rank: int, scratch: RepairScratch
) -> FieldChange:
    """Open a facility with these entrances; `rank` may be new, or one that gets more entrances.

    Raises :class:`InvalidParameterError` for a rank that the field has no room for: negative, or
    four times as large as the largest in its baseline and beyond 65,535.
    """
    if not 0 <= rank < 1 << min(field.scale.bits, 31):  # ranks are int32
        raise InvalidParameterError(message("repair.rank"), value=rank)
    goals = _at_changed_cost(field, goals_at(field.graph, entrances, rank))
    stands = goals.stands(field.scale)
    edit = NO_EDIT._replace(new_place=stands.place, new_key=stands.key)
    return _change(field, edit, scratch, added=field.added.beside(goals))


def facility_closed(field: NearestField, rank: int, scratch: RepairScratch) -> FieldChange:
    """Close a facility with all its entrances.

    Raises :class:`InvalidParameterError` where there is none of that rank.
    """
    rows = _open_rows(field, np.flatnonzero(field.goals.rank == rank))
    extra = field.added.rank == rank
    if len(rows) == 0 and not extra.any():
        raise InvalidParameterError(message("repair.nobody"), value=rank)
    lost = field.goals.rows(rows).beside(field.added.rows(extra)).stands(field.scale)
    edit = NO_EDIT._replace(lost_place=lost.place, lost_key=lost.key)
    added = field.added.rows(~extra) if extra.any() else field.added
    return _change(field, edit, scratch, gone=_gone_too(field, rows), added=added)


def path_changed(
    field: NearestField, arc: int, forward: float, backward: float, scratch: RepairScratch
) -> FieldChange:
    """Give an arc other costs, in the graph's measure; ``inf`` closes a way.

    `arc` is one of the network, or one that :func:`path_added` has named. Facilities that are
    linked to it are reached at the new cost; they stay linked.

    Raises :class:`InvalidParameterError` for an arc that is not there and costs that are none.
    """
    if not 0 <= arc < _first_new_arc(field):
        raise InvalidParameterError(message("repair.arc"), value=arc)
    was = field.changes.of(field.graph, arc)
    now = one_path(arc, int(was.tail[0]), int(was.head[0]), _cost(forward), _cost(backward))
    rows = _open_rows(field, np.flatnonzero(field.goals.arc == arc))
    extra = field.added.arc == arc
    goals = field.goals.rows(rows).beside(field.added.rows(extra))
    lost, moved = goals.stands(field.scale), goals.at_cost(field.graph, now)
    gained = moved.stands(field.scale)
    edit = NO_EDIT._replace(
        lost_place=lost.place, lost_key=lost.key, new_place=gained.place, new_key=gained.key
    )
    return _change(
        field, _ways_changed(edit, was, now), scratch, gone=_gone_too(field, rows),
        added=field.added.rows(~extra).beside(moved), changes=field.changes.put(now),
    )  # fmt: skip


def path_added(
    field: NearestField, tail: int, head: int, forward: float, backward: float,
    scratch: RepairScratch,
) -> tuple[FieldChange, int]:  # fmt: skip
    """Add an arc between two nodes, such as a gate or a bridge; return the change and its number.

    Raises :class:`InvalidParameterError` for a node that is not there and costs that are none.
    """
    n = field.graph.network.n_nodes
    if not (0 <= tail < n and 0 <= head < n):
        raise InvalidParameterError(message("repair.node"), value=(tail, head))
    place, arc = field.graph.place, _first_new_arc(field)
    now = one_path(arc, int(place[tail]), int(place[head]), _cost(forward), _cost(backward))
    closed = one_path(arc, int(place[tail]), int(place[head]), np.inf, np.inf)
    edit = _ways_changed(NO_EDIT, closed, now)
    return _change(field, edit, scratch, changes=field.changes.put(now)), arc


def _first_new_arc(field: NearestField) -> int:
    n_arcs = field.graph.network.n_arcs
    return max(n_arcs, int(field.changes.arc.max(initial=-1)) + 1)


def _cost(cost: float) -> float:
    if not cost >= 0.0:
        raise InvalidParameterError(message("repair.cost"), value=cost)
    return cost


def _open_rows(field: NearestField, rows: IdArray) -> IntArray:
    if len(field.gone) > 0:
        rows = rows[~np.isin(rows, field.gone)]
    return rows.astype(np.int32)


def _gone_too(field: NearestField, rows: IntArray) -> IntArray:
    """Return the rows that are gone, `rows` among them; none of these is gone yet."""
    gone: IntArray = np.sort(np.concatenate([field.gone, rows]))
    freeze(gone)  # as all that repairs are told: kernels are compiled for one type
    return gone


def _at_changed_cost(field: NearestField, goals: Goals) -> Goals:
    """Return the same, come upon at the costs of this scenario."""
    if len(field.changes.arc) == 0:
        return goals
    for arc in np.intersect1d(goals.arc, field.changes.arc).tolist():
        here = goals.arc == arc
        path = field.changes.of(field.graph, arc)
        moved = goals.rows(here).at_cost(field.graph, path)
        goals = goals.rows(~here).beside(moved)
    return goals


def _ways_changed(edit: Edit, was: PathChanges, now: PathChanges) -> Edit:
    """Return `edit` with what the ways of an arc were lost where dearer now, gained if cheaper."""
    lost, gained = cheaper_ways(was, now), cheaper_ways(now, was)
    return edit._replace(
        lost_start=lost[0], lost_end=lost[1], lost_cost=lost[2],
        new_start=gained[0], new_end=gained[1], new_cost=gained[2],
    )  # fmt: skip


def _change(
    before: NearestField, edit: Edit, scratch: RepairScratch, *,
    gone: IntArray | None = None, added: Goals | None = None, changes: PathChanges | None = None,
) -> FieldChange:  # fmt: skip
    """Work out `edit`; what is not given is in force as before."""
    gone = before.gone if gone is None else gone
    added = before.added if added is None else added
    changes = before.changes if changes is None else changes
    worked = repaired(before, edit, scratch, gone=gone, added=added, changes=changes)
    place: IntArray = np.sort(worked.touched[: worked.size[0]])
    patch_place, patch_key, moved, was, now = take_changes(worked, place)
    cost_before, rank_before = split(was, before.scale)
    cost, rank = split(now, before.scale)
    return FieldChange(
        field=NearestField(
            graph=before.graph, scale=before.scale, key=before.key, goals=before.goals,
            stands=before.stands, gone=gone, added=added, changes=changes,
            patch_place=patch_place, patch_key=patch_key,
        ),
        node=scratch.node_at[moved],
        cost_before=cost_before,
        rank_before=rank_before,
        cost=cost,
        rank=rank,
    )  # fmt: skip
