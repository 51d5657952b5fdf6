"""``living-circle isochrone``: how far one gets on foot from a place."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs, so that --help is fast

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from analysis.errors import InvalidParameterError
from analysis.messages import Message, message
from service.commands.console import Speaker
from service.commands.options import (
    AsJson,
    DrawingChoice,
    Elevation,
    Lang,
    Quiet,
    WalkerChoice,
)  # fmt: skip
from service.commands.own_files import MARK, check_ours, write_collection

if TYPE_CHECKING:
    from analysis.sources.store.network_parts import NetworkParts

_SMALL_M2: Final = 10_000.0
_KIND: Final = "isochrones"  # marks our files, which alone may be written over


def isochrone(
    source: Annotated[
        Path,
        typer.Argument(
            help="An extract, saved network or saved study. / OSM 数据文件、保存的路网或研究结果"
        ),
    ],
    *,
    at: Annotated[str, typer.Option(metavar="LON,LAT", help="The origin, WGS84. / 起点经纬度")],
    out: Annotated[Path, typer.Option(help="GeoJSON file to write. / 输出文件")],
    minutes: Annotated[
        str | None,
        typer.Option(
            metavar="MIN,MIN…",
            show_default="5,10,15",
            help="Walking times, slopes and steps included where known. / 步行时间（分钟）",
        ),
    ] = None,
    metres: Annotated[
        str | None,
        typer.Option(
            metavar="M,M…",
            help="Walking distances instead of times, up to 5000. / 改按步行距离（米）",
        ),
    ] = None,
    walker: Annotated[
        WalkerChoice | None,
        typer.Option(help="Who walks; a study's own walker by default, else adult. / 步行者"),
    ] = None,
    elevation: Elevation = None,
    drawing: Annotated[
        DrawingChoice, typer.Option(help="exact for reports, fast for the screen. / 精确或快速")
    ] = DrawingChoice.EXACT,
    fill_holes_below: Annotated[
        float,
        typer.Option(
            min=0.0, metavar="M2", help="Fill holes smaller than this. / 填补小于此面积的洞"
        ),
    ] = 0.0,
    pieces: Annotated[
        bool, typer.Option("--pieces", help="The reached streets, too. / 同时输出可达路段")
    ] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Write isochrones of a place as GeoJSON. / 计算等时圈."""
    from analysis.kernels.quick_start import skip_scipy

    skip_scipy()
    from analysis.documents.cutoffs import parse_cutoffs
    from analysis.documents.isochrones import isochrone_collection, parse_place

    speaker = Speaker(lang, quiet=quiet, as_json=as_json)
    check_ours(out, _KIND)
    lonlat, cutoffs = parse_place(at), parse_cutoffs(minutes, metres)
    with speaker.progress(("read", "isochrone")) as told:
        told("read", 0.0)
        parts = _parts(source, tuple(elevation or ()))
        profile = parts.walker(None if walker is None else walker.value)
        told("isochrone", 0.0)
        collection = isochrone_collection(
            lonlat,
            cutoffs,
            network=parts.network,
            barriers=parts.barriers,
            profile=profile,
            rules=parts.rules,
            crs=parts.crs,
            data_area=parts.data_area,
            drawing=drawing.value,
            fill_holes_below_m2=fill_holes_below,
            pieces=pieces,
        )
    collection = {MARK: _KIND, **collection}
    write_collection(out, collection)
    _tell(speaker, collection)
    speaker.say(message("cli.written", path=str(out)))
    drawn = [one["properties"] for one in collection["features"]]
    speaker.result({"file": str(out), "notes": collection["notes"], "features": drawn})


def _tell(speaker: Speaker, collection: Mapping[str, Any]) -> None:
    """Say how far each cutoff reaches, the smallest first, and what to know of all."""
    drawn = [one["properties"] for one in collection["features"]]
    for one in reversed([one for one in drawn if one["part"] == "polygon"]):
        if one["note"] is not None:
            speaker.show(one["note"][speaker.language])
            continue
        if one["measure"] == "seconds":
            cutoff = message("cli.isochrone.minutes", minutes=one["minutes"])
        else:
            cutoff = message("cli.isochrone.metres", metres=one["cutoff_m"])
        speaker.say(
            message(
                "cli.isochrone.edge" if one["edge_of_data"] else "cli.isochrone",
                cutoff=cutoff,
                area=area_text(one["area_m2"]),
                street_km=one["reached_street_m"] / 1000.0,
            )
        )
    for note in collection["notes"]:
        speaker.show(note[speaker.language])


def area_text(area_m2: float) -> Message:
    """Return an area in km², or in m² where hundredths of a km² would not show it."""
    if area_m2 < _SMALL_M2:
        return message("cli.area.m2", m2=area_m2)
    return message("cli.area.km2", km2=area_m2 / 1e6)


def _parts(source: Path, elevation: tuple[Path, ...]) -> "NetworkParts":
    """Return what a saved network, a saved study's network or an extract holds.

    Raises :class:`InvalidParameterError` for an elevation with what is saved: it has its own.
    """
    from analysis.sources.store.folder import is_study
    from analysis.sources.store.networks import open_network, study_network

    if not source.is_dir():
        return _read(source, elevation)
    if elevation:
        raise InvalidParameterError(
            message("elevation.saved"), remedy=message("elevation.saved.remedy"),
            source="--elevation", value=elevation[0].name,
        )  # fmt: skip
    saved = study_network(source) if is_study(source) else open_network(source)
    saved.verify()
    return saved.parts()


def _read(source: Path, elevation: tuple[Path, ...]) -> "NetworkParts":
    from analysis.sources.network_inputs import read_network_inputs
    from analysis.sources.standards import read_standard
    from analysis.sources.store.network_parts import parts_of

    standard = read_standard(None)
    return parts_of(read_network_inputs(source, standard, elevation), standard)
