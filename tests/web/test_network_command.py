"""``living-circle network`` and isochrones of what it saves: same answers, no heavy imports."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import analysis
from analysis.sources.store.studies import save_study
from analysis.testing.studies import small_study
from service.cli import main

ROOT = Path(analysis.__file__).resolve().parent.parent
HEAVY = (
    "scipy.linalg", "scipy.sparse", "pandas", "geopandas", "pyogrio", "osmnx", "networkx",
    "rasterio", "jsonschema", "pyarrow", "openpyxl", "osmium", "fastapi", "folium", "xlsxwriter",
)  # fmt: skip


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """Return a small OSM XML file: 6 × 6 streets 100 m apart, whose corners are bends, a fence."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">']
    for row in range(6):
        for column in range(6):
            lon, lat = 106.65 + 0.001 * column, 26.70 + 0.0009 * row
            lines.append(f'<node id="{10 * row + column + 1}" lon="{lon:.7f}" lat="{lat:.7f}"/>')
    ways = [[10 * row + column + 1 for column in range(6)] for row in range(6)]
    ways += [[10 * row + column + 1 for row in range(6)] for column in range(6)]
    for number, nodes in enumerate(ways, start=1):
        refs = "".join(f'<nd ref="{one}"/>' for one in nodes)
        lines.append(f'<way id="{number}">{refs}<tag k="highway" v="residential"/></way>')
    lines.append(
        '<node id="91" lon="106.6501" lat="26.7001"/><node id="92" lon="106.6509" lat="26.7001"/>'
    )
    lines.append(
        '<way id="91"><nd ref="91"/><nd ref="92"/><tag k="barrier" v="fence"/></way></osm>'
    )
    path = tmp_path / "grid.osm"
    path.write_text("\n".join(lines), "utf-8")
    return path


def features(path: Path) -> list[dict]:
    return json.loads(path.read_text("utf-8"))["features"]


def test_a_network_is_saved_inspected_and_walked(extract, tmp_path, capsys) -> None:
    out = tmp_path / "网络"
    assert main(["network", str(extract), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["nodes"], told["arcs"], told["components"], told["barriers"]) == (32, 56, 1, 1)
    assert told["street_km"] == pytest.approx(60 * 0.0996, rel=0.01)
    assert told["bytes"] == sum(one.stat().st_size for one in out.iterdir())
    assert main(["inspect", str(out), "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert (seen["arcs"], seen["file_name"]) == (56, "grid.osm")
    for language, sound in (("zh", "校验和"), ("en", "checksums")):
        assert main(["inspect", str(out), "--lang", language]) == 0
        assert sound in capsys.readouterr().out
    results = []
    for source in (extract, out):
        target = tmp_path / f"{source.name}.geojson"
        asked = ["--at", "106.6525,26.7022", "--minutes", "2,4", "--out", str(target), "-q"]
        assert main(["isochrone", str(source), *asked]) == 0
        results.append(features(target))
    assert results[0] == results[1], "from the extract and from the saved network"
    assert results[0][0]["properties"]["area_m2"] > results[0][1]["properties"]["area_m2"] > 0


def test_options_change_the_answer(extract, tmp_path, capsys) -> None:
    out = tmp_path / "net"
    main(["network", str(extract), "--out", str(out), "-q"])

    def drawn(*options: str) -> list[dict]:
        target = tmp_path / "o.geojson"
        code = main(
            ["isochrone", str(out), "--at", "106.6525,26.7022", "--minutes", "4", "--out",
             str(target), "-q", *options]
        )  # fmt: skip
        assert code == 0, capsys.readouterr().err
        return features(target)

    (exact,) = drawn()
    (fast,) = drawn("--drawing", "fast")
    (filled,) = drawn("--fill-holes-below", "1000000")
    (slow,) = drawn("--walker", "wheelchair")
    assert exact["properties"]["drawing"] == "exact"
    assert fast["properties"]["drawing"] == "fast"
    assert len(exact["geometry"]["coordinates"]) > 1, "blocks of 100 m leave holes"
    assert len(filled["geometry"]["coordinates"]) == 1
    assert slow["properties"]["area_m2"] < exact["properties"]["area_m2"]
    polygon, pieces = drawn("--pieces")
    assert (polygon["properties"]["part"], pieces["properties"]["part"]) == ("polygon", "pieces")


def test_a_saved_study_gives_its_own_walker(tmp_path) -> None:
    save_study(small_study(), tmp_path / "study", run={})
    centre = small_study().inputs.crs
    at = f"{centre.lon},{centre.lat}"
    code = main(["isochrone", str(tmp_path / "study"), "--at", at, "--minutes", "3",
                 "--out", str(tmp_path / "o.geojson"), "-q"])  # fmt: skip
    assert code == 0
    assert features(tmp_path / "o.geojson")[0]["properties"]["walker"] == "adult"


@pytest.mark.parametrize("harm", ["bit", "version", "foreign"])
def test_a_damaged_network_ends_with_two_and_says_which_file(
    extract, tmp_path, capsys, harm
) -> None:
    out = tmp_path / "net"
    main(["network", str(extract), "--out", str(out), "-q"])
    if harm == "bit":
        content = bytearray((out / "arc_head.npy").read_bytes())
        content[-1] ^= 64
        (out / "arc_head.npy").write_bytes(content)
        named = "arc_head.npy"
    elif harm == "version":
        manifest = json.loads((out / "manifest.json").read_text("utf-8"))
        (out / "manifest.json").write_text(json.dumps({**manifest, "format_version": 99}), "utf-8")
        named = "99"
    else:
        (out / "manifest.json").unlink()
        named = "net"
    for command in (
        ["isochrone", str(out), "--at", "106.65,26.70", "--out", str(tmp_path / "o.geojson")],
        ["inspect", str(out)],
    ):
        capsys.readouterr()
        assert main([*command, "--lang", "en"]) == 2
        told = capsys.readouterr().err
        assert named in told
        assert "Remedy" in told
    assert not (tmp_path / "o.geojson").exists()


def test_nothing_of_a_planners_is_overwritten(extract, tmp_path, capsys) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years", "utf-8")
    for out in (mine, extract):
        assert main(["network", str(extract), "--out", str(out), "--lang", "en"]) == 2
        assert "Remedy" in capsys.readouterr().err
    assert (mine / "thesis.txt").read_text("utf-8") == "years"


def test_isochrones_of_a_saved_network_import_nothing_heavy(extract, tmp_path) -> None:
    out = tmp_path / "net"
    main(["network", str(extract), "--out", str(out), "-q"])
    code = (
        "import sys\n"
        "from service.cli import main\n"
        f"assert main(['isochrone', {str(out)!r}, '--at', '106.6525,26.7022', '--out',"
        f" {str(tmp_path / 'o.geojson')!r}]) == 0\n"
        f"print([one for one in {HEAVY} if one in sys.modules])\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"}, encoding="utf-8",
    )  # fmt: skip
    assert told.stdout.splitlines()[-1:] == ["[]"], told.stdout + told.stderr


def test_reading_streets_imports_neither_compiler_nor_tables(extract) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from analysis.sources.network_inputs import read_network_inputs\n"
        "from analysis.sources.standards import read_standard\n"
        f"read_network_inputs(Path({str(extract)!r}), read_standard(None))\n"
        "print([one for one in ('numba', 'scipy', 'pandas', 'geopandas', 'pyogrio', 'rasterio',"
        " 'jsonschema', 'pyarrow', 'openpyxl', 'osmnx', 'networkx') if one in sys.modules])\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert told.stdout.strip() == "[]", told.stdout + told.stderr
