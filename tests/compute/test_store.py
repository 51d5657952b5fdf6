"""Saved studies: same bytes, same arrays back, whole or not at all, damage named."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

import analysis
from analysis.errors import InvalidParameterError, SourceDataError, SourceUnavailableError
from analysis.sources.store import studies as store
from analysis.sources.store.cells import cell_text, csv_bytes
from analysis.sources.store.folder import files_in, is_study
from analysis.sources.store.studies import open_study, read_document, save_study
from analysis.testing.studies import small_study

ROOT = Path(analysis.__file__).resolve().parent.parent
HOSTILE = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1+1")


@pytest.fixture(scope="module")
def study():
    return small_study()


@pytest.fixture
def saved(study, tmp_path):
    folder = tmp_path / "west"
    save_study(study, folder, run={"started": "now"})
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file()
    }


def test_two_saves_have_equal_bytes_but_for_the_run(study, tmp_path) -> None:
    save_study(study, tmp_path / "a", run={"started": "one"})
    save_study(small_study(), tmp_path / "b", run={"started": "two"})
    first, second = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert set(first) == set(second) >= {
        "study.json", "run.json", "assessment.csv", "reach.parquet", "gaps.geojson", "gaps.gpkg",
        "facilities.csv", "checksums.sha256", "state/network/manifest.json",
        "state/network/arc_tail.npy", "state/network/barrier_xy_m.npy",
    }  # fmt: skip
    assert {name for name in first if first[name] != second[name]} == {"run.json"}


def test_bytes_do_not_depend_on_the_clock(study, tmp_path) -> None:
    save_study(study, tmp_path / "a", run={})
    again = """
        import sys, time
        now = time.time() + 86400 * 400
        time.time = lambda: now
        from pathlib import Path
        from analysis.sources.store.studies import save_study
        from analysis.testing.studies import small_study
        save_study(small_study(), Path(sys.argv[1]), run={})
    """
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(again), str(tmp_path / "b")], check=True, cwd=ROOT
    )
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_opening_gives_back_what_was_saved(study, saved) -> None:
    found = open_study(saved)
    assert found.id == "west"
    assert found.digest == found.document["digest"]
    assert found.run["started"] == "now"
    assert found.run["study_digest"] == found.digest
    network = study.inputs.network
    for name in ("node_id", "node_xy_m", "arc_tail", "arc_head", "arc_length_m", "arc_first",
                 "arc_xy_m", "arc_way_id", "arc_class", "arc_flags", "arc_component"):  # fmt: skip
        ours, theirs = getattr(network, name), getattr(found.network, name)
        assert np.array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
        assert not theirs.flags.writeable
    assert found.network.class_names == network.class_names
    barriers = study.inputs.barriers
    assert shapely.equals_exact(found.barriers.lines, barriers.lines, 0.0).all()
    assert shapely.equals_exact(found.barriers.compounds, barriers.compounds, 0.0).all()
    assert found.barriers.kinds == ("wall",)
    assert found.barriers.compound_id == ("way/77",)
    assert np.array_equal(found.barriers.gate_inferred, [True])
    assert found.profile == study.profile
    assert found.rules == study.link_rules
    assert found.crs == study.inputs.crs
    assert len(found.assessment) == 12
    assert len(found.gaps["features"]) == len(study.gaps)
    assert found.map_path is None


def test_a_study_without_barriers_comes_back(tmp_path) -> None:
    from dataclasses import replace

    from analysis.streets.barriers import no_barriers
    from analysis.study import StudyParameters, analyse
    from analysis.testing.studies import small_inputs

    study = analyse(replace(small_inputs(), barriers=no_barriers()), StudyParameters())
    save_study(study, tmp_path / "s", run={})
    assert len(open_study(tmp_path / "s").barriers.lines) == 0


def test_extras_stand_in_the_folder_and_in_the_sums(study, tmp_path) -> None:
    save_study(
        study, tmp_path / "s", run={}, extras={"map.html": lambda p: p.write_text("<p>", "utf-8")}
    )
    assert open_study(tmp_path / "s").map_path == tmp_path / "s" / "map.html"
    (tmp_path / "s" / "map.html").write_text("<script>", "utf-8")
    with pytest.raises(SourceDataError, match="map.html"):
        open_study(tmp_path / "s")


@pytest.mark.parametrize(
    "name",
    ["study.json", "state/network/arc_tail.npy", "state/network/barrier_xy_m.npy",
     "state/network/manifest.json", "gaps.geojson",
     "reach.parquet", "assessment.csv", "gaps.gpkg", "facilities.csv", "state/assessment.json"],
)  # fmt: skip
def test_every_damaged_or_missing_file_is_named(saved, name) -> None:
    path = saved / name
    whole = path.read_bytes()
    for bad in (whole[: len(whole) // 2], whole[:-1] + bytes([whole[-1] ^ 1]), b""):
        path.write_bytes(bad)
        with pytest.raises(SourceDataError) as caught:
            open_study(saved)
        assert caught.value.source == str(path)
        assert caught.value.remedy is not None
    path.unlink()
    with pytest.raises(SourceDataError) as caught:
        open_study(saved)
    # Without study.json it is no study at all, and the text says so.
    named = caught.value.text("en") + (caught.value.source or "")
    assert Path(name).name in named


@pytest.mark.parametrize("content", ["", "not a sum", "../x", "a" * 64 + "  ../../etc/passwd\n"])
def test_a_damaged_list_of_sums_is_refused(saved, content) -> None:
    (saved / "checksums.sha256").write_text(content, "utf-8")
    with pytest.raises(SourceDataError):
        open_study(saved)


def test_a_damaged_run_is_named(saved) -> None:
    (saved / "run.json").write_text("{", "utf-8")
    with pytest.raises(SourceDataError, match="run.json"):
        open_study(saved)


def test_another_version_is_told(study, saved, monkeypatch) -> None:
    monkeypatch.setattr(store, "FORMAT_VERSION", 99)
    with pytest.raises(SourceDataError) as caught:
        read_document(saved)
    assert caught.value.reason.key == "store.version"


def test_an_array_of_objects_is_never_unpickled(saved, monkeypatch) -> None:
    import hashlib

    path = saved / "state" / "network" / "arc_tail.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    sums = (saved / "checksums.sha256").read_text("utf-8").splitlines()
    fresh = hashlib.sha256(path.read_bytes()).hexdigest()
    lines = [
        f"{fresh}  state/network/arc_tail.npy" if one.endswith("arc_tail.npy") else one
        for one in sums
    ]
    (saved / "checksums.sha256").write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(SourceDataError) as caught:
        open_study(saved)
    assert caught.value.reason.key == "store.unusable"


def test_what_is_no_study_is_never_overwritten(study, tmp_path) -> None:
    mine = tmp_path / "thesis"
    mine.mkdir()
    (mine / "chapter.docx").write_text("years", "utf-8")
    with pytest.raises(InvalidParameterError) as caught:
        save_study(study, mine, run={})
    assert caught.value.source == str(mine)
    assert caught.value.value == "chapter.docx"
    assert contents(mine) == {"chapter.docx": b"years"}
    file = tmp_path / "file"
    file.write_text("x", "utf-8")
    with pytest.raises(InvalidParameterError):
        save_study(study, file, run={})


def test_an_earlier_study_is_replaced_unless_it_holds_other_files(study, saved) -> None:
    save_study(small_study(circle_name="新名"), saved, run={"started": "later"})
    found = open_study(saved)
    assert found.document["circles"][0]["name"] == "新名"
    assert found.run["started"] == "later"
    assert sorted(one.name for one in saved.parent.iterdir()) == ["west"]
    (saved / "notes.docx").write_text("mine", "utf-8")
    with pytest.raises(InvalidParameterError) as caught:
        save_study(study, saved, run={})
    assert caught.value.value == "notes.docx"
    assert (saved / "notes.docx").read_text("utf-8") == "mine"
    (saved / "notes.docx").rename(saved / "~$assessment.xlsx")  # what Excel leaves behind
    save_study(study, saved, run={})
    open_study(saved)


def test_an_empty_folder_may_be_used(study, tmp_path) -> None:
    (tmp_path / "new").mkdir()
    save_study(study, tmp_path / "new", run={})
    assert is_study(tmp_path / "new")


def test_a_failing_write_leaves_the_earlier_study(study, saved) -> None:
    before = contents(saved)

    def full(_path: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(SourceUnavailableError) as caught:
        save_study(study, saved, run={}, extras={"map.html": full})
    assert "No space left" in caught.value.text("en")
    assert contents(saved) == before
    assert [one.name for one in saved.parent.iterdir()] == ["west"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_run_killed_half_way_leaves_the_earlier_study(study, saved) -> None:
    before = contents(saved)
    code = """
        import os, signal, sys
        from pathlib import Path
        from analysis.sources.store.studies import save_study
        from analysis.testing.studies import small_study
        save_study(
            small_study(circle_name="half"), Path(sys.argv[1]), run={},
            extras={"map.html": lambda path: os.kill(os.getpid(), signal.SIGKILL)},
        )
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(saved)], check=False, cwd=ROOT
    )
    assert run.returncode == -signal.SIGKILL
    assert contents(saved) == before
    leftovers = [one for one in saved.parent.iterdir() if one.name != "west"]
    assert len(leftovers) == 1
    assert not is_study(leftovers[0])
    # Leftovers of a day ago go at the next save; younger ones may belong to a run under way.
    save_study(study, saved, run={})
    assert leftovers[0].exists()
    os.utime(leftovers[0], (0, 0))
    save_study(study, saved, run={})
    assert not leftovers[0].exists()


