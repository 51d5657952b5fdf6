"""Vector files as given: sniffed before any engine sees them, then geometries and attributes.

GDAL chooses its driver by content and some of its drivers read other files or the network, so a
file reaches it only when its first bytes prove that it is a GeoPackage or a shapefile. GeoJSON
never reaches it at all.
"""

import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError

from analysis.errors import CRSError, SourceDataError
from analysis.messages import Joined, message
from analysis.notices import Notice, notice
from analysis.sources.files.geojson import read_geojson
from analysis.sources.files.raw_layers import (
    RawLayer,
    attribute_text,
    check_feature_count,
    no_such_layer,
    raw_layer,
    unreadable,
)
from analysis.sources.files.tables import check_file
from analysis.sources.files.workbooks import DAMAGED_ARCHIVE, check_archive
from analysis.units import GeometryArray

MAX_VECTOR_BYTES: Final = 512 * 2**20
LAYER_SUFFIXES: Final = (".gpkg", ".shp", ".zip", ".geojson", ".json")
_Content = tuple[GeometryArray, tuple[Mapping[str, str], ...], str]
_SQLITE: Final = b"SQLite format 3\x00"
_SHAPEFILE: Final = b"\x00\x00\x27\x0a"
_ZIP: Final = b"PK\x03\x04"
_ENCODINGS: Final = ("utf-8", "gb18030")
_BYTES: Final = "ISO-8859-1"  # each byte as one letter, so that none is lost
_NAME_BYTES: Final = 10


def read_raw_layer(
    path: Path,
    layer: str | None = None,
    *,
    usual_name: str = "circles",
    points: bool = False,
    crs: str = "",
) -> RawLayer:
    """Read one layer of a GeoPackage, shapefile (also zipped) or GeoJSON file.

    `layer` names it. Where it is None, the layer called `usual_name`, else the only one that fits
    is taken: the only spatial layer or, unless `points` are wanted too, the only polygon layer.
    `crs` goes before the reference system that the file declares, and stands in for a lacking one.
    Raises :class:`SourceUnavailableError`, :class:`SourceDataError` or :class:`CRSError`.
    """
    raw = _sniffed(path, layer, usual_name, points=points, crs=crs)
    return replace(raw, crs=crs) if crs else raw


def _sniffed(path: Path, layer: str | None, usual_name: str, *, points: bool, crs: str) -> RawLayer:
    check_file(path, MAX_VECTOR_BYTES)
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(256)
    if suffix == ".gpkg" and head.startswith(_SQLITE):
        return _read_geopackage(path, layer, usual_name, points=points)
    if suffix == ".shp" and head.startswith(_SHAPEFILE):
        return _read_shapefile(path, path.name, layer, crs)
    if suffix == ".zip" and head.startswith(_ZIP):
        return _read_zip(path, layer, crs)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if suffix in (".geojson", ".json") and text.startswith(b"{"):
        return read_geojson(path, layer)
    key = "layer.mismatch" if suffix in LAYER_SUFFIXES else "layer.foreign"
    raise SourceDataError(
        message(key, suffix=suffix), remedy=message("layer.foreign.remedy"), source=path.name
    )


def is_layer(path: Path) -> bool:
    """Return whether the file's name says that it is a spatial layer."""
    return path.suffix.lower() in LAYER_SUFFIXES


def _read_geopackage(path: Path, layer: str | None, usual_name: str, *, points: bool) -> RawLayer:
    with _engine(path.name):
        listed = pyogrio.list_layers(path.resolve())
    spatial = {str(name): str(kind or "") for name, kind in listed if kind is not None}
    name = (
        layer if layer in spatial else _choose(path.name, spatial, layer, usual_name, points=points)
    )
    content, notices = _read_ogr(path, path.name, name, "UTF-8")
    others = sorted(set(spatial) - {name})
    if others and layer is None:
        text = message(
            "layer.chosen",
            source=path.name, count=len(spatial), layer=name, others=Joined(tuple(others)),
        )  # fmt: skip
        notices = (*notices, notice("layer.chosen", text, others))
    return raw_layer(path.name, name, content, notices)


def _choose(
    source: str, spatial: Mapping[str, str], layer: str | None, usual_name: str, *, points: bool
) -> str:
    names = sorted(spatial)
    if not names:
        raise SourceDataError(
            message("layer.no_layers"), remedy=message("layer.empty.remedy"), source=source
        )
    if layer is not None:
        raise no_such_layer(source, layer, names)
    if usual_name in spatial:
        return usual_name
    polygonal = [name for name in names if "Polygon" in spatial[name] and not points]
    for candidates in (names, polygonal):
        if len(candidates) == 1:
            return candidates[0]
    raise SourceDataError(
        message("layer.which", names=Joined(tuple(names))),
        remedy=message("layer.which.remedy", usual=usual_name),
        source=source,
    )


def _read_ogr(
    path: Path, source: str, layer: str | None, encoding: str | None
) -> tuple[_Content, tuple[Notice, ...]]:
    """Read through GDAL; `path` was sniffed. Raises ``UnicodeDecodeError`` for a wrong encoding."""
    place = path.resolve()
    with _engine(source) as caught:
        info = pyogrio.read_info(place, layer=layer, encoding=encoding, force_feature_count=True)
        check_feature_count(source, int(info["features"]))
        meta, _, wkb, values = pyogrio.raw.read(place, layer=layer, encoding=encoding)
    said = sorted({str(one.message).replace(str(place), source) for one in caught})
    told = [
        notice(
            "layer.engine", message("layer.engine", source=source, said=one), (source,), "warning"
        )
        for one in said
    ]
    geometries = shapely.from_wkb(wkb, on_invalid="ignore")
    columns = [[attribute_text(cell) for cell in column] for column in values]
    names = [str(name) for name in meta["fields"]]
    attributes = tuple(dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True))
    if not columns:
        attributes = tuple({} for _ in geometries)
    content = np.asarray(geometries, dtype=object), attributes, str(meta["crs"] or "")
    return content, tuple(told)


