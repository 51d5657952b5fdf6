"""The words of a standard's codes: *memory* is 待核, *population* residents, an id its name."""

import re
from collections.abc import Mapping
from typing import Final

from analysis.messages import Name, Spoken, message, phrase_table
from analysis.standard.checkable_layers import ELEMENT_LAYER

_CODES: Final = "standard.code."
_MINUTES: Final = re.compile(r"(\d+)(?:-(\d+))?min")
# Which phrases hold the words of a field's codes; of other fields those below ``standard.code``.
_HOLDERS: Final[Mapping[str, str]] = {
    "confidence": "confidence.",
    "acceptable_confidence": "confidence.",
    "walker": "cli.walker.",
    "group": "cli.walker.",
    "expected_completeness_cn": "completeness.",
    "untold_completeness": "completeness.",
    "gap_type": "gap.kind.",
    "layer": "siting.layer.",
    "demand_basis": f"{_CODES}basis.",
}
# Fields that name elements, metrics or attributes by id.
_NAMING: Final = (
    "elements", "element", "metric", "metrics", "attribute", "attributes", "per_attribute",
    "substitutes", "compatible_with", "incompatible_with", "not_inside",
)  # fmt: skip
_OF_VALUES: Final = ("walker", "provision")  # whose ``value`` is a code itself


def code_word(path: tuple[str, ...], code: str, names: Mapping[str, Name]) -> Spoken | None:
    """Return `code`, the value of the field at `path`, in words; None where it has none.

    `names` are those of elements, metrics and attributes by id.
    """
    field = _field(path)
    if field in _NAMING:
        return names.get(code)
    if field == "path_works":
        return names.get(f"path_costs.{code}")
    if field == "layer" and code.startswith(ELEMENT_LAYER):
        name = code.removeprefix(ELEMENT_LAYER)
        return message("siting.layer.element", name=names.get(name, name))
    if field == "tier" and (minutes := minutes_word(code)):
        return minutes
    for holder in (_HOLDERS.get(field, f"{_CODES}{field}."), "cost.per." if field == "per" else ""):
        if holder and holder + code in phrase_table():
            return message(holder + code)
    return None


def minutes_word(code: str) -> Spoken | None:
    """Return ``5-10min`` in words; None where it is no such level."""
    fits = _MINUTES.fullmatch(code)
    if fits is None:
        return None
    return message(f"{_CODES}minutes", minutes="–".join(one for one in fits.groups() if one))


def _field(path: tuple[str, ...]) -> str:
    """Return the field that says what the code is, past keys that only hold it."""
    if path[-1:] == ("value",) and path[-2:-1] and path[-2] in _OF_VALUES:
        return path[-2]
    return path[-1] if path else ""
