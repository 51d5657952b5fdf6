"""Saved networks: the same arrays back without reading them, and every kind of damage named."""

import hashlib
import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from analysis.errors import InvalidNetworkError, InvalidParameterError, SourceDataError
from analysis.isochrones.isochrone import isochrones, prepare_place
from analysis.sources.inputs import read_inputs
from analysis.sources.network_inputs import read_network_inputs
from analysis.sources.request import InputRequest
from analysis.sources.sample_district import write_sample_district
from analysis.sources.standards import read_standard
from analysis.sources.store.network_parts import NetworkOrigin, NetworkParts
from analysis.sources.store.networks import open_network, save_network, study_network
from analysis.sources.store.studies import save_study
from analysis.streets.network import WalkNetwork
from analysis.testing.studies import small_inputs, small_study
from analysis.walking import Crossing

ORIGIN = NetworkOrigin(file_name="小城.osm.pbf", sha256="ab" * 32, data_date="2026-01-31")
ARRAYS = (
    "node_id", "node_xy_m", "arc_tail", "arc_head", "arc_length_m", "arc_first", "arc_xy_m",
    "arc_way_id", "arc_class", "arc_flags", "arc_component", "node_place",
    "node_crossing",
)  # fmt: skip


def small_parts() -> NetworkParts:
    inputs = small_inputs()
    standard = inputs.standard
    return NetworkParts(
        network=inputs.network,
        barriers=inputs.barriers,
        crs=inputs.crs,
        data_area=inputs.data_area,
        standard=standard.id,
        profile=standard.profile("child"),
        walkers={one.name: one for one in standard.profiles},
        rules=small_study().link_rules,
    )


@pytest.fixture(scope="module")
def parts() -> NetworkParts:
    return small_parts()


@pytest.fixture
def saved(parts: NetworkParts, tmp_path: Path) -> Path:
    save_network(parts, ORIGIN, tmp_path / "net")
    return tmp_path / "net"


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def rewrite(folder: Path, value: object) -> None:
    (folder / "manifest.json").write_text(json.dumps(value), "utf-8")


