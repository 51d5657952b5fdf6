"""The web API: documents, filters, caching, hostile ids, and the same problem body everywhere."""

import json
import logging
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

import analysis
from analysis.sources.standards import packaged_standards
from analysis.testing.studies import small_study
from service.app import create_app
from service.outputs import write_outputs
from service.settings import Settings
from service.study_library import StudyLibrary

ROOT = Path(analysis.__file__).resolve().parent.parent
BASE = "/api/v1/studies/small"
PROBLEM = "application/problem+json"


def test_nothing_happens_at_import() -> None:
    code = (
        "import sys; import service.app; "
        "assert 'folium' not in sys.modules; print(type(service.app.create_app).__name__)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert run.stdout.strip() == "function", run.stderr


def test_health_counts_studies(client) -> None:
    answer = client.get("/health")
    assert answer.json() == {
        "status": "ok", "version": analysis.__version__, "studies": 2, "damaged": 0,
    }  # fmt: skip


def test_the_list_of_studies(client) -> None:
    body = client.get("/api/v1/studies").json()
    assert body["damaged"] == []
    assert [one["id"] for one in body["studies"]] == ["small", "观山湖 1"]
    first = body["studies"][0]
    assert first["residents"] == 1500.0
    assert first["circles"] == 2
    assert first["verdicts"] == {"met": 0, "weak": 0, "short": 3, "not_assessed": 1}
    for one in body["studies"]:
        for link in one["links"].values():
            if not link.endswith("isochrones"):
                assert client.get(link).status_code == 200, link


def test_the_document_carries_digest_and_statement(client) -> None:
    answer = client.get(BASE)
    body = answer.json()
    assert body["id"] == "small"
    assert body["statement"]["zh"] == "这是项目配置，不是官方标准。"
    assert body["notices"][0]["subjects"] == ["way/1", "way/2"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 12), ("circle=c-1", 4), ("circle=*", 4), ("element=market", 3), ("verdict=met", 2),
        ("circle=c-1&verdict=short", 1), ("circle=c-2&element=clinic&verdict=met", 0),
    ],
)  # fmt: skip
def test_assessment_filters(client, query, count) -> None:
    body = client.get(f"{BASE}/assessment?{query}").json()
    assert body["count"] == len(body["rows"]) == count
    assert body["study_id"] == "small"


