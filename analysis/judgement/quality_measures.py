"""Measures of facilities' attributes: a figure, and the least and the most that it can be.

Some facilities are unknown; what they could make of a figure is said beside it, so that a verdict
can be given where nothing unknown could change it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from analysis.places.attributes import AttributeValues
from analysis.standard.rules import Measure, Metric
from analysis.units import BoolArray, FloatArray, IntArray

# What is read from the facilities' own attributes; all else comes from their surroundings.
OF_ATTRIBUTES: Final[frozenset[Measure]] = frozenset(
    ("share", "mean", "least", "greatest", "sum", "ratio", "per_demand", "reported")
)
OPEN_END: Final = (float("-inf"), float("inf"))

Bounded = tuple[float, float, float]  # the figure, and the least and most it can be


def bounded_figure(
    metric: Metric, values: Sequence[AttributeValues], rows: IntArray, is_known: BoolArray
) -> Bounded:
    """Return what `metric` makes of its attributes at `rows`, where at least one is known.

    `values` are what it asks, the dividing one second (``ratio``); `is_known` bool [r]: whether all
    of them are known of a row. The figure is nan where a ratio divides by nothing.
    """
    if metric.measure == "ratio":
        return _ratio(*(one.at(rows)[is_known] for one in values))
    return _MEASURED[metric.measure](metric, values[0], rows, is_known)


def _share(metric: Metric, values: AttributeValues, rows: IntArray, is_known: BoolArray) -> Bounded:
    value = values.at(rows)[is_known]
    yes = value if metric.at_least is None else (value >= metric.at_least).astype(np.float64)
    yes = np.clip(yes, 0.0, 1.0)
    unknown = len(rows) - len(yes)
    low, high = float(yes.sum()) / len(rows), (float(yes.sum()) + unknown) / len(rows)
    return float(yes.mean()), low, high


def _mean(_: Metric, values: AttributeValues, rows: IntArray, is_known: BoolArray) -> Bounded:
    mean = float(values.at(rows)[is_known].mean())
    return mean, *((mean, mean) if is_known.all() else OPEN_END)


def _least(_: Metric, values: AttributeValues, rows: IntArray, is_known: BoolArray) -> Bounded:
    least = float(values.at(rows)[is_known].min())
    return least, least if is_known.all() else OPEN_END[0], least


def _greatest(_: Metric, values: AttributeValues, rows: IntArray, is_known: BoolArray) -> Bounded:
    greatest = float(values.at(rows)[is_known].max())
    return greatest, greatest, greatest if is_known.all() else OPEN_END[1]


def _sum(_: Metric, values: AttributeValues, rows: IntArray, is_known: BoolArray) -> Bounded:
    """Return the sum; of lists how many different entries there are in all."""
    if values.attribute.kind == "text":
        of_row = dict(zip(values.rows.tolist(), values.entries, strict=True))
        total = float(len(frozenset().union(*(of_row[row] for row in rows.tolist()))))
    else:
        total = float(values.at(rows)[is_known].sum())
    return total, total, total if is_known.all() else OPEN_END[1]


def _ratio(amount: FloatArray, per: FloatArray) -> Bounded:
    total = float(per.sum())
    return float(amount.sum()) / total if total > 0.0 else float("nan"), *OPEN_END


_MEASURED: Final[
    Mapping[Measure, Callable[[Metric, AttributeValues, IntArray, BoolArray], Bounded]]
] = {
    "share": _share, "mean": _mean, "least": _least, "greatest": _greatest, "sum": _sum,
    "reported": _mean,
}  # fmt: skip
