"""Buildings from a planner's table or layer, laid over the mapped homes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import shapely

from analysis.errors import InvalidDemandError
from analysis.messages import message
from analysis.notices import Notice, notice
from analysis.places.demand import MAX_PEOPLE
from analysis.places.planner_tables import BuildingCount, FileReading, UnlocatedRow
from analysis.sources.extent import StudyArea, placed
from analysis.sources.files.cells import normal_cells, plain_number
from analysis.sources.files.columns import columns_of_kind, raise_problems, word
from analysis.sources.files.layers import is_polygon
from analysis.sources.files.mapping import ColumnMapping
from analysis.sources.files.row_reading import NO_MAPPING, read_rows
from analysis.sources.files.rows import Rows
from analysis.sources.people.building_rules import building_rules
from analysis.sources.people.buildings import Buildings
from analysis.sources.people.given_tables import match_osm_ids
from analysis.sources.people.unusual_people import crowded_notices, known_floor_m2
from analysis.units import BoolArray, FloatArray, GeometryArray, IntArray

SHARED: Final = 0.5  # footprints that share more of the smaller one are one building
OLD_BEFORE: Final = 2001  # 国办发〔2020〕23号: built before the end of 2000
_VALUES: Final = ("population", "households", "levels", "building_m2", "built_year")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StatedHomes:
    """What a building table states of :class:`Buildings`, nan where it does not.

    `people`, `households` are float64 [b]; `from_households` marks people taken from households,
    bool [b].
    """

    people: FloatArray
    households: FloatArray
    from_households: BoolArray


class BuildingReading(NamedTuple):
    """Homes of map and table, what the table states of them, and how it was read."""

    buildings: Buildings
    stated: StatedHomes
    counts: BuildingCount
    notices: tuple[Notice, ...]
    reading: FileReading
    unlocated: tuple[UnlocatedRow, ...]


def read_building_rows(
    path: Path, mapped: Buildings, area: StudyArea, mapping: ColumnMapping = NO_MAPPING
) -> BuildingReading:
    """Read buildings and let them replace the mapped homes that they are.

    A row is the mapped home of its ``osm_id``, else those whose footprint shares more than half of
    the smaller of the two, else the one that its point lies in. Understood: ``population``,
    ``households``, ``levels``, ``building_m2``, ``built_year`` and ``use`` (homes, mixed, other; a
    row of another use takes the mapped home away). Rows without coordinates are `unlocated`.
    Raises :class:`InvalidDemandError` for cells that cannot be used.
    """
    rows = read_rows(path, "buildings", area, InvalidDemandError, mapping=mapping)
    if not (rows.is_layer or any(one in rows.columns for one in ("osm_id", "wkt", "address"))):
        rows.require(InvalidDemandError, "lon", "lat")
    values, uses = _values(rows)
    raise_problems(rows.problems, InvalidDemandError, rows.source, message("table.fix_rows.remedy"))
    by_id, unknown = match_osm_ids(rows, mapped)
    shapes = _shapes(rows, area)
    same = _same(shapes, by_id, mapped)
    shapes = _taken_over(shapes, same, mapped)
    homes = np.array([use != "other" for use in uses], dtype=bool)
    placed_rows = np.flatnonzero(~shapely.is_missing(shapes))
    used = np.array([row for row in placed_rows if homes[row]], dtype=np.int32)
    given = _given(rows, shapes, values, uses, used)
    keep = ~np.isin(np.arange(len(mapped)), [one for row in placed_rows for one in same[row]])
    buildings, order = _joined(mapped, keep, given)
    stated = _stated(values, used, int(keep.sum()), order)
    unlocated = tuple(
        one for one in rows.unlocated(people=values["population"])
        if shapes[rows.numbers.index(one.row)] is None
    )  # fmt: skip
    _tell(rows, unknown, unlocated)
    rows.told += crowded_notices(
        rows.source, [f"{rows.source}:{rows.numbers[row]}" for row in used.tolist()],
        values["population"][used], known_floor_m2(given),
    )  # fmt: skip
    years = values["built_year"]
    count = BuildingCount(
        rows=len(rows),
        replaced=int((~keep).sum()),
        own=sum(not same[row] for row in used.tolist()),
        not_homes=int((~homes).sum()),
        residents_stated=float(np.nansum(stated.people)),
        year_known=int(np.isfinite(years).sum()),
        before_2001=int((years < OLD_BEFORE).sum()),
    )
    return BuildingReading(
        buildings, stated, count, tuple(rows.told), rows.reading(len(unlocated)), unlocated
    )


def _values(rows: Rows) -> tuple[dict[str, FloatArray], list[str]]:
    normal = [
        normal_cells(cells, number, rows.columns, rows.problems)
        for cells, number in zip(rows.cells, rows.numbers, strict=True)
    ]
    values = {name: np.full(len(rows), np.nan) for name in _VALUES}
    uses = []
    for position, cells in enumerate(normal):
        for name in _VALUES:
            try:
                values[name][position] = plain_number(cells.get(name, ""))
            except ValueError:
                if name not in columns_of_kind("numeric"):  # those were told with the cells
                    why = "table.not_a_year" if name == "built_year" else "table.not_a_number"
                    rows.problem(position, name, why)
        people = np.nan_to_num(values["population"][position])
        if people < 0 or people > MAX_PEOPLE:
            rows.problem(
                position, "population", "table.negative" if people < 0 else "table.too_many"
            )
        text = rows.get(position, "use")
        use = word("use_words", text) if text else "home"
        if use is None:
            rows.problem(position, "use", "buildings.bad_use")
        uses.append(use or "home")
    return values, uses


def _shapes(rows: Rows, area: StudyArea) -> GeometryArray:
    """Return the outline or point of each row inside the area, metres; None elsewhere."""
    shapes = np.full(len(rows), None, dtype=object)
    kept = np.flatnonzero(rows.kept)
    shapes[kept] = shapely.points(rows.xy_m(area)[kept])
    if rows.shapes is not None:
        drawn = kept[~shapely.is_missing(rows.shapes[kept])]
        shapes[drawn] = placed(rows.shapes[drawn], area.crs)
    return shapes


def _same(shapes: GeometryArray, by_id: IntArray, mapped: Buildings) -> list[list[int]]:
    """Return which mapped homes each row is."""
    same: list[list[int]] = [[int(one)] if one >= 0 else [] for one in by_id]
    free = np.flatnonzero((by_id < 0) & ~shapely.is_missing(shapes))
    row, home = shapely.STRtree(mapped.polygons).query(shapes[free], predicate="intersects")
    row = free[row]
    areas_m2 = shapely.area(shapes[row])
    shared_m2 = shapely.area(shapely.intersection(shapes[row], mapped.polygons[home]))
    smaller_m2 = np.minimum(areas_m2, mapped.footprint_m2[home])
    one_building = (areas_m2 == 0) | (shared_m2 > SHARED * smaller_m2)
    for one, other in zip(row[one_building].tolist(), home[one_building].tolist(), strict=True):
        same[one].append(other)
    return [sorted(one) for one in same]


def _taken_over(shapes: GeometryArray, same: list[list[int]], mapped: Buildings) -> GeometryArray:
    """Return the rows' outlines; a row that is only a point takes that of its mapped home."""
    out = shapes.copy()
    for row, homes in enumerate(same):
        bare = out[row] is None or shapely.get_dimensions(out[row]) == 0
        if bare and homes:
            out[row] = mapped.polygons[homes[0]]
    return out


