"""Lit and paved lanes by the map's tags: metres counted by hand, planners' columns first."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from analysis.messages import Name
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.places.mapped_lanes import MappedLanes
from analysis.sources.services.mapped_lanes import read_mapped_lanes
from analysis.sources.standards import read_standard
from analysis.standard.rules import (
    Attribute,
    Metric,
    MetricRule,
    ScaleRule,
    Sourced,
    StockRule,
    Target,
)
from analysis.study import StudyParameters, analyse
from analysis.testing.cities import (
    grid_city,
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    square_circles,
)
from analysis.testing.osm import OsmWorld, world_area

ID = "lane"
WHOLE = square_circles((-50, -50, 450, 450))
YES_NO = {"yes": "yes", "no": "no"}
ATTRIBUTES = {
    "lit": Attribute(
        id="lit", name=Name(zh="照明", en="lit"), kind="yes_no", unit="share", columns=("lit",),
        osm={"lit": YES_NO},
    ),
    "paved": Attribute(
        id="paved", name=Name(zh="硬化", en="paved"), kind="yes_no", unit="share",
        columns=("surface",), words={"沥青": "yes", "土": "no"},
        osm={"surface": {"asphalt": "yes", "dirt": "no"}},
    ),
    "drainage": Attribute(
        id="drainage", name=Name(zh="排水", en="drainage"), kind="yes_no", unit="share",
        columns=("drainage",),
    ),
}  # fmt: skip


def element():
    def rule(name: str) -> MetricRule:
        return MetricRule(
            metric=Metric(
                id=name, name=ATTRIBUTES[name].name, measure="share", unit="share", attribute=name
            ),
            target=Target(op="ge", low=1.0, source="DEFAULT", confidence="default"),
        )

    number = Sourced(value=1.0, source="DEFAULT", confidence="default")
    return replace(
        plain_element(
            ID, treatment="line_renewal", target=0.9, acceptable=0.7, basis=("lane_length",)
        ),
        scale=ScaleRule(
            indicator="renewed", unit="m", basis="lane_length", per=1.0, norm=number
        ),
        stock=StockRule(amount=("length_m",), done=("renewed",)),
        quality=(rule("lit"), rule("paved"), rule("drainage")),
    )  # fmt: skip


def ways(*rows: tuple[float, float, float, dict[str, str]]) -> MappedLanes:
    """Return lanes of the map from x to x at a height y."""
    lines = np.empty(len(rows), dtype=object)
    lines[:] = [shapely.LineString([(a, y), (b, y)]) for a, b, y, _ in rows]
    return MappedLanes(lines=lines, tags=tuple(tags for *_, tags in rows))


def listed(*rows: tuple[float, dict[str, str]]):
    """Return listed lanes of 200 m at heights y."""
    return build_facilities(
        [
            FacilityRecord(
                element_id=ID, source_id=f"lanes.csv:{i:03d}", name="", origin="table",
                status="open", xy_m=(100.0, y), area_m2=float("nan"), ambiguous=False,
                entrances=((100.0, y, Entrance.TABLE),), attributes=cells,
                shape=shapely.LineString([(0, y), (200, y)]),
            )
            for i, (y, cells) in enumerate(rows)
        ]
    )  # fmt: skip


def judged(lanes: MappedLanes, facilities=None):
    inputs = plain_inputs(
        network=grid_city(4, 4), demand=people_at([(0.0, 0.0)]),
        facilities=build_facilities([]) if facilities is None else facilities, circles=WHOLE,
        standard=replace(plain_standard(element()), attributes=ATTRIBUTES),
    )  # fmt: skip
    inputs = replace(inputs, evidence=replace(inputs.evidence, lanes={ID: lanes}))
    return analyse(inputs, StudyParameters()).assessment.of_circle("A")[0]


def test_without_a_list_metres_of_the_map_tell() -> None:
    """300 m lit, 100 m unlit, 100 m silent; outside the circle nothing counts."""
    row = judged(
        ways(
            (0, 300, 100, {"lit": "yes", "surface": "asphalt"}),
            (0, 100, 200, {"lit": "no"}),
            (0, 100, 300, {}),
            (600, 5600, 300, {"lit": "no"}),
        )
    )
    assert row.coverage.verdict == "not_assessed"
    lit, paved, drainage = row.dimension("quality").figures
    assert (lit.value, lit.known_share, lit.verdict) == (0.75, 0.8, "weak")
    assert (paved.value, paved.known_share, paved.verdict) == (1.0, 0.6, "met")
    assert lit.estimated
    assert (drainage.verdict, drainage.known_share) == ("not_assessed", 0.0)
    assert drainage.why_not is not None and "drainage" in drainage.why_not.text("en")
    assert row.dimension("quality").verdict == "weak"


def test_too_few_tagged_metres_are_shown_and_not_judged() -> None:
    row = judged(ways((0, 100, 100, {"lit": "no"}), (0, 300, 200, {})))
    quality = row.dimension("quality")
    lit, paved, _ = quality.figures
    assert (lit.value, lit.known_share, lit.verdict) == (0.0, 0.25, "not_assessed")
    assert lit.why_not is not None and "lit" in lit.why_not.text("zh")
    assert paved.why_not is not None and "surface" in paved.why_not.text("zh")
    assert quality.verdict == "not_assessed"
    assert quality.reason.key == "stock.no_table"


def test_splitting_a_way_changes_nothing() -> None:
    whole = judged(ways((0, 300, 100, {"lit": "yes"}), (0, 100, 200, {"lit": "no"})))
    cut = judged(
        ways((0, 100, 100, {"lit": "yes"}), (100, 300, 100, {"lit": "yes"}),
             (0, 100, 200, {"lit": "no"}))
    )  # fmt: skip
    assert [one.value for one in whole.dimension("quality").figures[:2]] == pytest.approx(
        [one.value for one in cut.dimension("quality").figures[:2]], nan_ok=True
    )


def test_a_silent_column_takes_the_tags_along_the_lane_and_no_others() -> None:
    """At 100 m a lit way runs along, 5 m off; at 200 m the way that crosses tells nothing."""
    lanes = ways((0, 200, 105, {"lit": "yes", "surface": "asphalt"}))
    across = shapely.LineString([(50, 150), (50, 400)])
    lines = np.empty(2, dtype=object)
    lines[:] = [lanes.lines[0], across]
    lanes = MappedLanes(lines=lines, tags=(*lanes.tags, {"lit": "no"}))
    row = judged(lanes, listed((100, {"drainage": "yes"}), (200, {"drainage": "yes"})))
    lit = row.dimension("quality").figures[0]
    assert (lit.value, lit.known_share) == (1.0, 0.5)
    # One lane meets all, of the other nobody knows: between a half and the whole.
    assert row.coverage.verdict == "not_assessed"
    assert row.coverage.figures[0].value == 0.5


def test_planners_columns_win() -> None:
    lanes = ways((0, 200, 100, {"lit": "no", "surface": "dirt"}))
    good = {"lit": "yes", "surface": "沥青", "drainage": "yes"}
    row = judged(lanes, listed((100, good)))
    assert row.coverage.verdict == "met"
    assert not row.coverage.figures[0].estimated
    silent = judged(lanes, listed((100, {"drainage": "yes"})))
    assert (silent.coverage.verdict, silent.coverage.figures[0].value) == ("short", 0.0)
    assert silent.coverage.figures[0].estimated
    assert "OSM" in silent.coverage.reason.text("zh")


def test_a_lane_tagged_for_less_than_half_stays_unknown() -> None:
    lanes = ways((0, 90, 100, {"lit": "no"}), (90, 200, 100, {}))
    row = judged(lanes, listed((100, {"drainage": "yes"})))
    assert np.isnan(row.dimension("quality").figures[0].value)
    assert row.coverage.verdict == "met"  # drainage is all that anybody states


def test_lanes_are_read_from_the_extract_by_the_profile() -> None:
    world = OsmWorld()
    world.line([(0, 0), (100, 0)], {"highway": "residential", "lit": "yes"})
    world.line([(0, 50), (100, 50)], {"highway": "service"})
    world.line([(0, 90), (100, 90)], {"highway": "service", "name": "石灰巷", "surface": "dirt"})
    world.line([(0, 150), (100, 150)], {"highway": "primary", "lit": "yes"})
    found = read_mapped_lanes(world.data(), world_area(), read_standard(None, ()))
    (lanes,) = found.values()
    assert [dict(one) for one in lanes.tags] == [
        {"highway": "residential", "lit": "yes"},
        {"highway": "service", "name": "石灰巷", "surface": "dirt"},
    ]
    assert shapely.length(lanes.lines) == pytest.approx([100.0, 100.0], abs=0.1)
