"""Tags → elements of the packaged standard: a predicted table over languages, and the matcher."""

import dataclasses
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sources.services.tags import (
    Match,
    TagMatcher,
    names_of,
    numbers_of,
    status_of,
    values_of,
)
from analysis.sources.standards import read_standard
from analysis.standard.profile import ServiceStandard, TagRule

# Predicted by hand: tags → certain elements, ambiguous elements ("?" before the id).
PRIMARY, JUNIOR, KINDER = "primary_school", "junior_middle_school", "kindergarten"
BOTH = f"{PRIMARY} {JUNIOR}"
UNTOLD = f"?{PRIMARY} ?{JUNIOR}"
STATION, CENTER = "community_health_station", "community_health_center"
CASES: tuple[tuple[str, str], ...] = (
    # schools by tags
    ("amenity=school isced:level=1", PRIMARY),
    ("amenity=school isced:level=2", JUNIOR),
    ("amenity=school isced:level=1-2", BOTH),
    ("amenity=school isced:level=1;2", BOTH),
    ("amenity=school isced:level=1-3", BOTH),
    ("amenity=school isced:level=3", ""),
    ("amenity=school isced:level=0-1", f"{PRIMARY} {KINDER}"),
    ("amenity=school isced:level=lots", UNTOLD),
    ("amenity=school grades=1-6", PRIMARY),
    ("amenity=school grades=K-5", PRIMARY),
    ("amenity=school grades=6-8", JUNIOR),
    ("amenity=school grades=1-9", BOTH),
    ("amenity=school grades=9-12", ""),
    ("amenity=school school=primary", PRIMARY),
    ("amenity=school school=primary;secondary", BOTH),
    ("amenity=school school=dance", ""),
    ("amenity=school school:FR=élémentaire", PRIMARY),
    ("amenity=school school:FR=primaire", f"{PRIMARY} {KINDER}"),
    ("amenity=school school:FR=maternelle", KINDER),
    ("amenity=school school:FR=collège", JUNIOR),
    ("amenity=school", UNTOLD),
    # schools by name
    ("amenity=school name=曲阳第四小学", PRIMARY),
    ("amenity=school name=清华附小", PRIMARY),
    ("amenity=school name=清华大学附属小学", PRIMARY),
    ("amenity=school name=学院路小学", PRIMARY),
    ("amenity=school name=白云区九年制学校", BOTH),
    ("amenity=school name=观山湖区九年一贯制学校", BOTH),
    ("amenity=school name=第三初级中学", JUNIOR),
    ("amenity=school name=濮阳县第四中学", f"?{JUNIOR}"),
    ("amenity=school name=庆祖镇一中", f"?{JUNIOR}"),
    ("amenity=school name=清华大学附属中学", f"?{JUNIOR}"),
    ("amenity=school name=贵阳市高级中学", ""),
    ("amenity=school name=西辛庄实验学校", UNTOLD),
    ("amenity=school name=诗雅艺术学校", ""),
    ("amenity=school name=南湖职校第二分校", ""),
    ("amenity=school name=同济大学东校区", ""),
    ("amenity=school name=清华大学洁华幼儿园", KINDER),
    ("amenity=school name=C.E.I.P._Gran_Canaria", f"{PRIMARY} {KINDER}"),
    ("amenity=school name=C._E._I._P._Las_Torres", f"{PRIMARY} {KINDER}"),
    ("amenity=school name=CEO_Omayra_Sánchez", f"{BOTH} {KINDER}"),
    ("amenity=school name=I.E.S._Guanarteme", JUNIOR),
    ("amenity=school name=IES_San_Cristobal,Hostelería_y_Turismo", JUNIOR),
    ("amenity=school name=IES_José_Saramago_(cerrado)", ""),
    ("amenity=school name=Colegio_Salesianos", UNTOLD),
    ("amenity=school name=Escuela_de_Danza_Aida", ""),
    ("amenity=school name=Academia_de_Inglés_Covent", ""),
    ("amenity=school name=Escuela_Infantil_La_Manzana", f"{KINDER} nursery"),
    ("amenity=school name=École_élémentaire_du_Parc", PRIMARY),
    ("amenity=school name=École_de_la_Condamine", f"?{PRIMARY}"),
    ("amenity=school name=Collège_Charles_III", JUNIOR),
    ("amenity=school name=École_maternelle_Plati", KINDER),
    ("amenity=school name=Lycée_Technique_et_Hôtelier", ""),
    ("amenity=school name=Kaisaniemen_ala-aste", PRIMARY),
    ("amenity=school name=Kruununhaan_yläasteen_koulu", JUNIOR),
    ("amenity=school name=Ressun_peruskoulu", BOTH),
    ("amenity=school name=Ressun_lukio", ""),
    ("amenity=school name=EMEF_Vila_Nova", BOTH),
    ("amenity=school name=E.M.E.F._João_Goulart", BOTH),
    ("amenity=school name=EMEI_Ilha_da_Pintada", KINDER),
    ("amenity=school name=Escola_de_Samba_Imperadores", ""),
    ("amenity=school name=Oakley_Primary_School", PRIMARY),
    ("amenity=school name=Grundschule_am_Park", PRIMARY),
    ("amenity=school name=Gymnasium_Mitte", JUNIOR),
    ("disused:amenity=school name=曲阳第四小学", ""),
    ("amenity=college name=曲阳第四小学", ""),
    # small children
    ("amenity=kindergarten", KINDER),
    ("amenity=kindergarten access=private", KINDER),
    ("amenity=kindergarten name=Guardería_El_Arbolito", "nursery"),
    ("amenity=kindergarten name=Päiväkoti_Mansikka", f"{KINDER} nursery"),
    ("amenity=kindergarten name=小天使托育中心", "nursery"),
    ("amenity=childcare", "nursery"),
    ("amenity=childcare name=阳光晚托班", ""),
    # health
    ("amenity=clinic name=云岩社区卫生服务中心", CENTER),
    ("amenity=hospital name=庆祖镇卫生院", CENTER),
    ("amenity=clinic name=宅吉社区卫生服务站", STATION),
    ("amenity=clinic name=云岩社区卫生服务中心宅吉服务站", STATION),
    ("amenity=hospital name=Centro_de_Salud_de_Schamann", CENTER),
    ("amenity=hospital name=Consultorio_Local_de_Tafira", STATION),
    ("amenity=clinic name=Centro_de_Salud_Mental", ""),
    ("amenity=clinic name=UBS_Restinga", CENTER),
    ("amenity=clinic name=Posto_de_Saúde_Cristal", STATION),
    ("amenity=clinic name=Töölön_terveysasema", CENTER),
    ("amenity=doctors healthcare:speciality=general", STATION),
    ("amenity=doctors healthcare:speciality=radiology", ""),
    ("amenity=clinic name=InterClinic", f"?{STATION}"),
    ("amenity=clinic name=阳光诊所", f"?{STATION}"),
    ("amenity=clinic building=apartments", f"old_community_renovation ?{STATION}"),
    ("amenity=dentist", ""),
    ("amenity=hospital name=第三人民医院", ""),
    ("amenity=pharmacy", "pharmacy"),
    ("amenity=pharmacy name=兽药店", ""),
    ("shop=chemist name=大药房", "pharmacy"),
    ("shop=chemist", "?pharmacy"),
    # the rest
    ("amenity=toilets", "public_toilet"),
    ("amenity=toilets access=customers", ""),
    ("amenity=library name=贵阳市图书馆", "cultural_activity_center"),
    ("amenity=library name=同济大学图书馆", ""),
    ("amenity=library name=Biblioteca_Municipal", "cultural_activity_center"),
    ("amenity=community_centre", "?cultural_activity_station"),
    ("amenity=community_centre name=社区党群服务中心", "community_service_station"),
    ("amenity=townhall name=Mairie_de_Monaco", "community_service_station"),
    ("leisure=pitch sport=basketball", "multi_sport_ground"),
    ("leisure=pitch sport=soccer;basketball", "multi_sport_ground"),
    ("leisure=pitch sport=tennis", "?multi_sport_ground"),
    ("leisure=pitch sport=table_tennis", ""),
    ("leisure=pitch sport=basketball access=private", ""),
    ("leisure=fitness_station", "outdoor_fitness_site"),
    ("amenity=social_facility social_facility=nursing_home", "elderly_care_center"),
    ("amenity=social_facility social_facility=group_home", "?elderly_care_center"),
    ("amenity=social_facility social_facility=group_home social_facility:for=child", ""),
    (
        "amenity=social_facility social_facility=day_care social_facility:for=senior",
        "elderly_day_care_station",
    ),
    ("amenity=marketplace", "wet_market"),
    ("amenity=marketplace name=花鸟市场", ""),
    ("shop=supermarket;bakery", "fresh_food_store"),
    ("shop=convenience", "convenience_store"),
    ("shop=kiosk name=R-Kioski", "convenience_store"),
    ("shop=kiosk", "?convenience_store"),
    ("amenity=restaurant", ""),
    ("amenity=restaurant name=幸福食堂", "community_canteen"),
    ("leisure=park", "park_green_space"),
    ("leisure=garden", ""),
    ("leisure=garden access=yes", "park_green_space"),
    ("place=square name=筑城广场", "park_green_space"),
    ("place=square name=Plaza_de_Cairasco", ""),
    ("highway=bus_stop", "bus_stop"),
    ("public_transport=platform bus=yes", "bus_stop"),
    ("public_transport=stop_position bus=yes", ""),
    ("amenity=parking access=yes", "public_parking"),
    ("amenity=parking", "?public_parking"),
    ("amenity=parking access=private", ""),
    ("amenity=charging_station bicycle=yes", "ebike_charging"),
    ("amenity=charging_station bicycle=yes motorcar=yes", ""),
    ("amenity=charging_station", ""),
    ("highway=residential", "back_street_renewal"),
    ("landuse=residential", "old_community_renovation"),
    ("natural=tree", ""),
)


