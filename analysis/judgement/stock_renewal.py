"""Stock renewal: what of the old stock a planner lists has been renewed (老旧小区改造).

The stock is the planner's table or layer, read by the profile's :class:`StockRule`; the map holds
no such list, and without one nothing is assessed. Shares are of households (or metres), never of
objects. What a row does not state is not guessed: rows without their size, or of which nobody can
tell whether they are eligible, are left out and counted as unknown; where only the state of the
works is not known, a verdict is given if both ends of what it can be have the same one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.judgement.coverage_verdict import share_verdict
from analysis.messages import Clauses, Joined, Message, Name, message
from analysis.places.attributes import read
from analysis.places.facilities import Facilities
from analysis.standard.profile import Element
from analysis.standard.rules import Attribute, AttributeKind, ScaleRule, StockRule, Target
from analysis.standard.verdicts import Dimension, DimensionVerdict, Figure, Verdict
from analysis.units import BoolArray, FloatArray, IntArray, freeze

_ROUNDING: Final = 1e-9
# What tables write of works; in this order, since 未完成 holds 完成 too.
_STATES: Final = {
    "未": "no", "待": "no", "在建": "no", "施工": "no", "正在": "no", "计划": "no", "拟": "no",
    "not ": "no", "planned": "no", "ongoing": "no", "已": "yes", "完工": "yes", "竣工": "yes",
    "完成": "yes", "renewed": "yes", "completed": "yes", "done": "yes",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stock:
    """The listed objects of one element.

    Attributes
    ----------
    rows
        Rows of :class:`~analysis.places.facilities.Facilities`, int32 [r], ascending.
    amount
        Households or metres, float64 [r]; nan where not stated.
    eligible, done
        1, 0, or nan where nobody can tell, float64 [r].
    is_list
        Whether every row counts as eligible because the table states neither year nor list.
    """

    rows: IntArray
    amount: FloatArray
    eligible: FloatArray
    done: FloatArray
    is_list: bool

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (self.rows, self.amount, self.eligible, self.done):
            freeze(array)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """How far the stock of one scope has come.

    `objects` that are or may be eligible, `known` of them with size and eligibility, `finished` of
    those; `whole`, `done` and `open` (state not known) in the unit of the stock.
    """

    objects: int
    known: int
    finished: int
    whole: float
    done: float
    open: float

    @property
    def low(self) -> float:
        """Return the least share that can be done, 0…1; nan where nothing is eligible."""
        return self.done / self.whole if self.whole > 0 else float("nan")

    @property
    def high(self) -> float:
        """Return the largest share that can be done, 0…1; nan where nothing is eligible."""
        return (self.done + self.open) / self.whole if self.whole > 0 else float("nan")


def read_stock(rule: StockRule, facilities: Facilities, rows: IntArray) -> Stock:
    """Return what the rows of a planner's list state; what was pulled down is no stock.

    An object is eligible where a list says so, or it was built before `built_before`; where no row
    states either, the table itself is the list. Works are done where `done` says so, or, where it
    is silent, where `done_year` holds a year.
    """
    rows = np.array([row for row in rows.tolist() if facilities.status[row] != "closed"], np.int32)

    def column(names: tuple[str, ...], kind: AttributeKind) -> FloatArray:
        words = _STATES if kind == "yes_no" else {}
        asked = Attribute(
            id="stock", name=Name(zh="", en=""), kind=kind, unit="count", columns=names, words=words
        )
        return read(asked, facilities, rows).value

    done, year = column(rule.done, "yes_no"), column(rule.done_year, "number")
    done = np.where(np.isnan(done) & (year > 0), 1.0, done)
    eligible, is_list = np.ones(len(rows)), False
    if rule.built_before is not None:
        listed, built = column(rule.listed, "yes_no"), column(rule.built_year, "number")
        is_list = bool(np.isnan(listed).all() and np.isnan(built).all())
        if not is_list:
            by_year = np.where(np.isnan(built), np.nan, built < rule.built_before.value)
            eligible = np.where(listed >= 1.0, 1.0, np.where(np.isnan(by_year), listed, by_year))
    return Stock(
        rows=rows,
        amount=column(rule.amount, "number"),
        eligible=eligible,
        done=np.where(np.isnan(done), np.nan, done >= 1.0),
        is_list=is_list,
    )


def renewed(stock: Stock, here: BoolArray, done: FloatArray | None = None) -> Renewed:
    """Sum the stock of a scope, the objects `here`, bool [r].

    `done` float64 [r] stands for the stock's own where something else is asked of each object.
    """
    state = stock.done if done is None else done
    may = here & ~(stock.eligible == 0)
    known = may & np.isfinite(stock.amount) & np.isfinite(stock.eligible)
    amount = np.where(known, stock.amount, 0.0)
    return Renewed(
        objects=int(np.count_nonzero(may)),
        known=int(np.count_nonzero(known)),
        finished=int(np.count_nonzero(known & (state == 1))),
        whole=float(amount.sum()),
        done=float(amount[state == 1].sum()),
        open=float(amount[np.isnan(state)].sum()),
    )


def judge_stock_scale(
    element: Element, rule: ScaleRule, stock: Stock, found: Renewed, min_known: float
) -> DimensionVerdict:
    """Judge how much of the eligible stock has been renewed: met at the norm, short far below."""

    def verdict(share: float) -> Verdict:
        ratio = share / rule.norm.value if rule.norm.value > 0 else 1.0
        if ratio >= 1.0 - _ROUNDING:
            return "met"
        return "weak" if ratio >= rule.short_share - _ROUNDING else "short"

    target = Target(
        op="ge", low=rule.norm.value, source=rule.norm.source, confidence=rule.norm.confidence
    )
    unit = message(f"unit.{rule.unit}")
    return judge_bounds(
        "scale", element, found, target, verdict,
        min_known=min_known,
        said=[
            message(
                "stock.scale",
                done=found.done, whole=found.whole, unit=unit, share=found.low, target=target.low,
            ),
            *notes(stock, found),
        ],
        brief=message("stock.brief.scale", done=found.done, whole=found.whole, unit=unit),
    )  # fmt: skip


def judge_stock_coverage(
    element: Element, stock: Stock, found: Renewed, min_known: float
) -> DimensionVerdict:
    """Judge the share of the eligible stock whose works are completed, as coverage."""
    wanted = element.coverage.target.value
    return judge_bounds(
        "coverage", element, found, coverage_target(element),
        lambda share: share_verdict(share, element.coverage),
        min_known=min_known,
        said=[
            message(
                "stock.coverage",
                share=found.low, target=wanted, objects=found.known, finished=found.finished,
            ),
            *notes(stock, found),
        ],
        brief=message("stock.brief.coverage", share=found.low, target=wanted),
    )  # fmt: skip


def judge_bounds(
    dimension: Dimension,
    element: Element,
    found: Renewed,
    target: Target,
    verdict: Callable[[float], Verdict],
    *,
    min_known: float,
    said: list[Message],
    brief: Message,
    columns: tuple[str, ...] | None = None,
    estimated: bool = False,
) -> DimensionVerdict:
    """Give a share its verdict where enough rows state enough and both of its ends agree.

    `columns` name what would settle it; None takes those of the element's stock.
    """
    asked = Joined(stock_columns(element) if columns is None else columns)
    unit = message(f"unit.{element.scale.unit}" if element.scale is not None else "unit.facility")
    why_not: Message | None = None
    if found.objects == 0:
        why_not = message("stock.none_here", element=element.name)
    elif found.known < min_known * found.objects or found.whole <= 0:
        why_not = message(
            "stock.too_few",
            objects=found.objects, known=found.known, element=element.name, least=min_known,
            columns=asked,
        )  # fmt: skip
    elif verdict(found.low) != verdict(found.high):
        why_not = message(
            "stock.between",
            element=element.name, low=found.low, high=found.high, open=found.open, unit=unit,
            columns=asked,
        )  # fmt: skip
    given: Verdict = "not_assessed" if why_not is not None else verdict(found.low)
    figure = Figure(
        metric="scale" if dimension == "scale" else "renewed_share",
        value=found.low,
        unit="share",
        target=target,
        verdict=given,
        known_share=found.known / found.objects if found.objects else 0.0,
        basis=message(
            "stock.basis", objects=found.objects, known=found.known, whole=found.whole, unit=unit
        ),
        source=target.source,
        confidence=target.confidence,
        estimated=estimated,
        why_not=why_not,
    )
    if why_not is not None:
        return DimensionVerdict(
            dimension=dimension, verdict="not_assessed", reason=why_not, figures=(figure,)
        )
    return DimensionVerdict(
        dimension=dimension,
        verdict=given,
        reason=message("verdict.reason", parts=Clauses(tuple(said))),
        figures=(figure,),
        brief=brief,
    )


def no_stock(dimension: Dimension, element: Element) -> DimensionVerdict:
    """Return *not assessed* for an element of which no list was given."""
    by_stock = element.stock is not None and dimension in ("scale", "coverage")
    asked = () if by_stock else element.needs_columns.get(dimension, ())
    columns = Joined(asked or stock_columns(element))
    return DimensionVerdict(
        dimension=dimension,
        verdict="not_assessed",
        reason=message("stock.no_table", element=element.name, columns=columns),
    )


def coverage_target(element: Element) -> Target:
    """Return the target of an element's coverage as one that figures are held against."""
    wanted = element.coverage.target
    return Target(op="ge", low=wanted.value, source=wanted.source, confidence=wanted.confidence)


def stock_columns(element: Element) -> tuple[str, ...]:
    """Return the columns that an element's stock is read from."""
    if element.stock is not None:
        return element.stock.columns
    return tuple(one for one in element.planner_columns if one not in ("id", "name", "status"))


def notes(stock: Stock, found: Renewed) -> list[Message]:
    """Return what a reader has to know beside a figure of the stock."""
    said = [message("stock.table_is_list")] if stock.is_list else []
    if found.known < found.objects:
        said.append(message("stock.partly", objects=found.objects, known=found.known))
    return said
