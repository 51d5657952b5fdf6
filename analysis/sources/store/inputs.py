"""The inputs of a saved study: all that it was made from, so that it can be judged again.

``state/inputs.json`` holds the values and ``state/inputs.npz`` the arrays; streets, barriers and
where the data ends lie in ``state/network``, which every saved study has.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
import shapely

from analysis.errors import AnalysisError, InvalidNetworkError
from analysis.sources.store.folder import (
    INPUT_ARRAYS_FILE,
    INPUTS_FILE,
    NETWORK_FOLDER,
    check_complete,
    check_sum,
    checksums,
    json_object,
    unusable,
)  # fmt: skip
from analysis.sources.store.networks import open_network
from analysis.sources.store.replacing import in_force
from analysis.sources.store.values import Packer, Unpacker
from analysis.study import StudyInputs, StudyParameters

_APART: Final = ("crs", "network", "barriers", "data_area")  # saved with the network
_STATE: Final = "state/"
_UNFIT: Final = (
    AnalysisError, KeyError, IndexError, TypeError, ValueError, AttributeError, OSError,
    EOFError, BadZipFile, shapely.errors.ShapelyError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SavedInputs:
    """What a saved study was made from: its inputs, and what the planner chose."""

    inputs: StudyInputs
    parameters: StudyParameters


def write_inputs(inputs: StudyInputs, parameters: StudyParameters, folder: Path) -> None:
    """Write all but the network into a study's folder; the same bytes every time."""
    packer = Packer()
    held = {one.name: getattr(inputs, one.name) for one in fields(inputs)}
    packed = {
        "inputs": {name: packer.pack(one) for name, one in held.items() if name not in _APART},
        "parameters": packer.pack(parameters),
    }
    text = json.dumps(packed, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    (folder / INPUTS_FILE).write_text(text, "ascii", newline="\n")
    # numpy stamps the members of an .npz with a fixed date.
    arrays: dict[str, Any] = packer.arrays
    np.savez_compressed(folder / INPUT_ARRAYS_FILE, allow_pickle=False, **arrays)


def open_inputs(folder: Path) -> SavedInputs:
    """Read back what a saved study was made from; its state is checked first.

    :func:`analysis.study.analyse` makes the same study of it, digest and all. Raises
    :class:`SourceDataError` that names the file which is missing, damaged or changed. The version
    is the caller's to ask for, with :func:`~analysis.sources.store.studies.read_document`.
    """
    folder = in_force(Path(folder))
    sums = checksums(folder)
    check_complete(folder, sums)
    for name, expected in sums.items():
        if name.startswith(_STATE):
            check_sum(folder / name, expected)
    opened = open_network(folder / NETWORK_FOLDER, mapped=False)
    parts = opened.parts()
    try:
        opened.network.check()
    except InvalidNetworkError as error:
        raise unusable(folder / NETWORK_FOLDER, error) from error
    packed = json_object(folder, INPUTS_FILE)
    try:
        unpacker = Unpacker(_arrays(folder / INPUT_ARRAYS_FILE))
        inputs = StudyInputs(
            crs=parts.crs,
            network=parts.network,
            barriers=parts.barriers,
            data_area=parts.data_area,
            **{name: unpacker.unpack(one) for name, one in packed["inputs"].items()},
        )
        return SavedInputs(inputs=inputs, parameters=unpacker.unpack(packed["parameters"]))
    except _UNFIT as error:
        raise unusable(folder / INPUTS_FILE, error) from error


def _arrays(path: Path) -> dict[str, Any]:
    # Opened here: numpy leaves a file open that is no archive.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
