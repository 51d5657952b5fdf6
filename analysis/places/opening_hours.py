"""Opening hours: what a planner or the map writes, as an ordinary week in numbers.

OpenStreetMap's own syntax is understood by ``opening_hours_py``, which follows the specification.
Chinese and plain forms (周一至周五 8:30-17:30, 全天, 周一闭馆) are put into that syntax first. What
neither understands is *unknown*, never guessed.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import Final, NamedTuple

from opening_hours import OpeningHours, State, validate

_WEEKS: Final = 52
_A_DAY: Final = timedelta(days=1)
_MONDAY: Final = datetime(2025, 1, 6)  # noqa: DTZ001 - wall clock of the place itself
_LONGEST: Final = 300  # characters; a longer text is a story

_SEVEN: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAYS: Final = dict(zip("一二三四五六日1234567天", (*_SEVEN, *_SEVEN, "Su"), strict=True))
_DAY: Final = r"([一二三四五六日天]|[1-7](?![\d:点时]))"
_WEEK: Final = r"(?:周|星期|礼拜)"
_NAMES: Final = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)"
_NOON: Final = 12
_WHOLE_DAY: Final = re.compile(
    r"(?:全天候?|全日|24/7|(?:24|二十四)(?:小时|h|hours?))(?:营业|开放|服务|对外开放)?"
    r"|(?:每天|每日|全年)(?:24小时|全天)(?:营业|开放|服务)?",
    re.IGNORECASE,
)
_PART: Final = r"(?:次日|第二天)?(?:上午|早上|早|凌晨|中午|下午|晚上|晚|夜间)?"
_CLOCK: Final = rf"({_PART})\s*(\d{{1,2}})(?:[:.点时](半|\d{{1,2}})?分?)?"
_SPAN: Final = re.compile(rf"{_CLOCK}\s*-\s*{_CLOCK}(?!\d)")
_AFTERNOON: Final = ("下午", "晚上", "晚", "夜间")
_SEASON: Final = re.compile(r"[夏冬春秋]|寒假|暑假|季|[至\-]\d{1,2}月|预约")
_AFTERTHOUGHT: Final = re.compile(rf"^([\d:,\-]+); ({_NAMES}(?:[,-]{_NAMES})*)$")
_Made = str | Callable[[re.Match[str]], str]


class _Rewrite(NamedTuple):
    pattern: re.Pattern[str]
    made: _Made


def _rewrites(*pairs: tuple[str, _Made]) -> tuple[_Rewrite, ...]:
    return tuple(_Rewrite(re.compile(pattern), made) for pattern, made in pairs)


def _two_days(found: re.Match[str]) -> str:
    return f"{_DAYS[found[1]]}-{_DAYS[found[2]]}"


# Words of a Chinese text, one after the other, into the syntax of OpenStreetMap.
_CHINESE: Final = _rewrites(
    (r"(?:营业|开放|服务|办公|对外|开馆|上班)?(?:时间|时段)(?:为|:)?", ""),
    (r"[()【】]", ";"),
    (r"每(?=[周星礼])", ""),
    (r"(?:到|至|~|～)", "-"),
    (r"[、和及与]", ","),
    (r"[。\n]", ";"),
    (r"(?:法定)?节?假日(?:除外|休息|休|闭馆|不开放|关闭)", ";PH off;"),
    (r"(?:法定)?节假日", "PH"),
    (rf"{_WEEK}{_DAY}\s*-\s*{_WEEK}?{_DAY}", _two_days),
    (rf"{_WEEK}六,?[日天]|周末|双休日", "Sa,Su"),
    (rf"{_WEEK}{_DAY}", lambda found: _DAYS[found[1]]),
    (r"工作日|平日", "Mo-Fr"),
    (r"每天|每日|天天|全周|全年(?:无休)?|无休", "Mo-Su"),
    (r"(?:全天|全日)?(?:休息|关闭|闭馆|闭园|不开放|停业|歇业|不营业|休馆|休)", " off"),
    (r"24小时|全天", "00:00-24:00"),
    (r"(?:营业|开放|开馆|开园|除外|均|:(?=\s*[A-Z]))", ""),
)  # fmt: skip
# What is often written in either language and not quite the specification's.
_MENDING: Final = _rewrites(
    (r"\s*[–—―−‐‑]\s*", "-"),
    (r"(?<=\d)\s*&\s*(?=\d)|(?<=:\d\d)\s*/\s*(?=\d{1,2}:\d\d\s*-)", ","),
    (r"(?<=\d)\s+(?=\d{1,2}:)", ","),
    (rf"(?<=\d|f)\s*[,;]?\s*(?={_NAMES}\b)(?<!\w)", "; "),
    (rf"({_NAMES})\s*:\s*(?=\d)", r"\1 "),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWeek:
    """An ordinary week, without public holidays; the mean over a year where seasons differ.

    `hours` open a week, 0…168; `days` a week on which it opens, 0…7 (a night that lasts past
    midnight is one day); `opens_at` and `closes_at`, the earliest opening and the latest closing of
    any day of the week, hours since midnight (02:00 of the next day is 26).
    """

    hours: float
    days: float
    opens_at: float
    closes_at: float


@lru_cache(maxsize=4096)
def open_week(text: str) -> OpenWeek | None:
    """Return the ordinary week that `text` states; None where it is not understood.

    Sunrise and sunset stand at 07:00 and 19:00. Hours *on request* are not open hours; a text that
    states no others is not understood.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain or len(plain) > _LONGEST:
        return None
    written = next(filter(validate, _readings(plain)), None)
    if written is None:
        return None
    return _ordinary(
        OpeningHours(written, auto_country=False, auto_timezone=False, max_interval_days=366)
    )


