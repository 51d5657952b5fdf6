"""A predicted town for the map page: four circles on a grid of streets, all 25 elements."""

from dataclasses import replace

import numpy as np
import shapely

from analysis.messages import message
from analysis.notices import notice
from analysis.places.circles import Circles
from analysis.places.evidence import Evidence
from analysis.places.facilities import Facilities
from analysis.sources.standards import read_standard
from analysis.streets.barriers import no_barriers
from analysis.study import InputFile, Study, StudyInputs, StudyParameters, analyse
from analysis.testing.cities import TEST_CRS, grid_city, people_at, shops_at

BLOCKS_X, BLOCKS_Y = 32, 20
NAMES = ("龙泉苑", "云岩路", "金阳南", "会展城")


def town_inputs(*, data_east_m: float = 5200.0) -> StudyInputs:
    """Return four circles of 1600 × 1000 m, 1200 homes; the data ends at `data_east_m`."""
    places = np.random.default_rng(15).uniform((60, 60), (3140, 1940), (1200, 2))
    where = [(float(x), float(y)) for x, y in np.round(places)]
    circle = [int(x >= 1600) + 2 * int(y >= 1000) for x, y in where]
    boxes = [shapely.box(x, y, x + 1600, y + 1000) for y in (0, 1000) for x in (0, 1600)]
    standard = read_standard()
    return StudyInputs(
        title="观山湖示范片区",
        crs=TEST_CRS,
        standard=standard,
        network=grid_city(BLOCKS_X, BLOCKS_Y),
        barriers=no_barriers(),
        facilities=town_facilities([element.id for element in standard.elements]),
        demand=people_at(where, people=[20.0 + i % 60 for i in range(len(where))], circle=circle),
        circles=Circles(
            circle_id=("c1", "c2", "c3", "c4"),
            name=NAMES,
            level=("15min",) * 4,
            polygons=np.array(boxes, dtype=object),
            total_population=np.full(4, np.nan),
            inside_data=np.ones(4),
        ),
        evidence=Evidence(
            services=300,
            table_elements=frozenset(element.id for element in standard.elements[:20]),
            residents=60_000.0,
        ),
        data_area=shapely.box(-2000.0, -2000.0, data_east_m, 4000.0),
        data_date="2026-11-01",
        access=(),
        files=(InputFile(role="osm", name="town.osm.pbf", n_bytes=1, sha256="0" * 64),),
        notices=(
            notice(
                "source.node_lost", message("source.node_lost"), ["node/1", "node/2"], "warning"
            ),
        ),
    )


def town_facilities(element_ids: list[str]) -> Facilities:
    """Return one to six facilities for most elements, some ambiguous, planned or closed."""
    spots = np.random.default_rng(7).uniform((100, 100), (3100, 1900), (200, 2))
    places, used = [], 0
    for number, element_id in enumerate(element_ids[:22]):
        for _ in range(1 + number % 6):
            x, y = spots[used]
            places.append((element_id, float(round(x)), float(round(y))))
            used += 1
    shops = shops_at(places, ambiguous=[i % 7 == 3 for i in range(len(places))])
    status = tuple(
        "construction" if i % 11 == 5 else "closed" if i % 13 == 8 else "open"
        for i in range(len(shops))
    )
    return replace(shops, status=status)


def town_study(**changes: object) -> Study:
    """Return the study of the town, with some inputs replaced."""
    return analyse(replace(town_inputs(), **changes), StudyParameters())


def drawn_name(study: Study, element_id: str) -> str:
    """Return the Chinese name of an element."""
    return study.inputs.standard.element(element_id).name.zh
