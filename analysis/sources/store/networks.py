"""Saved networks: streets, barriers and walkers of a place, opened without reading them.

A folder of arrays (``.npy``) and ``manifest.json``, which says what they are, where they come from
and what they must add up to. A saved study keeps its own network in the same form.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import shapely

from analysis.crs import MetricCRS
from analysis.errors import (
    AnalysisError,
    InvalidNetworkError,
    SourceDataError,
)  # fmt: skip
from analysis.linking.linkable import LinkRules
from analysis.messages import message
from analysis.sources.store.arrays import Array, check_sums, read_arrays, write_arrays
from analysis.sources.store.folder import NETWORK_FOLDER, files_in, unusable
from analysis.sources.store.network_parts import NetworkOrigin, NetworkParts
from analysis.sources.store.replacing import absolute, check_foreign, in_force, write_whole
from analysis.sources.store.shapes import (
    BARRIER_ARRAYS,
    DATA_AREA_ARRAYS,
    barrier_arrays,
    barriers_of,
    data_area_arrays,
    data_area_of,
)
from analysis.sources.store.terrain import TERRAIN_ARRAYS, terrain_arrays, terrain_of
from analysis.sources.store.walkers import profile_json, profile_of
from analysis.streets.network import WalkNetwork
from analysis.streets.node_places import NodePlaces

FORMAT: Final = "living-circle-network"
FORMAT_VERSION: Final = 2
_WITHOUT_CROSSINGS: Final = 1  # saved before crossings were kept: nothing is told of any
MANIFEST: Final = "manifest.json"
_NETWORK_ARRAYS: Final = (
    "node_id", "node_xy_m", "arc_tail", "arc_head", "arc_length_m", "arc_first", "arc_xy_m",
    "arc_way_id", "arc_class", "arc_flags", "arc_component",
)  # fmt: skip
_PLACE: Final = "node_place"
_CROSSING: Final = "node_crossing"
_KEYS: Final[Mapping[str, type]] = {
    "origin": dict, "counts": dict, "crs": dict, "class_names": list, "barrier_kinds": list,
    "compound_id": list, "standard": str, "profile": dict, "walkers": list, "link_rules": dict,
    "arrays": dict,
}  # fmt: skip
# What values of a wrong kind raise when they are put to use.
_UNFIT: Final = (KeyError, IndexError, TypeError, ValueError, AttributeError, AnalysisError)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SavedNetwork:
    """An opened network; its arrays lie in `folder` and are read when somebody looks at them.

    Attributes
    ----------
    network, crs
        As in :class:`NetworkParts`.
    origin
        What it was made from.
    manifest
        What the folder says of itself.
    """

    folder: Path
    network: WalkNetwork = field(repr=False)
    crs: MetricCRS
    origin: NetworkOrigin
    manifest: Mapping[str, Any] = field(repr=False)

    def parts(self) -> NetworkParts:
        """Read barriers, data area and walkers; raises :class:`SourceDataError`."""
        told, listed = self.manifest, self.manifest["arrays"]
        names = (*BARRIER_ARRAYS, *DATA_AREA_ARRAYS)
        arrays = read_arrays(self.folder, listed, names, mapped=True)
        try:
            walkers = [profile_of(one) for one in told["walkers"]]
            return NetworkParts(
                network=self.network,
                barriers=barriers_of(
                    arrays,
                    told["barrier_kinds"],
                    told["compound_id"],
                    told.get("compound_name", ()),
                ),
                crs=self.crs,
                data_area=data_area_of(arrays),
                standard=str(told["standard"]),
                profile=profile_of(told["profile"]),
                walkers={one.name: one for one in walkers},
                rules=LinkRules(**{k: float(v) for k, v in told["link_rules"].items()}),
            )
        except (*_UNFIT, shapely.errors.ShapelyError) as error:
            raise unusable(self.folder / MANIFEST, error) from error

    def summary(self) -> dict[str, object]:
        """Return what the manifest says in short: counts, origin, standard, walkers."""
        told = self.manifest
        return {
            "format_version": told["format_version"],
            **told["counts"],
            **told["origin"],
            "standard": told["standard"],
            "walkers": [one["name"] for one in told["walkers"]],
            "has_terrain": self.network.terrain is not None,
        }

    def verify(self) -> None:
        """Read everything; raises :class:`SourceDataError` for a file that was changed."""
        check_sums(self.folder, self.manifest["arrays"])
        try:
            self.network.check()
        except InvalidNetworkError as error:
            raise unusable(self.folder / MANIFEST, error) from error


def save_network(parts: NetworkParts, origin: NetworkOrigin, folder: Path) -> tuple[Path, ...]:
    """Write a network as `folder`, whole or not at all, and return its files, sorted.

    The folder is new, empty, or an earlier saved network, which is replaced. Raises
    :class:`InvalidParameterError` where it holds anything else and :class:`SourceUnavailableError`
    where it cannot be written.
    """
    folder = absolute(folder)
    check_network_replaceable(folder)
    return write_whole(folder, lambda making: write_network(parts, origin, making))


def check_network_replaceable(folder: Path) -> None:
    """Raise :class:`InvalidParameterError` where saving to `folder` could lose something."""
    check_foreign(folder, lambda: _files(folder), "network_store")


def write_network(parts: NetworkParts, origin: NetworkOrigin, folder: Path) -> None:
    """Write a network into an empty folder, the same bytes every time."""
    network, barriers = parts.network, parts.barriers
    kinds = tuple(sorted(set(barriers.kinds)))
    arrays: dict[str, Array] = {
        **{name: getattr(network, name) for name in _NETWORK_ARRAYS},
        _PLACE: network.node_place,
        _CROSSING: network.crossing,
        **terrain_arrays(network),
        **barrier_arrays(barriers, kinds),
        **data_area_arrays(parts.data_area),
    }
    rules = parts.rules
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "origin": {
            "file_name": origin.file_name,
            "sha256": origin.sha256,
            "data_date": origin.data_date,
        },
        "counts": {
            "nodes": network.n_nodes,
            "arcs": network.n_arcs,
            "components": network.n_components,
            "street_m": round(network.length_m, 3),
            "barriers": len(barriers.lines),
            "compounds": len(barriers.compounds),
        },
        "crs": {"lon": parts.crs.lon, "lat": parts.crs.lat, "definition": network.crs},
        "class_names": list(network.class_names),
        "barrier_kinds": list(kinds),
        "compound_id": list(barriers.compound_id),
        "compound_name": list(barriers.compound_name),
        "standard": parts.standard,
        "profile": profile_json(parts.profile),
        "walkers": [profile_json(one) for one in parts.walkers.values()],
        "link_rules": {
            "near_m": rules.near_m,
            "snap_limit_m": rules.snap_limit_m,
            "min_component_share": rules.min_component_share,
        },
        "arrays": write_arrays(folder, arrays),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / MANIFEST).write_bytes(text.encode("utf-8", "replace") + b"\n")


def open_network(folder: Path, *, mapped: bool = True) -> SavedNetwork:
    """Open a saved network.

    Only the manifest is read, and the header of each array is compared with it; what the arrays
    hold is seen when it is needed, and checked by :meth:`SavedNetwork.verify`. Without `mapped` the
    network's arrays are read whole, so that nothing that happens to the files matters later.

    Raises :class:`SourceDataError` that names the file which is missing, cut short, foreign, or of
    another version.
    """
    folder = in_force(Path(folder))
    manifest = read_manifest(folder)
    listed = manifest["arrays"]
    try:
        arrays = read_arrays(folder, listed, _named(manifest), mapped=mapped)
        terrain = None
        if not set(TERRAIN_ARRAYS).isdisjoint(listed):
            found = read_arrays(folder, listed, TERRAIN_ARRAYS, mapped=mapped)
            terrain = terrain_of(found, unread=True)
        place, tail, head = arrays.pop(_PLACE), arrays["arc_tail"], arrays["arc_head"]
        return SavedNetwork(
            folder=folder,
            network=WalkNetwork(
                crs=str(manifest["crs"]["definition"]),
                class_names=tuple(manifest["class_names"]),
                **arrays,
                terrain=terrain,
                places=NodePlaces(len(arrays["node_id"]), tail, head, place),
                unread=True,
            ),
            crs=MetricCRS(lon=float(manifest["crs"]["lon"]), lat=float(manifest["crs"]["lat"])),
            origin=NetworkOrigin(**{k: str(v) for k, v in manifest["origin"].items()}),
            manifest=manifest,
        )
    except SourceDataError:
        raise
    except _UNFIT as error:
        raise unusable(folder / MANIFEST, error) from error


def study_network(folder: Path) -> SavedNetwork:
    """Open the network of a saved study; raises :class:`SourceDataError`."""
    folder = in_force(Path(folder))
    if not (folder / NETWORK_FOLDER).is_dir():
        raise SourceDataError(
            message("network_store.study_without"),
            remedy=message("store.version.remedy"),
            source=str(folder),
        )
    return open_network(folder / NETWORK_FOLDER)


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Return the manifest of a saved network; raises :class:`SourceDataError`."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise _not_a_network(folder) from error
    except (OSError, ValueError, RecursionError) as error:
        raise unusable(path, error) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _not_a_network(folder)
    version = manifest.get("format_version")
    if version not in (_WITHOUT_CROSSINGS, FORMAT_VERSION):
        raise SourceDataError(
            message("network_store.version", found=str(version), expected=FORMAT_VERSION),
            remedy=message("network_store.version.remedy"),
            source=str(path),
        )
    if not all(isinstance(manifest.get(key), kind) for key, kind in _KEYS.items()):
        raise unusable(path, TypeError())
    listed = manifest["arrays"]
    needed = (*_named(manifest), *BARRIER_ARRAYS, *DATA_AREA_ARRAYS)
    # A name is part of a path: nothing but the arrays of this folder is ever opened.
    if any(not isinstance(listed.get(name), dict) for name in needed) or not all(
        name.isidentifier() for name in listed
    ):
        raise unusable(path, KeyError())
    return manifest


def _named(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the arrays that the streets of a network of this version have."""
    told = manifest["format_version"] != _WITHOUT_CROSSINGS
    return (*_NETWORK_ARRAYS, _PLACE, *((_CROSSING,) if told else ()))


def _not_a_network(folder: Path) -> SourceDataError:
    return SourceDataError(
        message("network_store.not_a_network"),
        remedy=message("network_store.not_a_network.remedy"),
        source=str(folder),
    )


def _files(folder: Path) -> set[str]:
    """Return the files of a saved network; raises :class:`SourceDataError` where it is none."""
    listed = read_manifest(folder)["arrays"]
    return {MANIFEST, *(f"{name}.npy" for name in listed)} & files_in(folder)
