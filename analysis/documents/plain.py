"""Values made fit for JSON and tables: no infinity, no surrogate, both languages."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Final

from analysis.messages import LANGUAGES, Spoken

_DECIMALS: Final = 6  # a micrometre; below it lies rounding that differs between processors


def number(value: float) -> float | None:
    """Return `value` with at most six decimals; None where it is nan or infinite."""
    return round(float(value), _DECIMALS) + 0.0 if isfinite(value) else None


def texts(spoken: Spoken) -> dict[str, str]:
    """Return what `spoken` says by language."""
    return {language: plain_text(spoken.text(language)) for language in LANGUAGES}


def plain_text(text: str) -> str:
    """Return `text` without lone surrogates, which no UTF-8 file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def plain(value: object) -> object:
    """Return a document with every text free of lone surrogates, at any depth."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, Mapping):
        return {plain_text(str(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def leaves(value: object) -> Iterator[object]:
    """Yield every value of a document that is neither a mapping nor a list."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value
