"""The first screen of a study never lets "nothing judged" pass for "nothing missing"."""

import pytest

from service.commands.console import Speaker
from service.commands.summary import _head, _missing

VERDICTS = {"met": 0, "weak": 0, "short": 0, "not_assessed": 25}


def said(verdicts: dict[str, int]) -> str:
    circle = {"name_en": "Old town", "name_zh": "老城", "missing": [], "verdicts": verdicts}
    return _missing(Speaker("en", quiet=True, as_json=False), circle).text("en")


def test_nothing_judged_is_not_nothing_missing() -> None:
    assert "could be judged" in said(VERDICTS)
    assert "falls short" not in said(VERDICTS)
    some = said({**VERDICTS, "met": 4, "not_assessed": 21})
    assert "4 judged" in some
    assert "21 not assessed" in some


@pytest.mark.parametrize(("streets_only", "residents"), [(True, 0), (True, 9), (False, 9)])
def test_what_the_data_cannot_tell_stands_first(streets_only: bool, residents: int) -> None:
    document = {
        "title": "X",
        "data": {"date": "2026-01-01", "streets_only": streets_only, "services": 7},
        "standard": {"id": "s"},
        "parameters": {"criterion": "metres", "walker": "adult", "by_group": False},
        "counts": {
            "residents": residents, "residents_estimated": 0, "buildings": 1, "street_km": 1.0,
            "facilities": 0,
        },
    }  # fmt: skip
    text = "\n".join(one.text("en") for one in _head(document))
    assert ("streets only" in text) is streets_only
    assert ("where people live" in text) is (residents == 0)