@pytest.fixture(scope="module")
def standard() -> ServiceStandard:
    return read_standard()


@pytest.fixture(scope="module")
def matcher(standard: ServiceStandard) -> TagMatcher:
    return TagMatcher(standard)


def tags_of(text: str) -> dict[str, str]:
    """Return tags written as ``key=value key=value`` with ``_`` for a space in names."""
    pairs = (part.split("=", 1) for part in text.split())
    return {key: v.replace("_", " ") if key == "name" else v for key, v in pairs}


def said(matches: tuple[Match, ...]) -> set[str]:
    return {("?" if one.ambiguous else "") + one.element_id for one in matches}


@pytest.mark.parametrize(("tags", "expected"), CASES, ids=[tags for tags, _ in CASES])
def test_predicted_elements(matcher: TagMatcher, tags: str, expected: str) -> None:
    assert said(matcher.match(tags_of(tags))) == set(expected.split())


def test_other_name_keys_are_searched_and_old_names_are_not(matcher: TagMatcher) -> None:
    school = {"amenity": "school"}
    for key in ("name:zh", "official_name", "alt_name", "short_name", "name:zh-Hans"):
        assert said(matcher.match({**school, key: "第四小学"})) == {PRIMARY}, key
    for key in ("old_name", "name:etymology:wikidata", "note"):
        assert said(matcher.match({**school, key: "第四小学"})) == set(UNTOLD.split()), key


