"""Quality (品质性): what is known of the facilities themselves, held against the standard.

Judged are the facilities inside the circle that count; where there is none, those outside that its
residents reach. A figure is judged where enough of them are known, and also where nothing that is
unknown could change the verdict; otherwise it is shown without one. The map's silence is never
taken for *no*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.judgement.judged import Judged, Surroundings
from analysis.judgement.quality_measures import OF_ATTRIBUTES, OPEN_END, bounded_figure
from analysis.messages import Joined, Message, message
from analysis.places.attributes import AttributeValues
from analysis.places.facilities import Entrance
from analysis.standard.figures import Answer, Known, Unknown, figure_of, target_text, written
from analysis.standard.rules import Metric, MetricRule, Target
from analysis.standard.verdicts import DimensionVerdict, Figure, Verdict
from analysis.units import BoolArray, FloatArray

MIN_KNOWN_SHARE: Final = 0.5  # with less, the unknown facilities outweigh those that are known
_ROUNDING: Final = 1e-9


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
        if metric.measure == "reported" and metric.attribute is None:
            return message("quality.needs_plan", name=metric.name)
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
        value, low, high = bounded_figure(metric, read_, rows, is_known)
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
        return self._known(rule, float(number[is_known].mean()), OPEN_END, is_known)

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
