"""A scenario as the document that scenario files hold: degrees, and fields that say something."""

from collections.abc import Mapping
from math import isnan
from typing import Any, Final

import numpy as np
import yaml

from analysis.crs import MetricCRS
from analysis.documents.plain import plain
from analysis.scenario.modifications import (
    XY,
    AddFacility,
    AddHousing,
    AddPath,
    AnyModification,
    ChangeFacility,
    ChangeStandard,
    ClosePath,
    MoveFacility,
    kind_of,
)
from analysis.scenario.scenario import Scenario

FORMAT: Final = 1
_DECIMALS: Final = 9  # a tenth of a millimetre: read again, places are the same to the millimetre


def scenario_document(scenario: Scenario, crs: MetricCRS) -> dict[str, Any]:
    """Return `scenario` as a plain document; reading it gives the same scenario, id and all.

    Places in whole millimetres come back exactly, which is how they are read.
    """
    document: Any = plain(
        {
            "scenario": FORMAT,
            "title": scenario.title,
            "modifications": [_fields(one, crs) for one in scenario.modifications],
        }
    )
    found: dict[str, Any] = document
    return found


def scenario_yaml(document: Mapping[str, Any]) -> str:
    """Return a scenario document as YAML."""
    return yaml.dump(dict(document), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


class _Dumper(yaml.SafeDumper):
    """Writes what is given in full: our reader takes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _fields(one: AnyModification, crs: MetricCRS) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": one.id, "kind": kind_of(one)}
    if one.since:
        fields["since"] = one.since
    return fields | _own(one, crs)


def _own(one: AnyModification, crs: MetricCRS) -> dict[str, Any]:
    match one:
        case AddFacility():
            return _added(one, crs)
        case AddPath():
            return {"path": one.kind, "line": _lonlat(one.line_m, crs)}
        case ClosePath():
            return {"way": one.way_id, **({} if one.xy_m is None else _place(one.xy_m, crs))}
        case ChangeStandard():
            return {"element": one.element_id, "field": one.field, "value": one.value}
        case AddHousing():
            return _homes(one, crs)
    named: dict[str, Any] = {"element": one.element_id, "facility": one.source_id}
    if isinstance(one, MoveFacility):
        named |= _place(one.xy_m, crs)
    if isinstance(one, ChangeFacility):
        if one.area_m2 is not None:
            named["area_m2"] = one.area_m2
        if one.attributes:
            named["attributes"] = dict(one.attributes)
    return named


def _added(one: AddFacility, crs: MetricCRS) -> dict[str, Any]:
    fields: dict[str, Any] = {"element": one.element_id, **_place(one.xy_m, crs)}
    if one.name:
        fields["name"] = one.name
    if not isnan(one.area_m2):
        fields["area_m2"] = one.area_m2
    if one.attributes:
        fields["attributes"] = dict(one.attributes)
    if one.entrances_m:
        fields["entrances"] = _lonlat(one.entrances_m, crs)
    return fields


def _homes(one: AddHousing, crs: MetricCRS) -> dict[str, Any]:
    fields: dict[str, Any] = {**_place(one.xy_m, crs), "people": one.people}
    if not isnan(one.households):
        fields["households"] = one.households
    if one.groups:
        fields["groups"] = dict(one.groups)
    return fields


def _place(xy_m: XY, crs: MetricCRS) -> dict[str, float]:
    ((lon, lat),) = _lonlat((xy_m,), crs)
    return {"lon": lon, "lat": lat}


def _lonlat(places: tuple[XY, ...], crs: MetricCRS) -> list[list[float]]:
    lonlat: list[list[float]] = np.round(
        crs.unproject(np.array(places, dtype=np.float64)), _DECIMALS
    ).tolist()
    return lonlat
