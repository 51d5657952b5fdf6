"""The classes whose values are saved: all dataclasses and enumerations of the planner's nouns."""

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from enum import Enum
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

_PACKAGES: Final = ("analysis.places", "analysis.standard")
_MODULES: Final = (
    "analysis.messages", "analysis.notices", "analysis.study", "analysis.walking",
    "analysis.coordinates.check", "analysis.coordinates.fit", "analysis.coordinates.reading",
    "analysis.linking.linkable", "analysis.linking.uncut", "analysis.streets.barriers",
    "analysis.streets.dividers", "analysis.streets.network",
    "analysis.streets.terrain",
)  # fmt: skip


@lru_cache(maxsize=1)
def value_classes() -> Mapping[str, type[Any]]:
    """Return the classes by name.

    Only these are ever built from a file. Two of one name would be a mistake of ours and raise
    ``ValueError``.
    """
    found: dict[str, type[Any]] = {}
    for name in _names():
        for one in vars(import_module(name)).values():
            if not isinstance(one, type) or one.__module__ != name or one.__name__.startswith("_"):
                continue
            if not (is_dataclass(one) or issubclass(one, Enum)):
                continue
            if one.__name__ in found:
                raise ValueError(one.__name__)
            found[one.__name__] = one
    return found


def _names() -> Iterator[str]:
    for package in _PACKAGES:
        for one in iter_modules(import_module(package).__path__):
            yield f"{package}.{one.name}"
    yield from _MODULES
