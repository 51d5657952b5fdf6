"""Query parameters: unknown and repeated ones are refused everywhere, numbers are plain digits."""

import pytest

BASE = "/api/v1/studies/small"
KNOWN = {
    "/": ["lang"],
    "/health": [],
    "/api/v1/standards": ["lang"],
    "/api/v1/standards/living_circle_25": ["lang"],
    "/api/v1/studies": ["lang"],
    BASE: ["lang"],
    f"{BASE}/assessment": ["circle", "element", "verdict", "lang"],
    f"{BASE}/gaps": ["circle", "element", "min_people", "lang"],
    f"{BASE}/isochrones": ["lon", "lat", "minutes", "metres", "walker", "lang"],
    f"{BASE}/map": ["lang"],
}


@pytest.mark.parametrize("path", KNOWN)
def test_unknown_parameters_are_refused_and_the_known_ones_listed(client, path) -> None:
    for name in ("walkers", "Lang", "_", "最小人数", "[]"):
        answer = client.get(path, params={name: "1"}, headers={"accept-language": "en"})
        body = answer.json()
        assert answer.status_code == 422, (path, name)
        assert answer.headers["content-type"] == "application/problem+json"
        assert body["source"] == name
        assert name in body["details"]["zh"]
        assert name in body["details"]["en"]
        for known in KNOWN[path]:
            assert known in body["remedies"]["zh"]
            assert known in body["remedies"]["en"]
    assert client.get(path, params={"x": "1", "lang": "en"}).status_code == 422


def test_a_route_without_parameters_says_so(client) -> None:
    body = client.get("/health?lang=en", headers={"accept-language": "en"}).json()
    assert body["remedy"] == "This address takes no parameters."


@pytest.mark.parametrize(
    ("tail", "name"),
    [
        ("?lang=en&lang=en", "lang"), ("/assessment?circle=c-1&circle=c-2", "circle"),
        ("/gaps?min_people=1&min_people=2", "min_people"),
        ("/isochrones?lon=106.65&lon=106.66&lat=26.7", "lon"), ("/map?lang=zh&lang=en", "lang"),
    ],
)  # fmt: skip
def test_a_parameter_given_twice_is_refused(client, tail, name) -> None:
    answer = client.get(BASE + tail)
    assert answer.status_code == 422
    assert answer.json()["source"] == name
    assert "2" in answer.json()["details"]["en"]


@pytest.mark.parametrize(
    "value", ["1_0", "１０", "0x10", "1e", "nan", "inf", "1 0", "十", "--1", "1e999"]
)
def test_numbers_are_written_in_plain_digits(client, value) -> None:
    for path, name in (
        (f"{BASE}/gaps?min_people={value}", "min_people"),
        (f"{BASE}/isochrones?lat=26.7&lon={value}", "lon"),
        (f"{BASE}/isochrones?lon=106.65&lat=26.7&minutes={value}", "minutes"),
        (f"{BASE}/isochrones?lon=106.65&lat=26.7&minutes=5,{value}", "minutes"),
        (f"{BASE}/isochrones?lon=106.65&lat=26.7&metres=300,{value}", "metres"),
    ):
        answer = client.get(path)
        assert answer.status_code == 422, path
        assert answer.json()["source"] == name


@pytest.mark.parametrize("value", ["450", " 450 ", "450.0", "4.5e2", "450.", "+450"])
def test_plain_digits_are_taken(client, value) -> None:
    answer = client.get(f"{BASE}/gaps", params={"min_people": value})
    assert answer.content == client.get(f"{BASE}/gaps?min_people=450").content


def test_refusals_are_told_in_the_readers_language(client) -> None:
    for path, chinese, english in (
        ("/gaps?min_people=-1", "min_people 太小，不得小于 0。", "at least 0"),
        ("/gaps?min_people=x", "min_people 不是数字。", "not a number"),
        ("/isochrones?lat=26.7", "缺少参数或选项 lon。", "lon is missing"),
        ("/assessment?verdict=good", "verdict 不在可选值之内。", "one of the values"),
        ("/isochrones?lon=106.65&lat=85", "lat 太大，不得大于 84。", "at most 84"),
    ):
        body = client.get(BASE + path).json()
        assert body["detail"] == chinese
        assert english in body["details"]["en"]
        assert body["remedies"]["zh"] != body["remedies"]["en"]
    verdicts = client.get(f"{BASE}/assessment?verdict=good").json()["remedies"]["en"]
    assert "met, weak, short, not_assessed" in verdicts
