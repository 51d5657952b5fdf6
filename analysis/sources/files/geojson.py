"""GeoJSON without GDAL: parsed as JSON, geometries built by shapely."""

import re
from pathlib import Path
from typing import Final, cast

import numpy as np
import orjson
import shapely

from analysis.errors import CRSError, SourceDataError
from analysis.messages import message
from analysis.sources.files.raw_layers import (
    RawLayer,
    attribute_text,
    check_feature_count,
    no_such_layer,
    raw_layer,
    unreadable,
)

# Only a code: anything else could make PROJ open files.
_CRS_NAME: Final = re.compile(r"(urn:ogc:def:crs:)?(EPSG|OGC|ESRI|IGNF):[\w.]*:?\w+", re.IGNORECASE)


def read_geojson(path: Path, layer: str | None) -> RawLayer:
    """Read a FeatureCollection, Feature or bare geometry, honouring a legacy ``crs`` member.

    Raises :class:`SourceDataError` for text that is no GeoJSON or a geometry that cannot be built
    (naming the feature), :class:`CRSError` for a ``crs`` member that is no plain code.
    """
    try:
        document = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise unreadable(path.name, error) from error
    features = _features(document)
    if features is None:
        raise SourceDataError(
            message("layer.foreign"), remedy=message("layer.foreign.remedy"), source=path.name
        )
    check_feature_count(path.name, len(features))
    name = document.get("name")
    own_name = name if isinstance(name, str) and name else path.stem
    if layer not in (None, own_name, path.stem):
        raise no_such_layer(path.name, str(layer), [own_name])
    geometries = np.full(len(features), None, dtype=object)
    attributes = []
    for position, feature in enumerate(features):
        geometries[position] = _geometry(path.name, position + 1, feature)
        properties = feature.get("properties") or {} if isinstance(feature, dict) else {}
        cells = dict(properties) if isinstance(properties, dict) else {}
        # Often only a running number, so it stands behind any column that means an id (编号).
        if "id" not in cells and isinstance(feature, dict) and feature.get("id") is not None:
            cells.setdefault("fid", feature["id"])
        attributes.append({str(key): attribute_text(cell) for key, cell in cells.items()})
    crs = _geojson_crs(path.name, document.get("crs"))
    return raw_layer(path.name, own_name, (geometries, tuple(attributes), crs))


def _features(document: object) -> list[object] | None:
    if not isinstance(document, dict):
        return None
    if document.get("type") == "FeatureCollection" and isinstance(document.get("features"), list):
        return cast("list[object]", document["features"])
    if document.get("type") == "Feature":
        return [document]
    if "coordinates" in document or "geometries" in document:
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    return None


def _geometry(source: str, row: int, feature: object) -> object:
    geometry = feature.get("geometry") if isinstance(feature, dict) else feature
    if geometry is None:
        return None
    try:
        return shapely.from_geojson(orjson.dumps(geometry))
    except (shapely.errors.GEOSException, orjson.JSONEncodeError) as error:
        raise SourceDataError(
            message("layer.bad_geometry"),
            remedy=message("layer.bad_geometry.remedy"),
            source=source,
            row=row,
            value=str(error),
        ) from error


def _geojson_crs(source: str, member: object) -> str:
    """Return the reference system of a legacy ``crs`` member; WGS84 where there is none."""
    if member is None:
        return "EPSG:4326"
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str) and _CRS_NAME.fullmatch(name):
        return name
    raise CRSError(
        message("layer.unknown_crs"),
        remedy=message("layer.no_crs.remedy"),
        source=source,
        value=name if name is not None else orjson.dumps(member).decode(),
    )