def _given(
    rows: Rows,
    shapes: GeometryArray,
    values: dict[str, FloatArray],
    uses: list[str],
    used: IntArray,
) -> Buildings:
    """Return the rows that are homes; what they leave open is a default."""
    rules = building_rules()
    drawn = is_polygon(shapes[used])
    stated_m2, levels = values["building_m2"][used], values["levels"][used].copy()
    guessed = ~(levels > 0)
    levels[guessed] = rules.levels["yes"]
    footprint_m2 = np.where(drawn, shapely.area(shapes[used]), stated_m2 / levels)
    footprint_m2 = np.where(footprint_m2 > 0, footprint_m2, rules.min_footprint_m2)
    floor_m2 = np.where(stated_m2 > 0, stated_m2, footprint_m2 * levels)
    mixed = np.array([uses[row] == "mixed" for row in used], dtype=bool)
    return Buildings(
        source_id=tuple(_source_id(rows, row) for row in used.tolist()),
        xy_m=shapely.get_coordinates(shapely.point_on_surface(shapes[used])).reshape(-1, 2),
        polygons=shapes[used],
        footprint_m2=footprint_m2,
        levels=levels,
        floor_area_m2=floor_m2,
        home_share=np.where(mixed, rules.mixed_home_share, rules.home_share),
        levels_estimated=guessed & ~(stated_m2 > 0),
        rule=("table",) * len(used),
        notices=(),
    )