def put(folder: Path, name: str, array: np.ndarray, *, told: bool) -> None:
    """Exchange an array; where `told`, with a manifest that fits it."""
    path = folder / f"{name}.npy"
    np.save(path, array, allow_pickle=True)
    if told:
        value = manifest(folder)
        value["arrays"][name] = {
            "dtype": array.dtype.str,
            "shape": list(array.shape),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        rewrite(folder, value)


def assert_same_network(one: WalkNetwork, other: WalkNetwork) -> None:
    for name in ARRAYS:
        ours, theirs = getattr(one, name), getattr(other, name)
        assert ours.dtype == theirs.dtype, name
        assert np.array_equal(ours, theirs), name
    assert (one.crs, one.class_names) == (other.crs, other.class_names)


def test_what_was_saved_comes_back(parts, saved) -> None:
    found = open_network(saved)
    assert_same_network(found.network, parts.network)
    again = found.parts()
    assert again.network is found.network
    assert shapely.equals_exact(again.barriers.lines, parts.barriers.lines, 0.0).all()
    assert shapely.equals_exact(again.barriers.compounds, parts.barriers.compounds, 0.0).all()
    for name in ("kinds", "compound_id"):
        assert getattr(again.barriers, name) == getattr(parts.barriers, name)
    for name in ("gate_compound", "gate_xy_m", "gate_inferred"):
        assert np.array_equal(getattr(again.barriers, name), getattr(parts.barriers, name))
    assert again.data_area.equals(parts.data_area)
    assert (again.crs, again.rules, again.standard) == (parts.crs, parts.rules, parts.standard)
    assert again.profile == parts.profile
    assert again.walkers == parts.walkers
    assert again.walker(None).name == "child"
    assert again.walker("wheelchair") == parts.walkers["wheelchair"]
    with pytest.raises(InvalidParameterError, match="test-standard"):
        replace(again, walkers={}).walker("adult")
    assert found.origin == ORIGIN
    found.verify()
    assert found.summary()["arcs"] == 220
    assert not found.summary()["has_terrain"]


def test_arrays_are_mapped_and_read_only(saved) -> None:
    mapped, whole = open_network(saved).network, open_network(saved, mapped=False).network
    for name in ARRAYS:
        array = getattr(mapped, name)
        assert type(array) is np.ndarray
        assert not array.flags.writeable
        base = array
        while base is not None and not isinstance(base, np.memmap):
            base = base.base
        assert isinstance(base, np.memmap), name
        assert not isinstance(getattr(whole, name).base, np.memmap)


def test_isochrones_are_the_same_from_memory_and_from_a_file(parts, saved) -> None:
    opened = open_network(saved).parts()
    shapes = [
        isochrones(
            (330.0, 410.0), (400.0, 800.0),
            place=prepare_place(one.network, one.barriers, one.profile, one.rules),
        )
        for one in (parts, opened)
    ]  # fmt: skip
    for ours, theirs in zip(*shapes, strict=True):
        assert ours.reached_m == theirs.reached_m > 0
        assert shapely.equals_exact(ours.shape, theirs.shape, 0.0)


def test_slopes_come_back(parts, tmp_path) -> None:
    network = with_slopes(parts.network)
    save_network(replace(parts, network=network), ORIGIN, tmp_path / "hills")
    found = open_network(tmp_path / "hills")
    assert found.network.terrain is not None
    for one in ("run_first", "run_m", "grade", "known_m"):
        assert np.array_equal(getattr(found.network.terrain, one), getattr(network.terrain, one))
    assert found.summary()["has_terrain"]
    put(tmp_path / "hills", "terrain_grade", np.full(len(network.terrain.grade), np.nan), told=True)
    with pytest.raises(SourceDataError):
        open_network(tmp_path / "hills").verify()


def with_slopes(network: WalkNetwork) -> WalkNetwork:
    from analysis.testing.cities import on_hills

    return on_hills(network, lambda x, y: 0.05 * x + 0.0 * y)


def test_two_saves_have_the_same_bytes(tmp_path) -> None:
    for name in ("a", "b"):
        save_network(small_parts(), ORIGIN, tmp_path / name)
    files = [{one.name: one.read_bytes() for one in (tmp_path / n).iterdir()} for n in ("a", "b")]
    assert files[0] == files[1]


def test_opening_reads_no_array_and_verifying_reads_all(saved) -> None:
    path = saved / "arc_xy_m.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    found = open_network(saved)
    with pytest.raises(SourceDataError) as caught:
        found.verify()
    assert caught.value.reason.key == "store.damaged"
    assert caught.value.source == str(path)


@pytest.mark.parametrize("name", ["arc_tail", "node_place", "arc_component", "node_xy_m"])
@pytest.mark.parametrize("harm", ["removed", "emptied", "cut", "longer header", "text"])
def test_a_harmed_array_is_named_on_opening(saved, name, harm) -> None:
    path = saved / f"{name}.npy"
    whole = path.read_bytes()
    if harm == "removed":
        path.unlink()
    else:
        path.write_bytes(
            {"emptied": b"", "cut": whole[:-8], "longer header": whole[:40], "text": b"hello"}[harm]
        )
    with pytest.raises(SourceDataError) as caught:
        open_network(saved)
    assert caught.value.source == str(path)
    assert caught.value.remedy is not None


@pytest.mark.parametrize("name", ["barrier_xy_m", "compound_wkb", "data_area_wkb"])
def test_a_harmed_barrier_is_named_when_it_is_read(saved, name) -> None:
    (saved / f"{name}.npy").write_bytes(b"")
    found = open_network(saved)
    with pytest.raises(SourceDataError) as caught:
        found.parts()
    assert caught.value.source == str(saved / f"{name}.npy")


@pytest.mark.parametrize(
    "array",
    [np.zeros(220, np.int64), np.zeros(219, np.int32), np.zeros((220, 1), np.int32),
     np.array([{"a": 1}], dtype=object), np.zeros(220, ">i4")],
)  # fmt: skip
@pytest.mark.parametrize("told", [True, False])
def test_another_dtype_or_length_is_refused(saved, array, told) -> None:
    put(saved, "arc_head", array, told=told)
    with pytest.raises(SourceDataError):
        open_network(saved)


@pytest.mark.parametrize(
    ("name", "value"),
    [("arc_tail", -1), ("arc_head", 10_000), ("arc_length_m", np.nan), ("arc_length_m", 1e-9),
     ("node_id", 0), ("node_place", 5), ("arc_class", 9), ("arc_first", 3), ("node_xy_m", np.inf)],
)  # fmt: skip
def test_values_that_break_the_network_are_found_by_verifying(saved, name, value) -> None:
    array = np.load(saved / f"{name}.npy").copy()
    array[3 if array.ndim == 1 else (3, 0)] = value
    put(saved, name, array, told=True)
    with pytest.raises(SourceDataError) as caught:
        open_network(saved).verify()
    assert isinstance(caught.value.__cause__, InvalidNetworkError)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"format": "something else"}', b"\xff\xfe{}", b"[" * 10**5]
)  # fmt: skip
def test_a_damaged_or_foreign_manifest_is_refused(saved, content) -> None:
    (saved / "manifest.json").write_bytes(content)
    with pytest.raises(SourceDataError) as caught:
        open_network(saved)
    assert caught.value.reason.key in {"network_store.not_a_network", "store.unusable"}
    for language in ("zh", "en"):
        assert str(saved) in caught.value.text(language)


