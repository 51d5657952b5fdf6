"""Options that several commands share, with help in both languages."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class LanguageChoice(StrEnum):
    """zh or en."""

    ZH = "zh"
    EN = "en"


class CriterionChoice(StrEnum):
    """What limits a walk."""

    METRES = "metres"
    MINUTES = "minutes"


class WalkerChoice(StrEnum):
    """Who walks."""

    ADULT = "adult"
    OLDER_ADULT = "older_adult"
    CHILD = "child"
    WHEELCHAIR = "wheelchair"


class DrawingChoice(StrEnum):
    """How an isochrone is drawn."""

    EXACT = "exact"
    FAST = "fast"


class ModeChoice(StrEnum):
    """What a facility table does to the map's facilities."""

    ADD = "add"
    REPLACE = "replace"


class RoleChoice(StrEnum):
    """What a planner's file is."""

    FACILITIES = "facilities"
    POPULATION = "population"
    BUILDINGS = "buildings"
    OPINIONS = "opinions"
    PARCELS = "parcels"
    CIRCLES = "circles"


Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors. / 只输出错误")]
AsJson = Annotated[
    bool, typer.Option("--json", help="A summary in JSON on standard output. / 输出 JSON 摘要")
]
Lang = Annotated[
    LanguageChoice | None,
    typer.Option("--lang", help="Language of texts and map. / 文字和地图的语言"),
]
Walker = Annotated[
    WalkerChoice, typer.Option(help="Who walks: speed, steps, closed streets. / 步行者")
]
OldArea = Annotated[
    bool,
    typer.Option("--old-area", help="Ease green-space norms as in old areas. / 旧区绿地标准折减"),
]
ByGroup = Annotated[
    bool,
    typer.Option(
        "--by-group", help="Judge each element by its own walker. / 按各要素使用人群的步行评价"
    ),
]
Elevation = Annotated[
    list[Path] | None,
    typer.Option(
        help="Heights for slopes, GeoTIFF or SRTM .hgt (.zip); may be repeated. / 高程文件，可多次"
    ),
]
Buildings = Annotated[
    Path | None,
    typer.Option(
        help="Buildings with people, floors, year; they replace the map's. / 建筑表，替换地图住宅"
    ),
]
Opinions = Annotated[
    list[Path] | None,
    typer.Option(help="Residents' opinions; may be repeated. / 群众意见表，可多次"),
]
Parcels = Annotated[
    list[Path] | None,
    typer.Option(help="Potential sites; may be repeated. / 潜力地块，可多次"),
]
Mapping = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE:COLUMN=MEANING,…",
        help="What columns mean (- for none), or a .yaml file; may be repeated. / 列名对应，可多次",
    ),
]
Extensions = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="ID,…",
        help="Optional elements of the standard to judge too. / 同时评价标准中的可选要素",
    ),
]
Coordinates = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=SYSTEM",
        help="What a file's coordinates are: gcj02, bd09, EPSG:4545, swapped, gcj02+swapped; "
        "NAME is a file or role; may be repeated. / 声明坐标系，可多次",
    ),
]
StandardFile = Annotated[
    str | None,
    typer.Option(
        "--standard", metavar="FILE", help="A standard's name or YAML file. / 标准名称或 YAML 文件"
    ),
]
SourceArgument = Annotated[
    Path,
    typer.Argument(metavar="SOURCE", help=".osm.pbf, .osm or Overpass JSON. / OSM 数据文件"),
]


def split_ids(given: list[str] | None) -> tuple[str, ...]:
    """Return the ids of an option that may be repeated and holds several by commas, each once."""
    parts = (part.strip() for one in given or () for part in one.replace("，", ",").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))
