"""From an OpenStreetMap extract to the lines along which living circles are delineated."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final

import numpy as np
import shapely
import yaml

from analysis.messages import Name
from analysis.sources.extent import ReadArea
from analysis.sources.osm.data import OsmData, Tags
from analysis.sources.streets.access import Condition
from analysis.sources.streets.areas import project_ways, ways_near
from analysis.streets.dividers import DividerKind, Dividers, Rank, build_dividers
from analysis.units import FloatArray, IntArray

_TABLE: Final = "divider_rules.yaml"
_NAME_KEYS: Final = ("name:zh", "name", "ref")
_PLACES: Final = ("suburb", "quarter", "neighbourhood", "town", "village")


@dataclass(frozen=True, slots=True, kw_only=True)
class DividerRules:
    """The table: one condition for each kind; the first that holds decides."""

    conditions: tuple[Condition, ...]
    kinds: tuple[DividerKind, ...]

    def kind_of(self, tags: Tags) -> int:
        """Return the position of the kind that `tags` describe, −1 for none."""
        for position, condition in enumerate(self.conditions):
            if condition.holds(tags):
                return position
        return -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaceNames:
    """Quarters by name: `names` [n], `xy_m` float64 [n, 2]; sorted by name."""

    names: tuple[str, ...]
    xy_m: FloatArray


@lru_cache(maxsize=1)
def divider_rules() -> DividerRules:
    """Read the packaged table once."""
    text = resources.files("analysis.sources.streets").joinpath(_TABLE).read_text("utf-8")
    rows = yaml.load(text, Loader=yaml.CSafeLoader)["rules"]
    return DividerRules(
        conditions=tuple(
            Condition(_tags(row["when"]), tuple(Condition(_tags(e)) for e in row.get("unless", ())))
            for row in rows
        ),
        kinds=tuple(
            DividerKind(
                id=row["id"],
                name=Name(**row["name"]),
                rank=Rank[row["rank"].upper()],
                source=row["source"],
                confidence=row["confidence"],
            )
            for row in rows
        ),
    )


def read_dividers(data: OsmData, area: ReadArea) -> Dividers:
    """Return the dividing lines that meet `area.read`, whole, by the packaged table."""
    rules = divider_rules()
    first = frozenset(condition.when[0][0] for condition in rules.conditions)
    kind = np.array(
        [-1 if first.isdisjoint(tags) else rules.kind_of(tags) for tags in data.way_tags],
        dtype=np.int32,
    )
    ways = np.flatnonzero(kind >= 0).astype(np.int32)
    ways = ways[ways_near(data, ways, area)]
    lines: Any = data.way_lines(ways, project_ways(data, ways, area)) if len(ways) else _none()
    shapely.prepare(area.read)
    meets = shapely.intersects(area.read, lines) & (shapely.length(lines) > 0)
    ways, lines = ways[meets], lines[meets]
    names = tuple(_name(data.way_tags[way]) for way in ways)
    return build_dividers(lines, names, kind[ways], rules.kinds)


def read_place_names(data: OsmData, area: ReadArea) -> PlaceNames:
    """Return the named quarters inside `area.judged`."""
    rows = [
        row
        for row, tags in enumerate(data.node_tags)
        if tags.get("place") in _PLACES and tags.get("name")
    ]
    at: IntArray = data.tagged_node[np.array(rows, dtype=np.int64)]
    xy_m = area.crs.project(data.node_lonlat[at]) if rows else np.empty((0, 2))
    inside = shapely.contains_xy(area.judged, xy_m[:, 0], xy_m[:, 1])
    names = [data.node_tags[row]["name"] for row in rows]
    order = sorted(np.flatnonzero(inside).tolist(), key=lambda one: (names[one], *xy_m[one]))
    return PlaceNames(names=tuple(names[one] for one in order), xy_m=xy_m[order].reshape(-1, 2))


def _tags(raw: dict[str, object]) -> tuple[tuple[str, frozenset[str] | None], ...]:
    return tuple((key, None if value == "*" else _values(value)) for key, value in raw.items())


def _values(value: object) -> frozenset[str]:
    listed: Sequence[object] = value if isinstance(value, list) else [value]
    # YAML reads a bare yes as true.
    return frozenset("yes" if one is True else "no" if one is False else str(one) for one in listed)


def _name(tags: Tags) -> str:
    return next((tags[key] for key in _NAME_KEYS if tags.get(key)), "")


def _none() -> Any:
    return np.empty(0, dtype=object)
