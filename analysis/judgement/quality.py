"""Quality (品质性): what is known of the facilities themselves, held against the standard.

Judged are the facilities inside the circle that count; where there is none, those outside that its
residents reach. A figure is judged where enough of them are known, and also where nothing that is
unknown could change the verdict; otherwise it is shown without one. The map's silence is never
taken for *no*.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from analysis.messages import Joined, Message, message
from analysis.notices import Notice
from analysis.places.attributes import AttributeValues, read, unread_notice
from analysis.places.facilities import Entrance, Facilities
from analysis.standard.figures import Answer, Known, Unknown, figure_of, target_text, written
from analysis.standard.profile import Element
from analysis.standard.rules import Attribute, Basis, Measure, Metric, MetricRule, Target
from analysis.standard.verdicts import DimensionVerdict, Figure, Verdict
from analysis.units import BoolArray, FloatArray, IntArray

MIN_KNOWN_SHARE: Final = 0.5  # with less, the unknown facilities outweigh those that are known
# What is read from the facilities' own attributes; all else comes from their surroundings.
OF_ATTRIBUTES: Final[frozenset[Measure]] = frozenset(
    ("share", "mean", "least", "greatest", "sum", "ratio", "per_demand", "reported")
)
_ROUNDING: Final = 1e-9
_OPEN_END: Final = (float("-inf"), float("inf"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a circle's quality needs besides its facilities' own attributes.

    Attributes
    ----------
    measured
        By metric id: ``choice``, ``near_element``, ``slope``, ``crossing``, ``tiers`` and all else
        that is worked out from walks.
    demand
        What the circle holds of each basis, for ``per_demand``; without a basis that nobody knows.
    demand_estimated
        The bases of `demand` that rest on defaults.
    """

    measured: Mapping[str, Answer] = field(default_factory=dict)
    demand: Mapping[Basis, float] = field(default_factory=dict)
    demand_estimated: frozenset[Basis] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """The facilities that a circle's quality is judged by: `rows` int32 [r], ascending.

    `inside` is False where the circle has none and its residents go to facilities outside.
    """

    facilities: Facilities
    rows: IntArray
    inside: bool


def judged_facilities(facilities: Facilities, inside: IntArray, in_reach: IntArray) -> Judged:
    """Return those that count inside a circle, else those outside that its residents reach.

    `inside` and `in_reach` are rows of one element that count, int32 in any order.
    """
    rows = np.unique(inside if len(inside) else in_reach).astype(np.int32)
    return Judged(facilities=facilities, rows=rows, inside=bool(len(inside)))


def read_attributes(
    rules: Iterable[MetricRule],
    attributes: Mapping[str, Attribute],
    facilities: Facilities,
    rows: IntArray,
) -> dict[str, AttributeValues]:
    """Read what `rules` ask of an element's facilities `rows`: once, for all circles."""
    asked = {
        one
        for rule in rules
        for one in (rule.metric.attribute, rule.metric.per_attribute)
        if one is not None
    }
    picked = np.unique(rows).astype(np.int32)
    return {one: read(attributes[one], facilities, picked) for one in sorted(asked & {*attributes})}


def unread_notices(
    elements: Iterable[Element], attributes: Mapping[str, Attribute], facilities: Facilities
) -> tuple[Notice, ...]:
    """Return what stands in the facilities' columns and tags and could not be read."""
    found = (
        unread_notice(values)
        for element in elements
        for values in read_attributes(
            (*element.efficiency, *element.quality), attributes, facilities,
            facilities.of_element(element.id),
        ).values()
    )  # fmt: skip
    return tuple(one for one in found if one is not None)


def judge_quality(
    rules: Sequence[MetricRule],
    *,
    judged: Judged,
    values: Mapping[str, AttributeValues],
    surroundings: Surroundings,
    min_known_share: float = MIN_KNOWN_SHARE,
) -> DimensionVerdict:
    """Judge one element's quality in one circle by its metrics.

    Met where every metric that is assessed reaches its target, weak where one does not, not
    assessed where none can be. `values` hold at least the rows that are judged.
    """
    ask = _Question(judged, values, surroundings, min_known_share)
    figures = tuple(figure_of(rule, ask.answer(rule)) for rule in rules)
    assessed = [
        (rule, figure)
        for rule, figure in zip(rules, figures, strict=True)
        if figure.verdict != "not_assessed"
    ]
    weak = [pair for pair in assessed if pair[1].verdict == "weak"]
    verdict: Verdict = "weak" if weak else "met" if assessed else "not_assessed"
    brief = None
    if assessed:
        parts = Joined(tuple(clause(rule, figure) for rule, figure in weak or assessed))
        reason = message("quality.said", parts=parts, judged=len(assessed), metrics=len(figures))
        brief = message("figures.brief", parts=parts)
    else:
        reason = message("quality.none", why=_why_not(figures))
    return DimensionVerdict(
        dimension="quality", verdict=verdict, reason=reason, figures=figures, brief=brief
    )


