"""The digest of a study sees every input that could change an answer."""

from dataclasses import replace

import shapely

from analysis.documents.study import study_document
from analysis.places.facilities import Facilities
from analysis.study import StudyInputs, StudyParameters, analyse
from analysis.testing.studies import small_inputs


def digests(inputs: StudyInputs) -> tuple[str, dict[str, str]]:
    document = study_document(analyse(inputs, StudyParameters()))
    return str(document["digest"]), document["array_digests"]  # type: ignore[return-value]


def with_shape(facilities: Facilities, shape: shapely.Geometry | None) -> Facilities:
    shapes = facilities.shapes.copy()
    shapes[0] = shape
    return replace(facilities, shapes=shapes)


def test_the_digest_sees_attributes_and_shapes() -> None:
    inputs = small_inputs()
    places = inputs.facilities
    hole = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(2, 2), (3, 2), (3, 3)]])
    filled = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)])
    line = shapely.LineString(filled.exterior.coords)
    changed = [
        replace(places, attributes=({"seats": "5"}, *places.attributes[1:])),
        replace(places, attributes=({"seats": "6"}, *places.attributes[1:])),
        replace(places, attributes=(*places.attributes[:1], {"seats": "5"})),
        *(with_shape(places, one) for one in (hole, filled, line, shapely.MultiPolygon([filled]))),
    ]
    found = [digests(inputs), *(digests(replace(inputs, facilities=one)) for one in changed)]
    assert len({one for one, _ in found}) == len(found)
    assert len({one["facilities"] for _, one in found}) == len(found)
    assert len({one["demand"] for _, one in found}) == 1
    swapped = replace(places, attributes=({"b": "1", "a": "2"}, *places.attributes[1:]))
    straight = replace(places, attributes=({"a": "2", "b": "1"}, *places.attributes[1:]))
    one, other = (digests(replace(inputs, facilities=x))[0] for x in (swapped, straight))
    assert one == other  # the order of columns says nothing


def test_the_digest_sees_who_lives_beyond() -> None:
    inputs = small_inputs()
    homes_ = replace(inputs.demand, circle=inputs.demand.circle * 0 - 1)
    one, other = digests(inputs), digests(replace(inputs, beyond=homes_))
    assert one[0] != other[0]
    assert one[1]["beyond"] != other[1]["beyond"]
