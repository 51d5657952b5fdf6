"""Checking a scenario against its baseline: everything that is wrong, at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

import numpy as np
import shapely

from analysis.messages import Joined, Message, message
from analysis.scenario.facility_edits import source_id_of
from analysis.scenario.joints import JOIN_M, join_paths
from analysis.scenario.modifications import (
    AddFacility,
    AddHousing,
    AddPath,
    AnyModification,
    ChangeFacility,
    ChangeStandard,
    CloseFacility,
    ClosePath,
    MoveFacility,
    OpenFacility,
)
from analysis.scenario.path_closing import near_way
from analysis.scenario.scenario import Scenario
from analysis.scenario.standard_edits import SHARES, has_field
from analysis.standard.profile import Element
from analysis.study import StudyInputs

LONGEST_PATH_M: Final = 5000.0
_OPEN: Final = ("open", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioProblem:
    """One thing that is wrong with a modification.

    `number` counts from 1, as a person counts; an ``error`` forbids the scenario, a ``warning``
    tells of an edit that does less than it seems to.
    """

    number: int
    id: str
    text: Message
    severity: Literal["error", "warning"] = "error"


def problems_of(scenario: Scenario, inputs: StudyInputs) -> tuple[ScenarioProblem, ...]:
    """Return all problems of `scenario` on `inputs`, in the order of its modifications."""
    return tuple(_Check(scenario, inputs).problems())


_Found = tuple[Message, Literal["error", "warning"]]


def _wrong(key: str, **args: object) -> _Found:
    return message(f"scenario.problem.{key}", **args), "error"


def _odd(key: str, **args: object) -> _Found:
    return message(f"scenario.problem.{key}", **args), "warning"


class _Check:
    """The baseline as it is met by one modification after another."""

    def __init__(self, scenario: Scenario, inputs: StudyInputs) -> None:
        self.scenario, self.inputs = scenario, inputs
        self.elements: Mapping[str, Element] = {one.id: one for one in inputs.standard.elements}
        facilities = inputs.facilities
        keys = zip(facilities.element_id, facilities.source_id, strict=True)
        self.status = dict(zip(keys, facilities.status, strict=True))
        self.seen: dict[str, int] = {}
        self.ways = set(np.unique(inputs.network.arc_way_id).tolist())

    def problems(self) -> Iterator[ScenarioProblem]:
        """Yield what is wrong."""
        for number, one in enumerate(self.scenario.modifications, start=1):
            for text, severity in self._of(number, one):
                yield ScenarioProblem(number=number, id=one.id, text=text, severity=severity)

    def _of(self, number: int, one: AnyModification) -> Iterator[_Found]:
        if not one.id:
            yield _wrong("no_id")
        elif one.id in self.seen:
            yield _wrong("same_id", first=self.seen[one.id])
        self.seen.setdefault(one.id, number)
        yield from self._by_kind(one)

    def _by_kind(self, one: AnyModification) -> Iterator[_Found]:
        match one:
            case AddFacility():
                yield from self._add(one)
            case MoveFacility():
                yield from self._move(one)
            case CloseFacility():
                yield from self._close(one)
            case OpenFacility():
                yield from self._open(one)
            case ChangeFacility():
                yield from self._change(one)
            case AddPath():
                yield from self._path(one)
            case ClosePath():
                yield from self._close_path(one)
            case ChangeStandard():
                yield from self._standard(one)
            case AddHousing():
                yield from self._housing(one)

    def _add(self, one: AddFacility) -> Iterator[_Found]:
        yield from self._element(one.element_id)
        yield from self._inside(one.xy_m)
        for xy_m in one.entrances_m:
            yield from self._inside(xy_m)
        if one.area_m2 <= 0:
            yield _wrong("area", value=one.area_m2)
        self.status[one.element_id, source_id_of(one)] = "open"

    def _move(self, one: MoveFacility) -> Iterator[_Found]:
        yield from self._facility(one.element_id, one.source_id)
        yield from self._inside(one.xy_m)

    def _close(self, one: CloseFacility) -> Iterator[_Found]:
        key = (one.element_id, one.source_id)
        yield from self._facility(*key)
        if self.status.get(key, "open") not in _OPEN:
            yield _odd("closed_already", facility=one.source_id)
        self.status[key] = "closed"

    def _open(self, one: OpenFacility) -> Iterator[_Found]:
        key = (one.element_id, one.source_id)
        yield from self._facility(*key)
        if self.status.get(key) in _OPEN:
            yield _odd("open_already", facility=one.source_id)
        self.status[key] = "open"

    def _change(self, one: ChangeFacility) -> Iterator[_Found]:
        yield from self._facility(one.element_id, one.source_id)
        if one.area_m2 is not None and not one.area_m2 > 0:
            yield _wrong("area", value=one.area_m2)
        if not one.attributes and one.area_m2 is None:
            yield _odd("nothing_changed", facility=one.source_id)
        element = self.elements.get(one.element_id)
        unread = sorted(set(one.attributes) - set(() if element is None else self._read(element)))
        if element is not None and unread:
            yield _odd("unread", element=element.name, columns=Joined(tuple(unread)))

    def _read(self, element: Element) -> set[str]:
        """Return the columns and tags that say something of a facility of `element`."""
        read = set(element.planner_columns)
        for attribute in self.inputs.standard.attributes.values():
            read |= {*attribute.columns, *attribute.osm}
        if element.scale is not None:
            read |= {*element.scale.capacity.columns, *element.scale.capacity.osm_tags}
        return read

    def _path(self, one: AddPath) -> Iterator[_Found]:
        line_m = np.array(one.line_m, dtype=np.float64).reshape(-1, 2)
        length_m = float(np.hypot(*np.diff(line_m, axis=0).T).sum()) if len(line_m) > 1 else 0.0
        if length_m <= 0.0:
            yield _wrong("no_length")
            return
        if length_m > LONGEST_PATH_M:
            yield _wrong("too_long", length_km=length_m / 1000.0, most_km=LONGEST_PATH_M / 1000.0)
        outside = [found for xy in one.line_m for found in self._inside(xy)]
        if outside:
            yield outside[0]
            return
        network = self.inputs.network
        open_ = np.zeros(network.n_arcs, dtype=bool)
        earlier = [other for other in self._before(one) if isinstance(other, AddPath)]
        paths, _ = join_paths(network, open_, [*earlier, one])
        joined = sum(paths[-1].ends_joined)
        if joined == 0:
            yield _wrong("joined_nowhere", within_m=JOIN_M)
        elif joined == 1 and one.kind == "footbridge":
            yield _wrong("half_a_bridge", within_m=JOIN_M)

    def _before(self, one: AnyModification) -> Iterator[AnyModification]:
        for other in self.scenario.modifications:
            if other is one:
                return
            yield other

    def _close_path(self, one: ClosePath) -> Iterator[_Found]:
        if one.way_id not in self.ways:
            yield _wrong("no_way", way=one.way_id)
        elif one.xy_m is not None and not near_way(self.inputs.network, one):
            yield _wrong("far_from_way", way=one.way_id)

    def _standard(self, one: ChangeStandard) -> Iterator[_Found]:
        yield from self._element(one.element_id)
        element = self.elements.get(one.element_id)
        if element is None:
            return
        if not has_field(element, one.field):
            yield _wrong("no_field", element=element.name, field=one.field)
            return
        if one.field in SHARES:
            if not 0 < one.value <= 1:
                yield _wrong("share", value=one.value)
        elif not (np.isfinite(one.value) and one.value > 0):
            yield _wrong("not_positive", value=one.value)

    def _housing(self, one: AddHousing) -> Iterator[_Found]:
        outside = list(self._inside(one.xy_m))
        yield from outside
        numbers = [one.people, *one.groups.values()]
        if not np.isnan(one.households):
            numbers.append(one.households)
        if not all(np.isfinite(value) and value >= 0 for value in numbers):
            yield _wrong("people", value=one.people)
        unknown = sorted(set(one.groups) - set(self.inputs.demand.groups))
        if unknown:
            yield _odd("unknown_groups", groups=Joined(tuple(unknown)))
        here = np.array([one.xy_m], dtype=np.float64)
        if not outside and self.inputs.circles.locate(here)[0] < 0:
            yield _odd("outside_circles")

    def _element(self, element_id: str) -> Iterator[_Found]:
        element = self.elements.get(element_id)
        if element is None:
            yield _wrong("no_element", value=element_id, like=_like(element_id, self.elements))
        elif not element.is_walked:
            yield _wrong("not_walked", element=element.name)

    def _facility(self, element_id: str, source_id: str) -> Iterator[_Found]:
        found = list(self._element(element_id))
        yield from found
        if not found and (element_id, source_id) not in self.status:
            held = [source for element, source in self.status if element == element_id]
            yield _wrong("no_facility", value=source_id, like=_like(source_id, held))

    def _inside(self, xy_m: tuple[float, float]) -> Iterator[_Found]:
        if not (np.isfinite(xy_m).all() and shapely.intersects_xy(self.inputs.data_area, *xy_m)):
            yield _wrong("outside")


def _like(value: str, known: Iterable[str]) -> str:
    """Return names like `value`, or the first few where none is."""
    names = sorted(known)
    return ", ".join(get_close_matches(value, names, n=3, cutoff=0.5) or names[:3])
