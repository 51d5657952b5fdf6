"""Dividers: the lines along which a town falls into parts, and how hard each is to cross on foot.

Other than :mod:`analysis.streets.barriers`, which are what a straight access leg may not cross,
dividers are whole: drawn over bridges and level crossings too, since a circle is delineated along
them.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import shapely

from analysis.errors import InvalidCirclesError
from analysis.messages import Name, Spoken, message
from analysis.units import BoolArray, ByteArray, GeometryArray, IntArray, freeze


class Rank(IntEnum):
    """How strongly a line divides; blocks are never joined across NEVER unless they must be."""

    STREET = 0
    COLLECTOR = 1
    MINOR_ARTERIAL = 2
    ARTERIAL = 3
    NEVER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DividerKind:
    """One kind of dividing line, such as ``railway``; `source` and `confidence` are the rank's."""

    id: str
    name: Name
    rank: Rank
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Dividers:
    """Dividing lines in metres, in an order of their own that does not depend on the input's.

    Attributes
    ----------
    lines
        LineString, object array [d].
    names
        What each is called; empty where it has no name [d].
    kind
        Position in `kinds`, int32 [d].
    kinds
        The kinds.
    """

    lines: GeometryArray
    names: tuple[str, ...]
    kind: IntArray
    kinds: tuple[DividerKind, ...]

    def __post_init__(self) -> None:
        """Check and freeze."""
        if not len(self.lines) == len(self.names) == len(self.kind):
            raise InvalidCirclesError(message("dividers.lengths"))
        freeze(self.lines)
        freeze(self.kind)

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.lines)

    def __repr__(self) -> str:
        """Summarise the lines."""
        km = float(shapely.length(self.lines).sum()) / 1000.0
        return f"Dividers({len(self)} lines, {km:.1f} km, {len(self.kinds)} kinds)"

    @property
    def rank(self) -> ByteArray:
        """Return the rank of each line, uint8 [d]."""
        ranks = np.array([one.rank for one in self.kinds], dtype=np.uint8)
        return ranks[self.kind]

    def picked(self, wanted: BoolArray) -> "Dividers":
        """Return some of the lines, bool [d]."""
        rows = np.flatnonzero(wanted)
        return Dividers(
            lines=self.lines[rows],
            names=tuple(self.names[row] for row in rows),
            kind=self.kind[rows],
            kinds=self.kinds,
        )


def build_dividers(
    lines: GeometryArray, names: tuple[str, ...], kind: IntArray, kinds: tuple[DividerKind, ...]
) -> Dividers:
    """Return dividers in canonical order: by kind, name and drawing, whichever way it was drawn."""
    drawn = shapely.normalize(lines)
    keys = shapely.to_wkb(drawn, byte_order=1)
    order = sorted(range(len(drawn)), key=lambda row: (int(kind[row]), names[row], keys[row]))
    return Dividers(
        lines=drawn[order],
        names=tuple(names[row] for row in order),
        kind=kind[order].astype(np.int32),
        kinds=kinds,
    )


def line_text(kind: Name, name: str) -> Spoken:
    """Return what a line is called: its kind, and its own name where it has one."""
    return message("dividers.line", kind=kind, name=name) if name else kind
