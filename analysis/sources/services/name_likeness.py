"""How alike two names of facilities are: 1 for the same, numbers and part names looked at."""

import re
from typing import Final

from rapidfuzz.distance import Indel

_DIGITS: Final = re.compile(r"\d+|[一二三四五六七八九十百零〇两]+")
_DIGIT_OF: Final = {"〇": 0, "零": 0, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5,
                    "六": 6, "七": 7, "八": 8, "九": 9}  # fmt: skip
_TENS: Final = {"十": 10, "百": 100}
OTHER_NUMBER: Final = 0.5  # the most that names which differ in a number can reach


def similarity(one: str, other: str) -> float:
    """Return how alike two normalised names are, 0…1; nan where one is empty.

    The share of characters that agree in order (Indel, ``2·lcs / (a + b)``). The First and the
    Second Primary School differ in one character of many, so names whose numbers differ
    never come above 0.5; 第三 and 第3 are the same.
    """
    if not one or not other:
        return float("nan")
    share = float(Indel.normalized_similarity(_arabic(one), _arabic(other)))
    return min(share, OTHER_NUMBER) if numbers_differ(one, other) else share


def numbers_differ(one: str, other: str) -> bool:
    """Return whether the numbers in two names are not the same."""
    return _numbers(one) != _numbers(other)


def _numbers(name: str) -> list[int]:
    return [_value(part) for part in _DIGITS.findall(name)]


def _arabic(name: str) -> str:
    """Return `name` with its Chinese numbers in digits."""
    return _DIGITS.sub(lambda found: str(_value(found.group())), name)


def _value(part: str) -> int:
    return int(part) if part.isdecimal() else _chinese(part)


def _chinese(part: str) -> int:
    """Return 十二 as 12 and 一二 as 12."""
    if not any(one in _TENS for one in part):
        return int("".join(str(_DIGIT_OF[one]) for one in part))
    total, digit = 0, 0
    for one in part:
        if one in _TENS:
            total += (digit or 1) * _TENS[one]
            digit = 0
        else:
            digit = _DIGIT_OF[one]
    return total + digit
