"""Scenario values: the fields of a file as modifications, degrees as metres."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from analysis.coordinates.reading import CoordinateReading
from analysis.crs import MetricCRS
from analysis.documents.plain import plain_text
from analysis.scenario.modifications import (
    XY,
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

Fields = Mapping[str, Any]
_DECIMALS: Final = 3  # whole millimetres: written in degrees and read again they are the same


@dataclass(frozen=True, slots=True)
class PlaceReader:
    """Turns pairs as they are written into metres."""

    crs: MetricCRS
    reading: CoordinateReading

    def xy_m(self, pair: Sequence[float]) -> XY:
        """Return one place; not finite where it cannot be anywhere."""
        return self.line_m([pair])[0]

    def line_m(self, pairs: Sequence[Sequence[float]]) -> tuple[XY, ...]:
        """Return several places."""
        with np.errstate(invalid="ignore", over="ignore"):
            lonlat = self.reading.lonlat(np.array(pairs, dtype=np.float64).reshape(-1, 2))
            possible = (np.abs(lonlat) <= (180.0, 90.0)).all(axis=1)
            lonlat[~possible] = np.nan
            xy_m = np.round(self.crs.project(lonlat), _DECIMALS)
        return tuple((float(x), float(y)) for x, y in xy_m)


def modification_of(fields: Fields, number: int, places: PlaceReader) -> AnyModification:
    """Return one modification of a document that the schema finds sound; it counts from 1."""
    said = _text_fields(fields)
    common = {"id": said.get("id") or str(number), "since": said.get("since", "")}
    return _BUILDERS[said["kind"]](said, common, places)


def _text_fields(fields: Fields) -> dict[str, Any]:
    """Return the fields with texts that every file can hold."""
    return {name: plain_text(one) if isinstance(one, str) else one for name, one in fields.items()}


def _at(said: Fields, places: PlaceReader) -> XY:
    return places.xy_m((said["lon"], said["lat"]))


def _attributes(said: Fields) -> dict[str, str]:
    return {
        plain_text(name): _cell(one) for name, one in sorted(said.get("attributes", {}).items())
    }


def _cell(value: object) -> str:
    """Return a value as a planner's table would hold it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:.12g}"
    return plain_text(str(value))


def _facility(said: Fields) -> dict[str, Any]:
    return {"element_id": said["element"], "source_id": said["facility"]}


def _add_facility(said: Fields, common: Fields, places: PlaceReader) -> AnyModification:
    return AddFacility(
        **common,
        element_id=said["element"],
        xy_m=_at(said, places),
        name=said.get("name", ""),
        area_m2=float(said.get("area_m2", "nan")),
        attributes=_attributes(said),
        entrances_m=places.line_m(said["entrances"]) if said.get("entrances") else (),
    )


def _move_facility(said: Fields, common: Fields, places: PlaceReader) -> AnyModification:
    return MoveFacility(**common, **_facility(said), xy_m=_at(said, places))


def _close_facility(said: Fields, common: Fields, _places: PlaceReader) -> AnyModification:
    return CloseFacility(**common, **_facility(said))


def _open_facility(said: Fields, common: Fields, _places: PlaceReader) -> AnyModification:
    return OpenFacility(**common, **_facility(said))


def _change_facility(said: Fields, common: Fields, _places: PlaceReader) -> AnyModification:
    area_m2 = said.get("area_m2")
    return ChangeFacility(
        **common,
        **_facility(said),
        attributes=_attributes(said),
        area_m2=None if area_m2 is None else float(area_m2),
    )


def _add_path(said: Fields, common: Fields, places: PlaceReader) -> AnyModification:
    return AddPath(**common, line_m=places.line_m(said["line"]), kind=said.get("path", "path"))


def _close_path(said: Fields, common: Fields, places: PlaceReader) -> AnyModification:
    xy_m = _at(said, places) if "lon" in said else None
    return ClosePath(**common, way_id=int(said["way"]), xy_m=xy_m)


def _change_standard(said: Fields, common: Fields, _places: PlaceReader) -> AnyModification:
    return ChangeStandard(
        **common, element_id=said["element"], field=said["field"], value=float(said["value"])
    )


def _add_housing(said: Fields, common: Fields, places: PlaceReader) -> AnyModification:
    return AddHousing(
        **common,
        xy_m=_at(said, places),
        people=float(said["people"]),
        households=float(said.get("households", "nan")),
        groups={
            plain_text(name): float(one) for name, one in sorted(said.get("groups", {}).items())
        },
    )


_BUILDERS: Final[Mapping[str, Callable[[Fields, Fields, PlaceReader], AnyModification]]] = {
    "add_facility": _add_facility,
    "move_facility": _move_facility,
    "close_facility": _close_facility,
    "open_facility": _open_facility,
    "change_facility": _change_facility,
    "add_path": _add_path,
    "close_path": _close_path,
    "change_standard": _change_standard,
    "add_housing": _add_housing,
}
