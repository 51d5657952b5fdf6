"""Circles and their checks as GeoJSON and plain values."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from analysis.crs import MetricCRS
from analysis.delineation.figures import BarrierCut, CircleCheck, CircleChecks
from analysis.documents.geometry import geometry_json, lonlat_polygons
from analysis.documents.plain import number, plain, texts
from analysis.notices import Notice
from analysis.places.circles import Circles
from analysis.streets.dividers import Rank

KIND: Final = "circles"  # marks our files, which alone may be written over


def circle_collection(
    circles: Circles, checks: CircleChecks, crs: MetricCRS, notices: Iterable[Notice] = ()
) -> dict[str, Any]:
    """Return circles as a GeoJSON collection that `--circles` reads, with their figures.

    No property is called population: people found are not people stated, and an analysis that
    reads the file must not take them for the planner's own figure.
    """
    features = [
        {
            "type": "Feature",
            "id": circles.circle_id[row],
            "geometry": geometry_json(lonlat_polygons(circles.polygons[row], crs)),
            "properties": {
                "id": one.circle_id,
                "name": one.name,
                "level": circles.level[row],
                **_figures(one),
            },
        }
        for row, one in enumerate(checks.circles)
    ]
    told = [*notices, *checks.notices]
    collection = {
        "type": "FeatureCollection",
        "living_circle": KIND,
        "whole": _whole(checks),
        "notes": [_note(one) for one in told],
        "features": features,
    }
    found: dict[str, Any] = plain(collection)  # type: ignore[assignment]
    return found


def checks_document(checks: CircleChecks, crs: MetricCRS) -> dict[str, Any]:
    """Return checks as plain values, for `study.json` and `--json`."""
    document = {
        "bands": {
            "people": list(checks.bands.people),
            "tolerated_people": list(checks.bands.tolerated),
            "area_km2": list(checks.bands.area_km2),
            "walk_m": checks.bands.walk_m,
        },
        "circles": [
            {
                "id": one.circle_id,
                "name": one.name,
                **_figures(one),
                "centre": _lonlat(one, crs),
                "cuts": [_cut(cut) for cut in one.cuts],
                "overlaps": [
                    {"with": o.other_id, "area_m2": number(o.area_m2), "people": number(o.people)}
                    for o in one.overlaps
                ],
            }
            for one in checks.circles
        ],
        "whole": _whole(checks),
        "notes": [_note(one) for one in checks.notices],
    }
    found: dict[str, Any] = plain(document)  # type: ignore[assignment]
    return found


def _figures(one: CircleCheck) -> dict[str, object]:
    return {
        "residents_found": number(one.people),
        "residents_estimated": number(one.people_estimated),
        "residents_stated": number(one.people_stated),
        "residents_unlinked": number(one.unlinked_people),
        "homes": one.homes,
        "area_km2": number(one.area_m2 / 1e6),
        "compactness": number(one.compactness),
        "pieces": one.parts,
        "centre_walk_share": number(one.walk_share),
        "barrier_cut_m": number(one.cut_m()),
        "arterial_cut_m": number(one.cut_m(Rank.MINOR_ARTERIAL) - one.cut_m()),
        "overlap_m2": number(sum(other.area_m2 for other in one.overlaps)),
    }


def _whole(checks: CircleChecks) -> dict[str, object]:
    return {
        "residents": number(checks.people),
        "residents_uncovered": number(checks.uncovered_people),
        "homes_uncovered": None if checks.uncovered_homes < 0 else checks.uncovered_homes,
        "residents_in_several": number(checks.shared_people),
        "gaps": len(checks.gaps),
        "gap_m2": number(checks.gap_m2),
    }


def _cut(cut: BarrierCut) -> dict[str, object]:
    return {
        "kind": cut.kind,
        "kind_name": texts(cut.kind_name),
        "name": cut.name,
        "barrier": cut.rank >= Rank.NEVER,
        "length_m": number(cut.length_m),
    }


def _note(told: Notice) -> dict[str, object]:
    return {
        "code": told.code,
        "severity": told.severity,
        "subjects": list(told.subjects),
        "text": texts(told.text),
    }


def _lonlat(one: CircleCheck, crs: MetricCRS) -> list[float]:
    lonlat = crs.unproject(np.array([one.centre_xy_m]))[0]
    return [round(float(value), 7) for value in lonlat]
