"""Between whom a saved study walked: enough to ask for its walks again, exactly."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
import pyarrow.parquet as pq
from pyarrow import ArrowException

from analysis.errors import SourceDataError
from analysis.messages import message
from analysis.sources.store.folder import unusable
from analysis.study import Study
from analysis.units import FloatArray, IntArray, freeze

WALKS_FILE: Final = "state/walks.npz"
_WALK: Final = "walk_m."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredWalks:
    """The demand and facilities of a saved study and the walks between them.

    `element_ids` are the walked elements [elements]. `point_id` [p], `point_xy_m` float64 [p, 2];
    `facility_id` [k], `entrance_first` int32 [k + 1], `entrance_xy_m` float64 [e, 2]; `nearest`
    int32 [p, elements] rows of the nearest facility (-1 where none); `walk_m` float64
    [p, elements].
    """

    element_ids: tuple[str, ...]
    point_id: tuple[str, ...]
    point_xy_m: FloatArray
    facility_id: tuple[str, ...]
    entrance_first: IntArray
    entrance_xy_m: FloatArray
    nearest: IntArray
    walk_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for array in (
            self.point_xy_m, self.entrance_first, self.entrance_xy_m, self.nearest, self.walk_m,
        ):  # fmt: skip
            freeze(array)


def write_walks(study: Study, folder: Path) -> None:
    """Write what the tables of a study round or leave out; the same bytes every time."""
    facilities = study.inputs.facilities
    # numpy stamps the members of an .npz with a fixed date.
    np.savez_compressed(
        folder / WALKS_FILE,
        allow_pickle=False,
        point_xy_m=study.inputs.demand.xy_m,
        entrance_first=facilities.entrance_first,
        entrance_xy_m=facilities.entrance_xy_m,
        nearest=study.reach.nearest,
    )


def read_walks(folder: Path) -> StoredWalks:
    """Read them back from a study whose sums were checked.

    Raises :class:`SourceDataError` where an earlier version saved it, or where a file is damaged.
    """
    path = folder / WALKS_FILE
    if not path.is_file():
        raise SourceDataError(
            message("verify.no_walks"),
            remedy=message("verify.no_walks.remedy"),
            source=str(folder),
        )
    try:
        return _read(folder, path)
    except (OSError, ValueError, KeyError, BadZipFile, ArrowException) as error:
        raise unusable(path, error) from error


def _read(folder: Path, path: Path) -> StoredWalks:
    with np.load(path, allow_pickle=False) as arrays:
        held: Mapping[str, Any] = {name: arrays[name] for name in arrays.files}
    table = pq.read_table(folder / "reach.parquet")
    walks = [name for name in table.column_names if name.startswith(_WALK)]
    with (folder / "facilities.csv").open(encoding="utf-8-sig", newline="") as file:
        facility_id = tuple(row["source_id"] for row in csv.DictReader(file))
    point_id = tuple(table.column("point_id").to_pylist())
    return StoredWalks(
        element_ids=tuple(name.removeprefix(_WALK) for name in walks),
        point_id=point_id,
        facility_id=facility_id,
        walk_m=np.column_stack([table.column(name).to_numpy() for name in walks])
        if walks
        else np.empty((len(point_id), 0)),
        **held,
    )
