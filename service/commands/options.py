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
Elevation = Annotated[
    list[Path] | None,
    typer.Option(
        help="Heights for slopes, GeoTIFF or SRTM .hgt (.zip); may be repeated. / 高程文件，可多次"
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
