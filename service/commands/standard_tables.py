"""Tables of ``living-circle standard show``: the elements, and those that can be switched on."""

from typing import TYPE_CHECKING, Final

from analysis.messages import Joined, Language, Message, Name, Spoken, message
from analysis.standard.field_codes import code_word
from analysis.standard.profile import Element
from analysis.standard.rules import ScaleRule

if TYPE_CHECKING:  # slow to import
    from rich.table import Table

_REACH: Final = ("cli.element", "cli.element_id", "cli.threshold", "cli.target", "cli.basis",
                 "cli.confidence")  # fmt: skip
_NORMS: Final = ("cli.element", "cli.norm", "cli.confidence", "cli.metrics")


def reach_table(elements: tuple[Element, ...], language: Language) -> "Table":
    """Return one line for each element: how far one may be, and for whom."""
    table = heading_table(_REACH, language)
    for element in elements:
        target = element.coverage.target
        table.add_row(
            element.name.text(language),
            element.id,
            f"{element.threshold_m:,.0f}" if element.is_walked else "-",
            f"{target.value:.0%}" if element.is_walked else "-",
            Joined(tuple(coded("basis", one) for one in element.coverage.basis)).text(language),
            coded("confidence", target.confidence).text(language),
        )
    return table


def norm_table(elements: tuple[Element, ...], language: Language) -> "Table":
    """Return one line for each element: how much is enough, and how many metrics it has."""
    table = heading_table(_NORMS, language)
    for element in elements:
        scale = element.scale
        table.add_row(
            element.name.text(language),
            "-" if scale is None else norm_text(scale).text(language),
            "-" if scale is None else coded("confidence", scale.norm.confidence).text(language),
            f"{len(element.efficiency)} + {len(element.quality)}",
        )
    return table


def coded(field: str, code: str) -> Spoken:
    """Return a code of `field` in words; one that has none stands as it is."""
    return code_word((field,), code, {}) or Name(code, code)


def heading_table(heads: tuple[str, ...], language: Language) -> "Table":
    """Return an empty table whose columns are headed by these phrases."""
    from rich import box  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415 - slow to import

    table = Table(box=box.SIMPLE, pad_edge=False)
    for key in heads:
        table.add_column(message(key).text(language), overflow="fold")
    return table


def norm_text(rule: ScaleRule) -> Message:
    """Return a norm in words, such as *75 seats per 1,000 residents*."""
    if rule.basis in ("eligible_households", "lane_length"):
        return message("cli.norm.share", share=rule.norm.value)
    upper = "" if rule.upper is None else f"–{rule.upper:g}"
    return message(
        "cli.norm.per",
        norm=f"{rule.norm.value:g}{upper}",
        unit=message(f"unit.{rule.unit}"),
        per=f"{rule.per:,g}",
        basis=message(f"basis.{rule.basis}"),
    )
