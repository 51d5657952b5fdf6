"""Values on disk: our frozen dataclasses as JSON beside one archive of arrays, and back, exactly.

Nothing is pickled: only the classes of :mod:`analysis.sources.store.value_classes` are built again,
through their own constructors, which check what they are given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from itertools import pairwise
from math import isfinite
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from analysis.sources.store.value_classes import value_classes
from analysis.streets.node_places import NodePlaces

Arrays = dict[str, npt.NDArray[Any]]

_KIND: Final = "$"  # what an object of the JSON stands for
_VALUE: Final = "v"


@dataclass(slots=True)
class Packer:
    """Turns values into JSON; arrays and geometries are set aside in `arrays`, by name."""

    arrays: Arrays = field(default_factory=dict)

    def pack(self, value: object) -> object:
        """Return `value` as JSON values; raises ``TypeError`` for what is no value of ours."""
        if isinstance(value, NodePlaces):
            return None  # follows from the arcs
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Enum):
            return _told(type(value).__name__, value.value)
        if isinstance(value, str | int | float | np.generic):
            return _plain(value)
        if isinstance(value, tuple):
            return [self.pack(one) for one in value]
        shaped = isinstance(value, shapely.Geometry | np.ndarray)
        return self._set_aside(value) if shaped else self._compound(value)

    def _compound(self, value: object) -> object:
        if isinstance(value, frozenset):
            return _told("set", [self.pack(one) for one in sorted(value)])
        if isinstance(value, Mapping):
            pairs = [[self.pack(key), self.pack(one)] for key, one in value.items()]
            return _told("map", pairs)
        name = type(value).__name__
        if not is_dataclass(value) or value_classes().get(name) is not type(value):
            raise TypeError(type(value))
        held = {one.name: getattr(value, one.name) for one in fields(value) if one.init}
        return _told(name, {key: self.pack(one) for key, one in held.items()})

    def _set_aside(self, value: shapely.Geometry | npt.NDArray[Any]) -> object:
        if isinstance(value, np.ndarray) and value.dtype != object:
            return _told("array", self._kept(value))
        if isinstance(value, np.ndarray):
            return _told("shapes", self._shapes(value))
        shapes: npt.NDArray[Any] = np.empty(1, dtype=object)
        shapes[0] = value
        return _told("shape", self._shapes(shapes))

    def _kept(self, array: npt.NDArray[Any]) -> str:
        name = f"a{len(self.arrays)}"
        self.arrays[name] = array
        return name

    def _shapes(self, shapes: npt.NDArray[Any]) -> list[str]:
        """Set geometries aside as WKB in a row and where each ends; none is of no length."""
        found = shapely.to_wkb(shapes, byte_order=1)
        parts = [b"" if one is None else bytes(one) for one in found]
        ends = np.cumsum([0, *(len(one) for one in parts)], dtype=np.int64)
        return [self._kept(np.frombuffer(b"".join(parts), dtype=np.uint8)), self._kept(ends)]


@dataclass(frozen=True, slots=True)
class Unpacker:
    """Builds again what a :class:`Packer` took apart, from JSON and `arrays`."""

    arrays: Mapping[str, npt.NDArray[Any]]

    def unpack(self, value: Any) -> Any:
        """Return the value; raises whatever its class raises for what does not fit it."""
        if isinstance(value, list):
            return tuple(self.unpack(one) for one in value)
        if not isinstance(value, dict):
            return value
        kind, held = value[_KIND], value[_VALUE]
        builders: dict[str, Callable[[Any], Any]] = {
            "float": float, "set": self._set, "map": self._map, "array": self._array,
            "shapes": self._shapes, "shape": self._shape,
        }  # fmt: skip
        build = builders.get(kind)
        return self._object(kind, held) if build is None else build(held)

    def _object(self, name: str, held: Any) -> Any:
        found = value_classes()[name]
        if issubclass(found, Enum):
            return found(held)
        return found(**{key: self.unpack(one) for key, one in held.items()})

    def _set(self, held: Any) -> frozenset[Any]:
        return frozenset(self.unpack(one) for one in held)

    def _map(self, held: Any) -> dict[Any, Any]:
        return {self.unpack(key): self.unpack(one) for key, one in held}

    def _array(self, name: str) -> npt.NDArray[Any]:
        array = self.arrays[name]
        array.flags.writeable = False
        return array

    def _shape(self, names: list[str]) -> shapely.Geometry:
        return self._shapes(names)[0]

    def _shapes(self, names: list[str]) -> npt.NDArray[Any]:
        blob, ends = (self.arrays[one] for one in names)
        whole = blob.tobytes()
        parts = [whole[low:high] or None for low, high in pairwise(ends.tolist())]
        shapes: npt.NDArray[Any] = np.empty(len(parts), dtype=object)
        shapes[:] = shapely.from_wkb(parts)
        return shapes


def _told(kind: str, value: object) -> dict[str, object]:
    return {_KIND: kind, _VALUE: value}


def _plain(value: str | float | np.generic) -> object:
    if isinstance(value, str):
        return str(value)
    number = value.item() if isinstance(value, np.generic) else value
    if isinstance(number, float) and not isfinite(number):
        return _told("float", repr(number))
    return number