def _readings(plain: str) -> list[str]:
    """Return the forms in which a text may be read, the one as it stands first."""
    if _WHOLE_DAY.fullmatch(plain):
        return ["24/7"]
    if not re.search(r"[\u3400-\u9fff]", plain):
        return [plain, _rewritten(plain, _MENDING)]
    if _SEASON.search(plain):
        return []
    chinese = _rewritten(plain, _CHINESE)
    chinese = _SPAN.sub(_span, chinese)
    mended = _rewritten(_separated(chinese), _MENDING)
    mended = re.sub(r"[;\s]*;[;\s]*", "; ", mended).strip("; ,")
    mended = _AFTERTHOUGHT.sub(r"\2 \1", mended)
    told = all(re.search(r"\d|off", rule) for rule in mended.split(";"))
    return [mended] if told and not re.search(r"[\u3400-\u9fff]", mended) else []


def _rewritten(text: str, rewrites: tuple[_Rewrite, ...]) -> str:
    for pattern, made in rewrites:
        text = pattern.sub(made, text)
    return text


def _separated(text: str) -> str:
    """Begin a new rule with each day that follows on a time or on *off*."""
    text = re.sub(rf"(\d|off)\s*[,;]?\s*(?={_NAMES}(?![a-z]))", r"\1; ", text)
    return re.sub(rf"({_NAMES}(?![a-z]))\s*(?=\d|off)", r"\1 ", text)


def _span(found: re.Match[str]) -> str:
    first, second = _clock(found[1], found[2], found[3]), _clock(found[4], found[5], found[6])
    if not found[4] and found[1].endswith(_AFTERNOON) and second < first and second < _NOON * 60:
        second += _NOON * 60
    return "{:02d}:{:02d}-{:02d}:{:02d}".format(*divmod(first, 60), *divmod(second, 60))


def _clock(part: str, hour: str, minute: str | None) -> int:
    """Return minutes since midnight."""
    hours = int(hour)
    if part.endswith(_AFTERNOON) and hours < _NOON:
        hours += _NOON
    return hours * 60 + (30 if minute == "半" else int(minute or 0))


def _ordinary(hours: OpeningHours) -> OpenWeek | None:
    """Return the mean week of a year of 52; None where it never opens."""
    weeks: list[list[_Stretch]] = [[] for _ in range(_WEEKS)]
    for one in _stretches(hours):
        if 0 <= one.day < 7 * _WEEKS:
            weeks[one.day // 7].append(one)
    opened = [week for week in weeks if week]
    if not opened:
        return None
    return OpenWeek(
        hours=sum(one.end_h - one.start_h for week in opened for one in week) / _WEEKS,
        days=len({one.day for week in opened for one in week}) / _WEEKS,
        opens_at=median(min(one.start_h for one in week) for week in opened),
        closes_at=median(max(one.end_h for one in week) for week in opened),
    )


class _Stretch(NamedTuple):
    """Open hours that begin on one day, counted since its midnight."""

    day: int
    start_h: float
    end_h: float


def _stretches(hours: OpeningHours) -> Iterator[_Stretch]:
    """Yield what is open; a day or more on end is cut at midnight, and counts on each day."""
    year = (_MONDAY - _A_DAY, _MONDAY + timedelta(weeks=_WEEKS) + _A_DAY)
    for start, end, state, comment in hours.intervals(*year):
        told = not comment or end - start < _A_DAY  # a comment alone stands for *on request*
        if state is not State.OPEN or not told:
            continue
        begun = start
        while begun < end:
            day = (begun - _MONDAY).days
            midnight = _MONDAY + day * _A_DAY
            until = end if end - begun < _A_DAY else midnight + _A_DAY
            yield _Stretch(day, _hours(begun - midnight), _hours(until - midnight))
            begun = until


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600.0
