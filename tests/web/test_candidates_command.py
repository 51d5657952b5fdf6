"""``living-circle candidates``: from files or a saved study to where something could be built."""

import json

import pytest

from analysis.sources.store.studies import save_study
from analysis.study import StudyParameters, analyse
from analysis.testing.studies import small_inputs
from service.cli import main

FILES = ["candidates.geojson", "candidates.gpkg", "rejections.csv", "siting_rules.csv"]


@pytest.fixture
def saved(tmp_path):
    study = analyse(small_inputs(), StudyParameters(criterion="minutes", walker="older_adult"))
    save_study(study, tmp_path / "study", run={})
    return tmp_path / "study"


def asked(capsys, *arguments):
    code = main(["candidates", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_from_a_saved_study(saved, tmp_path, capsys) -> None:
    code, out, _ = asked(capsys, saved, "--out", tmp_path / "c", "--json", "--lang", "zh")
    found = json.loads(out)
    assert code == 0
    assert found["files"] == FILES == sorted(one.name for one in (tmp_path / "c").iterdir())
    assert found["by_kind"] == {"generated": found["candidates"]}
    assert [one["element_id"] for one in found["elements"]] == ["market", "school", "clinic"]
    assert "无人到现场看过" in found["notices"][0]["text"]
    table = json.loads((tmp_path / "c" / "candidates.geojson").read_text("utf-8"))
    assert len(table["features"]) == found["candidates"]


def test_options_change_what_is_found(saved, tmp_path, capsys) -> None:
    def count(*options):
        code, out, _ = asked(capsys, saved, "--out", tmp_path / "c", "--json", *options)
        assert code == 0
        found = json.loads(out)
        return found["candidates"], len(found["elements"])

    every, elements = count()
    assert elements == 3
    assert count("--spacing", "300")[0] < every
    assert count("--no-from-map") == (0, 3)
    assert count("--elements", "clinic")[1] == 1


def test_in_words(saved, tmp_path, capsys) -> None:
    code, out, _ = asked(capsys, saved, "--out", tmp_path / "c", "--lang", "en")
    assert code == 0
    assert "street node (generated: nobody has looked at it)" in out
    assert "Candidates by element" in out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--walker", "child"), "--walker"),
        (("--parcels", "p.csv", "--old-area"), "--parcels, --old-area"),
        (("--spacing", "50"), "at least 100 m apart"),
        (("--elements", "nosuch"), "nosuch"),
        (("--floor-ratio", "0"), "above 0"),
    ],
)
def test_what_cannot_be_done_is_said(saved, tmp_path, capsys, options, told) -> None:
    code, _, err = asked(capsys, saved, "--out", tmp_path / "c", "--lang", "en", *options)
    assert code == 2
    assert told in err
    assert not (tmp_path / "c").exists()


def test_nothing_of_others_is_overwritten(saved, tmp_path, capsys) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "mine.txt").write_text("x")
    code, _, err = asked(capsys, saved, "--out", tmp_path / "c", "--lang", "en")
    assert code == 2
    assert "not overwritten" in err
    code, _, err = asked(capsys, saved, "--out", saved, "--lang", "en")
    assert code == 2
    assert (saved / "study.json").exists()


def test_without_a_source_it_asks_for_one(tmp_path, capsys) -> None:
    code, _, err = asked(capsys, "--out", tmp_path / "c", "--lang", "en")
    assert code == 2
    assert err
