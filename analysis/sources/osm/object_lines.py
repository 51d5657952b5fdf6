"""Objects of an OSM file as lines of text, written by libosmium and cut up here.

Asked for one object at a time, libosmium answers in microseconds each, and a city has half a
million. Asked for a whole file in OPL (one object a line, https://osmcode.org/opl-file-format/) it
answers with all cores in a tenth of a second, and cutting text is what Python does best.
"""

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import numpy as np
import numpy.typing as npt
import osmium

from analysis.sources.osm.data import Tags
from analysis.units import IdArray

CoordinateArray = npt.NDArray[np.int32]

NODE: Final = b"n"
WAY: Final = b"w"
RELATION: Final = b"r"
UNDEFINED: Final = 2**31 - 1  # libosmium's coordinate of a node without one
_KINDS: Final = {"nodes": osmium.osm.NODE, "ways": osmium.osm.WAY, "relations": osmium.osm.RELATION}
_LINES: Final = "opl,add_metadata=timestamp"
_ESCAPED: Final = re.compile("%([0-9a-f]+)%")
_INDEX_ROW: Final = np.dtype([("id", "<i8"), ("x", "<i4"), ("y", "<i4")])
_ROWS_AT_ONCE: Final = 4096
_COMMAS: Final = bytes.maketrans(b"\n", b",")


@dataclass(frozen=True, slots=True)
class TagKeys:
    """Which objects somebody asks for: those that carry one of these keys."""

    nodes: frozenset[str]
    ways: frozenset[str]
    relations: frozenset[str]


class ObjectLines:
    """The objects of a PBF file that carry one of `keys` (None: any tag), and all node places.

    Attributes
    ----------
    index
        libosmium's table of node places; those of nodes with negative ids are not in it.
    way_ids, relation_ids
        int64, all of the file, asked for or not, in its order; some of them, where it is not in
        order.
    in_order
        Whether all nodes stand before all ways and these before all relations.
    newest
        ISO time stamp of the newest object iterated so far; empty where none has one.
    """

    def __init__(self, path: Path, folder: Path, keys: TagKeys | None) -> None:
        """Read `path`; `folder` holds what is needed meanwhile."""
        folder = Path(mkdtemp(dir=folder))  # libosmium goes on with an index that is there
        self._text, self._places = folder / "objects.opl", folder / "places.index"
        self.newest = b""
        self.index = osmium.index.create_map(f"sparse_file_array,{self._places}")
        places = osmium.NodeLocationsForWays(self.index)
        places.apply_nodes_to_ways = False
        ids = folder / "ids.txt"
        with (
            osmium.io.Reader(pbf(path)) as reader,
            _writer(ids, "ids") as all_ids,
            _writer(self._text, _LINES) as lines,
        ):
            osmium.apply(reader, places, all_ids, *_filters(keys), lines)
        text = ids.read_bytes()
        way, relation = (_start(text, kind) for kind in (WAY, RELATION))
        self.in_order = NODE not in text[way:] and WAY not in text[relation:]
        self.way_ids = _ids(text[way:relation])
        self.relation_ids = _ids(text[relation:])

    def objects(self, kind: bytes) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield (id, tags, rest) of the objects of one kind, in the order of the file.

        The tags are a field such as ``Thighway=path,name=a``; the rest is what follows: ``x… y…``
        of a node, ``Nn1,n2`` of a way, ``Mw1@outer`` of a relation, newline included.
        """
        newest = b"t" + self.newest
        with self._text.open("rb") as lines:
            for line in lines:
                if line.startswith(kind):
                    head, _visible, stamp, tags, rest = line.split(b" ", 4)
                    newest = max(newest, stamp)
                    yield int(head[1:]), tags, rest
        self.newest = newest[1:]

    def places(self) -> tuple[IdArray, CoordinateArray, CoordinateArray]:
        """Return ids, longitudes and latitudes of all nodes, in the order of the file.

        Coordinates are whole 1e-7 degrees, ``UNDEFINED`` where a node has none.
        """
        rows = np.memmap(self._places, dtype=_INDEX_ROW, mode="r")
        # libosmium takes room ahead and fills it with rows of id 0 without a place.
        used = (rows["id"] != 0) | (rows["x"] != UNDEFINED)
        ids, x, y = (rows[name][used] for name in ("id", "x", "y"))
        return ids.astype(np.int64), x, y


def pbf(path: Path) -> osmium.io.File:
    """Return `path` as a PBF, whatever it is called."""
    return osmium.io.File(str(path), "pbf")


class TagReader:
    """Turns the tags of lines into mappings; equal pairs are kept once."""

    def __init__(self) -> None:
        self._pair = _Pairs()

    def tags(self, field: bytes) -> Tags:
        """Return the tags of a field such as ``Thighway=path,name=a%20%b``."""
        return dict(map(self._pair.__getitem__, field[1:].decode().split(",")))


class _Pairs(dict[str, tuple[str, str]]):
    def __missing__(self, text: str) -> tuple[str, str]:
        key, value = text.split("=")
        pair = (_unescaped(key), _unescaped(value))
        self[text] = pair
        return pair


class IdColumn:
    """Ids of members, such as the nodes of ways, row after row."""

    def __init__(self) -> None:
        self._ids = array("q")
        self._first = array("q", [0])
        self._waiting: list[bytes] = []
        self._counted = 0

    def add(self, rest: bytes) -> None:
        """Add the row of a line whose rest is ``Nn1,n2,…``."""
        members = rest[2:-1]
        if members:
            self._waiting.append(members)
            self._counted += members.count(b",") + 1
        self._first.append(self._counted)
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self._take()

    def arrays(self) -> tuple[IdArray, IdArray]:
        """Return where each row starts (int64 [r + 1]) and the ids (int64)."""
        self._take()
        ids = np.frombuffer(self._ids, np.int64) if len(self._ids) else np.zeros(0, np.int64)
        return np.frombuffer(self._first, np.int64), ids

    def _take(self) -> None:
        text = b",".join(self._waiting).replace(b"n", b"")
        if text:
            self._ids.frombytes(np.fromstring(text, dtype=np.int64, sep=",").tobytes())
        self._waiting.clear()


def _writer(target: Path, form: str) -> osmium.SimpleWriter:
    return osmium.SimpleWriter(osmium.io.File(str(target), form), overwrite=True)


def _filters(keys: TagKeys | None) -> list[osmium.BaseFilter]:
    if keys is None:
        return [osmium.filter.EmptyTagFilter()]
    filters: list[osmium.BaseFilter] = []
    for name, kind in _KINDS.items():
        one = osmium.filter.KeyFilter(*getattr(keys, name))
        one.enable_for(kind)  # the others pass
        filters.append(one)
    return filters


def _start(text: bytes, kind: bytes) -> int:
    """Return where the first object of a kind stands; the end where there is none."""
    found = text.find(kind)
    return len(text) if found < 0 else found


def _ids(text: bytes) -> IdArray:
    lines = text.translate(_COMMAS, NODE + WAY + RELATION).rstrip(b",")
    return np.fromstring(lines, dtype=np.int64, sep=",") if lines else np.zeros(0, np.int64)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(_character, text) if "%" in text else text


def _character(found: "re.Match[str]") -> str:
    return chr(int(found[1], 16))