def test_a_run_killed_between_the_two_moves_loses_nothing(study, saved) -> None:
    earlier = saved.parent / ".west.earlier"
    saved.rename(earlier)  # what such a run leaves
    assert open_study(saved).id == "west"
    save_study(study, saved, run={})
    assert open_study(saved).folder == saved
    assert not earlier.exists()


def test_csv_opens_in_excel_as_text_and_numbers(tmp_path) -> None:
    save_study(small_study(circle_name="=cmd|' /C calc'!A0"), tmp_path / "s", run={})
    raw = (tmp_path / "s" / "assessment.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert rows[0]["circle_name"] == "'=cmd|' /C calc'!A0"
    assert rows[0]["share"] == "1.0"
    assert rows[0]["element_zh"] == "菜市场"


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_could_be_a_formula_is_quoted(text) -> None:
    assert cell_text(text) == f"'{text}"
    line = csv_bytes(("a", "b"), [{"a": text, "b": -1.5}]).decode("utf-8-sig")
    parsed = list(csv.reader(line.splitlines(keepends=True)))
    assert parsed[1][0].startswith("'")
    assert parsed[1][-1] == "-1.5"  # a number is a number


def test_plain_text_and_empty_cells_stay_as_they_are() -> None:
    assert cell_text("龙泉苑-A座") == "龙泉苑-A座"
    line = csv_bytes(("a", "b", "c"), [{"a": None, "b": True, "c": "x\0y"}]).decode("utf-8-sig")
    assert line == "a,b,c\r\n,1,x\ufffdy\r\n"


def test_reach_table_holds_walks_and_sources(study, saved) -> None:
    table = pq.read_table(saved / "reach.parquet").to_pydict()
    assert table["point_id"] == list(study.inputs.demand.point_id)
    assert table["walk_m.market"] == pytest.approx([100, 100, 200, 500, np.inf, 100])
    assert table["nearest.market"] == ["test:0000"] * 4 + [None, "test:0000"]
    assert table["covered.market"] == [True, True, True, False, False, True]
    assert table["circle_id"] == ["c-1"] * 3 + ["c-2"] * 2 + ["c-1"]
    assert table["lon"][0] == pytest.approx(106.651, abs=1e-4)


def test_gap_layers_agree(study, saved) -> None:
    _, _, shapes, fields = pyogrio.raw.read(saved / "gaps.gpkg", layer="gaps")
    collection = json.loads((saved / "gaps.geojson").read_bytes())
    assert "crs" not in collection
    assert pyogrio.read_info(saved / "gaps.gpkg")["crs"] == "EPSG:4326"
    assert len(shapes) == len(collection["features"]) == len(study.gaps)
    for wkb, feature in zip(shapes, collection["features"], strict=True):
        ours = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shapely.area(shapely.symmetric_difference(ours, shapely.from_wkb(wkb))) < 1e-12
    assert fields[0].tolist() == [gap.rank for gap in study.gaps]


def test_facilities_tell_how_they_were_linked(saved) -> None:
    text = (saved / "facilities.csv").read_text("utf-8-sig")
    market, school = csv.DictReader(text.splitlines())
    assert (market["source_id"], market["origin"], market["counts"]) == ("test:0000", "table", "1")
    assert (market["ambiguous"], school["ambiguous"]) == ("0", "1")
    assert (market["entrances"], market["entrances_found_en"]) == ("1", "its point")
    assert (market["linked"], market["access_m"]) == ("1", "0.0")
    # 100 + 200 + 300 + 400 residents are within the search of 600 m.
    assert market["nearest_for_people"] == "1000.0"


def test_sums_are_in_the_usual_form(saved) -> None:
    lines = (saved / "checksums.sha256").read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"[0-9a-f]{64}  \S+", line) for line in lines)
    assert {line[66:] for line in lines} == files_in(saved) - {"run.json", "checksums.sha256"}
