"""The words of codes on sheets: machine files say ``memory``, people read 待核 / from memory."""

from collections.abc import Mapping
from typing import Final

from analysis.documents.plain import texts
from analysis.messages import message, phrase_table

# Which phrases hold the words of a column's codes; the code is the last part of the key.
WORDS: Final[Mapping[str, str]] = {
    "dimension": "dimension",
    "confidence": "confidence",
    "target_confidence": "confidence",
    "cost_confidence": "confidence",
    "expected": "completeness",
    "origin": "map.origin",
    "status": "map.status",
    "deciding_basis": "counted_by",
    "decides": "decides",
}


def words_of(column: str, code: str) -> str:
    """Return a column's code in both languages; a code without words stands as it is."""
    return spoken(f"{WORDS[column]}.{code}", code)


def spoken(key: str, code: str) -> str:
    """Return a phrase in both languages, once where they agree; `code` where there is no phrase."""
    if key not in phrase_table():
        return code
    both = texts(message(key))
    return both["zh"] if both["zh"] == both["en"] else f"{both['zh']} {both['en']}"