def test_decomposed_and_full_width_names_match(matcher: TagMatcher) -> None:
    decomposed = "E\u0301cole e\u0301le\u0301mentaire"
    assert said(matcher.match({"amenity": "school", "name": decomposed})) == {PRIMARY}
    full_width = "ＣＥＩＰ Iberia"
    assert PRIMARY in said(matcher.match({"amenity": "school", "name": full_width}))


@pytest.mark.parametrize(
    "name",
    ["<script>alert('小学')</script>", "\u202e小学\u202c", "小学" + "x" * 10_000, "小学\x00\ud800"],
)
def test_hostile_names_are_names(matcher: TagMatcher, name: str) -> None:
    assert said(matcher.match({"amenity": "school", "name": name})) == {PRIMARY}


def test_a_name_is_searched_in_its_first_300_characters_only(matcher: TagMatcher) -> None:
    name = "x" * 300 + "小学"
    assert said(matcher.match({"amenity": "school", "name": name})) == set(UNTOLD.split())
    assert names_of({"name": name}) == ("x" * 300,)


def test_the_order_of_tags_and_of_rules_does_not_matter(
    standard: ServiceStandard, matcher: TagMatcher
) -> None:
    tags = tags_of("amenity=school isced:level=1-2 name=Escuela_Infantil building=yes access=yes")
    expected = matcher.match(tags)
    shuffled = list(tags.items())
    random.Random(1).shuffle(shuffled)
    turned = dataclasses.replace(standard, elements=tuple(reversed(standard.elements)))
    assert matcher.match(dict(shuffled)) == expected
    assert set(TagMatcher(turned).match(tags)) == set(expected)


