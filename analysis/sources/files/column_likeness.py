"""Columns that are not called what they should be, but almost: a guess, and told as one.

Only where one column alone is like one wanted name is it taken; a guess that could be two is none.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from rapidfuzz.distance import Indel

LIKE_SHARE: Final = 0.85  # of the letters of both words, in order
_SHORTEST_WORD: Final = 5
_SHORTEST_CHINESE: Final = 2
_LONGEST_LEAD: Final = 4
_FIRST_CJK: Final = "\u2e80"
_BRACKETED: Final = re.compile(r"[(\[].*?[)\]]")
_JOINTS: Final = re.compile(r"[\s_\-./]+")
_CUT_CHINESE: Final = (3, 5)  # letters that ten bytes of a shapefile hold, UTF-8 and GBK
_CUT_LATIN: Final = 10
_DIGITS: Final = re.compile(r"\d+")
# What turns a word into another meaning: planned seats are no seats, a contact's name no name.
_ANOTHER_MEANING: Final = re.compile(
    "规划|拟|原|新增|缺|需求|目标|标准|负责|联系|上级|主管|建设单位|施工|周边|最近|所在|所属|街道|社区"
)


def most_alike(
    columns: Mapping[str, Sequence[str]],
    wanted: Mapping[str, Sequence[str]],
    measures: Collection[str] = (),
) -> dict[str, str]:
    """Return canonical name → the column that alone is like it.

    Parameters
    ----------
    columns
        The file's column → its spellings, plain.
    wanted
        Canonical name → its synonyms, plain.
    measures
        Canonical names of numbers: brackets behind them hold a unit, so they are never left off.

    Notes
    -----
    A Chinese column is like a synonym that it ends with after at most four more characters
    (学校名称 → 名称) or that it is without its brackets; one in Latin letters when 85 % of the
    letters agree in order, its numbers are the same and it has at least five letters.
    """
    best: dict[str, list[tuple[float, str]]] = {}
    for column, spellings in columns.items():
        scored = sorted(
            (
                (
                    max(
                        _likeness(one if name in measures else _BRACKETED.sub("", one), word)
                        for one in spellings
                        for word in (name, *words)
                    ),
                    name,
                )
                for name, words in wanted.items()
            ),
            reverse=True,
        )
        if not scored or scored[0][0] <= 0:
            continue
        if len(scored) > 1 and scored[1][0] == scored[0][0]:
            continue  # as like one meaning as another
        best.setdefault(scored[0][1], []).append((scored[0][0], column))
    return {name: found[0][1] for name, found in best.items() if len(found) == 1}


def _likeness(column: str, word: str) -> float:  # noqa: PLR0911 - one return for each rule
    """Return how alike a column and a synonym are, 0 for not at all; longer synonyms score more."""
    short = _JOINTS.sub("", column)
    wanted = _JOINTS.sub("", word)
    if _is_cut(column, word):
        return float(len(short))
    if wanted[:1] >= _FIRST_CJK:
        lead = short.removesuffix(wanted)
        if len(wanted) < _SHORTEST_CHINESE or lead == short or len(lead) > _LONGEST_LEAD:
            return 0.0
        return 0.0 if _ANOTHER_MEANING.search(lead) else float(len(wanted))
    if short == wanted:
        return 1.0
    if min(len(short), len(wanted)) < _SHORTEST_WORD or short[:1] != wanted[:1]:
        return 0.0
    if _DIGITS.findall(short) != _DIGITS.findall(wanted):
        return 0.0
    share = Indel.normalized_similarity(short, wanted)
    return share if share >= LIKE_SHARE else 0.0


def _is_cut(column: str, word: str) -> bool:
    """Return whether a column is the beginning of a word, cut as shapefiles cut names."""
    cut = _CUT_CHINESE if word[:1] >= _FIRST_CJK else (_CUT_LATIN,)
    return len(column) in cut and len(word) > len(column) and word.startswith(column)