def attribute_answer(
    rule: MetricRule,
    *,
    judged: Judged,
    values: Mapping[str, AttributeValues],
    min_known_share: float = MIN_KNOWN_SHARE,
) -> Answer:
    """Return one metric that is read from facilities' attributes, for another dimension."""
    return _Question(judged, values, Surroundings(), min_known_share).answer(rule)


def clause(rule: MetricRule, figure: Figure) -> Message:
    """Return such as *barrier-free facilities 75 % (target ≥ 80 %, 9 of 12 facilities known)*."""
    return message(
        "quality.estimated" if figure.estimated else "quality.plain",
        name=rule.metric.name,
        value=written(figure.value, figure.unit, rule.target),
        target=target_text(rule.target, figure.unit),
        basis=figure.basis,
    )


def _why_not(figures: Sequence[Figure]) -> Message | Joined:
    reasons: list[Message] = []  # each once; messages cannot be hashed
    for one in figures:
        if one.why_not is not None and one.why_not not in reasons:
            reasons.append(one.why_not)
    return Joined(tuple(reasons)) if reasons else message("quality.no_metric")


@dataclass(frozen=True, slots=True)
class _Question:
    """What one circle is asked of one element."""

    judged: Judged
    values: Mapping[str, AttributeValues]
    surroundings: Surroundings
    min_known_share: float

    def answer(self, rule: MetricRule) -> Answer:
        """Return the figure of one metric, or why there is none."""
        metric = rule.metric
        measured = self.surroundings.measured.get(metric.id)
        if measured is not None:
            return measured
        why_not = self._why_not(metric)
        if why_not is not None:
            return Unknown(why_not=why_not)
        return self._entrances(rule) if metric.measure == "entrances" else self._read(rule)

    def _why_not(self, metric: Metric) -> Message | None:
        readable = metric.measure in OF_ATTRIBUTES and metric.attribute is not None
        if not readable and metric.measure != "entrances":
            return message("quality.no_method", name=metric.name)
        if len(self.judged.rows) == 0:
            return message("quality.no_facility")
        if metric.measure in ("sum", "per_demand") and not self.judged.inside:
            return message("quality.none_inside")
        known = all(one in self.values for one in _asked(metric))
        return None if known else message("quality.no_attribute", name=metric.name)

    def _read(self, rule: MetricRule) -> Answer:
        metric, rows = rule.metric, self.judged.rows
        read_ = [self.values[one] for one in _asked(metric)]
        parts = [one.at(rows) for one in read_]
        is_known = np.logical_and.reduce([~np.isnan(part) for part in parts])
        if not is_known.any():
            return Unknown(why_not=_needs(metric, read_, parts))
        defaults = np.logical_or.reduce([one.defaults_at(rows) for one in read_])
        estimated = bool((defaults & is_known).any())
        if metric.measure == "per_demand":
            return self._per_demand(rule, parts[0], estimated=estimated)
        if metric.measure == "ratio":
            value, low, high = _ratio(parts[0][is_known], parts[1][is_known])
        else:
            value, low, high = _MEASURED[metric.measure](metric, read_[0], rows, is_known)
        if np.isnan(value):
            return Unknown(why_not=_needs(metric, read_, parts))
        return self._known(rule, value, (low, high), is_known, estimated=estimated)

    def _per_demand(self, rule: MetricRule, amount: FloatArray, *, estimated: bool) -> Answer:
        """Return how many for every `per` of the demand; the unknown ones can only add to it."""
        metric = rule.metric
        demand = self.surroundings.demand.get(metric.basis, 0.0)
        basis = message(f"basis.{metric.basis}")
        if not demand > 0.0:
            return Unknown(why_not=message("quality.no_demand", basis=basis))
        is_known = ~np.isnan(amount)
        value = float(amount[is_known].sum()) / demand * metric.per
        high = value if is_known.all() else float("inf")
        estimated = estimated or metric.basis in self.surroundings.demand_estimated
        text = message(
            "quality.demand",
            known=int(is_known.sum()), count=len(amount), amount=demand, basis=basis,
        )  # fmt: skip
        return self._known(rule, value, (value, high), is_known, estimated=estimated, basis=text)

    def _entrances(self, rule: MetricRule) -> Answer:
        """Return mapped or stated entrances per facility, of those that have any."""
        facilities, rows = self.judged.facilities, self.judged.rows
        at = facilities.entrance_first
        found = facilities.entrance_kind != Entrance.RING
        sums = np.concatenate([[0], np.cumsum(found)])
        number = (sums[at[rows + 1]] - sums[at[rows]]).astype(np.float64)
        is_known = number > 0
        if not is_known.any():
            return Unknown(
                why_not=message(
                    "quality.needs_columns", name=rule.metric.name, count=len(rows),
                    columns=Joined(("entrance_lon", "entrance_lat")),
                )
            )  # fmt: skip
        return self._known(rule, float(number[is_known].mean()), _OPEN_END, is_known)

    def _known(
        self,
        rule: MetricRule,
        value: float,
        bounds: tuple[float, float],
        is_known: BoolArray,
        *,
        estimated: bool = False,
        basis: Message | None = None,
    ) -> Known:
        """Return a figure, judged where enough is known or the rest could not change it."""
        count, known = len(is_known), int(is_known.sum())
        share = known / count
        settled = share >= self.min_known_share - _ROUNDING or _settled(rule.target, *bounds)
        note = None
        if rule.target.op == "text":
            note = message("quality.person", name=rule.metric.name, text=rule.target.text)
        elif not settled:
            note = message(
                "quality.too_few", name=rule.metric.name, share=share, least=self.min_known_share
            )
        if basis is None:
            where = "quality.facilities" if self.judged.inside else "quality.facilities_outside"
            basis = message(where, known=known, count=count)
        return Known(
            value=value, known_share=share, basis=basis, estimated=estimated, judged=settled,
            note=note,
        )  # fmt: skip