def test_gap_filters(client) -> None:
    answer = client.get(f"{BASE}/gaps")
    assert answer.headers["content-type"].startswith("application/geo+json")
    every = answer.json()["features"]
    assert len(every) == 8
    west = client.get(f"{BASE}/gaps?circle=c-1").json()["features"]
    assert {one["properties"]["element_id"] for one in west} == {"clinic"}
    large = client.get(f"{BASE}/gaps?min_people=450").json()["features"]
    assert 0 < len(large) < len(every)
    assert all(one["properties"]["people"] >= 450 for one in large)
    assert client.get(f"{BASE}/gaps?element=pipes").json()["features"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/studies/unknown", 404),
        ("/api/v1/standards/unknown", 404),
        ("/nowhere", 404),
        (f"{BASE}/assessment?circle=zzz", 404),
        (f"{BASE}/assessment?element=zzz", 404),
        (f"{BASE}/assessment?verdict=good", 422),
        (f"{BASE}/gaps?min_people=-1", 422),
        (f"{BASE}/gaps?min_people=nan", 422),
        (f"{BASE}/gaps?min_people=inf", 422),
        (f"{BASE}?lang=fr", 422),
        (f"{BASE}/isochrones", 422),
    ],
)
def test_every_refusal_has_the_same_body(client, path, status) -> None:
    answer = client.get(path, headers={"accept-language": "en"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    assert body["status"] == status
    assert set(body["details"]) == {"zh", "en"}
    assert body["remedy"]
    assert body["instance"] == path.split("?")[0]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_other_methods_are_refused(client) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = client.request(method, BASE)
        assert answer.status_code == 405
        assert answer.headers["content-type"] == PROBLEM
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "study_id",
    ["..", "../small", "..%2Fsmall", "%2e%2e", "..%5Csmall", "%00", "small%00", "C:%5C", "~root",
     "%2Fetc%2Fpasswd", ".small.saving-1", "not-a-study", "file.txt", "a" * 300, "%F0%9F%92%A9",
     "%E2%80%AEsmall", "%ff%fe", "'%20OR%201=1--", "{{7*7}}", "<script>"],
)  # fmt: skip
def test_hostile_ids_find_nothing(client, study_id) -> None:
    for tail in ("", "/assessment", "/gaps", "/map", "/isochrones?lon=106.65&lat=26.7"):
        answer = client.get(f"/api/v1/studies/{study_id}{tail}")
        assert answer.status_code in (404, 422), (study_id, tail)
        assert answer.headers["content-type"] == PROBLEM
        assert "passwd" not in json.dumps(answer.json().get("details"))


def test_the_language_follows_the_reader(client) -> None:
    path = "/api/v1/studies/unknown"
    assert client.get(path).headers["content-language"] == "zh"
    for header, expected in (
        ("en-GB,en;q=0.9", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("de,en;q=0.1", "en"),
        ("fr", "zh"), (";;q=,,", "zh"), ("en;q=x", "zh"),
    ):  # fmt: skip
        answer = client.get(path, headers={"accept-language": header})
        assert answer.headers["content-language"] == expected, header
        assert answer.json()["detail"] == answer.json()["details"][expected]
    assert client.get(f"{path}?lang=en").headers["content-language"] == "en"


TAILS = (
    "", "?lang=en", "/assessment", "/assessment?element=market", "/gaps", "/gaps?min_people=450",
    "/map", "/map?lang=en", "/isochrones?lon=106.652&lat=26.704",
    "/isochrones?lon=106.652&lat=26.704&minutes=3",
)  # fmt: skip


def test_an_unchanged_study_is_not_sent_again(client) -> None:
    for tail in TAILS:
        first = client.get(BASE + tail)
        assert first.status_code == 200, tail
        etag = first.headers["etag"]
        for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            again = client.get(BASE + tail, headers={"if-none-match": sent})
            assert (again.status_code, again.content) == (304, b""), (tail, sent)
            assert again.headers["etag"] == etag
        for sent in ('"x"', '"*"', "", "W/*"):
            assert client.get(BASE + tail, headers={"if-none-match": sent}).status_code == 200


def test_every_address_and_query_has_a_mark_of_its_own(client) -> None:
    marks = {client.get(BASE + tail).headers["etag"] for tail in TAILS}
    marks |= {client.get("/api/v1/studies/观山湖 1" + tail).headers["etag"] for tail in TAILS}
    assert len(marks) == 2 * len(TAILS)


@pytest.mark.parametrize(
    ("tail", "status"),
    [
        ("?lang=fr", 422), ("?nonsense=1", 422), ("/assessment?circle=zzz", 404),
        ("/assessment?verdict=good", 422), ("/gaps?element=zzz", 404), ("/gaps?min_people=-1", 422),
        ("/isochrones?lon=106.652&lat=26.704&minutes=0", 422),
        ("/isochrones?lon=0&lat=0", 422), ("/isochrones?lon=106.652&lat=26.704&walker=horse", 422),
    ],
)  # fmt: skip
def test_a_mark_hides_no_error(client, tail, status) -> None:
    etag = client.get(BASE).headers["etag"]
    for sent in ("*", etag):
        assert client.get(BASE + tail, headers={"if-none-match": sent}).status_code == status


def test_a_mark_hides_no_missing_map(tmp_path) -> None:
    from analysis.sources.store.studies import save_study

    save_study(small_study(), tmp_path / "s", run={})
    with TestClient(create_app(Settings(studies_folder=tmp_path))) as one:
        answer = one.get("/api/v1/studies/s/map", headers={"if-none-match": "*"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/", "/health", "/openapi.json", "/api/v1/standards", "/api/v1/standards/living_circle_25",
     "/api/v1/studies", *(BASE + tail for tail in TAILS), "/nowhere", f"{BASE}/gaps?circle=zzz",
     f"{BASE}?x=1"],
)  # fmt: skip
def test_head_is_get_without_the_body(client, path) -> None:
    get, head = client.get(path), client.head(path)
    assert head.status_code == get.status_code
    assert dict(head.headers) == dict(get.headers)
    assert head.content == b""
    assert int(head.headers["content-length"]) == len(get.content)


def test_head_of_a_fault_of_ours_has_no_body(settings, monkeypatch) -> None:
    monkeypatch.setattr(StudyLibrary, "open", lambda *_: 1 / 0)
    with TestClient(create_app(settings), raise_server_exceptions=False) as one:
        answer = one.head(BASE)
    assert (answer.status_code, answer.content) == (500, b"")


def test_options_tell_the_methods(client) -> None:
    for path in ("/", "/health", BASE, f"{BASE}/map", "/openapi.json"):
        answer = client.options(path)
        assert (answer.status_code, answer.content) == (204, b""), path
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.options("/nowhere").status_code == 404


def test_what_depends_on_the_readers_language_says_so(client) -> None:
    for path in ("/", "/nowhere", f"{BASE}?x=1", f"{BASE}/gaps?min_people=-1"):
        answer = client.get(path)
        assert answer.headers["vary"] == "Accept-Language", path
        assert answer.headers["content-language"] == "zh", path
    for tail in TAILS:  # these hold both languages, so they are the same for every reader
        chinese, english = (
            client.get(BASE + tail, headers={"accept-language": one}) for one in ("zh", "en")
        )
        assert "vary" not in chinese.headers
        assert chinese.content == english.content


def test_long_addresses_and_values_are_cut(client, caplog) -> None:
    answer = client.get(f"/nowhere/{'x' * 5000}")
    assert len(answer.json()["instance"]) == 200
    answer = client.get(f"{BASE}/assessment", params={"circle": "x" * 5000})
    assert (answer.status_code, len(answer.json()["value"])) == (422, 120)
    answer = client.get(BASE, params={"y" * 5000: "x" * 5000})
    assert answer.status_code == 422
    assert len(answer.text) < 2500
    with caplog.at_level(logging.ERROR):
        client.get(f"/api/v1/studies/{'z' * 150}/map?{'y' * 900}=1")
    assert all(len(record.getMessage()) < 1000 for record in caplog.records)


def test_the_map_may_be_embedded_and_loads_nothing(client) -> None:
    answer = client.get(f"{BASE}/map")
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "sandbox allow-scripts" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "x-frame-options" not in answer.headers
    assert "小城" in answer.text


def test_who_may_embed_is_a_setting(studies_folder) -> None:
    chosen = Settings(studies_folder=studies_folder, frame_ancestors="'self' https://plan.example")
    with TestClient(create_app(chosen)) as one:
        policy = one.get(f"{BASE}/map").headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self' https://plan.example")
    for bad in ("*; script-src *", "*\r\nSet-Cookie: a=b", ""):
        with pytest.raises(ValidationError):
            Settings(frame_ancestors=bad)


def test_the_index_lists_studies_in_both_languages(client) -> None:
    chinese, english = client.get("/?lang=zh").text, client.get("/?lang=en").text
    assert "生活圈研究" in chinese
    assert "Living-circle studies" in english
    for page, language in ((chinese, "zh"), (english, "en")):
        assert f'href="/api/v1/studies/small/map?lang={language}"' in page
        assert f"%E8%A7%82%E5%B1%B1%E6%B9%96%201/map?lang={language}" in page
        for link in re.findall(r'href="([^"]+)"', page):
            assert client.get(link).status_code == 200, link
        assert "<script" not in page


def test_the_index_escapes_what_it_shows(tmp_path) -> None:
    from dataclasses import replace

    study = small_study()
    hostile = replace(study, inputs=replace(study.inputs, title="<img src=x onerror=alert(1)>"))
    write_outputs(hostile, tmp_path / "s", language="en", run={})
    with TestClient(create_app(Settings(studies_folder=tmp_path))) as one:
        page = one.get("/").text
    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_standards(client) -> None:
    listed = client.get("/api/v1/standards").json()
    assert [one["id"] for one in listed] == list(packaged_standards())
    assert listed[0]["elements"] == 25
    assert listed[0]["official"] is False
    answer = client.get(f"/api/v1/standards/{listed[0]['id']}")
    body = answer.json()
    assert len(body["elements"]) == 25
    assert answer.headers["etag"]
    threshold = body["elements"][0]["threshold_m"]
    assert set(threshold) == {"value", "source", "confidence"}


def test_an_unexpected_error_tells_nothing(settings, monkeypatch) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("the secret is in /root/key")

    monkeypatch.setattr(StudyLibrary, "open", broken)
    with TestClient(create_app(settings), raise_server_exceptions=False) as one:
        answer = one.get(BASE)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == PROBLEM
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "RuntimeError" not in answer.text


def test_a_damaged_study_is_told_and_the_others_go_on(studies_folder, tmp_path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(studies_folder, folder)
    with (folder / "small" / "state" / "network" / "arc_tail.npy").open("r+b") as file:
        file.write(b"\0\0")
    (folder / "观山湖 1" / "study.json").write_text("{}", "utf-8")
    with TestClient(create_app(Settings(studies_folder=folder))) as one:
        answer = one.get(f"{BASE}?lang=en")
        assert answer.status_code == 503
        assert answer.json()["source"] == "arc_tail.npy"
        assert "damaged" in answer.json()["detail"]
        assert answer.json()["remedy"]
        assert str(folder) not in answer.text
        listed = one.get("/api/v1/studies").json()
        # Both: one was cut at once, the other failed its checksums when it was opened.
        assert listed["damaged"] == ["small", "观山湖 1"]
        assert listed["studies"] == []
        assert "观山湖 1" in one.get("/").text
        assert one.get("/health").json()["damaged"] == 2


@pytest.mark.parametrize(
    "name",
    ["study.json", "checksums.sha256", "run.json", "gaps.geojson", "map.html", "assessment.xlsx",
     "reach.parquet", "facilities.csv", "state/network/arc_tail.npy",
     "state/network/barrier_xy_m.npy", "state/network/manifest.json", "state/assessment.json"],
)  # fmt: skip
@pytest.mark.parametrize("harm", ["removed", "emptied", "cut"])
def test_a_missing_or_cut_file_is_listed_without_opening(studies_folder, tmp_path, name, harm):
    folder = tmp_path / "mine"
    shutil.copytree(studies_folder, folder)
    path = folder / "small" / name
    whole = path.read_bytes()
    if harm == "removed":
        path.unlink()
    else:
        path.write_bytes(b"" if harm == "emptied" else whole[: len(whole) * 2 // 3])
    library = StudyLibrary(folder)
    seen_only_by_its_sum = harm == "cut" and name.endswith((".csv", ".sha256"))
    if not seen_only_by_its_sum:
        assert library.shelf().damaged == ("small",), name
        assert list(library.shelf().documents) == ["观山湖 1"]
    with TestClient(create_app(Settings(studies_folder=folder))) as one:
        answer = one.get(BASE, headers={"accept-language": "zh"})
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:living-circle:problem:source-data"
        assert re.search("缺少|损坏|无法读取", answer.json()["detail"])
        assert "analyse" in answer.json()["remedy"] or "重新分析" in answer.json()["remedy"]
        assert one.get("/api/v1/studies").json()["damaged"] == ["small"]
        path.write_bytes(whole)  # as from a backup: it is served again, without a restart
        assert one.get(BASE).status_code == 200
        assert one.get("/api/v1/studies").json()["damaged"] == []


def test_a_map_changed_after_it_was_opened_is_not_served(studies_folder, tmp_path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(studies_folder, folder)
    with TestClient(create_app(Settings(studies_folder=folder))) as one:
        assert one.get(f"{BASE}/map").status_code == 200
        path = folder / "small" / "map.html"
        path.write_text(path.read_text("utf-8").replace("<title>", "<title>changed "), "utf-8")
        assert one.get(f"{BASE}/map").status_code == 503


def test_damaged_studies_are_told_at_the_start(studies_folder, tmp_path, caplog) -> None:
    shutil.copytree(studies_folder, tmp_path / "mine")
    (tmp_path / "mine" / "small" / "gaps.geojson").unlink()
    with (
        caplog.at_level(logging.WARNING, "living_circle.service"),
        TestClient(create_app(Settings(studies_folder=tmp_path / "mine"))),
    ):
        pass
    assert [one.getMessage() for one in caplog.records] == ["damaged study: small"]


def test_a_study_written_anew_is_read_anew(tmp_path) -> None:
    write_outputs(small_study(), tmp_path / "s", language="zh", run={})
    with TestClient(create_app(Settings(studies_folder=tmp_path))) as one:
        first = one.get("/api/v1/studies/s").json()
        one.get("/api/v1/studies")
        write_outputs(small_study(circle_name="新圈"), tmp_path / "s", language="zh", run={})
        second = one.get("/api/v1/studies/s").json()
        assert first["digest"] != second["digest"]
        assert second["circles"][0]["name"] == "新圈"
        assert one.get("/api/v1/studies").json()["studies"][0]["digest"] == second["digest"]
        shutil.rmtree(tmp_path / "s")
        assert one.get("/api/v1/studies/s").status_code == 404
        assert one.get("/api/v1/studies").json()["studies"] == []


def test_only_so_many_studies_stay_open(studies_folder) -> None:
    library = StudyLibrary(studies_folder, keep=1)
    first = library.open("small")
    assert library.open("small") is first
    library.open("观山湖 1")
    assert library.opened == ("观山湖 1",)
    assert library.open("small") is not first


def test_one_study_may_be_served_alone(studies_folder) -> None:
    with TestClient(create_app(Settings(studies_folder=studies_folder / "small"))) as one:
        assert one.get("/health").json()["studies"] == 1
        assert one.get(BASE).status_code == 200


def test_a_missing_folder_is_an_empty_service(tmp_path) -> None:
    with TestClient(create_app(Settings(studies_folder=tmp_path / "none"))) as one:
        assert one.get("/health").json()["studies"] == 0
        assert "demo" in one.get("/?lang=en").text


def test_settings_come_from_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("LIVING_CIRCLE_PORT", "8123")
    monkeypatch.setenv("LIVING_CIRCLE_LANGUAGE", "en")
    monkeypatch.setenv("LIVING_CIRCLE_STUDIES_FOLDER", "elsewhere")
    found = Settings()
    assert (found.port, found.language, found.studies_folder) == (8123, "en", Path("elsewhere"))
    monkeypatch.setenv("LIVING_CIRCLE_PORT", "0")
    with pytest.raises(ValidationError):
        Settings()
