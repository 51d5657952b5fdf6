"""A folder with two saved studies, and a client of the service over it."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.sources.sample_district import write_sample_district
from analysis.study import StudyParameters, analyse
from analysis.testing.studies import small_study
from service.app import create_app
from service.commands.demo import DISTRICT_TITLE
from service.outputs import write_outputs
from service.settings import Settings


@pytest.fixture(scope="session")
def studies_folder(tmp_path_factory):
    """Return a folder with the studies ``small`` and ``观山湖 1``."""
    folder = tmp_path_factory.mktemp("studies")
    for name in ("small", "观山湖 1"):
        write_outputs(small_study(), folder / name, language="zh", run={"started": "test"})
    (folder / "not-a-study").mkdir()
    (folder / ".small.saving-1").mkdir()
    (folder / "file.txt").write_text("x", "utf-8")
    return folder


@pytest.fixture(scope="session")
def settings(studies_folder):
    """Return the settings of that service."""
    return Settings(studies_folder=studies_folder)


@pytest.fixture
def client(settings):
    """Return a client; unexpected errors are answered, not raised."""
    with TestClient(create_app(settings), raise_server_exceptions=False) as one:
        yield one


@pytest.fixture(scope="session")
def district_folder(tmp_path_factory):
    """Return a folder with the demo's own study ``sample-district``, made as the demo makes it."""
    folder = tmp_path_factory.mktemp("demo")
    files = write_sample_district(folder / "sample-district-files")
    request = InputRequest(
        source=files.osm_pbf,
        circles=files.circles,
        facilities=(files.facilities,),
        population=files.population,
        elevation=(files.elevation,),
        title=DISTRICT_TITLE,
    )
    study = analyse(read_inputs(request), StudyParameters())
    write_outputs(study, folder / "sample-district", language="zh", run={})
    return folder


@pytest.fixture
def district_client(district_folder):
    """Return a client of the service over the demo's district."""
    with TestClient(create_app(Settings(studies_folder=district_folder))) as one:
        yield one


@pytest.fixture
def extract(tmp_path) -> Path:
    """Return a small OSM XML file: three streets, a shop, four homes."""
    path = tmp_path / "tiny.osm"
    nodes = {1: (106.650, 26.700), 2: (106.654, 26.700), 3: (106.654, 26.704), 4: (106.650, 26.704)}
    lines = ['<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">']
    for one, (lon, lat) in nodes.items():
        lines.append(f'<node id="{one}" lon="{lon}" lat="{lat}"/>')
    lines.append(
        '<node id="9" lon="106.652" lat="26.7001"><tag k="amenity" v="pharmacy"/>'
        '<tag k="name" v="[red]药店\u001b"/></node>'.replace("\u001b", "")
    )
    for way, (a, b) in enumerate([(1, 2), (2, 3), (3, 4)], start=1):
        lines.append(
            f'<way id="{way}"><nd ref="{a}"/><nd ref="{b}"/><tag k="highway" v="footway"/></way>'
        )
    lines.append("</osm>")
    path.write_text("\n".join(lines), "utf-8")
    return path
