"""Opening hours: weeks worked out by hand."""

import pytest

from analysis.places.opening_hours import open_week

# text, hours a week, days a week, earliest opening, latest closing
WEEKS = [
    ("24/7", 168, 7, 0, 24),
    ("Mo-Fr 08:00-12:00,14:00-18:00; Sa 09:00-12:00; PH off", 43, 6, 8, 18),
    ("10:30-19:00; Su 12:00-19:00", 58, 7, 10.5, 19),
    ("We-Su 23:30-05:30", 30, 5, 23.5, 29.5),
    ("Fr 22:00-02:00", 4, 1, 22, 26),
    ("Mo-Sa 07:00-24:00; Mo off", 85, 5, 7, 24),
    ("Mo-Th 06:30-14:00,Fr-Sa 06:30-15:00", 47, 6, 6.5, 15),
    ("Mo-Sa 09:00–12:30,14:00–19:00", 51, 6, 9, 19),
    ("Mo-Fr 08:00-13:00 15:00-18:00", 40, 5, 8, 18),
    ('08:00-18:00; Sa,Su "On request"', 50, 5, 8, 18),
    ('Mo-Fr 08:00-18:00 "ring the bell"', 50, 5, 8, 18),
    ("sunrise-sunset", 84, 7, 7, 19),
    ("8:00-18:00", 70, 7, 8, 18),
    ("８：００－１８：００", 70, 7, 8, 18),
    ("8:00-11:30/14:00-17:30", 49, 7, 8, 17.5),
    ("周一至周五 8:30-17:30", 45, 5, 8.5, 17.5),
    ("周一至五8:30-17:30", 45, 5, 8.5, 17.5),
    ("8:30—17:30（周一至周五）", 45, 5, 8.5, 17.5),
    ("星期一到星期日08:00~21:30", 94.5, 7, 8, 21.5),
    ("周一至周五 8:30-12:00，14:00-17:30；周六 9:00-12:00", 38, 6, 8.5, 17.5),
    ("周一、周三、周五 9:00-11:00", 6, 3, 9, 11),
    ("9:00-17:00，周一闭馆", 48, 6, 9, 17),
    ("周一闭馆，周二至周日9:00-17:00", 48, 6, 9, 17),
    ("工作日 9:00-17:00，周末休息", 40, 5, 9, 17),
    ("每天 上午8:30-11:30 下午2:00-5:30", 45.5, 7, 8.5, 17.5),
    ("上午8点半至下午5点", 59.5, 7, 8.5, 17),
    ("18:00-次日2:00", 56, 7, 18, 26),
    ("营业时间：07:00-23:00", 112, 7, 7, 23),
    ("法定节假日除外 8:00-17:00", 63, 7, 8, 17),
    ("全天", 168, 7, 0, 24),
    ("24小时营业", 168, 7, 0, 24),
    ("全年无休 8:00-20:00", 84, 7, 8, 20),
]


@pytest.mark.parametrize(("text", "hours", "days", "opens", "closes"), WEEKS)
def test_weeks_by_hand(text, hours, days, opens, closes):
    week = open_week(text)
    assert week is not None
    assert (week.hours, week.days) == (pytest.approx(hours), pytest.approx(days))
    assert (week.opens_at, week.closes_at) == (opens, closes)


@pytest.mark.parametrize(
    "text",
    ["", " ", "营业", "随时", "看情况", "夏季 8:00-18:00，冬季 9:00-17:00", "暂停营业", "off",
     '"by appointment"', "Lunes a Viernes de 8:00 a 16:00", "周一至周五", "下午", "9:00",
     "Mo-Fr 09:00-1300", "8:00-18:00 " * 60, "5月-9月 8:00-20:00", "需预约 8:00-18:00"],
)  # fmt: skip
def test_what_is_not_understood_is_unknown(text):
    assert open_week(text) is None


def test_seasons_are_averaged_over_the_year():
    """Half a year at 10 hours a day and half at 4: 7 hours a day on the whole, within a week."""
    week = open_week("Jan-Jun 08:00-18:00; Jul-Dec 08:00-12:00")
    assert week is not None
    assert week.hours == pytest.approx(49.0, abs=1.0)
    assert week.days == 7.0
