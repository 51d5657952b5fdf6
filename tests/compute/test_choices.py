"""Choices: who has enough to choose from, and what stands near, by hand."""

import numpy as np
import pytest

from analysis.messages import Name
from analysis.places.attributes import read
from analysis.places.facilities import Entrance, FacilityRecord, build_facilities
from analysis.reach.choices import choice_answer, near_answer, near_elements
from analysis.standard.figures import Known, Unknown
from analysis.standard.rules import Attribute
from analysis.testing.cities import grid_city, shops_at
from tests.random_worlds import graph_of, linked

# Four points with 1, 2, 4 and 8 residents, who reach: nothing; 0; 0 and 1; 1 and 2.
FIRST = np.array([0, 0, 1, 3, 5], dtype=np.int64)
ROW = np.array([0, 0, 1, 1, 2], dtype=np.int32)
PEOPLE = np.array([1.0, 2.0, 4.0, 8.0])
HERE = np.ones(4, dtype=bool)


def sports(*said):
    facilities = build_facilities(
        [
            FacilityRecord(
                element_id="pitch", source_id=f"t:{i}", name="", origin="table", status="open",
                xy_m=(0.0, 0.0), area_m2=float("nan"), ambiguous=False,
                entrances=((0.0, 0.0, Entrance.POINT),), attributes={"sport": one},
            )
            for i, one in enumerate(said)
        ]
    )  # fmt: skip
    attribute = Attribute(
        id="sport", name=Name(zh="运动", en="sport"), kind="text", unit="count", columns=("sport",)
    )
    return read(attribute, facilities, np.arange(len(said), dtype=np.int32))


def test_residents_with_two_facilities():
    found = choice_answer(FIRST, ROW, PEOPLE, HERE, at_least=2)
    assert isinstance(found, Known)
    assert found.value == pytest.approx(12 / 15)
    here = np.array([True, True, True, False])
    assert choice_answer(FIRST, ROW, PEOPLE, here, at_least=2).value == pytest.approx(4 / 7)
    assert isinstance(choice_answer(FIRST, ROW, PEOPLE, ~HERE, at_least=2), Unknown)


def test_residents_with_two_sports():
    """Both facilities of the third point offer the same; the last point has two sports."""
    found = choice_answer(FIRST, ROW, PEOPLE, HERE, at_least=2, values=sports("a", "a", "b"))
    assert found.value == pytest.approx(8 / 15)
    assert found.known_share == 1.0


def test_unknown_sports_leave_residents_unknown_who_have_not_enough():
    """The middle one is unknown: the third point may have two, the last has two without it."""
    found = choice_answer(FIRST, ROW, PEOPLE, HERE, at_least=2, values=sports("a", "", "b;c"))
    assert found.value == pytest.approx(8 / 11)
    assert found.known_share == pytest.approx(11 / 15)
    few = choice_answer(
        FIRST, ROW, PEOPLE, HERE, at_least=2, values=sports("", "", ""), min_known_share=0.5
    )
    assert few.known_share == pytest.approx(1 / 15)
    assert not few.judged


def test_what_stands_within_a_walk():
    """Blocks of 100 m: a pharmacy 300 m from the first station and 400 m from the second."""
    network = grid_city(8, 1)
    facilities = shops_at(
        [("pharmacy", 300.0, 0.0), ("station", 0.0, 0.0), ("station", 700.0, 0.0)]
    )
    entrances, graph = linked(network, facilities.entrance_xy_m), graph_of(network)
    wanted = [("pharmacy", 300.0), ("pharmacy", 400.0), ("station", 1000.0)]
    counting = np.ones(3, dtype=bool)
    near = near_elements(graph, entrances, facilities, counting, wanted)
    stations = facilities.of_element("station")
    assert near[stations].tolist() == [[True, True, False], [False, True, False]]
    assert near_answer(near[:, 0], stations).value == 0.5
    closed = near_elements(graph, entrances, facilities, ~counting, wanted)
    assert not closed.any()
    assert isinstance(near_answer(near[:, 0], stations[:0]), Unknown)