@contextmanager
def _engine(source: str) -> Iterator[list[warnings.WarningMessage]]:
    """Turn the engine's errors into typed ones and collect its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield caught
        except (DataSourceError, DataLayerError, FieldError) as error:
            raise unreadable(source, error) from error
        except UnboundLocalError as error:  # how pyogrio fails on a reference system it cannot read
            raise CRSError(
                message("layer.unknown_crs"), remedy=message("layer.no_crs.remedy"), source=source
            ) from error


def _read_shapefile(path: Path, source: str, layer: str | None, crs: str) -> RawLayer:
    if layer not in (None, path.stem):
        raise no_such_layer(source, str(layer), [path.stem])
    beside = {one.suffix.lower(): one for one in path.parent.glob(f"{_glob_escaped(path.stem)}.*")}
    lacking = tuple(part for part in (".shx", ".dbf") if part not in beside)
    if lacking:
        raise SourceDataError(
            message("layer.shapefile_part", parts=Joined(lacking)),
            remedy=message("layer.shapefile_part.remedy"),
            source=source,
        )
    if ".prj" not in beside and not crs:
        raise CRSError(
            message("layer.no_prj"), remedy=message("layer.shapefile_part.remedy"), source=source
        )
    declared = _declared_encoding(beside.get(".cpg"))
    for encoding in (*((declared,) if declared else ()), *_ENCODINGS):
        try:
            content, notices = _read_attributes(path, source, encoding)
        except UnicodeDecodeError:
            continue
        if encoding != declared and not all(
            text.isascii() for row in content[1] for text in row.values()
        ):
            text = message("layer.encoding", source=source, encoding=encoding)
            notices = (*notices, notice("layer.encoding", text, (source,)))
        return raw_layer(source, path.stem, content, notices)
    raise SourceDataError(
        message("table.binary"), remedy=message("layer.shapefile_part.remedy"), source=source
    )


def _read_attributes(path: Path, source: str, encoding: str) -> tuple[_Content, tuple[Notice, ...]]:
    """Read a shapefile in an encoding; names of UTF-8 may be cut in the middle of a letter.

    A name has ten bytes, so three Chinese letters and a third of the fourth are all that is left of
    诉求内容; the engine refuses such names. Raises ``UnicodeDecodeError`` for a wrong encoding.
    """
    try:
        return _read_ogr(path, source, None, encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise
    (geometries, attributes, crs), notices = _read_ogr(path, source, None, _BYTES)
    rows = tuple(
        {_uncut(name): text.encode(_BYTES).decode("utf-8") for name, text in row.items()}
        for row in attributes
    )
    return (geometries, rows, crs), notices


def _uncut(name: str) -> str:
    """Return a column name given as bytes, without the rest of a letter at its end."""
    data = name.encode(_BYTES)
    text = data.decode("utf-8", "ignore")
    if not data.startswith(text.encode("utf-8")) or len(data) != _NAME_BYTES:
        return data.decode("utf-8")  # raises where more is wrong than the end
    return text


def _glob_escaped(stem: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", stem)


def _declared_encoding(cpg: Path | None) -> str | None:
    if cpg is None:
        return None
    stated = cpg.read_bytes()[:40].decode("ascii", errors="replace").strip().lower()
    if stated in ("utf-8", "utf8", "65001"):
        return "utf-8"
    # GB18030 holds all of GBK and GB 2312, whatever the file calls it.
    if stated in ("gbk", "gb2312", "gb18030", "936", "cp936", "ansi 936", "54936"):
        return "gb18030"
    return None


def _read_zip(path: Path, layer: str | None, crs: str) -> RawLayer:
    check_archive(path)
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        members = [m for m in archive.infolist() if not m.is_dir() and "__MACOSX" not in m.filename]
        shapes = [m for m in members if m.filename.lower().endswith(".shp")]
        if len(shapes) != 1:
            raise SourceDataError(
                message("layer.zip_shapefiles", count=len(shapes)),
                remedy=message("layer.shapefile_part.remedy"),
                source=path.name,
            )
        stem = shapes[0].filename[:-4]
        for member in members:
            # Names of ours: an archive's own may lead out of the folder.
            if member.filename[:-4].lower() == stem.lower():
                target = Path(folder) / f"layer{member.filename[-4:].lower()}"
                try:
                    target.write_bytes(archive.read(member))
                except DAMAGED_ARCHIVE as error:
                    raise unreadable(path.name, error) from error
        own_name = Path(stem.replace("\\", "/")).name
        if layer not in (None, own_name):
            raise no_such_layer(path.name, str(layer), [own_name])
        staged = Path(folder) / "layer.shp"
        if not staged.read_bytes()[:4].startswith(_SHAPEFILE):
            raise SourceDataError(
                message("layer.mismatch", suffix=".shp"),
                remedy=message("layer.foreign.remedy"),
                source=path.name,
            )
        return replace(_read_shapefile(staged, path.name, None, crs), layer=own_name)
