"""``living-circle isochrone``: how far one gets on foot from a place."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from analysis.errors import SourceDataError
from analysis.messages import message
from service.commands.console import Speaker
from service.commands.options import AsJson, Lang, Quiet, WalkerChoice

if TYPE_CHECKING:
    from typing import Any

_KIND: Final = "isochrones"  # marks our files, which alone may be written over


def isochrone(
    source: Annotated[
        Path, typer.Argument(help="An extract or a saved study. / OSM 数据文件或研究结果文件夹")
    ],
    *,
    at: Annotated[str, typer.Option(metavar="LON,LAT", help="The origin, WGS84. / 起点经纬度")],
    out: Annotated[Path, typer.Option(help="GeoJSON file to write. / 输出文件")],
    minutes: Annotated[str, typer.Option(help="Minutes, with commas. / 分钟")] = "5,10,15",
    walker: Annotated[
        WalkerChoice | None,
        typer.Option(help="Who walks; a study's own walker by default, else adult. / 步行者"),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Write isochrones of a place as GeoJSON. / 计算等时圈."""
    from analysis.documents.isochrones import parse_minutes, parse_place
    from analysis.sources.store.folder import cannot_write

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    _check_replaceable(out)
    lonlat, cutoffs = parse_place(at), parse_minutes(minutes)
    with speaker.progress(("read", "isochrone")) as told:
        told("read", 0.0)
        collection = _collection(source, lonlat, cutoffs, walker)
    collection = {"living_circle": _KIND, **collection}
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise cannot_write(out, error) from error
    for feature in reversed(collection["features"]):
        one = feature["properties"]
        if one["note"] is not None:
            speaker.show(one["note"][speaker.language])
            continue
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


def _check_replaceable(out: Path) -> None:
    """Raise :class:`SourceDataError` where `out` is a file that this command did not write."""
    if not out.exists():
        return
    try:
        ours = json.loads(out.read_text("utf-8")).get("living_circle") == _KIND
    except (OSError, ValueError, AttributeError, RecursionError):
        ours = False
    if not ours:
        raise SourceDataError(
            message("cli.out.not_ours"), remedy=message("cli.out.not_ours.remedy"), source=str(out)
        )


def _collection(
    source: Path,
    lonlat: tuple[float, float],
    cutoffs: tuple[float, ...],
    walker: WalkerChoice | None,
) -> "dict[str, Any]":
    """Return isochrones from a saved study's network or from an extract."""
    from analysis.documents.isochrones import isochrone_collection
    from analysis.linkable import LinkRules
    from analysis.sources.inputs import read_inputs
    from analysis.sources.request import InputRequest
    from analysis.sources.store.studies import is_study, open_study
    from analysis.walking import walk_profile
    from service.api.isochrones import collection_of

    if is_study(source):
        return collection_of(
            open_study(source), lonlat, cutoffs, None if walker is None else walker.value
        )
    inputs = read_inputs(InputRequest(source=source))
    chosen = WalkerChoice.ADULT if walker is None else walker
    return isochrone_collection(
        lonlat,
        cutoffs,
        network=inputs.network,
        barriers=inputs.barriers,
        profile=walk_profile(chosen.value, speed_m_s=inputs.standard.adult_speed_m_s.value),
        rules=LinkRules(snap_limit_m=inputs.standard.snap_limit_m.value),
        crs=inputs.crs,
        data_area=inputs.data_area,
    )
