"""``living-circle isochrone``: how far one gets on foot from a place."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.errors import SourceUnavailableError
from analysis.messages import message
from service.commands.console import Speaker
from service.commands.options import AsJson, Lang, Quiet, Walker, WalkerChoice

if TYPE_CHECKING:
    from typing import Any


def isochrone(
    source: Annotated[
        Path, typer.Argument(help="An extract or a saved study. / OSM 数据文件或研究结果文件夹")
    ],
    *,
    at: Annotated[str, typer.Option(metavar="LON,LAT", help="The origin, WGS84. / 起点经纬度")],
    out: Annotated[Path, typer.Option(help="GeoJSON file to write. / 输出文件")],
    minutes: Annotated[str, typer.Option(help="Minutes, with commas. / 分钟")] = "5,10,15",
    walker: Walker = WalkerChoice.ADULT,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Write isochrones of a place as GeoJSON. / 计算等时圈."""
    from analysis.documents.isochrones import parse_minutes, parse_place

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    lonlat, cutoffs = parse_place(at), parse_minutes(minutes)
    with speaker.progress(("read", "isochrone")) as told:
        told("read", 0.0)
        collection = _collection(source, lonlat, cutoffs, walker.value)
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise SourceUnavailableError(
            message("store.cannot_write", detail=error.strerror or type(error).__name__),
            remedy=message("store.cannot_write.remedy"),
            source=str(out),
        ) from error
    for feature in reversed(collection["features"]):
        one = feature["properties"]
        speaker.say(
            message(
                "cli.isochrone.edge" if one["edge_of_data"] else "cli.isochrone",
                minutes=one["minutes"],
                cutoff_m=one["cutoff_m"],
                km2=one["area_m2"] / 1e6,
                street_km=one["reached_street_m"] / 1000.0,
            )
        )
    speaker.say(message("cli.written", path=str(out)))
    speaker.result(
        {"file": str(out), "features": [one["properties"] for one in collection["features"]]}
    )


def _collection(
    source: Path, lonlat: tuple[float, float], cutoffs: tuple[float, ...], walker: str
) -> "dict[str, Any]":
    """Return isochrones from a saved study's network or from an extract."""
    import shapely

    from analysis.documents.isochrones import isochrone_collection
    from analysis.linkable import LinkRules
    from analysis.sources.inputs import InputRequest, read_inputs
    from analysis.sources.store.studies import is_study, open_study
    from analysis.walking import walk_profile
    from service.api.isochrones import data_area_of

    area: shapely.Geometry | None
    if is_study(source):
        stored = open_study(source)
        network, barriers, crs, rules = stored.network, stored.barriers, stored.crs, stored.rules
        profile = walk_profile(walker, speed_m_s=stored.profile.speed_m_s)
        area = data_area_of(stored)
    else:
        inputs = read_inputs(InputRequest(source=source))
        network, barriers, crs, rules = inputs.network, inputs.barriers, inputs.crs, LinkRules()
        profile = walk_profile(walker, speed_m_s=inputs.standard.adult_speed_m_s.value)
        area = inputs.data_area
    return isochrone_collection(
        lonlat,
        cutoffs,
        network=network,
        barriers=barriers,
        profile=profile,
        rules=rules,
        crs=crs,
        data_area=area,
    )