def test_a_later_version_is_told_with_both_numbers(saved) -> None:
    rewrite(saved, {**manifest(saved), "format_version": 7})
    with pytest.raises(SourceDataError) as caught:
        open_network(saved)
    assert caught.value.reason.key == "network_store.version"
    assert "7" in caught.value.text("en")


@pytest.mark.parametrize(
    "key", ["origin", "counts", "crs", "class_names", "barrier_kinds", "compound_id", "standard",
            "profile", "walkers", "link_rules", "arrays"],
)  # fmt: skip
@pytest.mark.parametrize("value", [None, 3, [], {}, [[]], {"lon": "x"}, [{"name": "horse"}]])
def test_a_manifest_with_a_wrong_part_is_refused(saved, key, value) -> None:
    rewrite(saved, {**manifest(saved), key: value})
    try:
        found = open_network(saved)
        found.parts()
        found.verify()
    except SourceDataError:
        return
    assert type(value) is type(manifest(saved)[key]), "only values of the right kind may pass"


def test_no_name_in_a_manifest_leads_out_of_the_folder(saved) -> None:
    value = manifest(saved)
    value["arrays"]["../secret"] = value["arrays"]["arc_tail"]
    rewrite(saved, value)
    (saved.parent / "secret.npy").write_bytes((saved / "arc_tail.npy").read_bytes())
    with pytest.raises(SourceDataError):
        open_network(saved)


