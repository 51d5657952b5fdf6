"""The invented district with every kind of planner's file: saved, opened, the same study again."""

from analysis.documents.study import study_document
from analysis.sources.inputs import read_inputs
from analysis.sources.request import InputRequest
from analysis.sources.store.inputs import open_inputs
from analysis.sources.store.studies import open_study, save_study
from analysis.study import StudyParameters, analyse


def test_the_demo_s_study_is_made_again_from_its_own_folder(district_folder) -> None:
    saved = district_folder / "sample-district"
    found = open_inputs(saved)
    again = study_document(analyse(found.inputs, found.parameters))
    assert again["digest"] == open_study(saved).digest


def test_all_that_planners_files_give_comes_back(district_folder, tmp_path) -> None:
    files = district_folder / "sample-district-files"
    inputs = read_inputs(
        InputRequest(
            source=files / "district.osm.pbf",
            circles=files / "circles.gpkg",
            facilities=(files / "facilities.csv", files / "old_communities.csv"),
            population=files / "population.csv",
            opinions=(files / "opinions.csv",),
            parcels=(files / "parcels.csv",),
        )  # fmt: skip
    )
    save_study(analyse(inputs, StudyParameters()), tmp_path / "s", run={})
    found = open_inputs(tmp_path / "s").inputs
    assert found.standard == inputs.standard
    assert found.notices == inputs.notices
    assert found.files == inputs.files
    assert found.access == inputs.access
    assert found.evidence.residents == inputs.evidence.residents
    assert found.planner.readings == inputs.planner.readings
    assert found.planner.unlocated == inputs.planner.unlocated
    assert found.planner.matches == inputs.planner.matches
    assert found.facilities.attributes == inputs.facilities.attributes
    for ours, theirs in (
        (inputs.planner.parcels, found.planner.parcels),
        (inputs.planner.opinions, found.planner.opinions),
    ):
        assert ours is not None
        assert theirs is not None
        assert ours.xy_m.tolist() == theirs.xy_m.tolist()
