"""Problem: one thing that is wrong with a standard's plain document, and how to look at one safely.

Checks run on documents that may be broken anywhere: these helpers return something empty where a
value has the wrong type, which the schema reports.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analysis.messages import Message

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem at `path`, with the offending value and what to do."""

    path: Path
    reason: Message
    remedy: Message
    value: str = ""


def mapping_of(value: object) -> dict[str, Any]:
    """Return `value`, or an empty mapping where it is none."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """Return `value`, or an empty list where it is none."""
    return value if isinstance(value, list) else []


def texts_of(value: object) -> list[str]:
    """Return the texts in the list `value`."""
    return [one for one in list_of(value) if isinstance(one, str)]


def rows_of(parent: object, key: str) -> list[dict[str, Any]]:
    """Return the entries of the list at `key`; an empty mapping for each that is none."""
    return [mapping_of(one) for one in list_of(mapping_of(parent).get(key))]


def is_number(value: object) -> bool:
    """Return whether `value` is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def all_elements(document: object) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the elements and the optional ones, each with its path."""
    for key in ("elements", "optional_extensions"):
        for row, fields in enumerate(rows_of(document, key)):
            yield (key, row), fields