def test_only_a_saved_network_is_replaced(parts, saved, tmp_path) -> None:
    save_network(parts, replace(ORIGIN, data_date="2026-02-02"), saved)
    assert open_network(saved).origin.data_date == "2026-02-02"
    assert [one.name for one in tmp_path.iterdir()] == ["net"]
    (saved / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(InvalidParameterError) as caught:
        save_network(parts, ORIGIN, saved)
    assert caught.value.value == "notes.txt"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.docx").write_text("years", "utf-8")
    with pytest.raises(InvalidParameterError) as caught:
        save_network(parts, ORIGIN, tmp_path / "other")
    assert caught.value.value == "thesis.docx"


def test_a_saved_study_holds_its_network_in_the_same_form(tmp_path) -> None:
    study = small_study()
    save_study(study, tmp_path / "study", run={})
    found = study_network(tmp_path / "study")
    assert_same_network(found.network, study.inputs.network)
    assert found.parts().profile == study.profile
    assert found.origin == NetworkOrigin(
        file_name="small.osm.pbf", sha256="1" * 64, data_date=study.inputs.data_date
    )
    found.verify()


def test_a_study_of_an_earlier_version_is_told(tmp_path) -> None:
    save_study(small_study(), tmp_path / "study", run={})
    for one in (tmp_path / "study" / "state" / "network").iterdir():
        one.unlink()
    (tmp_path / "study" / "state" / "network").rmdir()
    with pytest.raises(SourceDataError) as caught:
        study_network(tmp_path / "study")
    assert caught.value.reason.key == "network_store.study_without"


def test_an_empty_network_of_barriers_comes_back(parts, tmp_path) -> None:
    from analysis.streets.barriers import no_barriers

    save_network(replace(parts, barriers=no_barriers()), ORIGIN, tmp_path / "open")
    found = open_network(tmp_path / "open")
    found.verify()
    assert len(found.parts().barriers.lines) == 0


def assert_reads_alike(path: Path) -> None:
    """The network-only path and the whole one: the same streets and barriers to the last bit."""
    quick, whole = read_network_inputs(path, read_standard(None)), read_inputs(
        InputRequest(source=path)
    )  # fmt: skip
    assert_same_network(quick.network, whole.network)
    assert shapely.to_wkb(quick.data_area) == shapely.to_wkb(whole.data_area)
    assert quick.crs == whole.crs
    assert quick.sha256 == whole.files[0].sha256
    for one in fields(whole.barriers):
        ours, theirs = getattr(quick.barriers, one.name), getattr(whole.barriers, one.name)
        if one.name in {"lines", "compounds"}:
            ours, theirs = (b"".join(shapely.to_wkb(shapes)) for shapes in (ours, theirs))
            assert ours == theirs, one.name
        else:
            assert np.array_equal(ours, theirs), one.name
    mine, all_ = ({n.code: n for n in one.notices} for one in (quick, whole))
    for code in mine:
        if not code.startswith("source."):  # objects that are no streets are not looked at
            assert mine[code] == all_[code]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "name",
    ["beijing_tsinghua_2017.osm.pbf", "las_palmas_2023.osm.pbf", "monaco_2023.osm.pbf",
     "porto_alegre_2020_network.osm.pbf", "puyang_qingzu_2023_rural.osm.pbf",
     "shanghai_tongji_2026.osm.pbf", "guiyang_guanshanhu_2026.overpass.json"],
)  # fmt: skip
def test_streets_alone_are_read_like_the_whole_extract(shared_data: Path, name: str) -> None:
    assert_reads_alike(shared_data / name)


def test_the_sample_district_is_read_alike(tmp_path) -> None:
    assert_reads_alike(write_sample_district(tmp_path / "district").osm_pbf)


def test_crossings_are_kept_and_older_networks_open_without(
    parts: NetworkParts, tmp_path: Path
) -> None:
    told = np.zeros(parts.network.n_nodes, dtype=np.uint8)
    told[1] = Crossing.SIGNAL
    network = replace(parts.network, node_crossing=told)
    folder = tmp_path / "signals"
    save_network(replace(parts, network=network), ORIGIN, folder)
    opened = open_network(folder)
    opened.verify()
    assert opened.network.crossing.tolist() == told.tolist()
    value = manifest(folder)
    del value["arrays"]["node_crossing"]
    (folder / "node_crossing.npy").unlink()
    rewrite(folder, value)
    with pytest.raises(SourceDataError):  # of this version it has to be there
        open_network(folder)
    rewrite(folder, value | {"format_version": 1})
    older = open_network(folder)
    older.verify()
    assert not older.network.crossing.any()
    assert older.parts().network is older.network
