"""What reopening a study needs: network, barriers, walker and link rules, as arrays and JSON.

Nothing is pickled: arrays are ``.npz`` read with ``allow_pickle=False``, shapes are WKB.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from analysis.barriers import Barriers
from analysis.crs import MetricCRS
from analysis.documents.digest import canonical_json
from analysis.linkable import LinkRules
from analysis.network import WalkNetwork
from analysis.study import Study
from analysis.units import GeometryArray
from analysis.walking import ArcFlag, WalkProfile

NETWORK_FILE: Final = "state/network.npz"
BARRIERS_FILE: Final = "state/barriers.npz"
STATE_FILE: Final = "state/state.json"
_NETWORK_ARRAYS: Final = (
    "node_id", "node_xy_m", "arc_tail", "arc_head", "arc_length_m", "arc_first", "arc_xy_m",
    "arc_way_id", "arc_class", "arc_flags", "arc_component",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyState:
    """The parts of a study that isochrones and later questions need."""

    network: WalkNetwork
    barriers: Barriers
    profile: WalkProfile
    rules: LinkRules
    crs: MetricCRS
    data_area: shapely.Geometry


def write_state(study: Study, folder: Path) -> None:
    """Write the state of `study` below `folder` (``state/``), the same bytes every time."""
    (folder / STATE_FILE).parent.mkdir()
    network, barriers = study.inputs.network, study.inputs.barriers
    # numpy stamps the members of an .npz with a fixed date.
    np.savez(
        folder / NETWORK_FILE,
        allow_pickle=False,
        **{name: getattr(network, name) for name in _NETWORK_ARRAYS},
    )
    kinds = tuple(sorted(set(barriers.kinds)))
    codes = {kind: code for code, kind in enumerate(kinds)}
    np.savez(
        folder / BARRIERS_FILE,
        allow_pickle=False,
        **_wkb("lines", barriers.lines),
        **_wkb("compounds", barriers.compounds),
        **_wkb("data_area", np.array([study.inputs.data_area], dtype=object)),
        kind=np.array([codes[kind] for kind in barriers.kinds], dtype=np.int32),
        gate_compound=barriers.gate_compound,
        gate_xy_m=barriers.gate_xy_m,
        gate_inferred=barriers.gate_inferred,
    )
    crs, profile, rules = study.inputs.crs, study.profile, study.link_rules
    state = {
        "crs": {"lon": crs.lon, "lat": crs.lat},
        "network_crs": network.crs,
        "class_names": list(network.class_names),
        "barrier_kinds": list(kinds),
        "compound_id": list(barriers.compound_id),
        "profile": {
            "name": profile.name,
            "speed_m_s": profile.speed_m_s,
            "barred": int(profile.barred),
        },
        "link_rules": {
            "near_m": rules.near_m,
            "snap_limit_m": rules.snap_limit_m,
            "min_component_share": rules.min_component_share,
        },
    }
    (folder / STATE_FILE).write_bytes(canonical_json(state))


def read_state(folder: Path) -> StudyState:
    """Read what :func:`write_state` wrote.

    Raises ``ValueError``, ``KeyError``, ``TypeError`` or ``OSError`` for damaged files; the caller
    checks their sums first and turns what is left into a typed error.
    """
    state: Mapping[str, Any] = json.loads((folder / STATE_FILE).read_bytes())
    with np.load(folder / NETWORK_FILE, allow_pickle=False) as arrays:
        network = WalkNetwork(
            crs=str(state["network_crs"]),
            class_names=tuple(state["class_names"]),
            **{name: arrays[name] for name in _NETWORK_ARRAYS},
        )
    with np.load(folder / BARRIERS_FILE, allow_pickle=False) as arrays:
        kinds = state["barrier_kinds"]
        barriers = Barriers(
            lines=_shapes("lines", arrays),
            kinds=tuple(kinds[code] for code in arrays["kind"].tolist()),
            compounds=_shapes("compounds", arrays),
            compound_id=tuple(state["compound_id"]),
            gate_compound=arrays["gate_compound"],
            gate_xy_m=arrays["gate_xy_m"],
            gate_inferred=arrays["gate_inferred"],
        )
        data_area = _shapes("data_area", arrays)[0]
    walker = state["profile"]
    return StudyState(
        network=network,
        barriers=barriers,
        profile=WalkProfile(
            name=walker["name"],
            speed_m_s=float(walker["speed_m_s"]),
            barred=ArcFlag(int(walker["barred"])),
        ),
        rules=LinkRules(**{name: float(value) for name, value in state["link_rules"].items()}),
        crs=MetricCRS(lon=float(state["crs"]["lon"]), lat=float(state["crs"]["lat"])),
        data_area=data_area,
    )


def _wkb(name: str, shapes: GeometryArray) -> dict[str, npt.NDArray[np.generic]]:
    parts = [bytes(one) for one in shapely.to_wkb(shapes, byte_order=1)]
    ends = np.cumsum([0, *(len(part) for part in parts)], dtype=np.int64)
    return {
        f"{name}_wkb": np.frombuffer(b"".join(parts), dtype=np.uint8),
        f"{name}_first": ends,
    }


def _shapes(name: str, arrays: Mapping[str, npt.NDArray[Any]]) -> GeometryArray:
    blob, ends = arrays[f"{name}_wkb"].tobytes(), arrays[f"{name}_first"].tolist()
    parts = [blob[low:high] for low, high in pairwise(ends)]
    shapes = np.empty(len(parts), dtype=object)
    shapes[:] = shapely.from_wkb(parts)
    return shapes
