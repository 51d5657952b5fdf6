"""A whole small study whose answers are arithmetic, for tests of outputs, command line and API.

Ten by ten blocks of 100 m, two circles side by side (west x < 500, east x ≥ 500), one market in the
west, one ambiguous school, nobody's clinic, and homes along the middle street.
"""

from dataclasses import replace

import numpy as np
import shapely

from analysis.messages import Name, message
from analysis.notices import notice
from analysis.places.circles import Circles
from analysis.places.evidence import Evidence
from analysis.standard.profile import (
    Completeness,
    Element,
    EvidenceRule,
    ServiceStandard,
    Treatment,
)
from analysis.standard.profile_rules import WalkingRules
from analysis.standard.rules import Sourced
from analysis.streets.barriers import Barriers
from analysis.study import AccessCount, InputFile, Study, StudyInputs, StudyParameters, analyse
from analysis.testing.cities import (
    grid_city,
    people_at,
    plain_element,
    plain_inputs,
    plain_standard,
    shops_at,
)
from analysis.walking import SlopeLaw

_SPEEDS_M_S = {"adult": 1.25, "older_adult": 1.0, "child": 1.0, "wheelchair": 0.8}


def small_element(
    element_id: str,
    zh: str,
    *,
    threshold_m: float = 300.0,
    treatment: Treatment = "facility_access",
    completeness: Completeness = "high",
    basis: tuple[str, ...] = ("population", "buildings"),
) -> Element:
    """Return one element of a small standard; its walk is 80 m a minute."""
    element = plain_element(
        element_id,
        threshold_m=threshold_m,
        acceptable=0.6,
        basis=basis,
        treatment=treatment,
        completeness=completeness,
    )
    return replace(
        element,
        name=Name(zh, element_id),
        minutes=threshold_m / 80.0 if element.is_walked else None,
        needs_columns={"scale": ("area_m2",)},
    )


def small_standard() -> ServiceStandard:
    """Return four elements: market and school (300 m), clinic (500 m), pipes (not walked)."""
    standard = plain_standard(
        small_element("market", "菜市场"),
        small_element("school", "小学"),
        small_element("clinic", "社区卫生站", threshold_m=500.0, basis=("population_60plus",)),
        small_element("pipes", "管网更新", treatment="line_renewal"),
    )
    return replace(
        standard,
        id="test-standard",
        title=Name("测试标准", "Test standard"),
        statement=Name("这是项目配置，不是官方标准。", "A project profile, not the official list."),
        walking=WalkingRules(
            speeds_m_s={
                name: Sourced(value=value, source="DEFAULT", confidence="default")
                for name, value in _SPEEDS_M_S.items()
            },
            slope=SlopeLaw(k=3.5, offset=0.05),
        ),
        evidence=EvidenceRule(
            min_services=1, min_services_per_1000=0.0, untold_completeness=("very_low",)
        ),
    )


def small_inputs(*, circle_name: str = "西圈", shop_name: str = "facility 0") -> StudyInputs:
    """Return the inputs of the small study; the names may be hostile.

    Homes 0…4 with 100, 200, 300, 400 and 500 people stand at x = 100, 300, 400, 700, 900 on the
    street y = 500; the market at (200, 500), the school at (300, 500), open data to 2 km around.
    """
    shops = shops_at([("market", 200.0, 500.0), ("school", 300.0, 500.0)], ambiguous=[False, True])
    homes = people_at(
        [(100.0, 500.0), (300.0, 500.0), (400.0, 500.0), (700.0, 500.0), (900.0, 500.0)],
        people=[100.0, 200.0, 300.0, 400.0, 500.0],
        circle=[0, 0, 0, 1, 1],
        land_m2=[2500.0],
    )
    inputs = plain_inputs(
        standard=small_standard(),
        network=grid_city(10, 10),
        barriers=_wall(),
        facilities=replace(shops, name=(shop_name, *shops.name[1:])),
        demand=homes,
        circles=Circles(
            circle_id=("c-1", "c-2"),
            name=(circle_name, "东圈"),
            level=("15min", "15min"),
            polygons=np.array([shapely.box(0, 0, 500, 1000), shapely.box(500, 0, 1000, 1000)]),
            total_population=np.array([600.0, np.nan]),
            inside_data=np.array([1.0, 1.0]),
        ),
        data_area=shapely.box(-2000, -2000, 3000, 3000),
    )
    return replace(
        inputs,
        title="小城 / small city",
        evidence=Evidence(services=2, table_elements=frozenset({"clinic"}), residents=1500.0),
        access=(
            AccessCount(
                section="ways",
                rule_id="footway",
                verdict="open",
                objects=220,
                length_m=22000.0,
                note=Name("步行道", "footways"),
            ),
        ),
        files=(InputFile(role="osm", name="small.osm.pbf", n_bytes=1, sha256="1" * 64),),
        notices=(
            notice("test.repaired", message("outputs.no_residents"), ("way/2", "way/1"), "warning"),
        ),
    )


def small_study(
    parameters: StudyParameters | None = None,
    *,
    circle_name: str = "西圈",
    shop_name: str = "facility 0",
) -> Study:
    """Return the small study: the market covers 600 of 1500 people, nobody reaches a clinic."""
    inputs = small_inputs(circle_name=circle_name, shop_name=shop_name)
    return analyse(inputs, StudyParameters() if parameters is None else parameters)


def _wall() -> Barriers:
    """Return one wall far from every home, and a compound with an inferred gate."""
    ring = shapely.box(620, 620, 680, 680)
    return Barriers(
        lines=np.array([shapely.LineString([(20, 950), (80, 950)])]),
        kinds=("wall",),
        compounds=np.array([ring]),
        compound_id=("way/77",),
        gate_compound=np.array([0], dtype=np.int32),
        gate_xy_m=np.array([[650.0, 620.0]]),
        gate_inferred=np.array([True]),
    )