def _source_id(rows: Rows, position: int) -> str:
    return f"{rows.source}:{rows.get(position, 'id') or rows.numbers[position]}"


def _joined(mapped: Buildings, keep: BoolArray, given: Buildings) -> tuple[Buildings, IntArray]:
    """Return mapped homes that stay and rows, sorted by id, and the order of the two together."""
    kept = np.flatnonzero(keep)
    ids = [*(mapped.source_id[one] for one in kept), *_unique(given.source_id)]
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int32)
    columns = {
        name: np.concatenate([getattr(mapped, name)[kept], getattr(given, name)])[order]
        for name in ("xy_m", "polygons", "footprint_m2", "levels", "floor_area_m2", "home_share",
                     "levels_estimated")
    }  # fmt: skip
    rules = [*(mapped.rule[one] for one in kept), *given.rule]
    joined = Buildings(
        source_id=tuple(ids[one] for one in order),
        xy_m=columns["xy_m"],
        polygons=columns["polygons"],
        footprint_m2=columns["footprint_m2"],
        levels=columns["levels"],
        floor_area_m2=columns["floor_area_m2"],
        home_share=columns["home_share"],
        levels_estimated=columns["levels_estimated"],
        rule=tuple(rules[one] for one in order),
        notices=mapped.notices,
    )
    return joined, order


def _unique(ids: tuple[str, ...]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for one in ids:
        seen[one] = seen.get(one, 0) + 1
        unique.append(one if seen[one] == 1 else f"{one}#{seen[one]}")
    return unique


def _stated(
    values: dict[str, FloatArray], used: IntArray, n_mapped: int, order: IntArray
) -> StatedHomes:
    people, households = values["population"][used], values["households"][used]
    guessed = np.isnan(people) & np.isfinite(households)
    people = np.where(guessed, households * building_rules().persons_per_household, people)
    unknown = np.full(n_mapped, np.nan)
    return StatedHomes(
        people=np.concatenate([unknown, people])[order],
        households=np.concatenate([unknown, households])[order],
        from_households=np.concatenate([np.zeros(n_mapped, dtype=bool), guessed])[order],
    )


def _tell(rows: Rows, unknown: BoolArray, unlocated: tuple[UnlocatedRow, ...]) -> None:
    outside = rows.coordinates.stated & ~rows.kept & ~rows.swapped
    for key, subjects in (
        ("table.outside", [rows.numbers[one] for one in np.flatnonzero(outside)]),
        ("buildings.unknown_osm_id", [rows.numbers[one] for one in np.flatnonzero(unknown)]),
        ("unlocated.rows", [one.row for one in unlocated]),
    ):
        if subjects:
            text = message(key, source=rows.source, count=len(subjects))
            names = [f"{rows.source}:{one}" for one in subjects]
            rows.told.append(notice(key, text, names, "warning"))
