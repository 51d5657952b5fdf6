"""``living-circle verify``: from a saved study and its extract to a certificate."""

import json
from pathlib import Path

import pytest

from analysis.sources.store.studies import open_study
from analysis.sources.store.walks import WALKS_FILE, read_walks
from analysis.testing.osm import OsmWorld
from service import cli
from tests.osm_files import write_pbf

HOMES = (50, 150, 250, 350, 450, 550)


def street_with_homes() -> OsmWorld:
    """Two streets, 200 m apart and joined at both ends, with homes and two pharmacies.

    At x = 300 a private road joins them, which Valhalla walks and we do not.
    """
    world = OsmWorld()
    xs = range(0, 601, 100)
    low, high = ({x: world.node(x, y) for x in xs} for y in (0, 200))
    world.way(list(low.values()), {"highway": "residential"})
    world.way(list(high.values()), {"highway": "residential"})
    for x in (0, 600):
        world.way([low[x], high[x]], {"highway": "residential"})
    world.way([low[300], high[300]], {"highway": "service", "access": "private"})
    for x in HOMES:
        for y in (-20, 205):
            ring = [(x, y), (x + 10, y), (x + 10, y + 15), (x, y + 15), (x, y)]
            world.line(ring, {"building": "apartments", "building:levels": "6"})
    world.node(310, -10, {"amenity": "pharmacy", "name": "south"})
    world.node(90, -10, {"amenity": "pharmacy", "name": "west"})
    return world


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pbf(street_with_homes(), tmp_path_factory.mktemp("extract") / "town.osm.pbf")


@pytest.fixture(scope="module")
def study(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "town"
    assert cli.main(["analyse", str(extract), "--out", str(folder), "--quiet"]) == 0
    return folder


def run(study: Path, extract: Path, *more: str) -> int:
    return cli.main(["verify", str(study), "--extract", str(extract), *more])


def test_a_study_is_re_measured_and_the_certificate_lies_beside_it(study, extract, capsys):
    assert run(study, extract, "--pairs", "60", "--lang", "en") == 0
    told = capsys.readouterr().out
    document = json.loads((study.parent / "town.certificate.json").read_text("utf-8"))
    assert document["statement"]["en"] in told
    assert document["format"] == "living-circle-certificate"
    assert document["study_digest"] == open_study(study).digest
    assert document["own_gap_m"] == 0.0  # the study's figures, exactly
    assert 0 < document["sample"]["walks"] <= 60
    assert document["sample"]["reported_by_the_study"] > 0
    # From the north to the south pharmacy Valhalla takes the private road.
    assert document["causes"]["access_rule"] > 0
    assert set(document["rules"]) == {"+access.refused"}
    assert document["causes"]["unexplained"] == 0
    assert document["harmonised"]["share_within_tolerance"] == 1.0
    assert document["raw"]["share_within_tolerance"] < 1.0
    page = (study.parent / "town.certificate.md").read_text("utf-8")
    assert document["statement"]["en"] in page
    assert "access.refused" in page
    # The folder itself stays as it was saved: it may be replaced by the next run.
    assert open_study(study)


def test_json_and_chinese_and_a_place_of_ones_own(study, extract, tmp_path, capsys):
    out = tmp_path / "deep" / "mine.json"
    assert run(study, extract, "--pairs", "20", "--out", str(out), "--json", "--lang", "zh") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["files"] == [str(out), str(out.with_suffix(".md"))]
    assert summary["statement"]["zh"].startswith("由 Valhalla")
    assert "residuals" not in summary
    assert "一致性证书" in out.with_suffix(".md").read_text("utf-8")
    first = out.read_bytes()
    assert run(study, extract, "--pairs", "20", "--out", str(out), "--quiet") == 0
    assert out.read_bytes() == first  # no time, no machine
    assert run(study, extract, "--pairs", "20", "--seed", "9", "--out", str(out), "-q") == 0
    assert out.read_bytes() != first


def test_another_file_is_refused(study, extract, tmp_path, capsys):
    other = tmp_path / "other.osm.pbf"
    other.write_bytes(extract.read_bytes() + b"\0")
    assert run(study, other, "--lang", "en") == 2
    assert "not the file that the study was made from (town.osm.pbf" in capsys.readouterr().err
    assert run(study, tmp_path / "nothing.osm.pbf", "--lang", "en") == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_file_of_somebody_else_is_not_overwritten(study, extract, tmp_path, capsys):
    out = tmp_path / "notes.json"
    out.write_text('{"mine": 1}')
    assert run(study, extract, "--out", str(out), "--lang", "en") == 2
    assert "is not overwritten" in capsys.readouterr().err
    assert out.read_text() == '{"mine": 1}'


def test_numbers_out_of_range_are_refused_in_words(study, extract, tmp_path, capsys):
    out = str(tmp_path / "c.json")
    assert run(study, extract, "--pairs", "0", "--out", out, "--lang", "zh") == 2
    assert "1 到 20,000" in capsys.readouterr().err


def test_a_study_without_an_extract_or_saved_by_an_earlier_version_says_so(
    studies_folder, extract, tmp_path, capsys
):
    assert (
        run(studies_folder / "small", extract, "--out", str(tmp_path / "c.json"), "--lang", "en")
        == 2
    )
    assert "there is no extract" in capsys.readouterr().err


def test_what_a_saved_study_keeps_of_its_walks(study):
    held = read_walks(study)
    assert len(held.point_id) == len(held.point_xy_m) == len(held.walk_m) == len(held.nearest)
    assert len(held.facility_id) == len(held.entrance_first) - 1
    assert held.entrance_first[-1] == len(held.entrance_xy_m)
    reached = held.nearest >= 0
    assert reached.any()
    assert ((held.walk_m < float("inf")) == reached).all()


def test_an_earlier_version_of_a_study_is_told_apart(study, tmp_path):
    from analysis.errors import SourceDataError

    (tmp_path / "state").mkdir()
    with pytest.raises(SourceDataError) as refused:
        read_walks(tmp_path)
    assert refused.value.reason.key == "verify.no_walks"
    (tmp_path / WALKS_FILE).write_bytes(b"no zip")
    with pytest.raises(SourceDataError) as refused:
        read_walks(tmp_path)
    assert refused.value.reason.key == "store.unusable"