def test_ambiguous_rules_with_name_patterns_of_their_own(standard: ServiceStandard) -> None:
    element = standard.element("pharmacy")
    rule = dataclasses.replace(
        element.osm,
        any_of=(TagRule(tags={"shop": ("herbs",)}),),
        ambiguous=(TagRule(tags={"amenity": ("*",)}, needs_name=True),),
        ambiguous_name_patterns={"any": "^$|drug"},
    )
    one = dataclasses.replace(standard, elements=(dataclasses.replace(element, osm=rule),))
    found = TagMatcher(one)
    assert said(found.match({"amenity": "x"})) == {"?pharmacy"}  # nameless: ^$
    assert said(found.match({"amenity": "x", "name": "Drugs"})) == {"?pharmacy"}
    assert said(found.match({"amenity": "x", "name": "Bar"})) == set()
    assert said(found.match({"amenity": "x", "shop": "herbs"})) == {"pharmacy"}


def test_numbers_and_values() -> None:
    assert numbers_of("1-3;5") == {1, 2, 3, 5}
    assert numbers_of("PK,K-2") == {-1, 0, 1, 2}
    assert numbers_of(" 2 - 3 ") == {2, 3}
    for unreadable in ("", "high", "3-1", "1-900", "1;x", "-1"):
        assert numbers_of(unreadable) == frozenset(), unreadable
    assert values_of(" a ; b;;") == ("a", "b")
    assert values_of("plain") == ("plain",)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, "open"),
        ({"disused": "yes"}, "closed"),
        ({"disused": "no"}, "open"),
        ({"opening_hours": "off"}, "closed"),
        ({"construction": "yes"}, "construction"),
        ({"construction": "minor"}, "open"),
        ({"building": "construction"}, "construction"),
        ({"opening_date": "2024-09"}, "construction"),
        ({"opening_date": "2023"}, "open"),
        ({"end_date": "2022-12-31"}, "closed"),
        ({"end_date": "2030"}, "open"),
        ({"opening_date": "soon"}, "open"),
    ],
)
def test_status_on_the_day_of_the_data(tags: dict[str, str], expected: str) -> None:
    assert status_of(tags, "2023-02-20") == expected


def test_a_date_without_a_data_date_leaves_the_status_unknown() -> None:
    assert status_of({"opening_date": "2024"}, "") == "unknown"


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=6))
def test_any_tags_give_an_answer_with_each_element_once(tags: dict[str, str]) -> None:
    matches = _MATCHER.match(tags)
    ids = [one.element_id for one in matches]
    assert len(ids) == len(set(ids))
    assert status_of(tags, "2023-02-20") in ("open", "construction", "closed")


_MATCHER = TagMatcher(read_standard())