def _asked(metric: Metric) -> tuple[str, ...]:
    return tuple(one for one in (metric.attribute, metric.per_attribute) if one is not None)


def _settled(target: Target, low: float, high: float) -> bool:
    """Return whether every value between `low` and `high` has the same verdict."""
    least, most = target.low - _ROUNDING, target.high + _ROUNDING
    return (least <= low and high <= most) or high < least or low > most


def _needs(
    metric: Metric, values: Sequence[AttributeValues], parts: Sequence[FloatArray]
) -> Message:
    """Name the columns and tags that would settle what is known of no facility."""
    lacking = [
        one.attribute for one, part in zip(values, parts, strict=True) if np.isnan(part).all()
    ] or [one.attribute for one in values]
    columns = tuple(dict.fromkeys(column for one in lacking for column in one.columns))
    tags = tuple(dict.fromkeys(key for one in lacking for key in one.osm))
    form = "either" if columns and tags else "columns" if columns else "tags"
    return message(
        f"quality.needs_{form}",
        name=metric.name, count=len(parts[0]), columns=Joined(columns), tags=Joined(tags),
    )  # fmt: skip


_Bounded = tuple[float, float, float]  # the figure, and the least and most it can be


def _share(
    metric: Metric, values: AttributeValues, rows: IntArray, is_known: BoolArray
) -> _Bounded:
    value = values.at(rows)[is_known]
    yes = value if metric.at_least is None else (value >= metric.at_least).astype(np.float64)
    yes = np.clip(yes, 0.0, 1.0)
    unknown = len(rows) - len(yes)
    low, high = float(yes.sum()) / len(rows), (float(yes.sum()) + unknown) / len(rows)
    return float(yes.mean()), low, high


def _mean(_: Metric, values: AttributeValues, rows: IntArray, is_known: BoolArray) -> _Bounded:
    mean = float(values.at(rows)[is_known].mean())
    return mean, *((mean, mean) if is_known.all() else _OPEN_END)


def _least(_: Metric, values: AttributeValues, rows: IntArray, is_known: BoolArray) -> _Bounded:
    least = float(values.at(rows)[is_known].min())
    return least, least if is_known.all() else _OPEN_END[0], least


def _greatest(_: Metric, values: AttributeValues, rows: IntArray, is_known: BoolArray) -> _Bounded:
    greatest = float(values.at(rows)[is_known].max())
    return greatest, greatest, greatest if is_known.all() else _OPEN_END[1]


def _sum(_: Metric, values: AttributeValues, rows: IntArray, is_known: BoolArray) -> _Bounded:
    """Return the sum; of lists how many different entries there are in all."""
    if values.attribute.kind == "text":
        of_row = dict(zip(values.rows.tolist(), values.entries, strict=True))
        total = float(len(frozenset().union(*(of_row[row] for row in rows.tolist()))))
    else:
        total = float(values.at(rows)[is_known].sum())
    return total, total, total if is_known.all() else _OPEN_END[1]


def _ratio(amount: FloatArray, per: FloatArray) -> _Bounded:
    total = float(per.sum())
    return float(amount.sum()) / total if total > 0.0 else float("nan"), *_OPEN_END


_MEASURED: Final[
    Mapping[Measure, Callable[[Metric, AttributeValues, IntArray, BoolArray], _Bounded]]
] = {
    "share": _share, "mean": _mean, "least": _least, "greatest": _greatest, "sum": _sum,
    "reported": _mean,
}  # fmt: skip
