"""A folder with two saved studies, and a client of the service over it."""

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
