"""What is left to choose once forced sites are open, as columns for the kernels."""

from dataclasses import dataclass

import numpy as np

from analysis.kernels.covering import Cover, Packing
from analysis.kernels.prices import Holds
from analysis.siting.conditions import AtMost, SideConditions
from analysis.siting.cover_table import CoverTable, both_ways
from analysis.units import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """Columns to choose from: whom each covers, what it uses, how many there may be.

    The number is the first resource of `packing`: every column uses 1 of `most`. `price` float64
    [k] > 0 is what greedy weighs gains by: ones, or money. `holds`: how many people each column
    can serve.
    """

    cover: Cover
    packing: Packing
    most: int
    price: FloatArray
    holds: Holds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reduced:
    """What is left to choose once forced sites are open; `before` is whom these add."""

    problem: Problem
    site_of: IntArray
    before: float


def reduced(table: CoverTable, conditions: SideConditions, most: int) -> Reduced:
    """Return what is left to choose, `most` sites beside those forced."""
    merged, forced = table.merged(), conditions.forced
    allowed = np.ones(table.n_sites, dtype=bool)
    allowed[forced] = allowed[conditions.forbidden] = False
    for group in conditions.at_most:
        if left_of(group, forced) == 0:
            allowed[group.sites] = False
    row = np.repeat(np.arange(len(merged.people)), np.diff(merged.first))
    done = np.zeros(len(merged.people), dtype=bool)
    done[row[np.isin(merged.site, forced)]] = True
    keep = ~done[row] & allowed[merged.site]
    allowed[np.bincount(merged.site[keep], minlength=table.n_sites) == 0] = False
    site_of = np.flatnonzero(allowed).astype(np.int32)
    column_of = np.full(table.n_sites, -1, dtype=np.int32)
    column_of[site_of] = np.arange(len(site_of), dtype=np.int32)
    n_of_row = np.bincount(row[keep], minlength=len(merged.people))
    some = n_of_row > 0
    first = np.zeros(int(some.sum()) + 1, dtype=np.int64)
    first[1:] = np.cumsum(n_of_row[some])
    cover = both_ways(first, column_of[merged.site[keep]], merged.people[some], len(site_of))
    packing, price = _packing(conditions, column_of, len(site_of), most)
    problem = Problem(cover=cover, packing=packing, most=most, price=price, holds=everybody(cover))
    return Reduced(problem=problem, site_of=site_of, before=float(merged.people[done].sum()))


def everybody(cover: Cover) -> Holds:
    """Return that every column can serve all its rows."""
    return Holds(cover.weight, np.full(len(cover.site_first) - 1, np.inf))


def _packing(
    conditions: SideConditions, column_of: IntArray, k: int, most: int
) -> tuple[Packing, FloatArray]:
    """Return what columns use (of the number, each group, the budget), and their prices."""
    columns: list[IntArray] = [np.arange(k, dtype=np.int32)]
    uses, amounts, price = [np.ones(k)], [float(most)], np.ones(k)
    for group in conditions.at_most:
        members = column_of[group.sites]
        members = np.sort(members[members >= 0])
        columns.append(members)
        uses.append(np.ones(len(members)))
        amounts.append(float(left_of(group, conditions.forced)))
    if conditions.cost is not None and conditions.budget is not None:
        cost = conditions.cost[column_of >= 0]
        columns.append(np.arange(k, dtype=np.int32))
        uses.append(cost)
        amounts.append(conditions.budget - float(conditions.cost[conditions.forced].sum()))
        # Sites for nothing still have an order by what they add.
        price = np.maximum(cost, 1e-9 * max(float(cost.max(initial=0.0)), 1e-300))
    return packing_of(columns, uses, amounts, k), price


def packing_of(
    columns: list[IntArray], uses: list[FloatArray], amounts: list[float], k: int
) -> Packing:
    """Return resources (whose columns use how much of what amount) by column."""
    resource = np.repeat(np.arange(len(amounts), dtype=np.int32), [len(one) for one in columns])
    column = np.concatenate(columns)
    order = np.argsort(column, kind="stable")
    first = np.zeros(k + 1, dtype=np.int64)
    first[1:] = np.cumsum(np.bincount(column, minlength=k))
    return Packing(first, resource[order], np.concatenate(uses)[order], np.array(amounts))


def broken(conditions: SideConditions, most: int) -> bool:
    """Tell whether the forced sites alone break a condition."""
    forced = conditions.forced
    if len(forced) > most or any(left_of(one, forced) < 0 for one in conditions.at_most):
        return True
    cost, budget = conditions.cost, conditions.budget
    return cost is not None and budget is not None and float(cost[forced].sum()) > budget


def left_of(group: AtMost, forced: IntArray) -> int:
    """Return how many more of a group may be chosen."""
    return group.most - int(np.isin(group.sites, forced).sum())
