"""Named arrays in a folder: one ``.npy`` file each, mapped into memory, with a list of their sums.

Nothing is pickled. The list (part of a manifest) states dtype, shape and sha256 of every array; a
file whose header disagrees is refused at once, its content only where somebody asks.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.sources.digests import sha256_of
from analysis.sources.store.folder import damaged, unusable

Array = npt.NDArray[Any]


def write_arrays(folder: Path, arrays: Mapping[str, Array]) -> dict[str, dict[str, object]]:
    """Write `arrays` below `folder` and return their list: name → dtype, shape, sha256."""
    listed: dict[str, dict[str, object]] = {}
    for name, array in arrays.items():
        path = folder / f"{name}.npy"
        np.save(path, np.ascontiguousarray(array), allow_pickle=False)
        listed[name] = {
            "dtype": array.dtype.newbyteorder("<").str,
            "shape": list(array.shape),
            "sha256": sha256_of(path),
        }
    return listed


def read_arrays(
    folder: Path, listed: Mapping[str, Mapping[str, Any]], names: Iterable[str], *, mapped: bool
) -> dict[str, Array]:
    """Return the arrays `names`, mapped from their files or read whole.

    Raises :class:`SourceDataError` for a file that is missing, cut short, no array, or of another
    dtype or shape than the list says. A mapped file is not read before somebody looks at it.
    """
    return {name: _read(folder / f"{name}.npy", listed[name], mapped=mapped) for name in names}


def check_sums(folder: Path, listed: Mapping[str, Mapping[str, Any]]) -> None:
    """Read all files of the list; raises :class:`SourceDataError` for one that was changed."""
    for name, stated in listed.items():
        path = folder / f"{name}.npy"
        try:
            same = sha256_of(path) == stated["sha256"]
        except FileNotFoundError as error:
            raise damaged(path, "store.missing") from error
        except OSError as error:
            raise unusable(path, error) from error
        if not same:
            raise damaged(path, "store.damaged")


def _read(path: Path, stated: Mapping[str, Any], *, mapped: bool) -> Array:
    try:
        found = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    except FileNotFoundError as error:
        raise damaged(path, "store.missing") from error
    except (OSError, ValueError, EOFError) as error:  # EOFError: an empty file
        raise unusable(path, error) from error
    if not isinstance(found, np.ndarray) or (
        found.dtype.str != stated["dtype"] or list(found.shape) != stated["shape"]
    ):
        raise damaged(path, "store.damaged")
    return np.asarray(found)  # kernels know no memmap
